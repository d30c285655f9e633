"""Clauses about numeric attributes: `Tom's strength is about 60`, `Tom is the strongest`."""

from __future__ import annotations

import random

from models.meaning.corpus.attributes import (
    Attribute,
    about,
    comparative,
    margin,
    number,
    numeric,
    vague,
)
from models.meaning.corpus.clause import Clause, Predicate, Sort, quoted, team


def noun_clause(rng: random.Random, a: Attribute, names: list[str]) -> Clause:
    """`Tom's strength is about 60`, `Tom's strength exceeds Mary's`, `the strength of Tom …`."""
    x, y = names[:2]
    n, noun = rng.choice(a.values), rng.choice(a.nouns)
    t, vx, vy = number(n) + a.units, a.of(quoted(x)), a.of(quoted(y))
    subject = rng.choice([f"{x}'s {noun}"] * 3 + [f"the {noun} of {x}"])
    lo, hi = sorted(rng.sample(a.values, 2))
    rows = [
        (f"{rng.choice(['', '', 'exactly ', 'equal to '])}{t}", f"(= {vx} {number(n)})"),
        (
            f"{rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'near', 'somewhere around'])} {t}",
            about(vx, n),
        ),
        (
            f"{rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'near', 'somewhere around'])} {t}",
            about(vx, n),
        ),
        (
            f"{rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'near', 'somewhere around'])} {t}",
            about(vx, n),
        ),
        (
            f"{rng.choice(['about', 'around', 'roughly', 'approximately', 'close to', 'near', 'somewhere around'])} {t}",
            about(vx, n),
        ),
        (
            f"{rng.choice(['above', 'over', 'more than', 'greater than', 'higher than'])} {t}",
            f"(> {vx} {number(n)})",
        ),
        (
            f"{rng.choice(['below', 'under', 'less than', 'lower than'])} {t}",
            f"(< {vx} {number(n)})",
        ),
        (f"at least {t}", f"(>= {vx} {number(n)})"),
        (f"at most {t}", f"(<= {vx} {number(n)})"),
        (
            f"between {number(lo)} and {number(hi)}{a.units}",
            f"(and (> {vx} {number(lo)}) (< {vx} {number(hi)}))",
        ),
        (f"{rng.choice(['greater', 'higher', 'more'])} than {y}'s", f"(> {vx} {vy})"),
        (f"{rng.choice(['less', 'lower', 'smaller'])} than {y}'s", f"(< {vx} {vy})"),
        (f"at least {y}'s", f"(>= {vx} {vy})"),
        (f"twice {y}'s", f"(>= {vx} (* 2 {vy}))"),
        (
            f"about the same as {y}'s",
            f"(< (abs (- {vx} {vy})) {number(margin(a.values[len(a.values) // 2]))})",
        ),
        (
            f"the {rng.choice(['highest', 'greatest'])}",
            f"(eq? (argmax (lambda (x) {a.of('x')}) LIST) {quoted(x)})",
        ),
    ]
    if a.average is not None:
        rows += [
            ("above average", f"(> {vx} {number(a.average)})"),
            ("below average", f"(< {vx} {number(a.average)})"),
            ("about average", about(vx, a.average)),
        ]
    text, means = rng.choice(rows)
    return Clause((f"{subject} is {text}",), (f"is {subject} {text}",), means)


def idiom(rng: random.Random, a: Attribute, sort: Sort, names: list[str]) -> Clause:
    """Superlatives, sums, rankings, `as strong as each other`."""
    x, y, z = names[:3]
    low = bool(a.opposite) and rng.random() < 0.3
    adj, er, est = a.opposite if low and a.opposite else a.words
    best, op = ("argmin", "<") if low else ("argmax", ">")
    X, Y, Z = (quoted(n) for n in (x, y, z))
    noun, L = rng.choice(a.nouns), sort.listing
    one, many = (
        rng.choice([sort.one, "person" if sort.person else sort.one, "one"]),
        rng.choice([sort.many, "people" if sort.person else sort.many]),
    )
    everyone = rng.choice(
        [
            "everyone",
            "everyone else",
            "everybody",
            "everybody else",
            "all the others",
            f"all the other {many}",
            f"every other {sort.one}",
        ]
        if sort.person
        else [f"all the other {sort.many}", f"every other {sort.one}", "all the others"]
    )
    anyone = (
        rng.choice(["anyone", "anyone else", "anybody else"])
        if sort.person
        else f"any other {sort.one}"
    )
    f = f"(lambda (x) {a.of('x')})"
    rest = f"(difference {L} {team([x])})"
    beats = f"(all (lambda (x) ({op} {a.of(X)} {a.of('x')})) {rest})"
    near = number(margin(a.values[len(a.values) // 2]))
    rows = [
        (f"{x} is the {est}", f"is {x} the {est}", f"(eq? ({best} {f} {L}) {X})"),
        (f"{x} is the {est} {one}", f"is {x} the {est} {one}", f"(eq? ({best} {f} {L}) {X})"),
        (f"the {est} {one} is {x}", f"is the {est} {one} {x}", f"(eq? ({best} {f} {L}) {X})"),
        (
            f"{x} is the {est} of {rng.choice([f'the {many}', 'them all', 'all', 'the bunch', 'the lot'])}",
            f"is {x} the {est} of all",
            f"(eq? ({best} {f} {L}) {X})",
        ),
        (f"{x} is not the {est}", f"isn't {x} the {est}", f"(not (eq? ({best} {f} {L}) {X}))"),
        (f"{x} is {er} than {everyone}", f"is {x} {er} than {everyone}", beats),
        (f"{x} is {er} than {everyone}", f"is {x} {er} than {everyone}", beats),
        (f"{x} is {er} than {anyone}", f"is {x} {er} than {anyone}", beats),
        (
            f"{x} is {er} than {rng.choice(['someone', 'at least one other person']) if sort.person else 'some other ' + sort.one}",
            "",
            f"(any (lambda (x) ({op} {a.of(X)} {a.of('x')})) {L})",
        ),
        (
            f"{x} is {er} than {rng.choice(['most people', f'most of the {many}', f'most {many}'])}",
            f"is {x} {er} than most {many}",
            f"(> (count (lambda (x) ({op} {a.of(X)} {a.of('x')})) {L}) (/ (length {L}) 2))",
        ),
        (
            f"{x} is {er} than at least two {many}",
            f"is {x} {er} than at least two {many}",
            f"(>= (count (lambda (x) ({op} {a.of(X)} {a.of('x')})) {L}) 2)",
        ),
        (
            f"{x} is {er} than {y} but {rng.choice(['not ' + er + ' than ' + z, 'less ' + adj + ' than ' + z])}",
            "",
            None,
        ),
        (
            f"{x} is {er} than both {y} and {z}",
            f"is {x} {er} than both {y} and {z}",
            f"(and ({op} {a.of(X)} {a.of(Y)}) ({op} {a.of(X)} {a.of(Z)}))",
        ),
        (
            f"{x} is {er} than {y} and {z}",
            f"is {x} {er} than {y} and {z}",
            f"(and ({op} {a.of(X)} {a.of(Y)}) ({op} {a.of(X)} {a.of(Z)}))",
        ),
        (
            f"{x} is {er} than {y}, who is {er} than {z}",
            "",
            f"(and ({op} {a.of(X)} {a.of(Y)}) ({op} {a.of(Y)} {a.of(Z)}))",
        ),
        (
            f"{x} is {er} than {y} and {y} is {er} than {z}",
            "",
            f"(and ({op} {a.of(X)} {a.of(Y)}) ({op} {a.of(Y)} {a.of(Z)}))",
        ),
        (
            f"{x} and {y} are {rng.choice(['equally ' + adj, 'about equally ' + adj, 'as ' + adj + ' as each other', 'similar in ' + noun])}",
            f"are {x} and {y} equally {adj}",
            f"(< (abs (- {a.of(X)} {a.of(Y)})) {near})",
        ),
        (
            f"{x} and {y} have {rng.choice(['the same', 'about the same', 'similar', 'roughly the same'])} {noun}",
            f"do {x} and {y} have the same {noun}",
            f"(< (abs (- {a.of(X)} {a.of(Y)})) {near})",
        ),
        (
            f"{x} has {rng.choice(['more', 'a higher', 'a greater'])} {noun} than {y}",
            f"does {x} have a higher {noun} than {y}",
            f"(> {a.of(X)} {a.of(Y)})",
        ),
        (
            f"{x} has {rng.choice(['less', 'a lower', 'a smaller'])} {noun} than {y}",
            f"does {x} have a lower {noun} than {y}",
            f"(< {a.of(X)} {a.of(Y)})",
        ),
        (
            f"{x} has the {rng.choice(['highest', 'most', 'greatest'])} {noun}",
            f"does {x} have the highest {noun}",
            f"(eq? (argmax {f} {L}) {X})",
        ),
        (
            f"{x} and {y} together are {er} than {z}",
            f"are {x} and {y} together {er} than {z}",
            f"({op} (+ {a.of(X)} {a.of(Y)}) {a.of(Z)})",
        ),
        (
            f"{x} is {er} than {y} and {z} {rng.choice(['combined', 'put together', 'together'])}",
            f"is {x} {er} than {y} and {z} combined",
            f"({op} {a.of(X)} (+ {a.of(Y)} {a.of(Z)}))",
        ),
        (
            f"{rng.choice(['no one', 'nobody']) if sort.person else 'no other ' + sort.one} is {er} than {x}",
            "",
            f"(not (any (lambda (x) ({op} {a.of('x')} {a.of(X)})) {L}))",
        ),
        (
            f"{rng.choice(['no one', 'nobody']) if sort.person else 'no other ' + sort.one} is as {adj} as {x}",
            "",
            f"(not (any (lambda (x) ({op}= {a.of('x')} {a.of(X)})) {rest}))",
        ),
        (f"compared to {y}, {x} is {er}", "", f"({op} {a.of(X)} {a.of(Y)})"),
        (f"of {x} and {y}, {x} is the {er} one", "", f"({op} {a.of(X)} {a.of(Y)})"),
        (
            f"{x} is {rng.choice(['not nearly', 'nowhere near'])} as {adj} as {y}",
            "",
            f"({'>' if low else '<'} {a.of(X)} {a.of(Y)})",
        ),
        (
            f"{x} outranks {y} in {noun}",
            f"does {x} outrank {y} in {noun}",
            f"(> {a.of(X)} {a.of(Y)})",
        ),
        (
            f"there is a difference of {near} between {x} and {y} in {noun}",
            "",
            f"(= (abs (- {a.of(X)} {a.of(Y)})) {near})",
        ),
    ]
    say, ask, means = rng.choice(rows)
    if means is None:
        third = (
            f"(not ({op} {a.of(X)} {a.of(Z)}))"
            if "but not" in say
            else f"({'>' if low else '<'} {a.of(X)} {a.of(Z)})"
        )
        means = f"(and ({op} {a.of(X)} {a.of(Y)}) {third})"
    return Clause((say,), (ask,) if ask else (), means)


def clause(rng: random.Random, a: Attribute, sort: Sort, names: list[str]) -> Predicate | Clause:
    """Something to say with an attribute."""
    roll = rng.random()
    if roll < 0.28:
        made = vague(rng, a)
        if made is not None:
            return made
    if roll < 0.62:
        return comparative(rng, a, names[-1], sort)
    if roll < 0.68:
        return numeric(rng, a)
    if roll < 0.8:
        made_clause = noun_clause(rng, a, names)
        return Clause(
            made_clause.says, made_clause.asks, made_clause.means.replace("LIST", sort.listing)
        )
    return idiom(rng, a, sort, names)
