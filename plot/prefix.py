"""The choices that lead to a way through a program, and when listing all ways is in vain."""

from __future__ import annotations

import math
from collections.abc import Sequence

type Prefix = tuple[Prefix, int] | None  # positions of the choices taken, the latest first


def positions(prefix: Prefix) -> list[int]:
    """The positions of a prefix, the earliest first.

    >>> positions(((None, 2), 0))
    [2, 0]
    """
    found: list[int] = []
    while prefix is not None:
        prefix, position = prefix
        found.append(position)
    return found[::-1]


PATIENCE = 500  # ways that are listed before anything is concluded
DOUBT = 10  # times better than so far the listing would have to get on


def in_vain(listed: int, most: int, found: float, waiting: float, negligible: float) -> bool:
    """Whether the most probable ways, listed first, say that there are too many.

    Args:
      listed: ways so far.
      most: ways that may be listed.
      found: the probability of those so far.
      waiting: the probability of those that are left.
      negligible: probability that may be left over.

    >>> in_vain(1000, 20_000, 2.0**-30, 1.0, 0.0), in_vain(1000, 20_000, 0.9, 0.1, 0.0)
    (True, False)
    """
    if listed < PATIENCE:
        return False
    return DOUBT * found * (most - listed) / listed < waiting - negligible


def likeliest[Way: tuple](ways: Sequence[Way], most: int) -> tuple[list[Way], float]:
    """The most probable ways, of those that wait, and the probability of the others.

    Args:
      ways: each begins with its probability, or with minus it.
      most: ways to keep.

    >>> likeliest([(0.1, "a"), (0.6, "b"), (0.3, "c")], 2)
    ([(0.6, 'b'), (0.3, 'c')], 0.1)
    """
    ordered = sorted(ways, key=lambda way: -abs(way[0]))
    return ordered[:most], math.fsum(abs(way[0]) for way in ordered[most:])
