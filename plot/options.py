"""How a program is run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plot.backends import Backend
from plot.compiler import Budget
from plot.compiler.passes import Passes


@dataclass(frozen=True)
class Options:
    """How to run a program.

    Args:
      worlds: worlds to draw for a query.
      budget: bounds on the program's unfolding.
      backend: what runs the worlds; chosen by cost where not given.
      progress: called with the number of worlds drawn so far.
      passes: the compiler's optimisations.
    """

    worlds: int = 100_000
    budget: Budget = Budget()
    backend: Backend | None = None
    progress: Callable[[int], None] | None = None
    passes: Passes = Passes()
