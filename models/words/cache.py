"""Keys and values: one prefix that all particles share, and a tree of what they have said since.

Attention reads the prefix once for every particle, as one matrix product, so
that sixteen particles with a prompt of four hundred tokens hold that prompt
once. What they have said since lies in one buffer, a place for each node of
their tree; a mask says which of its places lie on whose path.

Source: Juravsky et al. 2024 (Hydragen: attention with shared prefixes); Yao et al. 2024 (DeFT).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, Int32

from models.words.attention import capped
from models.words.tree import Tree

_NEVER = -1e30

type Held = tuple[Float[Array, "kv_heads room head"], Float[Array, "kv_heads room head"]]
"""One block's keys and values."""

type Shared = tuple[Float[Array, "kv_heads shared head"], Float[Array, "kv_heads shared head"]]
"""As `Held`, of a prefix."""


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
      tree: what they have said since; on the host.
      keys: [layers, kv_heads, room, head_width], one place for each node of the tree.
      values: as `keys`.
      states: [room, width], each node's last state, which gives its logits.
      nodes: [particles], where in the tree each stands; on the host.
    """

    prefix: Prefix
    tree: Tree
    keys: Float[Array, "layers kv_heads room head"]
    values: Float[Array, "layers kv_heads room head"]
    states: Float[Array, "room width"]
    nodes: Int32[np.ndarray, " particles"]

    @property
    def room(self) -> int:
        """How many nodes the buffers can hold."""
        return self.keys.shape[2]

    @property
    def used(self) -> Int32[np.ndarray, " particles"]:
        """How many tokens each particle has of its own."""
        return self.tree.depths[self.nodes]


def grow(buffer: Float[Array, "... room last"], room: int) -> Float[Array, "... more last"]:
    """Enlarges a buffer, its contents kept.

    Args:
      buffer: [..., room, last].
      room: the new room, at least the old one.

    Returns:
      [..., room, last], zeros in what is new.

    Example:
      >>> grow(jnp.ones((2, 3, 4)), 5).shape
      (2, 5, 4)
    """
    widths = [(0, 0)] * (buffer.ndim - 2) + [(0, room - buffer.shape[-2]), (0, 0)]
    return jnp.pad(buffer, widths)


def attend_held(
    queries: Float[Array, "1 time heads head"],
    keys: Float[Array, "1 time kv_heads head"],
    values: Float[Array, "1 time kv_heads head"],
    prefix: Shared | None,
    held: Held,
    at: Int[Array, ""],
    is_prefix: Bool[Array, "#time shared"],
    is_seen: Bool[Array, "time room"],
    cap: float | None = None,
) -> tuple[Float[Array, "1 time heads head"], Held]:
    """Puts tokens into one block's buffers, and lets them look at a prefix and at those buffers.

    Args:
      queries: [1, time, heads, head_width].
      keys: [1, time, kv_heads, head_width].
      values: as `keys`.
      prefix: keys and values that all tokens may look at, each [kv_heads, shared, head_width];
        None where there are none.
      held: the buffers, each [kv_heads, room, head_width].
      at: where in them the tokens go; `at + time` is at most the room.
      is_prefix: [time or 1, shared], which of the prefix's places count.
      is_seen: [time, room], at which places of the buffers each token may look, one at least.
      cap: of the scores.

    Returns:
      The context [1, time, heads, head_width], and the buffers with the tokens in them.

    Example:
      context, held = attend_held(q, k, v, None, held, at, is_prefix, is_seen)
    """
    _, time, heads, width = queries.shape
    groups = keys.shape[2]
    into = (0, at, 0)
    new = (
        jax.lax.dynamic_update_slice(held[0], keys[0].transpose(1, 0, 2), into),
        jax.lax.dynamic_update_slice(held[1], values[0].transpose(1, 0, 2), into),
    )
    rows = (queries[0] * width**-0.5).reshape(time, groups, heads // groups, width)
    rows = rows.transpose(1, 2, 0, 3).reshape(groups, -1, width)
    parts = [(*new, is_seen)] if prefix is None else [(*prefix, is_prefix), (*new, is_seen)]
    context = _look(rows, parts, time, cap)
    return context.reshape(heads, time, width).transpose(1, 0, 2)[None], new


def _look(rows: Array, parts: Sequence[tuple[Array, Array, Array]], time: int, cap: float | None):
    """Softmax over several buffers together: [groups, each * time, width] to the same."""
    groups = rows.shape[0]
    scores = []
    for keys, _, mask in parts:
        found = capped(_times(rows, keys, 2), cap).reshape(groups, -1, time, keys.shape[1])
        scores.append(jnp.where(mask, found, _NEVER))
    top = scores[0].max(-1, keepdims=True)
    for each in scores[1:]:
        top = jnp.maximum(top, each.max(-1, keepdims=True))
    weights = [jnp.exp(each - top) for each in scores]
    total = sum(each.sum(-1, keepdims=True) for each in weights)
    context = sum(
        _times(each.reshape(groups, -1, values.shape[1]), values, 1)
        for each, (_, values, _) in zip(weights, parts, strict=True)
    )
    return context / jnp.reshape(total, (groups, -1, 1))


def _times(rows: Array, other: Array, axis: int):
    """[groups, rows, k] by [groups, n, k] (axis 2) or by [groups, k, n] (axis 1), in float32."""
    return jax.lax.dot_general(
        rows.astype(other.dtype), other, (((2,), (axis,)), ((0,), (0,))),
        preferred_element_type=jnp.float32,
    )  # fmt: skip
