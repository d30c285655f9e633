"""Whether stated probabilities are met: expected calibration error, reliability, AUROC.

Sources: Guo et al. 2017 (expected calibration error); Hanley and McNeil 1982 (AUROC and its error);
Platt 1999 (scaling by two numbers).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plot.weights import Estimate

_EDGE = 1e-6


@dataclass(frozen=True)
class Bin:
    """Statements of about the same stated probability.

    Args:
      stated: their mean.
      met: the share of them that came true.
      count: how many.
    """

    stated: float
    met: float
    count: int

    @property
    def error(self) -> float:
        """The standard error of the share."""
        return float(np.sqrt(max(self.met * (1 - self.met), 0.25 / self.count) / self.count))


@dataclass(frozen=True)
class Scaling:
    """Two numbers that turn a score between 0 and 1 into a probability: sigmoid(offset + slope logit).

    Args:
      offset, slope: 0 and 1 leave a score as it is.

    >>> round(Scaling(0.0, 1.0)(0.3), 6), round(Scaling(1.0, 0.0)(0.3), 3)
    (0.3, 0.731)
    """

    offset: float = 0.0
    slope: float = 1.0

    def __call__(self, score: float) -> float:
        """The probability of a score; those of 0 and 1 are taken for a millionth from there."""
        return float(_sigmoid(self.offset + self.slope * _logit(np.asarray(score))))


def fit_scaling(
    scores: np.ndarray, correct: np.ndarray, shares: np.ndarray | None = None
) -> Scaling:
    """The scaling by which what came true is most probable.

    Args:
      scores: `[n]`, 0 to 1.
      correct: `[n]`, whether each came true.
      shares: `[n]`, factors on the probabilities: the part that each has in what is scored.

    Raises:
      ValueError: where all is correct, or all is wrong.

    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> scores = rng.uniform(0.5, 1, 4000)
    >>> found = fit_scaling(scores, rng.random(4000) < [Scaling(-1, 0.5)(s) for s in scores])
    >>> abs(found.offset + 1) < 0.2, abs(found.slope - 0.5) < 0.15
    (True, True)
    """
    from scipy.optimize import minimize

    correct = np.asarray(correct, bool)
    if correct.all() or not correct.any():
        raise ValueError("something must be right and something wrong")
    logits = _logit(np.asarray(scores, float))
    shares = np.ones(len(correct)) if shares is None else np.asarray(shares, float)

    def loss(numbers: np.ndarray) -> float:
        stated = shares * _sigmoid(numbers[0] + numbers[1] * logits)
        stated = np.clip(stated, _EDGE, 1 - _EDGE)
        # A millionth keeps the numbers finite where the outcomes could be told apart without fail.
        fit = -np.where(correct, np.log(stated), np.log1p(-stated)).mean()
        return float(fit + 1e-6 * (numbers**2).sum())

    found = minimize(loss, np.array([0.0, 1.0]), method="BFGS").x
    return Scaling(float(found[0]), float(found[1]))


def reliability(stated: np.ndarray, correct: np.ndarray, bins: int = 10) -> tuple[Bin, ...]:
    """Bins of equal counts, from the least sure to the surest.

    Args:
      stated: `[n]`, probabilities.
      correct: `[n]`, whether each came true.
      bins: at most this many.

    Raises:
      ValueError: where there is nothing, or a probability is none.
    """
    stated, correct = np.asarray(stated, float), np.asarray(correct, bool)
    if stated.size == 0 or stated.shape != correct.shape:
        raise ValueError("as many probabilities as outcomes are needed, and one at least")
    if not ((stated >= 0) & (stated <= 1)).all():
        raise ValueError("a probability lies between 0 and 1")
    order = np.argsort(stated, kind="stable")
    parts = np.array_split(order, min(bins, stated.size))
    return tuple(Bin(float(stated[p].mean()), float(correct[p].mean()), len(p)) for p in parts)


def calibration_error(stated: np.ndarray, correct: np.ndarray, bins: int = 10) -> float:
    """The expected calibration error: the mean distance of stated and met, over bins of equal counts.

    Args:
      stated, correct, bins: as for `reliability`.

    >>> import numpy as np
    >>> round(calibration_error(np.array([0.9] * 10), np.array([True] * 7 + [False] * 3), 1), 3)
    0.2
    """
    found = reliability(stated, correct, bins)
    return sum(b.count * abs(b.stated - b.met) for b in found) / sum(b.count for b in found)


def error_by_chance(
    stated: np.ndarray, bins: int = 10, draws: int = 200, seed: int = 0
) -> Estimate:
    """The calibration error that would be measured if every stated probability were right.

    Bins of few statements are off by chance, so that no measured error comes near 0.

    Args:
      stated, bins: as for `calibration_error`.
      draws: of what comes true.
      seed: of the draws.

    Returns:
      The mean over draws, and their standard deviation as its error.

    >>> import numpy as np
    >>> 0.05 < error_by_chance(np.full(100, 0.5)).value < 0.15
    True
    """
    stated = np.asarray(stated, float)
    rng = np.random.default_rng(seed)
    found = [
        calibration_error(stated, rng.random(stated.size) < stated, bins) for _ in range(draws)
    ]
    return Estimate(float(np.mean(found)), float(np.std(found)))


def auroc(stated: np.ndarray, correct: np.ndarray) -> Estimate:
    """The probability that something correct was stated as more probable than something wrong.

    Args:
      stated, correct: as for `reliability`.

    Raises:
      ValueError: where all is correct, or all is wrong.

    >>> import numpy as np
    >>> auroc(np.array([0.9, 0.8, 0.3]), np.array([True, True, False])).value
    1.0
    """
    stated, correct = np.asarray(stated, float), np.asarray(correct, bool)
    right, wrong = stated[correct], stated[~correct]
    if not len(right) or not len(wrong):
        raise ValueError("something must be right and something wrong")
    above = (right[:, None] > wrong).mean() + (right[:, None] == wrong).mean() / 2
    q1, q2 = above / (2 - above), 2 * above**2 / (1 + above)
    n, m = len(right), len(wrong)
    variance = above * (1 - above) + (n - 1) * (q1 - above**2) + (m - 1) * (q2 - above**2)
    return Estimate(float(above), float(np.sqrt(max(variance, 0.0) / (n * m))))


def _logit(score: np.ndarray) -> np.ndarray:
    score = np.clip(score, _EDGE, 1 - _EDGE)
    return np.log(score) - np.log1p(-score)


def _sigmoid(x: np.ndarray | float) -> np.ndarray:
    return 1 / (1 + np.exp(-np.asarray(x)))
