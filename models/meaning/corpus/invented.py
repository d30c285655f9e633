"""Worlds invented at random: sorts of things, attributes, relations and functions."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.attributes import Attribute, number
from models.meaning.corpus.clause import Clause, Predicate, Sort, quoted
from models.meaning.corpus.families import deed, fact, gift, having, kin, placed, spot
from models.meaning.corpus.family_numbers import (
    counts,
    distances,
    feelings,
    gauge,
    graded,
    moments,
    values,
)
from models.meaning.corpus.family_states import crowds, done, states
from models.meaning.corpus.invented_sorts import RESERVED, sorts_of
from models.meaning.corpus.invented_words import ADJECTIVES, PROPERTIES, ROLES, VERBS
from models.meaning.corpus.names import (
    nonce,
    symbol,
)
from models.meaning.corpus.world import Pattern, World
from plot.types import BOOLEAN, NUMBER, Entity, Function
from plot.vocabulary import Entities, Entry, Vocabulary

# What else a world may be about; each comes out as nothing where its sorts do not suit.
FAMILIES = (states, states, done, done, crowds, kin, kin, spot, spot, deed, having, placed, placed, gift, fact, fact, fact, counts, counts, graded, graded, distances, feelings, values, moments, gauge)  # fmt: skip

RICH = 0.4  # share of the worlds with many functions


def world(rng: Random) -> World:
    """A world with one or two sorts and what can be said of them, at times a good deal."""
    sorts = sorts_of(rng)
    entries: list[Entry] = []
    attributes: list[tuple[Attribute, Sort]] = []
    patterns: list[Pattern] = []
    used: set[str] = {s.type for s in sorts} | {s.listing for s in sorts}
    rich = rng.random() < RICH
    for row in rng.sample(ADJECTIVES, rng.choice([1, 2, 2, 3] if rich else [0, 1, 1, 1, 2, 3])):
        sort = rng.choice(sorts)
        attribute, meaning = _attribute(rng, row, sort)
        if attribute.function not in used:
            used.add(attribute.function)
            entries.append(
                Entry(attribute.function, Function((Entity(sort.type),), NUMBER), meaning)
            )
            attributes.append((attribute, sort))
    makers = rng.sample(
        [_relation, _relation, _property, _role],
        rng.choice([2, 3, 3, 4] if rich else [0, 0, 1, 1, 2]),
    )
    for make in makers:
        entry, pattern = make(rng, sorts)
        if entry.name not in used:
            used.add(entry.name)
            entries.append(entry)
            patterns.append(pattern)
    for make in rng.sample(FAMILIES, rng.choice([3, 4, 5, 6] if rich else [0, 1, 1, 2, 2, 3])):
        family = make(rng, sorts)
        names = {e.name for e in family.entries} if family else used
        if family is not None and not names & used and not names & RESERVED:
            used |= names
            entries += family.entries
            patterns += family.patterns
            attributes += family.attributes
    rng.shuffle(entries)
    shown = tuple(
        Entities(s.type, s.listing, tuple(symbol(n) for n in s.names), s.open) for s in sorts
    )
    return World(Vocabulary(tuple(entries), shown), tuple(attributes), (), tuple(patterns))


def _attribute(rng: Random, row: tuple[list[str], ...], sort: Sort) -> tuple[Attribute, str]:
    words, opposite, nouns = row
    if rng.random() < 0.12:  # made-up words: only the prompt says what they mean
        stem = nonce(rng)
        words, opposite, nouns = [stem + "y", stem + "ier", stem + "iest"], [], [stem + "iness"]
    function = rng.choice(
        [
            nouns[0],
            nouns[-1],
            f"how-{words[0].replace(' ', '-')}",
            f"{sort.type}-{nouns[0]}",
            nouns[0],
            f"{nouns[0]}-of",
        ]
    )
    if rng.random() < 0.06:
        function = nonce(rng) + rng.choice(["", "-level", "-score"])
    if function in RESERVED:
        function += "-of"
    scale = rng.choice([10, 10, 100, 100, 100, 1, 1000, 20, 200])
    average = scale * rng.choice([0.5, 0.4, 0.6, 0.5])
    high, low = scale * rng.choice([0.7, 0.75, 0.8, 0.9]), scale * rng.choice([0.1, 0.2, 0.25, 0.3])
    average, high, low = (round(v, 2) for v in (average, high, low))
    has_average, has_low = rng.random() < 0.75, bool(opposite) and rng.random() < 0.7
    units = (
        rng.choice(["", "", "", " points"])
        if rng.random() < 0.8
        else rng.choice([" kg", " km", " dollars", " degrees", " units"])
    )
    a, one = words[0], sort.one
    head = rng.choice(
        [
            f"how {a} a {one} is",
            f"the {nouns[0]} of a {one}",
            f"{nouns[-1]} of the {one}",
            f"how {a} the {one} is, 0 to {number(scale)}",
            f"a number from 0 to {number(scale)} for how {a} a {one} is",
        ]
    )
    parts = []
    if has_average:
        parts.append(
            rng.choice(
                [
                    f"the average is {number(average)}",
                    f"average {number(average)}",
                    f"typically {number(average)}",
                    f"the mean is {number(average)}",
                ]
            )
        )
    parts.append(
        rng.choice(
            [
                f"above {number(high)} is very {a}",
                f"very {a} is above {number(high)}",
                f"over {number(high)} means very {a}",
                f"very {a} > {number(high)}",
            ]
        )
    )
    if has_low:
        parts.append(
            rng.choice(
                [
                    f"below {number(low)} is very {opposite[0]}",
                    f"under {number(low)} is very {opposite[0]}",
                    f"very {opposite[0]} is below {number(low)}",
                ]
            )
        )
    elif opposite and rng.random() < 0.5:
        parts.append(f"the opposite is {opposite[0]}")
    meaning = head + rng.choice(["; ", ": ", ", "]) + ", ".join(parts)
    values = tuple(round(scale * k / 20, 2) for k in (3, 4, 6, 8, 9, 10, 12, 13, 15, 16, 18))
    adjective, comparative, superlative = words
    opp = (opposite[0], opposite[1], opposite[2]) if opposite and opposite[0] in meaning else ()
    return Attribute(
        function,
        (adjective, comparative, superlative),
        opp,
        tuple(nouns),
        average if has_average else None,
        high,
        low if has_low else None,
        values,
        units,
    ), meaning


def _relation(rng: Random, sorts: list[Sort]) -> tuple[Entry, Pattern]:
    past, base, third, participle = rng.choice(VERBS)
    a, b = rng.choice(sorts), rng.choice(sorts)
    present = rng.random() < 0.5
    name = rng.choice(
        [
            third if present else past,
            base,
            f"{third}?",
            past if not present else third,
            f"has-{participle}",
        ]
    )
    verb = third if present else past
    meaning = (
        rng.choice(
            [
                f"the first {a.one} {verb} the second",
                f"whether one {a.one} {verb} another",
                f"a {a.one} {verb} a {b.one}",
                f"{a.one} {verb} {b.one}",
            ]
        )
        if a is b
        else rng.choice([f"whether a {a.one} {verb} a {b.one}", f"the {a.one} {verb} the {b.one}"])
    )
    entry = Entry(name, Function((Entity(a.type), Entity(b.type)), BOOLEAN), meaning)

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        y = names[-1] if a is b else r.choice(b.pool)
        barred = (y,) if a is b else ()
        agent = next((n for n in names if n != y), names[0])
        if r.random() < 0.2:
            x = agent
            be = "is" if present else "was"
            return Clause(
                (f"{y} {be} {participle} by {x}",),
                (f"{be} {y} {participle} by {x}",),
                f"({name} {quoted(x)} {quoted(y)})",
            )
        if r.random() < 0.14 and not present:
            return perfect(r, agent, y)
        if r.random() < 0.15:
            x = names[0]
            every, e = r.choice(
                [
                    ("everyone" if b.person else f"every {b.one}", "all"),
                    (f"all the {b.many}", "all"),
                    (f"some {b.one}" if not b.person else "someone", "any"),
                    (f"at least two {b.many}", "2"),
                    (f"{r.choice(['two', 'exactly two'])} {b.many}", "=2"),
                    (f"{r.choice(['no', 'none of the'])} {b.many}", "no"),
                ]
            )
            some = f"(difference {b.listing} '({symbol(x)}))" if a is b else b.listing
            fun = f"(lambda (x) ({name} {quoted(x)} x))"
            means = {
                "2": f"(>= (count {fun} {some}) 2)",
                "=2": f"(= (count {fun} {some}) 2)",
                "no": f"(not (any {fun} {some}))",
            }.get(e, f"({e} {fun} {some})")
            if e == "no":
                return Clause((f"{x} {verb} {every}",), (), means)
            return Clause(
                (f"{x} {verb} {every}",),
                (f"{'does' if present else 'did'} {x} {base} {every}",),
                means,
            )
        return Predicate(
            lambda s: f"({name} {s} {quoted(y)})",
            past="" if present else f"{past} {y}",
            base=f"{base} {y}",
            third=f"{third} {y}" if present else "",
            barred=barred,
            strict=True,
        )

    def perfect(r: Random, x: str, y: str) -> Clause:
        one = f"({name} {quoted(x)} {quoted(y)})"
        if r.random() < 0.25 and (rest := [n for n in b.pool if n not in (x, y)]):
            z = r.choice(rest)
            two = f"({name} {quoted(x)} {quoted(z)})"
            text = r.choice(
                [f"{x} {past} {y} but not {z}", f"{x} has {participle} {y} but not {z}"]
            )
            return Clause((text,), (), f"(and {one} (not {two}))")
        if r.random() < 0.25:
            text = r.choice([f"{x} hasn't {participle} {y}", f"{x} has not {participle} {y}", f"{x} has never {participle} {y}"])  # fmt: skip
            return Clause((text,), (), f"(not {one})")
        return Clause((f"{x} has {participle} {y}",), (f"has {x} {participle} {y}",), one)

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        x = names[0]
        some = f"(difference {b.listing} '({symbol(x)}))" if a is b else b.listing
        do = "does" if present else "did"
        if r.random() < 0.3:  # from the other end
            y = names[-1] if a is b else r.choice(b.pool)
            those = f"(difference {a.listing} '({symbol(y)}))" if a is b else a.listing
            fun = f"(lambda (x) ({name} x {quoted(y)}))"
            if r.random() < 0.3:
                many = "people" if a.person and r.random() < 0.4 else a.many
                return f"how many {many} {past if not present else base} {y}", f"(count {fun} {those})"  # fmt: skip
            whom = "who" if a.person else f"which {a.one}"
            text = r.choice([f"{whom} {verb} {y}", f"{whom} {verb} {y}", f"by {'whom' if a.person else f'which {a.many}'} {'is' if present else 'was'} {y} {participle}"])  # fmt: skip
            return text, f"(filter {fun} {those})"
        if not present and r.random() < 0.3:
            return (
                f"how many {b.many} has {x} {participle}",
                f"(count (lambda (x) ({name} {quoted(x)} x)) {some})",
            )
        who = "who" if b.person else f"which {b.many}"
        if r.random() < 0.3:
            return (
                f"how many {b.many} {do} {x} {base}",
                f"(count (lambda (x) ({name} {quoted(x)} x)) {some})",
            )
        return f"{who} {do} {x} {base}", f"(filter (lambda (x) ({name} {quoted(x)} x)) {some})"

    return entry, Pattern(a, clause, question)


def _property(rng: Random, sorts: list[Sort]) -> tuple[Entry, Pattern]:
    word, sort = rng.choice(PROPERTIES), rng.choice(sorts)
    if rng.random() < 0.12:
        word = nonce(rng) + rng.choice(["ed", "ish", "ic"])
    name = rng.choice([word, f"{word}?", f"is-{word}"])
    meaning = rng.choice(
        [
            f"whether a {sort.one} is {word}",
            f"the {sort.one} is {word}",
            f"is this {sort.one} {word}?",
            f"true if the {sort.one} is {word}",
        ]
    )
    entry = Entry(name, Function((Entity(sort.type),), BOOLEAN), meaning)
    return entry, Pattern(sort, lambda r, names: Predicate(lambda s: f"({name} {s})", be=word))


def _role(rng: Random, sorts: list[Sort]) -> tuple[Entry, Pattern]:
    role, a = rng.choice(ROLES), rng.choice(sorts)
    name = rng.choice([role, f"{role}-of", role])
    b = rng.choice(sorts)
    meaning = rng.choice(
        [f"the {role} of a {a.one}", f"a {a.one}'s {role}", f"who a {a.one}'s {role} is"]
    )
    entry = Entry(name, Function((Entity(a.type),), Entity(b.type)), meaning)

    def clause(r: Random, names: list[str]) -> Predicate | Clause:
        x, y = names[0], (names[1] if a is b else r.choice(b.pool))
        X, Y = quoted(x), quoted(y)
        if r.random() < 0.25:
            z = names[2]
            return Clause(
                (f"{x} and {z} have the same {role}", f"{x} and {z} share a {role}"),
                (f"do {x} and {z} have the same {role}",),
                f"(eq? ({name} {X}) ({name} {quoted(z)}))",
            )
        says = (
            f"{y} is {x}'s {role}",
            f"{x}'s {role} is {y}",
            f"{y} is the {role} of {x}",
            f"the {role} of {x} is {y}",
        )
        if r.random() < 0.12:
            return Clause(
                (f"{y} isn't {x}'s {role}", f"{x}'s {role} is not {y}"),
                (),
                f"(not (eq? ({name} {X}) {Y}))",
            )
        return Clause(
            says,
            (f"is {y} {x}'s {role}", f"is {x}'s {role} {y}", f"is {y} the {role} of {x}"),
            f"(eq? ({name} {X}) {Y})",
        )

    def question(r: Random, names: list[str]) -> tuple[str, str]:
        who = r.choice(["who", "what"]) if not b.person else "who"
        return r.choice(
            [f"{who} is {names[0]}'s {role}", f"{who} is the {role} of {names[0]}"]
        ), f"({name} {quoted(names[0])})"

    return entry, Pattern(a, clause, question)
