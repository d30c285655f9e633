"""Exact gradients of finite draws: the rest of the program is run for each value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from genjax.pjax import modular_vmap

from vi.errors import StrategyError
from vi.laws import Law
from vi.sites import Site
from vi.strategies.base import Dual, Rest, Strategy, add, push_forward, split
from vi.strategies.reparametrise import suggestion


@dataclass(frozen=True)
class Enumerate(Strategy):
    """The expected value over all that a finite draw can be (flip, Bernoulli, categorical).

    Draws that were batched are enumerated jointly. A value of probability 0 contributes nothing.

    Args:
      parallel: run the rest of the program once, batched over the values, rather than once for
        each: compiles faster, and a sequence of draws is one batch. Not parallel, a sequence of k
        draws makes 2^k copies of what follows.
      most: joint values at one site; more are refused.
    """

    parallel: bool = True
    most: int = 4096

    def refusal(self, law: Law) -> tuple[str, str] | None:
        if law.chances is None:
            why = "it has too many values" if law.discrete else "its values are not discrete"
            return why, f"use {suggestion(law)}"
        return None

    def estimate(self, site: Site, primals: tuple, tangents: tuple, rest: Rest) -> Dual:
        _, parameters, moved = split(site, primals, tangents)
        law_chances = site.law.chances
        assert law_chances is not None
        lead = site.law.lead(parameters)
        count = law_chances(*parameters).shape[-1]
        ways = self._ways(site, count, math.prod(lead))

        def joint(*parameters):
            each = law_chances(*parameters).reshape(-1, count)
            return jnp.prod(each[jnp.arange(each.shape[0]), ways], -1)

        chances, moving = push_forward(joint, parameters, moved)
        values = site.law.values(count)[ways.reshape(len(ways), *lead)]
        if self.parallel:
            found = modular_vmap(lambda value: rest(value, None))(values)
        else:
            each = [rest(value, None) for value in values]
            found = jax.tree.map(lambda *x: jnp.stack(x), *each)
        possible = chances > 0
        results = jnp.where(possible, found.primal, 0)
        inner = None
        if found.tangent is not None:
            inner = jnp.sum(chances * jnp.where(possible, found.tangent, 0))
        outer = None if moving is None else jnp.sum(moving * results)
        return Dual(jnp.sum(chances * results), add(inner, outer))

    def _ways(self, site: Site, count: int, sites: int) -> np.ndarray:
        """Indices of values, `[count ** sites, sites]`."""
        if count**sites > self.most:
            raise StrategyError(
                f"{site.where} has {count}^{sites} joint values, more than {self.most}",
                hint="use MeasureValued() or Reinforce(), or raise Enumerate(most=)",
            )
        return np.indices((count,) * sites).reshape(sites, -1).T
