"""Noisy-channel rescoring: how likely is the sentence, given what it is read as?

P(expression | sentence) is proportional to P(sentence | expression) P(expression). A model that was
never trained on expressions is shown some with their sentences and scores the sentence after each
reading; its log probability joins that of the reading, by a weight.

Sources: Yee, Dauphin and Auli 2019 (noisy-channel decoding); Min et al. 2022 (the channel of a
language model that is shown examples).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, PRNGKeyArray

from inference.tokens.base import LanguageModel
from inference.tokens.twists import Twist
from models.meaning.prompt import clean, prefix
from models.meaning.translate import Reader, Readings
from plot.vocabulary import Vocabulary


@dataclass(frozen=True)
class NoisyChannel:
    """How much the sentence's probability counts.

    Args:
      weight: of its log probability, beside that of the reading; 0 leaves readings as they are.
      least: readings that are less probable are left as they are.
      readings: at most so many are scored.
    """

    weight: float = 0.5
    least: float = 0.02
    readings: int = 8


class Channel:
    """Scores sentences after expressions of one world.

    Args:
      model: as published, without an adapter that has unlearned English.
      vocabulary: the world's public names.
      examples: sentences and the expressions that they mean.
    """

    def __init__(
        self, model: LanguageModel, vocabulary: Vocabulary, examples: Sequence[tuple[str, str]]
    ):
        self.model = model
        shown = "".join(_head(expression) + _tail(s) for s, expression in examples)
        self._prefix: Any = model.prefix(model.tokenizer.encode(f"{prefix(vocabulary)}\n{shown}"))

    def log_likelihoods(
        self, sentence: str, expressions: Sequence[str]
    ) -> Float[np.ndarray, " expressions"]:
        """`[expressions]`, the log probability of a sentence after each, in nats.

        Args:
          sentence: in English.
          expressions: what it may mean.
        """
        encode = self.model.tokenizer.encode
        heads = [encode(_head(e)) for e in expressions]
        whole = [encode(_head(e) + _tail(clean(sentence))) for e in expressions]
        found = np.asarray(self.model.score(self._prefix, [*whole, *heads]), float)
        return found[: len(whole)] - found[len(whole) :]


def rescored(
    readings: Readings, log_likelihoods: Float[np.ndarray, " readings"], weight: float
) -> Readings:
    """The first readings, weighed by the probability of the sentence after each.

    Args:
      readings: the most probable first.
      log_likelihoods: `[readings]`, of the first of them.
      weight: of the log probability.
    """
    some = readings.readings[: len(log_likelihoods)]
    shares = np.array([r.probability for r in some])
    scores = np.log(shares) + weight * np.asarray(log_likelihoods)
    found = np.exp(scores - scores.max())
    found *= shares.sum() / found.sum()
    weighed = [replace(r, probability=float(p)) for r, p in zip(some, found, strict=True)]
    ranked = sorted((*weighed, *readings.readings[len(some) :]), key=lambda r: -r.probability)
    return replace(readings, readings=tuple(ranked))


@dataclass(frozen=True)
class Rescored:
    """A meaning function whose readings are weighed by a noisy channel.

    Args:
      first: reads the sentence.
      channel: scores it after each reading.
      options: how much that counts.
    """

    first: Reader
    channel: Channel
    options: NoisyChannel = NoisyChannel()

    @property
    def vocabulary(self) -> Vocabulary:
        """The world's public names."""
        return self.first.vocabulary

    def grown(self, vocabulary: Vocabulary) -> Rescored:
        """The same where new names or words have come in."""
        return replace(self, first=self.first.grown(vocabulary))

    def learned(self, sentence: str, expression: str) -> Rescored:
        """The same, once a reading of a sentence has been confirmed."""
        return replace(self, first=self.first.learned(sentence, expression))

    def translate(self, key: PRNGKeyArray, sentence: str, reward: Twist | None = None) -> Readings:
        """Read a sentence; raises what the first raises."""
        found = self.first.translate(key, sentence, reward)
        some = [r for r in found.readings if r.probability >= self.options.least]
        some = some[: self.options.readings]
        if len(some) < 2:
            return found
        scores = self.channel.log_likelihoods(found.sentence, [r.text for r in some])
        return rescored(found, scores, self.options.weight)


def _head(expression: str) -> str:
    return f"\nExpression: {expression}\nIn English:"


def _tail(sentence: str) -> str:
    return f" {sentence}\n"
