"""One sentence of a conversation and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from models.meaning.defining import Definition
from models.meaning.translate import Reading, Readings
from plot.posterior import Posterior


@dataclass(frozen=True)
class Turn:
    """One sentence of a conversation and what came of it.

    Args:
      sentence: what was said.
      readings: what it may mean.
      used: the readings that were believed or answered.
      posterior: the answer, where the sentence asks.
      seconds: wall time of inference; that of translation is in `readings`.
      picked: whether the readings were picked by whoever said it.
    """

    sentence: str
    readings: Readings
    used: tuple[Reading, ...]
    posterior: Posterior | None
    seconds: float
    picked: bool = False

    @property
    def asks(self) -> bool:
        """Whether the sentence is a question."""
        return self.posterior is not None

    @property
    def defines(self) -> Definition | None:
        """What the sentence gives a meaning to, where it does."""
        return self.readings.defines

    @property
    def tells(self) -> bool:
        """Whether the sentence says something of the world."""
        return not self.asks and self.defines is None

    @property
    def sureness(self) -> float:
        """The probability that one of the readings that were used is right."""
        return sum(map(self.readings.stated, self.used))

    @property
    def meant(self) -> str:
        """The readings that were used, with their probabilities."""
        return " or ".join(f"{r.text} ({self.readings.stated(r):.0%})" for r in self.used)

    def __str__(self) -> str:
        answer = f"\n{self.posterior}" if self.posterior is not None else ""
        return f"{self.sentence}\n  {self.meant}{answer}"

    def _repr_html_(self) -> str:
        answer = self.posterior._repr_html_() if self.posterior is not None else ""
        return f"<p><b>{escape(self.sentence)}</b><br><code>{escape(self.meant)}</code></p>{answer}"
