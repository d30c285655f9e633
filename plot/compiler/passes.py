"""Which of the compiler's optimisations are on; off, each shows the meaning that it must keep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passes:
    """Switches of the optimisations; an answer is the same with any of them off, only slower.

    Args:
      fusion: both arms of an `if` that end in a call of one recursive function become one call.
      tables: nodes over finite variables are tabulated, and narrowed by path conditions.
      sharing: equal expressions are one node.
      algebra: identities such as `x and x = x`.
      loops: long recursion becomes a loop of the back end instead of being unrolled.
      observations: a condition on the value of one finite draw sets the draw and weighs the world.
    """

    fusion: bool = True
    tables: bool = True
    sharing: bool = True
    algebra: bool = True
    loops: bool = True
    observations: bool = True
