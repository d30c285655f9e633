"""Rows of randomness: what a seed, a site and a tile of worlds determine, whatever else is drawn.

Each pair of worlds in a row is one block of the Threefry-2x32 cipher, keyed by the seed and the tile,
at the counter (pair, site); both words of a block are used, which halves the cost of JAX's default.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011).
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import lax
from jax.extend.random import threefry_2x32
from jaxtyping import Array, Float, Int, PRNGKeyArray, UInt32

BITS = 23  # of a float32's mantissa
ROOT_TWO = math.sqrt(2)


def tile_key(key: PRNGKeyArray, tile: Int[Array, ""]) -> UInt32[Array, "2"]:
    """The cipher's key for a tile of worlds, from a seed of any of JAX's generators."""
    return jax.random.bits(jax.random.fold_in(key, tile), (2,), jnp.uint32)


def uniform_rows(
    cipher: UInt32[Array, "2"], sites: Int[Array, " sites"], width: int
) -> Float[Array, "sites width"]:
    """Uniforms on [0, 1), a row for each site.

    Args:
      cipher: from `tile_key`.
      sites: indices of the sites in their graph.
      width: worlds in a tile, an even number.
    """
    return _floats(_bits(cipher, sites, width)) - 1


def normal_rows(
    cipher: UInt32[Array, "2"], sites: Int[Array, " sites"], width: int
) -> Float[Array, "sites width"]:
    """Standard normals, a row for each site; arguments as for `uniform_rows`."""
    u = _floats(_bits(cipher, sites, width)) * 2 - 3
    return ROOT_TWO * lax.erf_inv(jnp.maximum(u, jnp.nextafter(jnp.float32(-1), jnp.float32(0))))


def _bits(
    cipher: UInt32[Array, "2"], sites: Int[Array, " sites"], width: int
) -> UInt32[Array, "sites width"]:
    pairs = jnp.arange(width // 2, dtype=jnp.uint32)

    def row(site: Int[Array, ""]) -> UInt32[Array, " width"]:
        return threefry_2x32(cipher, jnp.concatenate([pairs, jnp.full_like(pairs, site)]))

    return jax.vmap(row)(sites)


def _floats(bits: UInt32[Array, "sites width"]) -> Float[Array, "sites width"]:
    """Floats in [1, 2): random mantissas under the exponent of one."""
    one = jnp.uint32(jnp.finfo(jnp.float32).maxexp - 1 << BITS)
    return lax.bitcast_convert_type(bits >> (32 - BITS) | one, jnp.float32)
