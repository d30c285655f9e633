"""Arithmetic of importance weights, in float64 on the host."""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import PRNGKeyArray


def normalise(log_weights: np.ndarray) -> np.ndarray:
    """Weights that sum to one.

    Args:
      log_weights: `[worlds]`, at least one of them finite.

    >>> normalise(np.log([1.0, 3.0])).tolist()
    [0.25, 0.75]
    """
    shifted = np.exp(np.asarray(log_weights, np.float64) - np.max(log_weights))
    return shifted / shifted.sum()


def draw(key: PRNGKeyArray, weights: np.ndarray, count: int) -> np.ndarray:
    """Independent draws of positions by weight.

    Args:
      key: the seed.
      weights: `[worlds]`, sum to one but for rounding.
      count: how many.

    Returns:
      int `[count]`.
    """
    mass = np.cumsum(weights)
    u = np.asarray(jax.random.uniform(key, (count,)), np.float64)
    return np.minimum(np.searchsorted(mass, u * mass[-1], side="right"), len(weights) - 1)


def effective_size(weights: np.ndarray) -> float:
    """Kish's effective sample size of weights that sum to one.

    >>> effective_size(np.array([0.5, 0.5, 0.0]))
    2.0
    """
    return float(1 / np.sum(np.square(weights, dtype=np.float64)))


@dataclass(frozen=True)
class Evidence:
    """An estimate of the probability (density) of what was observed.

    Args:
      log: log of the mean weight of a world.
      error: standard error of `log`, by the delta method.
    """

    log: float
    error: float


def evidence(log_weights: np.ndarray, worlds: int) -> Evidence:
    """The mean weight over all worlds, of which only those with weight are given.

    Args:
      log_weights: `[kept]`, of the worlds with positive weight.
      worlds: how many there were in all.

    >>> estimate = evidence(np.zeros(25), 100)
    >>> round(math.exp(estimate.log), 3), round(estimate.error, 3)
    (0.25, 0.174)
    """
    top = float(np.max(log_weights))
    scaled = np.exp(np.asarray(log_weights, np.float64) - top)
    mean = float(scaled.sum() / worlds)
    square = float(np.square(scaled).sum() / worlds)
    variance = max(square - mean**2, 0.0) / max(worlds - 1, 1)
    return Evidence(top + math.log(mean), math.sqrt(variance) / mean)


@dataclass(frozen=True)
class Estimate:
    """A number with its standard error."""

    value: float
    standard_error: float


def spread(parts: np.ndarray, families: np.ndarray | None = None) -> float:
    """The standard error of a weighted mean.

    Args:
      parts: `[worlds]`, each world's weight times its distance from the mean.
      families: int `[worlds]`; the worlds of a family are one draw, and err together.

    >>> spread(np.array([0.3, -0.4])), spread(np.array([0.3, 0.3]), np.array([7, 7]))
    (0.5, 0.6)

    Source: Lee and Whiteley, Variance estimation in the particle filter (2018).
    """
    if families is not None:
        parts = np.bincount(families, parts)
    return math.sqrt(float(np.sum(np.square(parts))))


def left_out(shares: np.ndarray) -> np.ndarray:
    """By what the distance of a family from the mean is multiplied for a standard error, `[families]`.

    A mean is pulled towards each family by the share of the family, so that few families look closer to it
    than they are; what the mean would be without the family tells by how much. Of many families it is one.

    Args:
      shares: `[families]`, of the weight; they sum to one.

    >>> left_out(np.full(4, 0.25)).round(3).tolist(), left_out(np.array([1.0])).tolist()
    ([1.155, 1.155, 1.155, 1.155], [0.0])

    Source: Efron and Tibshirani, An introduction to the bootstrap (1993), chapter 11, on the jackknife.
    """
    count, rest = np.count_nonzero(shares), 1 - shares
    scale = math.sqrt(max(count - 1, 0) / max(count, 1))
    return np.divide(scale, rest, out=np.zeros(len(shares)), where=rest > 1e-12)


def moments(
    x: np.ndarray, weights: np.ndarray, families: np.ndarray | None = None
) -> tuple[Estimate, Estimate]:
    """Weighted mean and standard deviation, each with the standard error of a ratio estimate.

    Args:
      x: `[worlds]`.
      weights: `[worlds]`, sum to one.
      families: as for `spread`.
    """
    x = np.asarray(x, np.float64)
    mean = float(np.sum(weights * x))
    away = np.square(x - mean)
    variance = float(np.sum(weights * away))
    scale = left_out(np.bincount(families, weights))[families] if families is not None else 1.0
    mean_error = spread(scale * weights * (x - mean), families)
    spread_error = spread(scale * weights * (away - variance), families)
    sd = math.sqrt(variance)
    return Estimate(mean, mean_error), Estimate(sd, spread_error / (2 * sd) if sd > 0 else 0.0)


def quantile(x: np.ndarray, weights: np.ndarray, q: float) -> float:
    """The smallest value at which the weighted distribution reaches a share of the mass.

    >>> quantile(np.array([3.0, 1.0, 2.0]), np.array([0.2, 0.5, 0.3]), 0.6)
    2.0
    """
    order = np.argsort(x, kind="stable")
    mass = np.cumsum(weights[order])
    # The sums of rounded weights may end a little below the share that is asked for.
    at = min(int(np.searchsorted(mass, q - 1e-12)), len(order) - 1)
    return float(x[order[at]])
