"""Engines over worlds, and (in `inference.tokens`) over the tokens of a language model."""

from inference.belief import Belief as Belief
from inference.capacity import NotEnoughMemory as NotEnoughMemory
from inference.chains import HMC as HMC
from inference.chains import NUTS as NUTS
from inference.chains import Gradient as Gradient
from inference.chains import Metropolis as Metropolis
from inference.chains import ParallelTempering as ParallelTempering
from inference.diagnostics import Diagnosis as Diagnosis
from inference.diagnostics import diagnose as diagnose
from inference.engine import Engine as Engine
from inference.importance import Importance as Importance
from inference.moves import Drift as Drift
from inference.moves import Redraw as Redraw
from inference.processes import join as join
from inference.rejection import Rejection as Rejection
from inference.report import Report as Report
from inference.resampling import effective_size as effective_size
from inference.resampling import multinomial as multinomial
from inference.resampling import residual as residual
from inference.resampling import stratified as stratified
from inference.resampling import systematic as systematic
from inference.saved import BeliefFileError as BeliefFileError
from inference.sequential import Sequential as Sequential
