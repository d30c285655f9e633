"""Resampling: which particles go on, and how often each.

Four schemes, all unbiased: particle i has `n * weight[i]` children on average. Weights are taken in
logs. All of it runs on the host, where running sums and the points that are looked up in them are
float64, whatever JAX is set to: in float32 the sums of ten million weights, and uniforms, are coarser than
a particle's share. Where rounding puts a point past the end it gets the last particle with weight: none
without weight is ever chosen.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
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
    key: PRNGKeyArray, log_weights: Float[np.ndarray | Array, " n"], count: int
) -> Int[np.ndarray, " count"]:
    """Ancestors from one uniform and an even comb: the least noise of the common schemes.

    Args:
      key: random key.
      log_weights: [n], unnormalised, at least one above minus infinity.
      count: how many ancestors to draw.

    >>> import jax
    >>> systematic(jax.random.key(0), np.array([-np.inf, 0.0]), 3).tolist()
    [1, 1, 1]

    Source: Kitagawa 1996.
    """
    return _look_up(_weights(log_weights), _comb(np.asarray(jax.random.uniform(key)), count))


def multinomial(
    key: PRNGKeyArray, log_weights: Float[np.ndarray | Array, " n"], count: int
) -> Int[np.ndarray, " count"]:
    """Ancestors drawn independently, in ascending order.

    Args:
      key: random key.
      log_weights: [n], unnormalised, at least one above minus infinity.
      count: how many ancestors to draw.

    >>> import jax
    >>> multinomial(jax.random.key(0), np.array([0.0, -np.inf]), 3).tolist()
    [0, 0, 0]

    Source: Gordon, Salmond and Smith 1993.
    """
    return _look_up(_weights(log_weights), np.sort(_uniform(key, count)))


def stratified(
    key: PRNGKeyArray, log_weights: Float[np.ndarray | Array, " n"], count: int
) -> Int[np.ndarray, " count"]:
    """Ancestors from one uniform in each of `count` equal strata.

    Args:
      key: random key.
      log_weights: [n], unnormalised, at least one above minus infinity.
      count: how many ancestors to draw.

    >>> import jax
    >>> stratified(jax.random.key(0), np.array([0.0, 0.0]), 4).tolist()
    [0, 0, 1, 1]

    Source: Kitagawa 1996.
    """
    offsets = np.asarray(jax.random.uniform(key, (count,)))
    return _look_up(_weights(log_weights), _comb(offsets, count))


def residual(
    key: PRNGKeyArray, log_weights: Float[np.ndarray | Array, " n"], count: int
) -> Int[np.ndarray, " count"]:
    """As many children as are certain, and the rest of them drawn independently.

    Args:
      key: random key.
      log_weights: [n], unnormalised, at least one above minus infinity.
      count: how many ancestors to draw.

    >>> import jax
    >>> residual(jax.random.key(0), np.log([0.5, 0.25, 0.25]), 4).tolist()
    [0, 0, 1, 2]

    Source: Liu and Chen 1998.
    """
    w = _weights(log_weights)
    expected = count * w / np.sum(w)
    certain = np.floor(expected)
    rest = expected - certain
    fixed = np.repeat(np.arange(len(w), dtype=np.int32), certain.astype(np.int64))[:count]
    if len(fixed) == count:
        return fixed
    drawn = _look_up(rest, _uniform(key, count - len(fixed)))
    return np.sort(np.concatenate([fixed, drawn]))


def _weights(log_weights: Float[np.ndarray | Array, " n"]) -> Float[np.ndarray, " n"]:
    logs = np.asarray(log_weights, np.float64)
    return np.exp(logs - np.max(logs))


def _uniform(key: PRNGKeyArray, count: int) -> Float[np.ndarray, " count"]:
    """Uniforms of 53 bits on [0, 1)."""
    high, low = np.asarray(jax.random.bits(key, (2, count), jnp.uint32))
    return ((high >> 5) * 2.0**26 + (low >> 6)) / 2.0**53


def _comb(offsets: Float[np.ndarray, ...], count: int) -> Float[np.ndarray, " count"]:
    """One point in each of `count` equal strata, at its offset."""
    return (np.arange(count) + offsets.astype(np.float64)) / count


def _look_up(
    weights: Float[np.ndarray, " n"], points: Float[np.ndarray, " count"]
) -> Int[np.ndarray, " count"]:
    total = np.cumsum(weights)
    # Scaling the points rather than the sums, and a strict bound (side right), skips zero weights
    # at the front; the clamp covers points that rounding puts at or past the end.
    last = len(weights) - 1 - np.argmax(weights[::-1] > 0)
    found = np.searchsorted(total, points * total[-1], side="right")
    return np.minimum(found, last).astype(np.int32)
