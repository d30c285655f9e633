"""How noisy estimates of one gradient are, by strategy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import PRNGKeyArray

from vi.fitting.loop import Estimator

if TYPE_CHECKING:
    from rich.table import Table


@dataclass(frozen=True)
class Noise:
    """The noise of one estimator.

    Args:
      name: of the strategy.
      loss: mean of the estimates of the loss.
      loss_sd: their standard deviation.
      norm: of the mean gradient.
      variance: of one estimate of the gradient, summed over the parameters (trace of the covariance).
      departure: largest distance of its mean gradient from that of the first estimator, over the
        parameters, in standard errors of the difference; with many parameters, 4 is usual.
    """

    name: str
    loss: float
    loss_sd: float
    norm: float
    variance: float
    departure: float


@dataclass(frozen=True)
class VarianceReport:
    """Estimators of one gradient beside each other.

    Args:
      rows: one for each.
      samples: estimates that each was measured on.
      parameters: numbers that the gradient has.
    """

    rows: tuple[Noise, ...]
    samples: int
    parameters: int

    def table(self) -> Table:
        """For people."""
        from rich.table import Table

        table = Table(title=f"{self.samples:,} estimates of {self.parameters:,} derivatives")
        for name in ("strategy", "loss", "sd of loss", "|mean gradient|", "variance", "departure"):
            table.add_column(name, justify="left" if name == "strategy" else "right")
        for r in self.rows:
            numbers = (r.loss, r.loss_sd, r.norm, r.variance, r.departure)
            table.add_row(r.name, *(f"{x:.4g}" for x in numbers))
        return table

    def summary(self) -> list[dict[str, object]]:
        """For JSON."""
        return [{**vars(r), "estimates": self.samples} for r in self.rows]


def gradient_noise(
    key: PRNGKeyArray, estimators: Mapping[str, Estimator], params: Any, samples: int = 1_000
) -> VarianceReport:
    """Measure estimators of one gradient at the same parameters, each with keys of its own.

    Args:
      key: the seed.
      estimators: by name; the first is what the others are compared with.
      params: where.
      samples: estimates of each, 2 or more.

    >>> from vi.fitting import loss_and_gradient
    >>> exact = loss_and_gradient(lambda key, x: x**2)
    >>> noisy = loss_and_gradient(lambda key, x: x**2 + x * jax.random.normal(key))
    >>> report = gradient_noise(jax.random.key(0), {"exact": exact, "noisy": noisy}, 3.0)
    >>> [round(row.variance) for row in report.rows], report.rows[1].departure < 4
    ([0, 1], True)
    """
    if samples < 2:
        raise ValueError(f"a variance takes 2 estimates or more, not {samples}")
    rows: list[Noise] = []
    first: tuple[np.ndarray, np.ndarray] | None = None
    count = 0
    for i, (name, estimator) in enumerate(estimators.items()):
        keys = jax.random.split(jax.random.fold_in(key, i), samples)
        losses, gradients = jax.jit(
            lambda k, e=estimator: jax.lax.map(lambda one: _flat(e, one, params), k)
        )(keys)
        losses, gradients = np.asarray(losses, float), np.asarray(gradients, float)
        count = gradients.shape[1]
        mean, squares = gradients.mean(0), gradients.var(0, ddof=1) / samples
        first = (mean, squares) if first is None else first
        spread = np.sqrt(squares + first[1])
        # Where rounding is all the noise that there is, a difference of its size is none.
        spread = np.maximum(spread, 1e-6 * np.maximum(np.abs(mean), np.abs(first[0])) + 1e-30)
        departure = float(np.max(np.abs(mean - first[0]) / spread))
        rows.append(
            Noise(
                name,
                float(losses.mean()),
                float(losses.std(ddof=1)),
                float(np.linalg.norm(mean)),
                float(squares.sum() * samples),
                departure,
            )
        )
    return VarianceReport(tuple(rows), samples, count)


def _flat(estimator: Estimator, key: PRNGKeyArray, params: Any) -> tuple[Any, Any]:
    loss, gradient = estimator(key, params)
    return loss, ravel_pytree(gradient)[0]
