"""Scenes as rows of uniforms, the space in which beliefs hold their worlds.

A row in it is a number from 0 to 1 for each draw of `world.church`: how many things there are, and for
each place the thing's kind, color, size and where it stands. The prior is uniform there.
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from models.worlds.scenes.renderer import COLORS, DEPTH, KINDS, PLACES, SIZES, WIDTH, Scene

DRAWS = ("kind", "color", "size", "across", "away")  # of a place, in this order
ROWS = 1 + PLACES * len(DRAWS)
FINITE = (len(KINDS), len(COLORS), len(SIZES))  # values of the first three draws
LABELS = ("multinomial", *(f"{draw}({place})" for place in range(PLACES) for draw in DRAWS))
"""The rows by the labels of their sites in a world's graph."""


def count_chances() -> np.ndarray:
    """Probabilities of 0 to 12 things: of floor(min(12, 12 e)), e exponential with rate 1.

    >>> round(float(count_chances().sum()), 9), round(float(count_chances()[12]), 4)
    (1.0, 0.3679)
    """
    tail = np.exp(-np.arange(PLACES + 1) / PLACES)
    return np.append(tail[:-1] - tail[1:], tail[-1])


_UP_TO = np.cumsum(count_chances())[:-1].astype(np.float32)


def decode(rows: Float[Array, "*batch rows"]) -> Scene:
    """The scenes that rows of uniforms make.

    Args:
      rows: `[..., 61]`, in the order of `LABELS`.

    >>> decode(jnp.full(ROWS, 0.999)).count.item()
    12
    """
    count = jnp.sum(rows[..., :1] >= _UP_TO, -1)
    things = rows[..., 1:].reshape(*rows.shape[:-1], PLACES, len(DRAWS))
    kind, color, size = (
        jnp.minimum((things[..., i] * n).astype(jnp.int32), n - 1) for i, n in enumerate(FINITE)
    )
    return Scene(count, kind, color, size, WIDTH * things[..., 3], DEPTH * things[..., 4])
