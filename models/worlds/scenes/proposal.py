"""A neural proposal of scenes: what may stand where, read off a picture by a small convolutional net.

The net divides the picture into cells. Each says how likely it is that a thing stands there, and of
what kind, color and size, and where exactly. Things are proposed independently of each other, each
from the mixture over all cells and, at times, from the prior, so that nothing is ruled out.

Source: Le, Baydin and Wood, Inference compilation and universal probabilistic programming (2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, Int, PRNGKeyArray
from safetensors.numpy import load

from models.worlds.scenes.renderer import (
    BOTTOM,
    DEPTH,
    LEFT,
    NOISE,
    PLACES,
    RIGHT,
    RISE,
    SHAPE,
    TOP,
    WIDTH,
    render,
)
from models.worlds.scenes.rows import _UP_TO, DRAWS, FINITE, ROWS, count_chances, decode
from vi.guides import MLP, Network

FROM_PRIOR = 0.1  # share of things that are proposed from the prior
STRIDE, PATCH = 4, 16  # pixels
CELLS = (SHAPE[0] // STRIDE, SHAPE[1] // STRIDE)
LEAST_SPREAD = 0.004  # of a place, in shares of the table


class Glance(nnx.Module):
    """Reads a picture: numbers for each cell from the patch around it, and for how many things there are."""

    def __init__(self, rngs: nnx.Rngs, width: int = 112):
        self.patch = MLP((3 * PATCH * PATCH, width, width), rngs)
        self.cells = nnx.Linear(width, 5 + sum(FINITE), rngs=rngs)
        self.count = nnx.Linear(2 * width + 1, PLACES + 1, rngs=rngs)

    def __call__(self, picture: Array) -> tuple[Array, Array]:
        """`[cells, 16]` and `[13]` from a picture `[height, width, 3]`."""
        margin = PATCH // 2
        wide = jnp.pad((picture - 0.7) * 3, ((margin, margin), (margin, margin), (0, 0)))
        offset, within = STRIDE // 2, jnp.arange(PATCH)
        rows = offset + STRIDE * jnp.arange(CELLS[0])[:, None] + within
        columns = offset + STRIDE * jnp.arange(CELLS[1])[:, None] + within
        patches = wide[rows[:, None, :, None], columns[None, :, None, :]]
        x = jax.nn.gelu(self.patch(patches.reshape(CELLS[0] * CELLS[1], -1)))
        cells = self.cells(x)
        total = jnp.sum(jax.nn.sigmoid(cells[:, 0])) / PLACES
        seen = jnp.concatenate([x.mean(0), x.max(0), total[None]])
        return cells, self.count(seen)


NETWORK = Network(lambda rngs: Glance(rngs))


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class Proposal:
    """What a net proposes for one picture.

    Args:
      count: log probabilities of 0 to 12 things, `[13]`.
      cells: log probability of each cell, `[cells]`.
      finite: log probabilities of the kinds, colors and sizes in each cell, `[cells, values]` each.
      middle, spread: of the place in a cell, in shares of the table, `[cells, 2]`.
      plain: share of things that are proposed from the prior.
    """

    count: Array
    cells: Array
    finite: tuple[Array, Array, Array]
    middle: Array
    spread: Array
    plain: Array

    @classmethod
    def of(cls, params: Any, picture: Float[Array, "height width 3"]) -> Proposal:
        """The proposal for a picture."""
        raw, count = NETWORK(params, picture)
        high, wide = CELLS
        # Where the middle of a cell is on the table.
        across = LEFT + (RIGHT - LEFT) * STRIDE * (jnp.arange(wide) + 0.5) / SHAPE[1]
        up = TOP - (TOP - BOTTOM) * STRIDE * (jnp.arange(high) + 0.5) / SHAPE[0]
        home = jnp.stack([jnp.tile(across / WIDTH, high), jnp.repeat(up / RISE / DEPTH, wide)], -1)
        middle = jnp.clip(home, 0.02, 0.98) + jnp.array([0.12, 0.4]) * jnp.tanh(raw[:, 1:3])
        ends = list(np.cumsum(FINITE)[:-1])
        kinds, colors, sizes = (
            jax.nn.log_softmax(part) for part in jnp.split(raw[:, 5:], ends, axis=-1)
        )
        return cls(
            jax.nn.log_softmax(count),
            jax.nn.log_softmax(raw[:, 0]),
            (kinds, colors, sizes),
            jnp.clip(middle, 0, 1),
            LEAST_SPREAD + 0.3 * jax.nn.sigmoid(raw[:, 3:5] - 2),
            jnp.float32(FROM_PRIOR),
        )

    @classmethod
    def blind(cls) -> Proposal:
        """What is proposed without a look at the picture: the prior, to compare a net with.

        >>> rows = jax.random.uniform(jax.random.key(0), (ROWS,))
        >>> float(Proposal.blind().log_density(rows))
        0.0
        """
        cells = CELLS[0] * CELLS[1]
        kinds, colors, sizes = (jnp.full((cells, n), -jnp.log(n)) for n in FINITE)
        return cls(
            jnp.log(jnp.asarray(count_chances(), jnp.float32)),
            jnp.full(cells, -jnp.log(cells)),
            (kinds, colors, sizes),
            jnp.full((cells, 2), 0.5),
            jnp.ones((cells, 2)),
            jnp.float32(1),
        )

    def thing(self, key: PRNGKeyArray) -> Float[Array, " draws"]:
        """The rows of one thing, `[5]`."""
        keys = jax.random.split(key, 6)
        cell = jax.random.categorical(keys[0], self.cells)
        found = [
            (
                jax.random.categorical(keys[1 + i], table[cell])
                + jax.random.uniform(keys[4], (3,))[i]
            )
            / table.shape[-1]
            for i, table in enumerate(self.finite)
        ]
        low, high = self._ends(self.middle[cell], self.spread[cell])
        normal = jax.random.truncated_normal(keys[5], low, high)
        place = jnp.clip(self.middle[cell] + self.spread[cell] * normal, 0, 1 - 1e-6)
        plain_key, choice_key = jax.random.split(jax.random.fold_in(key, 7))
        plain = jax.random.uniform(plain_key, (len(DRAWS),))
        proposed = jnp.stack([*found, place[0], place[1]])
        return jnp.where(jax.random.bernoulli(choice_key, self.plain), plain, proposed)

    def log_thing(self, rows: Float[Array, " draws"]) -> Float[Array, ""]:
        """Log density of the rows of one thing."""
        logs = self.cells
        for i, table in enumerate(self.finite):
            n = table.shape[-1]
            value = jnp.minimum((rows[i] * n).astype(jnp.int32), n - 1)
            logs = logs + table[:, value] + jnp.log(n)
        z = (rows[3:] - self.middle) / self.spread
        low, high = self._ends(self.middle, self.spread)
        inside = jax.scipy.special.ndtr(high) - jax.scipy.special.ndtr(low)
        normal = -0.5 * z**2 - jnp.log(self.spread * jnp.sqrt(2 * jnp.pi)) - jnp.log(inside + 1e-12)
        mixture = jax.nn.logsumexp(logs + normal.sum(-1))
        return jnp.logaddexp(jnp.log(self.plain), jnp.log1p(-self.plain) + mixture)

    def draw(self, key: PRNGKeyArray) -> Float[Array, " rows"]:
        """The rows of a scene; those of places that have no thing are from the prior."""
        count_key, within, thing_key, rest_key = jax.random.split(key, 4)
        count = jax.random.categorical(count_key, self.count)
        chances = jnp.asarray(count_chances(), jnp.float32)
        below = jnp.concatenate([jnp.zeros(1), jnp.asarray(_UP_TO)])[count]
        row = below + chances[count] * jax.random.uniform(within, minval=1e-4, maxval=1 - 1e-4)
        things = jax.vmap(self.thing)(jax.random.split(thing_key, PLACES))
        plain = jax.random.uniform(rest_key, things.shape)
        there = jnp.arange(PLACES)[:, None] < count
        return jnp.concatenate([row[None], jnp.where(there, things, plain).ravel()])

    def log_density(self, rows: Float[Array, " rows"]) -> Float[Array, ""]:
        """Log density of the rows of a scene, with respect to the prior."""
        count = jnp.sum(rows[:1] >= _UP_TO)
        return self.log_scene(count, jax.vmap(self.log_thing)(rows[1:].reshape(PLACES, len(DRAWS))))

    def log_scene(self, count: Int[Array, ""], things: Float[Array, " places"]) -> Float[Array, ""]:
        """The same from log densities of things, of which the first `count` are there."""
        chances = jnp.asarray(count_chances(), jnp.float32)
        there = jnp.arange(PLACES) < count
        return self.count[count] - jnp.log(chances[count]) + jnp.sum(jnp.where(there, things, 0.0))

    @staticmethod
    def _ends(middle: Array, spread: Array) -> tuple[Array, Array]:
        """The edges of the table, in spreads from the middle."""
        return (0 - middle) / spread, (1 - middle) / spread


def simulate(key: PRNGKeyArray) -> tuple[Float[Array, " rows"], Float[Array, "height width 3"]]:
    """Rows of the prior, and a noisy picture of their scene."""
    rows_key, noise_key = jax.random.split(key)
    rows = jax.random.uniform(rows_key, (ROWS,))
    clean = render(decode(rows))
    return rows, clean + NOISE * jax.random.normal(noise_key, clean.shape)


def log_density(params: Any, rows: Array, picture: Array) -> Float[Array, ""]:
    """Log density that the net's proposal for a picture gives to the rows of a scene."""
    return Proposal.of(params, picture).log_density(rows)


@cache
def trained() -> dict[str, Any]:
    """The parameters that come with the package; how they were made stands in the file's metadata."""
    flat = load(files(__package__).joinpath("proposal.safetensors").read_bytes())
    return nested(flat)  # of NumPy: JAX arrays made while a function is traced would not outlive it


def nested(flat: dict[str, np.ndarray]) -> dict[str, Any]:
    """Parameters by the parts of their names: `layers/0/kernel`."""
    out: dict[Any, Any] = {}
    for name, value in flat.items():
        *path, last = (int(part) if part.isdigit() else part for part in name.split("/"))
        inner = out
        for part in path:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return out


__all__ = ["NETWORK", "SHAPE", "Proposal", "log_density", "simulate", "trained"]
