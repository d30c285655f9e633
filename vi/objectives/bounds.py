"""Lower bounds on the log evidence.

`p` is an unnormalised density (`target(...)`), `q` a guide with its arguments (`guide.T(...)`).
"""

from __future__ import annotations

import jax.numpy as jnp
from genjax.core import Thunk
from jax.scipy.special import logsumexp
from jaxtyping import Array

from vi.programs import Target, draw, draws, log_densities, log_density


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
    z, log_q = draws(q, n)
    return logsumexp(log_densities(p, z) - log_q) - jnp.log(n)
