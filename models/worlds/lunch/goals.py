"""The chance of each goal of a person who knows what is open, by quadrature.

A place pays what it is liked at each step from arrival on, so a plan for it is worth
`steps left * liking - cost of the way`: linear in the liking. Likings are normal, so the chance that a
place is worth most is an integral over one normal variable of a product of distribution functions.
Nothing of the planner is used but the map: the ways are found by Dijkstra's rule.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import truncnorm

from models.worlds.lunch.campus import CAMPUS, DIRECTIONS, PLACES, Grid

LIKED, SPREAD = 10.0, 1.0  # mean liking of what is liked (its negative: of what is not) and sd
POINTS = 2001
WIDE = 8.0  # standard deviations that are integrated over


@dataclass(frozen=True)
class Way:
    """A way to a place: its steps, and what they cost."""

    steps: int
    cost: float


@dataclass(frozen=True)
class Law:
    """What is known of a liking: a normal of the spread of likings, cut at bounds.

    Args:
      likes: whether it is around `LIKED`, or its negative.
      above, below: bounds.
    """

    likes: bool
    above: float = -np.inf
    below: float = np.inf

    @property
    def mean(self) -> float:
        """Of the normal, uncut."""
        return LIKED if self.likes else -LIKED

    def normal(self) -> object:
        """The law, as SciPy knows it."""
        low, high = (self.above - self.mean) / SPREAD, (self.below - self.mean) / SPREAD
        return truncnorm(low, high, loc=self.mean, scale=SPREAD)


def ways(bike: bool, grid: Grid = CAMPUS) -> tuple[Way, ...]:
    """The way to each place: of those with the fewest steps the cheapest.

    >>> [way.steps for way in ways(bike=True)]
    [6, 6, 3]
    """
    done: dict[int, Way] = {}
    queue = [(0, 0.0, grid.at("office"))]
    while queue:
        steps, cost, cell = heapq.heappop(queue)
        if cell in done:
            continue
        done[cell] = Way(steps, cost)
        for d, direction in enumerate(DIRECTIONS):
            to = grid.neighbour(cell, direction)
            if to is not None:
                ride = float(grid.bike_costs[d, cell]) if bike else grid.on_foot
                heapq.heappush(queue, (steps + 1, cost + min(grid.on_foot, ride), to))
    return tuple(done[grid.at(place)] for place in PLACES)


def goal_chances(
    laws: Sequence[Law], is_open: Sequence[bool], bike: bool, grid: Grid = CAMPUS
) -> np.ndarray:
    """The chance of each goal, `[places + 1]`; the last is staying in.

    Args:
      laws: of the liking of each place.
      is_open: whether it is open.
      bike: whether there is a bike.
      grid: the map.

    >>> likes = [Law(True)] * 3
    >>> [round(float(p), 3) for p in goal_chances(likes, [True] * 3, bike=False)]
    [0.088, 0.088, 0.825, 0.0]
    """
    found, there = np.zeros(len(PLACES) + 1), ways(bike, grid)
    stays = [grid.break_length - way.steps for way in there]
    for i, law in enumerate(laws):
        if not is_open[i]:
            continue
        low = max(law.mean - WIDE * SPREAD, law.above, there[i].cost / stays[i])
        high = min(law.mean + WIDE * SPREAD, law.below)
        if low >= high:
            continue
        liking = np.linspace(low, high, POINTS)
        worth = stays[i] * liking - there[i].cost
        density = law.normal().pdf(liking)  # type: ignore[attr-defined]
        for j, other in enumerate(laws):
            if j != i and is_open[j]:
                equal = (worth + there[j].cost) / stays[j]
                density = density * other.normal().cdf(equal)  # type: ignore[attr-defined]
        found[i] = np.trapezoid(density, liking)
    found[-1] = max(0.0, 1 - found.sum())
    return found


def all_goal_chances(grid: Grid = CAMPUS) -> np.ndarray:
    """The chance of each goal for all that is liked, is open, and with and without a bike.

    Returns:
      `[likes, open, bike, goal]`; the first two count in binary, the first place highest.
    """
    ways_to_be = list(itertools.product((False, True), repeat=len(PLACES)))
    return np.array(
        [
            [
                [
                    goal_chances([Law(yes) for yes in likes], is_open, bike, grid)
                    for bike in (False, True)
                ]
                for is_open in ways_to_be
            ]
            for likes in ways_to_be
        ]
    )
