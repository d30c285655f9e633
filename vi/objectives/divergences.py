"""Divergences between programs that can be drawn from, to be made small."""

from __future__ import annotations

from genjax.core import Thunk
from jaxtyping import Array

from vi.programs import draw, log_density


def forward_kl(p: Thunk, q: Thunk) -> Array:
    """KL(p, q) = E_p[log p(z) - log q(z)]: q covers p.

    Of a posterior, `p` may be `normalise(model, ...)`; of all data at once, see `sleep`.
    """
    z, log_p = draw(p)
    return log_p - log_density(q, z)


def reverse_kl(p: Thunk, q: Thunk) -> Array:
    """KL(q, p) = E_q[log q(z) - log p(z)]: q seeks a mode of p."""
    return forward_kl(q, p)


def symmetric_kl(p: Thunk, q: Thunk) -> Array:
    """KL(p, q) + KL(q, p), Jeffreys' divergence."""
    return forward_kl(p, q) + reverse_kl(p, q)
