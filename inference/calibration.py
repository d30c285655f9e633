"""Whether stated probabilities are met: expected calibration error, reliability, AUROC.

Sources: Guo et al. 2017 (expected calibration error); Hanley and McNeil 1982 (AUROC and its error).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plot.weights import Estimate


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
