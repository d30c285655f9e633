"""A conversation beside what it was meant to say, so that a misreading is seen and costs no figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.collisions.scenes import Said
from plot.errors import PlotError
from plot.reader import read_one

if TYPE_CHECKING:
    from jaxtyping import PRNGKeyArray

    from inference import Engine
    from models.meaning.translate import Meaning
    from plot.posterior import Posterior
    from plot.world import World

SENTENCES, MEANT = "the sentences as read", "the intended expressions, for a sentence was misread"


@dataclass(frozen=True)
class Line:
    """A sentence and what became of it.

    Args:
      said: the sentence, and what it was meant to say.
      read: the expression that it became, or why it became none.
      sureness: probability of that reading.
      right: whether it means what was meant.
      answer: where it asks; to the expression that was used.
      seconds: of inference.
    """

    said: Said
    read: str
    sureness: float
    right: bool
    answer: Posterior | None
    seconds: float


@dataclass(frozen=True)
class Dialogue:
    """Statements and then questions.

    Args:
      lines: in order.
      world: with the statements told.
    """

    lines: tuple[Line, ...]
    world: World

    @property
    def source(self) -> str:
        """Which expressions the answers rest on."""
        return SENTENCES if all(line.right for line in self.lines) else MEANT

    @property
    def answers(self) -> list[Posterior]:
        """Of the questions, in order."""
        return [line.answer for line in self.lines if line.answer is not None]


def converse(
    world: World,
    meaning: Meaning,
    key: PRNGKeyArray,
    engine: Engine,
    said: Sequence[Said],
    progress: Callable[[], None],
) -> Dialogue:
    """Say sentences; where one is misread, answers come from what all of them were meant to say.

    Args:
      world: of which nothing has been told.
      meaning: its meaning function.
      key: the seed.
      engine: that answers.
      said: statements, then questions.
      progress: called after each sentence.
    """
    from models.conversation import BestReading, Conversation

    talk = Conversation(world, meaning, key, engine, BestReading())
    lines = []
    for one in said:
        lines.append(_line(talk, one))
        progress()
    if not all(line.right for line in lines):
        lines = _as_meant(world, key, engine, lines)
    for one in said:
        if one.meant.startswith("(condition"):
            world = world.tell(one.meant)
    return Dialogue(tuple(lines), world)


def _line(talk, one: Said) -> Line:
    from models.meaning.normal import same

    try:
        turn = talk.say(one.sentence)
    except PlotError as error:
        return Line(one, f"{error.kind}: {error.message}", 0.0, False, None, 0.0)
    right = same(turn.used[0].tree, read_one(one.meant))
    read, answer = turn.used[0].text, turn.posterior
    if not right:
        talk.undo()
    return Line(one, read, turn.sureness, right, answer if right else None, turn.seconds)


def _as_meant(world: World, key: PRNGKeyArray, engine: Engine, lines: list[Line]) -> list[Line]:
    from dataclasses import replace

    out = []
    for line in lines:
        if line.said.meant.startswith("(condition"):
            world = world.tell(line.said.meant)
            out.append(line)
        else:
            out.append(replace(line, answer=engine.infer(key, world.ask(line.said.meant))))
    return out
