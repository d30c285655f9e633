"""The meaning function by a language model behind a server: samples that are checked and counted.

A server gives no next-token weights, so readings are weighed by how often they were given, after
those that do not parse, name what does not exist, or have the wrong type are thrown out. Where
`repairs` allows it, such a reply is shown its own located error and may be given again.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.tokens.grammar import UNCLEAR
from inference.tokens.mentions import mentions
from inference.tokens.twists import Twist
from models.meaning.normal import normal
from models.meaning.prompt import clean, prefix
from models.meaning.retrieval import Retrieval
from models.meaning.translate import NotUnderstood, Reader, Reading, Readings, kind_of
from models.words.served import Reply, Server
from plot.check import check
from plot.errors import PlotError
from plot.printer import write
from plot.reader import read_one
from plot.syntax import Form, Tree
from plot.vocabulary import Vocabulary

INSTRUCTIONS = (
    "You translate one English sentence into one expression of a probabilistic language. "
    "A statement becomes (condition <boolean>), a question (query <expression>). Names are quoted: "
    "'tom; lists of names are '(tom ann). There are and, or, not, >, <, =, any, all, count, filter, "
    f"argmax, argmin and lambda. A sentence about something else becomes {UNCLEAR}. "
    "Reply with the expression alone. The world knows:"
)


@dataclass(frozen=True)
class ServedOptions:
    """How sentences are read.

    Args:
      samples: replies that are asked for.
      repairs: how often a reply that cannot be used is shown its error; 0 never does.
      max_unclear: refused where more of the replies say that the sentence is about something else.
      max_characters: longer sentences are refused unread.
    """

    samples: int = 8
    repairs: int = 0
    max_unclear: float = 0.75
    max_characters: int = 400


@dataclass(frozen=True)
class ServedMeaning:
    """The meaning function of one world, by a server.

    Args:
      server: of the language model.
      vocabulary: the world's public names.
      examples: sentences and the expressions that they mean, shown before every sentence.
      options: how.
      retrieval: finds further examples, those most like the sentence.
    """

    server: Server
    vocabulary: Vocabulary
    examples: Sequence[tuple[str, str]] = ()
    options: ServedOptions = field(default_factory=ServedOptions)
    retrieval: Retrieval | None = None

    def grown(self, vocabulary: Vocabulary) -> ServedMeaning:
        """The same where new names have come in."""
        return replace(self, vocabulary=vocabulary)

    def translate(self, key: PRNGKeyArray, sentence: str, reward: Twist | None = None) -> Readings:
        """Read a sentence.

        Args:
          key: random key; with the same one, the same calls are made.
          sentence: plain English.
          reward: of whole expressions, that multiplies how often they were given.

        Raises:
          NotUnderstood: nothing was said, nothing about this world, or no reply could be used.
          ServerError: where the server fails.
        """
        began = time.perf_counter()
        text = clean(sentence)
        if not any(c.isalpha() for c in text) or len(text) > self.options.max_characters:
            raise NotUnderstood(
                f"one sentence of at most {self.options.max_characters} characters can be read"
            )
        seed = int(np.asarray(jax.random.key_data(key)).ravel()[-1]) % 2**31
        asked = self.messages(text)
        replies = self.server.ask(asked, self.options.samples, seed)
        found = [self._usable(asked, reply, seed) for reply in replies]
        trees = [tree for tree, _ in found if tree is not None]
        if not trees:
            raise NotUnderstood(
                "no reply of the language model could be used", f"the last one: {found[-1][1]}"
            )
        readings = self._counted(trees, reward)
        unclear = sum(write(t) == UNCLEAR for t in trees) / len(trees)
        if not readings or unclear > self.options.max_unclear:
            raise NotUnderstood(
                "I can't read this as a statement or a question about this world", None, readings
            )
        share = math.log(len(trees) / len(replies))
        return Readings(
            text,
            readings,
            unclear,
            share,
            math.log(readings[0].probability),
            mentions(text, self.vocabulary).new,
            time.perf_counter() - began,
        )

    def learned(self, sentence: str, expression: str) -> ServedMeaning:
        """The same, with a reading that was confirmed among the examples that can be found."""
        if self.retrieval is None:
            return self
        return replace(self, retrieval=self.retrieval.learned(sentence, expression))

    def messages(self, sentence: str) -> list[dict[str, str]]:
        """What is said to the model for one sentence."""
        lines = [f"{INSTRUCTIONS}\n{prefix(self.vocabulary)}"]
        found = () if self.retrieval is None else self.retrieval.nearest(sentence)
        lines += [f"Example: {s}\n{e}" for s, e in (*self.examples, *found)]
        return [
            {"role": "system", "content": "\n".join(lines)},
            {"role": "user", "content": sentence},
        ]

    def _usable(
        self, asked: list[dict[str, str]], reply: Reply, seed: int
    ) -> tuple[Tree | None, str]:
        """The expression of a reply, or None and what is wrong with it."""
        for attempt in range(self.options.repairs + 1):
            try:
                return self._read(reply.text), ""
            except PlotError as error:
                wrong = str(error)
            if attempt < self.options.repairs:
                talk = [
                    *asked,
                    {"role": "assistant", "content": reply.text},
                    {"role": "user", "content": f"That cannot be used:\n{wrong}\nGive it again."},
                ]
                reply = self.server.ask(talk, 1, seed)[0]
        return None, wrong

    def _read(self, text: str) -> Tree:
        lines = [line for line in text.strip().splitlines() if not line.startswith("```")]
        tree = read_one("\n".join(lines))
        if write(tree) == UNCLEAR:
            return tree
        if not isinstance(tree, Form) or tree.head not in ("condition", "query"):
            raise PlotError("this is neither (condition …) nor (query …)", tree.span)
        check([tree], self.vocabulary)
        return tree

    def _counted(self, trees: Sequence[Tree], reward: Twist | None) -> tuple[Reading, ...]:
        groups: dict[Tree, list[Tree]] = {}
        for tree in trees:
            if write(tree) != UNCLEAR:
                groups.setdefault(normal(tree), []).append(tree)
        weights = [
            len(g) * (1.0 if reward is None else math.exp(reward(write(g[0]), True)))
            for g in groups.values()
        ]
        total = sum(weights)
        found = [
            Reading(kind_of(g[0]), g[0], write(g[0]), weight / total)
            for g, weight in zip(groups.values(), weights, strict=True)
            if weight > 0
        ]
        return tuple(sorted(found, key=lambda r: -r.probability))


@dataclass(frozen=True)
class Deferred:
    """A small model first, a larger one where the small one is in doubt.

    Args:
      first, second: meaning functions of one world.
      least_sure: where the first's confidence in its best reading is less than this, or it reads
        nothing, the second is asked.
    """

    first: Reader
    second: Reader
    least_sure: float = 0.9

    @property
    def vocabulary(self) -> Vocabulary:
        """The world's public names."""
        return self.first.vocabulary

    def grown(self, vocabulary: Vocabulary) -> Deferred:
        """The same where new names have come in."""
        return replace(
            self, first=self.first.grown(vocabulary), second=self.second.grown(vocabulary)
        )

    def learned(self, sentence: str, expression: str) -> Deferred:
        """The same, with a reading that was confirmed among the examples of both."""
        first = self.first.learned(sentence, expression)
        return replace(self, first=first, second=self.second.learned(sentence, expression))

    def translate(self, key: PRNGKeyArray, sentence: str, reward: Twist | None = None) -> Readings:
        """Read a sentence; raises what the second raises."""
        try:
            readings = self.first.translate(key, sentence, reward)
        except NotUnderstood:
            return self.second.translate(key, sentence, reward)
        return (
            readings
            if readings.confidence >= self.least_sure
            else self.second.translate(key, sentence, reward)
        )
