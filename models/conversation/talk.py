"""A conversation: English in, a world that grows, and answers with their doubt.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 2.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import jax
from jaxtyping import PRNGKeyArray

from inference import Auto, Belief, Engine, Sequential
from models.conversation.conflict import impossible, in_conflict
from models.conversation.doubt import BestReading, Mixture, NotSure, believe
from models.conversation.turn import Turn
from models.conversation.why import Why, why
from models.meaning.context import resolve
from models.meaning.saying import Speaker
from models.meaning.translate import Kind, Meaning, Reading, Readings
from models.worlds import eye_of, phrases, picture_of
from plot.errors import ImpossibleEvidence, PlotError
from plot.posterior import Posterior
from plot.vocabulary import Entities
from plot.world import World, quoted_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PEOPLE = frozenset({"person", "agent", "player", "human"})  # sorts that pronouns can stand for


@dataclass(frozen=True)
class _State:
    world: World
    meaning: Meaning
    belief: Belief | None


class Conversation:
    """Tells and asks in English; each sentence can be taken back.

    A sentence that cannot be read, or contradicts what was said, raises a clear error and leaves
    the conversation as it was.

    Args:
      world: the world model.
      meaning: the meaning function of its vocabulary.
      key: the seed; the same sentences give the same conversation.
      engine: what answers questions; chosen for each by what it would cost where not given. Options
        `Sequential` make the conversation carry a belief along instead of beginning anew each time.
      doubt: which readings of a statement to believe.
      least_sure: where the most probable reading is less probable than this, `say` asks back.
      name: of the world model, as `models.worlds.load` knows it, for pictures and files.
    """

    def __init__(
        self,
        world: World,
        meaning: Meaning,
        key: PRNGKeyArray,
        engine: Engine | Sequential | None = None,
        doubt: BestReading | Mixture | None = None,
        least_sure: float = 0.0,
        name: str | None = None,
    ):
        self.key, self.name, self.least_sure = key, name, least_sure
        self.doubt = doubt if doubt is not None else Mixture()
        self.given_engine, self.looked = engine, False
        carried = engine if isinstance(engine, Sequential) else None
        self.engine: Engine = engine if engine is not None and carried is None else Auto()  # type: ignore[assignment]
        belief = Belief.of(world, key, carried) if carried is not None else None
        self._states = [_State(world, meaning, belief)]
        self.turns: list[Turn] = []

    @property
    def world(self) -> World:
        """The world as it stands."""
        return self._states[-1].world

    @property
    def meaning(self) -> Meaning:
        """The meaning function as it stands."""
        return self._states[-1].meaning

    @property
    def speaker(self) -> Speaker:
        """Says expressions of this world in English."""
        return Speaker(self.world.vocabulary, phrases(self.name) if self.name else {})

    @property
    def statements(self) -> list[Turn]:
        """The sentences that were told."""
        return [turn for turn in self.turns if not turn.asks]

    def say(
        self,
        sentence: str,
        progress: Callable[[int], None] | None = None,
        reading: int | None = None,
    ) -> Turn:
        """Tell a statement or ask a question.

        Args:
          sentence: plain English.
          progress: called with the number of worlds drawn so far, where the sentence asks.
          reading: which of the readings is meant, counted from 1; the most probable ones where not
            given.

        Raises:
          NotUnderstood: where the sentence says nothing about this world.
          NotSure: where no reading is as probable as `least_sure`, and none was picked.
          ImpossibleEvidence: where it contradicts what was said before.
        """
        key = jax.random.fold_in(self.key, len(self.turns))
        pointed = resolve(sentence, self._people(), self._recent())
        readings = self.meaning.translate(jax.random.split(key)[0], pointed.sentence)
        if reading is None and readings.best.probability < self.least_sure:
            raise NotSure(sentence, readings.readings)
        return self.read_as(sentence, readings, _picked(readings, reading), progress)

    def _people(self) -> list[str]:
        return [
            n for sort in self.world.vocabulary.entities if sort.type in PEOPLE for n in sort.names
        ]

    def _recent(self) -> list[str]:
        """The people of the conversation, the one named last first."""
        known = set(self._people())
        said = [n for turn in self.turns for n in quoted_names(turn.used[0].tree) if n in known]
        return list(dict.fromkeys(reversed(said)))

    def read_as(
        self,
        sentence: str,
        readings: Readings,
        used: Sequence[Reading] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Turn:
        """Tell or ask a sentence whose readings are known.

        Args:
          sentence: what was said.
          readings: what it may mean.
          used: the readings to go by; chosen by the doubt of this conversation where not given.
          progress: as for `say`.

        Raises:
          ImpossibleEvidence: where it contradicts what was said before.
        """
        state = self._states[-1]
        key = jax.random.split(jax.random.fold_in(self.key, len(self.turns)))[1]
        best = used[0] if used else readings.best
        start = time.perf_counter()
        posterior = None
        if best.kind is Kind.QUESTION:
            world, belief, used = (
                _with_names(state.world, readings.new_names),
                state.belief,
                (best,),
            )
            if belief is not None:
                belief = replace(belief, world=world)
                posterior = belief.ask(best.tree)
            else:
                posterior = self.engine.infer(self.key, world.ask(best.tree), progress)
        else:
            stated = [r for r in readings.readings if r.kind is Kind.STATEMENT]
            used = used or self.doubt.choose(stated)
            world, used = believe(_with_names(state.world, readings.new_names), used)
            belief = self._told(sentence, state, readings, world, key)
            world = belief.world if belief is not None else world
        turn = Turn(sentence, readings, tuple(used), posterior, time.perf_counter() - start)
        self._states.append(_State(world, state.meaning.grown(world.vocabulary), belief))
        self.turns.append(turn)
        return turn

    def undo(self) -> Turn | None:
        """Take back the last sentence; None where there is none."""
        if not self.turns:
            return None
        self._states.pop()
        return self.turns.pop()

    def pick(
        self, number: int, turn: int = -1, progress: Callable[[int], None] | None = None
    ) -> Turn:
        """Read a sentence in another way, and say again all that came after it.

        Args:
          number: of the reading, counted from 1, in `turns[turn].readings`.
          turn: which sentence.
          progress: as for `say`.

        Returns:
          The sentence as it is read now.

        Raises:
          IndexError: where there is no such sentence or reading.
          ImpossibleEvidence: where it contradicts the rest; the conversation is then as it was.
        """
        place = range(len(self.turns))[turn]
        chosen = _picked(self.turns[place].readings, number)
        states, turns = list(self._states), list(self.turns)
        self._states, self.turns = states[: place + 1], turns[:place]
        try:
            for i, old in enumerate(turns[place:]):
                self.read_as(old.sentence, old.readings, chosen if i == 0 else old.used, progress)
        except BaseException:
            self._states, self.turns = states, turns
            raise
        return self.turns[place]

    def why(self, turn: int | None = None, progress: Callable[[int], None] | None = None) -> Why:
        """Which statements moved an answer most: each is left out in turn.

        Args:
          turn: which sentence; the last question where not given.
          progress: called with the number of statements that were left out so far.

        Raises:
          PlotError: where there is no question.
        """
        asked = [i for i, t in enumerate(self.turns) if t.asks]
        if not asked or (turn is not None and not self.turns[turn].asks):
            raise PlotError("no question was asked there", None, "ask one, then ask why")
        place = asked[-1] if turn is None else range(len(self.turns))[turn]
        question = self.turns[place]
        told = [t for t in self.turns[:place] if not t.asks]

        def ask_without(left_out: int) -> Posterior:
            world = self._world_of([t for i, t in enumerate(told) if i != left_out])
            return self.engine.infer(self.key, world.ask(question.used[0].tree))

        return why(question, told, ask_without, progress)

    def look(self, path: str | Path) -> None:
        """Take a picture as evidence for all that is asked from now on.

        It belongs to the conversation and not to a sentence: `undo` leaves it, `save` does not keep it.

        Args:
          path: of an image file.

        Raises:
          PlotError: where pictures say nothing about this world, or this is no picture of one; the
            conversation is then as it was.
          OSError: where the file cannot be read.
        """
        self.engine, self.looked = eye_of(self.name)(path), True

    def show(self) -> Figure:
        """A picture of likely worlds, given all that was told and seen."""
        more = {"engine": self.engine} if self.looked else {}
        return picture_of(self.name)(self.world, self.key, **more)

    def save(self, path: str | Path) -> None:
        """Write the conversation to a file; see `models.conversation.saved`."""
        from models.conversation.saved import save

        save(self, Path(path))

    def _told(
        self, sentence: str, state: _State, readings: Readings, world: World, key: PRNGKeyArray
    ) -> Belief | None:
        """The belief after a statement, where one is kept; raises where it is impossible."""
        belief = None
        error = None
        if state.belief is not None:
            try:
                named = _with_names(state.world, readings.new_names)
                belief, _ = replace(state.belief, world=named).tell(world.trees[-1])
            except ImpossibleEvidence as found:
                error = found
        else:
            error = impossible(world, key)
        if error is not None:
            raise self._contradiction(sentence, readings, world, error, key) from None
        return belief

    def _contradiction(
        self,
        sentence: str,
        readings: Readings,
        world: World,
        error: ImpossibleEvidence,
        key: PRNGKeyArray,
    ) -> ImpossibleEvidence:
        told = self.statements
        hint = "it was not added; say something else, or take an earlier statement back"
        new = _with_names(self._states[0].world, readings.new_names).tell(world.trees[-1])
        blamed = in_conflict(told, [self._world_of([t]) for t in told], new, key) if told else ()
        if blamed:
            listed = " and ".join(f"`{s}`" for s in blamed)
            return ImpossibleEvidence(
                f"`{sentence}` cannot be true together with {listed}: {error.message}", hint=hint
            )
        together = f" together with the {len(told)} statements before it" if told else ""
        return ImpossibleEvidence(
            f"`{sentence}` cannot be true{together}: {error.message}", hint=hint
        )

    def _world_of(self, told: Sequence[Turn]) -> World:
        """The world in which some of the statements are told, in which all names are known."""
        world = self._states[0].world
        for turn in self.turns:
            world = _with_names(world, turn.readings.new_names)
        for turn in told:
            world, _ = believe(world, turn.used)
        return world

    def __str__(self) -> str:
        return "\n".join(map(str, self.turns))

    def _repr_html_(self) -> str:
        return "".join(turn._repr_html_() for turn in self.turns)


def _picked(readings: Readings, number: int | None) -> tuple[Reading, ...] | None:
    if number is None:
        return None
    if not 1 <= number <= len(readings.readings):
        raise IndexError(
            f"`{readings.sentence}` has {len(readings.readings)} readings, and number {number} was "
            "picked"
        )
    return (readings.readings[number - 1],)


def _with_names(world: World, names: Sequence[str]) -> World:
    if not names:
        return world
    sorts: list[Entities] = [e for e in world.vocabulary.entities if e.open]
    if len(sorts) != 1:
        raise PlotError(f"this world takes no new names, and `{names[0]}` is one")
    return world.mention(sorts[0].type, tuple(names))
