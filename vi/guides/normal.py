"""Normal guides: independent, low rank, full rank, and with the structure of groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray

from vi.guides.base import SMALLEST_SCALE, Distribution

UNIT = 0.5413248546  # softplus of it is 1


def scale_of(raw: Array) -> Array:
    """Positive standard deviations from any numbers."""
    return jax.nn.softplus(raw) + SMALLEST_SCALE


@dataclass(frozen=True)
class MeanField:
    """Independent normals.

    Args:
      size: coordinates.

    >>> guide = MeanField(2)
    >>> guide.distribution(guide.init(jax.random.key(0))).mean().tolist()
    [0.0, 0.0]
    """

    size: int
    context: int = 0

    def init(self, key: PRNGKeyArray) -> dict[str, Array]:
        """See `Guide.init`."""
        return {"mean": jnp.zeros(self.size), "scale": jnp.full(self.size, UNIT)}

    def distribution(self, params: dict[str, Array], context: Array | None = None) -> Distribution:
        """See `Guide.distribution`."""
        import distrax

        return distrax.MultivariateNormalDiag(params["mean"], scale_of(params["scale"]))


@dataclass(frozen=True)
class FullRank:
    """A normal with any covariance, by its Cholesky factor.

    Args:
      size: coordinates; parameters grow with its square.

    >>> guide = FullRank(2)
    >>> guide.init(jax.random.key(0))["lower"].shape
    (2, 2)
    """

    size: int
    context: int = 0

    def init(self, key: PRNGKeyArray) -> dict[str, Array]:
        """See `Guide.init`."""
        n = self.size
        return {"mean": jnp.zeros(n), "lower": jnp.zeros((n, n)), "scale": jnp.full(n, UNIT)}

    def distribution(self, params: dict[str, Array], context: Array | None = None) -> Distribution:
        """See `Guide.distribution`."""
        import distrax

        factor = jnp.tril(params["lower"], -1) + jnp.diag(scale_of(params["scale"]))
        return distrax.MultivariateNormalTri(params["mean"], factor)


@dataclass(frozen=True)
class LowRank:
    """A normal whose covariance is diagonal but for a few directions.

    Source: Ong, Nott and Smith, Gaussian variational approximation with a factor covariance
    structure (2018).

    Args:
      size: coordinates.
      rank: directions, from 1 to size.

    >>> guide = LowRank(6, rank=2)
    >>> guide.init(jax.random.key(0))["factor"].shape
    (6, 2)
    """

    size: int
    rank: int
    context: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.rank <= self.size:
            raise ValueError(f"the rank is from 1 to the size, {self.size}, not {self.rank}")

    def init(self, key: PRNGKeyArray) -> dict[str, Array]:
        """See `Guide.init`; the factor begins small and not at 0, where its derivative vanishes."""
        factor = 0.01 * jax.random.normal(key, (self.size, self.rank))
        return {
            "mean": jnp.zeros(self.size),
            "scale": jnp.full(self.size, UNIT),
            "factor": factor,
        }

    def distribution(self, params: dict[str, Array], context: Array | None = None) -> Distribution:
        """See `Guide.distribution`."""
        scale, factor = scale_of(params["scale"]), params["factor"]
        return _factored(params["mean"], jnp.diag(jnp.square(scale)) + factor @ factor.T)


def _factored(mean: Array, covariance: Array) -> Distribution:
    import distrax

    return distrax.MultivariateNormalTri(mean, jnp.linalg.cholesky(covariance))


@dataclass(frozen=True)
class Hierarchical:
    """A normal for shared coordinates and groups that depend on each other through these alone.

    A point holds the shared coordinates, then the groups one after the other. Parameters grow with
    the number of groups, and not with its square.

    Source: Hoffman and Blei, Structured stochastic variational inference (2015).

    Args:
      shared: coordinates that all groups depend on.
      groups: how many.
      each: coordinates of one group.

    >>> Hierarchical(shared=2, groups=5, each=1).size
    7
    """

    shared: int
    groups: int
    each: int
    context: int = 0

    @property
    def size(self) -> int:
        """Coordinates in all."""
        return self.shared + self.groups * self.each

    def init(self, key: PRNGKeyArray) -> dict[str, Any]:
        """See `Guide.init`."""
        one = FullRank(self.each)
        return {
            "shared": FullRank(self.shared).init(key),
            "groups": jax.tree.map(
                lambda x: jnp.tile(x, (self.groups,) + (1,) * x.ndim), one.init(key)
            ),
            "slope": jnp.zeros((self.groups, self.each, self.shared)),
        }

    def distribution(self, params: dict[str, Any], context: Array | None = None) -> Distribution:
        """See `Guide.distribution`."""
        import distrax

        # The Cholesky factor has the arrow shape of the structure: rows of groups meet only the
        # shared columns and their own.
        def lower(p: dict[str, Array]) -> Array:
            return jnp.tril(p["lower"], -1) + jnp.diag(scale_of(p["scale"]))

        top = lower(params["shared"])
        own = jax.scipy.linalg.block_diag(*jax.vmap(lower)(params["groups"]))
        # A slope acts on the shared coordinates' distance from their mean.
        slopes = (params["slope"] @ top).reshape(-1, self.shared)
        upper = jnp.concatenate([top, jnp.zeros((self.shared, own.shape[1]))], 1)
        factor = jnp.concatenate([upper, jnp.concatenate([slopes, own], 1)])
        mean = jnp.concatenate([params["shared"]["mean"], params["groups"]["mean"].reshape(-1)])
        return distrax.MultivariateNormalTri(mean, factor)
