"""Engines over worlds, and (in `inference.tokens`) over the tokens of a language model."""

from inference.engine import Engine as Engine
from inference.importance import Importance as Importance
from inference.rejection import Rejection as Rejection
from inference.resampling import effective_size as effective_size
from inference.resampling import multinomial as multinomial
from inference.resampling import systematic as systematic
