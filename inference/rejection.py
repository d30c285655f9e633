"""Rejection: worlds from the prior until enough of them satisfy the evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jaxtyping import PRNGKeyArray

from inference.importance import with_verdict
from plot.backends import Backend
from plot.errors import Unsupported
from plot.posterior import Posterior
from plot.simulate import simulate
from plot.world import Question


@dataclass(frozen=True)
class Rejection:
    """Draws worlds until some number satisfy what was observed; those are exact posterior draws.

    The worlds are drawn in blocks and every world of a block that is drawn is used.

    Args:
      accepted: how many accepted worlds are enough.
      at_most: how many worlds to draw at the most.
      backend: what runs them; chosen by cost where not given.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define coin (flip 0.3)) (condition coin)")
    >>> Rejection(accepted=10, at_most=1000).infer(jax.random.key(0), world.ask("coin")).probability().value
    1.0
    """

    accepted: int = 10_000
    at_most: int = 10_000_000
    backend: Backend | None = None

    def __post_init__(self) -> None:
        if self.accepted < 1 or self.at_most < 1:
            raise ValueError("rejection needs at least one world to accept and one to draw")

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`.

        Raises:
          Unsupported: where the evidence weighs worlds by degree, so that none can be rejected.
        """
        session = question.world.session
        if question.effects.flatten(session.graph).factors:
            raise Unsupported(
                "rejection of worlds by a `factor` or a density, which are a matter of degree",
                hint="use Importance for this evidence",
            )
        worlds = simulate(
            session.graph,
            session.atoms,
            question.effects,
            [question.value],
            key,
            self.at_most,
            self.backend,
            progress,
            enough=self.accepted,
        )
        notes = ()
        if worlds.kept < self.accepted:
            notes = (f"only {worlds.kept:,} of {self.accepted:,} wanted worlds were found",)
        return with_verdict(Posterior(question.text, question.value, worlds, "rejection", notes))
