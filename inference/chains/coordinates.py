"""The rows that evidence depends on, as a point that gradients move and finite choices that they do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr, ndtri
from jaxtyping import Array, Float

from plot.compiler.graph import Node
from plot.compiler.ops import NORMAL, UNIFORM
from plot.exports.jax_function import JaxFunction
from plot.exports.lanes import Lanes
from plot.world import Question

BELOW_ONE = np.float32(1 - 2**-24)  # the largest uniform
LEAST = np.float32(2**-26)  # in place of a uniform of 0, whose normal quantile is infinite


@dataclass(frozen=True, eq=False)
class Coordinates:
    """A question's evidence as a density of a point, given its finite choices.

    The point has a coordinate for each row of a continuous draw: a normal row itself, a uniform row by
    its normal quantile. So the prior of the point is standard normal.

    Args:
      question: whose evidence it is; what is asked does not matter.

    >>> from plot.world import World
    >>> world = World.from_source("(define x (uniform 0 1)) (factor (if (flip x) 1 2))")
    >>> c = Coordinates(world.ask("x"))
    >>> [row.label for row in c.smooth], [row.label for row in c.held]
    (['uniform'], ['flip'])
    """

    question: Question

    @cached_property
    def _function(self) -> JaxFunction:
        return JaxFunction(Lanes(replace(self.question, value=0)))

    def _rows(self, family: str) -> list[Node]:
        rows = self._function.lanes.by_rows.choices
        return sorted((node for node in rows if node.op == family), key=lambda node: node.id)

    @cached_property
    def smooth(self) -> tuple[Node, ...]:
        """The rows of continuous draws: normal rows, then uniform ones."""
        choices = self.question.world.session.graph.choices.values()
        continuous = {choice.row for choice in choices if choice.continuous}
        return (*self._rows(NORMAL), *(row for row in self._rows(UNIFORM) if row in continuous))

    @cached_property
    def held(self) -> tuple[Node, ...]:
        """The rows of finite choices, in which the density steps."""
        return tuple(row for row in self._rows(UNIFORM) if row not in self.smooth)

    def log_density(self, point: Float[Array, " smooth"], held: Float[Array, " held"]) -> Array:
        """The log density of a point and of finite choices, up to a constant.

        Args:
          point: one world's.
          held: uniforms on [0, 1).
        """
        count = len(self._rows(NORMAL))
        found = dict(zip(self.held, held, strict=True))
        found |= dict(zip(self.smooth[count:], uniform_of(point[count:]), strict=True))
        uniforms = [found[row] for row in self._rows(UNIFORM)]
        stacked = jnp.stack(uniforms) if uniforms else jnp.zeros(0, point.dtype)
        weight = self._function.of_rows(stacked, point[:count]).log_weight
        return weight - jnp.sum(jnp.square(point)) / 2

    def of_rows(self, rows: Mapping[Node, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """The points `[chains, smooth]` and finite choices `[chains, held]` of rows `[chains]`."""
        chains = len(next(iter(rows.values())))
        point = [
            rows[r] if r.op == NORMAL else np.asarray(ndtri(jnp.maximum(rows[r], LEAST)))
            for r in self.smooth
        ]
        held = [rows[r] for r in self.held]
        return _stack(point, chains), _stack(held, chains)

    def rows(self, points: np.ndarray, held: np.ndarray) -> dict[Node, np.ndarray]:
        """The rows, of any shape, of points `[..., smooth]` and finite choices `[..., held]`."""
        found = dict(zip(self.held, np.moveaxis(held, -1, 0), strict=True))
        for row, lane in zip(self.smooth, np.moveaxis(points, -1, 0), strict=True):
            found[row] = lane if row.op == NORMAL else np.asarray(uniform_of(jnp.asarray(lane)))
        return found


def uniform_of(point: Array) -> Array:
    """The uniforms whose normal quantiles these are; what rounds to one is the number below it."""
    return jnp.minimum(ndtr(point), BELOW_ONE)


def _stack(columns: list[np.ndarray], chains: int) -> np.ndarray:
    return np.stack(columns, axis=1) if columns else np.zeros((chains, 0), np.float32)
