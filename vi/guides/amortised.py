"""Guides that read an observation: a network says which member of a family answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, PRNGKeyArray

from vi.guides.base import Distribution, Guide
from vi.guides.networks import Network


@dataclass(frozen=True, eq=False)
class Amortised:
    """A guide whose member is chosen by a network that reads the observation.

    A family with a context is given what the encoder says as its context; the parameters of one without
    are a linear function of it.

    Source: Kingma and Welling, Auto-encoding variational Bayes (2014).

    Args:
      family: of distributions over points.
      encoder: from an observation to `[features]`.
      features: numbers that the encoder gives; the family's context, where it has one.

    Raises:
      ValueError: where the family's context is of another size.

    >>> from flax import nnx
    >>> from vi.guides import MeanField
    >>> guide = Amortised(MeanField(2), Network(lambda r: nnx.Linear(5, 8, rngs=r)), features=8)
    >>> params = guide.init(jax.random.key(0))
    >>> guide.log_density(params, jnp.zeros(2), jnp.ones(5)).shape
    ()
    """

    family: Guide
    encoder: Network
    features: int

    def __post_init__(self) -> None:
        if self.family.context not in (0, self.features):
            raise ValueError(
                f"the family reads {self.family.context} numbers, and the encoder gives {self.features}"
            )

    @cached_property
    def _shape(self) -> tuple[int, Any]:
        flat, unravel = ravel_pytree(self.family.init(jax.random.key(0)))
        return flat.size, unravel

    def init(self, key: PRNGKeyArray) -> dict[str, Any]:
        """Parameters to begin with: near the family's own."""
        encoder_key, family_key = jax.random.split(key)
        params = {"encoder": self.encoder.init(encoder_key), "family": self.family.init(family_key)}
        if not self.family.context:
            params["head"] = 1e-3 * jax.random.normal(family_key, (self.features, self._shape[0]))
        return params

    def distribution(self, params: Mapping[str, Any], observation: Any) -> Distribution:
        """The member that answers an observation."""
        features = self.encoder(params["encoder"], observation)
        if self.family.context:
            return self.family.distribution(params["family"], features)
        shift = self._shape[1](features @ params["head"])
        return self.family.distribution(jax.tree.map(jnp.add, params["family"], shift))

    def log_density(self, params: Any, point: Array, observation: Any) -> Array:
        """The log density of a point given an observation."""
        return self.distribution(params, observation).log_prob(point)

    def draw(self, key: PRNGKeyArray, params: Any, observation: Any) -> tuple[Array, Array]:
        """A point given an observation, and its log density."""
        return self.distribution(params, observation).sample_and_log_prob(seed=key)
