"""Pictures of several digits, made on the spot; boxes of digits do not overlap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from experiments.digits import SIDE


@dataclass(frozen=True)
class Canvas:
    """The size of pictures.

    Args:
      side: pixels.
      most: digits.

    Raises:
      ValueError: where so many digits do not fit.
    """

    side: int = 20
    most: int = 2

    def __post_init__(self) -> None:
        if not 1 <= self.most <= (self.side // SIDE) ** 2:
            raise ValueError(
                f"{self.most} digits of {SIDE} by {SIDE} do not fit side by side on {self.side} pixels"
            )

    @property
    def room(self) -> int:
        """Positions along a side, less one."""
        return self.side - SIDE


def taps(position: Array, side: int) -> Array:
    """`[side, 8]`, how much of each pixel of a digit at a position falls on each pixel of a picture.

    Source: Jaderberg et al., Spatial transformer networks (2015), bilinear, without turning or scaling.

    >>> taps(jnp.array(2.5), 4)[:, 0].tolist()
    [0.0, 0.0, 0.5, 0.5]
    """
    pixel, tap = jnp.arange(side)[:, None], jnp.arange(SIDE)[None]
    return jnp.maximum(1 - jnp.abs(pixel - (position + tap)), 0)


def place(digit: Array, position: Array, side: int) -> Array:
    """A digit `[8, 8]` on an empty picture, its corner at `[2]` (row, column)."""
    return taps(position[0], side) @ digit @ taps(position[1], side).T


def glimpse(picture: Array, position: Array) -> Array:
    """The 8 by 8 pixels of a picture at a position."""
    side = picture.shape[0]
    return taps(position[0], side).T @ picture @ taps(position[1], side)


def over_windows(weights: Array, picture: Array) -> Array:
    """A linear layer at every window of 8 by 8 pixels: what a convolution gives, `[count, count, out]`.

    As one product with a banded matrix: XLA's convolutions and gathered windows take three to four times
    as long with their derivatives, on processors.

    Args:
      weights: `[64, out]`, of the pixels of a window, row by row.
      picture: `[side, side]`.

    >>> summed = over_windows(jnp.ones((64, 1)), jnp.arange(100.0).reshape(10, 10))
    >>> summed[2, 1, 0].item() == jnp.arange(100.0).reshape(10, 10)[2:10, 1:9].sum().item()
    True
    """
    side = picture.shape[0]
    count = side - SIDE + 1
    at = np.zeros((count, SIDE, side), np.float32)  # 1 where pixel j of window b is at z
    window, pixel = np.indices((count, SIDE))
    at[window, pixel, window + pixel] = 1
    banded = jnp.einsum("bjz,ijc->izbc", at, weights.reshape(SIDE, SIDE, -1))
    rows = jnp.concatenate([picture[i : i + count] for i in range(SIDE)], 1)
    return (rows @ banded.reshape(SIDE * side, -1)).reshape(count, count, -1)


def maker(canvas: Canvas, digits: np.ndarray) -> Callable[[PRNGKeyArray], tuple[Array, Array]]:
    """A function from a key to a picture and how many digits are on it, each number as likely.

    Args:
      canvas: the size.
      digits: `[n, 8, 8]`.
    """
    tries = 200
    shown = jnp.asarray(digits)

    def make(key: PRNGKeyArray) -> tuple[Array, Array]:
        count_key, which_key, where_key = jax.random.split(key, 3)
        count = jax.random.randint(count_key, (), 0, canvas.most + 1)
        which = jax.random.randint(which_key, (canvas.most,), 0, len(digits))
        # Of some ways to lay all of them out, the first in which no two boxes meet.
        corners = jax.random.randint(where_key, (tries, canvas.most, 2), 0, canvas.room + 1)
        away = jnp.max(jnp.abs(corners[:, :, None] - corners[:, None]), -1)
        apart = (away >= SIDE) | jnp.eye(canvas.most, dtype=bool)
        first = corners[jnp.argmax(apart.all((1, 2)))].astype(jnp.float32)
        each = jax.vmap(lambda d, at: place(d, at, canvas.side))(shown[which], first)
        there = jnp.arange(canvas.most) < count
        return jnp.sum(jnp.where(there[:, None, None], each, 0), 0), count

    return make
