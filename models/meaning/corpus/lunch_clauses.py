"""Clauses about agents and lunch: one thing, several of one person, and clauses in clauses."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from models.meaning.corpus import lunch_words as words
from models.meaning.corpus.clause import Clause, Predicate, all_of, named, quantified, quoted
from models.meaning.corpus.lunch_campus import Campus, Maker, names_of
from models.meaning.corpus.lunch_deeds import going, moving, opening, watching
from models.meaning.corpus.lunch_minds import (
    belief,
    bike,
    favourite,
    knowing,
    likes_some,
    liking,
    preference,
)
from models.meaning.corpus.lunch_trips import trip


def together(rng: Random, c: Campus, others: Sequence[str]) -> Clause | None:
    """Several things of one person in one breath."""
    name = others[0]
    s = quoted(name)
    roll = rng.random()
    if roll < 0.4:
        count = rng.choice([2, 2, 3])
        chosen = rng.sample(c.places, min(count, len(c.places)))
        says, means = [], []
        for place in chosen:
            kind = rng.choice(["like", "love", "okay", "dislike", "hate"])
            op, bound = {"like": (">", "0"), "love": (">", c.loves), "okay": (">", "0")}.get(
                kind, ("<", "0" if kind == "dislike" else c.hates)
            )
            f = place.liked(rng)
            third = {
                "like": rng.choice(words.LIKES)[1],
                "love": rng.choice(words.LOVES)[1],
                "okay": f"is {rng.choice(words.OKAY)}",
                "dislike": rng.choice(words.DISLIKES)[1],
                "hate": rng.choice(words.HATES)[1],
            }[kind].format(f=f)
            says.append(third)
            means.append(f"({op} {c.call('liking', s, place.means)} {bound})")
        word = rng.choice(["and", "and", "but"])
        if len(says) == 3:
            joined = f"{says[0]}, {says[1]}{rng.choice([',', ''])} {word} {says[2]}"
        else:
            joined = f"{says[0]}{rng.choice(['', '', ','])} {word} {says[1]}"
        return Clause((f"{name} {joined}",), (), all_of(means))
    if roll < 0.6:
        a, b = rng.sample(c.places, 2)
        kind = rng.choice(["neither", "either", "bothlike"])
        fa, fb = a.food(rng), b.food(rng)
        la, lb = (f"(> {c.call('liking', s, p.means)} 0)" for p in (a, b))
        if kind == "neither":
            return Clause(
                (f"{name} likes neither {fa} nor {fb}",), (), f"(and (not {la}) (not {lb}))"
            )
        if kind == "either":
            return Clause(
                (f"{name} likes {fa} or {fb}",),
                (f"does {name} like {fa} or {fb}",),
                f"(or {la} {lb})",
            )
        return Clause(
            (f"{name} likes {fa} and {fb}", f"{name} likes both {fa} and {fb}"),
            (f"does {name} like {fa} and {fb}",),
            f"(and {la} {lb})",
        )
    if roll < 0.8 and c.has("goes-to?", "walks?", "bikes?"):
        place = rng.choice(c.places)
        foot = rng.random() < 0.5
        forms = rng.choice(words.ON_FOOT[:8] if foot else words.BY_BIKE[:9])
        verb = forms[0] if rng.random() < 0.6 else forms[2]
        call = c.call("walks?" if foot else "bikes?", s)
        return Clause(
            (f"{name} {verb} to {place.called(rng)}",),
            (
                f"did {name} {forms[1]} to {place.called(rng)}",
                f"will {name} {forms[1]} to {place.called(rng)}",
            ),
            f"(and {c.call('goes-to?', s, place.means)} {call})",
        )
    makers = rng.sample([liking, bike, going, knowing], 2)
    needs = {liking: "liking", bike: "has-bike?", going: "stays-in?", knowing: "informed?"}
    if not all(c.has(needs[m]) for m in makers):
        return None
    first, second = (named(rng, m(rng, c, others[1:]), [name], None) for m in makers)
    text = rng.choice(second.says)
    if not text.startswith(name):
        return None
    joined = (
        f"{rng.choice(first.says)} {rng.choice(['and', 'and', 'but'])}{text.removeprefix(name)}"
    )
    return Clause((joined,), (), f"(and {first.means} {second.means})")


def relative(rng: Random, c: Campus, others: Sequence[str]) -> Clause | None:
    """Clauses in clauses: `everyone who has a bike goes to ...`, `no place that Alex likes is open`."""
    name = others[0]
    s = quoted(name)
    like = f"(> {c.call('liking', s, 'x')} 0)"
    is_open = c.call("open?", "x")
    listing = c.place.listing
    both = f"(any (lambda (x) (and {is_open} {like})) {listing})"
    neither = f"(not {both})"
    every = f"(all (lambda (x) (or (not {is_open}) {like})) {listing})"
    rows = [
        ("there is an open place that {n} likes", both),
        ("some place that {n} likes is open", both),
        ("a restaurant that {n} likes is open", both),
        ("{n} likes at least one of the open places", both),
        ("no place that {n} likes is open", neither),
        ("every place that {n} likes is closed", neither),
        ("nothing that {n} likes is open", neither),
        ("{n} likes everything that is open", every),
        ("{n} likes all the places that are open", every),
        ("{n} likes every open place", every),
    ]
    if c.has("destination"):
        goal = c.call("destination", s)
        rank = f"(argmax (lambda (x) {c.call('liking', s, 'x')}) {listing})"
        rows += [
            (f"{{n}} {verb} {what}", f"(eq? {goal} {rank})")
            for verb in ("goes to", "went to", "is going to")
            for what in ("the place that {n} likes best", "the favourite place")
        ]
    if c.has("goes-to?"):
        goes = c.call("goes-to?", s, "x")
        shut = f"(any (lambda (x) (and {goes} (not {is_open}))) {listing})"
        rows += [
            ("{n} goes to a place that is closed", shut),
            ("{n} sets out for a closed restaurant", shut),
            ("the place that {n} goes to is closed", shut),
            (
                "the place that {n} goes to is open",
                f"(any (lambda (x) (and {goes} {is_open})) {listing})",
            ),
            (
                "{n} goes to a place that {n} likes",
                f"(any (lambda (x) (and {goes} {like})) {listing})",
            ),
        ]
    makers = [
        m
        for m, need in ((liking, "liking"), (bike, "has-bike?"), (going, "stays-in?"))
        if c.has(need)
    ]
    if rng.random() < 0.4 and len(makers) > 1:
        one, two = (m(rng, c, others[1:]) for m in rng.sample(makers, 2))
        verbs = [p.third or (f"is {p.be}" if p.be else "") for p in (one, two)]
        if not all(verbs) or one.barred or two.barred:
            return None
        people = c.person.listing
        kind = rng.choice(["someone", "everyone", "nobody"])
        who = {
            "someone": ["someone who", "somebody who", "at least one person who"],
            "everyone": ["everyone who", "everybody who", "each person who", "anyone who"],
            "nobody": ["nobody who", "no one who", "no person who"],
        }[kind]
        a, b = one.means("x"), two.means("x")
        means = {
            "someone": f"(any (lambda (x) (and {a} {b})) {people})",
            "everyone": f"(all (lambda (x) (or (not {a}) {b})) {people})",
            "nobody": f"(not (any (lambda (x) (and {a} {b})) {people}))",
        }[kind]
        return Clause((f"{rng.choice(who)} {verbs[0]} {verbs[1]}",), (), means)
    text, means = rng.choice(rows)
    return Clause((text.format(n=name),), (), means)


CLAUSES: tuple[tuple[Maker, tuple[str, ...], int], ...] = (
    (liking, ("liking",), 8),
    (preference, ("liking",), 3),
    (favourite, ("liking",), 2),
    (likes_some, ("liking",), 2),
    (bike, ("has-bike?",), 3),
    (knowing, ("informed?",), 3),
    (belief, ("thinks-open", "open?"), 5),
    (going, ("liking",), 7),
    (moving, ("walks?",), 8),
    (watching, ("destination",), 5),
    (opening, ("open?",), 6),
    (together, ("liking",), 6),
    (trip, ("liking", "open?", "goes-to?"), 7),
    (relative, ("liking", "open?"), 4),
)


def say(rng: Random, c: Campus) -> Clause:
    """Something to say about a lunch world."""
    while True:
        able = [(m, w) for m, needs, w in CLAUSES if c.has(*needs)]
        maker = rng.choices([m for m, _ in able], [w for _, w in able])[0]
        names = names_of(rng, c.person)
        made = maker(rng, c, names[2:])
        if isinstance(made, Predicate):
            free = [n for n in names if n not in made.barred]
            roll = rng.random()
            if roll < 0.1 and made.base and (made.third or made.past):
                made = quantified(rng, made, c.person)
            elif roll < 0.2 and (made.base or made.be):
                made = named(rng, made, free[:2], c.person)
            elif rng.random() < 0.1 and made.base and maker in (moving, going):
                saw = rng.choice(["we saw", "I saw", "someone saw", "they saw", "we watched"])
                made = Clause((f"{saw} {free[0]} {made.base}",), (), made.means(quoted(free[0])))
            else:
                made = named(rng, made, free[:1], None)
        if made is None or any(t.endswith(" ") for t in made.says):
            continue  # a negation without a base form
        return Clause(made.says, tuple(a for a in made.asks if not a.endswith(" ")), made.means)
