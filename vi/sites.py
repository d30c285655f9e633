"""A random draw as a primitive that carries its gradient strategy, and stays one under batching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from genjax.pjax import (
    LoweringSamplePrimitiveToMLIRException,
    adev_sample_p,
    global_counter,
    initial_style_bind,
)

from vi.errors import ObjectiveError, at

if TYPE_CHECKING:
    from vi.laws import Law
    from vi.strategies.base import Strategy

UNSEEDED = "a draw was compiled without a key: call `vi.Objective`'s methods, or `genjax.seed`"


@dataclass(frozen=True, eq=False)
class Site:
    """One place of a program where something is drawn.

    Args:
      law: what is drawn.
      strategy: how the gradient of what depends on it is estimated.
      address: in the program, where it has one.
      extras: how many of the arguments come before the law's parameters (a baseline).
      lanes: leading dimensions that batching has added: independent draws side by side.
    """

    law: Law
    strategy: Strategy
    address: str | None = None
    extras: int = 0
    lanes: int = 0

    def forward(self, key: jax.Array, *arguments: Any) -> Any:
        """Draw from a key, with no thought of gradients."""
        parameters = arguments[self.extras :]
        noise = self.law.noise(key, (), *(jnp.shape(p) for p in parameters))
        return self.push(noise, parameters)

    def fresh(self, parameters: tuple[Any, ...]) -> Any:
        """Draw in a program whose key is not known yet."""
        return self.push(self.law.fresh_noise(parameters), parameters)

    def push(self, noise: Any, parameters: tuple[Any, ...]) -> Any:
        """The value that noise gives."""
        if self.law.ranks is None and self.lanes:
            keys = jax.random.split(noise, parameters[0].shape[: self.lanes])
            return self._each(self.law.push)(keys, *parameters)
        return self.strategy.push(self.law, noise, parameters)

    def log_density(self, value: Any, parameters: tuple[Any, ...]) -> jax.Array:
        """Of all that is drawn at this site together, a scalar."""
        if self.law.ranks is None and self.lanes:
            return jnp.sum(self._each(self.law.log_density)(value, *parameters))
        return self.strategy.log_density(self.law, value, parameters)

    def _each(self, function: Callable[..., Any]) -> Callable[..., Any]:
        for _ in range(self.lanes):
            function = jax.vmap(function)
        return function

    @property
    def where(self) -> str:
        """For messages: the distribution and the address."""
        return f"the draw from {self.law.name}{at(self.address)}"


def bind(site: Site, *arguments: Any) -> Any:
    """Draw at a site: the value, whose gradient strategy an objective will see.

    Args:
      site: what is drawn, and how.
      arguments: `site.extras` arrays, then the law's parameters, aligned.
    """

    def keyed(key, *flat, **parameters):
        return [site.forward(key, *flat[parameters["num_consts"] :])]

    def unkeyed(*arguments):
        global_counter.count += 1
        return site.forward(jax.random.key(global_counter.count), *arguments)

    def batch(arguments, axes, **parameters):
        if parameters.get("ctx") != "modular_vmap":
            raise ObjectiveError(
                f"{site.where} is under `jax.vmap`, which does not know how draws are batched",
                hint="use `vi.independent`, `vi.draws` or `genjax.modular_vmap`",
            )
        size = parameters["axis_size"]
        pairs = zip(arguments[1:], axes[1:], strict=True)  # the first is a dummy of PJAX
        return (bind(replace(site, lanes=site.lanes + 1), *_lead(pairs, size)),), (0,)

    def refuse(*_, **__):
        raise ObjectiveError(
            f"{site.where} is differentiated outside of an objective",
            hint="write the program with `vi.maximise` or `vi.minimise` and take its gradient there",
        )

    return initial_style_bind(
        adev_sample_p,
        keyful_sampler=keyed,
        flat_keyful_sampler=keyed,
        sample_shape=(),
        batch=batch,
        jvp=refuse,
        adev_prim=site,
        lowering_warning=UNSEEDED,
        lowering_exception=LoweringSamplePrimitiveToMLIRException(UNSEEDED, {}),
    )(unkeyed, name=site.law.name)(*arguments)


def _lead(pairs, size: int) -> list[Any]:
    """Every argument with the new axis in front."""
    return [
        jnp.broadcast_to(a, (size, *jnp.shape(a))) if axis is None else jnp.moveaxis(a, axis, 0)
        for a, axis in pairs
    ]
