"""Sentences whose reading is known, told to a conversation or asked of it: what inference alone takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jaxtyping import PRNGKeyArray

    from models.conversation import Conversation, Turn


def say(talk: Conversation, text: str) -> Turn:
    """Tell or ask an expression; `seconds` of the turn are those of inference.

    Args:
      talk: which grows by a sentence.
      text: `(condition …)` or `(query …)`.
    """
    from models.meaning.translate import Kind, Reading, Readings
    from plot.reader import read_one

    kind = Kind.QUESTION if text.startswith("(query") else Kind.STATEMENT
    reading = Reading(kind, read_one(text), text, 1.0)
    return talk.read_as(text, Readings(text, (reading,), 0.0, 0.0, 0.0))


def turns(name: str, talk: Iterable[str], worlds: int, key: PRNGKeyArray) -> list[Turn]:
    """A whole conversation, in which the engine is chosen for each question.

    Args:
      name: of the world.
      talk: what is told and asked, as for `say`.
      worlds: for each question.
      key: the seed.
    """
    from inference import Auto
    from models.conversation import Conversation
    from models.meaning.translate import Meaning
    from models.words.model import embedded
    from models.worlds import load

    world = load(name)
    held = Conversation(
        world, Meaning(embedded(), world.vocabulary), key, Auto(worlds=worlds), name=name
    )
    return [say(held, text) for text in talk]
