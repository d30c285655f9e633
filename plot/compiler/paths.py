"""Path conditions: what is known to hold where the evaluator stands."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from plot.compiler.domains import TABLE_LIMIT, support, width
from plot.compiler.graph import Node

if TYPE_CHECKING:
    from plot.compiler.graph import Graph, Operand


class Decision(Enum):
    """What a path says about a truth value."""

    TRUE = 1
    FALSE = 2
    OPEN = 3
    DEAD = 4  # no world follows this path


class Path:
    """A conjunction of truth values of nodes, narrowing the tables of others.

    Args:
      literals: pairs (node, its truth value here), oldest first.
    """

    __slots__ = ("_known", "_masks", "_node", "literals")

    def __init__(self, literals: tuple[tuple[Node, bool], ...] = ()):
        self.literals = literals
        self._known = dict(literals)
        self._masks: dict[tuple[Node, ...], tuple[tuple[Node, ...], np.ndarray]] = {}
        self._node: Operand | None = None

    def extend(self, condition: Operand, value: bool) -> Path:
        """This path, where moreover the condition has the value."""
        literals = list(self.literals)
        known = dict(self._known)
        todo = [(condition, value)]
        while todo:
            node, truth = todo.pop()
            if not isinstance(node, Node) or known.get(node) is truth:
                continue
            literals.append((node, truth))
            known[node] = truth
            if node.op == "not":
                todo.append((node.args[0], not truth))
            elif (node.op == "and" and truth) or (node.op == "or" and not truth):
                todo += [(node.args[0], truth), (node.args[1], truth)]
        return Path(tuple(literals))

    def stands_for(self, node: Operand) -> None:
        """Say which truth value is true exactly where this path is followed."""
        self._node = node

    def node(self, graph: Graph) -> Operand:
        """The path as a truth value of its own."""
        if self._node is None:
            out: Operand = True
            for node, truth in self.literals:
                out = graph.apply("and", out, node if truth else graph.apply("not", node))
            self._node = out
        return self._node

    def decide(self, condition: Operand) -> Decision:
        """Whether the condition is settled here."""
        if not isinstance(condition, Node):
            return Decision.TRUE if condition else Decision.FALSE
        known = self._known.get(condition)
        if known is not None:
            return Decision.TRUE if known else Decision.FALSE
        if condition.table is None or not self.literals:
            return Decision.OPEN
        variables, mask = self._allowed(condition.table.variables)
        if not mask.any():
            return Decision.DEAD
        values = np.broadcast_to(condition.table.over(variables), mask.shape)[mask]
        if values.all():
            return Decision.TRUE
        return Decision.OPEN if values.any() else Decision.FALSE

    def support(self, x: Operand) -> tuple[float, ...] | None:
        """The values that an operand can take here, or None where they are not finite."""
        if not isinstance(x, Node) or x.table is None or not self.literals:
            return support(x)
        variables, mask = self._allowed(x.table.variables)
        values = np.broadcast_to(x.table.over(variables), mask.shape)[mask]
        return tuple(v.item() for v in np.unique(values))

    def _allowed(self, wanted: tuple[Node, ...]) -> tuple[tuple[Node, ...], np.ndarray]:
        """Joint settings of the wanted variables (and some more) that the path allows."""
        cached = self._masks.get(wanted)
        if cached is not None:
            return cached
        chosen = set(wanted)
        size = math.prod(width(v) for v in chosen)
        used = []
        for node, truth in reversed(self.literals):
            if node.table is None or not any(v in chosen for v in node.table.variables):
                continue
            extra = [v for v in node.table.variables if v not in chosen]
            grown = size * math.prod(width(v) for v in extra)
            if grown <= TABLE_LIMIT:  # a literal left out only narrows less
                size = grown
                chosen.update(extra)
                used.append((node.table, truth))
        variables = tuple(sorted(chosen, key=lambda v: v.id))
        mask = np.ones([width(v) for v in variables], dtype=bool)
        for table, truth in used:
            mask = mask & (table.over(variables) == truth)
        self._masks[wanted] = (variables, mask)
        return variables, mask


ROOT = Path()
