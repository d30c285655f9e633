"""What a sentence did to a belief, and whether to trust it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from inference.moves import Acceptance
from inference.particles import Particles
from inference.sequential import Progress

# Thresholds: a mean over 100 independent draws has a tenth of the spread as its error (as R-hat below
# 1.01 wants 400 for quantiles: Vehtari and others 2021, section 4); fewer than 1,000 ancestors make
# tails unreliable.
TRUSTED, ROUGH = 400, 100


@dataclass(frozen=True)
class Report:
    """How a belief followed a sentence.

    Args:
      sentence: the expression that was told.
      log_evidence: log probability (density) of the sentence given those before it.
      effective_size: of the worlds, by their weights.
      ancestors: worlds of the prior with descendants that have weight.
      steps: of tempering; 1 where the evidence was taken at once.
      resampled: how often worlds were resampled.
      acceptances: by move.
      again: whether all evidence was gone through again from the prior.
      seconds: wall time.
    """

    sentence: str
    log_evidence: float
    effective_size: float
    ancestors: int
    steps: int
    resampled: int
    acceptances: tuple[Acceptance, ...]
    again: bool
    seconds: float

    @classmethod
    def of(
        cls,
        sentence: str,
        particles: Particles,
        progress: Progress,
        log_before: float,
        again: bool,
        seconds: float,
    ) -> Report:
        """From the particles after the sentence, and what it took."""
        return cls(
            sentence,
            particles.evidence.log - log_before,
            particles.effective_size,
            particles.ancestors,
            progress.steps,
            progress.resampled,
            by_move(progress.acceptances),
            again,
            seconds,
        )

    @property
    def verdict(self) -> str:
        """One line: whether to trust what is believed now."""
        size = min(self.effective_size, self.ancestors)
        worth = f"the worlds are worth {self.effective_size:,.0f}, of {self.ancestors:,} ancestors"
        if size >= TRUSTED:
            return f"trust this: {worth}"
        if size >= ROUGH:
            return f"rough, use more worlds: {worth}"
        return f"do not trust this, use many more worlds or moves: {worth}"

    def to_json(self) -> dict[str, object]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> Report:
        """What `to_json` gave.

        Raises:
          TypeError: where it is something else.
        """
        moves = tuple(Acceptance(**move) for move in data["acceptances"])
        return cls(**{**data, "acceptances": moves})

    def __str__(self) -> str:
        moves = ", ".join(f"{a.move} {a.rate:.0%}" for a in self.acceptances)
        parts = [
            f"{self.sentence}: log evidence {self.log_evidence:.3f}",
            f"{self.steps} steps" if self.steps > 1 else "",
            f"moves accepted: {moves}" if moves else "",
            "all evidence gone through again" if self.again else "",
            self.verdict,
        ]
        return "; ".join(p for p in parts if p)


def by_move(found: Sequence[Acceptance]) -> tuple[Acceptance, ...]:
    """The acceptances of each move together."""
    totals: dict[str, tuple[int, int]] = {}
    for one in found:
        proposed, accepted = totals.get(one.move, (0, 0))
        totals[one.move] = proposed + one.proposed, accepted + one.accepted
    return tuple(Acceptance(move, *counts) for move, counts in totals.items())
