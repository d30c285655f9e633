"""Steps of a way from old evidence to new: what each adds to log weights, and how long it may be.

Source: Del Moral, Doucet and Jasra (2006); Jasra and others, Inference for Levy-driven stochastic
volatility models via adaptive sequential Monte Carlo (2011), for the choice of the next step.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from inference.targets import Readings, Scale
from plot.errors import ImpossibleEvidence
from plot.weights import effective_size, normalise

MOST_STEPS = 100  # of one way
HARDEST = 1e4  # charge for a broken part past which a world that keeps all is found no more
CLOSE = 0.02  # to the share that a step is to keep
NARROW = 40  # halvings of the interval in which the next step is looked for


def gain(scale: Scale, read: Readings, step: float, following: float) -> np.ndarray:
    """`[worlds]`, what a step adds to log weights; worlds without weight keep none.

    Args:
      scale: of the charges.
      read: of the worlds.
      step, following: where on the way it begins and ends.
    """
    before = scale.log_target(read, step)
    after = scale.log_target(read, following)
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(before), after - before, -math.inf)


def next_step(logs: Callable[[float], np.ndarray], step: float, keep: float, base: float) -> float:
    """The longest step that keeps a share of the effective worlds; all the way where it can.

    Args:
      logs: the log weights `[worlds]` that a step to somewhere leaves.
      step: where it begins.
      keep: the share.
      base: effective worlds now.
    """

    def share(following: float) -> float:
        found = logs(following)
        return effective_size(normalise(found)) / base if np.isfinite(found).any() else 0.0

    if share(1.0) >= keep:
        return 1.0
    low, high = step, 1.0
    for _ in range(NARROW):
        middle = (low + high) / 2
        found = share(middle)
        if 0 <= found - keep < CLOSE:
            return middle
        low, high = (middle, high) if found >= keep else (low, middle)
    return high if low == step else low


def in_vain(steps: int, step: float, read: Readings) -> bool:
    """Whether going on is hopeless: too many steps, or a great charge that every world still pays."""
    charged = step / (1 - step) > HARDEST and bool(read.broken.any(axis=0).all())
    return charged or steps >= MOST_STEPS


def impossible(steps: int, step: float, worlds: int) -> ImpossibleEvidence:
    """The error for evidence that no world was found to satisfy, after so many steps."""
    return ImpossibleEvidence(
        f"no world that satisfies it was found among {worlds:,}, in {steps} steps "
        f"towards it (the last at {step:.6g} of the way)",
        hint="look for statements that contradict each other, or use more worlds or moves",
    )
