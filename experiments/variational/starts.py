"""Where a fit begins: the best by its own bound of many parameters that are drawn at random.

A guide that begins far from a narrow posterior gets gradients that are mostly noise, and a fit of fixed
length then says more about the start than about the objective. So nobody chooses one by hand.

Source: the restarts of Pyro's tutorial on Gaussian mixtures, which keep the seed of the least loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray

from vi import Objective

ESTIMATES = 32  # of the bound, by which a start is judged at first
FINALISTS, FINAL_ESTIMATES = 32, 512  # are judged again, by more
AT_ONCE = 2**18  # importance weights


@dataclass(frozen=True)
class Starts:
    """Parameters drawn at random, of which the best is to be taken.

    Args:
      draw: from a key to parameters.
      tries: how many.
    """

    draw: Callable[[PRNGKeyArray], dict[str, Array]]
    tries: int

    def best(self, key: PRNGKeyArray, bound: Objective, weights: int) -> dict[str, Array]:
        """Those with the greatest bound, judged twice so that luck does not decide.

        Args:
          key: the seed.
          bound: to be large.
          weights: importance weights in one estimate of it, particles of the guide's density included.

        >>> from vi import maximise
        >>> starts = Starts(lambda key: {"x": jax.random.normal(key)}, 500)
        >>> best = starts.best(jax.random.key(0), maximise(lambda t: -((t["x"] - 1) ** 2)), 1)
        >>> abs(float(best["x"]) - 1) < 0.1
        True
        """
        draw_key, first_key, second_key = jax.random.split(key, 3)
        drawn = jax.vmap(self.draw)(jax.random.split(draw_key, self.tries))
        finalists = _best(drawn, first_key, bound, weights, ESTIMATES, FINALISTS)
        winner = _best(finalists, second_key, bound, weights, FINAL_ESTIMATES, 1)
        return jax.tree.map(lambda x: x[0], winner)


def _best(
    starts: Any, key: PRNGKeyArray, bound: Objective, weights: int, estimates: int, count: int
) -> Any:
    tries = len(jax.tree.leaves(starts)[0])

    @jax.jit
    def judge(keys: Any, starts: Any) -> Array:
        return jax.lax.map(
            lambda each: bound.value(each[0], each[1], estimates=estimates),
            (keys, starts),
            batch_size=min(max(AT_ONCE // (weights * estimates), 1), tries),
        )

    values = judge(jax.random.split(key, tries), starts)
    order = jnp.argsort(-jnp.where(jnp.isnan(values), -jnp.inf, values))[:count]
    return jax.tree.map(lambda x: x[order], starts)
