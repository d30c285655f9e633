"""Lower bounds on the log evidence, and upper ones.

`p` is an unnormalised density (`target(...)`), `q` a guide with its arguments (`guide.T(...)`).
"""

from __future__ import annotations

import jax.numpy as jnp
from genjax.core import Thunk
from jax.scipy.special import logsumexp
from jaxtyping import Array

from vi.programs import Bound, Target, draw, draws, log_densities, log_density


def elbo(p: Target, q: Thunk) -> Array:
    """Evidence lower bound, E_q[log p(z) - log q(z)].

    Source: Jordan et al. 1999; Kingma and Welling 2014.
    """
    z, log_q = draw(q)
    return log_density(p, z) - log_q


def iwelbo(p: Target, q: Thunk, n: int) -> Array:
    """Importance-weighted bound, E[log of the mean of n weights p(z) / q(z)].

    Source: Burda, Grosse and Salakhutdinov 2016.
    """
    return log_mean(log_weights(p, q, n))


def renyi(p: Target, q: Thunk, n: int, alpha: float) -> Array:
    """Rényi bound of order alpha, from n weights: 0 is the importance-weighted bound.

    A lower bound for alpha > 0 as n grows, an upper one for alpha < 0 (and then biased downwards by
    few weights); alpha to 1 is the ELBO.

    Source: Li and Turner 2016.
    """
    if alpha == 1:
        return jnp.mean(log_weights(p, q, n))
    return log_mean((1 - alpha) * log_weights(p, q, n)) / (1 - alpha)


def cubo(p: Target, q: Thunk, n: int) -> Array:
    """Chi-square upper bound, log of the mean of n squared weights, halved.

    From few weights it is biased downwards; `chi_square` is not.

    Source: Dieng et al. 2017.
    """
    return renyi(p, q, n, alpha=-1.0)


def chi_square(p: Target, q: Thunk) -> Array:
    """E_q[(p(z) / q(z))²], to be made small: the squared evidence times one plus the divergence.

    Source: Dieng et al. 2017 (the exponentiated bound, whose gradient is unbiased).
    """
    z, log_q = draw(q)
    return jnp.exp(2 * (log_density(p, z) - log_q))


def log_weights(p: Bound, q: Thunk, n: int) -> Array:
    """Logs of n independent importance weights, `[n]`."""
    z, log_q = draws(q, n)
    return log_densities(p, z) - log_q


def log_mean(logs: Array) -> Array:
    """Log of the mean of exponentials, along the first axis."""
    return logsumexp(logs, 0) - jnp.log(logs.shape[0])
