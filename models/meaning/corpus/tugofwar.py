"""Tug-of-war worlds: the shipped one, most often, and the same with other names and numbers."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from random import Random

from models.meaning.corpus.attributes import Attribute, number
from models.meaning.corpus.clause import Sort
from models.meaning.corpus.matches import Match
from models.meaning.corpus.names import PEOPLE, drawn, symbol
from models.meaning.corpus.world import World
from models.worlds import load
from plot.types import BOOLEAN, NUMBER, Entity, Function, ListOf
from plot.vocabulary import Entities, Entry, Vocabulary

STRONG, WEAK = ("strong", "stronger", "strongest"), ("weak", "weaker", "weakest")
MIGHTY = ("powerful", "more powerful", "most powerful")
LAZY, DILIGENT = (
    ("lazy", "lazier", "laziest"),
    ("hard-working", "more hard-working", "most hard-working"),
)
STRENGTHS = (*(float(v) for v in range(20, 100, 5)),) * 3 + (*(float(v) for v in range(12, 100)),)
SHARES = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9)


@cache
def shipped() -> Vocabulary:
    """The vocabulary of the tug-of-war model as it ships."""
    return load("tug_of_war").vocabulary


def world(rng: Random) -> World:
    """A tug-of-war: as shipped (six in ten), or with names, thresholds and order of its own."""
    return _shipped(rng) if rng.random() < 0.62 else _varied(rng)


def _sort(
    rng: Random, vocabulary_names: tuple[str, ...], type: str = "person", listing: str = "people"
) -> Sort:
    fresh = drawn(rng, PEOPLE, 12)
    known = tuple(n.capitalize() for n in vocabulary_names)
    pool = (
        known
        if rng.random() < 0.35 and len(known) >= 6
        else (known * 2 + fresh if rng.random() < 0.6 else fresh)
    )
    return Sort(
        type,
        listing,
        rng.choice(["player", "player", "person", "competitor", "athlete"]),
        rng.choice(
            ["players", "players", "players", "people", "competitors", "athletes", "others"]
        ),
        known,
        tuple(dict.fromkeys(pool)),
    )


def _shipped(rng: Random) -> World:
    vocabulary = shipped()
    if rng.random() < 0.5:
        extra = tuple(symbol(n) for n in rng.sample(PEOPLE, rng.randint(0, 4)))
        names = (
            extra
            if rng.random() < 0.4 and len(extra) > 1
            else (*vocabulary.entities[0].names, *extra)
        )
        sort = replace(vocabulary.entities[0], names=tuple(dict.fromkeys(names)))
        vocabulary = Vocabulary(vocabulary.entries, (sort,))
    sort = _sort(rng, vocabulary.entities[0].names)
    strength = Attribute("strength", STRONG, WEAK, ("strength",), 50, 75, 25, STRENGTHS)
    lazy = Attribute("laziness", LAZY, DILIGENT, ("laziness",), 0.5, 0.75, 0.25, SHARES)
    return World(
        vocabulary,
        ((_reworded(rng, strength), sort), (lazy, sort)),
        ((Match("won-against", "team-pull"), sort),),
        tug=True,
    )


def _reworded(rng: Random, a: Attribute) -> Attribute:
    if rng.random() < 0.07:
        return replace(a, words=MIGHTY, nouns=("power", "strength"))
    return a


def _varied(rng: Random) -> World:
    type, listing = rng.choice(
        [
            ("person", "people"),
            ("player", "players"),
            ("athlete", "athletes"),
            ("puller", "pullers"),
            ("competitor", "everyone"),
            ("human", "folk"),
        ]
    )
    names = tuple(symbol(n) for n in rng.sample(PEOPLE, rng.randint(2, 8)))
    sort = _sort(rng, names, type, listing)
    entity, roster = Entity(type), ListOf(Entity(type))
    average = rng.choice([50, 100, 10, 40, 60, 500, 30])
    high, low = average * rng.choice([1.3, 1.5, 2]), average * rng.choice([0.7, 0.5, 0.4])
    values = tuple(float(round(average * k / 10)) for k in range(5, 17, 2))
    f = rng.choice(
        [
            "strength",
            "power",
            "might",
            "muscle",
            "how-strong",
            "force-of",
            "brawn",
            "physical-strength",
        ]
    )
    line = rng.choice(
        [
            f"how strong a {type} is; the average is {number(average)}, above {number(high)} is very strong, below {number(low)} is very weak",
            f"strength of the {type}, average {number(average)}; very strong is above {number(high)}, very weak is below {number(low)}",
            f"how strong someone is: typically {number(average)}, over {number(high)} means very strong, under {number(low)} very weak",
            f"a {type}'s strength (mean {number(average)}, very strong > {number(high)}, very weak < {number(low)})",
        ]
    )
    strength = _reworded(rng, Attribute(f, STRONG, WEAK, ("strength",), average, high, low, values))
    g, wins = rng.choice(
        [
            ("laziness", LAZY),
            ("laziness", LAZY),
            ("slacking", LAZY),
            ("idleness", LAZY),
            ("how-lazy", LAZY),
        ]
    )
    top = rng.choice([0.75, 0.8, 0.6, 0.9])
    lazy_line = rng.choice(
        [
            f"how often a {type} slacks off, 0 to 1; above {top} is very lazy",
            f"chance that a {type} is lazy in a match; very lazy is above {top}",
            f"how lazy a {type} is: 0 is never, 1 is always; above {top} is very lazy",
        ]
    )
    lazy = Attribute(g, wins, DILIGENT, ("laziness",), 0.5, top, None, SHARES)
    won = rng.choice(
        ["won-against", "beat", "beats", "defeated", "won", "wins", "victory", "beat-team"]
    )
    won_line = rng.choice(
        [
            "the first team beat the second team in a match",
            "the first team wins a match against the second",
            "winners, then losers, of a match",
            "true when team one defeats team two",
        ]
    )
    pull = rng.choice(["team-pull", "pull", "team-strength", "total-pull", "effort"])
    entries = [
        Entry(f, Function((entity,), NUMBER), line),
        Entry(g, Function((entity,), NUMBER), lazy_line),
        Entry(
            pull,
            Function((roster,), NUMBER),
            rng.choice(["how hard a team pulls in a new match", "total pull of a team in a match"]),
        ),
        Entry(won, Function((roster, roster), BOOLEAN), won_line),
    ]
    keep_lazy, keep_pull = rng.random() < 0.8, rng.random() < 0.7
    entries = [e for e in entries if (keep_lazy or e.name != g) and (keep_pull or e.name != pull)]
    if rng.random() < 0.6:
        rng.shuffle(entries)
    vocabulary = Vocabulary(tuple(entries), (Entities(type, listing, names, rng.random() < 0.9),))
    if not vocabulary.entities[0].open:
        sort = replace(sort, pool=sort.names, open=False)
    attributes = ((strength, sort),) + (((lazy, sort),) if keep_lazy else ())
    return World(vocabulary, attributes, ((Match(won, pull if keep_pull else ""), sort),), tug=True)
