"""A trained network as a proposal of worlds: importance weighting that reads the evidence first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray

from plot.errors import Unsupported
from plot.posterior import Posterior
from plot.world import Question
from vi.guides import Amortised, MeanField
from vi.worlds.answer import posterior, propose
from vi.worlds.programs import MOST_CONFIGURATIONS, Summed, WorldPrograms
from vi.worlds.soft import SoftEvidence
from vi.worlds.target import WorldTarget

METHOD = "importance weighting of a trained network's worlds"


@dataclass(frozen=True, eq=False)
class Proposal:
    """Continuous draws that a network proposes for an observation, as an engine: `infer`.

    The network speaks of coordinates that are standard normal before the evidence (`WorldTarget`):
    `(x - mean) / sd` of a `gaussian`, the normal quantile of a `uniform` on 0 to 1. Draws that the
    evidence needs and the network does not know come from the prior; finite choices are summed over.
    The weights are exact, so a bad network costs effective worlds and not correctness.

    Args:
      guide: the network and its family; None proposes from the prior, as what to compare with.
      params: trained.
      labels: the draw that each coordinate of the guide stands for, such as `strength(tom)`.
      observation: what the network reads; it should say what the question's evidence says.
      worlds: how many are proposed.

    Raises:
      ValueError: where the labels are not as many as the guide's coordinates.
    """

    guide: Amortised | None
    params: Any
    labels: tuple[str, ...]
    observation: Any
    worlds: int = 100_000

    def __post_init__(self) -> None:
        size = 0 if self.guide is None else self.guide.family.size
        if len(self.labels) != size:
            raise ValueError(f"the guide has {size} coordinates, and {len(self.labels)} labels")

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `inference.Engine.infer`.

        Raises:
          Unsupported: where the evidence depends on too many finite choices to sum over.
        """
        target = WorldTarget(question)
        if target.configurations > MOST_CONFIGURATIONS:
            raise Unsupported(
                f"a sum over {target.configurations:,} ways in which finite choices can go",
                hint="use SMC, or observe less at a time",
            )
        evidence = SoftEvidence(target, {}, 0.0)  # only the evidence as it is counts
        programs = WorldPrograms(evidence, MeanField(max(target.size, 1)), Summed())
        draw_key, rest_key = jax.random.split(key)
        sample = self.sampler(target)
        drawn = propose(programs, None, draw_key, self.worlds, True, sample)
        if progress is not None:
            progress(self.worlds)
        notes = self.notes(target)
        if target.finite:
            notes.append(f"{len(target.finite)} finite choices summed over exactly")
        return posterior(programs, question, drawn, rest_key, METHOD, tuple(notes))

    def notes(self, target: WorldTarget) -> list[str]:
        """What is proposed, for the reader of an answer."""
        known = [label for label in self.labels if label in target.labels]
        who = "the prior" if self.guide is None else "the network"
        said = [f"{who} proposes {len(known)} of {target.size} continuous draws"]
        missing = sorted(set(target.labels) - set(known))
        if missing and self.guide is not None:
            said.append(f"from the prior: {', '.join(missing)}")
        return said

    def sampler(self, target: WorldTarget) -> Callable[[PRNGKeyArray], tuple[Array, Array]]:
        """A point of the target, and its log density; coordinates that it lacks are weighed as well."""
        normal = jax.scipy.stats.norm.logpdf
        places = {label: i for i, label in enumerate(target.labels)}
        inside = [i for i, label in enumerate(self.labels) if label in places]
        outside = [i for i, label in enumerate(self.labels) if label not in places]
        at = jnp.array([places[self.labels[i]] for i in inside], jnp.int32)
        rest = jnp.array([i for label, i in places.items() if label not in self.labels], jnp.int32)
        law = None if self.guide is None else self.guide.distribution(self.params, self.observation)

        def sample(key: PRNGKeyArray) -> tuple[Array, Array]:
            own, other = jax.random.split(key)
            point = jax.random.normal(other, (target.size,))
            log = jnp.sum(normal(point[rest]))
            if law is not None:
                found, log_guide = law.sample_and_log_prob(seed=own)
                point = point.at[at].set(found[jnp.array(inside, jnp.int32)])
                log = log + log_guide - jnp.sum(normal(found[jnp.array(outside, jnp.int32)]))
            return point, log

        return sample
