"""Examples for a prompt that are like the sentence to be read.

Sentences become vectors by the embeddings of a language model; the nearest examples are taken. Names are
hidden first, so that sentences are near that say the same of different people.

Source: Liu et al. 2022 (nearest examples for prompts).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from models.meaning.prompt import clean
from models.words.model import LanguageModel
from models.words.vectors import centred, mean_embeddings
from plot.syntax import Form, Literal, Symbol, Tree

type Example = tuple[str, str]
type Embed = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Retrieval:
    """Finds the examples that are most like a sentence.

    Args:
      embed: texts to vectors, `[texts] -> [texts, width]`.
      examples: sentences and their expressions.
      count: how many are found.
      names: that are hidden before sentences are compared, in lower case.
    """

    embed: Embed
    examples: tuple[Example, ...]
    count: int = 6
    names: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of_model(
        cls, model: LanguageModel, examples: Sequence[Example], count: int = 6
    ) -> Retrieval:
        """By the embeddings of a language model.

        Args:
          model: such as `embedded()`.
          examples: sentences and their expressions.
          count: how many are found.
        """
        return cls(lambda texts: mean_embeddings(model, texts), tuple(examples), count)

    def nearest(self, sentence: str) -> tuple[Example, ...]:
        """The examples that are most like a sentence, the nearest last, where a prompt ends.

        Args:
          sentence: in English.
        """
        if not self.examples:
            return ()
        mine = centred(self.embed([self._hidden(sentence)]), self._vectors)[0]
        likeness = centred(self._vectors, self._vectors) @ mine
        order = np.argsort(-likeness, kind="stable")[: self.count]
        return tuple(self.examples[i] for i in order[::-1])

    def learned(self, sentence: str, expression: str) -> Retrieval:
        """The same with one example more, such as a reading that a user has confirmed."""
        more = (sentence, expression)
        if more in self.examples:
            return self
        grown = replace(self, examples=(*self.examples, more))
        if "_vectors" in self.__dict__:
            vector = self.embed([grown._hidden(sentence)])
            grown.__dict__["_vectors"] = np.concatenate([self._vectors, vector])
        return grown

    @cached_property
    def _vectors(self) -> np.ndarray:
        return self.embed([self._hidden(s) for s, _ in self.examples])

    def _hidden(self, sentence: str) -> str:
        words = (
            "someone" if w.strip(".,!?").removesuffix("'s").lower() in self.names else w
            for w in clean(sentence).split()
        )
        return " ".join(words)


def construct(tree: Tree) -> Tree:
    """What an expression is built like: names and numbers are blanked out.

    >>> from plot.printer import write
    >>> from plot.reader import read_one
    >>> write(construct(read_one("(condition (> (strength 'tom) 75))")))
    '(condition (> (strength _) _))'
    """
    blank = Symbol("_")
    if isinstance(tree, Literal):
        return blank
    if not isinstance(tree, Form):
        return tree
    if tree.head == "quote":
        return blank
    return Form(tuple(construct(part) for part in tree.items))
