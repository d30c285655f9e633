"""The Threefry-2x32 cipher with its rounds written out, so that XLA fuses them into one loop.

JAX's own gives the same bits, and on a CPU keeps the rounds as a loop over arrays, which takes less
time to compile and about twice as long to run.

Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011), section 4.3.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, UInt32

PARITY = 0x1BD11BDA
ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
GROUPS = 5  # of four rounds each

type Words = UInt32[Array, "*shape"]


def threefry(key: UInt32[Array, 2], x: Words, y: Words) -> tuple[Words, Words]:
    """Encrypt blocks of two words.

    Args:
      key: the cipher's key.
      x, y: first and second words of the blocks.

    >>> from jax.extend.random import threefry_2x32
    >>> key, block = jnp.array([1, 2], jnp.uint32), jnp.array([3, 4], jnp.uint32)
    >>> [int(word) for word in threefry(key, *block)] == threefry_2x32(key, block).tolist()
    True
    """
    keys = (key[0], key[1], key[0] ^ key[1] ^ jnp.uint32(PARITY))
    x, y = x + keys[0], y + keys[1]
    for group in range(GROUPS):
        for distance in ROTATIONS[group % 2]:
            x = x + y
            y = x ^ _rotate(y, distance)
        x = x + keys[(group + 1) % 3]
        y = y + keys[(group + 2) % 3] + jnp.uint32(group + 1)
    return x, y


def _rotate(word: Words, distance: int) -> Words:
    left = lax.shift_left(word, jnp.uint32(distance))
    return left | lax.shift_right_logical(word, jnp.uint32(32 - distance))
