"""Built-in functions on lanes, registered by the modules of this folder."""

from plot.compiler.builtins import distributions as distributions
from plot.compiler.builtins import higher as higher
from plot.compiler.builtins import lists as lists
from plot.compiler.builtins import numbers as numbers
from plot.compiler.builtins import quoting as quoting
from plot.compiler.builtins import searching as searching
from plot.compiler.builtins import text as text
from plot.compiler.builtins.quoting import top_scope as top_scope
from plot.compiler.builtins.registry import global_environment as global_environment
from plot.compiler.builtins.registry import implemented as implemented
