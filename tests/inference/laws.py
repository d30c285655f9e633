"""Laws that every engine keeps, as checks to run it through: joint distributions, and calibration.

Each check returns a p-value, corrected for how many statistics were looked at: the probability that a
correct engine does as badly. A test asks that it is above `FAILURE_RATE`, and shows that a broken engine
falls below it.

Source: Geweke, Getting it right (2004); Talts and others, Validating Bayesian inference algorithms with
simulation-based calibration (2018).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import stats

FAILURE_RATE = 1e-4  # how often a test of a correct engine fails, over seeds


@dataclass(frozen=True)
class Joint:
    """A law of parameters and data, from which many independent pairs are drawn at once.

    Args:
      prior: `(rng, pairs) -> [pairs, parameters]`.
      data: `(rng, parameters) -> [pairs, observations]`, given `[pairs, parameters]`.
    """

    prior: Callable[[np.random.Generator, int], np.ndarray]
    data: Callable[[np.random.Generator, np.ndarray], np.ndarray]

    def draw(self, rng: np.random.Generator, pairs: int) -> tuple[np.ndarray, np.ndarray]:
        """Parameters `[pairs, parameters]` and their data `[pairs, observations]`."""
        parameters = self.prior(rng, pairs)
        return parameters, self.data(rng, parameters)


def geweke(
    joint: Joint,
    step: Callable[[np.random.Generator, np.ndarray, np.ndarray], np.ndarray],
    rng: np.random.Generator,
    pairs: int = 4000,
    rounds: int = 10,
) -> float:
    """How probable it is that a step leaves the posterior of each data set as it is.

    Pairs start in the joint law; in turn the parameters are moved given the data, and the data are drawn
    anew given the parameters. The pairs, which are independent, stay in that law and are compared with
    fresh ones.

    Args:
      joint: of parameters and data.
      step: `(rng, parameters, data) -> parameters`, of all pairs at once.
      rng: of all choices.
      pairs: independent ones.
      rounds: the more, the further an error has taken the pairs.
    """
    parameters, data = joint.draw(rng, pairs)
    for _ in range(rounds):
        parameters = step(rng, parameters, data)
        data = joint.data(rng, parameters)
    moved = step(rng, parameters, data)  # against the data that it was moved by
    return alike(_features(moved, data), _features(*joint.draw(rng, pairs)))


def calibration(
    joint: Joint,
    infer: Callable[[np.random.Generator, np.ndarray], np.ndarray],
    rng: np.random.Generator,
    replicates: int = 200,
    bins: int = 10,
) -> float:
    """How probable it is that the true parameters rank uniformly among posterior draws.

    Args:
      joint: of parameters and data.
      infer: `(rng, data) -> [replicates, draws, parameters]`, independent draws from the posterior of each
        data set in `[replicates, observations]`; `draws + 1` is a multiple of `bins`.
      rng: of all choices.
      replicates: data sets.
      bins: of ranks.
    """
    parameters, data = joint.draw(rng, replicates)
    draws = infer(rng, data)
    below = (draws < parameters[:, None]).sum(axis=1)
    ties = (draws == parameters[:, None]).sum(axis=1)
    return uniform(below + rng.integers(ties + 1), draws.shape[1], bins)


def uniform(ranks: np.ndarray, draws: int, bins: int = 10) -> float:
    """The least p-value, corrected, that ranks from 0 to `draws` are uniform.

    Args:
      ranks: int `[replicates, parameters]`.
    """
    if (draws + 1) % bins:
        raise ValueError(f"{draws} draws have {draws + 1} ranks, which {bins} bins do not share")
    values = []
    for rank in ranks.T:
        counts = np.bincount(rank * bins // (draws + 1), minlength=bins)
        values.append(stats.chisquare(counts).pvalue)
        # A bias tilts the ranks: the mean of many uniforms is normal.
        shares = (rank + 0.5) / (draws + 1) - 0.5
        values.append(2 * stats.norm.sf(abs(shares.mean()) * np.sqrt(12 * len(rank))))
    return least(values)


def alike(one: np.ndarray, other: np.ndarray) -> float:
    """The least p-value, corrected, that each column of two samples comes from one law."""
    columns = zip(one.T, other.T, strict=True)
    return least([stats.ks_2samp(a, b).pvalue for a, b in columns])


def least(values: list[float]) -> float:
    """The least of some p-values, times how many there are (Bonferroni); NaN counts as 0."""
    found = np.nan_to_num(np.array(values, float), nan=0.0)
    return float(min(1.0, found.min() * len(found)))


def _features(parameters: np.ndarray, data: np.ndarray) -> np.ndarray:
    """What is compared: parameters, and their products with each other and with the data."""
    both = np.concatenate([parameters, data], axis=1)
    first, second = np.triu_indices(parameters.shape[1], m=both.shape[1])
    products = parameters[:, first] * both[:, second]
    return np.concatenate([parameters, products], axis=1)
