"""Resampling: which particles go on, and how often each.

Four schemes, all unbiased: particle i has `n * weight[i]` children on average. Weights are taken in
logs. Running sums and the points that are looked up in them are float64, whatever JAX is set to: in
float32 the sums of ten million weights, and uniforms, are coarser than a particle's share. Where rounding puts a
point past the end it gets the last particle with weight: none without weight is ever chosen.
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
    with jax.enable_x64(True):
        w = w.astype(jnp.float64)
        size = jnp.sum(w) ** 2 / jnp.maximum(jnp.sum(w**2), 1e-38)
        return jnp.where(jnp.any(w > 0), size, 0.0).astype(jnp.float32)


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
    return _invert(log_weights, _comb(jax.random.uniform(key), count))


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
    return jnp.sort(_invert(log_weights, _uniform(key, count)))


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
    return _invert(log_weights, _comb(jax.random.uniform(key, (count,)), count))


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
    with jax.enable_x64(True):
        w = jnp.exp(log_weights - jnp.max(log_weights)).astype(jnp.float64)
        expected = count * w / jnp.sum(w)
        certain = jnp.floor(expected)
        rest = expected - certain
        ends = jnp.cumsum(certain)
        places = jnp.arange(count)
        fixed = jnp.searchsorted(ends, places.astype(jnp.float64), side="right")
        # Where nothing is left over no place is drawn for, and the weights only have to be some.
        left = jnp.where(jnp.any(rest > 0), rest, w)
    drawn = _look_up(left, _uniform(key, count))
    with jax.enable_x64(True):
        return jnp.sort(jnp.where(places < ends[-1], fixed, drawn).astype(jnp.int32))


def _uniform(key: PRNGKeyArray, count: int) -> Float[Array, " count"]:
    """Uniforms of 53 bits on [0, 1)."""
    high, low = jax.random.bits(key, (2, count), jnp.uint32)
    with jax.enable_x64(True):
        high, low = (high >> 5).astype(jnp.float64), (low >> 6).astype(jnp.float64)
        return (high * 2.0**26 + low) / 2.0**53


def _comb(offsets: Float[Array, ...], count: int) -> Float[Array, " count"]:
    """One point in each of `count` equal strata, at its offset."""
    with jax.enable_x64(True):
        return (jnp.arange(count) + offsets.astype(jnp.float64)) / count


def _invert(
    log_weights: Float[Array, " n"], points: Float[Array, " count"]
) -> Int[Array, " count"]:
    return _look_up(jnp.exp(log_weights - jnp.max(log_weights)), points)


def _look_up(weights: Float[Array, " n"], points: Float[Array, " count"]) -> Int[Array, " count"]:
    with jax.enable_x64(True):
        total = jnp.cumsum(weights.astype(jnp.float64))
        # Scaling the points rather than the sums, and a strict bound (side right), skips zero weights
        # at the front; the clamp covers points that rounding puts at or past the end.
        last = weights.shape[0] - 1 - jnp.argmax(weights[::-1] > 0)
        found = jnp.searchsorted(total, points * total[-1], side="right")
        return jnp.minimum(found, last).astype(jnp.int32)
