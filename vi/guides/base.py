"""What a guide is: a family of distributions over points, with parameters to be fitted."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from jaxtyping import Array, Float, PRNGKeyArray

# Distrax's; its annotations have an `Array` of their own, which no checker can join with JAX's.
type Distribution = Any

SMALLEST_SCALE = 1e-4  # standard deviations stay above it, so that densities stay finite


@runtime_checkable
class Guide(Protocol):
    """A family of distributions over points `[size]`: frozen options, and pure functions of parameters.

    A guide of one's own needs these two methods and the two numbers.
    """

    @property
    def size(self) -> int:
        """Coordinates of a point."""
        ...

    @property
    def context(self) -> int:
        """Numbers that the family is conditioned on; 0 for none."""
        ...

    def init(self, key: PRNGKeyArray) -> Any:
        """Parameters to begin with, near the standard normal distribution."""
        ...

    def distribution(self, params: Any, context: Array | None = None) -> Distribution:
        """The member of the family, as Distrax has it: to sample, and for the density of points.

        Args:
          params: from `init`, or fitted.
          context: `[context]`.
        """
        ...


def draw(
    guide: Guide, key: PRNGKeyArray, params: Any, context: Array | None = None
) -> tuple[Float[Array, " size"], Float[Array, ""]]:
    """A point and its log density; both are differentiable in the parameters (reparametrised).

    >>> import jax
    >>> from vi.guides import MeanField
    >>> guide = MeanField(3)
    >>> point, log_density = draw(guide, jax.random.key(0), guide.init(jax.random.key(1)))
    >>> point.shape, log_density.shape
    ((3,), ())
    """
    return guide.distribution(params, context).sample_and_log_prob(seed=key)


def log_density(
    guide: Guide, params: Any, point: Float[Array, " size"], context: Array | None = None
) -> Float[Array, ""]:
    """The log density of a point.

    >>> import jax, jax.numpy as jnp
    >>> from vi.guides import MeanField
    >>> guide = MeanField(1)
    >>> round(float(log_density(guide, guide.init(jax.random.key(1)), jnp.zeros(1))), 3)
    -0.919
    """
    return guide.distribution(params, context).log_prob(point)
