"""Worlds that are led from statement to statement, where a question needs them, and kept for the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from jaxtyping import PRNGKeyArray

from inference import Belief, Sequential
from inference.smc import telling
from plot.errors import ImpossibleEvidence
from plot.posterior import Posterior
from plot.world import Question, World

KEEP = 0.1  # effective share of the worlds that a step keeps: fewer, longer steps than by default
MODULES, MOVES = 10_000, 10  # worlds that call modules, and their fewest moves after a resampling
KEPT = 3  # of the latest states: those that a question or an undo may need next


def led_by(worlds: int, world: World) -> Sequential:
    """How so many worlds follow what is told to a world.

    Where each move of a world is a simulation or a plan, fewer worlds are moved less often.
    """
    if world.session.graph.externals:
        return Sequential(worlds=min(worlds, MODULES), keep=KEEP, hard_moves=MOVES)
    return Sequential(worlds=worlds, keep=KEEP)


class Told(Protocol):
    """A world after some sentences, and the worlds that were led there."""

    led: Belief | None

    @property
    def world(self) -> World:
        """What has been told."""
        ...


@dataclass(frozen=True, eq=False)
class Led:
    """Sequential Monte Carlo that goes on where the last question left it, as an engine: `infer`.

    The worlds of a state come from those of the state before it, whatever was asked between, so that
    the same sentences give the same answers.

    Args:
      states: of the conversation, the present one last.
      key: the seed of the conversation.
      options: how worlds follow what is told.
    """

    states: Sequence[Told] = field(repr=False)
    key: PRNGKeyArray = field(repr=False)
    options: Sequential

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `inference.Engine.infer`; the question is one of the present state."""
        return self._belief(progress).answer(question)

    def _belief(self, progress: Callable[[int], None] | None) -> Belief:
        options = self.options if progress is None else telling(self.options, progress)
        known = [i for i, state in enumerate(self.states) if state.led is not None]
        first = known[-1] if known else 0
        belief = self.states[first].led or Belief.of(self.states[0].world, self.key, self.options)
        for state in self.states[first:]:
            following = replace(belief, options=options).follow(state.world)
            state.led = belief = replace(following, options=self.options, before=None)
        for state in self.states[:-KEPT]:
            state.led = None
        return belief


def led_on(state: Told, world: World) -> Belief | None:
    """The worlds of a state led to what was told next, which shows that it can be true.

    Args:
      state: before.
      world: after.

    Returns:
      None where the state has no worlds, or where none was found that satisfies what was told.
    """
    if state.led is None:
        return None
    try:
        return replace(state.led.follow(world), before=None)
    except ImpossibleEvidence:
        return None
