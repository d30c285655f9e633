"""The chance of each goal of a person who knows what is open, by quadrature.

A place pays its liking at each step from arrival on, so its worth is `steps * liking - cost`, linear in
the liking. Likings are normal, so the chance that a place is worth most is an integral over one normal
variable of a product of distribution functions. Nothing of the planner's value iteration is used
but the fewest steps and the least cost of each way, found by Dijkstra's rule on the map.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

from models.worlds.lunch.campus import DIRECTIONS, PLACES, Grid

LIKED, SPREAD = 10.0, 1.0  # mean liking of what is liked (its negative: of what is not) and sd
POINTS = 4001


@dataclass(frozen=True)
class Way:
    """How to get to a place: steps that it takes, and what they cost."""

    steps: int
    cost: float


def ways(grid: Grid, bike: bool) -> tuple[Way, ...]:
    """The best way to each place, fewest steps first, since a step at a place pays far more than a move.

    >>> [way.steps for way in ways(CAMPUS, bike=True)]
    [6, 6, 3]
    """
    start = grid.at("office")
    done: dict[int, tuple[int, float]] = {}
    queue = [(0, 0.0, start)]
    while queue:
        steps, cost, cell = heapq.heappop(queue)
        if cell in done:
            continue
        done[cell] = steps, cost
        for d, direction in enumerate(DIRECTIONS):
            to = grid.neighbour(cell, direction)
            if to is not None and to not in done:
                ride = float(grid.bike_costs[d, cell])
                move = min(grid.on_foot, ride) if bike else grid.on_foot
                heapq.heappush(queue, (steps + 1, cost + move, to))
    return tuple(Way(*done[grid.at(place)]) for place in PLACES)
