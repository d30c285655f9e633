"""The oracle: an interpreter of the trees, independent of the compiler, that defines meaning."""

from plot.oracle.choosers import Chooser as Chooser
from plot.oracle.choosers import EnumeratingChooser as EnumeratingChooser
from plot.oracle.choosers import RandomChooser as RandomChooser
from plot.oracle.values import Budget as Budget
from plot.oracle.values import NotEnumerable as NotEnumerable
from plot.oracle.worlds import Exact as Exact
from plot.oracle.worlds import Program as Program
from plot.oracle.worlds import Weighted as Weighted
from plot.oracle.worlds import World as World
from plot.oracle.worlds import enumerate as enumerate
from plot.oracle.worlds import importance as importance
from plot.oracle.worlds import sample as sample
