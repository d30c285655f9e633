"""Grammars as masks over tokens: one matcher a particle, filled in a batch.

llguidance parses the grammar incrementally and says which tokens may come next, and which
must. A matcher is copied when its particle is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import llguidance
import llguidance.numpy as masks
import numpy as np
from jaxtyping import Int32

from inference.tokens.base import Vocabulary
from inference.tokens.spelling import OUTSIDE, Place, Spelling


@dataclass(frozen=True)
class Finished:
    """Why a particle goes no further.

    Args:
      complete: whether its tokens are a whole word of the grammar.
    """

    complete: bool


class Constraint:
    """A grammar over a tokenizer, ready to make matchers.

    Args:
      tokenizer: whose tokens are masked.
      lark: the grammar, in llguidance's Lark dialect.
      names: symbols that may stand after a quote; they are spelled with the tokens that their text
        is split into, and with no others.

    Raises:
      ValueError: the grammar is not well formed.
    """

    def __init__(self, tokenizer: Vocabulary, lark: str, names: Sequence[str] = ()):
        self.tokenizer = tokenizer
        self.spelling = Spelling(tokenizer, names)
        self._inner = _wrap(tokenizer.text, tokenizer.eos, tokenizer.size)
        self._root = llguidance.LLMatcher(self._inner, lark)
        if self._root.is_error():
            raise ValueError(f"the grammar is not well formed: {self._root.get_error()}")

    def start(self, particles: int) -> Matchers:
        """Matchers for a number of particles, all at the beginning."""
        matchers = [self._root.deep_copy() for _ in range(particles)]
        return Matchers(self, matchers, [OUTSIDE] * particles)

    def accepts(self, tokens: Sequence[int]) -> bool:
        """Whether tokens (without the end token) are a whole word of the grammar."""
        matcher = self._root.deep_copy()
        return bool(
            matcher.try_consume_tokens(list(tokens)) == len(tokens) and matcher.is_accepting()
        )

    @property
    def words(self) -> int:
        """How many 32-bit words a mask has."""
        return masks.allocate_token_bitmask(1, self._inner.vocab_size).shape[1]


class Matchers:
    """Where each particle stands in the grammar."""

    def __init__(
        self, constraint: Constraint, matchers: list[llguidance.LLMatcher], places: list[Place]
    ):
        self._constraint, self._matchers, self._places = constraint, matchers, places
        self._eos = constraint.tokenizer.eos

    def __len__(self) -> int:
        return len(self._matchers)

    def allowed(self, live: Sequence[bool]) -> Int32[np.ndarray, "particles words"]:
        """Bit masks of the tokens that may come next; all zero for particles that are not live."""
        out = np.zeros((len(self), self._constraint.words), np.int32)
        for i, matcher in enumerate(self._matchers):
            if live[i]:
                masks.fill_next_token_bitmask(matcher, out, i)
                out[i] = self._constraint.spelling.narrowed(self._places[i], out[i])
        return out

    def take(self, particle: int, token: int) -> list[int]:
        """Move one particle over a token; gives the tokens that must follow, already taken.

        Raises:
          ValueError: the grammar does not allow the token here.
        """
        matcher = self._matchers[particle]
        if not matcher.consume_token(token):
            raise ValueError(f"the grammar does not allow the token {token} here")
        self._move(particle, token)
        forced = self.forced(particle)
        return forced

    def accepts(self, particle: int, token: int) -> bool:
        """Whether a token may come next; the particle stays where it is."""
        matcher = self._matchers[particle]
        if token == self._eos:
            return bool(matcher.is_accepting())
        if matcher.validate_tokens([token]) != 1:
            return False
        place, spelling = self._places[particle], self._constraint.spelling
        if spelling.spells(place, token):
            return True
        out = np.zeros((1, self._constraint.words), np.int32)  # whether any other token would do
        masks.fill_next_token_bitmask(matcher, out, 0)
        return bool(np.array_equal(spelling.narrowed(place, out[0]), out[0]))

    def forced(self, particle: int) -> list[int]:
        """The tokens that must follow, taken; the end token comes last where it is the only way."""
        matcher = self._matchers[particle]
        if matcher.is_stopped():
            return []
        forced = [int(t) for t in matcher.compute_ff_tokens()]
        if forced and not matcher.consume_tokens(forced):
            raise ValueError("forced tokens were refused")
        for token in forced:
            self._move(particle, token)
        return forced

    def _move(self, particle: int, token: int) -> None:
        self._places[particle] = self._constraint.spelling.after(self._places[particle], token)

    def complete(self, particle: int) -> bool:
        """Whether the particle's tokens are a whole word of the grammar."""
        return bool(self._matchers[particle].is_accepting())

    def stopped(self, particle: int) -> bool:
        """Whether nothing but the end can follow."""
        return bool(self._matchers[particle].is_stopped())

    def gather(self, ancestors: Sequence[int]) -> Matchers:
        """Matchers whose particle i continues the old particle `ancestors[i]`."""
        matchers = [self._matchers[a].deep_copy() for a in ancestors]
        return Matchers(self._constraint, matchers, [self._places[a] for a in ancestors])


@lru_cache(maxsize=4)
def _wrap(text: str, eos: int, size: int) -> llguidance.LLTokenizer:
    return llguidance.LLTokenizer(text, eos_token=eos, n_vocab=size)
