"""Objectives as estimators of a loss and its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaxtyping import Array, PRNGKeyArray

from vi.expectation import Objective


@dataclass(frozen=True, eq=False)
class Estimates:
    """The loss and the gradient of an objective, averaged over independent estimates.

    Args:
      objective: from `vi.maximise` or `vi.minimise`.
      data: its further arguments.
      estimates: independent ones, batched as one.

    >>> import jax
    >>> from genjax import normal
    >>> from vi import Reparametrise, maximise
    >>> @maximise
    ... def objective(mean):
    ...     return -((Reparametrise()(normal).sample(mean, 1.0) - 3) ** 2)
    >>> loss, gradient = Estimates(objective, estimates=1000)(jax.random.key(0), 1.0)
    >>> bool(abs(gradient + 4) < 0.5)
    True
    """

    objective: Objective
    data: tuple[Any, ...] = ()
    estimates: int = 1

    def __call__(self, key: PRNGKeyArray, params: Any) -> tuple[Array, Any]:
        return self.objective.loss_and_gradient(key, params, *self.data, estimates=self.estimates)

    def explain(self, key: PRNGKeyArray, params: Any) -> object:
        """Why a loss is not finite; see `Objective.explain`."""
        return self.objective.explain(key, params, *self.data)
