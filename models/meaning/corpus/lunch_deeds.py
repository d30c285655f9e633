"""Where people go for lunch, how they move, whom they watch; and what is open."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from models.meaning.corpus import lunch_words as words
from models.meaning.corpus.clause import Clause, Predicate, all_of, quantified, quoted
from models.meaning.corpus.lunch_campus import Campus, inner_variable, listing_of, verb_phrase
from models.meaning.corpus.lunch_minds import liking
from models.meaning.corpus.lunch_words import heading


def going(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """Where someone goes, eats, or that they stay."""
    place = rng.choice(c.places)
    p = place.called(rng)
    roll = rng.random()
    if roll < 0.5 and c.has("goes-to?"):

        def goes(s: str) -> str:
            return c.call("goes-to?", s, place.means)

        if rng.random() < 0.3:
            return Predicate(goes, be=rng.choice(words.GOING).format(p=p))
        forms = rng.choice(words.GOES)
        return verb_phrase(rng, tuple(f.format(p=p) for f in forms), goes)  # type: ignore[arg-type]
    if roll < 0.72 and c.has("eats-at?"):
        forms = rng.choice(words.EATS)
        return verb_phrase(
            rng,
            tuple(f.format(p=p) for f in forms),  # type: ignore[arg-type]
            lambda s: c.call("eats-at?", s, place.means),
        )
    if c.has("stays-in?") and roll < 0.92:
        return verb_phrase(rng, rng.choice(words.STAYS), lambda s: c.call("stays-in?", s), False)
    if c.has("stays-in?"):
        return verb_phrase(
            rng, rng.choice(words.LEAVES), lambda s: f"(not {c.call('stays-in?', s)})", False
        )
    return liking(rng, c, others)


def moving(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """How and which way someone moves."""
    roll = rng.random()
    if roll < 0.16 and c.has("heads?"):
        d = rng.choice(c.directions)
        where = heading(rng, d)

        def heads(s: str) -> str:
            return c.call("heads?", s, f"'{d}")

        if rng.random() < 0.3:
            return Predicate(heads, be=f"{rng.choice(words.MOVING)} {where}")
        return moved(rng, rng.choice(words.ANYHOW), where, heads)
    on_foot = rng.random() < 0.5 if c.has("walks?", "bikes?") else c.has("walks?")
    function, table = ("walks?", words.ON_FOOT) if on_foot else ("bikes?", words.BY_BIKE)
    progressive = words.WALKING if on_foot else words.BIKING
    way = rng.choice(c.ways + tuple(w for w in c.ways if w.is_lawn))
    d = way.direction(rng, c.directions)
    kind = rng.choice(["way"] * 6 + ["both"] * 6 + ["alone"] * 2 + ["direction"] * 2)
    if kind == "alone":
        arguments, where = [], rng.choice(["", "", "", " to lunch"])
        where = where.strip()
    elif kind == "way":
        arguments, where = [way.means], way.along(rng)
    elif kind == "both":
        arguments = [way.means, f"'{d}"]
        parts = [heading(rng, d), way.along(rng)]
        if rng.random() < 0.25:
            parts.reverse()
        where = " ".join(parts)
    else:
        where = heading(rng, d)

        def some(s: str) -> str:
            v = inner_variable(s)
            inside = c.call(function, s, v, f"'{d}")
            return f"(any (lambda ({v}) {inside}) {listing_of(c, 'way')})"

        if rng.random() < 0.3:
            return Predicate(some, be=f"{rng.choice(progressive)} {where}")
        return moved(rng, rng.choice(table), where, some)

    def means(s: str) -> str:
        return c.call(function, s, *arguments)

    if way.is_lawn and kind == "way" and rng.random() < 0.3 and on_foot:
        forms = rng.choice(
            [
                ("crossed {w} on foot", "cross {w} on foot", "crosses {w} on foot"),
                ("crossed {w} walking", "cross {w} walking", "crosses {w} walking"),
            ]
        )
        w = way.called(rng)
        return verb_phrase(rng, tuple(f.format(w=w) for f in forms), means, False)  # type: ignore[arg-type]
    if rng.random() < 0.3:
        return Predicate(means, be=f"{rng.choice(progressive)} {where}".strip())
    return moved(rng, rng.choice(table), where, means)


def moved(
    rng: Random, forms: tuple[str, str, str], where: str, means: Callable[[str], str]
) -> Predicate:
    if "on foot" in forms[0] or "by bike" in forms[0]:
        past, base, third = forms  # `went east on foot`
        verb = [f.split(" ", 1) for f in (past, base, third)]
        forms = tuple(f"{v} {where} {rest}" if where else f"{v} {rest}" for v, rest in verb)  # type: ignore[assignment]
        return verb_phrase(rng, forms, means, False)
    spoken = tuple(f"{f} {where}".strip() for f in forms)
    return verb_phrase(rng, spoken, means, False)  # type: ignore[arg-type]


def watching(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """That someone saw another, followed another, or judges what another likes."""
    o = others[0]
    who = quoted(o)
    roll = rng.random()
    if roll < 0.3 and c.has("saw?"):
        past, base = rng.choice(words.WATCHES)
        return Predicate(
            lambda s: c.call("saw?", s, who),
            past=past.format(o=o),
            base=base.format(o=o),
            barred=(o,),
        )
    if roll < 0.5 and c.has("follows?"):
        forms = tuple(f.format(o=o) for f in rng.choice(words.FOLLOWS))
        made = verb_phrase(rng, forms, lambda s: c.call("follows?", s, who), False)  # type: ignore[arg-type]
        return Predicate(made.means, "", made.past, made.base, made.third, barred=(o,))
    if roll < 0.62 and c.has("destination"):
        forms = rng.choice(
            [
                ("go to the same place as {o}", "goes to the same place as {o}"),
                ("go where {o} goes", "goes where {o} goes"),
                ("have lunch at the same place as {o}", "has lunch at the same place as {o}"),
            ]
        )
        base, third = (f.format(o=o) for f in forms)
        return Predicate(
            lambda s: f"(eq? {c.call('destination', s)} {c.call('destination', who)})",
            base=base,
            third=third,
            barred=(o,),
        )
    if not c.has("thinks-likes"):
        return going(rng, c, others)
    place = rng.choice(c.places)
    f = place.liked(rng)
    not_ = rng.random() < 0.25
    think, thinks = rng.choice(
        [
            ("think", "thinks"),
            ("think", "thinks"),
            ("believe", "believes"),
            ("guess", "guesses"),
            ("infer", "infers"),
            ("suppose", "supposes"),
            ("conclude", "concludes"),
        ]
    )
    verb = (
        rng.choice(["doesn't like", "dislikes"])
        if not_
        else rng.choice(["likes", "likes", "enjoys"])
    )
    what = f"{rng.choice([' that', ' that', ''])} {o} {verb} {f}"
    op = "<" if not_ else ">"
    return Predicate(
        lambda s: f"({op} {c.call('thinks-likes', s, who, place.means)} 0.5)",
        base=think + what,
        third=thinks + what,
        barred=(o,),
    )


def opening(rng: Random, c: Campus, others: Sequence[str]) -> Clause:
    """What is open and what is closed."""
    today = rng.choice(["", "", "", " today", " at noon", " right now"])
    shut = rng.random() < 0.35
    word = rng.choice(["closed", "closed", "closed", "shut", "not open"]) if shut else "open"

    def means(s: str) -> str:
        call = c.call("open?", s)
        return f"(not {call})" if shut else call

    roll = rng.random()
    if roll < 0.3:
        made = quantified(rng, Predicate(means, be=word + today), c.place)
        return replace(made, means=re.sub(r"\bthe-([\w-]+)-place\b", r"\1", made.means))
    count = 1 if roll < 0.8 else 2
    chosen = rng.sample(c.places, count)
    called = [p.called(rng) for p in chosen]
    parts = [means(p.means) for p in chosen]
    if count == 2:
        both = rng.choice(["{0} and {1} are", "both {0} and {1} are"]).format(*called)
        if rng.random() < 0.25:
            return Clause(
                (
                    f"{called[0]} or {called[1]} is {word}",
                    f"either {called[0]} or {called[1]} is {word}",
                ),
                (f"is {called[0]} or {called[1]} {word}",),
                all_of(parts, "or"),
            )
        if rng.random() < 0.25:
            return Clause(
                (f"neither {called[0]} nor {called[1]} is {word}",),
                (),
                all_of([f"(not {p})" for p in parts]),
            )
        if rng.random() < 0.3:
            a, b = (c.call("open?", p.means) for p in chosen)
            text = rng.choice(
                [
                    "{0} is open but {1} is closed",
                    "{0} is open, {1} is closed",
                    "{0} is open but not {1}",
                    "{0} is open while {1} is not",
                ]
            )
            return Clause((text.format(*called),), (), f"(and {a} (not {b}))")
        plural = both.removesuffix(" are")
        return Clause((f"{both} {word}{today}",), (f"are {plural} {word}{today}",), all_of(parts))
    p, one = called[0], parts[0]
    if rng.random() < 0.12:
        only = f"(and {one} (= (count (lambda (x) {means('x')}) {c.place.listing}) 1))"
        return Clause((f"only {p} is {word}{today}",), (f"is only {p} {word}{today}",), only)
    if rng.random() < 0.12 and not shut:
        return Clause((f"{p} isn't open{today}", f"{p} is not open{today}"), (), f"(not {one})")
    if rng.random() < 0.15:
        verb = (
            ("is serving lunch", "has opened")
            if not shut
            else ("has closed", "is not serving lunch")
        )
        return Clause((f"{p} {rng.choice(verb)}{today}",), (), one)
    return Clause((f"{p} is {word}{today}",), (f"is {p} {word}{today}",), one)
