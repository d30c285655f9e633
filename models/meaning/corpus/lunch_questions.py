"""Questions about agents and lunch that are not answered by yes or no."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.clause import Predicate, quoted, wh
from models.meaning.corpus.lunch_campus import Campus, Maker, listing_of, names_of, words_of
from models.meaning.corpus.lunch_deeds import going, moving
from models.meaning.corpus.lunch_minds import belief, bike, knowing, liking

WITH_WHO: tuple[tuple[Maker, str, int], ...] = (
    (liking, "liking", 4),
    (bike, "has-bike?", 2),
    (knowing, "informed?", 1),
    (going, "goes-to?", 4),
    (moving, "walks?", 3),
    (belief, "thinks-open", 1),
)


def question(rng: Random, c: Campus) -> tuple[str, str]:
    """A question without its mark, and its expression."""
    kinds = [
        (_destination, "destination", 5),
        (_favourite, "liking", 4),
        (_how_much, "liking", 3),
        (_which_food, "liking", 2),
        (_which_open, "open?", 4),
        (_how_sure, "thinks-open", 3),
        (_which_believed, "thinks-open", 1),
        (_judged, "thinks-likes", 3),
        (_which_way, "walks?", 3),
        (_which_direction, "heads?", 2),
        (_either, "goes-to?", 2),
        (_who_most, "liking", 2),
        (_means, "bikes?", 1),
    ]
    able = [(make, weight) for make, need, weight in kinds if c.has(need)]
    if (rng.random() < 0.25 or not able) and (made := _who(rng, c)) is not None:
        return made
    make = rng.choices([m for m, _ in able], [w for _, w in able])[0]
    return make(rng, c, names_of(rng, c.person))


def _who(rng: Random, c: Campus) -> tuple[str, str] | None:
    able = [(m, w) for m, need, w in WITH_WHO if c.has(need, "walks?", "bikes?")]
    if not able:
        return None
    maker = rng.choices([m for m, _ in able], [w for _, w in able])[0]
    made = maker(rng, c, names_of(rng, c.person))
    if (
        not isinstance(made, Predicate)
        or not (made.be or made.base)
        or made.base.startswith("not ")
    ):
        return None
    if not made.be and not made.past and not made.third:
        return None
    return wh(rng, made, c.person)


def _destination(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n, m = names[:2]
    goal = c.call("destination", quoted(n))
    if rng.random() < 0.15:
        text = rng.choice(
            [
                f"do {n} and {m} go to the same place",
                f"will {n} and {m} have lunch at the same place",
                f"are {n} and {m} going to the same place",
                f"do {n} and {m} meet at lunch",
                f"will {n} and {m} end up in the same place",
                f"do {n} and {m} have the same destination",
            ]
        )
        return text, f"(eq? {goal} {c.call('destination', quoted(m))})"
    frames = (
        *["where does {n} go", "where will {n} go", "where is {n} going", "where did {n} go"] * 2,
        *["where does {n} go for lunch", "where will {n} go for lunch", "where did {n} have lunch"],
        *[
            "where is {n} headed",
            "where is {n} heading",
            "where does {n} eat",
            "where will {n} eat",
        ],
        *["where will {n} have lunch", "where does {n} have lunch", "where does {n} end up"],
        *["what is {n}'s destination", "which place does {n} go to", "which place will {n} choose"],
        *[
            "which restaurant does {n} go to",
            "which restaurant will {n} pick",
            "where to does {n} go",
        ],
        *["what place is {n} going to", "where do you think {n} is going", "where is {n} off to"],
        *[
            "where do you think {n} will go",
            "which restaurant did {n} choose",
            "where might {n} be going",
        ],
        *[
            "to which place is {n} going",
            "what will {n} choose for lunch",
            "where is {n} likely to go",
        ],
        *["tell me where {n} is going", "where would {n} go", "where is {n} biking to"],
        *["where is {n} walking to", "guess where {n} is going", "where is {n} going to eat"],
    )
    return rng.choice(frames).format(n=n), goal


def _favourite(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    best = rng.random() < 0.7
    n = names[0]
    frames = (
        (
            *["what is {n}'s favourite food", "what is {n}'s favorite", "what does {n} like best"]
            * 2,
            *["which place does {n} like best", "which food does {n} like most"],
            *["what is {n}'s favourite place", "which restaurant does {n} like the most"],
            *["what does {n} like the most", "what's {n}'s favorite restaurant"],
            *["which place does {n} prefer", "what kind of food does {n} prefer"],
            *["what does {n} love most", "which of the places is {n}'s favourite"],
        )
        if best
        else (
            *["what does {n} like least", "which place does {n} like least"],
            *["what is {n}'s least favourite food", "which food does {n} like the least"],
            *["what does {n} hate most", "which restaurant does {n} dislike most"],
        )
    )
    word = "argmax" if best else "argmin"
    rank = f"({word} (lambda (x) {c.call('liking', quoted(n), 'x')}) {c.place.listing})"
    return rng.choice(frames).format(n=n), rank


def _how_much(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n, place = names[0], rng.choice(c.places)
    f = place.liked(rng)
    text = rng.choice(
        [
            f"how much does {n} like {f}",
            f"how much does {n} enjoy {f}",
            f"how well does {n} like {f}",
            f"how does {n} like {f}",
            f"how much would {n} like {f}",
            f"how fond is {n} of {f}",
            f"what does {n} think of {f}",
            f"how does {n} feel about {f}",
            f"what is {n}'s liking for {f}",
            f"how strongly does {n} like {f}",
            f"estimate how much {n} likes {f}",
        ]
    )
    if rng.random() < 0.15:
        other = rng.choice([p for p in c.places if p is not place])
        one, two = (c.call("liking", quoted(n), p.means) for p in (place, other))
        text = f"how much more does {n} like {f} than {other.liked(rng)}"
        return text, f"(- {one} {two})"
    return text, c.call("liking", quoted(n), place.means)


def _which_food(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n = names[0]
    if rng.random() < 0.2 and c.has("open?"):
        both = f"(and {c.call('open?', 'x')} (> {c.call('liking', quoted(n), 'x')} 0))"
        if rng.random() < 0.4:
            return (
                f"how many open places does {n} like",
                f"(count (lambda (x) {both}) {c.place.listing})",
            )
        text = rng.choice(
            [
                f"which open places does {n} like",
                f"which places that {n} likes are open",
                f"which of the open restaurants does {n} like",
            ]
        )
        return text, f"(filter (lambda (x) {both}) {c.place.listing})"
    verb, test = rng.choice(
        [
            ("like", "> {} 0"),
            ("like", "> {} 0"),
            ("love", "> {} " + c.loves),
            ("dislike", "< {} 0"),
            ("hate", "< {} " + c.hates),
        ]
    )
    holds = f"({test.format(c.call('liking', quoted(n), 'x'))})"
    if rng.random() < 0.4:
        what = rng.choice(["places", "restaurants", "of the places", "of the restaurants", "foods"])
        return f"how many {what} does {n} {verb}", f"(count (lambda (x) {holds}) {c.place.listing})"
    what = rng.choice(
        ["which places", "which food", "what", "which restaurants", "what kinds of food"]
    )
    return f"{what} does {n} {verb}", f"(filter (lambda (x) {holds}) {c.place.listing})"


def _which_open(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    shut = rng.random() < 0.25
    word = "closed" if shut else "open"
    test = f"(not {c.call('open?', 'x')})" if shut else c.call("open?", "x")
    today = rng.choice(["", "", " today", " right now"])
    if rng.random() < 0.45:
        text = rng.choice(
            [
                f"how many places are {word}",
                f"how many restaurants are {word}",
                f"how many of the places are {word}",
                f"how many of the {words_of(rng, len(c.places))} are {word}",
                f"what number of restaurants is {word}",
            ]
        )
        return text + today, f"(count (lambda (x) {test}) {c.place.listing})"
    text = rng.choice(
        [
            f"which places are {word}",
            f"which restaurants are {word}",
            f"what is {word}",
            f"what's {word}",
            f"which of the places are {word}",
            f"list the places that are {word}",
            f"which place is {word}",
            f"what restaurants are {word}",
        ]
    )
    return text + today, f"(filter (lambda (x) {test}) {c.place.listing})"


def _how_sure(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n, place = names[0], rng.choice(c.places)
    p = place.called(rng)
    text = rng.choice(
        [
            f"how sure is {n} that {p} is open",
            f"how certain is {n} that {p} is open",
            f"how confident is {n} that {p} is open",
            f"how likely does {n} think it is that {p} is open",
            f"how convinced is {n} that {p} is open",
            f"how probable does {n} think it is that {p} is open",
            f"what chance does {n} give {p} of being open",
            f"how strongly does {n} believe that {p} is open",
        ]
    )
    return text, c.call("thinks-open", quoted(n), place.means)


def _which_believed(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n = names[0]
    test = f"(> {c.call('thinks-open', quoted(n), 'x')} 0.5)"
    think = rng.choice(["think", "believe"])
    if rng.random() < 0.4:
        text = f"how many places does {n} {think} are open"
        return text, f"(count (lambda (x) {test}) {c.place.listing})"
    what = rng.choice(["which places", "which restaurants", "what"])
    be = "is" if what == "what" else "are"
    return f"{what} does {n} {think} {be} open", f"(filter (lambda (x) {test}) {c.place.listing})"


def _judged(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    watcher, n = names[:2]
    place = rng.choice(c.places)
    f = place.liked(rng)
    if rng.random() < 0.3:
        rank = c.call("thinks-likes", quoted(watcher), quoted(n), "x")
        text = rng.choice(
            [
                f"what does {watcher} think {n} likes best",
                f"what does {watcher} think {n}'s favourite is",
                f"which food does {watcher} think {n} likes most",
                f"what does {watcher} believe is {n}'s favourite food",
            ]
        )
        return text, f"(argmax (lambda (x) {rank}) {c.place.listing})"
    text = rng.choice(
        [
            f"how sure is {watcher} that {n} likes {f}",
            f"how likely does {watcher} think it is that {n} likes {f}",
            f"how certain is {watcher} that {n} likes {f}",
            f"how strongly does {watcher} believe that {n} likes {f}",
            f"how confident is {watcher} that {n} likes {f}",
            f"after seeing {n}, how sure is {watcher} that {n} likes {f}",
            f"what does {watcher} think about whether {n} likes {f}",
        ]
    )
    return text, c.call("thinks-likes", quoted(watcher), quoted(n), place.means)


def _which_way(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n = names[0]
    on_foot = rng.random() < 0.5 if c.has("bikes?") else True
    function, verb = ("walks?", "walk") if on_foot else ("bikes?", "bike")
    if rng.random() < 0.2:
        verb = "stroll" if on_foot else "cycle"
    text = rng.choice(
        [
            f"which street does {n} {verb} on",
            f"which streets does {n} {verb} along",
            f"which way does {n} {verb}",
            f"on which street did {n} {verb}",
            f"where does {n} {verb}",
            f"which streets will {n} {verb} on",
            f"what street is {n} likely to {verb} on",
        ]
    )
    listing = listing_of(c, "way")
    return text, f"(filter (lambda (x) {c.call(function, quoted(n), 'x')}) {listing})"


def _which_direction(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n = names[0]
    text = rng.choice(
        [
            f"in which direction does {n} go",
            f"which direction does {n} head",
            f"in what direction is {n} heading",
            f"which directions does {n} move in",
            f"in which direction will {n} head",
            f"what direction does {n} take",
        ]
    )
    listing = listing_of(c, "direction")
    return text, f"(filter (lambda (x) {c.call('heads?', quoted(n), 'x')}) {listing})"


def _either(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n = names[0]
    a, b = rng.sample(c.places, 2)
    if rng.random() < 0.5 and c.has("liking"):
        f, g = a.liked(rng), b.liked(rng)
        text = rng.choice(
            [
                f"what does {n} like more, {f} or {g}",
                f"does {n} prefer {f} or {g}",
                f"which does {n} like better, {f} or {g}",
                f"does {n} like {f} more than {g}",
            ]
        )
        one, two = (c.call("liking", quoted(n), p.means) for p in (a, b))
        return text, f"(> {one} {two})"
    text = rng.choice(
        [
            f"does {n} go to {a.called(rng)} or {b.called(rng)}",
            f"will {n} go to {a.called(rng)} or {b.called(rng)}",
            f"is {n} going to {a.called(rng)} or {b.called(rng)}",
            f"will it be {a.called(rng)} or {b.called(rng)} for {n}",
        ]
    )
    one, two = (c.call("goes-to?", quoted(n), p.means) for p in (a, b))
    return text, f"(or {one} {two})"


def _who_most(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    place = rng.choice(c.places)
    f = place.liked(rng)
    n, m = names[:2]
    if rng.random() < 0.4:
        text = rng.choice(
            [
                f"who likes {f} more, {n} or {m}",
                f"does {n} like {f} more than {m} does",
                f"does {n} like {f} better than {m}",
            ]
        )
        one, two = (c.call("liking", quoted(x), place.means) for x in (n, m))
        return text, f"(> {one} {two})"
    best = rng.random() < 0.75
    text = rng.choice(
        [f"who likes {f} most", f"who likes {f} best", f"who likes {f} the most"]
        if best
        else [f"who likes {f} least", f"who likes {f} the least"]
    )
    word = "argmax" if best else "argmin"
    inside = c.call("liking", "x", place.means)
    return text, f"({word} (lambda (x) {inside}) {c.person.listing})"


def _means(rng: Random, c: Campus, names: list[str]) -> tuple[str, str]:
    n = names[0]
    text = rng.choice(
        [
            f"does {n} bike or walk",
            f"does {n} take the bike",
            f"is {n} going by bike",
            f"will {n} go by bike",
            f"did {n} use a bike",
        ]
    )
    return text, c.call("bikes?", quoted(n))
