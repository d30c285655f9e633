"""Keys and values: one prefix that all particles share, and a suffix for each.

Attention reads the prefix once for every particle, as one matrix product, so
that sixteen particles with a prompt of four hundred tokens hold that prompt
once. Only what a particle has said since is its own, and only that moves when
particles are resampled.

Source: Juravsky et al. 2024 (Hydragen: attention with shared prefixes).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Int32

_NEVER = -1e30


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["keys", "values", "last"],
    meta_fields=["length"],
)
@dataclass(frozen=True)
class Prefix:
    """A prompt that has been run, in a buffer with room to go on.

    Attributes:
      keys: [layers, kv_heads, room, head_width], turned by their positions.
      values: as `keys`.
      last: [width], the last token's state; zeros where there is no token.
      length: how many tokens of the room are filled.
    """

    keys: Float[Array, "layers kv_heads room head"]
    values: Float[Array, "layers kv_heads room head"]
    last: Float[Array, " width"]
    length: int

    @property
    def room(self) -> int:
        """How many tokens the buffer can hold."""
        return self.keys.shape[2]


@dataclass(frozen=True)
class State:
    """Where every particle stands after the shared prefix.

    Attributes:
      prefix: what they share.
      keys: [layers, particles, kv_heads, room, head_width], of their own tokens.
      values: as `keys`.
      last: [particles, width], each one's last state, which gives its logits.
      used: [particles], how many tokens each has of its own; on the host.
    """

    prefix: Prefix
    keys: Float[Array, "layers particles kv_heads room head"]
    values: Float[Array, "layers particles kv_heads room head"]
    last: Float[Array, "particles width"]
    used: Int32[np.ndarray, " particles"]

    @property
    def room(self) -> int:
        """How many tokens of its own a particle can hold."""
        return self.keys.shape[3]


def grow(buffer: Float[Array, "... room head"], room: int) -> Float[Array, "... more head"]:
    """Enlarges a buffer, its contents kept.

    Args:
      buffer: [..., room, head_width].
      room: the new room, at least the old one.

    Returns:
      [..., room, head_width], zeros in what is new.

    Example:
      >>> grow(jnp.ones((2, 3, 4)), 5).shape
      (2, 5, 4)
    """
    widths = [(0, 0)] * (buffer.ndim - 2) + [(0, room - buffer.shape[-2]), (0, 0)]
    return jnp.pad(buffer, widths)


def attend_prefix(
    queries: Float[Array, "1 time heads head"],
    keys: Float[Array, "1 time kv_heads head"],
    values: Float[Array, "1 time kv_heads head"],
    held: tuple[Float[Array, "kv_heads room head"], Float[Array, "kv_heads room head"]],
    length: Int[Array, ""],
) -> tuple[Float[Array, "1 time heads head"], tuple[Array, Array]]:
    """Adds tokens to one block's prefix and lets them look at it, in order.

    Args:
      queries: [1, time, heads, head_width].
      keys: [1, time, kv_heads, head_width].
      values: as `keys`.
      held: keys and values so far, each [kv_heads, room, head_width].
      length: how many are filled; `length + time` is at most the room.

    Returns:
      The context [1, time, heads, head_width], and the new keys and values.

    Example:
      context, held = attend_prefix(q, k, v, held, length)
    """
    _, time, heads, width = queries.shape
    groups = keys.shape[2]
    into = (0, length, 0)
    all_keys = jax.lax.dynamic_update_slice(held[0], keys[0].transpose(1, 0, 2), into)
    all_values = jax.lax.dynamic_update_slice(held[1], values[0].transpose(1, 0, 2), into)
    room = all_keys.shape[1]
    rows = _rows(queries, groups)[0]
    seen = jnp.arange(room) <= length + jnp.arange(time)[:, None]
    scores = _scores(rows, all_keys).reshape(groups, heads // groups, time, room)
    weights = jax.nn.softmax(jnp.where(seen, scores, _NEVER), axis=-1)
    context = _mix(weights.reshape(groups, -1, room), all_values)
    context = context.reshape(heads, time, width).transpose(1, 0, 2)[None]
    return context, (all_keys, all_values)


def attend_shared(
    queries: Float[Array, "particles time heads head"],
    keys: Float[Array, "particles time kv_heads head"],
    values: Float[Array, "particles time kv_heads head"],
    prefix: tuple[Float[Array, "kv_heads room head"], Float[Array, "kv_heads room head"]],
    suffix: tuple[
        Float[Array, "particles kv_heads own head"], Float[Array, "particles kv_heads own head"]
    ],
    is_prefix: Bool[Array, " room"],
    is_own: Bool[Array, "particles own"],
) -> tuple[Float[Array, "particles time heads head"], tuple[Array, Array]]:
    """Lets new tokens look at the shared prefix, their particle's suffix and each other.

    Args:
      queries: [particles, time, heads, head_width].
      keys: [particles, time, kv_heads, head_width].
      values: as `keys`.
      prefix: one block's shared keys and values, each [kv_heads, room, head_width].
      suffix: each particle's own, [particles, kv_heads, own, head_width].
      is_prefix: [room], which of the prefix's places are filled.
      is_own: [particles, own], which of each suffix's places are filled.

    Returns:
      The context [particles, time, heads, head_width], and the new tokens' keys
      and values, [particles, kv_heads, time, head_width].

    Example:
      context, new = attend_shared(q, k, v, prefix, suffix, is_prefix, is_own)
    """
    particles, time, heads, width = queries.shape
    groups, room, _ = prefix[0].shape
    each = heads // groups
    new = keys.transpose(0, 2, 1, 3), values.transpose(0, 2, 1, 3)
    own_keys = jnp.concatenate([suffix[0], new[0]], axis=2)
    own_values = jnp.concatenate([suffix[1], new[1]], axis=2)
    own = own_keys.shape[2]
    rows = _rows(queries, groups)
    shared_rows = rows.transpose(1, 0, 2, 3).reshape(groups, particles * each * time, width)

    before = _scores(shared_rows, prefix[0]).reshape(groups, particles, each, time, room)
    before = jnp.where(is_prefix, before, _NEVER)
    after = _scores(rows, own_keys).reshape(particles, groups, each, time, own)
    causal = jnp.tril(jnp.ones((time, time), bool))
    is_seen = jnp.concatenate(
        [
            jnp.broadcast_to(is_own[:, None], (particles, time, is_own.shape[1])),
            jnp.broadcast_to(causal, (particles, time, time)),
        ],
        axis=2,
    )
    after = jnp.where(is_seen[:, None, None], after, _NEVER).swapaxes(0, 1)

    top = jnp.maximum(before.max(-1, keepdims=True), after.max(-1, keepdims=True))
    before, after = jnp.exp(before - top), jnp.exp(after - top)
    total = before.sum(-1, keepdims=True) + after.sum(-1, keepdims=True)
    context = _mix(before.reshape(groups, -1, room), prefix[1])
    context = context.reshape(groups, particles, each, time, width)
    mixed = _mix(after.swapaxes(0, 1).reshape(particles, groups, each * time, own), own_values)
    context = context + mixed.reshape(particles, groups, each, time, width).swapaxes(0, 1)
    context = (context / total).transpose(1, 3, 0, 2, 4)
    return context.reshape(particles, time, heads, width), new


def write(
    buffer: Float[Array, "layers particles kv_heads room head"],
    new: Float[Array, "layers particles kv_heads time head"],
    used: Int[Array, " particles"],
) -> Float[Array, "layers particles kv_heads room head"]:
    """Puts new tokens behind each particle's own ones.

    Args:
      buffer: [layers, particles, kv_heads, room, head_width].
      new: [layers, particles, kv_heads, time, head_width].
      used: [particles], where each goes; `used + time` is at most the room.

    Returns:
      The buffer with the new tokens in it.

    Example:
      keys = write(keys, new, used)
    """

    def one(particle, buffer):
        piece = jax.lax.dynamic_slice_in_dim(new, particle, 1, axis=1)
        return jax.lax.dynamic_update_slice(buffer, piece, (0, particle, 0, used[particle], 0))

    return jax.lax.fori_loop(0, buffer.shape[1], one, buffer)


def _rows(queries, groups: int):
    """[batch, time, heads, width] to scaled [batch, group, each * time, width]."""
    batch, time, heads, width = queries.shape
    split = (queries * width**-0.5).reshape(batch, time, groups, heads // groups, width)
    return split.transpose(0, 2, 3, 1, 4).reshape(batch, groups, heads // groups * time, width)


def _scores(rows, keys):
    """[..., rows, width] by [..., places, width], batched over the leading axes."""
    lead = tuple(range(keys.ndim - 2))
    last = keys.ndim - 1
    return jax.lax.dot_general(
        rows.astype(keys.dtype), keys, (((last,), (last,)), (lead, lead)),
        preferred_element_type=jnp.float32,
    )  # fmt: skip


def _mix(weights, values):
    """[..., rows, places] by [..., places, width], batched over the leading axes."""
    lead = tuple(range(values.ndim - 2))
    last = values.ndim - 1
    return jax.lax.dot_general(
        weights.astype(values.dtype), values, (((last,), (last - 1,)), (lead, lead)),
        preferred_element_type=jnp.float32,
    )  # fmt: skip
