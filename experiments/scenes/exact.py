"""Exact answers about how many there are of what, by combinatorics alone.

Things fall independently into cells (a kind, a color, a size); what is asked depends on how many fall
into some groups of cells. All ways to share out up to twelve things among the atoms of those groups
are summed, with their multinomial probabilities.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product

COLORS = ("red", "blue", "green", "yellow")
KINDS = ("mug", "plate", "bowl", "glass", "box")
SIZES = ("big", "small")
MOST = 12
CELLS = tuple(frozenset(cell) for cell in product(SIZES, COLORS, KINDS))

type Counts = dict[str, int]


def chance_of(count: int) -> float:
    """Probability of a number of things: floor(min(12, 12 e)), e exponential with rate 1."""
    low = math.exp(-count / MOST)
    return low if count == MOST else low - math.exp(-(count + 1) / MOST)


def answer(
    groups: Sequence[str],
    told: Callable[[Counts], bool],
    asked: Callable[[Counts], float],
) -> tuple[float, float]:
    """The probability of what was told, and the mean of what is asked given that.

    Args:
      groups: features with spaces between, `blue mug`; the empty text is everything.
      told: from how many there are of each group, whether what was told holds.
      asked: from the same, a number (or truth value).

    >>> round(answer(["blue"], lambda n: True, lambda n: n["blue"] >= 1)[1], 6)
    0.733404
    """
    wanted = [frozenset(group.split()) for group in groups]
    atoms: dict[tuple[bool, ...], int] = {}
    for cell in CELLS:
        mark = tuple(features <= cell for features in wanted)
        atoms[mark] = atoms.get(mark, 0) + 1
    marks = list(atoms)
    chances = [atoms[mark] / len(CELLS) for mark in marks]
    mass = total = 0.0
    for n in range(MOST + 1):
        for shares in _shares(n, len(marks)):
            weight = chance_of(n) * math.factorial(n)
            for k, p in zip(shares, chances, strict=True):
                weight *= p**k / math.factorial(k)
            counts = {
                group: sum(k for k, mark in zip(shares, marks, strict=True) if mark[i])
                for i, group in enumerate(groups)
            }
            if told(counts):
                mass += weight
                total += weight * asked(counts)
    return mass, total / mass


def _shares(n: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All ways to share out n among parts."""
    if parts == 1:
        yield (n,)
        return
    for k in range(n + 1):
        for rest in _shares(n - k, parts - 1):
            yield (k, *rest)
