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
