"""Distributions as strategies see them: noise, a function of it, and a log density.

GenJAX's distributions carry a sampler and a log density. A gradient strategy needs to know more:
whether the value is a differentiable function of noise, which values there are, whether the support
moves with the parameters. `law_of` finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import genjax
import jax
import jax.numpy as jnp
from genjax import Const, Distribution, Pytree, const
from genjax import distributions as gd
from genjax.pjax import sample_binder
from jaxtyping import Array
from tensorflow_probability.substrates.jax import distributions as tfd

Noise = Callable[..., Any]  # (key, sample_shape, *parameters) -> noise
SMALLEST = float(jnp.finfo(jnp.float32).tiny)


@dataclass(frozen=True)
class Law:
    """What strategies know of a distribution.

    Args:
      name: for messages.
      ranks: dimensions of each parameter of one draw; further leading ones are independent draws.
        None where it is not known: then each parameter is passed on as it is.
      noise: draws the noise of `shape` draws, from a key and the parameters' shapes.
      push: the value, from the noise and the parameters.
      log_density: of each draw, from the value and the parameters.
      smooth: whether `push` is differentiable in the parameters, so that its derivative is that of
        the draw.
      chances: the probability of each value of one draw, `[..., K]`; None where there are too many.
      values: the values that `chances` belong to, `[K]`, from their number.
      moving: whether the support depends on the parameters, so that scores miss a part.
    """

    name: str
    ranks: tuple[int, ...] | None
    noise: Noise
    push: Callable[..., Any]
    log_density: Callable[..., Array]
    smooth: bool = False
    moving: bool = False
    chances: Callable[..., Array] | None = None
    values: Callable[[int], Array] = jnp.arange

    @property
    def discrete(self) -> bool:
        """Whether values are counted rather than measured, as far as that is known."""
        return self.name in DISCRETE

    def align(self, parameters: tuple[Any, ...]) -> tuple[Array, ...]:
        """Parameters with the same leading dimensions, one for each independent draw."""
        arrays = tuple(jnp.asarray(p) for p in parameters)
        if self.ranks is None:
            return arrays
        ranks = self.ranks[: len(arrays)]
        shapes = [a.shape[: a.ndim - r] for a, r in zip(arrays, ranks, strict=True)]
        lead = jnp.broadcast_shapes(*shapes)
        return tuple(
            jnp.broadcast_to(a, lead + a.shape[a.ndim - r :])
            for a, r in zip(arrays, ranks, strict=True)
        )

    def lead(self, parameters: tuple[Array, ...]) -> tuple[int, ...]:
        """Leading dimensions of aligned parameters: the shape of the independent draws."""
        if not self.ranks:
            return ()
        first = parameters[0]
        return first.shape[: first.ndim - self.ranks[0]]

    def fresh_noise(self, parameters: tuple[Array, ...]) -> Any:
        """Noise for aligned parameters, as a random site of PJAX."""
        shapes = tuple(p.shape for p in parameters)

        def keyed(key: Array, sample_shape: tuple[int, ...] = ()) -> Any:
            return self.noise(key, sample_shape, *shapes)

        pool = getattr(self.noise, "pool", None)
        if pool is not None:
            keyed.pool = pool  # type: ignore[attr-defined]
        return sample_binder(keyed, name=f"{self.name} noise")()

    def total(self, value: Any, parameters: tuple[Any, ...]) -> Array:
        """Log density of all draws of a site together, a scalar."""
        return jnp.sum(self.log_density(value, *parameters))


def _positive_uniform(key, shape):
    return jax.random.uniform(key, shape, minval=SMALLEST)


@dataclass(frozen=True)
class _Pooled:
    """Noise in the shape of the first parameter; one call can serve many sites (see `seeding`)."""

    pool: Callable[..., Array]

    def __call__(self, key, sample_shape, first, *_):
        return self.pool(key, sample_shape + first)


_normals = _Pooled(jax.random.normal)
_uniforms = _Pooled(_positive_uniform)
_gumbels = _Pooled(jax.random.gumbel)


def _keys(key, sample_shape, *_):
    return jax.random.split(key, sample_shape) if sample_shape else key


def _normal_density(x, loc, scale):
    z = (x - loc) / scale
    return -0.5 * z * z - jnp.log(scale) - 0.5 * jnp.log(2 * jnp.pi)


def _flip_density(x, p):
    x = jnp.asarray(x, jnp.result_type(float))
    return jnp.where(x == 1, jnp.log(p), jnp.where(x == 0, jnp.log1p(-p), _between(x, p)))


def _between(x, p):
    return x * jnp.log(p) + (1 - x) * jnp.log1p(-p)


def _categorical_density(x, logits):
    """Of an index, or of weights that sum to one (a relaxed draw has the shape of the logits)."""
    logs = jax.nn.log_softmax(logits)
    if jnp.shape(x) == jnp.shape(logits) and jnp.issubdtype(jnp.result_type(x), jnp.inexact):
        return jnp.sum(x * logs, -1)
    return jnp.take_along_axis(logs, jnp.asarray(x, jnp.int32)[..., None], -1)[..., 0]


def _mvn(noise, loc, covariance):
    return loc + jnp.einsum("...ij,...j->...i", jnp.linalg.cholesky(covariance), noise)


def _beta(key, a, b):
    return jax.random.beta(key, a, b)


def _gamma(key, shape, rate):
    return jax.random.gamma(key, shape) / rate


def _of(family: Callable[..., Any]) -> Callable[..., Array]:
    return lambda x, *parameters: family(*parameters).log_prob(x)


NORMAL = Law(
    "normal", (0, 0), _normals, lambda e, loc, scale: loc + scale * e, _normal_density, smooth=True
)
MULTIVARIATE_NORMAL = Law(
    "multivariate normal",
    (1, 2),
    _normals,
    _mvn,
    _of(tfd.MultivariateNormalFullCovariance),
    smooth=True,
)
UNIFORM = Law(
    "uniform",
    (0, 0),
    _uniforms,
    lambda u, low, high: low + (high - low) * u,
    _of(tfd.Uniform),
    smooth=True,
    moving=True,
)
EXPONENTIAL = Law(
    "exponential",
    (0,),
    _uniforms,
    lambda u, rate: -jnp.log(u) / rate,
    _of(tfd.Exponential),
    smooth=True,
)
LAPLACE = Law(
    "laplace",
    (0, 0),
    _uniforms,
    lambda u, loc, scale: (
        loc - scale * jnp.sign(u - 0.5) * jnp.log(jnp.maximum(1 - 2 * jnp.abs(u - 0.5), SMALLEST))
    ),
    _of(tfd.Laplace),
    smooth=True,
)
LOG_NORMAL = Law(
    "log normal",
    (0, 0),
    _normals,
    lambda e, loc, scale: jnp.exp(loc + scale * e),
    _of(tfd.LogNormal),
    smooth=True,
)
# Implicitly: JAX differentiates its gamma sampler through the distribution function.
GAMMA = Law("gamma", (0, 0), _keys, _gamma, _of(tfd.Gamma), smooth=True)
BETA = Law("beta", (0, 0), _keys, _beta, _of(tfd.Beta), smooth=True)
DIRICHLET = Law(
    "dirichlet", (1,), _keys, lambda key, a: jax.random.dirichlet(key, a), _of(tfd.Dirichlet), True
)
FLIP = Law(
    "flip",
    (0,),
    _uniforms,
    lambda u, p: u < p,
    _flip_density,
    chances=lambda p: jnp.stack([1 - p, p], -1),
    values=lambda count: jnp.array([False, True]),
)
CATEGORICAL = Law(
    "categorical",
    (1,),
    _gumbels,
    lambda g, logits: jnp.argmax(g + logits, -1).astype(jnp.int32),
    _categorical_density,
    chances=lambda logits: jax.nn.softmax(logits),
)
BERNOULLI = Law(
    "bernoulli",
    (0,),
    _uniforms,
    lambda u, logits: (u < jax.nn.sigmoid(logits)).astype(jnp.int32),
    _of(tfd.Bernoulli),
    chances=lambda logits: jnp.stack([jax.nn.sigmoid(-logits), jax.nn.sigmoid(logits)], -1),
)
# Like GenJAX's: the parameter is the logit of success, the value the number of failures before it.
GEOMETRIC = Law(
    "geometric",
    (0,),
    _uniforms,
    lambda u, logits: jnp.floor(jnp.log(u) / jax.nn.log_sigmoid(-logits)),
    lambda x, logits: x * jax.nn.log_sigmoid(-logits) + jax.nn.log_sigmoid(logits),
)

_LAWS: list[tuple[Distribution[Any], Law]] = [
    (gd.normal, NORMAL),
    (gd.multivariate_normal, MULTIVARIATE_NORMAL),
    (gd.uniform, UNIFORM),
    (gd.exponential, EXPONENTIAL),
    (gd.laplace, LAPLACE),
    (gd.log_normal, LOG_NORMAL),
    (gd.gamma, GAMMA),
    (gd.beta, BETA),
    (gd.dirichlet, DIRICHLET),
    (gd.flip, FLIP),
    (gd.categorical, CATEGORICAL),
    (gd.geometric, GEOMETRIC),
    (gd.bernoulli, BERNOULLI),
]
DISCRETE = frozenset(
    {
        *("flip", "categorical", "bernoulli", "geometric", "Poisson", "Binomial"),
        *("Multinomial", "NegativeBinomial", "Zipf"),
    }
)


def law_of(distribution: Distribution[Any]) -> Law:
    """The law of a GenJAX distribution; of one that is not known, all but its shape is used.

    >>> law_of(genjax.normal).smooth, law_of(genjax.poisson).discrete
    (True, True)
    """
    if isinstance(distribution, Lawful):
        return distribution.law
    for known, law in _LAWS:
        if known is distribution:
            return law
    return _opaque(distribution)


@Pytree.dataclass
class Lawful(Distribution[Any]):
    """A distribution of one's own that says what strategies need to know of it."""

    _sample: Const[Callable[..., Any]]
    _logpdf: Const[Callable[..., Any]]
    name: Const[Any]
    law: Any = Pytree.static()


def lawful(law: Law) -> Lawful:
    """The distribution of a law, such as the density that a network makes.

    >>> standard = lawful(Law("standard", None, _keys, lambda key: jax.random.normal(key), _normal_density))
    >>> law_of(standard).name
    'standard'
    """

    def sample(*parameters: Any) -> Any:
        return law.push(law.fresh_noise(law.align(parameters)), *parameters)

    return Lawful(const(sample), const(law.log_density), const(law.name), law)


def _opaque(distribution: Distribution[Any]) -> Law:
    """A distribution of which only the sampler and the log density are known."""
    draw = genjax.seed(distribution.sample)
    name = distribution.name.value or "a distribution without a name"
    return Law(name, None, _keys, draw, distribution.logpdf)
