"""What people like, own, know and believe at lunch."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from models.meaning.corpus import lunch_words as words
from models.meaning.corpus.clause import Clause, Predicate, all_of, conjoin, quoted
from models.meaning.corpus.lunch_campus import Campus, inner_variable, words_of


def liking(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """That someone likes, loves, dislikes or hates a food."""
    place = rng.choice(c.places)
    f = place.liked(rng)
    kind = rng.choice(["like"] * 4 + ["okay"] * 2 + ["love"] * 4 + ["dislike", "hate", "hate"])
    bound, op = {
        "like": ("0", ">"),
        "okay": ("0", ">"),
        "love": (c.loves, ">"),
        "dislike": ("0", "<"),
        "hate": (c.hates, "<"),
    }[kind]

    def means(s: str) -> str:
        return f"({op} {c.call('liking', s, place.means)} {bound})"

    if kind == "okay":
        return Predicate(means, be=rng.choice(words.OKAY).format(f=f))
    if kind == "love" and rng.random() < 0.2:
        return Predicate(means, be=rng.choice(words.CRAZY).format(f=f))
    table = {"like": words.LIKES, "love": words.LOVES, "dislike": words.DISLIKES}
    base, third = rng.choice(table.get(kind, words.HATES))
    return Predicate(means, base=base.format(f=f), third=third.format(f=f))


def preference(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """That someone likes one food more than another, or more than someone else does."""
    one, other = rng.sample(c.places, 2)
    f, g = one.liked(rng), other.liked(rng)
    roll = rng.random()
    if roll < 0.2:
        rival = others[0]
        text = rng.choice(
            ["{v} {f} more than {o}", "{v} {f} more than {o} does", "{v} {f} better than {o} does"]
        )
        return Predicate(
            lambda s: (
                f"(> {c.call('liking', s, one.means)} {c.call('liking', quoted(rival), one.means)})"
            ),
            base=text.format(v="like", f=f, o=rival),
            third=text.format(v="likes", f=f, o=rival),
            barred=(rival,),
        )

    def means(s: str) -> str:
        return f"(> {c.call('liking', s, one.means)} {c.call('liking', s, other.means)})"

    if roll < 0.4:
        forms = (f"like {g} less than {f}", f"likes {g} less than {f}")
    else:
        forms = rng.choice(
            [
                (f"prefer {f} to {g}", f"prefers {f} to {g}"),
                (f"prefer {f} over {g}", f"prefers {f} over {g}"),
                (f"like {f} more than {g}", f"likes {f} more than {g}"),
                (f"like {f} better than {g}", f"likes {f} better than {g}"),
                (f"would rather have {f} than {g}", f"would rather have {f} than {g}"),
            ]
        )
    base, third = forms
    return Predicate(means, base="" if base.startswith("would") else base, third=third)


def favourite(rng: Random, c: Campus, others: Sequence[str]) -> Clause | Predicate:
    """What someone likes most or least."""
    place = rng.choice(c.places)
    f = place.liked(rng)
    best = rng.random() < 0.75
    word = "argmax" if best else "argmin"

    def means(s: str) -> str:
        v = inner_variable(s)
        rank = f"({word} (lambda ({v}) {c.call('liking', s, v)}) {c.place.listing})"
        return f"(eq? {rank} {place.means})"

    if rng.random() < 0.45:
        name = others[0]
        says = (
            (
                f"{f} is {name}'s favourite",
                f"{name}'s favourite food is {place.food(rng)}",
                f"{name}'s favorite is {f}",
                f"{name}'s favourite place is {place.called(rng)}",
            )
            if best
            else (f"{f} is {name}'s least favourite", f"{name}'s least favourite food is {f}")
        )
        asks = (f"is {f} {name}'s {'' if best else 'least '}favourite",)
        return Clause((rng.choice(says),), asks, means(quoted(name)))
    tail = rng.choice(
        ["best", "most", "best of all", "the most"] if best else ["least", "the least"]
    )
    return Predicate(means, base=f"like {f} {tail}", third=f"likes {f} {tail}")


def likes_some(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """That someone likes all places, none, some number of them."""
    sort = c.place
    bound, verb = rng.choice([("0", "like"), ("0", "like"), (c.loves, "love")])

    def fun(s: str) -> str:
        v = inner_variable(s)
        return f"(lambda ({v}) (> {c.call('liking', s, v)} {bound}))"

    kind = rng.choice(["all", "all", "all", "none", "none", "some", "atleast", "only", "exact"])
    place = rng.choice(c.places)
    if kind == "all":
        what = rng.choice(
            [
                f"all {words_of(rng, len(c.places))}",
                f"all {words_of(rng, len(c.places))} places",
                "all the food",
                "all of the places",
                "all the restaurants",
                "every place",
                "everything",
                "all kinds of food here",
                "each of the places",
                conjoin([p.food(rng) for p in c.places]),
                "all three" if len(c.places) == 3 else "all of them",
            ]
        )
        if " and " in what and len(c.places) <= 4:
            return Predicate(
                lambda s: all_of([f"(> {c.call('liking', s, p.means)} {bound})" for p in c.places]),
                base=f"{verb} {what}",
                third=f"{verb}s {what}",
            )
        return Predicate(
            lambda s: f"(all {fun(s)} {sort.listing})",
            base=f"{verb} {what}",
            third=f"{verb}s {what}",
        )
    if kind == "none":
        what = rng.choice(
            ["none of the places", "none of the restaurants", "nothing", "no food here"]
        )
        return Predicate(
            lambda s: f"(not (any {fun(s)} {sort.listing}))", base="", third=f"{verb}s {what}"
        )
    if kind == "some":
        what = rng.choice(
            ["something", "at least one of the places", "some of the food", "some place"]
        )
        return Predicate(
            lambda s: f"(any {fun(s)} {sort.listing})",
            base=f"{verb} {what}",
            third=f"{verb}s {what}",
        )
    if kind == "only":
        what = rng.choice(["only {f}", "nothing but {f}", "just {f}"]).format(f=place.food(rng))
        return Predicate(
            lambda s: (
                f"(and (> {c.call('liking', s, place.means)} {bound}) "
                f"(= (count {fun(s)} {sort.listing}) 1))"
            ),
            base="",
            third=f"{verb}s {what}",
        )
    k = rng.choice([1, 2, 2])
    said = {1: "one", 2: "two"}[k] if rng.random() < 0.8 else str(k)
    op, lead = (">=", "at least") if kind == "atleast" else ("=", rng.choice(["exactly", "only"]))
    of = rng.choice(["of the places", "of the restaurants", "place" if k == 1 else "places"])
    return Predicate(
        lambda s: f"({op} (count {fun(s)} {sort.listing}) {k})",
        base=f"{verb} {lead} {said} {of}",
        third=f"{verb}s {lead} {said} {of}",
    )


def bike(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """That someone owns a bike, or none."""
    if rng.random() < 0.3:
        third = rng.choice(words.NO_BIKE)
        return Predicate(lambda s: f"(not {c.call('has-bike?', s)})", base="", third=third)
    base, third = rng.choice(words.OWNS)
    return Predicate(lambda s: c.call("has-bike?", s), base=base, third=third)


def knowing(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """That someone knows what is open, or does not."""
    if rng.random() < 0.4:
        third = rng.choice(words.IGNORES)
        return Predicate(lambda s: f"(not {c.call('informed?', s)})", base="", third=third)
    third = rng.choice(words.KNOWS)
    base = third.replace("knows", "know", 1)
    if base == third:
        base = ""
    return Predicate(lambda s: c.call("informed?", s), base=base, third=third)


def belief(rng: Random, c: Campus, others: Sequence[str]) -> Predicate:
    """What someone believes to be open, and how firmly."""
    place, p = (one := rng.choice(c.places)), one.called(rng)
    kind = rng.choice(["thinks"] * 4 + ["closed"] * 3 + ["sure", "unsure", "wrong", "wrong", "all"])

    def sure(s: str, op: str, bound: str, of: str = place.means) -> str:
        return f"({op} {c.call('thinks-open', s, of)} {bound})"

    think, thinks = rng.choice(
        [
            ("think", "thinks"),
            ("think", "thinks"),
            ("believe", "believes"),
            ("assume", "assumes"),
            ("suppose", "supposes"),
            ("expect", "expects"),
            ("figure", "figures"),
        ]
    )
    that, today = rng.choice([" that", ""]), rng.choice(["", "", "", " today"])
    if kind == "closed":
        ending = rng.choice(["is closed", "is closed", "is not open", "isn't open", "is shut"])
        what = f"{that} {p} {ending}{today}"
        means = lambda s: sure(s, "<", "0.5")  # noqa: E731
    elif kind == "sure":
        be = rng.choice(["sure", "certain", "convinced", "very sure", "confident", "positive"])
        shut = rng.random() < 0.35
        return Predicate(
            (lambda s: sure(s, "<", "0.1")) if shut else (lambda s: sure(s, ">", "0.9")),
            be=f"{be} that {p} is {'closed' if shut else 'open'}{today}",
        )
    elif kind == "unsure":
        third = rng.choice([f"doubts that {p} is open", f"doesn't think {p} is open"])
        return Predicate(lambda s: sure(s, "<", "0.5"), base="", third=third + today)
    elif kind == "wrong":
        wrongly = rng.choice(["wrongly", "mistakenly", "falsely"])
        shut = rng.random() < 0.4
        op = "<" if shut else ">"
        real = c.call("open?", place.means)
        fact = real if shut else f"(not {real})"
        ending = "closed" if shut else "open"
        third = rng.choice(
            [
                f"{wrongly} {thinks} that {p} is {ending}",
                f"is wrong in thinking that {p} is {ending}",
                f"{thinks} {p} is {ending}, but it {'is' if shut else 'is not'}"
                + rng.choice(["", " open" if shut else ""]),
            ]
        )
        if third.endswith("but it is"):
            third += " open"
        return Predicate(lambda s: f"(and {sure(s, op, '0.5')} {fact})", base="", third=third)
    elif kind == "all":
        every = rng.random() < 0.6
        what = rng.choice(
            ["everything is open", "all the places are open", "all of them are open"]
            if every
            else ["something is open", "some place is open", "at least one place is open"]
        )
        word = "all" if every else "any"
        return Predicate(
            lambda s: (
                f"({word} (lambda ({inner_variable(s)}) {sure(s, '>', '0.5', inner_variable(s))}) "
                f"{c.place.listing})"
            ),
            base=f"{think} that {what}",
            third=f"{thinks} that {what}",
        )
    else:
        what = f"{that} {p} is {rng.choice(['open', 'open', 'open', 'not closed'])}{today}"
        means = lambda s: sure(s, ">", "0.5")  # noqa: E731
    return Predicate(means, base=f"{think}{what}", third=f"{thinks}{what}")
