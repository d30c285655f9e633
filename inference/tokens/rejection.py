"""Adaptive weighted rejection: a token that a check accepts, without looking at all tokens.

Tokens are drawn and tried; those that are refused are not drawn again. The first that is accepted
is distributed as the model's distribution restricted to what the check accepts. A second run over
what has not been refused, with replacement and until two more are accepted, estimates how much
mass that is: if M is the mass that was not refused and the second acceptance comes at trial n,
M / (n - 1) is unbiased (inverse sampling), independent of the token, and never zero.

Source: Lipkin et al. 2025 (adaptive weighted rejection sampling); Haldane 1945 (inverse sampling).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class AdaptiveRejection:
    """Tries tokens one by one; for checks that are dearer than a mask."""

    @property
    def target(self) -> str:
        """What the weights are proper for."""
        return "the model, given that it writes a word of the grammar"


@dataclass(frozen=True)
class Drawn:
    """A token that was accepted.

    Args:
      token: or None where none is acceptable.
      log_weight: log of an unbiased estimate of the mass of all that is acceptable.
      checks: distinct tokens that were tried.
    """

    token: int | None
    log_weight: float
    checks: int


def draw(
    rng: np.random.Generator, log_probabilities: np.ndarray, accepts: Callable[[int], bool]
) -> Drawn:
    """Draw a token that a check accepts, with the weight that makes it proper.

    Args:
      rng: random numbers.
      log_probabilities: `[vocabulary]`, normalised.
      accepts: whether a token may stand here; asked at most once for each.

    >>> import numpy as np
    >>> found = draw(np.random.default_rng(0), np.log([0.5, 0.3, 0.2]), lambda t: t == 1)
    >>> found.token, found.checks <= 3
    (1, True)
    """
    mass = np.exp(log_probabilities.astype(np.float64))
    mass /= mass.sum()
    known: dict[int, bool] = {}

    def allowed(token: int) -> bool:
        if token not in known:
            known[token] = accepts(token)
        return known[token]

    # Exponential races give draws without replacement: the order of `time / mass`.
    with np.errstate(divide="ignore"):
        order = np.argsort(rng.exponential(size=len(mass)) / mass, kind="stable")
    order = order[mass[order] > 0]
    refused: list[int] = []
    first = None
    for token in order:
        if allowed(int(token)):
            first = int(token)
            break
        refused.append(int(token))
    if first is None:
        return Drawn(None, -np.inf, len(known))
    rest = mass.copy()
    rest[refused] = 0
    left = rest.sum()
    edges = np.cumsum(rest / left)
    trials = found = 0
    while found < 2:
        trials += 1
        token = min(int(np.searchsorted(edges, rng.random(), side="right")), len(mass) - 1)
        found += allowed(token)
    return Drawn(first, float(np.log(left) - np.log(trials - 1)), len(known))
