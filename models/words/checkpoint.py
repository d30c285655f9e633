"""Weights from GGUF files and from folders of safetensors into the decoder.

Tensors go by the names that `transformers` gives them; what they are called in a GGUF file, the
`gguf` package knows. A Llama's GGUF keeps query and key rows permuted, for code that turns
neighbouring pairs (2i, 2i + 1); the decoder here turns halves (i, i + half), so the permutation is
undone on the way in. Gemma's norms multiply by 1 + w: a GGUF file has the 1 in them already, and
safetensors get it here.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gguf
import jax.numpy as jnp
import ml_dtypes
import numpy as np
from flax import nnx
from jaxtyping import Float

from models.words.architectures import Family, of_folder, of_gguf
from models.words.config import LlamaConfig
from models.words.folder import Folder, FolderError
from models.words.gguf_file import GgufError, GgufFile
from models.words.llama import Llama

type Tensor = Callable[[str], Float[np.ndarray, "*shape"]]
"""A tensor by the name that `transformers` gives it, laid out as the decoder has it."""

_MATRICES = {
    "query": "self_attn.q_proj.weight",
    "key": "self_attn.k_proj.weight",
    "value": "self_attn.v_proj.weight",
    "output": "self_attn.o_proj.weight",
    "gate": "mlp.gate_proj.weight",
    "up": "mlp.up_proj.weight",
    "down": "mlp.down_proj.weight",
}
_BIASES = {f"{name}_bias": f"self_attn.{name[0]}_proj.bias" for name in ("query", "key", "value")}
_HEAD_NORMS = {f"{name}_norm": f"self_attn.{name[0]}_norm.weight" for name in ("query", "key")}
_NORMS = {
    "attention_norm": "input_layernorm.weight",
    "hidden_norm": "post_attention_layernorm.weight",
}
_FOUR_NORMS = {
    "attention_norm": "input_layernorm.weight",
    "after_attention_norm": "post_attention_layernorm.weight",
    "hidden_norm": "pre_feedforward_layernorm.weight",
    "after_hidden_norm": "post_feedforward_layernorm.weight",
}


def block_names(config: LlamaConfig) -> dict[str, str]:
    """What the attributes of `Blocks` are called in a block of a file of `transformers`.

    >>> block_names(LlamaConfig(1, 8, 8, 1, 1, 8, 10))["query"]
    'self_attn.q_proj.weight'
    """
    names = _MATRICES | (_FOUR_NORMS if config.has_after_norms else _NORMS)
    names |= _BIASES if config.has_bias else {}
    return names | (_HEAD_NORMS if config.has_head_norms else {})


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


def load_llama(source: GgufFile | Folder, *, dtype: Any = jnp.bfloat16) -> Llama:
    """Reads a decoder's weights.

    Args:
      source: a GGUF file, or a folder as `transformers` saves it.
      dtype: what matrices are kept in.

    Returns:
      The model.

    Raises:
      GgufError, FolderError: where the family is not known, or a tensor is missing or has
        another shape than the metadata says.

    Example:
      model = load_llama(read_gguf(packaged_gguf()))
    """
    if isinstance(source, GgufFile):
        family = of_gguf(source)
        return _filled(family.config, _from_gguf(source, family), source.path, dtype, GgufError)
    family = of_folder(source)
    return _filled(family.config, _from_folder(source, family), source.path, dtype, FolderError)


def _from_gguf(file: GgufFile, family: Family) -> Tensor:
    config = family.config
    kinds = {name: kind for kind, name in gguf.MODEL_ARCH_NAMES.items()}
    names = gguf.get_tensor_name_map(kinds[family.name], config.layers)
    heads = {"q_proj": config.heads, "k_proj": config.kv_heads}

    def tensor(name: str) -> np.ndarray:
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if known is None:
            raise GgufError(f"{file.path.name}: no {family.name} has a tensor {name!r}")
        values = file.tensor(known)
        part = name.split(".")[-2]
        if family.is_interleaved and part in heads and values.ndim == 2:
            return split_halves(values, heads[part])
        return values

    return tensor


def _from_folder(folder: Folder, family: Family) -> Tensor:
    def tensor(name: str) -> np.ndarray:
        values = folder.tensor(name)
        return values + 1 if family.adds_one and name.endswith("norm.weight") else values

    return tensor


def _filled(
    config: LlamaConfig, tensor: Tensor, path: Path, dtype: Any, error: type[ValueError]
) -> Llama:
    model = nnx.eval_shape(lambda: Llama(config, rngs=nnx.Rngs(0), dtype=dtype))
    host = ml_dtypes.bfloat16 if dtype == jnp.bfloat16 else np.dtype(dtype)

    def read(name: str, shape: tuple[int, ...]) -> np.ndarray:
        values = tensor(name)
        if values.shape != shape:
            raise error(f"{path.name}: {name} is {values.shape}, not {shape}")
        return values

    def fill(param: nnx.Param, name: str) -> None:
        values = read(name, param.shape)
        param.set_value(jnp.asarray(values.astype(np.float32 if param.ndim == 1 else host)))

    def stack(param: nnx.Param, name: str) -> None:
        out = np.empty(param.shape, np.float32 if param.ndim == 2 else host)
        for layer in range(config.layers):
            out[layer] = read(f"model.layers.{layer}.{name}", param.shape[1:])
        param.set_value(jnp.asarray(out))

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(fill, model.embedding, "model.embed_tokens.weight")]
        jobs += [pool.submit(fill, model.norm, "model.norm.weight")]
        if not config.tied:
            jobs += [pool.submit(fill, model.head, "lm_head.weight")]
        for attribute, name in block_names(config).items():
            jobs += [pool.submit(stack, getattr(model.blocks, attribute), name)]
        for job in jobs:
            job.result()
    return model
