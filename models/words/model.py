"""Language models as token models (being written)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp

from models.words.checkpoint import load_llama
from models.words.gguf_file import PACKAGED_SHA256, packaged_gguf, read_gguf
from models.words.llama import Llama
from models.words.lora import load_lora, merge
from models.words.tokenizer import Tokenizer, build_tokenizer

TRANSLATOR = Path(__file__).parent / "weights" / "translator.safetensors"


@dataclass(frozen=True)
class LanguageModel:
    llama: Llama
    tokenizer: Tokenizer
    sha256: str


def embedded(adapter: bool | Path = True, *, dtype=jnp.bfloat16) -> LanguageModel:
    file = read_gguf(packaged_gguf(), sha256=PACKAGED_SHA256)
    llama = load_llama(file, dtype=dtype)
    path = TRANSLATOR if adapter is True else adapter
    if path is not False and (path != TRANSLATOR or TRANSLATOR.exists()):
        llama = merge(llama, load_lora(Path(path), base=PACKAGED_SHA256)[0])
    return LanguageModel(llama, build_tokenizer(file), PACKAGED_SHA256)
