"""Mean gradients against exact ones: sums over a grid in place of expectations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

from vi import Objective

ERRORS = 4.0  # standard errors; a right estimator exceeds them in 6 of 100,000 comparisons
ROUNDING = 2e-4  # of a number that has no spread


@dataclass(frozen=True)
class Grid:
    """Points that an expectation is summed over, and the length that each stands for."""

    points: Any  # [K]
    weights: Any  # [K]

    def expect(self, log_density: Callable, result: Callable) -> Any:
        """Sum of a result (of one point) under a density."""
        each = jax.vmap(lambda z: jnp.exp(log_density(z)) * result(z))(self.points)
        return jnp.sum(self.weights * each)


def line(low: float, high: float, count: int = 801) -> Grid:
    """Points on a line, in the middle of equal pieces."""
    length = (high - low) / count
    return Grid(low + length * (jnp.arange(count) + 0.5), jnp.full(count, length))


def whole(*values: Any) -> Grid:
    """The values of a discrete draw."""
    points = jnp.array(values)
    return Grid(points, jnp.ones(len(values)))


def deviations(
    objective: Objective,
    parameters: Any,
    exact: Callable[[Any], Any],
    samples: int = 8_000,
    estimates: int = 1,
    seed: int = 0,
    value_too: bool = True,
) -> np.ndarray:
    """Standard errors that the mean value and mean gradients are away from the exact ones.

    Args:
      objective: what is tested.
      parameters: a tree of numbers.
      exact: the same expected value, as a differentiable function.
      samples: independent gradients.
      estimates: averaged in each.
    """
    keys = jax.random.split(jax.random.key(seed), samples)
    flat, unravel = ravel_pytree(jax.tree.map(jnp.asarray, parameters))

    @jax.jit
    def all_of(keys):
        def one(key):
            value, gradient = objective.value_and_gradient(key, unravel(flat), estimates=estimates)
            return jnp.concatenate([value[None], ravel_pytree(gradient)[0]])

        found = jax.lax.map(one, keys, batch_size=2000)
        return jnp.mean(found, 0), jnp.std(found, 0)

    mean, spread = map(np.asarray, all_of(keys))
    wanted_value, wanted = jax.jit(jax.value_and_grad(lambda x: exact(unravel(x))))(flat)
    wanted = np.concatenate([[wanted_value], wanted])
    error = spread / np.sqrt(samples)
    scale = np.maximum(np.maximum(np.abs(wanted), 1), spread) * ROUNDING
    found = np.abs(mean - wanted) / np.maximum(error, scale / ERRORS)
    return found if value_too else found[1:]


def unbiased(*args: Any, **kwargs: Any) -> bool:
    """Whether all of it is within the allowed standard errors; a NaN is not."""
    return bool(np.all(deviations(*args, **kwargs) < ERRORS))
