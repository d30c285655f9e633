"""Exact chances for people who do not know what is open: quadrature over what they imagine and like.

Who holds a place to be open with probability b, and likes it by l, expects `b l + (1 - b) closed` of each
step there. Places are judged independently of each other, so the chance that one is worth most is an
integral over one variable of a product of distribution functions. Worlds and planner are not used.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from experiments.lunch.exact import EITHER, PIZZA, SUSHI, destinations
from models.worlds.lunch.campus import CAMPUS, PLACES
from models.worlds.lunch.goals import SPREAD, WIDE, Law, goal_chances, ways
from models.worlds.lunch.watcher import INFORMED, judge_likings

SAW = 0.2  # chance that one person saw another
POINTS, LIKINGS = 1501, 201  # of the integrals over what a break is worth, and over likings

type Below = Callable[[Float[np.ndarray, " n"]], Float[np.ndarray, " n"]]
"""The distribution function of what a step at a place is expected to pay."""


@dataclass(frozen=True)
class Mind:
    """What is known of how someone judges a place.

    Args:
      likings: laws of the liking, equally probable.
      least: the place is held to be open with a probability that is uniform from here to 1.
    """

    likings: tuple[Law, ...] = EITHER
    least: float = 0.0

    def below(self, pays: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """The chance that a step is expected to pay less.

        >>> Mind((Law(True),), 1.0).below(np.array([10.0])).round(3).item()
        0.5
        """
        return np.mean([self._below(law, pays) for law in self.likings], 0)

    def _below(self, law: Law, pays: np.ndarray) -> np.ndarray:
        normal = law.normal()
        if self.least == 1:
            return normal.cdf(pays)  # type: ignore[attr-defined]
        low, high = (
            max(law.mean - WIDE * SPREAD, law.above),
            min(law.mean + WIDE * SPREAD, law.below),
        )
        edges = np.linspace(low, high, LIKINGS)
        weights = np.diff(normal.cdf(edges))  # type: ignore[attr-defined]
        more = ((edges[1:] + edges[:-1]) / 2 - CAMPUS.closed)[:, None]
        # The sign of `more` says on which side of it b must be for a step to be expected to pay less.
        share = np.clip(((pays - CAMPUS.closed) / more - self.least) / (1 - self.least), 0, 1)
        return weights / weights.sum() @ np.where(more > 0, share, 1 - share)


def goals(minds: Sequence[Mind], bike: bool | None = None) -> np.ndarray:
    """The chance of each goal, `[places + 1]`; the last is staying in.

    Args:
      minds: how each place is judged.
      bike: whether there is a bike; None for an even chance.

    >>> goals([Mind((Law(True),), 1.0)] * 3, bike=False).round(3).tolist()
    [0.088, 0.088, 0.825, 0.0]
    """
    if bike is None:
        return (goals(minds, False) + goals(minds, True)) / 2
    there = ways(bike)
    stays = [CAMPUS.break_length - way.steps for way in there]
    most = max(stays) * (10 + WIDE * SPREAD)
    worth = np.linspace(0, most, POINTS)
    below = [
        mind.below((worth + way.cost) / stay)
        for mind, way, stay in zip(minds, there, stays, strict=True)
    ]
    found = [
        np.sum(np.diff(below[i]) * _middle(np.prod([b for j, b in enumerate(below) if j != i], 0)))
        for i in range(len(PLACES))
    ]
    return np.array([*found, np.prod([b[0] for b in below])])


def _middle(values: np.ndarray) -> np.ndarray:
    return (values[1:] + values[:-1]) / 2


def sure_of_a_closed_place() -> float:
    """D: the chance that Bob, who is sure that the sushi place is open, goes there; it is closed.

    Bob does not know what is open, loves sushi, and may have seen where Alex went: that place he takes to
    be open too.
    """
    even = destinations((EITHER,) * len(PLACES), (False, None, None), None)
    informed = np.sum(list(even.values()), 0)
    alex = INFORMED * informed + (1 - INFORMED) * goals([Mind()] * len(PLACES))
    sure, loves = 0.9, (Law(True, above=10),)
    total = there = 0.0
    for led in range(len(PLACES) + 1):
        saw_nothing = (1 - SAW) if led == len(PLACES) else 0.0  # or saw Alex stay in
        minds = [Mind(least=1.0 if led == place else 0.0) for place in range(len(PLACES))]
        minds[SUSHI] = Mind(loves, 1.0 if led == SUSHI else sure)
        chance = (SAW * alex[led] + saw_nothing) * (1 if led == SUSHI else 1 - sure)
        total += chance
        there += chance * goals(minds)[SUSHI]
    return float(there / total)


def judged_to_like_pizza() -> float:
    """E: the chance that Bob, who knows what is open, thinks that Alex likes pizza; Alex went there."""
    total = thinks = 0.0
    for open_ in itertools.product((False, True), repeat=len(PLACES)):
        for bike in (False, True):
            laws = list(itertools.product(EITHER, repeat=len(PLACES)))
            chance = float(np.mean([goal_chances(law, open_, bike)[PIZZA] for law in laws]))
            judged = judge_likings(
                jnp.array(open_, jnp.float32)[:, None], jnp.array([PIZZA]), jnp.array([bike])
            )
            total += chance
            thinks += chance * float(judged[PIZZA, 0] > 0.5)
    return thinks / total


def follows_to_pizza(saw: bool) -> float:
    """F: the chance that Bob, who likes pizza and does not know what is open, goes there as Alex did.

    Args:
      saw: whether Bob saw where Alex went.
    """
    minds = [Mind() for _ in PLACES]
    minds[PIZZA] = Mind((Law(True, above=0),), 1.0 if saw else 0.0)
    return float(goals(minds)[PIZZA])
