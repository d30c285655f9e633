"""A question's evidence as a density of a point, for continuous draws, and of finite choices.

A point has a coordinate for each row of a continuous draw, standard normal before the evidence (a row
of uniforms by its normal quantile). What depends on another draw does so through the world's own code,
so the coordinates are independent of each other before the evidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jaxtyping import Array

from plot.backends.lax_ops import Lane
from plot.compiler.choices import Choice
from plot.compiler.evidence import conjuncts, observed
from plot.compiler.graph import Node, Operand
from plot.compiler.ops import NORMAL, UNIFORM
from plot.compiler.values import Effects, leaves
from plot.errors import Unsupported
from plot.exports.lanes import Lanes
from plot.exports.parameters import log_density, value_count
from plot.exports.sequence import Sequence, resolve, sequence
from plot.world import Question
from vi.worlds.along import along

type LaneOf = Callable[[Operand], Lane]
type Decide = Callable[[Choice, list[Lane]], Lane]

BELOW_ONE = np.float32(1 - 2**-24)


def uniform_of(point: Array) -> Array:
    """The uniforms whose normal quantiles these are; what rounds to one is the number below it."""
    return jnp.minimum(ndtr(point), BELOW_ONE)


@dataclass(frozen=True, eq=False)
class WorldTarget:
    """What is to be inferred of a question: its evidence, and the draws that it depends on.

    Args:
      question: whose evidence it is; what is asked does not matter.

    Raises:
      Unsupported: for a loop whose rounds a draw counts, or a finite draw of too many values.

    >>> from plot.world import World
    >>> world = World.from_source("(define x (uniform 0 1)) (condition (and (flip x) (< x 0.9)))")
    >>> target = WorldTarget(world.ask("x"))
    >>> target.size, [choice.label for choice in target.finite]
    (1, [])

    The flip has to be true, so it is observed and not a choice any more.
    """

    question: Question

    @cached_property
    def effects(self) -> Effects:
        """What was observed, flat; conditions that one value of a finite draw meets observe it."""
        graph = self.question.world.session.graph
        return observed(graph, self.question.effects.flatten(graph))

    @cached_property
    def parts(self) -> dict[str, Operand]:
        """The evidence by address: truth values that must hold, and log weights."""
        graph, effects = self.question.world.session.graph, self.effects
        guards = [d.guard for d in effects.deaths if d.guard is not False]
        found: list[tuple[str, Operand]] = []
        if guards:
            found.append(("alive", graph.apply("not", graph.any(guards))))
        found += [("condition", c) for c in conjuncts(graph, effects.conditions)]
        found += [("factor", f) for f in effects.factors]
        out: dict[str, Operand] = {}
        counts: dict[str, int] = {}
        for name, operand in found:
            if operand is True or (name == "factor" and operand == 0):
                continue
            counts[name] = counts.get(name, 0) + 1
            out[name if counts[name] == 1 else f"{name}#{counts[name]}"] = operand
        return out

    @cached_property
    def statements(self) -> dict[Operand, str]:
        """The statement that each condition comes from, where each statement made one."""
        graph, world = self.question.world.session.graph, self.question.world
        conditions = self.question.effects.flatten(graph).conditions
        told = [text for text in world.told if text.startswith("(condition ")]
        if len(told) != len(conditions):
            return {}
        pairs = zip(conditions, told, strict=True)
        return {part: text for whole, text in pairs for part in conjuncts(graph, [whole])}

    @cached_property
    def sequence(self) -> Sequence:
        """What the evidence needs: rows of continuous draws, finite choices, lanes between them."""
        return self._sequence(list(self.parts.values()))

    def _sequence(self, roots: list[Operand]) -> Sequence:
        graph = self.question.world.session.graph
        made = sequence(roots, graph, self.effects.clamps, by_rows=lambda c: c.continuous)
        return replace(made, externals=tuple(map(along, made.externals)))

    @cached_property
    def rows(self) -> tuple[Node, ...]:
        """The coordinates of a point, in order."""
        made = self.sequence.choices
        continuous = {
            c.row for c in self.question.world.session.graph.choices.values() if c.continuous
        }
        found = [n for n in made if n.op in (NORMAL, UNIFORM)]
        for node in found:
            if node not in continuous:
                choice = made[node]
                raise Unsupported(
                    f"`{choice.label}` decides something by more than its own value",
                    choice.span,
                    "use an engine of `inference` that moves finite choices",
                )
        return tuple(sorted(found, key=lambda n: n.id))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The draw that each coordinate stands for: the name that it is defined as, or its label."""
        lanes = Lanes(self.question)
        natural = lanes.natural.choices
        named = {choice.row: lanes.addresses[node] for node, choice in natural.items()}
        return tuple(named.get(row, row.label or row.op) for row in self.rows)

    @property
    def size(self) -> int:
        """Coordinates of a point."""
        return len(self.rows)

    @cached_property
    def finite(self) -> tuple[Choice, ...]:
        """The finite choices that the evidence depends on, in an order in which they can be made."""
        return tuple(c for n, c in self.sequence.choices.items() if n not in set(self.rows))

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """How many values each finite choice has."""
        found = []
        for choice in self.finite:
            count = value_count(choice)
            if count is None:
                raise Unsupported(
                    f"`{choice.label}` draws from too many values to sum over or to guide",
                    choice.span,
                    "use an engine of `inference` that moves finite choices",
                )
            found.append(count)
        return tuple(found)

    def reads(self, node: Node) -> tuple[str, ...]:
        """The draws that a node of the evidence depends on, in the order in which they are made."""
        names = dict(zip(self.rows, self.labels, strict=True))
        names |= {choice.node: choice.label for choice in self.finite}
        seen: set[Node] = set()
        waiting: list[Operand] = [node]
        while waiting:
            here = resolve(waiting.pop(), self.effects.clamps)
            if not isinstance(here, Node) or here in seen:
                continue
            seen.add(here)
            waiting += self.sequence.choices[here].parameters if here in names else here.args
        return tuple(name for place, name in names.items() if place in seen)

    @property
    def configurations(self) -> int:
        """In how many ways the finite choices can go together."""
        return math.prod(self.counts)

    def run(self, point: Array, decide: Decide) -> LaneOf:
        """The lanes of worlds: rows from a point, finite choices as decided.

        Args:
          point: `[size, *batch]`.
          decide: the value of a finite choice, an index or a truth value, from its parameters.
        """
        return self._run(self.sequence, dict(zip(self.rows, point, strict=True)), decide)

    def _run(self, made: Sequence, rows: Mapping[Node, Array], decide: Decide) -> LaneOf:
        def each(choice: Choice, parameters: list[Lane]) -> Lane:
            row = rows.get(choice.node)
            if row is None:
                return decide(choice, parameters)
            return row if choice.node.op == NORMAL else uniform_of(row)

        return made.run(each, jnp.result_type(float))

    def at(self, point: Array, values: Array) -> tuple[LaneOf, Lane]:
        """The lanes of worlds whose finite choices are given, and the log probability of these.

        Args:
          point: `[size, *batch]`.
          values: `[finite, *batch]`, an index each.
        """
        given = {c.node: v for c, v in zip(self.finite, values, strict=True)}
        logs: list[Lane] = []

        def decide(choice: Choice, parameters: list[Lane]) -> Lane:
            value = given[choice.node]
            logs.append(log_density(choice, value, parameters, jnp.result_type(float)))
            return value

        lane = self.run(point, decide)
        return lane, sum(logs, jnp.zeros(()))

    def answering(self, question: Question) -> tuple[Sequence, list[Node]]:
        """What a question about this world needs besides: its lanes' order, and its answer's nodes."""
        wanted = list(dict.fromkeys(leaves(question.value)))
        # The evidence's own choices are made too, so that nothing that depends on them is drawn anew.
        return self._sequence([*wanted, *self.rows, *(c.node for c in self.finite)]), wanted

    def asking(self, text: str) -> Question:
        """A question about the same world, with the same evidence.

        Raises:
          Unsupported: for a query that observes something itself.
        """
        question = self.question.world.ask(text)
        graph = self.question.world.session.graph
        before, after = (e.flatten(graph) for e in (self.question.effects, question.effects))
        parts = ("conditions", "factors", "clamps")
        if any(getattr(before, part) != getattr(after, part) for part in parts):
            raise Unsupported(
                "a query that observes something itself cannot be answered from this fit",
                hint="tell the world first, and fit again",
            )
        return replace(question, effects=self.question.effects)
