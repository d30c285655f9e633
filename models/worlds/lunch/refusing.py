"""Sentences about walks through walls: buildings are on the map, and no word of the world is for them."""

from __future__ import annotations

import re

from models.worlds.lunch.campus import BUILDINGS
from models.worlds.lunch.seen import WalkError

_THROUGH = re.compile(
    rf"\b(?:through|across|over|into|inside)\s+(?:the|a)\s+(?P<what>{'|'.join(BUILDINGS)}|walls?|buildings?)\b",
    re.IGNORECASE,
)


def check(sentence: str) -> None:
    """Refuse a walk through a building.

    Args:
      sentence: in English.

    Raises:
      WalkError: where it says that somebody walks through one.
    """
    found = _THROUGH.search(sentence)
    if found is not None:
        raise WalkError(
            f"`{sentence}` cannot be true: the {' and the '.join(BUILDINGS)} are closed, and nobody "
            f"gets {found[0].lower()}",
            None,
            "it was not added; the streets are the northern, southern, eastern and western, and the "
            "lawn can be crossed",
        )
