"""The order in which the nodes of a problem are computed, draws made and evidence taken.

A draw is made when the evidence that needs the fewest draws waits for it; all that can be computed
then is computed, what the evidence reads before the rest, and evidence is taken as soon as it is there.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

from inference.exact.problem import Problem
from plot.compiler.graph import Node, Operand


@dataclass(frozen=True)
class Step:
    """One thing to do.

    Args:
      node: what it is about.
      weighs: whether the node, which is there, is taken as evidence; else it is computed.
      drops: nodes that nothing reads any more.
    """

    node: Node
    weighs: bool
    drops: tuple[Node, ...]


@dataclass
class Round:
    """A draw, and all that follows from it.

    Args:
      draw: none in the first round.
      drops: parameters that nothing reads any more.
      steps: in order.
    """

    draw: Node | None = None
    drops: tuple[Node, ...] = ()
    steps: list[Step] = field(default_factory=list)


def schedule(problem: Problem, in_order: bool = False) -> list[Round]:
    """The rounds of a problem.

    Args:
      problem: what is asked.
      in_order: whether evidence is taken in the order in which it is listed.

    Raises:
      Unsupported: as for `Problem.nodes`.
    """
    return _Scheduler(problem, in_order).run()


class _Scheduler:
    def __init__(self, problem: Problem, in_order: bool):
        self.problem, self.in_order = problem, in_order
        nodes = problem.nodes
        self.place = {node: i for i, node in enumerate(nodes)}
        self.draws = problem.draws
        self.bits = {node: 1 << i for i, node in enumerate(self.draws)}
        self.made = 0  # bits of the draws that have been made
        self.waiting = dict.fromkeys(problem.evidence)
        self.readers: dict[Node, list[Node]] = {node: [] for node in nodes}
        self.inputs: dict[Node, list[Node]] = {}
        self.needs: dict[Node, int] = {}  # the draws that a node depends on, as bits
        for node in nodes:
            inputs = list(dict.fromkeys(nodes_of(problem.arguments(node))))
            self.inputs[node], bits = inputs, self.bits.get(node, 0)
            for part in inputs:
                self.readers[part].append(node)
                bits |= self.needs[part]
            self.needs[node] = bits
        self.unread = {node: len(readers) for node, readers in self.readers.items()}
        for node in (*problem.evidence, *problem.asked):
            self.unread[node] += 1
        self.missing = {node: len(inputs) for node, inputs in self.inputs.items()}
        self.computed: set[Node] = set()
        self.last: Node | None = None
        self.ready: list[tuple[int, int]] = []
        self.ranks: dict[Node, int] = {}  # of what evidence reads that waits for no draw any more
        self.nodes = nodes

    def run(self) -> list[Round]:
        rounds = [Round()]
        self._hurry()
        self._offer(list(self.nodes))
        self._follow(rounds[-1])
        while (target := self._target()) is not None:
            draw = self._earliest(target)
            self.made |= self.bits[draw]
            self._hurry()
            rounds.append(Round(draw, self._done(draw)))
            self._follow(rounds[-1])
        return rounds

    def _target(self) -> Node | None:
        if self.waiting:
            if self.in_order:
                return next(iter(self.waiting))
            return min(self.waiting, key=lambda n: (self._unmade(n).bit_count(), self.place[n]))
        return next((n for n in self.problem.asked if n not in self.computed), None)

    def _unmade(self, node: Node) -> int:
        return self.needs[node] & ~self.made

    def _earliest(self, node: Node) -> Node:
        """The earliest draw that a node waits for, and that waits for none itself."""
        while True:
            unmade = self._unmade(node)
            draw = self.draws[(unmade & -unmade).bit_length() - 1]
            if not self.missing[draw]:
                return draw
            node = next(part for part in self.inputs[draw] if part not in self.computed)

    def _hurry(self) -> None:
        """Note what the evidence reads that can be taken now, the quickest first.

        States that break it cost nothing more then.
        """
        ready = [self._missing(node) for node in self.waiting if not self._unmade(node)]
        for rank, nodes in enumerate(sorted(ready, key=len)):
            for node in nodes:
                self.ranks.setdefault(node, rank)

    def _missing(self, node: Node) -> set[Node]:
        """What a node is made from that is not there yet, and itself."""
        found, reading = set[Node](), [node]
        while reading:
            node = reading.pop()
            if node not in self.computed and node not in found:
                found.add(node)
                reading += self.inputs[node]
        return found

    def _follow(self, round: Round) -> None:
        """Compute all that can be, and take the evidence that is there."""
        self._weigh(round)
        while self.ready:
            node = self.nodes[heapq.heappop(self.ready)[1]]
            round.steps.append(Step(node, False, self._done(node)))
            self._weigh(round)

    def _weigh(self, round: Round) -> None:
        while self.waiting:
            node = next(iter(self.waiting)) if self.in_order else self.last
            if node is None or node not in self.computed or node not in self.waiting:
                return
            del self.waiting[node]
            round.steps.append(Step(node, True, self._read([node])))

    def _done(self, node: Node) -> tuple[Node, ...]:
        """Note that a node is there; what nothing reads any more."""
        self.computed.add(node)
        self.last = node
        drops = self._read(self.inputs[node])
        for reader in self.readers[node]:
            self.missing[reader] -= 1
        self._offer(self.readers[node])
        return drops if self.unread[node] else (*drops, node)

    def _read(self, nodes: Sequence[Node]) -> tuple[Node, ...]:
        for node in nodes:
            self.unread[node] -= 1
        return tuple(node for node in nodes if not self.unread[node])

    def _offer(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            if not self.missing[node] and node not in self.bits and node not in self.computed:
                heapq.heappush(
                    self.ready, (self.ranks.get(node, len(self.nodes)), self.place[node])
                )


def nodes_of(operands: Sequence[Operand]) -> list[Node]:
    """The operands that are no constants."""
    return [part for part in operands if isinstance(part, Node)]
