"""The loss of next tokens over a large vocabulary, a block of it at a time.

The logits of a few hundred positions over 49,152 tokens fill the memory bus;
a block of the vocabulary stays in a core's cache. The forward pass keeps only
each position's log normaliser, and the backward pass multiplies again.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

_BLOCK = 2048


def token_losses(
    states: Float[Array, "positions width"],
    embedding: Float[Array, "vocabulary width"],
    targets: Int[Array, " positions"],
) -> Float[Array, " positions"]:
    """Computes each position's negative log probability of its target.

    Args:
      states: [positions, width], normalised.
      embedding: [vocabulary, width], frozen: its gradient is not computed.
      targets: [positions], the tokens that follow.

    Returns:
      [positions], in nats.

    Example:
      >>> token_losses(jnp.zeros((1, 4)), jnp.ones((8, 4)), jnp.array([3]))
      Array([2.0794415], dtype=float32)
    """
    size = -(-embedding.shape[0] // _BLOCK) * _BLOCK if embedding.shape[0] > _BLOCK else None
    if size is None:
        blocks = embedding[None]
    else:
        padded = jnp.pad(embedding, ((0, size - embedding.shape[0]), (0, 0)))
        blocks = padded.reshape(-1, _BLOCK, embedding.shape[1])
    return _losses(states, blocks, embedding[targets], targets, embedding.shape[0])


def _logits(states, block, start, vocabulary: int):
    scores = jax.lax.dot_general(
        states, block, (((1,), (1,)), ((), ())), preferred_element_type=jnp.float32
    )
    inside = start + jnp.arange(block.shape[0]) < vocabulary
    return jnp.where(inside, scores, -1e30)


def _losses_forward(states, blocks, rows, targets, vocabulary: int):
    narrow = states.astype(blocks.dtype)
    count, size, _ = blocks.shape

    def one(carry, inputs):
        top, total = carry
        block, start = inputs
        scores = _logits(narrow, block, start, vocabulary)
        higher = jnp.maximum(top, jnp.max(scores, axis=-1))
        total = total * jnp.exp(top - higher) + jnp.sum(jnp.exp(scores - higher[:, None]), axis=-1)
        return (higher, total), None

    none = jnp.full(states.shape[0], -1e30), jnp.zeros(states.shape[0])
    (top, total), _ = jax.lax.scan(one, none, (blocks, jnp.arange(count) * size))
    normaliser = top + jnp.log(total)
    chosen = jnp.sum(narrow.astype(jnp.float32) * rows.astype(jnp.float32), axis=-1)
    return normaliser - chosen, (narrow, blocks, rows, normaliser)


def _losses_backward(vocabulary: int, kept, gradient):
    narrow, blocks, rows, normaliser = kept
    count, size, _ = blocks.shape

    def one(d_states, inputs):
        block, start = inputs
        weights = jnp.exp(_logits(narrow, block, start, vocabulary) - normaliser[:, None])
        return d_states + jax.lax.dot_general(
            weights.astype(block.dtype),
            block,
            (((1,), (0,)), ((), ())),
            preferred_element_type=jnp.float32,
        ), None

    d_states = jnp.zeros(narrow.shape, jnp.float32)
    d_states, _ = jax.lax.scan(one, d_states, (blocks, jnp.arange(count) * size))
    d_states = (d_states - rows.astype(jnp.float32)) * gradient[:, None]
    return d_states, None, None, None


def _plain(states, blocks, rows, targets, vocabulary: int):
    return _losses_forward(states, blocks, rows, targets, vocabulary)[0]


_losses = jax.custom_vjp(_plain, nondiff_argnums=(4,))
_losses.defvjp(_losses_forward, _losses_backward)
