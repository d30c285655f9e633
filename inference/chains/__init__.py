"""Markov chains on the rows of worlds."""

from inference.chains.gradient import Gradient as Gradient
from inference.chains.kernels import HMC as HMC
from inference.chains.kernels import NUTS as NUTS
from inference.chains.metropolis import Metropolis as Metropolis
from inference.chains.tempering import ParallelTempering as ParallelTempering
