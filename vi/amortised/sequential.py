"""A trained network as the start of sequential Monte Carlo, whose moves mend what it proposes badly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.particles import Particles
from inference.sequential import Sequential
from inference.smc import through
from plot.posterior import Posterior
from plot.world import Question
from vi.amortised.aim import Aim
from vi.amortised.proposal import Proposal

METHOD = "sequential Monte Carlo from a trained network's worlds"


@dataclass(frozen=True, eq=False)
class ProposedSMC:
    """Sequential Monte Carlo from worlds that a network proposes, as an engine: `infer`.

    The worlds start with the weight of the prior over what proposed them, so they are properly weighted
    for the prior, and the evidence as well as the answer are what they are from there. Finite choices of
    a network's world are drawn given the evidence where they are few enough to sum over, and from the
    prior else.

    Args:
      proposal: the network, its parameters, and what it reads; its own `worlds` play no part.
      options: how many worlds there are, and how they follow the evidence.
      plain: share of the worlds that start from the prior, so that a network which is sure of the wrong
        thing leaves that share to go on with.

    Raises:
      ValueError: where the share does not lie between 0 and 1.
    """

    proposal: Proposal
    options: Sequential = Sequential()
    plain: float = 0.1

    def __post_init__(self) -> None:
        if not 0 < self.plain < 1:
            raise ValueError(f"a share between 0 and 1 starts from the prior, not {self.plain}")

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `inference.Engine.infer`.

        Raises:
          Unsupported: where a draw is made anew in each round of a loop.
          ImpossibleEvidence: where no world that was found satisfies what was observed.
        """
        aim = self.proposal.at(question)
        start_key, way_key = jax.random.split(key)
        start = self.start(start_key, aim)
        notes = (*aim.notes, f"{self.plain:.0%} of the worlds start from the prior")
        return through(self.options, (), question, way_key, progress, METHOD, notes, start)

    def start(self, key: PRNGKeyArray, aim: Aim) -> Particles:
        """Worlds of the network and of the prior, properly weighted for the prior."""
        worlds = self.options.worlds
        plain = min(max(round(self.plain * worlds), 1), worlds - 1)
        rows, logs = aim.start(key, self.proposal.given, worlds, plain)
        held = {row: np.asarray(x, np.float32) for row, x in rows.items()}
        particles = Particles.of_prior(worlds).with_rows(held)
        return particles.weighed(np.asarray(logs, np.float64))
