"""A world's evidence as a model, and the guide that is made for it: generative functions of GenJAX."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import genjax
import jax
import jax.numpy as jnp
import numpy as np
from genjax import Distribution, const
from jax.flatten_util import ravel_pytree
from jax.scipy.special import logsumexp
from jaxtyping import Array, PRNGKeyArray

from plot.compiler.choices import Choice
from plot.exports.parameters import log_density as mass
from vi.guides import Guide
from vi.laws import Law, lawful
from vi.programs import Target, target
from vi.strategies import Reparametrise, Strategy
from vi.worlds.soft import SoftEvidence

POINT = "point"  # address of the continuous draws
MOST_CONFIGURATIONS = 4_096


@dataclass(frozen=True)
class Summed:
    """Finite choices are summed over exactly, inside the density of the continuous ones."""


@dataclass(frozen=True)
class Guided:
    """The guide makes finite choices, each independently; their gradient is estimated.

    Args:
      strategy: at each of them, `Enumerate()`, `MeasureValued()` or `Reinforce(...)`.
    """

    strategy: Strategy


type Finite = Summed | Guided


@dataclass(frozen=True, eq=False)
class WorldPrograms:
    """Model and guide of a target.

    Args:
      evidence: soft.
      guide: family over the continuous draws.
      finite: what is done with finite choices.
    """

    evidence: SoftEvidence
    guide: Guide
    finite: Finite

    @cached_property
    def configurations(self) -> np.ndarray:
        """`[ways, finite]`, all ways in which the finite choices can go together."""
        counts = self.evidence.target.counts
        ways = np.indices(counts).reshape(len(counts), math.prod(counts))
        return ways.T.astype(np.float32)

    def init(self, key: PRNGKeyArray) -> dict[str, Any]:
        """Parameters to begin with."""
        params: dict[str, Any] = {POINT: self.guide.init(key)}
        if isinstance(self.finite, Guided):
            target = self.evidence.target
            pairs = zip(target.finite, target.counts, strict=True)
            params |= {c.label: jnp.zeros(n if n > 2 else ()) for c, n in pairs}
        return params

    def joint_logs(self, point: Array) -> Array:
        """`[ways]`, log weight of each configuration of finite choices at a point, softened."""

        def one(values: Any) -> Array:
            lane, log_mass = self.evidence.target.at(point, values)
            return log_mass + self.evidence.log_weight(lane)

        return jax.vmap(one)(self.configurations)

    @cached_property
    def model(self) -> Target:
        """The unnormalised density that is to be approximated."""
        where = self.evidence.target
        names = ["evidence"] if self._summed else list(where.parts)

        def program() -> None:
            point = genjax.normal(jnp.zeros(where.size), jnp.ones(where.size)) @ POINT
            if self._summed:
                weights = {"evidence": logsumexp(self.joint_logs(point))}
            else:
                weights = self.evidence.log_weights(where.run(point, _choose))
            for name, weight in weights.items():
                _weighing(weight) @ name

        def _choose(choice: Choice, parameters: list[Array]) -> Array:
            if choice.name == "flip":
                return genjax.flip(parameters[0]) @ choice.label
            count = where.counts[where.finite.index(choice)]
            logits = mass(
                choice, jnp.arange(count), [p[..., None] for p in parameters], jnp.float32
            )
            logits = jnp.maximum(logits, jnp.finfo(jnp.float32).min / 4)
            return genjax.categorical(logits) @ choice.label

        return target(genjax.gen(program), {name: np.bool_(True) for name in names})

    @property
    def _summed(self) -> bool:
        return isinstance(self.finite, Summed)

    def bound(self, params: Any) -> Any:
        """The guide with parameters, as objectives take it."""
        return self._guide.T(params)

    @cached_property
    def _guide(self) -> Any:
        family = self._family
        where, finite = self.evidence.target, self.finite

        def program(params: dict[str, Any]) -> None:
            Reparametrise()(family)(ravel_pytree(params[POINT])[0]) @ POINT
            if isinstance(finite, Guided):
                for choice, count in zip(where.finite, where.counts, strict=True):
                    logits = params[choice.label]
                    if choice.name == "flip":
                        finite.strategy(genjax.flip)(jax.nn.sigmoid(logits)) @ choice.label
                    else:
                        spread = logits if count > 2 else jnp.stack([jnp.zeros(()), logits])
                        finite.strategy(genjax.categorical)(spread) @ choice.label

        return genjax.gen(program)

    @cached_property
    def _family(self) -> Distribution[Any]:
        """The family as a distribution whose draws are differentiable in a flat parameter."""
        guide = self.guide
        _, unravel = ravel_pytree(guide.init(jax.random.key(0)))

        @_each
        def push(key: Any, params: Array) -> Array:
            return guide.distribution(unravel(params)).sample(seed=key)

        @_each
        def density(point: Array, params: Array) -> Array:
            return guide.distribution(unravel(params)).log_prob(point)

        return lawful(Law("guide", (1,), _keys, push, density, smooth=True))


def _each(function: Callable[[Any, Array], Array]) -> Callable[[Any, Array], Array]:
    """A function of one draw and its parameters `[n]`, for draws side by side."""

    def several(x: Any, params: Array) -> Array:
        lifted = function
        for _ in range(params.ndim - 1):
            lifted = jax.vmap(lifted)
        return lifted(x, params)

    return several


def _keys(key: PRNGKeyArray, sample_shape: tuple[int, ...], shape: tuple[int, ...]) -> Any:
    lead = (*sample_shape, *shape[:-1])
    return jax.random.split(key, lead) if lead else key


def _weighing(weight: Array) -> Any:
    return _WEIGHT(weight)


_WEIGHT: Any = Distribution(
    const(lambda weight: jnp.ones(jnp.shape(weight), jnp.bool_)),
    const(lambda holds, weight: jnp.where(holds, weight, -jnp.inf)),
    const("Evidence"),
)
