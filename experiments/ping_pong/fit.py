"""How well a model agrees with people, by the conventions that are in use.

Each function says which convention it follows: the same data give 0.99 by one and 0.91 by
another. Patterns come in pairs, `i` and `i` reversed; columns 1, 3, 5 … are the reversed ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

RAW = (
    "Pearson's r over the patterns between model means and people's mean ratings, both as they are"
)
INDIVIDUAL = (
    "median over people of Pearson's r over the patterns between model means and one person's "
    "ratings, both as they are"
)
STANDARDISED = (
    "each person's ratings are z-scored (sd with n - 1) and then averaged over people; model means "
    "are z-scored (sd with n - 1) over the patterns; then the sign of both is flipped for reversed "
    "patterns; Pearson's r and the root mean square difference are taken of the two lists"
)


@dataclass(frozen=True)
class Fit:
    """Agreement of two lists: Pearson's r, and the root mean square difference."""

    r: float
    rmse: float


def pearson(x: np.ndarray, y: np.ndarray) -> float:
    """Pearson's correlation of two lists `[n]`, neither of them constant.

    >>> round(pearson(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])), 6)
    1.0
    """
    return float(np.corrcoef(x, y)[0, 1])


def z_scores(x: np.ndarray) -> np.ndarray:
    """Values `[…, n]` less their mean, over their sd (with n - 1), along the last axis.

    >>> z_scores(np.array([1.0, 2.0, 3.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    return (x - x.mean(axis=-1, keepdims=True)) / x.std(axis=-1, ddof=1, keepdims=True)


def flip_reversed(x: np.ndarray) -> np.ndarray:
    """Values `[n]` with the sign of every second one turned.

    >>> flip_reversed(np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, -2.0, 3.0]
    """
    return np.where(np.arange(len(x)) % 2 == 1, -x, x)


def raw_fit(model: np.ndarray, people: np.ndarray) -> float:
    """Convention `RAW`.

    Args:
      model, people: `[patterns]`, means.
    """
    return pearson(model, people)


def individual_fits(model: np.ndarray, ratings: np.ndarray) -> np.ndarray:
    """Pearson's r of each person `[people]`; convention `INDIVIDUAL` takes the median.

    Args:
      model: `[patterns]`.
      ratings: `[people, patterns]`.
    """
    return np.array([pearson(model, theirs) for theirs in ratings])


def standardised_people(ratings: np.ndarray) -> np.ndarray:
    """People's side of `STANDARDISED`: `[patterns]` from ratings `[people, patterns]`."""
    return flip_reversed(z_scores(ratings).mean(axis=0))


def standardised_fit(model: np.ndarray, ratings: np.ndarray) -> Fit:
    """Convention `STANDARDISED`; arguments as for `individual_fits`."""
    predicted, rated = flip_reversed(z_scores(model)), standardised_people(ratings)
    return Fit(pearson(predicted, rated), float(np.sqrt(np.mean(np.square(predicted - rated)))))


def simulation_error(
    statistic: Callable[[np.ndarray], float],
    model: np.ndarray,
    errors: np.ndarray,
    generator: np.random.Generator,
    draws: int = 1000,
) -> float:
    """Standard error of a fit that comes from the simulation of the model alone.

    Args:
      statistic: of model means `[patterns]`.
      model, errors: `[patterns]`, means and their standard errors.
      generator: source of randomness.
      draws: how many sets of means to try.
    """
    tried = model + errors * generator.standard_normal((draws, len(model)))
    return float(np.std([statistic(means) for means in tried], ddof=1))


def interval_over_people(
    statistic: Callable[[np.ndarray], float],
    ratings: np.ndarray,
    generator: np.random.Generator,
    draws: int = 2000,
) -> tuple[float, float]:
    """A 95 % interval of a fit, had other people been asked (percentile bootstrap).

    Args:
      statistic: of ratings `[people, patterns]`.
      ratings: `[people, patterns]`.
      generator: source of randomness.
      draws: how many sets of people to try.

    Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    picks = generator.integers(0, len(ratings), (draws, len(ratings)))
    low, high = np.quantile([statistic(ratings[pick]) for pick in picks], [0.025, 0.975])
    return float(low), float(high)
