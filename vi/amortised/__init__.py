"""Amortised inference: guides that read the evidence, trained on the prior's own samples."""

from vi.amortised.proposal import Proposal as Proposal
from vi.amortised.sequential import ProposedSMC as ProposedSMC
from vi.amortised.train import TrainOptions as TrainOptions
from vi.amortised.train import train as train
