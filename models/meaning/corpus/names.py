"""Names of people, machines, places and things, from many cultures, and how they are written."""

from __future__ import annotations

import random
from collections.abc import Sequence
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

UNUSUAL = 0.4  # share of the lists in which names are changed
_ONSETS = tuple("b bl br d dr f fl g gl gr k kl m n p pl s sk sn t tr v w z".split(" "))  # noqa: SIM905
_CODAS = tuple("b g k lp m n nk p rk sh t x zz".split(" "))  # noqa: SIM905


def nonce(rng: random.Random) -> str:
    """A made-up word of one syllable, such as `blick`.

    >>> import random
    >>> nonce(random.Random(1)).isalpha()
    True
    """
    return rng.choice(_ONSETS) + rng.choice("aeiou") + rng.choice(_CODAS)


def unusual(rng: random.Random, name: str) -> str:
    """A name that no list has, in the case of another: near to it, or made up.

    Whoever has learned names by heart writes the familiar one in its place.

    >>> import random
    >>> unusual(random.Random(3), "Peter").istitle()
    True
    """
    stem = name.lower()
    kind = rng.random()
    if kind < 0.5 or not stem.isascii() or not stem.isalpha():
        made = "".join(rng.choice(_ONSETS) + rng.choice("aeiou") for _ in range(rng.randint(1, 3)))
        made += rng.choice(["", "", "n", "l", "s", "r", "sh", "th", "m", "x", "ck"])
    elif kind < 0.7 and len(stem) > 3:
        made = stem[:-1]
    elif kind < 0.85:
        made = stem + rng.choice(["a", "o", "e", "n", "s", "y", "ia", "el"])
    else:
        at = rng.randrange(len(stem))
        made = stem[:at] + rng.choice("aeioulmnrst") + stem[at + 1 :]
    if len(made) < 3:
        made += "na"
    return made.capitalize() if name[:1].isupper() else made


def drawn(rng: random.Random, pool: Sequence[str], number: int) -> tuple[str, ...]:
    """Different names from a list, at times unusual ones.

    Args:
      rng: where chance comes from.
      pool: displayed names.
      number: how many.
    """
    found = rng.sample(pool, number)
    if rng.random() < UNUSUAL:
        share = rng.choice([0.3, 0.6, 1.0])
        for at, name in enumerate(found):
            other = unusual(rng, name)
            known = {n.lower() for n in found}
            if rng.random() < share and not any(n.startswith(other.lower()) for n in known):
                found[at] = other
    return tuple(found)


def symbol(display: str) -> str:
    """The symbol of a displayed name: lower case, spaces as hyphens.

    >>> symbol("New York")
    'new-york'
    """
    return display.lower().replace(" ", "-")
