"""A trained network as a proposal of worlds: importance weighting that reads the evidence first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
from jaxtyping import PRNGKeyArray

from plot.posterior import Posterior
from plot.world import Question
from vi.amortised.aim import Aim
from vi.guides import Amortised
from vi.worlds.target import WorldTarget

METHOD = "importance weighting of a trained network's worlds"


@dataclass(frozen=True, eq=False)
class Proposal:
    """Continuous draws that a network proposes for an observation, as an engine: `infer`.

    The network speaks of coordinates that are standard normal before the evidence (`WorldTarget`):
    `(x - mean) / sd` of a `gaussian`, the normal quantile of a `uniform` on 0 to 1. Draws that the
    evidence needs and the network does not know come from the prior; finite choices are summed over.
    The weights are exact, so a bad network costs effective worlds and not correctness.

    The first answer compiles for some seconds; more of them about the same evidence compile nothing.

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
    _aims: dict[tuple, Aim] = field(default_factory=dict, init=False, repr=False)

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
        aim = self.at(question)
        draw_key, rest_key = jax.random.split(key)
        drawn = aim.proposer.propose(self.given, draw_key, self.worlds)
        if progress is not None:
            progress(self.worlds)
        notes = aim.notes
        if aim.target.finite:
            notes += (f"{len(aim.target.finite)} finite choices summed over exactly",)
        return aim.proposer.posterior(question, drawn, rest_key, METHOD, notes)

    @property
    def given(self) -> tuple[Any, Any]:
        """What the network needs besides a key."""
        return self.params, self.observation

    def at(self, question: Question) -> Aim:
        """The proposal for the evidence of a question, with what was compiled for it before."""
        target = WorldTarget(question)
        evidence = tuple(target.parts.items()), tuple(target.effects.clamps.items())
        mark = (id(question.world.session.graph), *evidence)
        if mark not in self._aims:
            self._aims[mark] = Aim(self.guide, self.labels, target)
        return self._aims[mark]
