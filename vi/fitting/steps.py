"""Objectives as estimators of a loss and its gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray

from vi.expectation import Objective

TRIES = 32  # single estimates that are looked at for one that is not finite


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
        """Why a loss is not finite (see `Objective.explain`); None where single estimates do not show it.

        An estimate alone draws otherwise than as one of several, so a few are tried.
        """
        for each in jax.random.split(key, TRIES):
            found = self.objective.value_and_gradient(each, params, *self.data)
            if not all(bool(jnp.isfinite(x).all()) for x in jax.tree.leaves(found)):
                return self.objective.explain(each, params, *self.data)
        return None


@dataclass(frozen=True, eq=False)
class RowEstimates:
    """The mean loss over rows of data drawn for each step, each row an expected value of its own.

    Gradient strategies see one row at a time, so that the score or the phantoms of one row meet the
    value of that row alone.

    Args:
      objective: of `(parameters, row)`.
      rows: from a key to the rows of a step, a tree of arrays `[batch, ...]`.
      estimates: independent ones of each row.

    >>> from genjax import normal
    >>> from vi import Reparametrise, minimise
    >>> @minimise
    ... def objective(mean, row):
    ...     return (Reparametrise()(normal).sample(mean, 1.0) - row) ** 2
    >>> rows = lambda key: 3 + jax.random.normal(key, (500,))
    >>> loss, gradient = RowEstimates(objective, rows)(jax.random.key(0), 1.0)
    >>> bool(abs(gradient + 4) < 0.5)
    True
    """

    objective: Objective
    rows: Callable[[PRNGKeyArray], Any]
    estimates: int = 1

    def __call__(self, key: PRNGKeyArray, params: Any) -> tuple[Array, Any]:
        rows_key, key = jax.random.split(key)
        rows = self.rows(rows_key)
        keys = jax.random.split(key, len(jax.tree.leaves(rows)[0]))

        def loss(params: Any) -> Array:
            def one(key: PRNGKeyArray, row: Any) -> Array:
                return self.objective.surrogate(key, params, row, estimates=self.estimates)

            return self.objective.sign * jnp.mean(jax.vmap(one)(keys, rows))

        return jax.value_and_grad(loss)(params)

    def explain(self, key: PRNGKeyArray, params: Any) -> object:
        """Why a loss is not finite: of the first row that is not; None where each is."""
        rows_key, key = jax.random.split(key)
        rows = self.rows(rows_key)
        keys = jax.random.split(key, len(jax.tree.leaves(rows)[0]))
        for i, each in enumerate(keys):
            row = jax.tree.map(lambda x, i=i: x[i], rows)
            value, gradient = self.objective.value_and_gradient(
                each, params, row, estimates=self.estimates
            )
            leaves = [value, *jax.tree.leaves(gradient)]
            if not all(bool(jnp.isfinite(x).all()) for x in leaves):
                return self.objective.explain(each, params, row)
        return None
