"""What else may stand on a table, by description and cell: a proposal of things that a picture does not show.

Once the things that a picture shows are found, one thing more of each description is tried in each cell
of the table. Where the picture does not mind it, such a thing is proposed; what was told can favour
descriptions.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray
from scipy.ndimage import uniform_filter

from models.worlds.scenes.rows import DRAWS, FINITE

KINDS_OF_THINGS = math.prod(FINITE)
CELLS = (40, 24)  # across and away, 2.5 cm each
ALL = KINDS_OF_THINGS * math.prod(CELLS)
SHARE = 0.7  # of the things that come, once this is known


class Others(NamedTuple):
    """A proposal that is even in each cell.

    Args:
      share: of the things that come, how many come from here.
      upto: probabilities of the descriptions and cells, summed up; the last is one.
    """

    share: Float[Array, ""]
    upto: Float[Array, " cells"]

    def thing(self, key: PRNGKeyArray) -> Float[Array, " draws"]:
        """The rows of a thing."""
        cell_key, key = jax.random.split(key)
        cell = jnp.searchsorted(self.upto, jax.random.uniform(cell_key), side="right")
        parts = jnp.unravel_index(jnp.minimum(cell, ALL - 1), (*FINITE, *CELLS))
        return (jnp.stack(parts) + jax.random.uniform(key, (len(DRAWS),))) / jnp.array(
            (*FINITE, *CELLS)
        )

    def log_thing(self, thing: Float[Array, " draws"]) -> Float[Array, ""]:
        """Log density of the rows of a thing, with respect to the prior."""
        shape = (*FINITE, *CELLS)
        parts = [which(thing[i], n) for i, n in enumerate(shape)]
        cell = jnp.ravel_multi_index(parts, shape, mode="clip")
        below = jnp.where(cell > 0, self.upto[jnp.maximum(cell - 1, 0)], 0.0)
        return jnp.log(ALL * (self.upto[cell] - below))


def which(row: Array, values: int) -> Array:
    """Which of some equally probable values a row of uniforms means.

    >>> which(jnp.array([0.0, 0.49, 0.99]), 2).tolist()
    [0, 0, 1]
    """
    return jnp.minimum((row * values).astype(jnp.int32), values - 1)


def unknown() -> Others:
    """Nothing is known yet, and nothing comes from here."""
    return Others(jnp.zeros(()), jnp.linspace(1 / ALL, 1, ALL))


def centres() -> Float[np.ndarray, "cells draws"]:
    """A thing of each description in the middle of each cell."""
    shape = (*FINITE, *CELLS)
    parts = np.indices(shape).reshape(len(shape), -1)
    return ((parts + 0.5) / np.array(shape)[:, None]).T.astype(np.float32)


def known(
    gains: Float[np.ndarray, " cells"], favour: Float[np.ndarray, " descriptions"] | None = None
) -> Others:
    """The proposal of what the picture does not mind.

    Args:
      gains: how one thing more changes the log density of the picture.
      favour: weights of descriptions, by what was told.
    """
    fits = np.exp(gains.astype(np.float64) - gains.max()).reshape(KINDS_OF_THINGS, *CELLS)
    # What a cell's middle hides its neighbours may show, and the other way round.
    fits = uniform_filter(fits, 3, mode="nearest", axes=(1, 2))
    if favour is not None:
        fits *= favour[:, None, None]
    upto = np.cumsum(fits.ravel())
    return Others(jnp.float32(SHARE), jnp.asarray(upto / upto[-1], jnp.float32))
