"""Biased gradients of finite draws: relaxations. They are marked as biased."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import xlog1py, xlogy
from jaxtyping import Array

from vi.laws import Law
from vi.sites import Site
from vi.strategies.base import Dual, Rest, Strategy, push_forward, split

BINARY = ("flip", "bernoulli")


class Relaxed(Strategy):
    """A finite draw as numbers: a flip is 0.0 or 1.0 or between, a categorical has `[K]` weights.

    The log density is that of the discrete law, extended to these numbers, which is not the density
    of what is drawn.
    """

    biased = True

    def refusal(self, law: Law) -> tuple[str, str] | None:
        if law.name in (*BINARY, "categorical"):
            return None
        if law.smooth:
            return "it needs no relaxation", "use Reparametrise()"
        return "it has no relaxation", "use Reinforce()"

    @abstractmethod
    def relax(self, law: Law, noise: Any, parameters: tuple[Any, ...]) -> Array:
        """The differentiable value."""

    def push(self, law: Law, noise: Any, parameters: tuple[Any, ...]) -> Any:
        return self.relax(law, noise, parameters)

    def estimate(self, site: Site, primals: tuple, tangents: tuple, rest: Rest) -> Dual:
        _, parameters, moved = split(site, primals, tangents)
        noise = site.law.fresh_noise(parameters)
        push = lambda *p: self.relax(site.law, noise, p)  # noqa: E731
        return rest(*push_forward(push, parameters, moved))

    def log_density(self, law: Law, value: Any, parameters: tuple[Any, ...]) -> Array:
        assert law.chances is not None
        chances = law.chances(*parameters)
        if law.name in BINARY:
            p = chances[..., 1]
            return jnp.sum(xlogy(value, p) + xlog1py(1 - value, -p))
        return jnp.sum(xlogy(value, chances))


@dataclass(frozen=True)
class StraightThrough(Relaxed):
    """The discrete value, with the derivative of its probability: biased.

    A flip is 0.0 or 1.0, a categorical draw is one-hot, `[K]`.

    Source: Bengio, Léonard and Courville 2013.
    """

    def relax(self, law: Law, noise: Any, parameters: tuple[Any, ...]) -> Array:
        assert law.chances is not None
        chances = law.chances(*parameters)
        soft = chances[..., 1] if law.name in BINARY else chances
        hard = law.push(noise, *parameters)
        if law.name not in BINARY:
            hard = jax.nn.one_hot(hard, chances.shape[-1])
        return soft + jax.lax.stop_gradient(hard.astype(soft.dtype) - soft)


@dataclass(frozen=True)
class GumbelSoftmax(Relaxed):
    """A softmax of perturbed logits in place of their largest: biased.

    Args:
      temperature: the lower, the closer to discrete values and the more variable the gradients.
      hard: give the discrete value, and use the relaxation for the derivative only.

    Source: Jang, Gu and Poole 2017; Maddison, Mnih and Teh 2017.
    """

    temperature: float = 0.5
    hard: bool = False

    def relax(self, law: Law, noise: Any, parameters: tuple[Any, ...]) -> Array:
        if law.name == "categorical":
            soft = jax.nn.softmax((parameters[0] + noise) / self.temperature)
            hard = jax.nn.one_hot(jnp.argmax(soft, -1), soft.shape[-1])
        else:
            assert law.chances is not None
            chances = law.chances(*parameters)
            logit = jnp.log(chances[..., 1]) - jnp.log(chances[..., 0])
            logistic = jnp.log1p(-noise) - jnp.log(
                noise
            )  # 1 where noise < p, as for the discrete draw
            soft = jax.nn.sigmoid((logit + logistic) / self.temperature)
            hard = (soft > 0.5).astype(soft.dtype)
        return soft + jax.lax.stop_gradient(hard - soft) if self.hard else soft
