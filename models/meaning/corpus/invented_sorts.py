"""Sorts of things in invented worlds: their nouns, their names, and how a name stands in a sentence."""

from __future__ import annotations

import re
from random import Random

from models.meaning.corpus.clause import Sort
from models.meaning.corpus.names import (
    ANIMALS,
    CITIES,
    DISHES,
    LETTERS,
    PEOPLE,
    PLACES,
    ROBOTS,
    THINGS,
    drawn,
    nonce,
)
from models.meaning.corpus.world import World

PLANTS = ("rose", "tulip", "fern", "oak", "maple", "basil", "mint", "cactus", "ivy", "lily", "pine", "birch", "orchid", "thyme", "willow")  # fmt: skip
BOOKS = ("atlas", "novel", "diary", "thriller", "dictionary", "poem", "comic", "essay", "manual", "legend")  # fmt: skip
# type, listing, noun, plural, names, whether people
SORTS = (
    ("runner", "runners", PEOPLE, True), ("student", "students", PEOPLE, True), ("pupil", "class", PEOPLE, True), ("worker", "staff", PEOPLE, True),
    ("player", "team", PEOPLE, True), ("chef", "chefs", PEOPLE, True), ("singer", "band", PEOPLE, True), ("driver", "drivers", PEOPLE, True),
    ("person", "people", PEOPLE, True), ("person", "everyone", PEOPLE, True), ("guest", "guests", PEOPLE, True), ("swimmer", "swimmers", PEOPLE, True),
    ("robot", "robots", ROBOTS, False), ("machine", "machines", ROBOTS, False), ("animal", "animals", ANIMALS, False), ("dog", "dogs", ANIMALS, False),
    ("horse", "stable", ANIMALS, False), ("country", "countries", PLACES, False), ("city", "cities", CITIES, False), ("dish", "menu", DISHES, False),
    ("meal", "meals", DISHES, False), ("thing", "things", THINGS, False), ("object", "objects", THINGS, False), ("box", "boxes", LETTERS, False), ("team", "league", LETTERS, False),
    ("plant", "plants", PLANTS, False), ("flower", "flowers", PLANTS, False), ("tree", "forest", PLANTS, False), ("book", "books", BOOKS, False), ("text", "texts", BOOKS, False), ("item", "items", THINGS, False),
    ("planet", "planets", LETTERS, False), ("drug", "drugs", LETTERS, False), ("car", "cars", LETTERS, False),
)  # fmt: skip
# Sorts whose names are adjectives: type, listing, and what is said for `the red one`.
COLOURED = (
    ("door", "doors"), ("room", "rooms"), ("bottle", "bottles"), ("bag", "bags"), ("boat", "boats"), ("bed", "beds"), ("team", "teams"), ("garden", "gardens"), ("house", "houses"), ("cup", "cups"), ("coin", "coins"), ("road", "roads"), ("flag", "flags"), ("train", "trains"), ("kite", "kites"), ("shelf", "shelves"), ("lamp", "lamps"), ("card", "cards"),
)  # fmt: skip
MARKS = ("red", "blue", "green", "yellow", "white", "black", "grey", "golden", "silver", "wooden", "northern", "southern", "eastern", "western", "middle", "outer", "inner", "striped", "royal")  # fmt: skip
# Built-in names that an invented function must not hide.
RESERVED = frozenset(
    [
        "length",
        "mean",
        "sum",
        "max",
        "min",
        "count",
        "filter",
        "map",
        "all",
        "any",
        "not",
        "and",
        "or",
        "list",
        "abs",
        "first",
        "last",
        "rest",
        "sort",
    ]
)

PLURALS = {
    "person": "people",
    "box": "boxes",
    "country": "countries",
    "city": "cities",
    "dish": "dishes",
    "shelf": "shelves",
}


def worded(world: World, text: str) -> str:
    """A sentence about a world with articles before the names of things: `the vase`, `the red door`."""
    sorts = {s.type: s for s in (*(s for _, s in world.attributes), *(p.sort for p in world.patterns))}  # fmt: skip
    for sort in sorts.values():
        if sort.article == "{}" or text.isupper():
            continue
        names = "|".join(map(re.escape, sort.names))
        found = rf"(?<!\ba )(?<!\ban )(?<!\bthe )\b({names})\b(?!-)"
        text = re.sub(found, lambda m, a=sort.article: a.format(m.group().lower()), text, flags=re.I)  # fmt: skip
        text = re.sub(rf"\b(one|{sort.one}) (one|{sort.one})\b", r"\1", text)
    return text


def sorts_of(rng: Random) -> list[Sort]:
    out: list[Sort] = []
    for row in rng.sample(SORTS, rng.choice([1, 1, 2, 2, 3])):
        type, listing, pool, person = row
        article = "the {}" if pool in (THINGS, PLANTS, BOOKS) and rng.random() < 0.75 else "{}"
        if not person and rng.random() < 0.3:
            (type, listing), pool = rng.choice(COLOURED), MARKS
            article = rng.choice([f"the {{}} {type}", f"the {{}} {type}", "the {} one"])
        elif rng.random() < 0.08:
            type = nonce(rng)
            while type in RESERVED:
                type = nonce(rng)
            listing = type + "s"
        if any(s.type == type or s.listing == listing for s in out):
            continue
        chosen = drawn(rng, pool, 9) if pool is not MARKS else tuple(rng.sample(pool, 9))
        many = PLURALS.get(type, type + "s")
        is_open = pool is PEOPLE and rng.random() < 0.5
        names = chosen[: rng.randint(3, 6)]
        if not is_open:
            names = chosen[: rng.randint(4, 7)]
        out.append(
            Sort(
                type,
                listing,
                type,
                many,
                names,
                chosen if is_open else names,
                person,
                is_open,
                article,
            )
        )
    return out
