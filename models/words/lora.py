"""Low-rank adapters: what this project trains, and its file.

An adapter adds `scale * (x A^T) B` to each matrix product of each block. Its
gradient is written out so that the frozen weights are only ever multiplied in
their own dtype, and so that the tall contractions over tokens have the thin
matrix on the left, which is the form that runs fast.

Source: Hu et al. 2021 (LoRA).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
from flax import nnx
from jaxtyping import Array, Float
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from models.words.llama import MATRICES, Blocks, Llama
from plot.files import write_whole


class LoraError(ValueError):
    """An adapter's file is missing, damaged, or made for another model."""


@partial(
    jax.tree_util.register_dataclass,
    data_fields=["matrices"],
    meta_fields=["rank", "alpha"],
)
@dataclass(frozen=True)
class Lora:
    """A low-rank adapter of all seven matrices of each block.

    Attributes:
      matrices: from each name in `MATRICES` to `(A, B)`, in float32:
        A [layers, rank, in] and B [layers, rank, out].
      rank: the rank.
      alpha: the adapter's strength; products are scaled by `alpha / rank`.

    Example:
      lora = init_lora(model, rank=16, alpha=32.0, key=jax.random.key(0))
    """

    matrices: dict[str, tuple[Any, Any]]  # arrays, or whatever a tree of this shape holds
    rank: int
    alpha: float

    @property
    def scale(self) -> float:
        """What the low-rank product is multiplied by."""
        return self.alpha / self.rank


def init_lora(model: Llama, *, rank: int, alpha: float, key: Array) -> Lora:
    """Makes an adapter that does not change the model yet.

    Args:
      model: what it adapts.
      rank: its rank.
      alpha: its strength.
      key: seeds the A matrices; the B matrices are zero.

    Returns:
      The adapter.

    Example:
      init_lora(model, rank=4, alpha=8.0, key=jax.random.key(0)).scale  # 2.0

    Source: Hu et al. 2021.
    """
    matrices = {}
    for name, each in zip(MATRICES, jax.random.split(key, len(MATRICES)), strict=True):
        layers, out, inner = getattr(model.blocks, name).shape
        low = jax.random.normal(each, (layers, rank, inner)) * inner**-0.5
        matrices[name] = (low, jnp.zeros((layers, rank, out)))
    return Lora(matrices, rank, alpha)


def _dot(a, b, left: int, right: int):
    return jax.lax.dot_general(
        a, b, (((left,), (right,)), ((), ())), preferred_element_type=jnp.float32
    )


@jax.custom_vjp
def _project(x, weight, low, high):
    return _project_forward(x, weight, low, high)[0]


def _project_forward(x, weight, low, high):
    narrow = x.astype(weight.dtype)
    inner = _dot(narrow, low.astype(weight.dtype), 1, 1)
    out = _dot(narrow, weight, 1, 1) + _dot(inner, high, 1, 0)
    return out, (narrow, weight, low, high, inner)


def _project_backward(kept, gradient):
    narrow, weight, low, high, inner = kept
    slim = gradient.astype(weight.dtype)
    d_inner = _dot(slim, high.astype(weight.dtype), 1, 1)
    d_x = _dot(slim, weight, 1, 0) + _dot(d_inner, low, 1, 0)
    d_low = _dot(d_inner, narrow.astype(jnp.float32), 0, 0)
    d_high = _dot(inner, gradient, 0, 0)
    return d_x, None, d_low, d_high


_project.defvjp(_project_forward, _project_backward)


def project(
    x: Float[Array, "... inner"],
    weight: Float[Array, "out inner"],
    adapter: tuple[Float[Array, "rank inner"], Float[Array, "rank out"]],
) -> Float[Array, "... out"]:
    """Multiplies by a frozen matrix and its adapter; only the adapter learns.

    Args:
      x: [..., in].
      weight: [out, in], frozen: its gradient is not computed.
      adapter: A [rank, in] and B [rank, out], B already scaled.

    Returns:
      `x @ (weight + B.T @ A).T` in float32.

    Example:
      project(x, weight, (low, high)).shape == x.shape[:-1] + weight.shape[:1]  # True
    """
    low, high = adapter
    flat = x.reshape(-1, x.shape[-1]).astype(jnp.float32)
    return _project(flat, weight, low, high).reshape(*x.shape[:-1], weight.shape[0])


def scaled(lora: Lora) -> dict[str, tuple[Array, Array]]:
    """Gives an adapter's matrices with the scale put into B, as `project` takes them.

    Args:
      lora: the adapter.

    Returns:
      From each name to A [layers, rank, in] and scaled B [layers, rank, out].

    Example:
      run_blocks(model, x, positions, None, see, adapters=scaled(lora), project=project)
    """
    return {name: (low, high * lora.scale) for name, (low, high) in lora.matrices.items()}


def merge(model: Llama, lora: Lora) -> Llama:
    """Adds an adapter to a model's weights, so that running it costs nothing more.

    Args:
      model: the base model; left as it is.
      lora: its adapter.

    Returns:
      A new model that shares what the adapter does not change.

    Raises:
      LoraError: where the adapter has other shapes than the model.

    Example:
      merged = merge(model, lora)
    """
    graph, state = nnx.split(model)
    merged = nnx.merge(graph, state)
    blocks: Blocks = merged.blocks
    for name, (low, high) in lora.matrices.items():
        weight = getattr(model.blocks, name)[...]
        layers, out, inner = weight.shape
        if low.shape != (layers, lora.rank, inner) or high.shape != (layers, lora.rank, out):
            raise LoraError(
                f"the adapter's {name!r} is {low.shape} and {high.shape}, which does not "
                f"fit weights of {weight.shape} at rank {lora.rank}"
            )
        setattr(blocks, name, nnx.Param(_add(weight, low, high * lora.scale)))
    return merged


@jax.jit
def _add(weight, low, high):
    def one(_, parts):
        weight, low, high = parts
        return None, (weight.astype(jnp.float32) + _dot(high, low, 0, 0)).astype(weight.dtype)

    return jax.lax.scan(one, None, (weight, low, high))[1]


@dataclass(frozen=True)
class LoraInfo:
    """Where an adapter comes from: its file's metadata.

    Attributes:
      base: the sha256 of the base model's file.
      command: the command that trained it.
      seed: that command's seed.
      figures: what was measured, by name.
    """

    base: str
    command: str = ""
    seed: int = 0
    figures: Mapping[str, Any] = field(default_factory=dict)


def save_lora(path: Path, lora: Lora, info: LoraInfo) -> None:
    """Writes an adapter as safetensors in bfloat16; the file appears whole or not at all.

    Args:
      path: the file.
      lora: the adapter.
      info: where it comes from.

    Example:
      save_lora(Path("translator.safetensors"), lora, LoraInfo(base=PACKAGED_SHA256))
    """
    arrays = {}
    for name, (low, high) in lora.matrices.items():
        arrays[f"{name}.a"] = np.asarray(low).astype(ml_dtypes.bfloat16)
        arrays[f"{name}.b"] = np.asarray(high).astype(ml_dtypes.bfloat16)
    metadata = {
        "format": "plotline-lora-1",
        "base_sha256": info.base,
        "rank": str(lora.rank),
        "alpha": repr(float(lora.alpha)),
        "command": info.command,
        "seed": str(info.seed),
        "figures": json.dumps(dict(info.figures), sort_keys=True),
    }
    write_whole(Path(path), save(arrays, metadata))


def load_lora(path: Path, *, base: str) -> tuple[Lora, LoraInfo]:
    """Reads an adapter and checks that it was made for a base model.

    Args:
      path: the file.
      base: the sha256 of the base model's file.

    Returns:
      The adapter, in float32, and where it comes from.

    Raises:
      LoraError: where the file is missing or damaged, or was made for another base.

    Example:
      lora, info = load_lora(Path("translator.safetensors"), base=PACKAGED_SHA256)
    """
    path = Path(path)
    if not path.is_file():
        raise LoraError(f"there is no adapter {path}")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != "plotline-lora-1":
                raise LoraError(f"{path.name} is a safetensors file, but not an adapter")
            info = LoraInfo(
                base=metadata["base_sha256"],
                command=metadata["command"],
                seed=int(metadata["seed"]),
                figures=json.loads(metadata["figures"]),
            )
            rank, alpha = int(metadata["rank"]), float(metadata["alpha"])
            if info.base != base:
                raise LoraError(
                    f"{path.name} was trained for another base model: its base has sha256 "
                    f"{info.base}, and this one {base}; train it anew for this base"
                )
            matrices = {
                name: (_read(file, f"{name}.a"), _read(file, f"{name}.b")) for name in MATRICES
            }
    except LoraError:
        raise
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise LoraError(f"{path.name} is a damaged adapter: {error!r}") from error
    return Lora(matrices, rank, alpha), info


def _read(file: Any, name: str) -> Array:
    return jnp.asarray(file.get_tensor(name)).astype(jnp.float32)
