"""What the machine could do at best: random bits, random rows, and copies of memory."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, PRNGKeyArray

from plot.backends.base import TILES
from plot.backends.rows import normal_row, tile_key, uniform_row
from plot.backends.threefry import threefry

COPY_BYTES = 1 << 27  # a thread: far beyond what a cache holds
BITS = 32  # of a draw


def bits_kernel(draws: int, width: int) -> Callable[[PRNGKeyArray, int, int], Array]:
    """`(key, first tile, tiles) -> [width / 2]`: so many rows of random words a tile, and nothing else.

    Args:
      draws: rows of a tile.
      width: worlds in a tile, as the back ends have it.
    """

    def tile(
        i: Array, state: tuple[Array, PRNGKeyArray, Array]
    ) -> tuple[Array, PRNGKeyArray, Array]:
        words, key, first = state
        cipher = tile_key(key, first + i)
        pairs = jnp.arange(width // 2, dtype=jnp.uint32)
        for site in range(draws):
            # Both words of a block count: together they are a bit row of `width` words.
            x, y = threefry(cipher, pairs, jnp.full_like(pairs, site))
            words ^= lax.optimization_barrier(x ^ y)
        return words, key, first

    def run(key: PRNGKeyArray, first: int, count: int) -> Array:
        return lax.fori_loop(0, count, tile, (jnp.zeros(width // 2, jnp.uint32), key, first))[0]

    return jax.jit(run)


def rows_kernel(
    uniforms: int, normals: int, width: int
) -> Callable[[PRNGKeyArray, int, int], Array]:
    """`(key, first tile, tiles) -> [width]`: the rows that a program draws, added up."""

    def tile(
        i: Array, state: tuple[Array, PRNGKeyArray, Array]
    ) -> tuple[Array, PRNGKeyArray, Array]:
        total, key, first = state
        cipher = tile_key(key, first + i)
        for site in range(uniforms):
            total += uniform_row(cipher, jnp.int32(site), width)
        for site in range(normals):
            total += normal_row(cipher, jnp.int32(uniforms + site), width)
        return total, key, first

    def run(key: PRNGKeyArray, first: int, count: int) -> Array:
        return lax.fori_loop(0, count, tile, (jnp.zeros(width), key, first))[0]

    return jax.jit(run)


def over_worlds(
    kernel: Callable[[PRNGKeyArray, int, int], Array],
    key: PRNGKeyArray,
    worlds: int,
    width: int,
    threads: int,
) -> int:
    """Run a kernel over as many tiles as some worlds need, a few tiles a call, on threads.

    Returns:
      How many worlds the tiles hold.
    """
    starts = range(0, -(-worlds // width), TILES)

    def call(start: int) -> None:
        np.asarray(kernel(key, np.int32(start), np.int32(TILES)))  # type: ignore[arg-type]

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(call, starts))
    return len(starts) * TILES * width


def copier(threads: int) -> Callable[[], int]:
    """A function that copies memory on threads, and returns the bytes read and written."""
    pairs = [
        (np.zeros(COPY_BYTES, np.uint8), np.ones(COPY_BYTES, np.uint8)) for _ in range(threads)
    ]
    pool = ThreadPoolExecutor(threads)

    def copy() -> int:
        list(pool.map(lambda pair: np.copyto(*pair), pairs))
        return 2 * COPY_BYTES * threads

    return copy
