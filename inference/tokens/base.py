"""What the engines over tokens ask of a language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Array, Float, Int


@runtime_checkable
class Vocabulary(Protocol):
    """Tokens and their text.

    Attributes:
      text: the tokenizer as Hugging Face JSON.
      eos: the token that ends a text.
    """

    @property
    def text(self) -> str: ...

    @property
    def eos(self) -> int: ...

    @property
    def size(self) -> int:
        """How many tokens there are."""
        ...

    def encode(self, text: str) -> list[int]:
        """A text's tokens."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens."""
        ...


@runtime_checkable
class LanguageModel(Protocol):
    """A model that gives next-token logits to many particles that share a prefix.

    The state is opaque: particles are its leading axis.
    """

    @property
    def tokenizer(self) -> Vocabulary: ...

    def prefix(self, tokens: Sequence[int], after: Any = None) -> Any:
        """What is computed once for a shared beginning, which may go on from an earlier one."""
        ...

    def start(
        self, prefix: Any, tokens: Sequence[int] = (), *, particles: int
    ) -> tuple[Any, Float[Array, "particles vocabulary"]]:
        """Every particle after the prefix and more tokens, and its next-token logits."""
        ...

    def advance(
        self,
        state: Any,
        tokens: Int[np.ndarray | Array, "particles chunk"],
        lengths: Int[np.ndarray | Array, " particles"],
    ) -> tuple[Any, Float[Array, "particles vocabulary"]]:
        """Particles after `lengths` further tokens each (0: stays, logits unchanged)."""
        ...

    def gather(self, state: Any, ancestors: Int[np.ndarray | Array, " particles"]) -> Any:
        """The state whose particle i is the old particle `ancestors[i]`."""
        ...

    def score(
        self, after: Any, sequences: Sequence[Sequence[int]]
    ) -> Float[np.ndarray, " sequences"]:
        """The log probability of each sequence, in nats, after a prefix or where a state began."""
        ...
