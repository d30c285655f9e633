"""Guides that bend a standard normal: coupling flows of splines, and autoregressive ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, PRNGKeyArray

from vi.guides.base import SMALLEST_SCALE, Distribution
from vi.guides.networks import MLP, MaskedLinear, Network
from vi.guides.normal import UNIT

REACH = 6.0  # standard deviations within which splines bend; beyond, they are straight lines


@dataclass(frozen=True)
class Flow:
    """A coupling flow of monotone rational quadratic splines, between affine maps.

    The bijections are Distrax's, the networks that shape them Flax's.

    Source: Durkan, Bekasov, Murray and Papamakarios, Neural spline flows (2019).

    Args:
      size: coordinates, 2 or more.
      layers: couplings; each bends one half of the coordinates by the other.
      bins: of each spline.
      hidden: numbers of a network's hidden layer.
      context: numbers that every network reads as well.

    >>> guide = Flow(3)
    >>> params = guide.init(jax.random.key(0))
    >>> guide.distribution(params).sample(seed=jax.random.key(1)).shape
    (3,)
    """

    size: int
    layers: int = 4
    bins: int = 8
    hidden: int = 32
    context: int = 0

    def __post_init__(self) -> None:
        if self.size < 2 or self.layers < 1 or self.bins < 2:
            raise ValueError("a flow has 2 coordinates, 1 layer and 2 bins, or more of each")

    @cached_property
    def _conditioner(self) -> Network:
        each = 3 * self.bins + 1
        sizes = (self.size + self.context, self.hidden, self.hidden, self.size * each)
        return Network(lambda rngs: MLP(sizes, rngs, small=True))

    def _masks(self) -> np.ndarray:
        """Bool `[layers, size]`, what stays in each; all pairs meet after a few layers."""
        index = np.arange(self.size)
        return np.array(
            [
                ((index >> (i // 2) % max(self.size.bit_length() - 1, 1)) + i) % 2 == 0
                for i in range(self.layers)
            ]
        )

    def init(self, key: PRNGKeyArray) -> dict[str, Any]:
        """See `Guide.init`."""
        keys = jax.random.split(key, self.layers)
        return {
            "mean": jnp.zeros(self.size),
            "scale": jnp.full(self.size, UNIT),
            "couplings": [self._conditioner.init(k) for k in keys],
            "context": jnp.zeros((self.context, 2 * self.size)),
        }

    def distribution(self, params: dict[str, Any], context: Array | None = None) -> Distribution:
        """See `Guide.distribution`."""
        import distrax

        def spline(raw: Array) -> Any:
            return distrax.RationalQuadraticSpline(
                raw, -REACH, REACH, boundary_slopes="identity", min_bin_size=1e-3
            )

        couplings = []
        for mask, inner in zip(self._masks(), params["couplings"], strict=True):
            condition = self._shapes(inner, context)
            couple: Any = distrax.MaskedCoupling
            couplings.append(couple(jnp.asarray(mask), condition, spline))
        shift, stretch = jnp.split(_linear(params["context"], context), 2)
        scale = jax.nn.softplus(params["scale"] + stretch) + SMALLEST_SCALE
        affine = distrax.Block(distrax.ScalarAffine(params["mean"] + shift, scale), 1)
        base = distrax.MultivariateNormalDiag(jnp.zeros(self.size), jnp.ones(self.size))
        return distrax.Transformed(base, distrax.Chain([affine, *couplings]))

    def _shapes(self, params: Any, context: Array | None) -> Callable[[Array], Array]:
        reads = _reads(self._conditioner, params, context)
        return lambda x: reads(x).reshape(self.size, -1)


def _reads(network: Network, params: Any, context: Array | None) -> Callable[[Array], Array]:
    if context is None:
        return lambda x: network(params, x)
    return lambda x: network(params, jnp.concatenate([x, context]))


def _linear(weights: Array, context: Array | None) -> Array:
    """What a context adds, linearly; nothing where there is none."""
    return jnp.zeros(weights.shape[1]) if context is None else context @ weights


@dataclass(frozen=True)
class Autoregressive:
    """Each coordinate is normal, its mean and scale a network of those before it.

    Densities take one pass of a masked network, sampling one for each coordinate.

    Source: Papamakarios, Pavlakou and Murray, Masked autoregressive flow for density estimation
    (2017); Germain et al., MADE (2015).

    Args:
      size: coordinates.
      hidden: numbers of the two hidden layers.
      context: numbers that the network reads as well.

    >>> guide = Autoregressive(3)
    >>> params = guide.init(jax.random.key(0))
    >>> point, log = guide.distribution(params).sample_and_log_prob(seed=jax.random.key(1))
    >>> bool(jnp.abs(guide.distribution(params).log_prob(point) - log) < 1e-4)
    True
    """

    size: int
    hidden: int = 64
    context: int = 0

    @cached_property
    def _network(self) -> Network:
        return Network(lambda rngs: _Masked(self.size, self.context, self.hidden, rngs))

    def init(self, key: PRNGKeyArray) -> dict[str, Any]:
        """See `Guide.init`."""
        return self._network.init(key)

    def distribution(self, params: dict[str, Any], context: Array | None = None) -> Distribution:
        """See `Guide.distribution`."""
        import distrax

        reads = _reads(self._network, params, context)

        def shape(x: Array) -> tuple[Array, Array]:
            mean, raw = reads(x)
            return mean, jax.nn.softplus(raw + UNIT) + SMALLEST_SCALE

        base = distrax.MultivariateNormalDiag(jnp.zeros(self.size), jnp.ones(self.size))
        return distrax.Transformed(base, _sequential()(shape, self.size))


class _Masked(nnx.Module):
    """Mean and scale of each coordinate, from those before it and the context."""

    def __init__(self, size: int, context: int, hidden: int, rngs: nnx.Rngs):
        degree_in = np.concatenate([np.arange(1, size + 1), np.zeros(context, int)])
        degree = np.arange(hidden) % size  # 0 reads the context alone
        degree_out = np.tile(np.arange(1, size + 1), 2)
        self.first = MaskedLinear(degree_in[:, None] <= degree[None], rngs)
        self.second = MaskedLinear(degree[:, None] <= degree[None], rngs)
        self.last = MaskedLinear(degree[:, None] < degree_out[None], rngs, small=True)

    def __call__(self, x: Array) -> tuple[Array, Array]:
        x = jax.nn.gelu(self.first(x))
        mean, raw = jnp.split(self.last(jax.nn.gelu(self.second(x))), 2, axis=-1)
        return mean, raw


def _sequential() -> Any:
    """The bijector class; made where it is needed, since Distrax takes long to import."""
    import distrax

    class Sequential(distrax.Bijector):
        """From noise to a point: a coordinate after the other; back: all at once."""

        def __init__(self, shape: Callable[[Array], tuple[Array, Array]], size: int):
            super().__init__(event_ndims_in=1)
            self._shape, self._size = shape, size

        def forward_and_log_det(self, x: Array) -> tuple[Array, Array]:
            def step(y: Array, i: Array) -> tuple[Array, None]:
                mean, scale = self._shape(y)
                return y.at[i].set(mean[i] + scale[i] * x[i]), None

            y, _ = jax.lax.scan(step, jnp.zeros_like(x), jnp.arange(self._size))
            return y, jnp.sum(jnp.log(self._shape(y)[1]))

        def inverse_and_log_det(self, y: Array) -> tuple[Array, Array]:
            mean, scale = self._shape(y)
            return (y - mean) / scale, -jnp.sum(jnp.log(scale))

    return Sequential
