"""How to fit: steps, optimiser, when to stop, where to keep checkpoints."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import optax


@dataclass(frozen=True)
class Plateau:
    """Stops where the loss has not fallen for a while.

    The mean loss of the last `steps` steps is compared with that of the `steps` before; the fit has
    come to rest where it is not lower by more than `errors` standard errors of the difference, so a
    noisy loss is given as long as its noise asks for.

    Args:
      steps: that a window has, 2 or more.
      errors: standard errors that count as progress.

    >>> rest = Plateau(steps=3)
    >>> rest.reached(np.array([9.0, 8, 7, 2, 3, 2])), rest.reached(np.array([2.0, 3, 2, 3, 2, 3]))
    (False, True)
    """

    steps: int = 500
    errors: float = 1.0

    def __post_init__(self) -> None:
        if self.steps < 2:
            raise ValueError(f"a window has 2 steps or more, not {self.steps}")

    def reached(self, losses: np.ndarray) -> bool:
        """Whether the losses so far, `[steps]`, have come to rest."""
        n = self.steps
        if len(losses) < 2 * n:
            return False
        before, after = losses[-2 * n : -n].astype(float), losses[-n:].astype(float)
        error = np.sqrt((before.var(ddof=1) + after.var(ddof=1)) / n)
        return bool(before.mean() - after.mean() <= self.errors * error)


@dataclass(frozen=True)
class Checkpoints:
    """Where a fit is kept while it goes on; a fit that finds its own checkpoint there resumes.

    Args:
      folder: made where it is missing; one for each fit.
      every: steps from one to the next.
      keep: how many of them stay.
    """

    folder: str | Path
    every: int = 1_000
    keep: int = 2

    def __post_init__(self) -> None:
        if self.every < 1 or self.keep < 1:
            raise ValueError("checkpoints are 1 step or more apart, and 1 or more of them is kept")


@dataclass(frozen=True)
class FitOptions:
    """How to fit.

    Args:
      steps: of the optimiser, in all.
      optimiser: any of Optax, schedules and clipping included.
      accumulate: independent gradient estimates that are averaged for a step, one after the other.
      stop: when to stop before all steps are done; never where not given.
      checkpoints: nothing is kept where not given.
      chunk: steps that run compiled between two looks at the loss.

    Raises:
      ValueError: for a count below 1.
    """

    steps: int = 1_000
    optimiser: optax.GradientTransformation = field(default_factory=lambda: optax.adam(1e-3))
    accumulate: int = 1
    stop: Plateau | None = None
    checkpoints: Checkpoints | None = None
    chunk: int = 100

    def __post_init__(self) -> None:
        for name in ("steps", "accumulate", "chunk"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is 1 or more, not {getattr(self, name)}")
