"""What has to be summed: the part of a graph on which an answer and its evidence depend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from plot.compiler.evidence import conjuncts
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import OPS
from plot.compiler.values import Death, Effects, leaves
from plot.errors import Span, Unsupported
from plot.world import Question

SAMPLED = "ask with `Importance` or a `Belief`, which draw worlds"


@dataclass(frozen=True, eq=False)
class Problem:
    """A sum over the finite draws of a world.

    Args:
      graph: where everything is.
      conditions: truth values of which all have to hold, deaths among them as what must not be.
      factors: numbers that are added to the log weight of a world.
      answer: the nodes whose joint distribution is asked for.
      clamps: draws that were observed, and what they are.
    """

    graph: Graph
    conditions: tuple[Operand, ...]
    factors: tuple[Operand, ...]
    answer: tuple[Node, ...]
    clamps: Mapping[Node, Operand]

    @classmethod
    def of(cls, question: Question) -> tuple[Problem, Effects]:
        """The problem that a question poses, and what was observed, flat.

        Args:
          question: from `World.ask`.
        """
        graph = question.world.session.graph
        flat = question.effects.flatten(graph)
        kept = [graph.apply("not", d.guard) for d in flat.deaths if d.guard is not False]
        # Deaths come last: most never happen, and what was observed leaves fewer worlds to look at.
        parts = dict.fromkeys([*conjuncts(graph, flat.conditions), *kept])
        answer = dict.fromkeys(leaves(question.value))
        wanted = tuple(part for part in parts if part is not True)
        return cls(graph, wanted, tuple(flat.factors), tuple(answer), flat.clamps), flat

    def of_deaths(self, deaths: Iterable[Death]) -> Problem:
        """The problem of how many worlds die, whatever was observed."""
        kept = dict.fromkeys(self.graph.apply("not", d.guard) for d in deaths)
        return Problem(self.graph, tuple(kept), (), (), self.clamps)

    def settled(self, operand: Operand) -> Operand:
        """What an operand is, where it was observed."""
        while isinstance(operand, Node) and operand in self.clamps:
            operand = self.clamps[operand]
        return operand

    def arguments(self, node: Node) -> tuple[Operand, ...]:
        """What a node is made from: the parameters, where it is a draw."""
        choice = self.graph.choices.get(node)
        return tuple(map(self.settled, choice.parameters if choice is not None else node.args))

    @cached_property
    def evidence(self) -> tuple[Node, ...]:
        """The nodes that the evidence reads."""
        return self._nodes_of((*self.conditions, *self.factors))

    @cached_property
    def asked(self) -> tuple[Node, ...]:
        """The nodes that the answer reads."""
        return self._nodes_of(self.answer)

    def _nodes_of(self, operands: Iterable[Operand]) -> tuple[Node, ...]:
        settled = dict.fromkeys(map(self.settled, operands))
        return tuple(n for n in settled if isinstance(n, Node))

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """Everything that matters, each after what it is made from.

        Raises:
          Unsupported: where a draw from infinitely many values matters, or a loop.
        """
        done: dict[Node, None] = {}
        waiting = list(reversed((*self.evidence, *self.asked)))
        while waiting:
            node = waiting[-1]
            if node in done:
                waiting.pop()
                continue
            self._refuse(node)
            missing = [a for a in self.arguments(node) if isinstance(a, Node) and a not in done]
            if missing:
                waiting += missing
            else:
                done[node] = None
                waiting.pop()
        return tuple(done)

    @cached_property
    def draws(self) -> tuple[Node, ...]:
        """The draws that matter, in the order of the program."""
        found = [n for n in self.nodes if n in self.graph.choices]
        return tuple(sorted(found, key=lambda n: n.id))

    def _refuse(self, node: Node) -> None:
        choice = self.graph.choices.get(node)
        if choice is not None and not choice.continuous:
            return
        if choice is not None:
            raise _infinite(choice.label, choice.span)
        if node.op in OPS:
            return
        if node.label is not None:
            raise _infinite(node.label, node.span)
        what = "a loop of many rounds" if "loop" in node.op else "a call of a module's function"
        raise Unsupported(
            f"an exact answer needs every finite way that a world can go, and {what} decides here",
            node.span,
            SAMPLED,
        )


def _infinite(label: str, span: Span | None) -> Unsupported:
    return Unsupported(
        f"`{label}` is drawn from infinitely many values, and the answer or what was observed "
        "depends on it: there is no finite sum",
        span,
        SAMPLED,
    )
