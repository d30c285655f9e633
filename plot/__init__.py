"""PLoT, a probabilistic language of thought: a Church dialect compiled to JAX.

Text to trees: `read`, `write`. Trees to worlds: `World`, `run`, `run_program`. What comes out:
`Posterior`, `show`, `to_python`. What Python gives to programs: `Module`, `register`. What is there
to say: `help`, `Vocabulary`. What went wrong: `PlotError`.
"""

from plot.compiler import Budget as Budget
from plot.data import Name as Name
from plot.data import Pair as Pair
from plot.data import from_list as from_list
from plot.data import to_list as to_list
from plot.decode import to_python as to_python
from plot.errors import ImpossibleEvidence as ImpossibleEvidence
from plot.errors import PlotError as PlotError
from plot.modules import Module as Module
from plot.modules import ModuleFunction as ModuleFunction
from plot.modules import register as register
from plot.posterior import Posterior as Posterior
from plot.printer import write as write
from plot.program import Options as Options
from plot.program import OracleWarning as OracleWarning
from plot.program import run as run
from plot.program import run_program as run_program
from plot.reader import read as read
from plot.reader import read_one as read_one
from plot.show import show as show
from plot.signatures import help as help
from plot.vocabulary import Vocabulary as Vocabulary
from plot.world import Question as Question
from plot.world import World as World
