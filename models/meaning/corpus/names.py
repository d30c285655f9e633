"""Names of people, machines, places and things, from many cultures, and how they are written."""

from __future__ import annotations

import random
from importlib.resources import files


def _lists() -> dict[str, tuple[str, ...]]:
    """The lists of names.txt: a heading in square brackets, then names."""
    text = (files("models.meaning.corpus") / "names.txt").read_text("utf-8")
    parts = (part.partition("]") for part in text.split("[")[1:])
    return {heading: tuple(body.split()) for heading, _, body in parts}


_NAMES = _lists()
PEOPLE, ROBOTS, ANIMALS = _NAMES["people"], _NAMES["robots"], _NAMES["animals"]
PLACES, CITIES = _NAMES["places"], _NAMES["cities"]
DISHES, THINGS, LETTERS = _NAMES["dishes"], _NAMES["things"], _NAMES["letters"]

_ONSETS = tuple("b bl br d dr f fl g gl gr k kl m n p pl s sk sn t tr v w z".split(" "))  # noqa: SIM905
_CODAS = tuple("b g k lp m n nk p rk sh t x zz".split(" "))  # noqa: SIM905


def nonce(rng: random.Random) -> str:
    """A made-up word of one syllable, such as `blick`.

    >>> import random
    >>> nonce(random.Random(1)).isalpha()
    True
    """
    return rng.choice(_ONSETS) + rng.choice("aeiou") + rng.choice(_CODAS)


def symbol(display: str) -> str:
    """The symbol of a displayed name: lower case, spaces as hyphens.

    >>> symbol("New York")
    'new-york'
    """
    return display.lower().replace(" ", "-")
