"""Bounds for guides with auxiliary draws: the ELBO and its kin, of a marginal.

`reverse` proposes the auxiliary choices from those that are kept: `reverse(kept, *arguments of q)`.
"""

from __future__ import annotations

from genjax import GFI, Fn
from genjax.core import Thunk
from jaxtyping import Array

from vi.marginal import marginal
from vi.objectives.bounds import elbo, iwelbo
from vi.particles import Importance
from vi.programs import Target


def hvi(p: Target, q: Thunk, keep: tuple[str, ...], reverse: GFI) -> Array:
    """Hierarchical bound: the ELBO of a guide whose density is estimated with one particle.

    Source: Ranganath, Tran and Blei 2016.
    """
    return iwhvi(p, q, keep, reverse, m=1)


def iwhvi(p: Target, q: Thunk, keep: tuple[str, ...], reverse: GFI, m: int) -> Array:
    """Importance-weighted hierarchical bound: m particles for the density of the guide.

    Source: Sobolev and Vetrov 2019.
    """
    return elbo(p, _marginal(q, keep, reverse, m))


def diwhvi(p: Target, q: Thunk, keep: tuple[str, ...], reverse: GFI, n: int, m: int) -> Array:
    """Doubly importance-weighted: n weights, each with m particles for the density of the guide.

    Source: Sobolev and Vetrov 2019.
    """
    return iwelbo(p, _marginal(q, keep, reverse, m), n)


def _marginal(q: Thunk, keep: tuple[str, ...], reverse: GFI, m: int) -> Thunk:
    assert isinstance(q.gen_fn, Fn)
    return marginal(q.gen_fn, keep, Importance(m, reverse)).T(*q.args, **q.kwargs)
