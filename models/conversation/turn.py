"""One sentence of a conversation and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

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
    """

    sentence: str
    readings: Readings
    used: tuple[Reading, ...]
    posterior: Posterior | None
    seconds: float

    @property
    def asks(self) -> bool:
        """Whether the sentence is a question."""
        return self.posterior is not None

    @property
    def sureness(self) -> float:
        """Probability of the readings that were used, given that the sentence was understood."""
        return sum(r.probability for r in self.used)

    @property
    def meant(self) -> str:
        """The readings that were used, with their probabilities."""
        return " or ".join(f"{r.text} ({r.probability:.0%})" for r in self.used)

    def __str__(self) -> str:
        answer = f"\n{self.posterior}" if self.posterior is not None else ""
        return f"{self.sentence}\n  {self.meant}{answer}"

    def _repr_html_(self) -> str:
        answer = self.posterior._repr_html_() if self.posterior is not None else ""
        return f"<p><b>{escape(self.sentence)}</b><br><code>{escape(self.meant)}</code></p>{answer}"
