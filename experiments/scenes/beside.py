"""One more thing of each description anywhere on a table: how well it fits a picture, and its integral.

What is seen is put together once, behind and before each depth, so that another thing costs no more than
the part of the picture where it can be seen.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.ndimage import maximum_filter

from models.worlds.scenes.renderer import (
    COLORS,
    DEPTH,
    KINDS,
    NOISE,
    SIZES,
    WIDTH,
    Layer,
    compose,
    near_part,
)

CELL = 1.0  # cm, in each of which another thing of every description is tried
# Cells around which one fits best, then those that are least sure, and parts of their sides that are tried.
FINER = (10_000, 4), (200, 16)
BATCH = 20_000  # things tried in one call
ROUGH = 2.0  # cm of the cells in which promising things are looked for; so many at most, if they gain so much
MOST, GAIN = 3, 0.5
FEATURES = len(KINDS) * len(COLORS) * len(SIZES)
GRID = FEATURES, round(WIDTH / CELL), round(DEPTH / CELL)


class Around(NamedTuple):
    """What is seen, around one thing more. Of `slots` depths, in the first nothing is farther away.

    Args:
      picture: `[height, width, 3]`, that was taken.
      without: the same, as what is seen would look.
      depths: of what is seen, the farthest first.
      behind: what is farther away than the one more, on the empty table.
      through: the share of it that what is nearer lets through.
      front: what that adds.
    """

    picture: Float[Array, "height width 3"]
    without: Float[Array, "height width 3"]
    depths: Float[Array, " seen"]
    behind: Float[Array, "slots height width 3"]
    through: Float[Array, "slots height width 1"]
    front: Float[Array, "slots height width 3"]

    @classmethod
    def of(cls, picture: Array, layers: Layer, away: Array) -> Around:
        """Of the layers of what is seen, and their depths."""
        order = jnp.argsort(-away)
        layers, away = jax.tree.map(lambda part: part[order], layers), away[order]
        seen = len(away)
        behind = [compose(layers, away, jnp.array(count)) for count in range(seen + 1)]
        through, front = [], []
        for farther in range(seen + 1):
            share, light = jnp.ones((*picture.shape[:2], 1)), jnp.zeros(picture.shape)
            for cover, paint in zip(layers.cover[farther:], layers.paint[farther:], strict=True):
                share = share * (1 - cover[..., None])
                light = light * (1 - cover[..., None]) + paint * cover[..., None]
            through.append(share)
            front.append(light)
        parts = (jnp.stack(part) for part in (behind, through, front))
        return cls(picture, behind[-1], away, *parts)

    def gain(self, thing: tuple[Array, ...], *at: Array) -> Float[Array, ""]:
        """How one thing (kind, color, size, across, away) changes the log density of the picture.

        Args:
          thing: the one more.
          at: where there are several of all that is known, which of them.
        """
        part, corner = near_part(*thing)  # type: ignore[arg-type]
        slot = jnp.sum(self.depths[at] > thing[-1])

        def window(whole: Array, *at: Array) -> Array:
            shape = *part.cover.shape, whole.shape[-1]
            found = jax.lax.dynamic_slice(whole, (*at, *corner, 0), (*(1 for _ in at), *shape))
            return found.reshape(shape)

        behind, through, front = (window(of, *at, slot) for of in self[3:])
        cover = part.cover[..., None]
        clean = (behind * (1 - cover) + part.paint * cover) * through + front
        taken, without = window(self.picture, *at), window(self.without, *at)
        return -0.5 * jnp.sum((taken - clean) ** 2 - (taken - without) ** 2) / NOISE**2


class Tried(NamedTuple):
    """Other things, somewhere in each cell: one number each.

    Args:
      columns: kind, color, size (as whole numbers), across, away.
      fits: by what factor it changes the density of the picture.
      volumes: of its cell, in shares of all that a thing may be.
      variances: of the integral over its cell, as estimated from parts of it or from cells beside it. That
        all cells share their placings is not in them: other seeds differ by about half as much again.
    """

    columns: tuple[np.ndarray, ...]
    fits: Float[np.ndarray, " tried"]
    volumes: Float[np.ndarray, " tried"]
    variances: Float[np.ndarray, " tried"]


def promising(around: Around, seed: int) -> list[tuple[Array, ...]]:
    """Some things that explain a picture better than what is seen does alone, each of another description.

    Args:
      around: what is seen.
      seed: of where in its cell a thing is tried.
    """
    rng = np.random.default_rng([seed, 2])
    cells = np.indices((FEATURES, round(WIDTH / ROUGH), round(DEPTH / ROUGH))).reshape(3, -1)
    columns = _described(cells[0], *(ROUGH * (cells[1:] + rng.random(cells[1:].shape))))
    gains = np.asarray(jax.jit(lambda given: jax.lax.map(around.gain, given))(parts_of(columns)))
    by_features = gains.reshape(FEATURES, -1)
    best = by_features.argmax(1) + np.arange(FEATURES) * by_features.shape[1]
    best = best[np.argsort(-gains[best])][:MOST]
    return [parts_of([c[i] for c in columns]) for i in best if gains[i] > GAIN]


def tried(mode: Around, around: Around, weights: Float[np.ndarray, " places"], seed: int) -> Tried:
    """Try one more thing in every cell, beside what is seen where that may be.

    A thing may fit in a few millimetres only, so cells in or beside which one was found to fit best are
    tried again in parts, and once more those of which the sum is least sure.

    Args:
      mode: what is seen, where it is most probably; good enough for cells that hardly count.
      around: the same, all with one more axis in front, for places where it may be.
      weights: of these, one on average.
      seed: of where in its cell a thing is tried, and beside which of these.
    """
    rng = np.random.default_rng([seed, 1])

    @jax.jit
    def gains(around: Around, given: tuple[Any, ...]) -> Array:
        return jax.lax.map(lambda one: around.gain(*one), given)

    coarse = np.indices(GRID).reshape(3, -1)

    def look(
        cells: np.ndarray, corners: np.ndarray, side: float, around: Around, weights: np.ndarray
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Things somewhere in squares, and how they change the density."""
        columns = _described(cells, *(corners + side * rng.random(corners.shape)))
        at = rng.permutation(np.arange(len(cells)) % len(weights))

        def some(start: int) -> np.ndarray:
            part = slice(start, start + BATCH)
            return np.asarray(
                gains(around, (parts_of([c[part] for c in columns]), jnp.asarray(at[part])))
            )

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            parts = pool.map(some, range(0, len(cells), BATCH))
            fits = np.exp(np.concatenate(list(parts)).astype(np.float64))
        return columns, weights[at] * fits

    only = jax.tree.map(lambda part: part[None], mode)
    columns, fits = look(coarse[0], CELL * coarse[1:], CELL, only, np.ones(1))
    grid, volume = fits.reshape(GRID), 1 / len(fits)
    cells, variances = np.arange(len(fits)), volume**2 * _between(grid).ravel()
    volumes = np.full(len(fits), volume)
    urgent = maximum_filter(grid, (1, 3, 3)).ravel()
    for count, finer in FINER:
        best = np.sort(np.argsort(urgent)[-count:])
        part = np.stack(np.meshgrid(np.arange(finer), np.arange(finer))).reshape(2, 1, -1)
        corners = CELL * (coarse[1:, best, None] + part / finer)
        parts = finer**2
        new = np.repeat(best, parts)
        again, fine = look(coarse[0, new], corners.reshape(2, -1), CELL / finer, around, weights)
        kept = ~np.isin(cells, best)
        spread = fine.reshape(-1, parts).var(1, ddof=1)
        cells = np.concatenate([cells[kept], new])
        columns = [np.concatenate([c[kept], a]) for c, a in zip(columns, again, strict=True)]
        fits = np.concatenate([fits[kept], fine])
        volumes = np.concatenate([volumes[kept], np.full(len(new), volume / parts)])
        more = np.repeat(spread, parts) * (volume / parts) ** 2
        variances = np.concatenate([variances[kept], more])
        urgent = np.bincount(cells, variances, len(urgent))
    return Tried(tuple(columns), fits, volumes, variances)


def _described(cells: np.ndarray, across: np.ndarray, away: np.ndarray) -> list[np.ndarray]:
    """Kind, color, size, across, away of things of numbered descriptions."""
    kind, rest = np.divmod(cells, len(COLORS) * len(SIZES))
    return [kind, *np.divmod(rest, len(SIZES)), across, away]


def parts_of(columns: list[np.ndarray]) -> tuple[Array, ...]:
    """Kinds, colors and sizes as whole numbers, places as others."""
    return tuple(jnp.asarray(c, jnp.int32 if i < 3 else jnp.float32) for i, c in enumerate(columns))


def _between(fits: Float[np.ndarray, "features across away"]) -> np.ndarray:
    """The variance in each cell, from how it differs from those beside it; of the same shape.

    Source: Cochran, Sampling techniques (1977), section 5A.12, on strata of one draw each.
    """
    total, beside = np.zeros_like(fits), np.zeros_like(fits)
    for axis in (1, 2):
        squares = np.square(np.diff(fits, axis=axis)) / 2
        for low, high in ((0, 1), (1, 0)):
            room = [(0, 0)] * 3
            room[axis] = (low, high)
            total += np.pad(squares, room)
            beside += np.pad(np.ones_like(squares), room)
    return total / beside
