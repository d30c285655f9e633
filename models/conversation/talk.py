"""A conversation: English in, a world that grows, and answers with their doubt.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 2.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
from jaxtyping import PRNGKeyArray

from inference import SMC, Auto, Belief, Engine, Importance, Sequential
from inference.tokens.mentions import UnknownName, mentions
from models.conversation.conflict import impossible, in_conflict, refuted
from models.conversation.doubt import BestReading, Mixture, NotSure, believe
from models.conversation.led import Led, led_by, led_on
from models.conversation.turn import Turn
from models.conversation.why import Why, why
from models.conversation.words import defined, phrase_of
from models.meaning.context import PEOPLE, resolve
from models.meaning.defining import definition
from models.meaning.doubt import merged
from models.meaning.ellipsis import filled, without_addition
from models.meaning.possible import PossibleWorlds
from models.meaning.pragmatics import Pragmatic, reread, spoken_share
from models.meaning.prompt import clean
from models.meaning.saying import Speaker
from models.meaning.translate import Kind, NotUnderstood, Reader, Reading, Readings
from models.worlds import check_of, eye_of, phrases, picture_of
from plot.errors import ImpossibleEvidence, PlotError
from plot.posterior import Posterior
from plot.vocabulary import Entities
from plot.world import World

if TYPE_CHECKING:
    from matplotlib.figure import Figure


COMPARED = 0.05  # readings that are as probable are compared, whether they say the same
SURPRISED = 20_000  # worlds by which it is measured how much a statement tells


@dataclass
class _State:
    world: World
    meaning: Reader
    belief: Belief | None
    led: Belief | None = None


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
      least_sure: where the confidence in the most probable reading is less than this, `say` asks back.
      name: of the world model, as `models.worlds.load` knows it, for pictures and files.
      possible: where given, readings that leave no world are less probable, from the first bracket on.
      pragmatic: where given, speakers are taken to choose their words: `some` comes to say `not all`.
    """

    def __init__(
        self,
        world: World,
        meaning: Reader,
        key: PRNGKeyArray,
        engine: Engine | Sequential | None = None,
        doubt: BestReading | Mixture | None = None,
        least_sure: float = 0.0,
        name: str | None = None,
        possible: PossibleWorlds | None = None,
        pragmatic: Pragmatic | None = None,
    ):
        self.key, self.name, self.least_sure = key, name, least_sure
        self.possible, self.pragmatic = possible, pragmatic
        self.doubt = doubt if doubt is not None else Mixture()
        self.given_engine, self.looked = engine, False
        carried = engine if isinstance(engine, Sequential) else None
        self.engine: Engine = engine if engine is not None and carried is None else Auto()  # type: ignore[assignment]
        belief = Belief.of(world, key, carried) if carried is not None else None
        self._states = [_State(world, meaning, belief)]
        self.turns: list[Turn] = []

    def _with_steps(self, stepwise: Callable[[Sequential], Engine]) -> Engine:
        """The engine; where it is chosen by cost, what leads worlds to hard evidence is this."""
        engine = self.engine
        if not isinstance(engine, Auto) or engine.stepwise is not None:
            return engine
        return replace(engine, stepwise=stepwise(led_by(engine.worlds, self.world)))

    @property
    def options(self) -> dict[str, Any]:
        """What it was opened with, as `open_talk` and `load` take it."""
        return {
            "engine": self.given_engine,
            "doubt": self.doubt,
            "least_sure": self.least_sure,
            "possible": self.possible,
            "pragmatic": self.pragmatic,
        }

    @property
    def world(self) -> World:
        """The world as it stands."""
        return self._states[-1].world

    @property
    def meaning(self) -> Reader:
        """The meaning function as it stands."""
        return self._states[-1].meaning

    @property
    def speaker(self) -> Speaker:
        """Says expressions of this world in English."""
        own = {d.name: phrase_of(d) for turn in self.turns if (d := turn.defines)}
        return Speaker(self.world.vocabulary, {**(phrases(self.name) if self.name else {}), **own})

    @property
    def statements(self) -> list[Turn]:
        """The sentences that were told."""
        return [turn for turn in self.turns if turn.tells]

    def say(
        self,
        sentence: str,
        progress: Callable[[int], None] | None = None,
        reading: int | None = None,
    ) -> Turn:
        """Tell a statement, ask a question, or give a word a meaning.

        Args:
          sentence: plain English.
          progress: called with the number of worlds drawn so far, where the sentence asks.
          reading: which of the readings is meant, counted from 1; the most probable ones where not
            given.

        Raises:
          NotUnderstood: where the sentence says nothing about this world.
          PlotError: where the world knows better, as of a walk through a wall.
          NotSure: where no reading is as probable as `least_sure`, and none was picked.
          ImpossibleEvidence: where it contradicts what was said before.
        """
        key = jax.random.fold_in(self.key, len(self.turns))
        check_of(self.name)(sentence)
        readings = self._read(sentence, jax.random.split(key)[0])
        if reading is None and readings.confidence < self.least_sure:
            raise NotSure(sentence, readings.readings)
        used = _picked(readings, reading)
        return self.read_as(sentence, readings, used, progress, picked=used is not None)

    def _read(self, sentence: str, key: PRNGKeyArray) -> Readings:
        """What a sentence may mean, where it stands in the conversation."""
        vocabulary = self.world.vocabulary
        gives = definition(clean(sentence), vocabulary)
        if gives is not None and gives.plain is not None:
            return gives.plainly(vocabulary)
        if gives is not None:
            return gives.read_from(self._translated(key, gives.sentence), vocabulary)
        names = [n for sort in vocabulary.entities for n in sort.names]
        new: tuple[str, ...] = ()
        with contextlib.suppress(UnknownName):
            new = mentions(clean(sentence), vocabulary).new
        names += new
        last = next((t for t in reversed(self.turns) if t.defines is None), None)
        before = last.readings.sentence if last is not None else None
        whole = filled(sentence, names, before, last is not None and last.asks)
        said = [t.readings.sentence for t in reversed(self.turns) if t.defines is None]
        people = self._people()
        pointed = resolve(without_addition(whole), [*people, *new] if people else [], said)
        if pointed.lost:
            raise _points_to_nobody(pointed.lost[0], [n for n in people if _says(n, said)])
        return self._pragmatic(key, self._translated(key, pointed.sentence))

    def _translated(self, key: PRNGKeyArray, sentence: str) -> Readings:
        """The readings of a sentence; those that say the same of every world are one."""
        reward = None
        if self.possible is not None:
            reward = self.possible.reward(self.world, self._states[-1].belief)
        found = self.meaning.translate(key, sentence, reward)
        rivals = sum(r.probability >= COMPARED for r in found.readings)
        return found if rivals < 2 else merged(self._world_of([]), found, least=COMPARED)

    def _pragmatic(self, key: PRNGKeyArray, readings: Readings) -> Readings:
        if self.pragmatic is None:
            return readings
        read = partial(self._translated, key)
        return reread(readings, self.speaker.say, read, self.pragmatic)

    def _believed(
        self, world: World, readings: Sequence[Reading]
    ) -> tuple[World, tuple[Reading, ...]]:
        """The world after a statement, as `believe` has it; by a speaker who chose it, where asked for."""
        if self.pragmatic is None:
            return believe(world, readings)
        engine = Importance(SURPRISED)
        share = partial(spoken_share, world, engine=engine, key=self.key, options=self.pragmatic)
        return believe(world, readings, share)

    def _people(self) -> list[str]:
        return [
            n for sort in self.world.vocabulary.entities if sort.type in PEOPLE for n in sort.names
        ]

    def read_as(
        self,
        sentence: str,
        readings: Readings,
        used: Sequence[Reading] | None = None,
        progress: Callable[[int], None] | None = None,
        picked: bool = False,
    ) -> Turn:
        """Tell or ask a sentence whose readings are known.

        Args:
          sentence: what was said.
          readings: what it may mean.
          used: the readings to go by; chosen by the doubt of this conversation where not given.
          progress: as for `say`.
          picked: whether they were picked by whoever said it, so that they can serve as examples.

        Raises:
          ImpossibleEvidence: where it contradicts what was said before.
        """
        state = self._states[-1]
        key = jax.random.split(jax.random.fold_in(self.key, len(self.turns)))[1]
        best = used[0] if used else readings.best
        start = time.perf_counter()
        posterior = None
        if best.kind is Kind.QUESTION:
            world = _with_names(state.world, readings.new_names)
            belief, used = state.belief, (best,)
            if belief is not None:
                belief = replace(belief, world=world)
                posterior = belief.ask(best.tree)
            else:
                engine = self._with_steps(partial(Led, self._states, self.key))
                posterior = engine.infer(self.key, world.ask(best.tree), progress)
            led = led_on(state, world)
        elif best.kind is Kind.DEFINITION:
            world = defined(_with_names(state.world, readings.new_names), readings, best.tree)
            belief = state.belief and replace(state.belief, world=world)
            led, used = led_on(state, world), (best,)
        else:
            stated = [r for r in readings.readings if r.kind is Kind.STATEMENT]
            used = used or self.doubt.choose(stated)
            named = _with_names(state.world, readings.new_names)
            if len(used) > 1 and self.statements:
                self._most_can_be_true(sentence, readings, named, used, key)
            world, used = self._believed(named, used)
            try:
                led = led_on(state, world)
                belief = self._told(sentence, state, readings, world, key, led is not None)
            except ImpossibleEvidence as error:
                error.hint = f"{self._as_read(sentence, used)}{error.hint}"
                raise
            world = belief.world if belief is not None else world
        seconds = time.perf_counter() - start
        turn = Turn(sentence, readings, tuple(used), posterior, seconds, picked)
        meaning = state.meaning.grown(world.vocabulary)
        if picked and turn.defines is None:
            meaning = meaning.learned(readings.sentence, used[0].text)
        self._states.append(_State(world, meaning, belief, led))
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
                used, picked = (chosen, True) if i == 0 else (old.used, old.picked)
                self.read_as(old.sentence, old.readings, used, progress, picked)
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
        told = [t for t in self.turns[:place] if t.tells]
        engine = self._with_steps(SMC)

        def ask_without(left_out: int) -> Posterior:
            world = self._world_of([t for i, t in enumerate(told) if i != left_out])
            return engine.infer(self.key, world.ask(question.used[0].tree))

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

    def _as_read(self, sentence: str, used: Sequence[Reading]) -> str:
        """How a sentence was read, where that is not how it was said."""
        said = [self.speaker.say(r.tree) for r in used]
        if sentence.strip(" .!").lower() in {s.strip(".").lower() for s in said}:
            return ""
        return f"it was read as {' or '.join(f'`{s}`' for s in said)}; "

    def _told(
        self,
        sentence: str,
        state: _State,
        readings: Readings,
        world: World,
        key: PRNGKeyArray,
        shown: bool,
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
        elif not shown:
            error = impossible(world, key)
        if error is not None:
            raise self._contradiction(sentence, readings, world, error, key) from None
        return belief

    def _most_can_be_true(
        self,
        sentence: str,
        readings: Readings,
        world: World,
        used: Sequence[Reading],
        key: PRNGKeyArray,
    ) -> None:
        """Raise where the most probable reading contradicts what was said, and few are left without it."""
        best, total = used[0], sum(r.probability for r in used)
        alone = world.tell(best.tree)
        if best.probability < total / 2 or not refuted(alone, key):
            return
        error = impossible(alone, key, refuted=True)
        if error is None:
            return
        found = self._contradiction(sentence, readings, alone, error, key)
        also = "; ".join(f"`{self.speaker.say(r.tree)}` ({r.probability:.0%})" for r in used[1:])
        raise ImpossibleEvidence(
            found.message, None, f"it was not added; if it was meant as {also}, say it so"
        )

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
        new = _with_names(self._world_of([]), readings.new_names).tell(world.trees[-1])
        if not told or impossible(new, key) is not None:
            alone = "it was not added; say something else"
            return ImpossibleEvidence(f"`{sentence}` cannot be true: {error.message}", hint=alone)
        blamed = in_conflict(told, [self._world_of([t]) for t in told], new, key)
        if blamed:
            listed = " and ".join(f"`{s}`" for s in blamed)
            return ImpossibleEvidence(
                f"`{sentence}` cannot be true together with {listed}: {error.message}", hint=hint
            )
        before = (
            f"the {len(told)} statements before it" if len(told) > 1 else f"`{told[0].sentence}`"
        )
        return ImpossibleEvidence(
            f"`{sentence}` cannot be true together with {before}: {error.message}", hint=hint
        )

    def _world_of(self, told: Sequence[Turn]) -> World:
        """The world in which some of the statements are told, and all names and words are known."""
        world = self._states[0].world
        for turn in self.turns:
            world = _with_names(world, turn.readings.new_names)
            if turn.defines is not None:
                world = defined(world, turn.readings, turn.used[0].tree)
        for turn in told:
            world, _ = self._believed(world, turn.used)
        return world

    def __str__(self) -> str:
        return "\n".join(map(str, self.turns))

    def _repr_html_(self) -> str:
        return "".join(turn._repr_html_() for turn in self.turns)


def _points_to_nobody(word: str, named: Sequence[str]) -> NotUnderstood:
    listed = ", ".join(n.capitalize() for n in named)
    so_far = f"the conversation has named {listed}" if named else "nobody has been named yet"
    return NotUnderstood(
        f"it is not clear whom `{word}` points back to: {so_far}", "say the names instead"
    )


def _says(name: str, said: Sequence[str]) -> bool:
    return any(re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE) for text in said)


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
