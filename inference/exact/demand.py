"""Which states still ask for a node, and which can no longer meet the evidence.

What is known of a state decides some truth values before all their parts are there (three-valued logic:
Kleene, Introduction to Metamathematics, 1952, section 64): a conjunction with a false part is false. So a
branch that cannot be taken asks for nothing, and a state that breaks the evidence in every case is gone
before the draws that would show it. Sets of states are bits of integers.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inference.exact.columns import TRUTHS, Column
from plot.compiler.graph import Node, Operand
from plot.compiler.ops import Kind

type Cases = tuple[int, int]  # the states in which a truth value may be true, and may be false


def bits_of(found: np.ndarray) -> int:
    """A set of states, from truth values `[states]`.

    >>> bits_of(np.array([True, False, True]))
    5
    """
    return int.from_bytes(np.packbits(found, bitorder="little").tobytes(), "little")


def truths_of(bits: int, states: int) -> np.ndarray:
    """Truth values `[states]`, from a set of states.

    >>> truths_of(5, 3).tolist()
    [True, False, True]
    """
    raw = np.frombuffer(bits.to_bytes((states + 7) // 8, "little"), np.uint8)
    return np.unpackbits(raw, count=states, bitorder="little").view(bool)


@dataclass(frozen=True, eq=False)
class Demand:
    """What is asked of some states from a round on.

    Args:
      all: all states.
      asking: of each node, the states that ask for it; none where a node is missing.
      hopeful: the states that may still meet the evidence.
    """

    all: int
    asking: Mapping[Node, int]
    hopeful: int

    def of(self, node: Node) -> int:
        """The states that ask for a node."""
        return self.asking.get(node, 0)


def demand(
    known: Mapping[Node, Column],
    states: int,
    ahead: Sequence[Node],
    parts: Mapping[Node, tuple[Operand, ...]],
    draws: Container[Node],
    asked: Iterable[Node],
    conditions: Iterable[Node],
) -> Demand:
    """What states ask for, as far as what is known of them says.

    Args:
      known: the columns of the states.
      states: how many there are.
      ahead: the nodes that are still to come, each after its parts.
      parts: of each node; of a draw, its parameters.
      draws: which nodes are draws.
      asked: nodes whose values are asked for in all states.
      conditions: those of them that are to be true.
    """
    logic = _Logic(known, states, parts)
    for node in ahead:
        if node not in draws:
            logic.follow(node)
    hopeful = logic.all
    for node in conditions:
        hopeful &= logic.cases(node)[0]
    asking = dict.fromkeys(asked, logic.all)
    for node in reversed(ahead):
        wanted = asking.get(node)
        if not wanted:
            continue
        own = logic.wants(node, wanted) if node not in draws else [wanted] * len(parts[node])
        for part, states_of_it in zip(parts[node], own, strict=True):
            if isinstance(part, Node):
                asking[part] = asking.get(part, 0) | states_of_it
    return Demand(logic.all, asking, hopeful)


class _Logic:
    """Truth values as far as they are known."""

    def __init__(
        self,
        known: Mapping[Node, Column],
        states: int,
        parts: Mapping[Node, tuple[Operand, ...]],
    ):
        self.all = (1 << states) - 1
        self.parts = parts
        self.open: Cases = (self.all, self.all)
        self.found: dict[Node, Cases] = {}  # of nodes of which something is known
        for node, column in known.items():
            if column.values is TRUTHS:
                true = bits_of(column.codes)
                self.found[node] = (true, self.all ^ true)

    def cases(self, operand: Operand) -> Cases:
        """In which states an operand may be true, and in which false."""
        if isinstance(operand, Node):
            return self.found.get(operand, self.open)
        return (self.all, 0) if operand else (0, self.all)

    def follow(self, node: Node) -> None:
        """Note what is known of a node, given what is known of its parts."""
        op, parts = node.op, self.parts[node]
        if op == "not":
            found = self.found.get(parts[0])  # type: ignore[arg-type]
            if found is not None:
                self.found[node] = found[1], found[0]
            return
        if op == "and" or op == "or":
            one, other = self.cases(parts[0]), self.cases(parts[1])
            if one is self.open and other is self.open:
                return
            if op == "and":
                found = one[0] & other[0], one[1] | other[1]
            else:
                found = one[0] | other[0], one[1] & other[1]
        elif op == "where" and node.kind is Kind.BOOLEAN:
            test, yes, no = map(self.cases, parts)
            if test is self.open and (yes is self.open or no is self.open):
                return
            found = (
                test[0] & yes[0] | test[1] & no[0],
                test[0] & yes[1] | test[1] & no[1],
            )
        else:
            return
        if found != self.open:
            self.found[node] = found

    def wants(self, node: Node, wanted: int) -> Sequence[int]:
        """The states that ask for each part of a node, if some ask for the node.

        Where one part of a conjunction settles it, the other is not asked for; where either would, the
        second is not, so that what settles it is kept.
        """
        op, parts = node.op, self.parts[node]
        if op == "where":
            may = self.cases(parts[0])
            return wanted, wanted & may[0], wanted & may[1]
        if op == "and" or op == "or":
            one, other = self.cases(parts[0]), self.cases(parts[1])
            side = 0 if op == "and" else 1
            if other is self.open:
                return wanted, wanted & one[side]
            return wanted & (other[side] | (self.all ^ one[side])), wanted & one[side]
        return [wanted] * len(parts)
