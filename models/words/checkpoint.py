"""Llama weights from files into the decoder.

A GGUF keeps query and key rows permuted, for code that turns neighbouring pairs
(2i, 2i + 1); the decoder here turns halves (i, i + half), so the permutation is
undone on the way in.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax.numpy as jnp
import ml_dtypes
import numpy as np
from flax import nnx
from jaxtyping import Float

from models.words.gguf_file import GgufError, GgufFile
from models.words.llama import Llama, LlamaConfig

_NAMES = {
    "attention_norm": "attn_norm",
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_output",
    "hidden_norm": "ffn_norm",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def interleave(
    rows: Float[np.ndarray, "rows inner"], heads: int
) -> Float[np.ndarray, "rows inner"]:
    """Reorders rows from half-split rotary pairs to neighbouring ones, as GGUF has them.

    Args:
      rows: [heads * head_width, in], pairs at (i, i + half).
      heads: how many heads the rows hold.

    Returns:
      The rows with pairs at (2i, 2i + 1).

    Example:
      >>> interleave(np.arange(4.0)[:, None], 1)[:, 0]
      array([0., 2., 1., 3.])
    """
    return rows.reshape(heads, 2, -1, rows.shape[-1]).swapaxes(1, 2).reshape(rows.shape)


def split_halves(
    rows: Float[np.ndarray, "rows inner"], heads: int
) -> Float[np.ndarray, "rows inner"]:
    """Undoes `interleave`.

    Args:
      rows: [heads * head_width, in], pairs at (2i, 2i + 1).
      heads: how many heads the rows hold.

    Returns:
      The rows with pairs at (i, i + half).

    Example:
      >>> split_halves(np.array([[0.0], [2.0], [1.0], [3.0]]), 1)[:, 0]
      array([0., 1., 2., 3.])
    """
    return rows.reshape(heads, -1, 2, rows.shape[-1]).swapaxes(1, 2).reshape(rows.shape)


def config_of(file: GgufFile) -> LlamaConfig:
    """Reads a Llama's shape from a GGUF file's metadata.

    Args:
      file: the file.

    Returns:
      The shape.

    Raises:
      GgufError: where the file is no Llama, or a key is missing.

    Example:
      config_of(read_gguf(packaged_gguf())).width  # 576
    """
    metadata = file.metadata
    if (architecture := metadata.get("general.architecture")) != "llama":
        raise GgufError(f"{file.path.name} holds a {architecture!r}, not a 'llama'")
    try:
        heads = metadata["llama.attention.head_count"]
        width = metadata["llama.embedding_length"]
        return LlamaConfig(
            layers=metadata["llama.block_count"],
            width=width,
            hidden=metadata["llama.feed_forward_length"],
            heads=heads,
            kv_heads=metadata.get("llama.attention.head_count_kv", heads),
            head_width=metadata.get("llama.rope.dimension_count", width // heads),
            vocabulary=len(metadata["tokenizer.ggml.tokens"]),
            context=metadata["llama.context_length"],
            rotary_base=metadata.get("llama.rope.freq_base", 1e4),
            epsilon=metadata["llama.attention.layer_norm_rms_epsilon"],
        )
    except KeyError as error:
        raise GgufError(f"{file.path.name} lacks the key {error}") from None


def load_llama(file: GgufFile, *, dtype: Any = jnp.bfloat16) -> Llama:
    """Reads a Llama's weights from a GGUF file.

    Args:
      file: the file.
      dtype: what matrices are kept in.

    Returns:
      The model.

    Raises:
      GgufError: where a tensor is missing or has another shape than the
        metadata says, or the output projection is not the embedding.

    Example:
      model = load_llama(read_gguf(packaged_gguf()))
    """
    config = config_of(file)
    if "output.weight" in file.raw:
        raise GgufError(f"{file.path.name} has an output projection of its own: not supported")
    model = nnx.eval_shape(lambda: Llama(config, rngs=nnx.Rngs(0), dtype=dtype))
    heads = {"query": config.heads, "key": config.kv_heads}
    host = ml_dtypes.bfloat16 if dtype == jnp.bfloat16 else np.dtype(dtype)

    def fill(param: nnx.Param, name: str) -> None:
        values = file.tensor(f"{name}.weight")
        if values.shape != param.shape:
            raise GgufError(f"{file.path.name}: {name} is {values.shape}, not {param.shape}")
        param.set_value(jnp.asarray(values.astype(np.float32 if param.ndim == 1 else host)))

    def stack(name: str) -> None:
        param = getattr(model.blocks, name)
        is_norm = name.endswith("_norm")
        out = np.empty(param.shape, np.float32 if is_norm else host)
        for layer in range(config.layers):
            values = file.tensor(f"blk.{layer}.{_NAMES[name]}.weight")
            if values.shape != param.shape[1:]:
                raise GgufError(
                    f"{file.path.name}: {_NAMES[name]} of block {layer} is {values.shape}, "
                    f"not {param.shape[1:]}"
                )
            out[layer] = split_halves(values, heads[name]) if name in heads else values
        param.set_value(jnp.asarray(out))

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(fill, model.embedding, "token_embd")]
        jobs += [pool.submit(fill, model.norm, "output_norm")]
        jobs += [pool.submit(stack, name) for name in _NAMES]
        for job in jobs:
            job.result()
    return model
