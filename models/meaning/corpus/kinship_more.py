"""More clauses about families: shares, exceptions, nobody's, relatives of relatives, two facts in one."""

from __future__ import annotations

import re
from random import Random

from models.meaning.corpus.clause import Clause, quoted
from models.meaning.corpus.kinship_clauses import predicate
from models.meaning.corpus.kinship_words import (
    ALL,
    BLOOD,
    CHILD,
    COUNTED,
    DAUGHTER,
    MUTUAL,
    PARENT,
    PARTNER,
    SIBLING,
    SON,
    Noun,
    a,
    conjunction,
    counted,
    someone,
)


def plain_noun(rng: Random, pool: tuple[Noun, ...] = ALL) -> Noun:
    """A word for a relative whose expression binds no variable."""
    while (found := rng.choice(pool)).binds:
        pass
    return found


def shares(rng: Random, names: list[str]) -> Clause:
    """`Half of Dana's children are married`, `all but one of ...`."""
    y = names[0]
    word = rng.choice(COUNTED)
    many = rng.choice(word.many)
    said = predicate(rng, names[1:], 1)
    while not said.plural:
        said = predicate(rng, names[1:], 1)
    every = counted(0, lambda v: word.means(v, quoted(y), 1))
    some = counted(0, lambda v: conjunction(word.means(v, quoted(y), 1), said.means(v)))
    no = counted(0, lambda v: conjunction(word.means(v, quoted(y), 1), f"(not {said.means(v)})"))
    rows = [
        *[(rng.choice(["most of", "the majority of", "more than half of"]), f"(> {some} (/ {every} 2))")] * 3,
        (rng.choice(["half of", "exactly half of"]), f"(= {some} (/ {every} 2))"),
        ("at least half of", f"(>= {some} (/ {every} 2))"),
        ("fewer than half of", f"(< {some} (/ {every} 2))"),
        ("a third of", f"(= {some} (/ {every} 3))"),
        ("all but one of", f"(= {no} 1)"),
        ("all but two of", f"(= {no} 2)"),
    ]  # fmt: skip
    how, means = rng.choice(rows)
    subject = f"{how} {y}'s {many}"
    asks: tuple[str, ...] = ()
    if said.verb == "is":
        asks = (f"are {subject} {said.plural.removeprefix('are ')}",)
    elif said.asked:
        asks = (f"do {subject} {said.asked}",)
    return Clause((f"{subject} {said.plural}",), asks, means)


def exceptions(rng: Random, names: list[str]) -> Clause:
    """`Nobody but Dana is married`, `all of Dana's children except Blake are girls`."""
    x, y = names[:2]
    said = predicate(rng, names[2:], 1)
    if said.means("x").startswith("(not "):
        return nobodys(rng, names)
    other = lambda v: f"(not (eq? {v} {quoted(x)}))"  # noqa: E731
    but = rng.choice(["but", "except", "other than", "apart from"])
    if rng.random() < 0.5:
        who = rng.choice(["nobody", "no one", "no one else", "nobody"])
        some = someone(0, lambda v: conjunction(said.means(v), other(v)))
        if x in said.about:
            return shares(rng, names)
        his = re.sub(r"(?<=[( ])y(?=[ )])", "x", said.means(quoted(x)))  # bound inside nothing here
        return Clause((f"{who} {but} {x} {said.yes}",), (), conjunction(his, f"(not {some})"))
    if rng.random() < 0.5 or not said.plural:
        inside = someone(0, lambda v: conjunction(other(v), f"(not {said.means(v)})"))
        text = f"{rng.choice(['everyone', 'everybody'])} {but} {x} {said.yes}"
        return Clause((text,), (), f"(not {inside})")
    word = rng.choice(COUNTED)
    inside = someone(
        0, lambda v: conjunction(word.means(v, quoted(y), 1), other(v), f"(not {said.means(v)})")
    )
    text = f"{rng.choice(['all of', 'all'])} {y}'s {rng.choice(word.many)} {but} {x} {said.plural}"
    return Clause((text,), (), f"(not {inside})")


def nobodys(rng: Random, names: list[str]) -> Clause:
    """`Dana isn't anyone's aunt`, `Avery is someone's uncle`."""
    x = names[0]
    word = plain_noun(rng)
    one = rng.choice(word.one)
    some = someone(0, lambda v: word.means(quoted(x), v, 1))
    if rng.random() < 0.4:
        who = rng.choice(["someone", "somebody"])
        return Clause((f"{x} is {who}'s {one}",), (f"is {x} anyone's {one}", f"is {x} {a(one)}"), some)  # fmt: skip
    rows = [f"{x} isn't anyone's {one}", f"{x} is not anybody's {one}", f"{x} is nobody's {one}", f"{x} is no one's {one}", f"{x} isn't {a(one)} to anyone", f"{x} is not {a(one)}"]  # fmt: skip
    return Clause((rng.choice(rows),), (), f"(not {some})")


def nested(rng: Random, names: list[str]) -> Clause:
    """`The sister of Dana's father is Avery`, `Avery's mother's brother is single`."""
    x, y = names[:2]
    link, word = plain_noun(rng, BLOOD), plain_noun(rng)
    mid, one = rng.choice(link.one), rng.choice(word.one)
    subject = rng.choice([f"{x}'s {mid}'s {one}", f"the {one} of {x}'s {mid}", f"the {one} of the {mid} of {x}"])  # fmt: skip
    if rng.random() < 0.6:
        means = someone(
            0, lambda v: conjunction(link.means(v, quoted(x), 1), word.means(quoted(y), v, 1))
        )
        text = rng.choice([f"{subject} is {y}", f"{y} is {subject}"])
        return Clause((text,), (f"is {y} {subject}",), means)
    said = predicate(rng, names[1:], 2)
    means = someone(
        0,
        lambda v: conjunction(
            link.means(v, quoted(x), 1),
            someone(1, lambda u: conjunction(word.means(u, v, 2), said.means(u))),
        ),
    )
    return Clause((f"{subject} {said.yes}",), (f"{said.verb} {subject} {said.asked}",), means)


def facts(rng: Random, names: list[str]) -> Clause:
    """`Avery and Blake are siblings and both are Charlie's kids`."""
    x, y, z = names[:3]
    if len({x, y, z}) < 3:
        return nested(rng, names)
    X, Y, Z = quoted(x), quoted(y), quoted(z)
    words, form = rng.choice(MUTUAL[:6])
    word = rng.choice((CHILD, CHILD, SON, DAUGHTER, SIBLING, PARENT, plain_noun(rng)))
    many, pair = rng.choice(word.many), rng.choice([f"{x} and {y}", f"both {x} and {y}"])
    both_are = [word.means(X, Z, 0), word.means(Y, Z, 0)]
    mutual = form.format(a=X, b=Y)
    kind = rng.randrange(5)
    if kind == 0:
        joint = rng.choice([" and both are ", ", and both are ", " and they are ", ", both of them "])  # fmt: skip
        text = f"{x} and {y} are {rng.choice(words)}{joint}{z}'s {many}"
        return Clause((text,), (), conjunction(mutual, *both_are))
    if kind == 1:
        text = f"{pair} are {z}'s {many}"
        return Clause((text,), (f"are {pair} {z}'s {many}",), conjunction(*both_are))
    if kind == 2:
        only = f"(= {counted(0, lambda v: word.means(v, Z, 1))} 2)"
        text = rng.choice([f"{x} and {y} are {z}'s only {many}", f"{z}'s only {many} are {x} and {y}"])  # fmt: skip
        return Clause((text,), (), conjunction(*both_are, only))
    if kind == 3:
        text = rng.choice([f"{x} is married to {y} and they have a child, {z}", f"{x} and {y} are married and {z} is their {rng.choice(['child', 'kid'])}", f"{x} and {y} are the parents of {z}"])  # fmt: skip
        parents = [f"(parent {X} {Z})", f"(parent {Y} {Z})"]
        if text.endswith(f"parents of {z}"):
            return Clause((text,), (f"are {x} and {y} the parents of {z}",), conjunction(*parents))
        them = [f"(child {Z} {X})", f"(child {Z} {Y})"]
        return Clause((text,), (), conjunction(PARTNER.means(X, Y, 0), *them))
    first, second = plain_noun(rng), plain_noun(rng)
    text = rng.choice([f"{x} is {y}'s {first.one[0]}, and {y} is {z}'s {second.one[0]}", f"{x} is {y}'s {first.one[0]} and {y} is {z}'s {second.one[0]}", f"{x} is the {first.one[0]} of {y}, who is {z}'s {second.one[0]}"])  # fmt: skip
    return Clause((text,), (), conjunction(first.means(X, Y, 0), second.means(Y, Z, 0)))


def corrected(rng: Random, names: list[str]) -> Clause:
    """`Avery isn't Blake's aunt but her mother`."""
    x, y = names[:2]
    first, second = plain_noun(rng), plain_noun(rng)
    if first is second:
        return nobodys(rng, names)
    one, other = rng.choice(first.one), rng.choice(second.one)
    isn_t = rng.choice(["is not", "isn't"])
    text = rng.choice([f"{x} {isn_t} {y}'s {one} but {rng.choice(['her', 'his', 'the', 'rather the'])} {other}", f"{x} {isn_t} the {one} but the {other} of {y}", f"{x} is {y}'s {other}, not {rng.choice(['her', 'his', 'the'])} {one}"])  # fmt: skip
    no, yes = first.means(quoted(x), quoted(y), 0), second.means(quoted(x), quoted(y), 0)
    parts = (yes, f"(not {no})") if text.endswith(one) else (f"(not {no})", yes)
    return Clause((text,), (), conjunction(*parts))


def ranked(rng: Random, names: list[str]) -> Clause:
    """`Avery and Blake are of the same generation`, `Avery is a generation older than Blake`."""
    x, y = names[:2]
    X, Y = (f"(generation {quoted(n)})" for n in (x, y))
    g = "generation"
    kind = rng.randrange(4)
    if kind == 0:
        of = rng.choice(["of", "in", "from"])
        asked = f"{x} and {y} {of} the same {g}"
        rows = [f"{x} and {y} are {of} the same {g}", f"{x} and {y} belong to the same {g}", f"{x} and {y} share {a(g)}"]  # fmt: skip
        return Clause((rng.choice(rows),), (f"are {asked}",), f"(= {X} {Y})")
    older = rng.random() < 0.5
    how, sign = ("older", "<") if older else ("younger", ">")
    if kind == 1:
        text = rng.choice([f"{x}'s {g} is {how} than {y}'s", f"{x} belongs to {a(how)} {g} than {y}", f"{x} comes from {a(how)} {g} than {y}"])  # fmt: skip
        return Clause((text,), (), f"({sign} {X} {Y})")
    if kind == 2:
        n, word = rng.choice([(1, "a"), (1, "one"), (2, "two")])
        text = f"{x} is {word} {g}{'s' * (n == 2)} {how} than {y}"
        later, earlier = (Y, X) if older else (X, Y)
        return Clause((text,), (f"is {text.replace(' is ', ' ', 1)}",), f"(= (- {later} {earlier}) {n})")  # fmt: skip
    text = (
        f"{x} and {y} are {rng.choice(['not of the same', 'of different', 'from different'])} {g}"
    )
    return Clause((text + "s" * ("different" in text),), (), f"(not (= {X} {Y}))")


def more(rng: Random, names: list[str]) -> Clause:
    """Any of these."""
    makers = (shares, exceptions, nobodys, nested, facts, corrected, ranked)
    made = rng.choices(makers, (3, 2, 2.5, 4, 5, 2.5, 3))[0]
    return made(rng, names)
