"""Agents and lunch: pairs about the world as it ships, and about others like it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from random import Random

from models.meaning.corpus import attributes, invented
from models.meaning.corpus.clause import Clause, Sort
from models.meaning.corpus.framing import ask, case, mark, state
from models.meaning.corpus.lunch_campus import Campus, names_of
from models.meaning.corpus.lunch_clauses import say
from models.meaning.corpus.lunch_questions import question
from models.meaning.corpus.lunch_words import DISHES, NAMED_STREETS, STREETS, Place, Way
from models.meaning.corpus.names import PEOPLE, drawn, symbol
from models.meaning.corpus.offtopic import offtopic
from models.worlds import load
from plot.types import Entity, Function, ListOf, Type
from plot.vocabulary import Entities, Entry, Vocabulary

UNCLEAR = "(unclear)"
KEEP = ("liking", "open?", "goes-to?", "destination")  # what every variant has
OTHER_NAMES = {
    "liking": ("enjoyment", "taste", "preference", "likes", "how-much-likes"),
    "open?": ("is-open?", "serves-today?", "open-today?"),
    "has-bike?": ("owns-bike?", "bike-owner?", "cyclist?"),
    "informed?": ("knows-open?", "knows-what-is-open?"),
    "saw?": ("watched?", "observed?"),
    "thinks-open": ("belief-open", "sure-open", "credence-open"),
    "destination": ("goal", "lunch-place", "target"),
    "goes-to?": ("visits?", "heads-for?", "goes?"),
    "stays-in?": ("stays?", "skips-lunch?"),
    "eats-at?": ("has-lunch-at?", "eats?"),
    "walks?": ("on-foot?", "walks-along?"),
    "bikes?": ("by-bike?", "cycles?"),
    "heads?": ("moves-toward?", "toward?"),
    "follows?": ("goes-after?", "copies?"),
    "thinks-likes": ("guess-likes", "judges-likes"),
}
OTHER_LINES = {
    "open?": ("the place serves lunch today", "whether it is open", "true when not closed"),
    "has-bike?": ("has a bike", "whether the person owns a bike"),
    "informed?": ("is aware of what is open", "whether the person knows what is open"),
    "goes-to?": ("sets out for the place", "chooses the place for lunch"),
    "stays-in?": ("stays at the office", "goes nowhere"),
    "destination": ("the place that a person chooses for lunch", "where the person is going"),
    "eats-at?": ("has lunch there", "gets there and it is open"),
    "saw?": ("the first watched the second leave", "watcher, then the one who was seen"),
    "follows?": ("the first copies where the second goes", "follower, then leader"),
}


@cache
def shipped() -> Vocabulary:
    """The vocabulary of the lunch model as it ships."""
    return load("lunch").vocabulary


def group(rng: Random, many: int = 0) -> tuple[Vocabulary, list[tuple[str, str]]]:
    """`many` pairs (0: seven to twelve) about one lunch world; about one in ten is about something else.

    >>> from random import Random
    >>> vocabulary, pairs = group(Random(0))
    >>> 7 <= len(pairs) <= 12
    True
    """
    campus = _shipped(rng) if rng.random() < 0.6 else _varied(rng)
    return campus.vocabulary, [pair(rng, campus) for _ in range(many or rng.randint(7, 12))]


def pair(rng: Random, campus: Campus) -> tuple[str, str]:
    """A sentence and its fragment."""
    roll = rng.random()
    if roll < 0.095:
        return case(rng, _unclear(rng, campus)), UNCLEAR
    if roll < 0.57:
        clause = say(rng, campus)
        if rng.random() < 0.1:
            clause = _two(rng, clause, say(rng, campus))
        return state(rng, clause), f"(condition {clause.means})"
    if roll < 0.76:
        clause = say(rng, campus)
        return ask(rng, clause), f"(query {clause.means})"
    text, means = question(rng, campus)
    return mark(rng, text), f"(query {means})"


def _two(rng: Random, a: Clause, b: Clause) -> Clause:
    joiner = rng.choice([" and ", ", and ", " but ", ", but ", "; ", ", while ", ". "])
    parts = [m[5:-1] if m.startswith("(and ") else m for m in (a.means, b.means)]
    return Clause(
        (rng.choice(a.says) + joiner + rng.choice(b.says),), (), f"(and {' '.join(parts)})"
    )


def _unclear(rng: Random, campus: Campus) -> str:
    names = names_of(rng, campus.person)
    if rng.random() < 0.3:
        place, n = rng.choice(campus.places).called(rng), names[0]
        return rng.choice(NEAR).format(n=n, m=names[1], p=place, k=rng.randint(2, 40))
    if rng.random() < 0.2:
        world = invented.world(rng)
        if world.attributes:
            a, _ = rng.choice(world.attributes)
            made = attributes.vague(rng, a)
            if made is not None and made.be:
                return f"{names[0]} is {made.be}."
    return offtopic(rng, names[:2], about=rng.random() < 0.5)


# With names and places of the world, but about what it has no words for.
NEAR = (
    "The waiter at {p} is rude.",
    "{n} left a tip of {k} dollars.",
    "How expensive is {p}?",
    "{p} was opened {k} years ago.",
    "{n}'s bike is red.",
    "{n} sold a car to {m}.",
    "{n} married {m}.",
    "{n} works at {p}.",
    "Does {p} take credit cards?",
    "{n} is {k} years old.",
    "The office has {k} windows.",
    "{n} is taller than {m}.",
    "How long is the line at {p}?",
    "{n} has a red car.",
    "{n} likes {m}.",
    "{n} is allergic to cats.",
    "The street is {k} metres long.",
    "{n} fell off the roof.",
    "{n} plays the guitar for {m}.",
    "What time is it at {p}?",
    "{n} lives near {p}.",
    "Who owns {p}?",
    "{n} drove a truck to the airport.",
    "{n} forgot {m}'s birthday.",
    "{n} is stronger than {m}.",
    "The lawn is green.",
    "How much does a meal at {p} cost?",
    "{n} paid for {m}.",
    "{n} cooked dinner for {m}.",
    "Is {n} hungry?",
    "{n} read a book on the lawn.",
    "{n} swims north.",
    "The mayor closed a bridge.",
    "{n} is {m}'s boss.",
)


def _person(rng: Random, sort: Entities) -> Sort:
    known = tuple(n.capitalize() for n in sort.names)
    fresh = drawn(rng, PEOPLE, 8)
    pool = (known * 2 + fresh) if rng.random() < 0.7 else fresh
    if not sort.open:
        pool = known
    one, many = rng.choice([("person", "people")] * 3 + [("colleague", "colleagues")])
    return Sort(sort.type, sort.listing, one, many, known, pool, True, sort.open)


def _place(rng: Random, sort: Entities) -> Sort:
    names = tuple(f"the {n} place" for n in sort.names)
    one, many = rng.choice([("place", "places")] * 2 + [("restaurant", "restaurants")])
    return Sort(sort.type, sort.listing, one, many, names, names, False, False)


def _campus(rng: Random, vocabulary: Vocabulary, **more: object) -> Campus:
    people, places, ways, directions = vocabulary.entities
    return Campus(
        vocabulary,
        _person(rng, people),
        _place(rng, places),
        tuple(Place(n) for n in places.names),
        tuple(Way(n) for n in ways.names),
        directions.names,
        **more,  # type: ignore[arg-type]
    )


def _people(rng: Random, most: int) -> tuple[str, ...]:
    return tuple(symbol(n) for n in drawn(rng, PEOPLE, rng.randint(1, most)))


def _shipped(rng: Random) -> Campus:
    vocabulary = shipped()
    if rng.random() < 0.5:
        people, *others = vocabulary.entities
        extra = _people(rng, 4)
        names = extra if rng.random() < 0.4 else (*people.names, *extra)
        people = replace(people, names=tuple(dict.fromkeys(names)))
        vocabulary = Vocabulary(vocabulary.entries, (people, *others))
    return _campus(rng, vocabulary)


def _varied(rng: Random) -> Campus:
    people, places, ways, directions = shipped().entities
    types = _types(rng)
    people = replace(people, names=_people(rng, 5), open=rng.random() < 0.85)
    if len(people.names) < 2:
        people = replace(people, open=True)
    if rng.random() < 0.6:
        places = replace(places, names=tuple(rng.sample(DISHES, rng.randint(2, 4))))
    if rng.random() < 0.4:
        streets = rng.sample(NAMED_STREETS, rng.randint(2, 4))
        ways = replace(ways, names=(*streets, "lawn"))
    elif rng.random() < 0.3:
        ways = replace(ways, names=tuple(rng.sample((*STREETS, "lawn"), 5)))
    names = {f: rng.choice(others) for f, others in OTHER_NAMES.items() if rng.random() < 0.4}
    loves = rng.choice(["10", "10", "12", "8", "5", "20", "3"])
    spoken: list[Entry] = []
    for entry in shipped().entries:
        if entry.name not in KEEP and rng.random() < 0.12:
            continue
        line = _line(rng, entry, loves)
        spoken.append(Entry(names.get(entry.name, entry.name), _retyped(entry.type, types), line))
    if rng.random() < 0.5:
        rng.shuffle(spoken)
    sorts = tuple(
        replace(s, type=types[s.type], listing=_listing(s, types))
        for s in (people, places, ways, directions)
    )
    vocabulary = Vocabulary(tuple(spoken), sorts)
    return _campus(rng, vocabulary, names=names, loves=loves, hates=f"-{loves}")


def _types(rng: Random) -> dict[str, str]:
    """What entity types are called, by what they are called in the world as it ships."""
    if rng.random() < 0.5:
        return {t: t for t in ("person", "place", "way", "direction")}
    return {
        "person": rng.choice(["person", "agent", "colleague", "walker"]),
        "place": rng.choice(["place", "restaurant", "eatery"]),
        "way": rng.choice(["way", "street", "path"]),
        "direction": rng.choice(["direction", "heading"]),
    }


def _listing(sort: Entities, types: dict[str, str]) -> str:
    new = types[sort.type]
    return sort.listing if new == sort.type else {"eatery": "eateries"}.get(new, f"{new}s")


def _line(rng: Random, entry: Entry, loves: str) -> str:
    if entry.name == "liking":
        return rng.choice(
            [
                entry.meaning.replace("10", loves),
                f"liking of the food: likes and fine with > 0, loves and likes a lot > {loves}, "
                f"dislikes < 0, hates < -{loves}",
                f"how much someone likes what is served: above 0 likes it, above {loves} loves it or "
                f"likes it a lot, below 0 dislikes it, below -{loves} hates it",
            ]
        )
    if rng.random() < 0.4 and entry.name in OTHER_LINES:
        return rng.choice(OTHER_LINES[entry.name])
    return entry.meaning


def _retyped(kind: Type, types: dict[str, str]) -> Type:
    if isinstance(kind, Entity):
        return Entity(types[kind.name])
    if isinstance(kind, ListOf):
        return ListOf(_retyped(kind.element, types))
    if isinstance(kind, Function):
        again: Callable[[Type], Type] = lambda t: _retyped(t, types)  # noqa: E731
        return Function(
            tuple(map(again, kind.parameters)), again(kind.result), tuple(map(again, kind.optional))
        )
    return kind
