"""The figures of the reference without worlds: sums over what is finite, quadrature over likings."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from models.worlds.lunch.campus import PLACES
from models.worlds.lunch.goals import Law, goal_chances

SUSHI, VEGETARIAN, PIZZA, NOWHERE = range(len(PLACES) + 1)
EITHER = (Law(True), Law(False))  # each with probability one half

type Open = Sequence[bool | None]
"""For each place, whether it is open; None where that is an even chance."""


def destinations(
    likings: Sequence[Sequence[Law]], is_open: Open, bike: bool | None
) -> dict[tuple[bool, ...], np.ndarray]:
    """The chance of each destination together with each way that places can be open.

    Args:
      likings: for each place, laws of its liking, equally probable.
      is_open: what is open.
      bike: whether there is a bike; None for an even chance.

    Returns:
      By what is open, `[places + 1]`; all entries together sum to one.
    """
    opens = list(itertools.product(*[(False, True) if o is None else (o,) for o in is_open]))
    bikes = (False, True) if bike is None else (bike,)
    laws = list(itertools.product(*likings))
    share = 1 / (len(opens) * len(bikes) * len(laws))
    return {
        open_: share * np.sum([goal_chances(law, open_, b) for law in laws for b in bikes], 0)
        for open_ in opens
    }


def loves_sushi(is_sushi_open: bool | None = None) -> np.ndarray:
    """A: loves sushi, fine with vegetarian, hates pizza: where to? `[places + 1]`."""
    likings = ((Law(True, above=10),), (Law(True, above=0),), (Law(False, below=-10),))
    return sum(destinations(likings, (is_sushi_open, None, None), None).values(), np.zeros(4))


def likes_all() -> np.ndarray:
    """B: likes all three, all are open, no bike: where to? `[places + 1]`."""
    likings = ((Law(True, above=0),),) * 3
    return sum(destinations(likings, (True, True, True), False).values(), np.zeros(4))


def bikes_east(loves_pizza: bool = False) -> tuple[np.ndarray, float]:
    """C: seen biking east on the northern street: where to, and how probably is the pizza place closed?

    With a bike the northern street is the one best way to the sushi and to the vegetarian place, and
    on none to the pizza place; who has no bike does not bike.
    """
    pizza = (Law(True, above=10),) if loves_pizza else EITHER
    joint = destinations((EITHER, EITHER, pizza), (None, None, None), True)
    seen = {o: chance * np.array([1, 1, 0, 0]) for o, chance in joint.items()}
    total = sum(chance.sum() for chance in seen.values())
    closed = sum(chance.sum() for o, chance in seen.items() if not o[PIZZA])
    return sum(seen.values(), np.zeros(4)) / total, closed / total
