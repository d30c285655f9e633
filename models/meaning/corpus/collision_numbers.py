"""What is said of the numbers of a collision: vague, measured and compared."""

from __future__ import annotations

from random import Random

from models.meaning.corpus import collision_words as words
from models.meaning.corpus.attributes import about, number
from models.meaning.corpus.clause import Clause
from models.meaning.corpus.collision_scene import Scene, Speech, both, copula, plain

MASSES = (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10)
SPEEDS = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 0.8, 1, 1.2, 1.5, 2, 2.5, 3)
LENGTHS = (0.1, 0.2, 0.25, 0.5, 0.75, 1, 1.2, 1.5, 2, 2.5, 3)
TIMES = (0.2, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5)
FORCES = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9)
UNITS = {
    "mass": ("kg", "kilos", "kilograms", "kg"),
    "push": ("newtons", "N", ""),
    "speed": ("m/s", "metres per second", "meters per second", "m/s", ""),
    "length": ("metres", "meters", "m", "metres"),
    "time": ("seconds", "s", "seconds"),
    "share": ("",),
}
# How some of them are said in words.
SPELT = {
    "time": {0.25: ("a quarter of a second",), 0.5: ("half a second",), 1: ("a second", "one second"), 1.5: ("one and a half seconds",), 2: ("two seconds",), 3: ("three seconds",)},
    "length": {0.25: ("a quarter of a metre",), 0.5: ("half a metre", "half a meter"), 1: ("a metre", "one meter"), 1.5: ("one and a half metres",), 2: ("two metres", "two meters"), 3: ("three metres",)},
    "mass": {0.5: ("half a kilo",), 1: ("one kilo", "a kilo"), 2: ("two kilos", "two kilograms"), 3: ("three kilos",), 4: ("four kilos",), 5: ("five kilograms", "five kilos")},
}  # fmt: skip


def measured(rng: Random, value: float, kind: str) -> str:
    """A number with its unit."""
    unit = rng.choice(UNITS[kind])
    if kind in SPELT and value in SPELT[kind] and rng.random() < 0.25:
        return rng.choice(SPELT[kind][value])
    if value == 1:
        one = {"metres": "metre", "meters": "meter", "seconds": "second", "kilos": "kilo"}
        unit = one.get(unit, unit)
    return f"{number(value)} {unit}".strip()


def bounded(rng: Random, f: str, values: tuple[float, ...], kind: str) -> tuple[str, str]:
    """`more than 3 kg` and what it means of an expression."""
    a, b = sorted(rng.sample(values, 2))
    v = measured(rng, a, kind)
    rows = [
        (rng.choice(["more than", "over", "above", "greater than"]), ">"),
        (rng.choice(["less than", "under", "below", "not even"]), "<"),
        (rng.choice(["at least", "no less than"]), ">="),
        (rng.choice(["at most", "no more than", "not more than"]), "<="),
        ("exactly", "="),
        ("", "="),
        ("", "="),
    ]
    if rng.random() < 0.15:
        return f"between {number(a)} and {measured(rng, b, kind)}", (
            f"(and (> {f} {number(a)}) (< {f} {number(b)}))"
        )
    if rng.random() < 0.15:
        return f"{rng.choice(['about', 'around', 'roughly', 'approximately'])} {v}", about(f, a)
    word, op = rng.choice(rows)
    return f"{word} {v}".strip(), f"({op} {f} {number(a)})"


def mass_words(rng: Random, scene: Scene, thing: str) -> tuple[str, str]:
    """An adjective of mass and what it means."""
    m, limits = scene.call("mass", thing), scene.limits
    heavy = rng.random() < 0.5
    roll = rng.random()
    if roll < 0.08:
        text = rng.choice(words.VERY_HEAVY if heavy else words.VERY_LIGHT)
        strong = True
    elif roll < 0.4:
        text = f"{rng.choice(words.VERY)} {'heavy' if heavy else 'light'}"
        strong = True
    elif roll < 0.72:
        text = f"{rng.choice(words.PRETTY)} {'heavy' if heavy else 'light'}"
        strong = False
    else:
        text, strong = rng.choice(words.HEAVY if heavy else words.LIGHT), False
    if heavy:
        return text, f"(> {m} {number(limits.very_heavy if strong else limits.heavy)})"
    return text, f"(< {m} {number(limits.very_light if strong else limits.light)})"


def mass(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """Something about how heavy a thing is."""
    roll = rng.random()
    m, n = scene.call("mass", a), scene.call("mass", b)
    if roll < 0.5:
        text, means = mass_words(rng, scene, a)
        return copula(rng, speech(a), text, means)
    if roll < 0.6:
        limits = scene.limits
        text, means = rng.choice(
            [
                ("weighs a lot", f"(> {m} {number(limits.very_heavy)})"),
                ("has a large mass", f"(> {m} {number(limits.heavy)})"),
                ("has a lot of mass", f"(> {m} {number(limits.very_heavy)})"),
                ("weighs quite a bit", f"(> {m} {number(limits.heavy)})"),
                ("weighs very little", f"(< {m} {number(limits.very_light)})"),
                ("weighs next to nothing", f"(< {m} {number(limits.very_light)})"),
                ("weighs little", f"(< {m} {number(limits.light)})"),
                ("has a small mass", f"(< {m} {number(limits.light)})"),
                ("doesn't weigh much", f"(< {m} {number(limits.light)})"),
            ]
        )
        return plain(f"{speech(a)} {text}", means)
    if roll < 0.75:
        text, means = bounded(rng, m, MASSES, "mass")
        says = rng.choice(
            [
                f"{speech(a)} weighs {text}",
                f"{speech(a)} has a mass of {text}",
                f"{speech.of('mass', a)} is {text}",
                f"{speech.of('weight', a)} is {text}",
            ]
        )
        return plain(says, means, f"does {speech(a)} weigh {text}")
    return compared(
        rng, speech, (a, b), (m, n), ("heavier", "lighter"), ("heavy", "light"), "the same mass"
    )


def compared(
    rng: Random,
    speech: Speech,
    names: tuple[str, str],
    values: tuple[str, str],
    more_less: tuple[str, str],
    plain_words: tuple[str, str],
    same: str = "",
) -> Clause:
    """`heavier than`, `not as heavy as`, `at least twice as heavy as`."""
    (a, b), (m, n) = names, values
    low = rng.random() < 0.4
    er, adj, op, back = (
        (more_less[1], plain_words[1], "<", ">")
        if low
        else (more_less[0], plain_words[0], ">", "<")
    )
    A, B = speech(a), speech(b)
    far = rng.choice(["", "", "", "", "much ", "a lot ", "a bit ", "far ", "slightly "])
    rows = [
        *[copula(rng, A, f"{far}{er} than {B}", f"({op} {m} {n})")] * 6,
        plain(f"{A} is not as {adj} as {B}", f"({back} {m} {n})", f"is {A} not as {adj} as {B}"),
        plain(f"{A} is less {adj} than {B}", f"({back} {m} {n})", f"is {A} less {adj} than {B}"),
        plain(f"compared to {B}, {A} is {er}", f"({op} {m} {n})"),
        plain(f"of {A} and {B}, {A} is the {er} one", f"({op} {m} {n})"),
    ]
    if not low:
        k = rng.choice([2, 2, 3])
        times = "twice" if k == 2 else "three times"
        rows += [
            plain(
                f"{A} is {rng.choice(['at least ', ''])}{times} as {adj} as {B}",
                f"(>= {m} (* {k} {n}))",
                f"is {A} at least {times} as {adj} as {B}",
            ),
            plain(
                f"{A} is more than {times} as {adj} as {B}",
                f"(> {m} (* {k} {n}))",
                f"is {A} more than {times} as {adj} as {B}",
            ),
            plain(f"{A} is at least as {adj} as {B}", f"(>= {m} {n})"),
            plain(f"{A} is half as {adj} as {B}", f"(<= {m} (/ {n} 2))"),
        ]
    if same:
        near = f"(< (abs (- {m} {n})) {rng.choice(['0.1'])})"
        rows += [
            plain(f"{A} and {B} have {same}", near, f"do {A} and {B} have {same}"),
            plain(f"{A} is {rng.choice(['exactly ', 'just ', ''])}as {adj} as {B}", near),
            plain(f"{A} and {B} are equally {adj}", near, f"are {A} and {B} equally {adj}"),
        ]
    return rng.choice(rows)


def push(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """Something about how hard a thing is pushed."""
    p, limits = scene.call("push", a), scene.limits
    roll = rng.random()
    hard = rng.random() < 0.5
    means = f"(> {p} {number(limits.hard)})" if hard else f"(< {p} {number(limits.lightly)})"
    adverb = rng.choice(words.HARD if hard else words.LIGHTLY)
    adjective = rng.choice(words.HARD_PUSH if hard else words.LIGHT_PUSH)
    noun = rng.choice(words.PUSHES)
    verb = rng.choice(["pushed", "pushed", "pushed", "shoved", "launched", "kicked", "propelled"])
    way = rng.choice(["", "", "", " forward", f" towards {speech(b)}", f" at {speech(b)}"])
    A = speech(a)
    if roll < 0.45:
        says = f"{A} {rng.choice(['is', 'was', 'gets', 'got', 'is'])} {verb}{way} {adverb}"
        return plain(says, means, f"was {A} {verb} {adverb}", f"is {A} {verb}{way} {adverb}")
    if roll < 0.6:
        someone = rng.choice(["someone", "somebody", "I", "we", "a child", "she", "he", "they"])
        act = rng.choice(["pushed", "shoved", "kicked", "launched"])
        says = rng.choice(
            [
                f"{someone} {act} {A} {adverb}",
                f"{someone} gave {A} a {adjective} {noun}",
                f"{A} gets a {adjective} {noun}",
                f"{A} received a {adjective} {noun}",
                f"the {noun} on {A} is {adjective}",
                f"{A} was given a {adjective} {noun}",
                f"a {adjective} {noun} sends {A} on its way",
                f"give {A} a {adjective} {noun}",
                f"push {A} {adverb}",
            ]
        )
        return plain(says, means, f"did {A} get a {adjective} {noun}")
    if roll < 0.72:
        not_ = rng.random() < 0.4
        says = rng.choice(
            [f"{A} was {verb}", f"{A} is {verb}{way}", f"{A} got a {noun}", f"someone {verb} {A}"]
            if not not_
            else [f"{A} was not {verb}", f"nobody {verb} {A}", f"{A} didn't get a {noun}"]
        )
        yes = f"(> {p} 0)"
        return plain(says, f"(not {yes})" if not_ else yes, *[f"was {A} {verb}"] * (not not_))
    if roll < 0.9:
        text, means = bounded(rng, p, FORCES, "push")
        says = rng.choice(
            [
                f"{A} is pushed with a force of {text}",
                f"{A} was pushed with {text}",
                f"the force of the push on {A} is {text}",
                f"the push on {A} is {text}",
            ]
        )
        return plain(says, means, f"is {A} pushed with a force of {text}")
    not_ = rng.choice(["not very hard", "not hard", "not all that hard"])
    return plain(f"{A} was pushed, but {not_}", f"(not (> {p} {number(limits.hard)}))")


def bounciness(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """How much a thing bounces."""
    f, g = scene.call("bounciness", a), scene.call("bounciness", b)
    if rng.random() < 0.6:
        text = rng.choice(["bouncy", "very bouncy", "quite bouncy", "really bouncy", "springy"])
        return copula(rng, speech(a), text, f"(> {f} {number(scene.limits.bouncy)})")
    if rng.random() < 0.4:
        text, means = bounded(rng, f, SHARES, "share")
        return plain(f"{speech.of('bounciness', a)} is {text}", means)
    return compared(
        rng, speech, (a, b), (f, g), ("bouncier", "less bouncy"), ("bouncy", "dull"), ""
    )


def speed(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """How fast a thing is before or after the collision."""
    role = rng.choice([r for r in ("speed-before", "speed-after", "speed-after") if scene.has(r)])
    when = rng.choice(words.BEFORE if role == "speed-before" else words.AFTER)
    f, g = scene.call(role, a), scene.call(role, b)
    A, B = speech(a), speech(b)
    moving = rng.choice(words.MOVING)
    be = rng.choice(["is", "is", "was", "will be"])
    roll = rng.random()
    front = rng.random() < 0.3
    if roll < 0.35:
        quick = rng.random() < 0.55
        word = rng.choice(words.FAST if quick else words.SLOWLY)
        limit, op = (scene.limits.fast, ">") if quick else (scene.limits.slow, "<")
        body = rng.choice([f"{be} {moving} {word}", f"moves {word}", f"moves off {word}"])
        adjective = "fast" if quick else "slow"
        body = body if rng.random() < 0.8 else f"is {adjective}"
        says = f"{when}, {A} {body}" if front else f"{A} {body} {when}"
        ask = rng.choice([f"is {A} {moving} {word} {when}", f"does {A} move {word} {when}"])
        return plain(says, f"({op} {f} {number(limit)})", ask)
    if roll < 0.6:
        text, means = bounded(rng, f, SPEEDS, "speed")
        text = text.replace("more than", rng.choice(["more than", "faster than"]))
        body = rng.choice(
            [
                f"{be} {moving} at {text}",
                f"has a speed of {text}",
                f"moves at {text}",
                f"goes at {text}",
            ]
        ).replace("at faster", "faster")
        body = body.replace("at at ", "at ").replace("speed of faster", "speed of more")
        says = f"{when}, {A} {body}" if front else f"{A} {body} {when}"
        return plain(says, means, f"does {A} move at {text} {when}".replace("at faster", "faster"))
    if roll < 0.82:
        er, op = rng.choice(
            [("faster", ">"), ("faster", ">"), ("slower", "<"), ("more slowly", "<")]
        )
        body = rng.choice([f"{be} {moving} {er} than {B}", f"moves {er} than {B}"])
        body = body if rng.random() < 0.7 or er == "more slowly" else f"is {er} than {B}"
        says = f"{when}, {A} {body}" if front else f"{A} {body} {when}"
        return plain(says, f"({op} {f} {g})", f"is {A} {moving} {er} than {B} {when}")
    if not scene.has("speed-before", "speed-after"):
        return plain(f"{A} {be} {moving} {when}", f"(> {f} 0)", f"is {A} {moving} {when}")
    before, after = scene.call("speed-before", a), scene.call("speed-after", a)
    says, ask, op = rng.choice(
        [
            (f"{A} slows down in the collision", f"does {A} slow down in the collision", "<"),
            (f"{A} loses speed in the collision", f"does {A} lose speed in the collision", "<"),
            (f"the collision slows {A} down", f"does the collision slow {A} down", "<"),
            (f"the collision speeds {A} up", f"does the collision speed {A} up", ">"),
            (f"{A} is slower after the collision than before", "", "<"),
            (f"{A} gets faster in the collision", f"does {A} get faster in the collision", ">"),
            (f"{A} gains speed from the collision", f"does {A} gain speed in the collision", ">"),
        ]
    )
    return plain(says, f"({op} {after} {before})", *([ask] if ask else []))


def distance(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """How far a thing moves."""
    f, g = scene.call("distance", a), scene.call("distance", b)
    A, B = speech(a), speech(b)
    roll = rng.random()
    goes = rng.choice(["moves", "goes", "travels", "gets", "rolled", "slid", "moved", "went"])
    base = {"rolled": "roll", "slid": "slide", "gets": "get", "went": "go", "goes": "go"}.get(
        goes, "move"
    )
    if roll < 0.4:
        text, says_far = rng.choice(
            [
                ("far", True),
                ("a long way", True),
                ("a great distance", True),
                ("very far", True),
                ("quite far", True),
                ("not far", False),
                ("only a short way", False),
                ("only a little way", False),
            ]
        )
        limit = number(scene.limits.far)
        means = f"(> {f} {limit})" if says_far else f"(not (> {f} {limit}))"
        if says_far and rng.random() < 0.25:
            return plain(f"{A} doesn't {base} {text}", f"(not (> {f} {limit}))")
        return plain(f"{A} {goes} {text}", means, *[f"does {A} {base} {text}"] * says_far)
    if roll < 0.65:
        text, means = bounded(rng, f, LENGTHS, "length")
        return plain(f"{A} {goes} {text}", means, f"does {A} {base} {text}")
    er, op = rng.choice(
        [("farther", ">"), ("further", ">"), ("less far", "<"), ("a longer way", ">")]
    )
    return plain(f"{A} {goes} {er} than {B}", f"({op} {f} {g})", f"does {A} {base} {er} than {B}")


def height(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """How high a thing gets."""
    f, g = scene.call("height", a), scene.call("height", b)
    A, B = speech(a), speech(b)
    gets = rng.choice(["gets", "rises", "goes", "flies", "bounces"])
    base = gets[:-1] if gets not in ("goes", "flies") else {"goes": "go", "flies": "fly"}[gets]
    if rng.random() < 0.6:
        text, means = bounded(rng, f, LENGTHS, "length")
        return plain(f"{A} {gets} {text} high", means, f"does {A} {base} {text} high")
    return plain(f"{A} {gets} higher than {B}", f"(> {f} {g})", f"does {A} {base} higher than {B}")


def time(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """When they collide; no thing is named, for the function takes none."""
    f = f"({scene.functions['collision-time']})"
    text, means = bounded(rng, f, TIMES, "time")
    they = rng.choice(["they", "the objects", f"the {speech.many}", "the two of them"])
    if means.startswith("(< ") and rng.random() < 0.5:
        v = text.split(" ", 2)[-1] if text.startswith("less") else text
        if text.startswith("less"):
            return plain(f"{they} collide within {v}", means, f"do {they} collide within {v}")
    return plain(
        *rng.choice(
            [
                (f"{they} collide after {text}", means, f"do {they} collide after {text}"),
                (
                    f"it takes {text} until {they} collide",
                    means,
                    f"does it take {text} until {they} collide",
                ),
                (
                    f"the collision happens after {text}",
                    means,
                    f"does the collision happen after {text}",
                ),
                (f"it took {text} for the collision to happen", means, f"did it take {text}"),
                (
                    f"{text} pass before the collision",
                    means,
                    f"do {text} pass before the collision",
                ),
            ][: 4 if "not even" in text else 5]
        )
    )


def existence(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """`There is a heavy red ball`: the kind and the mass together."""
    role, one, _ = rng.choice(scene.kinds)
    speech.kind = one
    parts = [scene.call(role, a)]
    adjective = ""
    if scene.has("mass") and rng.random() < 0.7:
        adjective, means = mass_words(rng, scene, a)
        while adjective.startswith(
            ("on the", "as heavy", "a real", "light as", "hardly", "kind of", "a bit", "so ")
        ):
            adjective, means = mass_words(rng, scene, a)
        parts.append(means)
    first = speech.described(adjective, a, "a")
    if scene.has("push") and rng.random() < 0.25:
        p = scene.call("push", a)
        parts.append(f"(> {p} {number(scene.limits.hard)})")
        first += rng.choice([" that was pushed hard", " that is pushed hard"])
    elif rng.random() < 0.45:
        first += f" and {speech.described('', b, 'a')}"
        parts.append(scene.call(role, b))
    there = rng.choice(
        ["there is", "there's", "we have", "we see", "imagine", "there was", "here is"]
    )
    return plain(f"{there} {first}", both(parts), f"is there {first}")
