"""Small stand-ins: a language model that is a table over the last token, a byte tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

import jax
import jax.numpy as jnp
import numpy as np
import tokenizers
from tokenizers import AddedToken, decoders, models, pre_tokenizers

TOKENS = ("a", "b", "c", "ab", "ba")


@dataclass(frozen=True)
class ToyTokenizer:
    """Five tokens over three letters, and the end."""

    @cached_property
    def inner(self) -> tokenizers.Tokenizer:
        made = tokenizers.Tokenizer(
            models.BPE(vocab={t: i for i, t in enumerate(TOKENS)}, merges=[("a", "b"), ("b", "a")])
        )
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        made.add_special_tokens([AddedToken("<end>", special=True, normalized=False)])
        return made

    @property
    def text(self) -> str:
        return self.inner.to_str()

    @property
    def eos(self) -> int:
        return len(TOKENS)

    @property
    def size(self) -> int:
        return len(TOKENS) + 1

    def encode(self, text: str) -> list[int]:
        return self.inner.encode(text).ids

    def decode(self, tokens: Sequence[int]) -> str:
        return "".join(TOKENS[t] for t in tokens if t < len(TOKENS))


class ToyModel:
    """Logits `table[last]`; row `size` is the beginning."""

    def __init__(self, seed: int = 0, scale: float = 1.5):
        self.tokenizer = ToyTokenizer()
        rng = np.random.default_rng(seed)
        self.table = jnp.asarray(
            rng.normal(0, scale, (self.tokenizer.size + 1, self.tokenizer.size)), jnp.float32
        )

    def prefix(self, tokens, after=None):
        return None

    def start(self, prefix, tokens=(), *, particles):
        last = jnp.full(particles, self.tokenizer.size)
        return last, self.table[last]

    def advance(self, state, tokens, lengths):
        last = np.take_along_axis(tokens, np.maximum(lengths - 1, 0)[:, None], 1)[:, 0]
        state = jnp.where(jnp.asarray(lengths) > 0, last, state)
        return state, self.table[state]

    def score(self, prefix, sequences):
        return np.array([self.log_probability(s[:-1]) if s else 0.0 for s in sequences])

    def gather(self, state, ancestors):
        return state[ancestors]

    def log_probability(self, tokens: Sequence[int]) -> float:
        """Of tokens and the end after them."""
        scores = np.asarray(jax.nn.log_softmax(self.table), np.float64)
        path = [self.tokenizer.size, *tokens, self.tokenizer.eos]
        return float(sum(scores[a, b] for a, b in pairwise(path)))


def words(accepts, longest: int) -> list[tuple[int, ...]]:
    """Every token sequence whose text a predicate accepts."""
    out = []
    for length in range(1, longest + 1):
        for tokens in product(range(len(TOKENS)), repeat=length):
            if accepts("".join(TOKENS[t] for t in tokens)):
                out.append(tokens)
    return out


@dataclass(frozen=True)
class ByteTokenizer:
    """One token a byte, for tests of grammars."""

    @cached_property
    def inner(self) -> tokenizers.Tokenizer:
        alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
        made = tokenizers.Tokenizer(
            models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[])
        )
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        made.decoder = decoders.ByteLevel()
        made.add_special_tokens([AddedToken("<end>", special=True, normalized=False)])
        return made

    @property
    def text(self) -> str:
        return self.inner.to_str()

    @property
    def eos(self) -> int:
        return 256

    @property
    def size(self) -> int:
        return 257

    def encode(self, text: str) -> list[int]:
        return self.inner.encode(text).ids

    def decode(self, tokens: Sequence[int]) -> str:
        return self.inner.decode(list(tokens))
