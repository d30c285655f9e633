"""The tug-of-war written straight in JAX, as a user who knows JAX well would."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float, PRNGKeyArray

TILE = 4096  # worlds whose rows stay in a core's cache


@dataclass(frozen=True, eq=False)
class Accepted:
    """What a rejection sampler found.

    Args:
      strengths: `[accepted]`, Mary's strength.
      drawn: worlds in all.
    """

    strengths: np.ndarray
    drawn: int


def _worlds(key: PRNGKeyArray, count: int) -> tuple[Bool[Array, " count"], Float[Array, " count"]]:
    """Which of some worlds satisfy the evidence, and Mary's strength in each."""
    keys = jax.random.split(key, 3)
    strength = 50 + 20 * jax.random.normal(keys[0], (4, count))
    laziness = jax.random.uniform(keys[1], (4, count))
    lazy = jax.random.uniform(keys[2], (6, count))
    tom, john, mary, sue = range(4)

    def pull(person: int, moment: int) -> Float[Array, " count"]:
        return jnp.where(lazy[moment] < laziness[person], strength[person] / 2, strength[person])

    first = pull(tom, 0) > pull(john, 1)
    second = pull(john, 2) + pull(mary, 3) > pull(tom, 4) + pull(sue, 5)
    return first & second, strength[mary]


whole_array = jax.jit(_worlds, static_argnums=1)
"""All worlds at once, one operation after the other."""


def _tiled(key: PRNGKeyArray, count: int) -> tuple[Bool[Array, " count"], Float[Array, " count"]]:
    keys = jax.random.split(key, -(-count // TILE))
    accepted, mary = lax.map(lambda k: _worlds(k, TILE), keys)
    return accepted.reshape(-1)[:count], mary.reshape(-1)[:count]


tiled = jax.jit(_tiled, static_argnums=1)
"""Tile by tile, each of which stays in the cache."""


def _moments(key: PRNGKeyArray, count: int) -> tuple[Array, Array]:
    def tile(k: PRNGKeyArray) -> tuple[Array, Array]:
        accepted, mary = _worlds(k, TILE)
        return accepted.sum(), jnp.where(accepted, mary, 0).sum()

    accepted, total = lax.map(tile, jax.random.split(key, count // TILE))
    return accepted.sum(), total.sum()


moments = jax.jit(_moments, static_argnums=1)
"""Tile by tile, and only the number of accepted worlds and the sum of their values come out."""


def on_threads[T](
    work: Callable[[PRNGKeyArray, int], T], key: PRNGKeyArray, worlds: int, threads: int
) -> list[T]:
    """Run a function on equal parts of the worlds, a thread each.

    Args:
      work: of a key and a number of worlds.
      key: the seed.
      worlds: in all.
      threads: how many.
    """
    share = -(-worlds // threads)
    keys = [jax.random.fold_in(key, i) for i in range(threads)]
    if threads == 1:
        return [work(keys[0], share)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda k: work(k, share), keys))


def sample(
    kernel: Callable[[PRNGKeyArray, int], tuple[Array, Array]],
    key: PRNGKeyArray,
    worlds: int,
    threads: int,
) -> Accepted:
    """The accepted values, on the host.

    Args:
      kernel: `whole_array` or `tiled`.
      key, worlds, threads: as for `on_threads`.
    """

    def part(key: PRNGKeyArray, count: int) -> np.ndarray:
        accepted, mary = kernel(key, count)
        return np.asarray(mary)[np.asarray(accepted)]

    parts = on_threads(part, key, worlds, threads)
    return Accepted(np.concatenate(parts), threads * -(-worlds // threads))
