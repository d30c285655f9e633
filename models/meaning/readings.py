"""What a sentence may mean: readings, each with its probability, or the reason why there are none."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from plot.errors import PlotError
from plot.syntax import Tree

if TYPE_CHECKING:
    from models.meaning.defining import Definition


class NotUnderstood(PlotError):
    """A sentence that says nothing about this world, or nothing that can be made out.

    Args:
      message: what is wrong.
      hint: what can be said.
      readings: the nearest readings, which were not good enough.
    """

    kind = "not understood"

    def __init__(self, message: str, hint: str | None = None, readings: tuple[Reading, ...] = ()):
        super().__init__(message, None, hint)
        self.readings = readings


class Kind(Enum):
    """What a reading does: tells, asks, or gives a word a meaning."""

    STATEMENT = "condition"
    QUESTION = "query"
    DEFINITION = "define"


@dataclass(frozen=True)
class Reading:
    """One expression that a sentence may mean.

    Args:
      kind: statement or question.
      tree: the whole fragment.
      text: the tree as written.
      probability: given the sentence and that it was understood.
    """

    kind: Kind
    tree: Tree
    text: str
    probability: float


@dataclass(frozen=True)
class Readings:
    """Everything a sentence may mean, the most probable first.

    Args:
      sentence: as it was read.
      readings: distinct meanings; probabilities sum to one.
      unclear: probability that the sentence is about something else.
      log_evidence: log of the probability that the model writes a fragment of the grammar.
      log_probability: the model's log probability per token of the best reading, unrestricted.
      new_names: names that the sentence brings in.
      seconds: how long it took.
      defines: the word that the sentence gives a meaning to, where it does.
      mass: the probability that the model writes one of the readings.
      predictive_entropy: the mean of minus the log probability of what the particles wrote, in nats.
      trusted: the probability that one of the readings is right; what is not unclear, where not given.
    """

    sentence: str
    readings: tuple[Reading, ...]
    unclear: float
    log_evidence: float
    log_probability: float
    new_names: tuple[str, ...] = ()
    seconds: float = 0.0
    defines: Definition | None = None
    mass: float | None = None
    predictive_entropy: float = 0.0
    trusted: float | None = None

    @property
    def confidence(self) -> float:
        """The probability that the best reading is right."""
        return self.stated(self.best)

    def stated(self, reading: Reading) -> float:
        """The probability that a reading is right, which counts in that none may be."""
        trusted = 1 - self.unclear if self.trusted is None else self.trusted
        return reading.probability * trusted

    @property
    def best(self) -> Reading:
        """The most probable reading."""
        return self.readings[0]

    @property
    def entropy(self) -> float:
        """Doubt among the readings, in bits."""
        return -sum(
            r.probability * math.log2(r.probability) for r in self.readings if r.probability > 0
        )

    def __str__(self) -> str:
        return "\n".join(f"{r.probability:6.1%}  {r.text}" for r in self.readings)
