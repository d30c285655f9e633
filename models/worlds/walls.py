"""Sentences about ways through walls, for which worlds have no words: readings make less of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plot.errors import ImpossibleEvidence


def way_through(sentence: str, ways: Sequence[str], solid: Sequence[str]) -> str | None:
    """What a sentence says of a way through something solid, where it does.

    Args:
      sentence: in English.
      ways: the words for it, such as `through`.
      solid: names of what nothing gets through.

    >>> way_through("The red ball flew right Through the wall.", ["past", "through"], ["wall"])
    'through the wall'
    >>> way_through("The red ball rolls to the wall.", ["past", "through"], ["wall"]) is None
    True
    """
    pattern = rf"\b(?:{'|'.join(ways)})\s+(?:the|a|either)\s+(?:{'|'.join(solid)})\b"
    found = re.search(pattern, sentence, re.IGNORECASE)
    return None if found is None else found[0].lower()


def check(sentence: str) -> None:
    """Refuse that something moves through a wall.

    Args:
      sentence: in English.

    Raises:
      ImpossibleEvidence: where it says so.
    """
    way = way_through(sentence, ("through", "past", "beyond", "over", "across"), ("walls?",))
    if way is not None:
        raise ImpossibleEvidence(
            f"`{sentence}` cannot be true: walls hold what reaches them, and nothing gets {way}",
            None,
            "it was not added; say that it hits the wall, or that it does not",
        )
