"""Bounds with other gradient estimators: the same expected value, less variance.

They use a decomposition that strategies at single draws do not see: which part of a gradient has
expectation zero.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from genjax.core import Thunk
from jaxtyping import Array

from vi.objectives.bounds import log_mean
from vi.programs import Target, draw, draws, log_densities, log_density
from vi.rewriting import frozen, with_strategies
from vi.strategies.reparametrise import Reparametrise


def elbo_stl(p: Target, q: Thunk) -> Array:
    """ELBO that sticks the landing: no score of the guide, so no variance where it is exact.

    The gradient of log q through its parameters has expectation zero and is left out.

    Source: Roeder, Wu and Duvenaud 2017.
    """
    z, _ = draw(q)
    return log_density(p, z) - log_density(frozen(q), z)


def iwelbo_dreg(p: Target, q: Thunk, n: int) -> Array:
    """Importance-weighted bound, doubly reparametrised: no score of the guide at all.

    All draws of the guide are reparametrised. For the guide's parameters only: the model's get a
    gradient from squared weights, which is biased.

    Source: Tucker, Lawson, Gu and Maddison 2019.
    """
    z, _ = draws(with_strategies(q.gen_fn, default=Reparametrise()).T(*q.args, **q.kwargs), n)
    logs = log_densities(frozen(p), z) - log_densities(frozen(q), z)
    weights = jax.lax.stop_gradient(jax.nn.softmax(logs))
    return attach(log_mean(logs), jnp.sum(weights**2 * logs))


def vimco(p: Target, q: Thunk, n: int) -> Array:
    """Importance-weighted bound by scores, each weight against the others.

    For any guide; strategies of its draws are not used. A weight's baseline is the bound with that
    weight replaced by the geometric mean of the others.

    Source: Mnih and Rezende 2016.
    """
    if n < 2:
        raise ValueError(f"vimco compares each weight with the others: n is {n}, at least 2 needed")
    z, _ = draws(frozen(q), n)  # type: ignore[arg-type]
    log_q = log_densities(q, z)
    logs = log_densities(p, z) - log_q
    others = (jnp.sum(logs) - logs) / (n - 1)
    replaced = jnp.where(jnp.eye(n, dtype=bool), others[:, None], logs)
    bound = log_mean(logs)
    signal = jax.lax.stop_gradient(bound - jax.vmap(log_mean)(replaced))
    return bound + attach(jnp.array(0.0), jnp.sum(signal * log_q))


def attach(value: Array, surrogate: Array) -> Array:
    """A value with the derivative of something else."""
    return jax.lax.stop_gradient(value) + surrogate - jax.lax.stop_gradient(surrogate)
