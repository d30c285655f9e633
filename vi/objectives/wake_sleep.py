"""Reweighted wake-sleep: the model and the guide each have an objective of their own, to be made large.

Source: Bornschein and Bengio 2015; Le et al. 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from genjax.core import Thunk
from jaxtyping import Array

from vi.errors import GuideError
from vi.objectives.bounds import iwelbo
from vi.programs import Bound, draw, draws, log_densities, log_density
from vi.rewriting import frozen


def wake_model(p: Bound, q: Thunk, n: int) -> Array:
    """Wake phase of the model: the importance-weighted bound, with no gradient to the guide."""
    return iwelbo(p, frozen(q), n)  # type: ignore[arg-type]


def wake_guide(p: Bound, q: Thunk, n: int) -> Array:
    """Wake phase of the guide: E_posterior[log q(z)], from n draws of q with normalised weights.

    No gradient flows to the model, the draws or the weights. From few draws it is biased.
    """
    z, log_q = draws(frozen(q), n)  # type: ignore[arg-type]
    weights = jax.nn.softmax(log_densities(frozen(p), z) - log_q)
    return jnp.sum(jax.lax.stop_gradient(weights) * log_densities(q, z))


def sleep(
    model: Thunk, observed: tuple[str, ...], guide: Callable[[dict[str, Any]], Thunk]
) -> Array:
    """Sleep phase: E[log q(z; x)] over latent z and data x from the model.

    Args:
      model: with its arguments; no gradient flows to it.
      observed: the addresses of the data.
      guide: the guide with its arguments, from data.

    Raises:
      GuideError: while tracing, where the model draws nothing at an observed address.
    """
    choices, _ = draw(frozen(model))  # type: ignore[arg-type]
    missing = sorted(set(observed) - set(choices))
    if missing:
        raise GuideError(
            f'"{missing[0]}" is observed, and the model draws nothing there',
            hint=f"there are {', '.join(sorted(choices))}",
        )
    data = {a: choices[a] for a in observed}
    return log_density(guide(data), {a: c for a, c in choices.items() if a not in data})
