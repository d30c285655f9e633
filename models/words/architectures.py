"""What files say of a decoder's shape: GGUF metadata, and the `config.json` of `transformers`.

A family that is not listed is refused: a model that almost fits would speak nonsense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.words.config import Activation, LlamaConfig
from models.words.folder import Folder, FolderError
from models.words.gguf_file import GgufError, GgufFile


@dataclass(frozen=True)
class Family:
    """A model's shape, and how its files keep it.

    Args:
      name: as the file has it.
      config: the shape.
      is_interleaved: whether query and key rows are permuted for neighbouring rotary pairs.
      adds_one: whether norms multiply by 1 + w.
    """

    name: str
    config: LlamaConfig
    is_interleaved: bool = False
    adds_one: bool = False


_GGUF = {"llama", "qwen2", "qwen3", "gemma", "gemma2", "gemma3"}
_FOLDERS = {"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "gemma3_text"}
_WHOLE_PERIODS = {"gemma2": 2, "gemma3": 6}  # one block of so many has no window


def of_gguf(file: GgufFile) -> Family:
    """A decoder's family and shape from a GGUF file's metadata.

    Args:
      file: the file.

    Raises:
      GgufError: where the family is not known, or a key is missing.

    Example:
      of_gguf(read_gguf(packaged_gguf())).config.width  # 576
    """
    metadata = file.metadata
    name = metadata.get("general.architecture")
    if name not in _GGUF:
        known = ", ".join(sorted(_GGUF))
        raise GgufError(f"{file.path.name} holds a {name!r}; what can be run is {known}")

    def get(key: str, default: Any = None) -> Any:
        return metadata.get(f"{name}.{key}", default)

    try:
        layers = metadata[f"{name}.block_count"]
        heads = metadata[f"{name}.attention.head_count"]
        width = metadata[f"{name}.embedding_length"]
        hidden = metadata[f"{name}.feed_forward_length"]
        context = metadata[f"{name}.context_length"]
        epsilon = metadata[f"{name}.attention.layer_norm_rms_epsilon"]
        vocabulary = len(metadata["tokenizer.ggml.tokens"])
    except KeyError as error:
        raise GgufError(f"{file.path.name} lacks the key {error}") from None
    head_width = get("attention.key_length") or get("rope.dimension_count") or width // heads
    window, pattern = get("attention.sliding_window"), get("attention.sliding_window_pattern")
    pattern = pattern or _WHOLE_PERIODS.get(name)
    divisors: tuple[float, ...] = ()
    if "rope_freqs.weight" in file.raw:
        divisors = tuple(file.tensor("rope_freqs.weight").tolist())
    elif (kind := get("rope.scaling.type")) == "linear":
        divisors = (float(get("rope.scaling.factor", 1.0)),) * (head_width // 2)
    elif kind not in (None, "none"):
        raise GgufError(f"{file.path.name} scales positions in a way not known here: {kind!r}")
    config = LlamaConfig(
        layers=layers,
        width=width,
        hidden=hidden,
        heads=heads,
        kv_heads=get("attention.head_count_kv", heads),
        head_width=head_width,
        vocabulary=vocabulary,
        context=context,
        rotary_base=get("rope.freq_base", 1e4),
        epsilon=epsilon,
        tied="output.weight" not in file.raw,
        windows=_pattern(pattern, window, layers) if pattern and window else (),
        window_rotary_base=1e4 if name == "gemma3" and window else None,
        rotary_divisors=divisors,
        attention_cap=get("attn_logit_softcapping"),
        logit_cap=get("final_logit_softcapping"),
        # The largest of Gemma 2 and 3 scale by another width; no key says so.
        query_scale=(width // heads) ** -0.5 if (name, layers) in _BY_WIDTH else None,
        **_ways(name, width),
    )
    return Family(name, config, is_interleaved=name == "llama")


_BY_WIDTH = {("gemma2", 46), ("gemma3", 62)}


def of_folder(folder: Folder) -> Family:
    """A decoder's family and shape from a `config.json`.

    Args:
      folder: as `transformers` saves it.

    Raises:
      FolderError: where the family, or a choice in it, is not known, or a key is missing.
    """
    said = folder.config
    name, where = said.get("model_type"), f"{folder.path.name}/config.json"
    if name not in _FOLDERS:
        known = ", ".join(sorted(_FOLDERS))
        raise FolderError(f"{where} describes a {name!r}; what can be run is {known}")
    if name != "qwen2" and (said.get("attention_bias") or said.get("mlp_bias")):
        raise FolderError(f"{where}: a {name} with biases is not supported")
    try:
        layers, width = said["num_hidden_layers"], said["hidden_size"]
        heads = said["num_attention_heads"]
        head_width = said.get("head_dim") or width // heads
        kinds = said.get("layer_types") or []
        windows = _windows(said, kinds, layers)
        whole, local = _rotary(said)
        scale = said.get("query_pre_attn_scalar") if name in ("gemma2", "gemma3_text") else None
        config = LlamaConfig(
            layers=layers,
            width=width,
            hidden=said["intermediate_size"],
            heads=heads,
            kv_heads=said.get("num_key_value_heads", heads),
            head_width=head_width,
            vocabulary=said["vocab_size"],
            context=said["max_position_embeddings"],
            rotary_base=float(whole.get("rope_theta", 1e4)),
            epsilon=said["rms_norm_eps"],
            tied="lm_head.weight" not in folder.files,
            windows=windows if any(windows) else (),
            window_rotary_base=float(local["rope_theta"]) if any(windows) and local else None,
            rotary_divisors=_divisors(whole, head_width // 2, where),
            attention_cap=said.get("attn_logit_softcapping"),
            logit_cap=said.get("final_logit_softcapping"),
            query_scale=None if scale is None else float(scale) ** -0.5,
            **_ways(name.removesuffix("_text"), width),
        )
    except KeyError as error:
        raise FolderError(f"{where} lacks {error}") from None
    return Family(name, config, adds_one=name.startswith("gemma"))


def _ways(name: str, width: int) -> dict[str, Any]:
    """What a family does its own way, whichever file it comes in."""
    is_gemma = name.startswith("gemma")
    return {
        "has_bias": name == "qwen2",
        "has_head_norms": name in ("qwen3", "gemma3"),
        "has_after_norms": name in ("gemma2", "gemma3"),
        "activation": Activation.GELU if is_gemma else Activation.SILU,
        "embedding_scale": float(width) ** 0.5 if is_gemma else 1.0,
    }


def _pattern(pattern: int | list[bool], window: int, layers: int) -> tuple[int, ...]:
    """The window of each block: all but one in so many have one, or those of a list."""
    if isinstance(pattern, int):
        pattern = [(layer + 1) % pattern > 0 for layer in range(layers)]
    return tuple(window if has_one else 0 for has_one in pattern)


def _windows(said: Mapping[str, Any], kinds: list[str], layers: int) -> tuple[int, ...]:
    window = said.get("sliding_window")
    if not window or said.get("use_sliding_window") is False:
        return ()
    if kinds:
        return tuple(window if kind == "sliding_attention" else 0 for kind in kinds)
    period = said.get("sliding_window_pattern") or _WHOLE_PERIODS.get(
        str(said["model_type"]).removesuffix("_text")
    )
    return _pattern(period, window, layers) if period else (window,) * layers


def _rotary(said: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The rotary waves of blocks that look at all, and of those with a window where they differ."""
    found = said.get("rope_parameters")
    if found is None:  # as it was written before version 5
        found = {"rope_theta": said.get("rope_theta", 1e4), **(said.get("rope_scaling") or {})}
    if "full_attention" in found:
        return found["full_attention"], found.get("sliding_attention")
    local = said.get("rope_local_base_freq")
    return found, None if local is None else {"rope_theta": local}


def _divisors(rotary: Mapping[str, Any], half: int, where: str) -> tuple[float, ...]:
    """What slows each rotary wave down.

    Source: Chen et al. 2023 (linear); Grattafiori et al. 2024 (Llama 3.1).
    """
    kind = rotary.get("rope_type", rotary.get("type", "default"))
    if kind in (None, "default"):
        return ()
    if kind == "linear":
        return (float(rotary["factor"]),) * half
    if kind != "llama3":
        raise FolderError(f"{where}: positions are scaled in a way not known here: {kind!r}")
    rates = float(rotary["rope_theta"]) ** (-np.arange(half) / half)
    fits = rotary["original_max_position_embeddings"] * rates / (2 * np.pi)
    low, high = rotary["low_freq_factor"], rotary["high_freq_factor"]
    share = np.clip((fits - low) / (high - low), 0.0, 1.0)
    return tuple((1 / (share + (1 - share) / rotary["factor"])).tolist())
