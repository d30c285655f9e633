"""A conversation: English in, a world that grows, and answers with their doubt.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 2.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
from jaxtyping import PRNGKeyArray

from inference import Auto, Engine, Importance
from models.meaning.translate import Kind, Meaning, Reading, Readings
from plot.errors import ImpossibleEvidence, PlotError
from plot.posterior import Posterior
from plot.syntax import Form, Literal, Symbol, Tree
from plot.vocabulary import Entities
from plot.world import World

CHECK_WORLDS = 20_000  # worlds by which a new statement is checked against what was said before


@dataclass(frozen=True)
class BestReading:
    """Take the most probable reading of a statement for what was meant."""

    def choose(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings to believe, the most probable first."""
        return (readings[0],)


@dataclass(frozen=True)
class Mixture:
    """Keep the doubt: believe several readings, each by its probability and how well it fits.

    Args:
      floor: readings less probable than this are dropped.
    """

    floor: float = 0.05

    def choose(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings to believe, the most probable first."""
        return tuple(r for r in readings if r.probability >= self.floor) or (readings[0],)


@dataclass(frozen=True)
class Turn:
    """One sentence of a conversation and what came of it.

    Args:
      sentence: what was said.
      readings: what it may mean.
      used: the readings that were believed or answered.
      posterior: the answer, where the sentence asks.
      seconds: wall time of inference; that of translation is in `readings`.
    """

    sentence: str
    readings: Readings
    used: tuple[Reading, ...]
    posterior: Posterior | None
    seconds: float

    @property
    def sureness(self) -> float:
        """Probability of the readings that were used, given that the sentence was understood."""
        return sum(r.probability for r in self.used)

    def __str__(self) -> str:
        meant = " or ".join(f"{r.text} ({r.probability:.0%})" for r in self.used)
        answer = f"\n{self.posterior}" if self.posterior is not None else ""
        return f"{self.sentence}\n  {meant}{answer}"


@dataclass(frozen=True)
class _State:
    world: World
    meaning: Meaning


class Conversation:
    """Tells and asks in English; each sentence can be taken back.

    A sentence that cannot be read, or contradicts what was said, raises a clear error and leaves
    the conversation as it was.

    Args:
      world: the world model.
      meaning: the meaning function of its vocabulary.
      key: the seed; the same sentences give the same conversation.
      engine: what answers questions; chosen for each by what it would cost where not given.
      doubt: which readings of a statement to believe.
    """

    def __init__(
        self,
        world: World,
        meaning: Meaning,
        key: PRNGKeyArray,
        engine: Engine | None = None,
        doubt: BestReading | Mixture | None = None,
    ):
        self._states = [_State(world, meaning)]
        self.turns: list[Turn] = []
        self.key, self.engine = key, engine or Auto()
        self.doubt = doubt if doubt is not None else Mixture()

    @property
    def world(self) -> World:
        """The world as it stands."""
        return self._states[-1].world

    def say(self, sentence: str, progress: Callable[[int], None] | None = None) -> Turn:
        """Tell a statement or ask a question.

        Args:
          sentence: plain English.
          progress: called with the number of worlds drawn so far, where the sentence asks.

        Raises:
          NotUnderstood: where the sentence says nothing about this world.
          ImpossibleEvidence: where it contradicts what was said before.
        """
        key = jax.random.fold_in(self.key, len(self.turns))
        reading_key, world_key = jax.random.split(key)
        state = self._states[-1]
        readings = state.meaning.translate(reading_key, sentence)
        world = _with_names(state.world, readings.new_names)
        start = time.perf_counter()
        if readings.best.kind is Kind.QUESTION:
            used = (readings.best,)
            posterior = self.engine.infer(self.key, world.ask(readings.best.tree), progress)
        else:
            used = self.doubt.choose([r for r in readings.readings if r.kind is Kind.STATEMENT])
            world, used = believe(world, used)
            _check(world, sentence, world_key)
            posterior = None
        turn = Turn(sentence, readings, used, posterior, time.perf_counter() - start)
        meaning = state.meaning.grown(world.vocabulary)
        self._states.append(_State(world, meaning))
        self.turns.append(turn)
        return turn

    def undo(self) -> Turn | None:
        """Take back the last sentence; None where there is none."""
        if not self.turns:
            return None
        self._states.pop()
        return self.turns.pop()

    def __str__(self) -> str:
        return "\n".join(map(str, self.turns))


def believe(world: World, readings: Sequence[Reading]) -> tuple[World, tuple[Reading, ...]]:
    """The world in which one of some readings of a statement holds, and the readings believed.

    A single reading is told as it stands. Several become one factor: a world weighs the sum of the
    probabilities of those readings that are true in it. A reading that observes an exact value has
    a density and no probability, so it cannot be weighed against others: the best is then taken.
    """
    told = [world.tell(reading.tree) for reading in readings]
    if len(readings) == 1 or any(_observes(world, after) for after in told):
        return told[0], (readings[0],)
    terms = []
    for reading in readings:
        assert isinstance(reading.tree, Form)
        share = Literal(float(reading.probability))
        terms.append(Form((Symbol("if"), reading.tree[1], share, Literal(0))))
    mixed: Tree = Form((Symbol("factor"), Form((Symbol("log"), Form((Symbol("+"), *terms))))))
    return world.tell(mixed), tuple(readings)


def _observes(before: World, after: World) -> bool:
    """Whether a statement weighs worlds by a density."""
    return len(after.effects.factors) > len(before.effects.factors)


def _check(world: World, sentence: str, key: PRNGKeyArray) -> None:
    """Refuse a statement that no world satisfies together with what was said before."""
    try:
        Importance(worlds=CHECK_WORLDS).infer(key, world.ask(Literal(True)))
    except ImpossibleEvidence as error:
        before = (
            f" together with the {len(world.told) - 1} statements before it"
            if len(world.told) > 1
            else ""
        )
        raise ImpossibleEvidence(
            f"`{sentence}` cannot be true{before}: {error.message}",
            hint="it was not added; say something else, or take an earlier statement back",
        ) from None


def _with_names(world: World, names: Sequence[str]) -> World:
    if not names:
        return world
    sorts: list[Entities] = [e for e in world.vocabulary.entities if e.open]
    if len(sorts) != 1:
        raise PlotError(f"this world takes no new names, and `{names[0]}` is one")
    return world.mention(sorts[0].type, tuple(names))
