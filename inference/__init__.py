"""Engines over worlds, and (in `inference.tokens`) over the tokens of a language model."""

from inference.belief import Belief as Belief
from inference.engine import Engine as Engine
from inference.exact import Exact as Exact
from inference.importance import Importance as Importance
from inference.moves import Drift as Drift
from inference.moves import Redraw as Redraw
from inference.rejection import Rejection as Rejection
from inference.report import Report as Report
from inference.resampling import effective_size as effective_size
from inference.resampling import multinomial as multinomial
from inference.resampling import residual as residual
from inference.resampling import stratified as stratified
from inference.resampling import systematic as systematic
from inference.saved import BeliefFileError as BeliefFileError
from inference.sequential import Sequential as Sequential
