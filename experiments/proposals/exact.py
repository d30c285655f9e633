"""What a tournament says of one strength: sums over who was lazy, one strength integrated in closed form."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr
from scipy.stats import norm, qmc

type Match = tuple[tuple[str, ...], tuple[str, ...]]  # winners, losers

MEAN, SD = 50.0, 20.0  # of a strength
LAZY = 0.5  # what is left of it
POINTS, SCRAMBLES = 12, 16  # 2 to the power of the first, each time


@dataclass(frozen=True)
class Exact:
    """The posterior of a strength, as far as numbers between points let it be known.

    Args:
      mean, sd: of the strength.
      mean_error: standard error of the mean.
      log_evidence: of the matches.
      log_evidence_error: its standard error.
    """

    mean: float
    sd: float
    mean_error: float
    log_evidence: float
    log_evidence_error: float


def exact(matches: Sequence[Match], asked: str, people: Sequence[str]) -> Exact:
    """The posterior of a strength given matches.

    Each way in which players can have been lazy has a probability in closed form (laziness is even
    between 0 and 1), and sets bounds between which the strength lies, given the others; these are
    points of a scrambled Sobol sequence.

    Source: Owen, Randomly permuted (t, m, s)-nets (1995), for the error between scrambles.

    Args:
      matches: who won, who lost.
      asked: whose strength.
      people: all who may play.

    >>> found = exact([(("mary",), ("tom",))], "mary", ("mary", "tom"))
    >>> abs(found.log_evidence - math.log(0.5)) < 1e-3
    True
    """
    others = [name for name in people if name != asked]
    ways = [_bounds(way, matches, asked, others) for way in _ways(matches)]
    chances = np.array([_chance(way, matches) for way in _ways(matches)])
    sums = np.array([_moments(ways, chances, len(others), seed) for seed in range(SCRAMBLES)])
    total, first, second = sums.mean(0)
    mean = first / total
    errors = np.std([sums[:, 1] - mean * sums[:, 0], sums[:, 0]], axis=1, ddof=1)
    mean_error, error = errors / math.sqrt(SCRAMBLES) / total
    sd = math.sqrt(second / total - mean**2)
    return Exact(MEAN + SD * mean, SD * sd, float(SD * mean_error), math.log(total), float(error))


def _ways(matches: Sequence[Match]) -> itertools.product:
    """Who was lazy: a truth value for each player of each match, in order."""
    return itertools.product((False, True), repeat=sum(len(a) + len(b) for a, b in matches))


def _chance(way: tuple[bool, ...], matches: Sequence[Match]) -> float:
    players = [name for match in matches for side in match for name in side]
    played, lazy = Counter(players), Counter(itertools.compress(players, way))
    return math.prod(
        math.factorial(lazy[name]) * math.factorial(n - lazy[name]) / math.factorial(n + 1)
        for name, n in played.items()
    )


def _bounds(
    way: tuple[bool, ...], matches: Sequence[Match], asked: str, others: Sequence[str]
) -> Float[np.ndarray, "matches terms"]:
    """What has to be above 0 in each match: factors of the strength, of the others, and a constant."""
    lazy, rows = iter(way), []
    for winners, losers in matches:
        row = dict.fromkeys((asked, *others), 0.0)
        for sign, side in ((1, winners), (-1, losers)):
            for name in side:
                row[name] += sign * (LAZY if next(lazy) else 1.0)
        factors = np.array(list(row.values()))
        rows.append([*(SD * factors), MEAN * factors.sum()])
    return np.array(rows)


def _moments(
    ways: Sequence[np.ndarray], chances: np.ndarray, others: int, seed: int
) -> Float[np.ndarray, " 3"]:
    """The evidence, and means of the strength and of its square times it, in standard normal units."""
    points = norm.ppf(qmc.Sobol(others, rng=seed).random_base2(POINTS))
    known = np.concatenate([points, np.ones((len(points), 1))], 1)
    total = np.zeros(3)
    for way, chance in zip(ways, chances, strict=True):
        low, high = np.full(len(known), -np.inf), np.full(len(known), np.inf)
        holds = np.ones(len(known), bool)
        for row in way:
            rest = known @ row[1:]
            if row[0] > 0:
                low = np.maximum(low, -rest / row[0])
            elif row[0] < 0:
                high = np.minimum(high, -rest / row[0])
            else:
                holds &= rest > 0
        high = np.maximum(high, low)
        at_low, at_high = norm.pdf(low), norm.pdf(high)
        share = ndtr(high) - ndtr(low)
        edges = np.where(np.isfinite(low), low, 0) * at_low
        edges = edges - np.where(np.isfinite(high), high, 0) * at_high
        each = np.stack([share, at_low - at_high, share + edges])
        total += chance * (each * holds).mean(1)
    return total


__all__ = ["Exact", "Match", "exact"]
