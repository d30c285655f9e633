"""Rows of randomness: what a seed, a site and a tile of worlds determine, whatever else is drawn.

Each pair of worlds in a row is one block of the Threefry cipher, keyed by the seed and the tile, at
the counter (pair, site). Both words of a block are used; JAX's default uses one.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int, Num, PRNGKeyArray, UInt32

from plot.backends.threefry import threefry

BITS = 23  # of a float32's mantissa
ROOT_TWO = math.sqrt(2)
ROUND = 0xFFFFFFFF  # where a row's blocks have their site; sites are int32, so no row has this one
LOWEST = float(np.nextafter(np.float32(-1), np.float32(0)))  # where the normal quantile is finite


def tile_key(key: PRNGKeyArray, tile: Int[Array, ""]) -> UInt32[Array, 2]:
    """The cipher's key for a tile of worlds, from a seed of any of JAX's generators."""
    return jax.random.bits(jax.random.fold_in(key, tile), (2,), jnp.uint32)


def round_key(cipher: UInt32[Array, 2], count: Num[Array, ""]) -> UInt32[Array, 2]:
    """The cipher's key for a round of a loop.

    Args:
      cipher: the tile's, or that of a round of the loop around this one.
      count: rounds that came before.
    """
    words = jnp.stack(threefry(cipher, jnp.uint32(count), jnp.uint32(ROUND)))
    return lax.optimization_barrier(words)  # or XLA would compute it again for each pair of worlds


def uniform_row(
    cipher: UInt32[Array, 2], site: Int[Array, ""], width: int
) -> Float[Array, " width"]:
    """Uniforms on [0, 1) of a site.

    Args:
      cipher: from `tile_key`.
      site: index of the site in its graph.
      width: worlds in a tile, an even number.
    """
    return _floats(cipher, site, width) - 1


def normal_row(
    cipher: UInt32[Array, 2], site: Int[Array, ""], width: int
) -> Float[Array, " width"]:
    """Standard normals of a site; arguments as for `uniform_row`."""
    u = _floats(cipher, site, width) * 2 - 3
    return ROOT_TWO * lax.erf_inv(jnp.maximum(u, LOWEST))


def _floats(cipher: UInt32[Array, 2], site: Int[Array, ""], width: int) -> Float[Array, " width"]:
    """Floats in [1, 2)."""
    pairs = jnp.arange(width // 2, dtype=jnp.uint32)
    words = threefry(cipher, pairs, jnp.full_like(pairs, site))
    # As one complex array, behind a barrier, the two words come out of one pass of the cipher; XLA
    # would otherwise run it once for each of them, and again for each use of the row.
    both = lax.optimization_barrier(lax.complex(*map(_mantissas, words)))
    return lax.optimization_barrier(jnp.concatenate([lax.real(both), lax.imag(both)]))


def _mantissas(bits: UInt32[Array, " pairs"]) -> Float[Array, " pairs"]:
    """Random mantissas under the exponent of one."""
    one = jnp.uint32((jnp.finfo(jnp.float32).maxexp - 1) << BITS)
    return lax.bitcast_convert_type(bits >> (32 - BITS) | one, jnp.float32)
