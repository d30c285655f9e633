"""The shapes of decoders of the Llama family, and the choices in which its members differ."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from jaxtyping import Float32


class Activation(Enum):
    """What gates the feed-forward part."""

    SILU = "silu"
    GELU = "gelu_tanh"


@dataclass(frozen=True)
class LlamaConfig:
    """The shape of a decoder, and what it does its own way.

    The first ten are those of a Llama; with the others at their defaults it is one.

    Attributes:
      layers: blocks.
      width: numbers that carry one token between blocks.
      hidden: numbers inside a block's feed-forward part.
      heads: query heads.
      kv_heads: key and value heads; `heads` is a multiple of it.
      head_width: numbers a head.
      vocabulary: tokens.
      context: the longest text, in tokens.
      rotary_base: the slowest rotary wave's base.
      epsilon: what keeps a normalisation from dividing by zero.
      tied: whether the output projection is the embedding.
      has_bias: whether queries, keys and values have one (Qwen 2).
      has_head_norms: whether queries and keys are normalised (Qwen 3, Gemma 3).
      has_after_norms: whether what a block adds is normalised too (Gemma 2, 3).
      activation: of the feed-forward part.
      embedding_scale: what embedded tokens are multiplied by (Gemma).
      query_scale: what scores are multiplied by; `head_width ** -0.5` where not given.
      attention_cap: scores are bent to stay within it, `cap * tanh(score / cap)` (Gemma 2).
      logit_cap: as `attention_cap`, for logits.
      windows: for each block, how many tokens back a query may look, itself included; 0 for all.
        Empty where every block may look at all.
      window_rotary_base: `rotary_base` of the blocks with a window, where it is another (Gemma 3).
      rotary_divisors: what slows each rotary wave down, in blocks without a window, for texts
        longer than those of the first training (Llama 3.1, Gemma 3); empty for nothing.

    Raises:
      ValueError: where heads do not divide among key-value heads, a head has an odd width, or
        there is a window for some blocks only.

    Example:
      >>> LlamaConfig(2, 32, 64, 4, 2, 8, 50).layers
      2
    """

    layers: int
    width: int
    hidden: int
    heads: int
    kv_heads: int
    head_width: int
    vocabulary: int
    context: int = 8192
    rotary_base: float = 1e5
    epsilon: float = 1e-5
    tied: bool = True
    has_bias: bool = False
    has_head_norms: bool = False
    has_after_norms: bool = False
    activation: Activation = Activation.SILU
    embedding_scale: float = 1.0
    query_scale: float | None = None
    attention_cap: float | None = None
    logit_cap: float | None = None
    windows: tuple[int, ...] = ()
    window_rotary_base: float | None = None
    rotary_divisors: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.heads % self.kv_heads or self.head_width % 2:
            raise ValueError(
                f"{self.heads} heads of {self.head_width} do not split among "
                f"{self.kv_heads} key-value heads and rotary pairs"
            )
        if len(self.windows) not in (0, self.layers):
            raise ValueError(f"there are {len(self.windows)} windows for {self.layers} blocks")

    @property
    def is_plain(self) -> bool:
        """Whether every query may look at all that precedes it, and nothing is capped."""
        return not any(self.windows) and self.attention_cap is None and self.logit_cap is None

    @property
    def reaches(self) -> np.ndarray | None:
        """`[layers]`, how far back each block looks, itself included; None where all do wholly."""
        if not any(self.windows):
            return None
        return np.array([window or np.iinfo(np.int32).max for window in self.windows], np.int32)

    @property
    def rotary_kinds(self) -> np.ndarray:
        """`[layers]`, which row of `rotary_rates` each block turns by."""
        if self.window_rotary_base is None:
            return np.zeros(self.layers, np.int32)
        return np.array([window > 0 for window in self.windows], np.int32)

    @property
    def rotary_rates(self) -> Float32[np.ndarray, "kinds half"]:
        """How far a pair of numbers turns with each token, in radians: a row for each kind.

        >>> LlamaConfig(1, 8, 8, 1, 1, 4, 10, rotary_base=100.0).rotary_rates.round(3).tolist()
        [[1.0, 0.10000000149011612]]
        """
        half = self.head_width // 2
        waves = -np.arange(half) / half
        kinds = [self.rotary_base**waves / (np.array(self.rotary_divisors or 1.0))]
        if self.window_rotary_base is not None:
            kinds.append(self.window_rotary_base**waves)
        return np.stack(kinds).astype(np.float32)
