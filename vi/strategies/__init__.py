"""Gradient strategies: how the derivative through a draw is estimated, chosen at each draw."""

from vi.strategies.base import Dual as Dual
from vi.strategies.base import Rest as Rest
from vi.strategies.base import Strategy as Strategy
from vi.strategies.enumerate import Enumerate as Enumerate
from vi.strategies.measure_valued import MeasureValued as MeasureValued
from vi.strategies.reinforce import Baseline as Baseline
from vi.strategies.reinforce import Fixed as Fixed
from vi.strategies.reinforce import LeaveOneOut as LeaveOneOut
from vi.strategies.reinforce import NoBaseline as NoBaseline
from vi.strategies.reinforce import Reinforce as Reinforce
from vi.strategies.relaxed import GumbelSoftmax as GumbelSoftmax
from vi.strategies.relaxed import StraightThrough as StraightThrough
from vi.strategies.reparametrise import Reparametrise as Reparametrise
