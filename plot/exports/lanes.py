"""A question as what other systems need of it: its choices, its evidence, its value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import jax.numpy as jnp
from jaxtyping import Array

from plot.backends.lax_ops import Lane
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import Kind
from plot.compiler.values import AtomLane, Environment, Union, Value, leaves
from plot.data import NIL, Pair
from plot.errors import Unsupported
from plot.exports.sequence import Sequence, sequence
from plot.reader import read
from plot.world import Question, World

RESERVED = frozenset({"value", "alive", "condition", "factor"})  # addresses of other things

type Tree = Array | list[Tree]


def question_of(asked: Question | str) -> Question:
    """A question, or a program's last expression asked of what stands before it.

    Raises:
      PlotError: located, where the program is wrong.
      ValueError: where the text holds no expression.
    """
    if isinstance(asked, Question):
        return asked
    trees = read(asked)
    if not trees or trees[-1].span is None:
        raise ValueError("a program that ends in a question is due, and this holds no expression")
    start = trees[-1].span.start
    return World.from_source(asked[:start]).ask(asked[start:])


@dataclass(frozen=True, eq=False)
class Lanes:
    """What a question needs: its value and its evidence, as operands of a graph.

    Args:
      question: what was asked.
    """

    question: Question

    @property
    def graph(self) -> Graph:
        return self.question.world.session.graph

    @cached_property
    def evidence(self) -> dict[str, Operand]:
        """What was observed, by address: truth values that must hold, and log weights."""
        effects = self.question.effects.flatten(self.graph)
        dead = self.graph.any([d.guard for d in effects.deaths])
        parts = [("alive", self.graph.apply("not", dead))]
        parts += [("condition", c) for c in effects.conditions]
        parts += [("factor", f) for f in effects.factors]
        out: dict[str, Operand] = {}
        counts: dict[str, int] = {}
        for name, operand in parts:
            if operand is not True and not (name == "factor" and operand == 0):
                counts[name] = counts.get(name, 0) + 1
                out[name if counts[name] == 1 else f"{name}#{counts[name]}"] = operand
        return out

    @cached_property
    def clamps(self) -> dict[Node, Operand]:
        return self.question.effects.flatten(self.graph).clamps

    @property
    def roots(self) -> list[Operand]:
        return [*self.evidence.values(), *_operands(self.question.value)]

    @cached_property
    def natural(self) -> Sequence:
        """Choices as the program makes them."""
        return sequence(self.roots, self.graph, self.clamps)

    @cached_property
    def by_rows(self) -> Sequence:
        """Rows of randomness, and the natural choices made from them."""
        roots = [*self.roots, *self.natural.choices]
        return sequence(roots, self.graph, self.clamps, by_rows=True)

    @cached_property
    def addresses(self) -> dict[Node, str]:
        """The address of each natural choice: the name that it is defined as, or its label."""
        out = {node: choice.label for node, choice in self.natural.choices.items()}
        taken = RESERVED | set(out.values())
        named: set[Node] = set()
        bindings = _bindings(self.question.world.scope)
        alike = {(node.op, node.args): node for node in out}  # a name binds the twin's original
        for decided in (_drawn, _decided):  # first what is the draw itself
            for name, value in bindings:
                node = decided(value)
                node = None if node is None else alike.get((node.op, node.args))
                if node is not None and node not in named and name not in taken:
                    out[node] = name
                    named.add(node)
                    taken |= {name}
        return out

    def value(self, lane: Callable[[Operand], Lane]) -> Tree:
        """The question's value as arrays: a list stays a list, a name becomes its code."""
        return _tree(self.question, self.question.value, lane)

    def check(self) -> None:
        """See whether the question can be exported.

        Raises:
          Unsupported: for a loop whose rounds a draw counts, or a value whose sort or length is drawn.
        """
        assert self.natural is not None
        self.value(lambda _: jnp.zeros(()))

    def log_weight(self, lane: Callable[[Operand], Lane], name: str) -> Lane:
        """The log weight of one part of the evidence; minus infinity where it has none.

        A weight that is infinite or not a number loses its world, as in this project's engines.
        """
        weight = lane(self.evidence[name])
        if weight.dtype == jnp.bool_:
            return jnp.where(weight, 0.0, -jnp.inf)
        return jnp.where(weight < jnp.inf, weight, -jnp.inf)


def _bindings(scope: Environment | None) -> list[tuple[str, Value]]:
    """Names and their values, those defined first before others."""
    scopes: list[Environment] = []
    while scope is not None:
        scopes.insert(0, scope)
        scope = scope.outer
    return [item for each in scopes for item in each.names.items()]


def _drawn(value: Value) -> Node | None:
    return value if isinstance(value, Node) else None


def _decided(value: Value) -> Node | None:
    """The draw that stands for a value: another value of one is another of the other."""
    node = value.node if isinstance(value, AtomLane) else value
    if not isinstance(node, Node) or node.kind is Kind.BOOLEAN or node.table is None:
        return None
    values = node.table.values
    one = len(node.table.variables) == 1 and len(set(values.tolist())) == len(values)
    return node.table.variables[0] if one else None


def _operands(value: Value) -> list[Operand]:
    return list(dict.fromkeys(leaves(value)))


def _tree(question: Question, value: Value, lane: Callable[[Operand], Lane]) -> Tree:
    if isinstance(value, (bool, int, float, Node)):
        return lane(value)
    if isinstance(value, AtomLane):
        return lane(value.node).astype(jnp.int32)
    if isinstance(value, Union):
        raise Unsupported(
            f"`{question.text}` is of another sort in some worlds than in others",
            hint="ask for a number, a truth value, a name, or a list of as many of them everywhere",
        )
    if isinstance(value, Pair) or value is NIL:
        out: list[Tree] = []
        while isinstance(value, Pair):
            out.append(_tree(question, value.first, lane))
            value = value.rest
        if value is not NIL:
            raise Unsupported(f"`{question.text}` is a list whose length is drawn, or a pair")
        return out
    return jnp.asarray(question.world.session.atoms.code(value), jnp.int32)
