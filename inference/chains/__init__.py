"""Markov chains on the rows of worlds."""

from inference.chains.metropolis import Metropolis as Metropolis
from inference.chains.tempering import ParallelTempering as ParallelTempering
