"""Resampling: which particles go on, and how often each.

Four schemes, all unbiased: particle i has `n * weight[i]` children on average. Weights are
taken in logs and compared in float32, where a running sum may end below one: indices are
clamped to the last particle with weight, so that none without weight is ever chosen.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray


def effective_size(log_weights: Float[Array, " n"]) -> Float[Array, ""]:
    """The effective sample size, `(sum w)^2 / sum w^2`; 0 where every weight is zero.

    Args:
      log_weights: [n], unnormalised.

    >>> import jax.numpy as jnp
    >>> float(effective_size(jnp.array([0.0, 0.0, -jnp.inf])))
    2.0

    Source: Kong, Liu and Wong 1994.
    """
    top = jnp.max(log_weights)
    w = jnp.where(
        jnp.isfinite(top), jnp.exp(log_weights - jnp.where(jnp.isfinite(top), top, 0.0)), 0.0
    )
    return jnp.where(jnp.any(w > 0), jnp.sum(w) ** 2 / jnp.maximum(jnp.sum(w**2), 1e-38), 0.0)


def systematic(
    key: PRNGKeyArray, log_weights: Float[Array, " n"], count: int
) -> Int[Array, " count"]:
    """Ancestors from one uniform and an even comb: the least noise of the common schemes.

    Args:
      key: random key.
      log_weights: [n], unnormalised, at least one above minus infinity.
      count: how many ancestors to draw.

    >>> import jax, jax.numpy as jnp
    >>> systematic(jax.random.key(0), jnp.array([-jnp.inf, 0.0]), 3).tolist()
    [1, 1, 1]

    Source: Kitagawa 1996.
    """
    points = (jnp.arange(count) + jax.random.uniform(key)) / count
    return _invert(log_weights, points)


def multinomial(
    key: PRNGKeyArray, log_weights: Float[Array, " n"], count: int
) -> Int[Array, " count"]:
    """Ancestors drawn independently, in ascending order.

    Args:
      key: random key.
      log_weights: [n], unnormalised, at least one above minus infinity.
      count: how many ancestors to draw.

    >>> import jax, jax.numpy as jnp
    >>> multinomial(jax.random.key(0), jnp.array([0.0, -jnp.inf]), 3).tolist()
    [0, 0, 0]

    Source: Gordon, Salmond and Smith 1993.
    """
    return _invert(log_weights, jnp.sort(jax.random.uniform(key, (count,))))


def stratified(
    key: PRNGKeyArray, log_weights: Float[Array, " n"], count: int
) -> Int[Array, " count"]:
    """Ancestors from one uniform in each of `count` equal strata.

    Args:
      key: random key.
      log_weights: [n], unnormalised, at least one above minus infinity.
      count: how many ancestors to draw.

    >>> import jax, jax.numpy as jnp
    >>> stratified(jax.random.key(0), jnp.array([0.0, 0.0]), 4).tolist()
    [0, 0, 1, 1]

    Source: Kitagawa 1996.
    """
    points = (jnp.arange(count) + jax.random.uniform(key, (count,))) / count
    return _invert(log_weights, points)


def residual(
    key: PRNGKeyArray, log_weights: Float[Array, " n"], count: int
) -> Int[Array, " count"]:
    """As many children as are certain, and the rest of them drawn independently.

    Args:
      key: random key.
      log_weights: [n], unnormalised, at least one above minus infinity.
      count: how many ancestors to draw.

    >>> import jax, jax.numpy as jnp
    >>> residual(jax.random.key(0), jnp.log(jnp.array([0.5, 0.25, 0.25])), 4).tolist()
    [0, 0, 1, 2]

    Source: Liu and Chen 1998.
    """
    w = jnp.exp(log_weights - jnp.max(log_weights))
    expected = count * w / jnp.sum(w)
    certain = jnp.floor(expected)
    rest = expected - certain
    ends = jnp.cumsum(certain.astype(jnp.int32))
    places = jnp.arange(count)
    fixed = jnp.searchsorted(ends, places, side="right")
    # Where nothing is left over no place is drawn for, and the weights only have to be some.
    left = jnp.where(jnp.any(rest > 0), jnp.log(rest), log_weights)
    drawn = _invert(left, jax.random.uniform(key, (count,)))
    return jnp.sort(jnp.where(places < ends[-1], fixed, drawn))


def _invert(
    log_weights: Float[Array, " n"], points: Float[Array, " count"]
) -> Int[Array, " count"]:
    w = jnp.exp(log_weights - jnp.max(log_weights))
    total = jnp.cumsum(w)
    # Scaling the points rather than the sums, and a strict bound (side right), skips zero weights
    # at the front; the clamp covers points that rounding puts at or past the end.
    last = w.shape[0] - 1 - jnp.argmax(w[::-1] > 0)
    found = jnp.searchsorted(total, points * total[-1], side="right")
    return jnp.minimum(found, last)
