"""Posteriors as distributions: importance sampling or SMC, and one particle of the last step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.tree_util as jtu
from genjax import GFI, Fn, Pytree, categorical
from jaxtyping import Array

from vi.particles import Algorithm, run
from vi.programs import Composite
from vi.strategies.base import Strategy, strategic
from vi.strategies.reinforce import Reinforce


def normalise(model: Fn, by: Algorithm, chosen: Strategy = Reinforce()) -> Normalised:
    """A model given observations, as a distribution over its other choices.

    It runs particles and takes one by weight; the more particles, the closer to the posterior. Its
    density is that of what it really draws, estimated without bias (of one over the density where
    it draws). `elbo` of a target and its own `normalise` is the importance-weighted bound.

    Args:
      model: made with `gen`.
      by: `Importance(particles, proposal)` or `SMC(particles, proposals)`; proposals get what was
        observed as what is given.
      chosen: gradient strategy for which particle is taken.

    Returns:
      A generative function of what was observed (by address) and the model's arguments.

    >>> import jax
    >>> from genjax import gen, normal, seed
    >>> from vi import Importance
    >>> @gen
    ... def model():
    ...     normal(normal(0.0, 1.0) @ "x", 1.0) @ "y"
    >>> @gen
    ... def prior(observed):
    ...     normal(0.0, 1.0) @ "x"
    >>> posterior = normalise(model, Importance(100, prior))
    >>> sorted(seed(posterior.simulate)(jax.random.key(0), {"y": 1.0}).get_choices())
    ['x']

    Source: Andrieu, Doucet and Holenstein 2010; PLDI 2024, section 4.
    """
    return Normalised(model, by, chosen)


@Pytree.dataclass
class Normalised(Composite):
    """See `normalise`."""

    model: Any = Pytree.static()
    by: Any = Pytree.static()
    chosen: Any = Pytree.static()

    def run(self, args: tuple, kwargs: dict, path: str | None) -> tuple[Any, Array, Any]:
        observed, *rest = args
        found = run(self.by, self.model, observed, tuple(rest))
        taken = strategic(categorical, self.chosen).draw_at("chosen particle", (found.log_weights,))
        choices = jtu.tree_map(lambda x: x[taken], found.choices)
        return choices, found.log_densities[taken] - found.log_estimate, choices

    def weigh(self, choices: Any, args: tuple, kwargs: dict, path: str | None) -> tuple[Array, Any]:
        observed, *rest = args
        found = run(self.by, self.model, observed, tuple(rest), reference=choices)
        return found.log_densities[0] - found.log_estimate, choices

    def rewrite(self, change: Callable[[GFI], GFI]) -> Normalised:
        return Normalised(change(self.model), self.by.rewrite(change), self.chosen)
