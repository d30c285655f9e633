"""Statements about collisions: single clauses, quantified ones, and two in one."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from inference.tokens.grammar import MAX_CONJUNCTS
from models.meaning.corpus import collision_events as events
from models.meaning.corpus import collision_numbers as numbers
from models.meaning.corpus import collision_words as words
from models.meaning.corpus.attributes import number
from models.meaning.corpus.clause import Clause
from models.meaning.corpus.collision_scene import (
    Scene,
    Speech,
    both,
    conjuncts,
    copula,
    plain,
)

type Maker = Callable[[Random, Scene, Speech, str, str], Clause]


def _deed(role: str) -> Maker:
    return lambda rng, scene, speech, a, b: events.deed(rng, scene, speech, a, role)


# How often, what it needs, and what makes it.
MAKERS: tuple[tuple[float, tuple[str, ...], Maker], ...] = (
    (7, ("mass",), numbers.mass),
    (6, ("push",), numbers.push),
    (6, ("hits?",), events.hits),
    (3.5, ("hits?", "mass"), events.described),
    (2, ("hits?",), events.unnamed),
    (3, ("hits-wall?",), _deed("hits-wall?")),
    (2, ("moves?",), _deed("moves?")),
    (3, ("rests?",), _deed("rests?")),
    (5, ("speed-after",), numbers.speed),
    (3, ("distance",), numbers.distance),
    (1, ("height",), numbers.height),
    (1, ("bounciness",), numbers.bounciness),
    (2.5, ("collision-time",), numbers.time),
    (3, ("hits-wall-without?",), events.without),
    (3, ("distance-without",), events.without),
    (4, ("hits-wall?", "hits-wall-without?"), events.cause),
)


def makers(scene: Scene) -> list[tuple[float, Maker]]:
    """What can be said with a vocabulary, and how often it is."""
    found = [(w, make) for w, roles, make in MAKERS if scene.has(*roles)]
    if scene.kinds:
        found += [(3.5, kinds), (3.5, numbers.existence)]
    if scene.has("mass"):
        found.append((4.0, quantified))
    return found


def single(rng: Random, scene: Scene) -> Clause:
    """One clause about one or two things."""
    a, b = rng.sample(scene.names, 2)
    if "red" in scene.names[:1] and rng.random() < 0.5:  # the one that is pushed is on the left
        a, b = scene.names[0], rng.choice(scene.names[1:])
    speech = Speech(rng, scene)
    weights, makes = zip(*makers(scene), strict=True)
    return rng.choices(makes, weights)[0](rng, scene, speech, a, b)


def statement(rng: Random, scene: Scene) -> Clause:
    """A clause, or two that are joined."""
    if rng.random() < 0.82:
        return single(rng, scene)
    if rng.random() < 0.35 and scene.has("mass", "push"):
        return _relative(rng, scene)
    first, second = single(rng, scene), single(rng, scene)
    word = rng.choice([" and ", " and ", ", and ", " but ", ", but ", "; ", ", while ", ". "])
    says = first.says[0] + word + second.says[0]
    means = both([first.means, second.means])
    if len(says) > 170 or len(conjuncts(means)) > MAX_CONJUNCTS:
        return first
    return plain(says, means)


def _relative(rng: Random, scene: Scene) -> Clause:
    """`the red ball, which is heavy, was pushed hard`; `it is heavy and was pushed hard`."""
    a, b = rng.sample(scene.names, 2)
    speech = Speech(rng, scene)
    adjective, means = numbers.mass_words(rng, scene, a)
    other, second = numbers.mass_words(rng, scene, b)
    hard = rng.random() < 0.5
    limit = scene.limits.hard if hard else scene.limits.lightly
    pushed = f"({'>' if hard else '<'} {scene.call('push', a)} {number(limit)})"
    how = rng.choice(words.HARD if hard else words.LIGHTLY)
    A, B = speech(a), speech(b)
    rows = [
        (f"{A}, which is {adjective}, was pushed {how}", [means, pushed]),
        (f"{A} is {adjective} and was pushed {how}", [means, pushed]),
        (f"{A} is {adjective} and {B} is {other}", [means, second]),
        (f"{A} is {adjective}, {B} is {other}", [means, second]),
        (f"{A} is {adjective}, but {B} is {other}", [means, second]),
        (f"{A} is {adjective} while {B} is {other}", [means, second]),
        (f"{A} was pushed {how}, and it is {adjective}", [pushed, means]),
        (f"{A} is {adjective} and gets pushed {how}", [means, pushed]),
    ]
    if scene.has("hits?"):
        hit = scene.call("hits?", a, b)
        rows += [
            (f"{A} was pushed {how} and hit {B}", [pushed, hit]),
            (f"{A}, which was pushed {how}, hits {B}", [pushed, hit]),
            (f"{A} is pushed {how} and then collides with {B}", [pushed, hit]),
            (f"{A}, which is {adjective}, bumps into {B}", [means, hit]),
            (f"{A} hits {B}, which is {other}", [hit, second]),
            (f"{A} is {adjective} and hits {B}", [means, hit]),
        ]
    says, parts = rng.choice(rows)
    return plain(says, both(parts))


def kinds(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """What kind of thing they are."""
    role, one, many = rng.choice(scene.kinds)
    speech.kind, speech.style = "object", rng.choice(["object", "one", "bare"])
    A, B = speech(a), speech(b)
    article = "an" if one[0] in "aeiou" else "a"
    all_ = f"(all (lambda (x) {scene.call(role, 'x')}) {scene.listing})"
    pair = f"(and {scene.call(role, a)} {scene.call(role, b)})"
    roll = rng.random()
    if roll < 0.4:
        return copula(rng, A, f"{article} {one}", scene.call(role, a))
    if roll < 0.55:
        says, ask = rng.choice(
            [
                (
                    f"{A} and {B} are {rng.choice(['both ', ''])}{many}",
                    f"are {A} and {B} both {many}",
                ),
                (f"both {A} and {B} are {many}", f"are both {A} and {B} {many}"),
                (f"there is a {a} {one} and a {b} {one}", f"is there a {a} {one} and a {b} {one}")
                if scene.colours
                else (f"{A} and {B} are {many}", f"are {A} and {B} {many}"),
            ]
        )
        return plain(says, pair, ask)
    if roll < 0.62 and len(scene.kinds) > 1:
        other, second, _ = rng.choice([k for k in scene.kinds if k[0] != role])
        means = f"(and {scene.call(role, a)} {scene.call(other, b)})"
        return plain(f"{A} is {article} {one} and {B} is a {second}", means)
    n = len(scene.names)
    every = (
        ["both objects", "both of them", "both"] if n == 2 else ["all the objects", "all of them"]
    )
    word = rng.choice([*every, "all objects", "the objects", "they", "all of the objects"])
    if rng.random() < 0.2:
        none = f"(not (any (lambda (x) {scene.call(role, 'x')}) {scene.listing}))"
        two = ["neither object is", "neither is", "neither of them is"]
        no = rng.choice(two if n == 2 else ["no object is", "none of them is", "nothing here is"])
        return plain(f"{no} {article} {one}", none)
    counted = rng.choice([f"{word} are {many}", f"{word} are {many}", f"{word} were {many}"])
    return plain(counted, all_, f"are {word} {many}")


def quantified(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """What holds of all, some, none or so many of the things."""
    do, does, be, means = predicate(rng, scene, speech)
    fun, L, n = f"(lambda (x) {means})", scene.listing, len(scene.names)
    one, many = speech.single, speech.many
    one = one if one != "one" else "object"
    kind = rng.choice(["all", "all", "any", "none", "none", "exactly", "least", "only", "most"])
    verb_one, verb_many = (f"is {be}", f"are {be}") if be else (does, do)
    polar_one = f"is {{s}} {be}" if be else f"does {{s}} {do}"
    polar_many = f"are {{s}} {be}" if be else f"do {{s}} {do}"
    if kind == "all":
        who = rng.choice(
            [f"both {many}", "both of them", "both"]
            if n == 2
            else [f"all {many}", f"all the {many}", "all of them", f"all {n} of them"]
        )
        means = f"(all {fun} {L})"
        if rng.random() < 0.25:
            single = rng.choice([f"every {one}", f"each {one}", "everything"])
            return plain(f"{single} {verb_one}", means, polar_one.format(s=single))
        return plain(f"{who} {verb_many}", means, polar_many.format(s=who))
    if kind == "any":
        who = rng.choice([f"some {one}", "something", f"at least one {one}", f"one of the {many}"])
        ask = rng.choice(
            ["anything", f"any {one}", f"either of the {many}" if n == 2 else f"any of the {many}"]
        )
        return plain(f"{who} {verb_one}", f"(any {fun} {L})", polar_one.format(s=ask))
    if kind == "none":
        who = rng.choice(
            [f"neither {one}", f"neither of the {many}", "neither"]
            if n == 2 and rng.random() < 0.7
            else [f"no {one}", f"none of the {many}", "nothing", f"not a single {one}"]
        )
        return plain(f"{who} {verb_one}", f"(not (any {fun} {L}))")
    if kind == "exactly":
        who = rng.choice(
            [f"exactly one {one}", f"only one {one}", f"just one {one}", f"only one of the {many}"]
        )
        return plain(f"{who} {verb_one}", f"(= (count {fun} {L}) 1)", polar_one.format(s=who))
    if kind == "only":
        A = speech(a)
        mine = means.replace(" x", f" '{a}")
        return plain(
            f"only {A} {verb_one}",
            f"(and {mine} (= (count {fun} {L}) 1))",
            polar_one.format(s=f"only {A}"),
        )
    if kind == "least" or n == 2:
        who = rng.choice(
            [f"at least two {many}", f"two {many}", f"a couple of {many}", f"two of the {many}"]
        )
        return plain(f"{who} {verb_many}", f"(>= (count {fun} {L}) 2)", polar_many.format(s=who))
    who = rng.choice([f"most {many}", f"most of the {many}", f"more than half of the {many}"])
    return plain(f"{who} {verb_many}", f"(> (count {fun} {L}) (/ (length {L}) 2))")


def predicate(rng: Random, scene: Scene, speech: Speech) -> tuple[str, str, str, str]:
    """What can be said of each thing: base, third person, or adjective; and its meaning of `x`."""
    roles = [
        r
        for r in ("hits-wall?", "moves?", "rests?", "mass", "mass", "speed-after", "distance")
        if scene.has(r)
    ]
    role = rng.choice(roles)
    if role == "mass":
        text, means = numbers.mass_words(rng, scene, "x")
        while text.startswith("a real"):
            text, means = numbers.mass_words(rng, scene, "x")
        return "", "", text, means
    if role == "speed-after":
        word, op, limit = rng.choice(
            [("fast", ">", scene.limits.fast), ("slowly", "<", scene.limits.slow)]
        )
        when = rng.choice(words.AFTER)
        return (
            f"move {word} {when}",
            f"moves {word} {when}",
            "",
            f"({op} {scene.call(role, 'x')} {number(limit)})",
        )
    if role == "distance":
        means = f"(> {scene.call(role, 'x')} {number(scene.limits.far)})"
        return "go far", "goes far", "", means
    said = events.happens(rng, scene, role)
    return said.base, said.third, "", scene.call(role, "x")
