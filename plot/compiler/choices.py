"""What a graph records of each draw: plain data, from which densities and exports are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plot.compiler.graph import Node, Operand
    from plot.errors import Span

CONTINUOUS = frozenset({"gaussian", "uniform", "exponential", "gamma", "beta", "student-t"})


@dataclass(frozen=True, eq=False)
class Choice:
    """One draw of a program, made in every world.

    Args:
      node: the drawn value; a truth value for `flip`, an index for `discrete`.
      row: the row of randomness that it is made from.
      name: distribution, a key of `LOG_DENSITY`. A draw by weights is `discrete` and a draw of
        one of n a `random-integer`, whatever the program draws with them; `dirichlet` is a chain
        of `beta` choices, each the share of what the earlier ones left.
      parameters: of the distribution, in the order of the language; for `discrete` the weights,
        which need not sum to one.
      label: readable address, `strength(tom)`; no other choice of the graph has it.
      span: the expression that draws.
    """

    node: Node
    row: Node
    name: str
    parameters: tuple[Operand, ...]
    label: str
    span: Span | None

    @property
    def continuous(self) -> bool:
        """Whether an equality with the draw means its density."""
        return self.name in CONTINUOUS
