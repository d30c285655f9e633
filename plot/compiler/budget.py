"""How far a program is unfolded, and the refusals of what goes further."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace

from plot.errors import BudgetError, Unsupported

ELEMENT = 4  # steps that an element of a list counts for, as it takes memory
FRAMES = 6  # Python frames that a call of the program takes, at most


@dataclass(frozen=True)
class Budget:
    """Bounds on the unfolding of a program.

    Args:
      nodes: lane operations.
      steps: expressions evaluated.
      depth: nested decisions that a draw makes (the depth of a random recursion).
      smallest: probability of a path, deep in nested decisions, below which it is left out.
      wide: lane operations of such a recursion, past which it is tried with fewer paths.
      recursion: nested calls.
      rounds: of a loop, in one world.
      executions: ways through a query inside a model, each looked at once.
      particles: worlds inside a world, for a query there whose choices are continuous.
    """

    nodes: int = 400_000
    steps: int = 5_000_000
    depth: int = 100
    smallest: float = 1e-7
    wide: int = 8_000
    recursion: int = 30_000
    rounds: int = 10_000
    executions: int = 20_000
    particles: int = 64

    def narrower(self) -> Budget | None:
        """Fewer paths of a recursion that branches, the last time with no bound but `nodes`."""
        if self.smallest >= 1e-3:
            return None
        smallest = min(1e-3, max(self.smallest, 1e-7) * 100)
        return replace(self, smallest=smallest, wide=self.nodes if smallest >= 1e-3 else self.wide)


class NotFinite(Unsupported):
    """A query cannot be enumerated: something in it draws from infinitely many values."""


class TooWide(BudgetError):
    """A recursion branches so much that fewer of its paths should be followed."""


def too_deep(everywhere: bool) -> BudgetError:
    """The error of calls that are nested past what Python's stack was set to hold."""
    return BudgetError(
        f"calls are nested more than {sys.getrecursionlimit() // FRAMES:,} deep",
        hint="make the recursion end sooner, or write it with fold or a loop in tail position",
        everywhere=everywhere,
    )
