"""Sentences about walks through walls: buildings are on the map, and no word of the world is for them."""

from __future__ import annotations

from models.worlds.lunch.campus import BUILDINGS
from models.worlds.lunch.seen import WalkError
from models.worlds.walls import way_through

WAYS = "through", "across", "over", "into", "inside"


def check(sentence: str) -> None:
    """Refuse a walk through a building.

    Args:
      sentence: in English.

    Raises:
      WalkError: where it says that somebody walks through one.
    """
    way = way_through(sentence, WAYS, (*BUILDINGS, "walls?", "buildings?"))
    if way is not None:
        raise WalkError(
            f"`{sentence}` cannot be true: the {' and the '.join(BUILDINGS)} are closed, and nobody "
            f"gets {way}",
            None,
            "it was not added; the streets are the northern, southern, eastern and western, and the "
            "lawn can be crossed",
        )
