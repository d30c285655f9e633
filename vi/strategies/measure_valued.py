"""Measure-valued derivatives: the derivative of a law is a difference of two laws.

Source: Mohamed, Rosca, Figurnov and Mnih 2020, "Monte Carlo gradient estimation in machine
learning", section 6; the paper's estimators for flip and normal are those of POPL 2023, ADEV.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from genjax.pjax import modular_vmap, sample_binder
from jaxtyping import Array

from vi.laws import Law
from vi.sites import Site
from vi.strategies.base import Dual, Rest, Strategy, add, push_forward, split
from vi.strategies.reparametrise import suggestion


@dataclass(frozen=True)
class MeasureValued(Strategy):
    """Differences of results between the value and phantoms (flip, normal, categorical, geometric).

    The rest of the program is run once more for each phantom, batched: one a draw for discrete
    laws, three for a normal. It need not be continuous in the value.
    """

    def refusal(self, law: Law) -> tuple[str, str] | None:
        if law.name in RULES:
            return None
        return "its derivative is not known as a difference of laws", f"use {suggestion(law)}"

    def estimate(self, site: Site, primals: tuple, tangents: tuple, rest: Rest) -> Dual:
        _, parameters, moved = split(site, primals, tangents)
        if all(t is None for t in moved):
            return rest(site.fresh(parameters), None)
        value, phantoms = RULES[site.law.name](site, parameters)
        found = rest(value, None)
        slopes = [
            _slope(phantom, value, parameters, moved, found.primal, rest) for phantom in phantoms
        ]
        return Dual(found.primal, add(found.tangent, *slopes))


@dataclass(frozen=True)
class Phantom:
    """A pair of values whose results differ by a derivative.

    Args:
      plus: values, one for each draw of the site.
      minus: the same; None is the value itself.
      weight: of the difference, from tangents; linear in them, one number for each draw.
    """

    plus: Array
    minus: Array | None
    weight: Callable[..., Array | None]


def _slope(
    phantom: Phantom, value: Array, parameters: tuple, moved: tuple, result: Array, rest: Rest
) -> Array | None:
    """Sum over the draws of a site: weight times the difference that its phantoms make."""
    weight = phantom.weight(parameters, moved)
    if weight is None:
        return None
    plus = _one_at_a_time(rest, value, phantom.plus)
    minus = result if phantom.minus is None else _one_at_a_time(rest, value, phantom.minus)
    return jnp.sum(weight.reshape(-1) * (plus - minus))


def _one_at_a_time(rest: Rest, value: Array, phantom: Array) -> Array:
    """Results with one draw of the site replaced by its phantom, `[draws]`."""
    flat, others = value.reshape(-1), phantom.reshape(-1)
    if flat.size == 1:
        return rest.primal(phantom)[None]
    replaced = jnp.where(jnp.eye(flat.size, dtype=bool), others, flat)
    values = replaced.reshape(flat.size, *value.shape)
    return modular_vmap(rest.primal)(values)


def _flip(site: Site, parameters: tuple) -> tuple[Array, list[Phantom]]:
    value = site.fresh(parameters)
    other = site.law.values(2)[jnp.where(value == 1, 0, 1)]
    chances = site.law.chances
    assert chances is not None
    chance = lambda *p: chances(*p)[..., 1]  # noqa: E731

    def weight(parameters, moved):
        _, slope = push_forward(chance, parameters, moved)
        return jnp.where(value == 1, -slope, slope)

    return value, [Phantom(other, None, weight)]


def _categorical(site: Site, parameters: tuple) -> tuple[Array, list[Phantom]]:
    value, other = site.fresh(parameters), site.fresh(parameters)

    def weight(parameters, moved):
        return jnp.take_along_axis(moved[0], other[..., None], -1)[..., 0]

    return value, [Phantom(other, None, weight)]


def _geometric(site: Site, parameters: tuple) -> tuple[Array, list[Phantom]]:
    value, other = site.fresh(parameters), site.fresh(parameters)

    def weight(parameters, moved):
        return -jax.nn.sigmoid(-parameters[0]) * moved[0]

    return value, [Phantom(1 + value + other, None, weight)]


def _normal(site: Site, parameters: tuple) -> tuple[Array, list[Phantom]]:
    loc, scale = parameters
    maxwell, uniform, rayleigh = _normal_noise(loc.shape)
    value = loc + scale * maxwell * uniform

    def of_loc(parameters, moved):
        slope = moved[0]
        return None if slope is None else slope / (scale * jnp.sqrt(2 * jnp.pi))

    def of_scale(parameters, moved):
        return None if moved[1] is None else moved[1] / scale

    return value, [
        Phantom(loc + scale * rayleigh, loc - scale * rayleigh, of_loc),
        Phantom(loc + scale * maxwell, None, of_scale),
    ]


def _normal_noise(shape: tuple[int, ...]) -> Any:
    """A double-sided Maxwell draw, a uniform that makes it a normal, and a Rayleigh draw."""

    def keyed(key: Array, sample_shape: tuple[int, ...] = ()) -> Array:
        normals, rest = jax.random.split(key)
        all_shape = (*sample_shape, *shape)
        a = jax.random.normal(normals, (*sample_shape, 5, *shape))
        a = jnp.moveaxis(a, len(sample_shape), 0)
        sign = jnp.sign(a[0])
        uniform = jax.random.uniform(rest, all_shape)
        maxwell = sign * jnp.sqrt(a[0] ** 2 + a[1] ** 2 + a[2] ** 2)
        return jnp.stack([maxwell, uniform, jnp.sqrt(a[3] ** 2 + a[4] ** 2)], len(sample_shape))

    return sample_binder(keyed, name="normal phantoms")()


RULES: dict[str, Callable[[Site, tuple], tuple[Array, list[Phantom]]]] = {
    "flip": _flip,
    "bernoulli": _flip,
    "categorical": _categorical,
    "geometric": _geometric,
    "normal": _normal,
}
