"""Rows of randomness: what a seed, a site and a tile of worlds determine, whatever else is drawn."""

from __future__ import annotations

import jax
from jaxtyping import Array, Float, Int, PRNGKeyArray


def uniform_row(key: PRNGKeyArray, site: Int[Array, ""], tile: Int[Array, ""], width: int) -> Float[Array, " width"]:
    """Uniforms on [0, 1) of one site in one tile of worlds.

    Args:
      key: the seed.
      site: index of the site in its graph.
      tile: index of the tile.
      width: worlds in a tile.
    """
    return jax.random.uniform(_key(key, site, tile), (width,))


def normal_row(key: PRNGKeyArray, site: Int[Array, ""], tile: Int[Array, ""], width: int) -> Float[Array, " width"]:
    """Standard normals of one site in one tile of worlds; arguments as for `uniform_row`."""
    return jax.random.normal(_key(key, site, tile), (width,))


def _key(key: PRNGKeyArray, site: Int[Array, ""], tile: Int[Array, ""]) -> PRNGKeyArray:
    return jax.random.fold_in(jax.random.fold_in(key, tile), site)
