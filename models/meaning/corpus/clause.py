"""Clauses and predicates: English forms side by side with what they mean.

A predicate says something of a subject (`is stronger than Tom`, `beat Tom`); with a subject
(a name, two names, a quantifier) it makes a clause, and a clause makes statements and questions.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from models.meaning.corpus.names import symbol


@dataclass(frozen=True)
class Sort:
    """An entity type as English sees it.

    Args:
      type, listing: its symbols in the vocabulary.
      one, many: nouns, `player` and `players`.
      names: displayed names that the prompt lists.
      pool: displayed names that a sentence may use.
      person: whether `who` and `everyone` fit.
      article: how a name stands in a sentence: `Tom`, `the vase`, `the red door`.
    """

    type: str
    listing: str
    one: str
    many: str
    names: tuple[str, ...]
    pool: tuple[str, ...]
    person: bool = True
    open: bool = True
    article: str = "{}"


@dataclass(frozen=True)
class Clause:
    """A boolean clause.

    Args:
      says: declarative forms without a full stop.
      asks: polar questions without a question mark.
      means: the boolean expression.
    """

    says: tuple[str, ...]
    asks: tuple[str, ...]
    means: str


@dataclass(frozen=True)
class Predicate:
    """What can be said of a subject.

    Args:
      means: from the subject's expression (a list for teams) to a boolean expression.
      be: what follows is or are, for adjectives.
      past, base, third: the forms of a verb phrase, for verbs.
      modal: whether `would`, `will` and `can` fit.
      barred: symbols that a quantified subject leaves out.
      strict: whether every quantifier leaves them out, or only `all`.
      team: whether the subject is a team.
    """

    means: Callable[[str], str]
    be: str = ""
    past: str = ""
    base: str = ""
    third: str = ""
    modal: bool = False
    barred: tuple[str, ...] = ()
    strict: bool = False
    team: bool = False
    vague: bool = field(default=False)


def joined(rng: random.Random, a: Predicate, b: Predicate) -> Predicate:
    """Two adjectives of one subject: `strong but lazy`."""
    word = rng.choice(["and", "and", "but", "but", "yet", "but also"])
    text = f"both {a.be} and {b.be}" if rng.random() < 0.12 else f"{a.be} {word} {b.be}"
    return Predicate(
        lambda s: f"(and {a.means(s)} {b.means(s)})",
        be=text,
        barred=tuple(dict.fromkeys((*a.barred, *b.barred))),
    )


def quoted(display: str) -> str:
    """The quoted symbol of a name: `'tom`."""
    return "'" + symbol(display)


def team(names: Sequence[str]) -> str:
    """A quoted list of names: `'(tom mary)`."""
    return "'(" + " ".join(symbol(n) for n in names) + ")"


def conjoin(names: Sequence[str], word: str = "and") -> str:
    """Names in a row: `Tom, Mary and Sue`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def listing(rng: random.Random, names: Sequence[str], word: str = "and") -> str:
    """Names in a row, at times with a serial comma."""
    if len(names) > 2 and rng.random() < 0.4:
        return f"{', '.join(names[:-1])}, {word} {names[-1]}"
    return conjoin(names, word)


def all_of(parts: Sequence[str], word: str = "and") -> str:
    """The conjunction (or disjunction) of expressions; one alone stays as it is."""
    return parts[0] if len(parts) == 1 else f"({word} {' '.join(parts)})"


def _people(sort: Sort, barred: Sequence[str]) -> str:
    return f"(difference {sort.listing} {team(barred)})" if barred else sort.listing


def _verb(rng: random.Random, p: Predicate, plural: bool) -> tuple[str, str]:
    """The positive and the negative verb phrase of a predicate."""
    if p.be:
        be = "are" if plural else "is"
        extra = (
            ""
            if rng.random() < 0.8
            else rng.choice(["definitely ", "clearly ", "certainly ", "really ", "actually "])
        )
        roll = rng.random()
        if roll < 0.06:
            seem = rng.choice(["seem", "look", "appear"])
            return (
                f"{seem if plural else seem + 's'} {p.be}",
                f"{'do' if plural else 'does'} not {seem} {p.be}",
            )
        if roll < 0.1:
            return f"must be {p.be}", f"can't be {p.be}"
        not_ = rng.choice([f"{be}n't", f"{be} not"])
        return f"{be} {extra}{p.be}", f"{not_} {p.be}"
    if p.past and not (p.third and rng.random() < 0.2):
        not_ = rng.choice(
            ["didn't", "did not", "failed to", "didn't manage to", "never"]
            if p.modal
            else ["didn't", "did not"]
        )
        done = p.past
        if plural and done.startswith("was "):
            done = "were" + done[3:]
        if p.modal and rng.random() < 0.12:
            done = f"{rng.choice(['managed to', 'will', 'would', 'can', 'would always', 'is able to' if not plural else 'are able to'])} {p.base}"
        return done, (f"never {p.past}" if not_ == "never" else f"{not_} {p.base}")
    if plural:
        return p.base, rng.choice(["don't ", "do not "]) + p.base
    return p.third or p.past, rng.choice(["doesn't ", "does not "]) + p.base


def _asks(rng: random.Random, p: Predicate, subject: str, plural: bool) -> tuple[str, ...]:
    if p.be:
        out = [f"{'are' if plural else 'is'} {subject} {p.be}"] * 3
        return (
            *out,
            f"would you say {subject} {'are' if plural else 'is'} {p.be}",
            f"{subject} {'are' if plural else 'is'} {p.be}, right",
        )
    forms = []
    if p.past:
        forms += [f"did {subject} {p.base}"] * 2
    elif p.third:
        forms += [f"{'do' if plural else 'does'} {subject} {p.base}"] * 3
    if p.modal:
        forms += [f"would {subject} {p.base}"] * 3 + [
            f"will {subject} {p.base}",
            f"can {subject} {p.base}",
            f"could {subject} {p.base}",
        ]
        forms += [
            f"{'are' if plural else 'is'} {subject} likely to {p.base}",
            f"{'are' if plural else 'is'} {subject} going to {p.base}",
        ]
    return tuple(forms)


def named(
    rng: random.Random, p: Predicate, names: Sequence[str], sort: Sort | None = None
) -> Clause:
    """A predicate said of one or more names."""
    plural = len(names) > 1
    subject = listing(rng, names)
    if p.team:
        means = p.means(team(names))
    else:
        means = all_of([p.means(quoted(n)) for n in names])
        if plural and rng.random() < 0.5:
            subject = f"both {subject}" if len(names) == 2 else subject
    yes, no = _verb(rng, p, plural)
    if not p.team and sort is not None and rng.random() < 0.03:
        one = p.means(quoted(names[0]))
        only = f"(= (count (lambda (x) {p.means('x')}) {sort.listing}) 1)"
        yes, _ = _verb(rng, p, False)
        return Clause(
            (f"only {names[0]} {yes}",),
            _asks(rng, p, f"only {names[0]}", False),
            f"(and {one} {only})",
        )
    if not p.team and plural:
        if rng.random() < 0.25:  # neither … nor
            yes1, _ = _verb(rng, p, False)
            pair = " nor ".join(names[:2])
            both = f"(and {' '.join(f'(not {p.means(quoted(n))})' for n in names[:2])})"
            return Clause((f"neither {pair} {yes1}",), (), both)
        if rng.random() < 0.2:
            yes1, _ = _verb(rng, p, False)
            either = f"(or {' '.join(p.means(quoted(n)) for n in names[:2])})"
            return Clause(
                (f"either {names[0]} or {names[1]} {yes1}", f"{names[0]} or {names[1]} {yes1}"),
                _asks(rng, p, f"{names[0]} or {names[1]}", False),
                either,
            )
        return Clause((f"{subject} {yes}", f"{subject} {yes}"), _asks(rng, p, subject, True), means)
    if rng.random() < 0.14 and not p.be.startswith(("not ", "no ")):
        return Clause((f"{subject} {no}",), (), f"(not {means})")
    says = [f"{subject} {yes}"]
    if p.be and not plural and rng.random() < 0.1:
        says = [f"{subject}'s {p.be}"]
    return Clause(tuple(says), _asks(rng, p, subject, plural), means)


WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def quantified(rng: random.Random, p: Predicate, sort: Sort) -> Clause:
    """A predicate said of everyone, someone, nobody, most, at least two …"""
    who = sort.person
    arg = "(list x)" if p.team else "x"
    fun = f"(lambda (x) {p.means(arg)})"
    every = _people(sort, p.barred)
    some = every if p.strict else sort.listing
    rng.choice(["", "of the "])
    many = rng.choice(
        [
            sort.many,
            "people" if who else sort.many,
            "players" if who and sort.type == "person" else sort.many,
        ]
    )
    kind = rng.choice(
        [
            "all",
            "all",
            "all",
            "all",
            "any",
            "none",
            "atleast",
            "atleast",
            "couple",
            "couple",
            "most",
            "exact",
            "notall",
            "atmost",
        ]
    )
    k = rng.choice([2, 2, 3, 3, 4])
    word = WORDS[k] if rng.random() < 0.8 else str(k)
    ofmany = rng.choice([many, f"of the {many}", "of them"] if who else [many, f"of the {many}"])
    sing, plur = [], []
    if kind == "all" and rng.random() < 0.25:
        free = [n for n in sort.pool if n not in p.barred] or list(sort.pool)
        out = rng.sample(free, min(len(free), rng.choice([1, 1, 1, 2])))
        but = f"{rng.choice(['except', 'but', 'except for', 'other than', 'apart from'])} {conjoin(out)}"
        sing = [f"every {sort.one} {but}"] + (
            [f"everyone {but}", f"everybody {but}"] * 2 if who else []
        )
        plur = [f"all the {many} {but}", f"all {many} {but}"]
        means = f"(all {fun} {_people(sort, list(dict.fromkeys([*p.barred, *out])))})"
    elif kind == "all":
        sing = [f"every {sort.one}", f"each {sort.one}", f"every single {sort.one}"] + (
            ["everyone", "everybody", "everyone else", "everybody else"] * 2
            if who
            else ["everything"]
        )
        plur = [
            f"all {many}",
            f"all the {many}",
            f"all of the {many}",
            f"all the other {many}",
            f"the other {many} all",
        ]
        means = f"(all {fun} {every})"
    elif kind == "any":
        sing = [
            f"some {sort.one}",
            f"at least one {sort.one}",
            f"at least one of the {many}",
            f"one of the {many}",
            f"there is a {sort.one} who" if who else f"there is a {sort.one} that",
        ] + (["someone", "somebody", "at least one person"] if who else ["something"])
        means = f"(any {fun} {some})"
    elif kind == "none":
        sing = [f"no {sort.one}", f"not a single {sort.one}", f"none of the {many}"] + (
            ["nobody", "no one", "nobody else", "no one"] if who else ["nothing"]
        )
        means = f"(not (any {fun} {some}))"
    elif kind == "couple":
        plur = [
            f"a couple of {many}",
            f"a couple of the {many}",
            f"a couple of the {many}",
            f"a couple {many}",
            "a couple of them",
        ]
        means = f"(>= (count {fun} {some}) 2)"
    elif kind == "atleast":
        if rng.random() < 0.3:
            k, word = 3, rng.choice(["several", "a few", "quite a few"])
            plur = [f"{word} {many}", f"{word} of the {many}"]
        else:
            plur = [
                f"at least {word} {ofmany}",
                f"{word} or more {ofmany}",
                f"no fewer than {word} {ofmany}",
                f"{word} {ofmany}",
                f"more than {WORDS.get(k - 1, 'one')} {ofmany}",
            ]
        means = f"(>= (count {fun} {some}) {k})"
    elif kind == "exact":
        if rng.random() < 0.4:
            k = 1
            sing = [
                f"exactly one {sort.one}",
                f"only one {sort.one}",
                f"only one of the {many}",
                f"just one {sort.one}",
            ]
        else:
            plur = [f"exactly {word} {ofmany}", f"only {word} {ofmany}", f"just {word} {ofmany}"]
        means = f"(= (count {fun} {some}) {k})"
    elif kind == "atmost":
        plur = [
            f"at most {word} {ofmany}",
            f"no more than {word} {ofmany}",
            f"{word} or fewer {ofmany}",
        ]
        means = f"(<= (count {fun} {some}) {k})"
    elif kind == "most":
        if rng.random() < 0.3:
            plur = [f"half the {many}", f"at least half of the {many}", f"half of the {many}"]
            means = f"(>= (count {fun} {some}) (/ (length {some}) 2))"
        else:
            plur = [
                f"most {many}",
                f"most of the {many}",
                f"the majority of the {many}",
                f"more than half of the {many}",
                "most of them",
            ]
            means = f"(> (count {fun} {some}) (/ (length {some}) 2))"
    else:
        sing = [f"not every {sort.one}"] + (["not everyone", "not everybody"] if who else [])
        plur = [f"not all {many}", f"not all the {many}", f"not all of the {many}"]
        means = f"(not (all {fun} {every}))"
    plural = bool(plur) and (not sing or rng.random() < 0.5)
    subject = rng.choice(plur if plural else sing)
    yes, _ = _verb(rng, p, plural)
    asks = _asks(rng, p, subject, plural)
    if subject.startswith("there is"):
        asks = (f"is {subject[3:].replace('is ', 'there ', 1).strip()} {yes}",)
    if kind == "any":
        anyone = (
            rng.choice(["anyone", "anybody", f"any {sort.one}", f"any of the {many}"])
            if who
            else f"any {sort.one}"
        )
        asks = (
            *_asks(rng, p, anyone, False),
            f"is there {anyone} {'who' if who else 'that'} {yes}"
            if "any of" not in anyone
            else f"{'do' if not p.be else 'are'} any of the {many} {p.be or p.base}",
        )
    elif kind in ("none", "notall", "couple"):
        asks = asks[:1]
    return Clause((f"{subject} {yes}",), asks, means)


def restricted(rng: random.Random, p: Predicate, q: Predicate, sort: Sort) -> Clause:
    """One predicate said of those of whom another holds: `everyone who has a car is rich`."""
    fp, fq = p.means("x"), q.means("x")
    both = _joint(fp, fq)
    who = "who" if sort.person else rng.choice(["that", "which"])
    (p1, _), (pm, _) = _verb(rng, p, False), _verb(rng, p, True)
    (q1, _), (qm, _) = _verb(rng, q, False), _verb(rng, q, True)
    one, many, L = sort.one, sort.many, sort.listing
    every = f"(all (lambda (x) (or (not {fp}) {fq})) {L})"
    some = f"(any (lambda (x) {both}) {L})"
    count = f"(count (lambda (x) {both}) {L})"
    k = rng.choice([1, 2, 2, 3])
    of = f"of the {many} {who} {pm}"
    rows = [
        (f"every {one} {who} {p1} {q1}", every),
        (f"all {many} {who} {pm} {qm}", every),
        (f"{f'everyone who {p1}' if sort.person else f'each {one} {who} {p1}'} {q1}", every),
        (f"all the {many} {who} {pm} {qm}", every),
        (f"no {one} {who} {p1} {q1}", f"(not {some})"),
        (f"{f'nobody who {p1}' if sort.person else f'no {one} {who} {p1}'} {q1}", f"(not {some})"),
        (f"some {one} {who} {p1} {q1}", some),
        (f"there is a {one} {who} {p1} and {who} {q1}", some),
        (f"at least one {of} {q1}", some),
        (f"{'exactly ' if k == 1 else ''}{ {1: 'one', 2: 'two', 3: 'three'}[k]} {of} {q1 if k == 1 else qm}", f"(= {count} {k})"),
        (f"at least two {of} {qm}", f"(>= {count} 2)"),
    ]  # fmt: skip
    text, means = rng.choice(rows)
    return Clause(
        (text.replace(" must be ", " are " if f" {many} " in text else " is "),), (), means
    )


def _joint(*parts: str) -> str:
    """A conjunction without conjunctions in it."""
    flat = [m[5:-1] if m.startswith("(and ") else m for m in parts]
    return f"(and {' '.join(flat)})"


def of_those(rng: random.Random, p: Predicate, q: Predicate, sort: Sort) -> tuple[str, str]:
    """A question about those of whom two things hold: text and expression."""
    fun = f"(lambda (x) {_joint(p.means('x'), q.means('x'))})"
    who = "who" if sort.person else "that"
    pm, qm = _verb(rng, p, True)[0], _verb(rng, q, True)[0]
    many, count = sort.many, rng.random() < 0.5
    lead = "how many" if count else "which"
    rows = [f"{lead} of the {many} {who} {pm} {qm}", f"{lead} {many} {who} {pm} {qm}", f"{lead} {many} {pm} and {qm}"]  # fmt: skip
    text = rng.choice(rows).replace(" must be ", " are ")
    return text, f"({'count' if count else 'filter'} {fun} {sort.listing})"


def wh(rng: random.Random, p: Predicate, sort: Sort) -> tuple[str, str]:
    """A question with who, which or how many about a predicate: text and expression."""
    arg = "(list x)" if p.team else "x"
    some = _people(sort, p.barred) if p.strict else sort.listing
    fun = f"(lambda (x) {p.means(arg)})"
    sing, _ = _verb(rng, p, False)
    plur, _ = _verb(rng, p, True)
    if not p.be and p.modal and rng.random() < 0.5:
        modal = rng.choice(["would", "could", "can", "will"])
        sing = plur = f"{modal} {p.base}"
    many = rng.choice([sort.many, "people" if sort.person else sort.many])
    if rng.random() < 0.5:
        text = rng.choice(
            [
                f"how many {many} {plur}",
                f"how many of the {many} {plur}",
                f"what number of {many} {plur}",
                f"count the {many} {'who' if sort.person else 'that'} {plur}",
            ]
        )
        return text, f"(count {fun} {some})"
    who = (
        [f"who {sing}", f"who all {sing}", f"who {sing}", f"who here {sing}"]
        if sort.person
        else [f"which {many} {plur}"]
    )
    text = rng.choice(
        [
            *who,
            f"which {many} {plur}",
            f"which of the {many} {plur}",
            f"list the {many} {'who' if sort.person else 'that'} {plur}",
        ]
    )
    return text, f"(filter {fun} {some})"
