"""A trained network as the start of sequential Monte Carlo, whose moves mend what it proposes badly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.particles import Particles
from inference.sequential import Sequential
from inference.smc import through
from plot.compiler.ops import NORMAL
from plot.posterior import Posterior
from plot.world import Question
from vi.amortised.proposal import Proposal
from vi.worlds.target import WorldTarget, uniform_of

METHOD = "sequential Monte Carlo from a trained network's worlds"


@dataclass(frozen=True, eq=False)
class ProposedSMC:
    """Sequential Monte Carlo from worlds that a network proposes, as an engine: `infer`.

    The worlds start with the weight of the prior over the network, so they are properly weighted for
    the prior, and the evidence as well as the answer are what they are from there. Finite choices are
    drawn from the prior and moved, not summed over, so evidence with many of them is no obstacle.

    Args:
      proposal: the network, its parameters, and what it reads; its own `worlds` play no part.
      options: how many worlds there are, and how they follow the evidence.
    """

    proposal: Proposal
    options: Sequential = Sequential()

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `inference.Engine.infer`.

        Raises:
          Unsupported: where a draw is made anew in each round of a loop.
          ImpossibleEvidence: where no world that was found satisfies what was observed.
        """
        target = WorldTarget(question)
        start_key, way_key = jax.random.split(key)
        start = self.start(start_key, target)
        notes = tuple(self.proposal.notes(target))
        return through(self.options, (), question, way_key, progress, METHOD, notes, start)

    def start(self, key: PRNGKeyArray, target: WorldTarget) -> Particles:
        """Worlds of the network, properly weighted for the prior."""
        sample, worlds = self.proposal.sampler(target), self.options.worlds
        points, log_proposed = jax.jit(jax.vmap(sample))(jax.random.split(key, worlds))
        log_prior = jnp.sum(jax.scipy.stats.norm.logpdf(points), 1)
        rows = {
            row: np.asarray(x if row.op == NORMAL else uniform_of(x), np.float32)
            for row, x in zip(target.rows, points.T, strict=True)
        }
        particles = Particles.of_prior(worlds).with_rows(rows)
        return particles.weighed(np.asarray(log_prior - log_proposed, np.float64))
