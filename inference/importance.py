"""Importance weighting: worlds from the prior, weighted by the evidence.

Source: Owen, Monte Carlo theory, methods and examples (2013), chapter 9 (self-normalised weights).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from jaxtyping import PRNGKeyArray

from inference.capacity import check_memory, question_need, room
from inference.diagnostics import diagnose
from plot.backends import Backend
from plot.errors import ImpossibleEvidence
from plot.posterior import Posterior
from plot.simulate import Worlds, simulate
from plot.world import Question

PILOT = 65_536  # worlds that tell how many are kept
LOW_SIZE = 100  # effective worlds below which an answer is called rough


@dataclass(frozen=True)
class Importance:
    """Draws a number of worlds and weighs each by what was observed.

    Properly weighted for the posterior: the mean weight is an unbiased estimate of the evidence.

    Args:
      worlds: how many to draw.
      backend: what runs them; chosen by cost where not given.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define coin (flip 0.3))")
    >>> answer = Importance(worlds=1000).infer(jax.random.key(0), world.ask("(query coin)"))
    >>> abs(answer.probability(True).value - 0.3) < 0.1
    True
    """

    worlds: int = 100_000
    backend: Backend | None = None

    def __post_init__(self) -> None:
        if self.worlds < 1:
            raise ValueError(f"at least one world must be drawn, and {self.worlds} were asked for")

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`.

        Raises:
          NotEnoughMemory: before anything long is run, with the number of worlds that do fit.
        """
        self._check_memory(key, question)
        worlds = self._draw(key, question, self.worlds, progress)
        posterior = Posterior(question.text, question.value, worlds, "importance weighting")
        return with_verdict(posterior)

    def _draw(
        self,
        key: PRNGKeyArray,
        question: Question,
        worlds: int,
        progress: Callable[[int], None] | None = None,
    ) -> Worlds:
        session = question.world.session
        return simulate(
            session.graph,
            session.atoms,
            question.effects,
            [question.value],
            key,
            worlds,
            self.backend,
            progress,
        )

    def _check_memory(self, key: PRNGKeyArray, question: Question) -> None:
        """Only worlds with weight are held: where all would not fit, a few are drawn to see their share."""
        need = question_need(question)
        if self.worlds > PILOT and need.of(self.worlds) > room():
            try:
                kept = self._draw(key, question, PILOT).kept
            except ImpossibleEvidence:
                kept = 0
            most = (
                kept + 5 * math.sqrt(kept) + 15
            )  # five standard errors more, and some where none was
            need = need.share(min(1.0, most / PILOT))
        check_memory(need, self.worlds, "this question")


def with_verdict(posterior: Posterior) -> Posterior:
    """Add a note where too few worlds remain to trust the answer, or a few dominate it."""
    if not len(posterior.weights):
        return posterior
    notes, size = list(posterior.notes), posterior.effective_size
    if size < LOW_SIZE:
        notes.append(f"rough: the worlds that remain are worth only {size:.0f}; draw more worlds")
    diagnosis = diagnose(posterior)
    if diagnosis.heavy:
        notes.append(diagnosis.verdict)
    return replace(posterior, notes=tuple(notes))
