"""Engines over worlds, and (in `inference.tokens`) over the tokens of a language model."""

from inference.engine import Engine as Engine
from inference.importance import Importance as Importance
from inference.rejection import Rejection as Rejection
