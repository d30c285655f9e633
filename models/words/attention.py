"""Grouped-query attention whose gradient keeps to fast matrix products.

XLA on a processor multiplies bfloat16 matrices at over a teraflop a second when
the contracted axis is the last of either side, and ten times slower when it is
the first of both, which is what reverse-mode differentiation of attention asks
for. The gradient here is written out, and computes the transposed scores anew
instead: two cheap products in place of a slow one, and no stored weights.

Source: Ainslie et al. 2023 (grouped queries); Dao et al. 2022 (recomputing the
attention weights from the saved log normalisers).
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array, Bool, Float

_NEVER = -1e30

SAVED = "attention"
"""The name of what a rematerialised block should keep: cheap to hold, slow to make."""


def attend(
    queries: Float[Array, "batch time heads head"],
    keys: Float[Array, "batch seen kv_heads head"],
    values: Float[Array, "batch seen kv_heads head"],
    mask: Bool[Array, "#batch time seen"],
    cap: float | None = None,
) -> Float[Array, "batch time heads head"]:
    """Lets each query look at the keys that its mask allows.

    Args:
      queries: [batch, time, heads, head_width].
      keys: [batch, seen, kv_heads, head_width]; heads share them in groups.
      values: as `keys`.
      mask: [batch or 1, time, seen], true where a query may look; a query that
        may look nowhere gets the mean of the values.
      cap: scores are bent to stay within it.

    Returns:
      [batch, time, heads, head_width] in float32.

    Example:
      attend(q, k, v, jnp.ones((1, 5, 5), bool)).shape == q.shape  # True

    Source: Ainslie et al. 2023.
    """
    batch, time, heads, width = queries.shape
    rows = (queries * width**-0.5).astype(keys.dtype).transpose(0, 2, 1, 3)
    keys, values = keys.transpose(0, 2, 1, 3), values.transpose(0, 2, 1, 3)
    if time * keys.shape[2] < _BLOCKED or cap is not None:
        groups = keys.shape[1]
        grouped = rows.reshape(batch, groups, heads // groups * time, width)
        context = _together(grouped, keys, values, mask, cap).reshape(batch, heads, time, width)
    else:
        context = _attend(rows, keys, values, mask)
    return context.transpose(0, 2, 1, 3)


def capped(scores: Float[Array, "*shape"], cap: float | None) -> Float[Array, "*shape"]:
    """Bends values smoothly so that they stay within a cap; None leaves them.

    >>> capped(jnp.array([100.0]), 2.0).tolist(), capped(jnp.array([100.0]), None).tolist()
    ([2.0], [100.0])

    Source: Gemma Team 2024 (Gemma 2).
    """
    return scores if cap is None else cap * jnp.tanh(scores / cap)


_BLOCKED = 128 * 128  # scores of a head from which heads are taken one at a time


def _dot(a, b, axis: int):
    """Multiplies `a[m, k]` by `b[n, k]` (axis 1) or by `b[k, n]` (axis 0)."""
    return jax.lax.dot_general(
        a, b, (((1,), (axis,)), ((), ())), preferred_element_type=jnp.float32
    )


def _together(queries, keys, values, mask, cap):
    """All heads at once, for few queries: [batch, group, each * time, width]."""
    batch, groups, rows = queries.shape[:3]
    time, seen = mask.shape[1:]
    ways = ((0, 1), (0, 1))
    scores = jax.lax.dot_general(
        queries, keys, (((3,), (3,)), ways), preferred_element_type=jnp.float32
    ).reshape(batch, groups, rows // time, time, seen)
    scores = jnp.where(mask[:, None, None], capped(scores, cap), _NEVER)
    weights = jax.nn.softmax(scores, axis=-1).reshape(batch, groups, rows, seen)
    return jax.lax.dot_general(
        weights.astype(values.dtype),
        values,
        (((3,), (2,)), ways),
        preferred_element_type=jnp.float32,
    )


@jax.custom_vjp
def _attend(queries, keys, values, mask):
    """One head at a time: queries [batch, heads, time, width], keys by group."""
    return _forward(queries, keys, values, mask)[0]


def _forward(queries, keys, values, mask):
    batch, heads, time = queries.shape[:3]
    each = heads // keys.shape[1]

    def head(index):
        row, query = index // heads, index % heads
        q, k, v = queries[row, query], keys[row, query // each], values[row, query // each]
        allowed = mask[row % mask.shape[0]]
        scores = jnp.where(allowed, _dot(q, k, 1), _NEVER)
        top = jnp.max(scores, axis=-1, keepdims=True)
        weights = jnp.exp(scores - top)
        total = jnp.sum(weights, axis=-1, keepdims=True)
        return _dot(weights.astype(v.dtype), v, 0) / total, (top + jnp.log(total))[:, 0]

    context, normaliser = jax.lax.map(head, jnp.arange(batch * heads))
    context = checkpoint_name(context.reshape(queries.shape), SAVED)
    normaliser = checkpoint_name(normaliser.reshape(batch, heads, time), SAVED)
    return context, (queries, keys, values, mask, context, normaliser)


def _backward(kept, gradient):
    queries, keys, values, mask, context, normaliser = kept
    batch, heads = queries.shape[:2]
    groups, seen, width = keys.shape[1:]
    flipped = mask.transpose(0, 2, 1)

    def head(index):
        row, query = index // heads, index % heads
        group, own = query * groups // heads, row % mask.shape[0]
        q, k, v = queries[row, query], keys[row, group], values[row, group]
        slope, norm = gradient[row, query], normaliser[row, query]
        through = jnp.sum(slope * context[row, query], axis=-1)
        slope = slope.astype(k.dtype)
        weights = jnp.exp(jnp.where(mask[own], _dot(q, k, 1), _NEVER) - norm[:, None])
        slopes = weights * (_dot(slope, v, 1) - through[:, None])
        d_q = _dot(slopes.astype(k.dtype), k, 0)
        weights = jnp.exp(jnp.where(flipped[own], _dot(k, q, 1), _NEVER) - norm)
        slopes = weights * (_dot(v, slope, 1) - through)
        return d_q, _dot(slopes.astype(k.dtype), q, 0), _dot(weights.astype(k.dtype), slope, 0)

    d_q, d_k, d_v = jax.lax.map(head, jnp.arange(batch * heads))

    def grouped(each):
        return each.reshape(batch, groups, heads // groups, seen, width).sum(2).astype(keys.dtype)

    return d_q.reshape(queries.shape).astype(queries.dtype), grouped(d_k), grouped(d_v), None


_attend.defvjp(_forward, _backward)
