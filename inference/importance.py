"""Importance weighting: worlds from the prior, weighted by the evidence.

Source: Owen, Monte Carlo theory, methods and examples (2013), chapter 9 (self-normalised weights).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from jaxtyping import PRNGKeyArray

from inference.diagnostics import diagnose
from plot.backends import Backend
from plot.posterior import Posterior
from plot.simulate import simulate
from plot.world import Question

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
        """See `Engine.infer`."""
        session = question.world.session
        worlds = simulate(
            session.graph,
            session.atoms,
            question.effects,
            [question.value],
            key,
            self.worlds,
            self.backend,
            progress,
        )
        posterior = Posterior(question.text, question.value, worlds, "importance weighting")
        return with_verdict(posterior)


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
