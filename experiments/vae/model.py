"""A variational autoencoder: a code for each picture, a network that draws it, one that reads it.

Source: Kingma and Welling, Auto-encoding variational Bayes (2014).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import genjax
import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, PRNGKeyArray

from vi import Objective, Reparametrise, independent, maximise, target
from vi.guides import MLP, Network
from vi.programs import Target

NOISE = 0.2  # standard deviation of a pixel, in ink from 0 to 1


class Networks(nnx.Module):
    """Encoder and decoder, each with one hidden layer."""

    def __init__(self, pixels: int, code: int, hidden: int, rngs: nnx.Rngs):
        self.encoder = MLP((pixels, hidden, 2 * code), rngs, jax.nn.softplus)
        self.decoder = MLP((code, hidden, pixels), rngs, jax.nn.softplus)

    def encode(self, picture: Array) -> tuple[Array, Array]:
        """Mean and sd of the code, `[..., code]` each."""
        mean, raw = jnp.split(self.encoder(picture), 2, -1)
        return mean, jnp.exp(raw / 2)

    def decode(self, code: Array) -> Array:
        """`[..., pixels]`, ink from 0 to 1."""
        return jax.nn.sigmoid(self.decoder(code))


@dataclass(frozen=True, eq=False)
class Autoencoder:
    """Model and guide of pictures.

    Args:
      pixels: of a picture.
      code: numbers that stand for it.
      hidden: of each network.
    """

    pixels: int
    code: int = 10
    hidden: int = 128

    @cached_property
    def networks(self) -> Network:
        """The networks as pure functions."""
        return Network(lambda rngs: Networks(self.pixels, self.code, self.hidden, rngs))

    def init(self, key: PRNGKeyArray) -> Any:
        """Parameters to begin with."""
        return self.networks.init(key)

    def target(self, params: Any, picture: Array) -> Target:
        """The model with a picture observed."""
        return target(self._model, {"picture": picture}, params)

    def guide(self, params: Any, picture: Array) -> Any:
        """The guide that reads a picture."""
        return self._guide.T(params, picture)

    @cached_property
    def _model(self) -> Any:
        def model(params: Any) -> None:
            code = genjax.normal(jnp.zeros(self.code), 1.0) @ "code"
            ink = self.networks.module(params).decode(code)
            genjax.normal(ink, NOISE) @ "picture"

        return genjax.gen(model)

    @cached_property
    def _guide(self) -> Any:
        def guide(params: Any, picture: Array) -> None:
            mean, sd = self.networks.module(params).encode(picture)
            Reparametrise()(genjax.normal)(mean, sd) @ "code"

        return genjax.gen(guide)

    def objective(self, bound: Any) -> Objective:
        """The mean of a bound over pictures `[batch, pixels]`.

        Args:
          bound: of a target and a guide, such as `elbo`.
        """

        @maximise
        def mean(params: Any, pictures: Float[Array, "batch pixels"]) -> Array:
            def one(picture: Array) -> Array:
                return bound(self.target(params, picture), self.guide(params, picture))

            return jnp.mean(independent(one, len(pictures), pictures))

        return mean

    def hand_coded(
        self, key: PRNGKeyArray, params: Any, pictures: Float[Array, "batch pixels"]
    ) -> Array:
        """Minus the evidence lower bound, written in JAX alone; what the objective is compared with."""
        nets = self.networks.module(params)
        mean, sd = nets.encode(pictures)
        code = mean + sd * jax.random.normal(key, mean.shape)
        normal = jax.scipy.stats.norm.logpdf
        log_model = normal(code).sum(-1) + normal(pictures, nets.decode(code), NOISE).sum(-1)
        return -jnp.mean(log_model - normal(code, mean, sd).sum(-1))

    def again(self, params: Any, pictures: Array) -> Array:
        """Pictures drawn from the mean of their codes."""
        nets = self.networks.module(params)
        return nets.decode(nets.encode(pictures)[0])

    def made_up(self, key: PRNGKeyArray, params: Any, count: int) -> Array:
        """Pictures of codes that are drawn from the prior, `[count, pixels]`."""
        return self.networks.module(params).decode(jax.random.normal(key, (count, self.code)))
