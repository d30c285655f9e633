"""A decoder of the Llama family in Flax NNX: Llama, SmolLM2, Mistral, Qwen, Gemma.

The blocks' weights are stacked along a leading axis and run by one
`jax.lax.scan`, so that a forward compiles once a shape in about a second,
however many blocks there are. What attention sees (the whole text, a cache, a
packed training row) is the caller's: `run_blocks` takes it as a function.

Weights are `[out, in]`, as files keep them. On processors with bfloat16 matrix
units that layout is the fastest of those tried, and four times faster than
float32; sums are float32 always.

In what the members of the family differ stands in `config`; a matrix, bias or norm that a member
lacks is not there.

Source: Touvron et al. 2023 (Llama); Su et al. 2021 (rotary positions);
Ainslie et al. 2023 (grouped queries); Shazeer 2020 (SwiGLU); Yang et al. 2025 (Qwen 3);
Gemma Team 2024 (Gemma 2), 2025 (Gemma 3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, Float, Int

from models.words.attention import SAVED, attend, capped
from models.words.config import Activation, LlamaConfig


class Blocks(nnx.Module):
    """Every block's weights, stacked; a slice along the first axis is one block."""

    def __init__(self, config: LlamaConfig, *, rngs: nnx.Rngs, dtype: Any = jnp.float32) -> None:
        c = config
        queries, keys = c.heads * c.head_width, c.kv_heads * c.head_width

        def matrix(out: int, inner: int) -> nnx.Param:
            values = jax.random.normal(rngs.params(), (c.layers, out, inner)) * inner**-0.5
            return nnx.Param(values.astype(dtype))  # [layers, out, in]

        self.attention_norm = nnx.Param(jnp.ones((c.layers, c.width)))  # [layers, width]
        self.query = matrix(queries, c.width)
        self.key = matrix(keys, c.width)
        self.value = matrix(keys, c.width)
        self.output = matrix(c.width, queries)
        self.hidden_norm = nnx.Param(jnp.ones((c.layers, c.width)))  # [layers, width]
        self.gate = matrix(c.hidden, c.width)
        self.up = matrix(c.hidden, c.width)
        self.down = matrix(c.width, c.hidden)
        if c.has_bias:  # [layers, out]
            self.query_bias = nnx.Param(jnp.zeros((c.layers, queries)))
            self.key_bias = nnx.Param(jnp.zeros((c.layers, keys)))
            self.value_bias = nnx.Param(jnp.zeros((c.layers, keys)))
        if c.has_head_norms:  # [layers, head_width]
            self.query_norm = nnx.Param(jnp.ones((c.layers, c.head_width)))
            self.key_norm = nnx.Param(jnp.ones((c.layers, c.head_width)))
        if c.has_after_norms:  # [layers, width]
            self.after_attention_norm = nnx.Param(jnp.ones((c.layers, c.width)))
            self.after_hidden_norm = nnx.Param(jnp.ones((c.layers, c.width)))


MATRICES = ("query", "key", "value", "output", "gate", "up", "down")
"""The attributes of `Blocks` that are matrices, which adapters change."""


class Llama(nnx.Module):
    """A decoder's weights; where it is tied, the output projection is the embedding.

    Args:
      config: its shape.
      rngs: seeds the initial weights.
      dtype: what matrices are kept and multiplied in; norms stay float32.

    Example:
      model = Llama(LlamaConfig(2, 32, 64, 4, 2, 8, 50), rngs=nnx.Rngs(0))
      model.embedding.shape  # (50, 32)
    """

    def __init__(self, config: LlamaConfig, *, rngs: nnx.Rngs, dtype: Any = jnp.float32) -> None:
        self.config = config
        table = jax.random.normal(rngs.params(), (config.vocabulary, config.width)) * 0.1
        self.embedding = nnx.Param(table.astype(dtype))  # [vocabulary, width]
        self.blocks = Blocks(config, rngs=rngs, dtype=dtype)
        self.norm = nnx.Param(jnp.ones(config.width))  # [width]
        if not config.tied:
            table = jax.random.normal(rngs.params(), (config.vocabulary, config.width)) * 0.1
            self.head = nnx.Param(table.astype(dtype))  # [vocabulary, width]

    @property
    def output(self) -> nnx.Param:
        """The output projection, [vocabulary, width]."""
        return self.embedding if self.config.tied else self.head


Attend = Callable[..., tuple[Float[Array, "batch time heads head"], Any]]
"""`(queries, keys, values, memory) -> (context, new memory)`, for one block."""

Project = Callable[[Float[Array, "... inner"], Any, Any], Float[Array, "... out"]]
"""`(x, weight [out, in], this matrix's adapter or None) -> x @ weight.T`, float32."""


def matmul(
    x: Float[Array, "... inner"], weight: Float[Array, "out inner"], adapter: None = None
) -> Float[Array, "... out"]:
    """Multiplies by a matrix in the matrix's own dtype, summing in float32.

    Args:
      x: [..., in].
      weight: [out, in].
      adapter: none here; `lora.project` is the one with an adapter.

    Returns:
      `x @ weight.T` in float32.

    Example:
      >>> matmul(jnp.ones((3, 2)), jnp.ones((5, 2))).shape
      (3, 5)
    """
    assert adapter is None
    rows = x.reshape(-1, x.shape[-1]).astype(weight.dtype)
    is_single = rows.shape[0] == 1
    if is_single:
        # XLA takes a slow path for one bfloat16 row; two rows are five times faster.
        rows = jnp.concatenate([rows, rows])
    out = jax.lax.dot_general(
        rows, weight, (((1,), (1,)), ((), ())), preferred_element_type=jnp.float32
    )
    return (out[:1] if is_single else out).reshape(*x.shape[:-1], weight.shape[0])


def rms_norm(
    x: Float[Array, "... width"], weight: Float[Array, " width"], epsilon: float
) -> Float[Array, "... width"]:
    """Divides by the root mean square and scales.

    Args:
      x: [..., width].
      weight: [width].
      epsilon: added to the mean square.

    Returns:
      The normalised values, in float32.

    Example:
      >>> rms_norm(jnp.array([3.0, 3.0]), jnp.ones(2), 0.0)
      Array([1., 1.], dtype=float32)

    Source: Zhang and Sennrich 2019.
    """
    x = x.astype(jnp.float32)
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + epsilon) * weight


def rotary(
    positions: Int[Array, "batch time"], config: LlamaConfig
) -> tuple[Float[Array, "kinds batch time 1 half"], Float[Array, "kinds batch time 1 half"]]:
    """Computes the cosines and sines that turn queries and keys by their positions.

    Args:
      positions: [batch, time], each token's place in its text.
      config: the model's shape.

    Returns:
      Cosines and sines, [kinds, batch, time, 1, head_width / 2]; which kind a block
      takes is in `config.rotary_kinds`.

    Example:
      cos, sin = rotary(jnp.zeros((1, 1), int), config)

    Source: Su et al. 2021.
    """
    rates = jnp.asarray(config.rotary_rates)[:, None, None, None]
    angles = positions[..., None, None].astype(jnp.float32) * rates
    return jnp.cos(angles), jnp.sin(angles)


def rotate(
    x: Float[Array, "batch time heads head"],
    cos: Float[Array, "batch time 1 half"],
    sin: Float[Array, "batch time 1 half"],
) -> Float[Array, "batch time heads head"]:
    """Turns each head's pairs (i, i + half) by its position's angles.

    Args:
      x: [batch, time, heads, head_width].
      cos: [batch, time, 1, head_width / 2].
      sin: as `cos`.

    Returns:
      The turned heads, in float32.

    Example:
      cos, sin = rotary(positions, config)
      rotate(queries, cos[0], sin[0])
    """
    left, right = jnp.split(x, 2, axis=-1)
    return jnp.concatenate([left * cos - right * sin, right * cos + left * sin], axis=-1)


def run_blocks(
    model: Llama,
    x: Float[Array, "batch time width"],
    positions: Int[Array, "batch time"],
    memory: Any,
    attention: Attend,
    *,
    adapters: Any = None,
    project: Project = matmul,
    remat: bool = False,
) -> tuple[Float[Array, "batch time width"], Any]:
    """Runs every block and the last normalisation.

    Args:
      model: the weights.
      x: [batch, time, width], embedded tokens.
      positions: [batch, time].
      memory: what `attention` reads in each block; leading axis `layers`.
      attention: `(queries, keys, values, memory of this block)` to the context
        and what to give back for this block.
      adapters: a dictionary from names in `MATRICES` to what `project` takes as
        its third argument, stacked; None for the plain weights.
      project: how to multiply by a matrix.
      remat: whether a gradient computes each block anew instead of keeping its
        insides.

    Returns:
      Normalised states [batch, time, width], and what `attention` gave back,
      stacked along a leading axis `layers`.

    Example:
      states, (keys, values) = run_blocks(model, x, positions, None, causal)
    """
    c = model.config
    batch, time, _ = x.shape
    cos, sin = rotary(positions, c)
    scale = 1.0 if c.query_scale is None else c.query_scale * c.head_width**0.5
    bend = jax.nn.silu if c.activation is Activation.SILU else jax.nn.gelu

    def block(x, inputs):
        weights, adapter, kind, seen = inputs
        turn = (cos[0], sin[0]) if cos.shape[0] == 1 else (cos[kind], sin[kind])

        def linear(name: str, y):
            changed = None if adapter is None else adapter[name]
            return project(y, getattr(weights, name)[...], changed)

        def norm(name: str, y):
            return rms_norm(y, getattr(weights, name)[...], c.epsilon)

        def heads(name: str, y, count: int):
            y = linear(name, y)
            if c.has_bias:
                y = y + getattr(weights, f"{name}_bias")[...]
            return y.reshape(batch, time, count, c.head_width)

        y = norm("attention_norm", x)
        queries, keys = heads("query", y, c.heads), heads("key", y, c.kv_heads)
        values = heads("value", y, c.kv_heads)
        if c.has_head_norms:
            queries, keys = norm("query_norm", queries), norm("key_norm", keys)
        dtype = weights.key[...].dtype
        keys, values = rotate(keys, *turn).astype(dtype), values.astype(dtype)
        context, kept = attention(rotate(queries, *turn) * scale, keys, values, seen)
        y = linear("output", context.reshape(batch, time, c.heads * c.head_width))
        x = x + (norm("after_attention_norm", y) if c.has_after_norms else y)
        y = norm("hidden_norm", x)
        y = linear("down", bend(linear("gate", y)) * linear("up", y))
        return x + (norm("after_hidden_norm", y) if c.has_after_norms else y), kept

    if remat:
        keep = jax.checkpoint_policies.save_only_these_names(SAVED)
        block = jax.checkpoint(block, policy=keep)
    inputs = (model.blocks, adapters, jnp.asarray(c.rotary_kinds), memory)
    x, kept = jax.lax.scan(block, x.astype(jnp.float32), inputs)
    return rms_norm(x, model.norm[...], c.epsilon), kept


def embed(model: Llama, tokens: Int[Array, "batch time"]) -> Float[Array, "batch time width"]:
    """Looks tokens up in the embedding table, and scales them where the model does.

    Args:
      model: the weights.
      tokens: [batch, time].

    Returns:
      [batch, time, width] in float32.

    Example:
      embed(model, jnp.array([[1, 2]])).shape[:2]  # (1, 2)
    """
    return model.embedding[...][tokens].astype(jnp.float32) * model.config.embedding_scale


def unembed(model: Llama, states: Float[Array, "... width"]) -> Float[Array, "... vocabulary"]:
    """Turns normalised states into next-token logits.

    Args:
      model: the weights.
      states: [..., width], as `run_blocks` gives them.

    Returns:
      Logits [..., vocabulary] in float32.

    Example:
      unembed(model, states).shape[-1] == model.config.vocabulary  # True
    """
    return capped(matmul(states, model.output[...]), model.config.logit_cap)


def forward(model: Llama, tokens: Int[Array, "batch time"]) -> Float[Array, "batch time vocab"]:
    """Runs whole texts without a cache: the plain meaning of the model.

    Args:
      model: the weights.
      tokens: [batch, time], each row a text.

    Returns:
      The logits of the token after each, [batch, time, vocabulary].

    Example:
      forward(model, jnp.array([[1, 2, 3]])).shape[:2]  # (1, 3)
    """
    batch, time = tokens.shape
    config = model.config
    back = jnp.arange(time)[:, None] - jnp.arange(time)[None]

    def look(queries, keys, values, reach):
        mask = back >= 0 if reach is None else (back >= 0) & (back < reach)
        return attend(queries, keys, values, mask[None], config.attention_cap), None

    positions = jnp.broadcast_to(jnp.arange(time), (batch, time))
    states, _ = run_blocks(model, embed(model, tokens), positions, config.reaches, look)
    return unembed(model, states)
