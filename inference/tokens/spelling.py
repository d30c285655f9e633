"""Names are written with the tokens that their text is split into, and with no others.

A tokenizer splits a text in one way, and a model has only seen that one. A mask over tokens lets others
through: where `'june` is `j`, `une`, the token `jun` can be taken for a likelier name that the grammar does
not have, and nothing but an `e` follows, which the model has never seen there. Every particle that falls
for it loses most of its weight. So quoted names, which a conversation may bring in, are followed
through a tree of their tokens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from jaxtyping import Int32

from inference.tokens.base import Vocabulary

type Bits = Int32[np.ndarray, " words"]


def written(names: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """All names that a grammar may write, of whatever type.

    Args:
      names: for each entity type, the names that may be written.

    >>> written({"person": ("tom", "mary"), "pet": ("rex", "tom")})
    ('tom', 'mary', 'rex')
    """
    return tuple(dict.fromkeys(name for group in names.values() for name in group))


@dataclass
class Node:
    """A beginning of names, as tokens.

    Args:
      children: by the token that follows.
      whole: whether it is a name.
    """

    children: dict[int, Node] = field(default_factory=dict)
    whole: bool = False

    def add(self, tokens: Sequence[int]) -> None:
        """One more name."""
        node = self
        for token in tokens:
            node = node.children.setdefault(token, Node())
        node.whole = True


@dataclass(frozen=True)
class Place:
    """Where a text stands: in a name after a quote, or not.

    Args:
      node: what of the name is written; None outside.
      listed: whether the quote opened a list of names.
    """

    node: Node | None = None
    listed: bool = False


OUTSIDE = Place()


class Spelling:
    """The tokens of the names that may stand after a quote.

    Args:
      tokenizer: splits texts.
      names: symbols, as they stand in expressions.
    """

    def __init__(self, tokenizer: Vocabulary, names: Sequence[str]):
        self._texts, self._space, self._close, self._crossing = _classes(_Texts(tokenizer))
        self._first, self._later = Node(), Node()  # at the quote or bracket, and after another name
        self._masks: dict[tuple[int, bool], Bits] = {}
        for name in names:
            alone = _after(tokenizer, "(f '", name)
            listed = _after(tokenizer, "(f '(", name)
            later = _after(tokenizer, "(f '(a", f" {name}")
            if alone is None or later is None or alone != listed:
                self._first = Node()  # this tokenizer splits names together with what precedes them
                break
            self._first.add(alone)
            self._later.add(later)

    def narrowed(self, place: Place, allowed: Bits) -> Bits:
        """Those of the allowed tokens that spell names as their text is split; all where none do."""
        if not self._first.children:
            return allowed
        found = allowed & self._bits_of(place)
        return found if found.any() else allowed

    def spells(self, place: Place, token: int) -> bool:
        """Whether a token spells a name as its text is split, or stands outside of names."""
        if not self._first.children:
            return True
        return bool(self._bits_of(place)[token // 32] >> (token % 32) & 1)

    def after(self, place: Place, token: int) -> Place:
        """Where a text stands after one more token."""
        if not self._first.children:
            return OUTSIDE
        if place.node is not None:
            if (child := place.node.children.get(token)) is not None:
                return Place(child, place.listed)
            if place.listed and (child := self._later.children.get(token)) is not None:
                return Place(child, True)
        text = self._texts[token]
        if text.endswith("'("):
            return Place(self._first, True)
        return Place(self._first) if text.endswith("'") else OUTSIDE

    def _bits_of(self, place: Place) -> Bits:
        key = (id(place.node), place.listed)
        if (mask := self._masks.get(key)) is None:
            mask = self._masks[key] = self._mask(place)
        return mask

    def _mask(self, place: Place) -> Bits:
        if place.node is None:
            return ~self._crossing
        mask = _bits(place.node.children, len(self._close))
        if place.node.whole:
            more = _bits(self._later.children, len(mask)) if place.listed else self._space
            mask |= self._close | more
        return mask


def _after(tokenizer: Vocabulary, before: str, text: str) -> list[int] | None:
    """The tokens of a text that stands after another; None where the two are not split there."""
    whole, start = tokenizer.encode(before + text), tokenizer.encode(before)
    return whole[len(start) :] if whole[: len(start)] == start else None


def _bits(tokens: Sequence[int] | dict[int, Node], words: int) -> Bits:
    out = np.zeros(words, np.uint32)
    for token in tokens:
        out[token // 32] |= np.uint32(1 << (token % 32))
    return out.view(np.int32)


class _Texts:
    """A tokenizer as a key of a cache: two with the same vocabulary are the same."""

    def __init__(self, tokenizer: Vocabulary):
        self.tokenizer = tokenizer

    def __hash__(self) -> int:
        return hash(self.tokenizer.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Texts) and other.tokenizer.text == self.tokenizer.text


@lru_cache(maxsize=4)
def _classes(key: _Texts) -> tuple[tuple[str, ...], Bits, Bits, Bits]:
    """The text of every token; which begin with a space or a bracket, which have letters after a quote."""
    size = key.tokenizer.size
    texts = tuple(key.tokenizer.decode([token]) for token in range(size))
    words = -(-size // 32)
    crossing = [
        token
        for token, text in enumerate(texts)
        if "'" in text and any(c.isalnum() for c in text.rpartition("'")[2])
    ]
    starts = ([t for t, text in enumerate(texts) if text.startswith(c)] for c in (" ", ")"))
    space, close = (_bits(tokens, words) for tokens in starts)
    return texts, space, close, _bits(crossing, words)
