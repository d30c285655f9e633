"""Sentences whose reading is known, told to a conversation or asked of it: what inference alone takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
