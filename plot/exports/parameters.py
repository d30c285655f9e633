"""Parameters that are safe to compute with in every world, and densities at a value."""

from __future__ import annotations

from functools import cache

import jax.numpy as jnp
from jax.typing import DTypeLike

from plot.backends.lax_ops import Lane, apply_typed
from plot.compiler.choices import Choice
from plot.compiler.densities import LOG_DENSITY
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import NORMAL
from plot.exports.smooth import SMOOTH

_REAL, _POSITIVE, _SHARE = (-jnp.inf, jnp.inf, 0.0), (0.0, jnp.inf, 1.0), (0.0, 1.0, 0.5)

# For each parameter the bounds, and what stands in for a value that is out of them.
_SOUND: dict[str, tuple[tuple[float, float, float], ...]] = {
    "gaussian": (_REAL, _POSITIVE),
    "uniform": (_REAL, _REAL),
    "exponential": (_POSITIVE,),
    "gamma": (_POSITIVE, _POSITIVE),
    "beta": (_POSITIVE, _POSITIVE),
    "student-t": (_POSITIVE, _REAL, _POSITIVE),
    "flip": (_SHARE,),
    "random-integer": ((1.0, jnp.inf, 1.0),),
    "binomial": (_SHARE, (0.0, jnp.inf, 0.0)),
    "poisson": ((0.0, jnp.inf, 1.0),),
}
_OPEN = {_POSITIVE, _REAL}


def sound(choice: Choice, parameters: list[Lane], dtype: DTypeLike) -> list[Lane]:
    """Parameters of a choice, replaced where the choice could not be made with them.

    A draw under an `if` is made in every world, also where its parameters make no sense; nothing
    reads it there, or the world is dead. Samplers and densities of other systems must not meet them.
    """
    lanes = [jnp.asarray(p, dtype) for p in parameters]
    if choice.name == "discrete":
        lanes = [jnp.where((w >= 0) & (w < jnp.inf), w, 0) for w in lanes]
        none = sum(lanes) <= 0
        return [jnp.where(none, 1, w) for w in lanes]
    out = []
    for lane, bounds in zip(lanes, _SOUND[choice.name], strict=True):
        low, high, instead = bounds
        above = lane > low if bounds in _OPEN else lane >= low
        below = lane < high if high == jnp.inf else lane <= high
        out.append(jnp.where(above & below, lane, instead))
    if choice.name == "uniform":
        out[1] = jnp.where(out[0] < out[1], out[1], out[0] + 1)
    return out


def value_count(choice: Choice) -> int | None:
    """How many values a finite choice has, counted from 0; None where they are too many."""
    if choice.name == "discrete":
        return len(choice.parameters)
    table = choice.node.table
    return None if table is None else int(table.values.max()) + 1


def log_density(choice: Choice, value: Lane, parameters: list[Lane], dtype: DTypeLike) -> Lane:
    """The log density (mass, where finite) of a choice at a value.

    Args:
      value: `[*batch]`, of numbers or truth values.
      parameters: each `[*batch]`.
    """
    nodes, placeholders, root = _density(choice.name, len(parameters))
    lanes: dict[Node, Lane] = dict(zip(placeholders, [value, *parameters], strict=True))

    def lane(operand: Operand) -> Lane:
        return lanes[operand] if isinstance(operand, Node) else jnp.asarray(operand, dtype)

    for node in nodes:
        if node not in lanes:
            operands = [lane(a) for a in node.args]
            lanes[node] = apply_typed(node.op, *operands, dtype=dtype, numeric=SMOOTH)
    return jnp.asarray(lane(root), dtype)


@cache
def _density(name: str, count: int) -> tuple[list[Node], list[Node], Operand]:
    """A density over placeholders for the value and the parameters: nodes, placeholders, result."""
    graph = Graph()
    placeholders = [graph.site(NORMAL, "placeholder") for _ in range(count + 1)]
    root = LOG_DENSITY[name](graph, *placeholders)
    return graph.nodes, placeholders, root
