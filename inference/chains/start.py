"""Where chains begin: at worlds that satisfy the evidence, found by tempering a few worlds of the prior."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.particles import Particles
from inference.pieces import evidence_of
from inference.resampling import systematic
from inference.sequential import Sequential, follow
from inference.targets import Way
from plot.compiler.graph import Node
from plot.weights import Evidence
from plot.world import Question

FEWEST = 1000  # worlds of the prior that the first states are found from


@dataclass(frozen=True, eq=False)
class Start:
    """The first states of chains.

    Args:
      question: what is asked, with conditions on finite draws turned into observations.
      way: from no evidence to all of it.
      rows: float32 `[chains]` of each site that the evidence depends on.
      evidence: as the worlds that the states were found from have it.
      note: how they were found.
    """

    question: Question
    way: Way
    rows: Mapping[Node, np.ndarray]
    evidence: Evidence
    note: str

    @classmethod
    def of(
        cls, question: Question, key: PRNGKeyArray, chains: int, options: Sequential | None = None
    ) -> Start:
        """Find the first states of chains.

        Args:
          question: from `World.ask`.
          key: the seed.
          chains: how many states.
          options: how worlds are tempered towards the evidence.

        Raises:
          ImpossibleEvidence: where no world that was found satisfies the evidence.
          Unsupported: where a draw is made anew in each round of a loop.
        """
        options = options or Sequential(worlds=max(FEWEST, chains))
        graph = question.world.session.graph
        effects = evidence_of(question)
        way = Way(graph, None, effects)
        follow_key, choose_key = jax.random.split(key)
        found, progress = follow(options, way, Particles.of_prior(options.worlds), follow_key)
        logs = found.log_weights - np.max(found.log_weights)
        chosen = systematic(choose_key, logs, chains)
        ancestors = len(np.unique(found.families[chosen]))
        steps = f" in {progress.steps} steps of tempering" if progress.steps > 1 else ""
        note = (
            f"the {chains:,} chains begin at worlds of the posterior found among {options.worlds:,}"
            f"{steps}, which descend from {ancestors:,} worlds of the prior; the evidence is theirs"
        )
        rows = {site: found.rows[site][chosen] for site in way.end.sites}
        return cls(replace(question, effects=effects), way, rows, found.evidence, note)
