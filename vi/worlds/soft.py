"""Hard evidence made soft, so that it has a gradient: a comparison holds the more, the clearer it does."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from plot.backends.lax_ops import Lane
from plot.compiler.graph import Node, Operand, kind_of
from plot.compiler.ops import Kind
from plot.exports.parameters import log_density as mass
from plot.exports.parameters import value_count
from plot.exports.sequence import resolve
from vi.worlds.target import LaneOf, WorldTarget

MOST_NAMED = 4  # draws, of those that a comparison reads
PILOT = 4_096  # worlds of the prior that tell how far apart the sides of a comparison usually are


@dataclass(frozen=True)
class Softened:
    """A comparison that was made soft.

    Args:
      part: address of the evidence that it belongs to.
      place: where it is written, with its text, as far as that is known.
      width: distance of the two sides at which it holds with probability 0.73.
    """

    part: str
    place: str
    width: float

    def __str__(self) -> str:
        return f"{self.part}: {self.place} softened, width {self.width:.3g}"


@dataclass(frozen=True, eq=False)
class SoftEvidence:
    """The evidence of a target with a gradient.

    A comparison `a > b` of numbers weighs `sigmoid((a - b) / width)`, where the width is a share of the
    distance that the sides usually have; `and`, `or`, `not` and `if` combine such weights as those of
    independent events. Anything else that is hard is charged where it is broken.

    Args:
      target: whose evidence.
      widths: by comparison.
      charge: log weight of hard evidence without a gradient that is broken; finite, so that derivatives
        are.
    """

    target: WorldTarget
    widths: dict[Node, float]
    charge: float

    @classmethod
    def of(
        cls, target: WorldTarget, key: PRNGKeyArray, softness: float, charge: float
    ) -> SoftEvidence:
        """With widths from worlds of the prior.

        Args:
          softness: width of a comparison, in usual distances.
          charge: as above.
        """
        found = [
            node
            for name, part in target.parts.items()
            if kind_of(part) is Kind.BOOLEAN
            for node in comparisons(target, part)
        ]
        lane = _prior_worlds(target, key) if found else None
        widths: dict[Node, float] = {}
        for node in dict.fromkeys(found):
            assert lane is not None
            a, b = node.args
            away = np.abs(np.asarray(lane(a) - lane(b), float))
            away = away[np.isfinite(away)]
            usual = float(away.mean()) if away.size else 0.0
            widths[node] = softness * usual if usual > 0 else softness
        return cls(target, widths, charge)

    @property
    def softened(self) -> tuple[Softened, ...]:
        """What was softened, for a report."""
        out = []
        for name, part in self.target.parts.items():
            for node in dict.fromkeys(comparisons(self.target, part)):
                out.append(Softened(name, self._place(node, part), self.widths[node]))
        return tuple(out)

    def _place(self, node: Node, part: Operand) -> str:
        if part in self.target.statements:
            return f"`{self.target.statements[part]}`"
        if node.span is not None:
            return f"`{node.span.text}` at {node.span!r}"
        reads = self.target.reads(node)
        some = ", ".join(reads[:MOST_NAMED]) + (", ..." if len(reads) > MOST_NAMED else "")
        bounds = [f" with {x:g}" for x in node.args if isinstance(x, (int, float))]
        return f"a comparison{''.join(bounds)} of what {some} decide{'s' * (len(reads) == 1)}"

    def log_weights(self, lane: LaneOf) -> dict[str, Lane]:
        """The log weight of each part of the evidence."""
        return {name: self._weight(lane, part) for name, part in self.target.parts.items()}

    def log_weight(self, lane: LaneOf) -> Lane:
        """Of all parts together."""
        return sum(self.log_weights(lane).values(), jnp.zeros(()))

    def _weight(self, lane: LaneOf, part: Operand) -> Lane:
        if kind_of(part) is Kind.BOOLEAN:
            return self._truth(lane, part)[0]
        return hard_weight(lane, part)

    def _truth(self, lane: LaneOf, part: Operand) -> tuple[Lane, Lane]:
        """Log weights of a truth value and of its opposite."""
        part = resolve(part, self.target.effects.clamps)
        if isinstance(part, Node) and part in self.widths:
            a, b = part.args
            away = (lane(b) - lane(a)) / self.widths[part]
            return jax.nn.log_sigmoid(away), jax.nn.log_sigmoid(-away)
        if isinstance(part, Node) and part.op == "not":
            yes, no = self._truth(lane, part.args[0])
            return no, yes
        if isinstance(part, Node) and part.op in ("and", "or") and self._bends(part):
            each = [self._truth(lane, a) for a in part.args]
            if part.op == "or":
                each = [(no, yes) for yes, no in each]
            both = sum((yes for yes, _ in each[1:]), each[0][0])
            rest = _log_opposite(both)
            return (both, rest) if part.op == "and" else (rest, both)
        if isinstance(part, Node) and part.op == "where" and self._bends(part):
            (yes, no), one, other = (self._truth(lane, a) for a in part.args)
            mixed = [jnp.logaddexp(yes + a, no + b) for a, b in zip(one, other, strict=True)]
            return mixed[0], mixed[1]
        holds = lane(part)
        return jnp.where(holds, 0.0, self.charge), jnp.where(holds, self.charge, 0.0)

    def _bends(self, part: Node) -> bool:
        return bool(comparisons(self.target, part))


def hard_weight(lane: LaneOf, part: Operand) -> Lane:
    """The log weight of a part of the evidence as it is, minus infinity where it does not hold."""
    weight = lane(part)
    if weight.dtype == jnp.bool_:
        return jnp.where(weight, 0.0, -jnp.inf)
    return jnp.where(weight < jnp.inf, weight, -jnp.inf)


def comparisons(target: WorldTarget, part: Operand) -> list[Node]:
    """The comparisons of continuous numbers that decide a part, through `and`, `or`, `not` and `if`."""
    part = resolve(part, target.effects.clamps)
    if not isinstance(part, Node) or part.kind is not Kind.BOOLEAN:
        return []
    if part in target.sequence.choices:
        return []
    if part.op in ("not", "and", "or", "where"):
        return [node for a in part.args for node in comparisons(target, a)]
    return [part] if part.op in ("lt", "le") and _of_continuous(part) else []


def _of_continuous(node: Node) -> bool:
    """Whether an operation reads a number that has no finite table."""
    return any(isinstance(a, Node) and a.kind is Kind.NUMBER and a.table is None for a in node.args)


def hidden_comparisons(target: WorldTarget) -> int:
    """Comparisons of continuous numbers that steer the program rather than being evidence."""
    known = {n for part in target.parts.values() for n in comparisons(target, part)}
    return sum(
        node.op in ("lt", "le", "eq", "floor", "ceil", "round")
        and _of_continuous(node)
        and node not in known
        for node in target.sequence.nodes
        if node not in target.sequence.choices
    )


def _log_opposite(log: Lane) -> Lane:
    """`log(1 - exp(log))`, for a log of at most 0, with a derivative everywhere."""
    log = jnp.minimum(log, -1e-6)
    near = log > -0.693
    return jnp.where(
        near,
        jnp.log(-jnp.expm1(jnp.where(near, log, -0.5))),
        jnp.log1p(-jnp.exp(jnp.where(near, -1.0, log))),
    )


def _prior_worlds(target: WorldTarget, key: PRNGKeyArray) -> LaneOf:
    """The lanes of worlds of the prior."""
    point_key, key = jax.random.split(key)
    point = jax.random.normal(point_key, (target.size, PILOT))
    return target.run(point, draw_finite(key, PILOT))


def draw_finite(key: PRNGKeyArray, worlds: int):
    """A way to decide finite choices: each by its own law, in each of some worlds."""
    count = 0

    def decide(choice, parameters: list[Lane]) -> Array:
        nonlocal count
        count += 1
        values = jnp.arange(value_count(choice) or 1)[:, None]
        spread = [jnp.broadcast_to(p, (worlds,))[None] for p in parameters]
        logits = mass(choice, values, spread, jnp.result_type(float))
        return jax.random.categorical(jax.random.fold_in(key, count), logits, axis=0)

    return decide
