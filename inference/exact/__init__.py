"""Exact answers: sums over all that finite draws can be."""

from inference.exact.engine import Cost as Cost
from inference.exact.engine import Exact as Exact
from inference.exact.states import TooManyStates as TooManyStates
