"""What happens in a collision: hits, the wall, motion and rest, causes, and what would have been."""

from __future__ import annotations

from random import Random

from models.meaning.corpus import collision_words as words
from models.meaning.corpus.attributes import number
from models.meaning.corpus.clause import Clause
from models.meaning.corpus.collision_numbers import (
    LENGTHS,
    SPEEDS,
    bounded,
    mass_words,
    measured,
)
from models.meaning.corpus.collision_scene import Said, Scene, Speech, both, clause, copula, plain


def hits(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """One thing hits another."""
    means = scene.call("hits?", a, b)
    past, base, third, passive = rng.choice(words.HITS)
    A, B = speech(a), speech(b)
    roll = rng.random()
    where = rng.choice(["", "", "", "", "", "", " head-on", " from the left", " at some point"])
    if roll < 0.5:
        return clause(
            rng, A, Said(f"{past} {B}{where}", f"{base} {B}{where}", f"{third} {B}{where}", means)
        )
    if roll < 0.64 and passive:
        be = rng.choice(["is", "was", "gets", "got"])
        not_ = rng.random() < 0.15 and be in ("is", "was")
        says = f"{B} {be} {'not ' * not_}{passive} by {A}"
        ask = f"{rng.choice(['is', 'was'])} {B} {passive} by {A}"
        return plain(says, f"(not {means})" if not_ else means, *[ask] * (not not_))
    if roll < 0.68 and len(scene.names) > 2:
        c = rng.choice([n for n in scene.names if n not in (a, b)])
        C, second = speech(c), scene.call("hits?", b, c)
        says, ask = rng.choice(
            [
                (f"{A} knocks {B} into {C}", f"did {A} knock {B} into {C}"),
                (f"{A} sent {B} into {C}", f"did {A} send {B} into {C}"),
                (f"{A} hits {B}, which then hits {C}", f"does {A} hit {B} and {B} hit {C}"),
            ]
        )
        return plain(says, both([means, second]), ask)
    if roll < 0.74:
        says = rng.choice(
            [
                f"{A} misses {B}",
                f"{A} stops before it reaches {B}",
                f"{A} stops short of {B}",
                f"{A} never makes it to {B}",
                f"{A} doesn't get as far as {B}",
                f"{A} comes to rest before reaching {B}",
                f"{A} and {B} never touch" if len(scene.names) == 2 else f"{A} never touches {B}",
                f"{B} is never hit by {A}",
            ]
        )
        if says.endswith("never touch"):
            return plain(says, f"(not {_either(scene, a, b)})", f"do {A} and {B} never touch")
        return plain(says, f"(not {means})", *[f"does {A} miss {B}"] * ("misses" in says))
    if roll < 0.88:
        says, ask = rng.choice(
            [
                (f"{A} and {B} collide", f"do {A} and {B} collide"),
                (f"{A} and {B} collided", f"did {A} and {B} collide"),
                (f"{A} and {B} bump into each other", f"will {A} and {B} bump into each other"),
                (f"{A} and {B} hit each other", f"do {A} and {B} hit each other"),
                (
                    f"there is a collision between {A} and {B}",
                    f"is there a collision between {A} and {B}",
                ),
                (f"{A} and {B} crash into each other", f"did {A} and {B} crash into each other"),
                (f"{A} and {B} come into contact", f"do {A} and {B} come into contact"),
                (f"{A} and {B} run into one another", f"do {A} and {B} run into one another"),
            ]
        )
        if rng.random() < 0.15 and " collide" in says and not says.startswith("there"):
            return plain(f"{A} and {B} do not collide", f"(not {_either(scene, a, b)})")
        return plain(says, _either(scene, a, b), ask)
    if scene.has("speed-before") and rng.random() < 0.6:
        f = scene.call("speed-before", a)
        if rng.random() < 0.5:
            v = rng.choice(SPEEDS)
            return plain(
                f"{A} {third} {B} at {measured(rng, v, 'speed')}",
                both([means, f"(= {f} {number(v)})"]),
            )
        quick = rng.random() < 0.6
        adverb = rng.choice(["at high speed", "fast"] if quick else ["slowly", "at low speed"])
        test = (
            f"(> {f} {number(scene.limits.fast)})"
            if quick
            else f"(< {f} {number(scene.limits.slow)})"
        )
        return plain(
            f"{A} {third} {B} {adverb}", both([means, test]), f"does {A} {base} {B} {adverb}"
        )
    if scene.has("hits-wall?"):
        w = scene.call("hits-wall?", b)
        says = rng.choice(
            [f"{A} {third} {B} and {B} hits the wall", f"{A} {past} {B}, which then hit the wall"]
        )
        return plain(says, both([means, w]))
    return plain(f"it is {A} that {third} {B}", means)


def _either(scene: Scene, a: str, b: str) -> str:
    """That two things collide, whichever moves."""
    return f"(or {scene.call('hits?', a, b)} {scene.call('hits?', b, a)})"


def described(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """`a heavy red ball hits a light blue one`: what the descriptions say, then the event."""
    past, base, third, _ = rng.choice(words.HITS)
    definite = not scene.kinds or rng.random() < 0.6
    parts: list[str] = []
    texts: list[str] = []
    role = ""
    if not definite:
        role, speech.kind, _ = rng.choice(scene.kinds)
    for thing, chance in ((a, 0.8), (b, 0.7)):
        adjective = ""
        if not definite:
            parts.append(scene.call(role, thing))
        if rng.random() < chance:
            adjective, means = mass_words(rng, scene, thing)
            while len(adjective.split()) > 2 or adjective.startswith(("a ", "so ", "light as")):
                adjective, means = mass_words(rng, scene, thing)
            parts.append(means)
        texts.append(speech.described(adjective, thing, "the" if definite else "a"))
    parts.append(scene.call("hits?", a, b))
    verb = rng.choice([past, third, third])
    asks = [f"does {texts[0]} {base} {texts[1]}"] if not parts[:-1] else []
    return plain(f"{texts[0]} {verb} {texts[1]}", both(parts), *asks)


def unnamed(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """Collisions of things that are not named."""
    L = scene.listing
    some = f"(any (lambda (x) (any (lambda (y) {scene.call('hits?', 'x', 'y')}) {L})) {L})"
    they = rng.choice(
        ["they", "the objects", "the two", f"the {speech.many}", "both", "the two of them"]
    )
    touched = f"(any (lambda (x) {scene.call('hits?', 'x', b)}) {L})"
    touches = f"(any (lambda (y) {scene.call('hits?', a, 'y')}) {L})".replace("(y)", "(x)").replace(
        " y)", " x)"
    )
    A, B = speech(a), speech(b)
    rows = [
        (f"{they} collide", f"do {they} collide", some),
        (f"{they} collided", f"did {they} collide", some),
        (f"{they} will collide", f"will {they} collide", some),
        (f"{they} hit each other", f"do {they} hit each other", some),
        (f"{they} bump into each other", f"did {they} bump into each other", some),
        ("there is a collision", "is there a collision", some),
        ("there was a crash", "was there a collision", some),
        ("a collision takes place", "does a collision happen", some),
        (f"{they} crash into one another", f"will {they} crash into one another", some),
        (f"{they} do not collide", "", f"(not {some})"),
        (f"{they} never touch", "", f"(not {some})"),
        ("there is no collision", "is there no collision", f"(not {some})"),
        ("no collision happens", "", f"(not {some})"),
        (f"something hits {B}", f"does anything hit {B}", touched),
        (f"{B} is hit", f"is {B} hit", touched),
        (f"{B} gets hit", f"does {B} get hit", touched),
        (f"{B} was struck by something", f"was {B} struck by something", touched),
        (f"nothing hits {B}", "", f"(not {touched})"),
        (f"{A} hits something", f"does {A} hit anything", touches),
        (f"{A} doesn't hit anything", "", f"(not {touches})"),
        (f"{A} bumps into something", f"does {A} bump into something", touches),
    ]
    says, ask, means = rng.choice(rows)
    return plain(says, means, *([ask] if ask else []))


def happens(rng: Random, scene: Scene, role: str) -> Said:
    """What a thing does by itself: hits the wall, moves, comes to rest."""
    if role == "hits-wall?":
        past, base, third = rng.choice(words.WALL)
        the = rng.choice(["the wall"] * 8 + ["the wall on the right", "the right wall", "a wall"])
        return Said(f"{past} {the}", f"{base} {the}", f"{third} {the}", role)
    return Said(*rng.choice(words.MOVES if role == "moves?" else words.RESTS), role)


def deed(rng: Random, scene: Scene, speech: Speech, a: str, role: str) -> Clause:
    """A thing hits the wall, moves or comes to rest, or does not."""
    means = scene.call(role, a)
    roll = rng.random()
    A = speech(a)
    if role == "hits-wall?" and roll < 0.13:
        says = rng.choice(
            [
                f"{A} stops before the wall",
                f"{A} comes to rest before it reaches the wall",
                f"{A} stops short of the wall",
                f"{A} doesn't make it to the wall",
                f"{A} misses the wall",
                f"{A} does not get all the way to the wall",
            ]
        )
        return plain(says, f"(not {means})")
    if role in ("moves?", "rests?") and roll < 0.2:
        rows = words.STAYS if role == "moves?" else words.GOES_ON
        past, base, third = rng.choice(rows)
        says = rng.choice([past, third, third, f"will {base}"])
        ask = f"does {A} {base}" if "be " not in base else f"will {A} {base}"
        return plain(f"{A} {says}", f"(not {means})", ask)
    if role == "moves?" and roll < 0.3 and scene.has("hits?"):
        return copula(rng, A, rng.choice(["set in motion", "launched", "put into motion"]), means)
    said = happens(rng, scene, role)
    end = ""
    if role == "rests?" and "end" not in said.past and rng.random() < 0.35:
        end = rng.choice(
            [" in the end", " at the end", " eventually", " by the end", " after a while"]
        )
    return clause(rng, A, Said(said.past + end, said.base + end, said.third + end, means))


def without(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """What would have been if the other thing had not been there."""
    roles = [r for r in ("hits-wall-without?", "distance-without") if scene.has(r)]
    role = rng.choice(roles)
    A, B = speech(a), speech(b)
    if_ = rng.choice(words.WITHOUT).format(o=B)
    front = rng.random() < 0.4

    even = rng.choice(["even ", "", ""]) if not if_.startswith(("but", "had")) else ""
    still = rng.choice(["still ", "", "", ""])

    def placed(text: str) -> str:
        text = text.replace("would ", f"would {still}", 1) if text.startswith(A) else text
        return f"{even}{if_}, {text}" if front else f"{text} {even}{if_}"

    have = rng.random() < 0.65
    if role == "hits-wall-without?":
        means = scene.call(role, a, b)
        past, base, _ = rng.choice(words.WALL[:14])
        done = f"have {_participle(past)}" if have else base
        ask = placed(f"would {A} {still}{done} the wall")
        if rng.random() < 0.25:
            no = rng.choice(["would not", "wouldn't", "would never"])
            return plain(placed(f"{A} {no} {done} the wall"), f"(not {means})")
        return plain(placed(f"{A} would {done} the wall"), means, ask)
    f = scene.call(role, a, b)
    roll = rng.random()
    go = rng.choice(["moved", "gone", "travelled", "got"])
    now = {"moved": "move", "gone": "go", "travelled": "travel", "got": "get"}[go]
    done = f"have {go}" if have else now
    if roll < 0.35:
        done = rng.choice(["have moved", "move", "have moved at all", "have been set in motion"])
        if rng.random() < 0.3:
            return plain(placed(f"{A} would not {done}"), f"(not (> {f} 0))")
        return plain(placed(f"{A} would {done}"), f"(> {f} 0)", placed(f"would {A} {done}"))
    if roll < 0.75 and scene.has("distance"):
        er, op = rng.choice(
            [("farther", ">"), ("further", ">"), ("further", ">"), ("less far", "<")]
        )
        ask = placed(f"would {A} {done} {er}")
        return plain(
            placed(f"{A} would {done} {er}"), f"({op} {f} {scene.call('distance', a)})", ask
        )
    text, means = bounded(rng, f, LENGTHS, "length")
    return plain(placed(f"{A} would {done} {text}"), means, placed(f"would {A} {done} {text}"))


def _participle(past: str) -> str:
    first, _, rest = past.partition(" ")
    changed = {"ran": "run", "got": "got", "ended": "ended"}.get(first, first)
    return f"{changed} {rest}".strip()


def cause(rng: Random, scene: Scene, speech: Speech, a: str, b: str) -> Clause:
    """One thing makes the other reach the wall, or keeps it from it."""
    A, B = speech(a), speech(b)
    if rng.random() < 0.5:
        means = (
            f"(and {scene.call('hits-wall?', b)} (not {scene.call('hits-wall-without?', b, a)}))"
        )
        rows = [
            (f"{A} caused {B} to hit the wall", f"did {A} cause {B} to hit the wall"),
            (f"{A} made {B} hit the wall", f"did {A} make {B} hit the wall"),
            (f"{A} causes {B} to reach the wall", f"does {A} cause {B} to reach the wall"),
            (f"{A} knocked {B} into the wall", f"did {A} knock {B} into the wall"),
            (f"{A} sent {B} into the wall", f"did {A} send {B} into the wall"),
            (f"{A} drove {B} into the wall", f"did {A} drive {B} into the wall"),
            (f"{B} hit the wall because of {A}", f"did {B} hit the wall because of {A}"),
            (
                f"{B} reached the wall only because of {A}",
                f"was it because of {A} that {B} hit the wall",
            ),
            (f"{B} reached the wall thanks to {A}", f"did {B} reach the wall thanks to {A}"),
            (
                f"it was {A} that made {B} reach the wall",
                f"was it {A} that made {B} reach the wall",
            ),
            (
                f"{A} is the reason that {B} hit the wall",
                f"is {A} the reason that {B} hit the wall",
            ),
            (f"{A} pushed {B} into the wall", f"did {A} push {B} into the wall"),
        ]
    else:
        means = (
            f"(and (not {scene.call('hits-wall?', a)}) {scene.call('hits-wall-without?', a, b)})"
        )
        rows = [
            (
                f"{B} prevented {A} from hitting the wall",
                f"did {B} prevent {A} from hitting the wall",
            ),
            (f"{B} stopped {A} from reaching the wall", f"did {B} stop {A} from reaching the wall"),
            (
                f"{B} kept {A} from getting to the wall",
                f"did {B} keep {A} from getting to the wall",
            ),
            (f"{B} keeps {A} from hitting the wall", f"does {B} keep {A} from hitting the wall"),
            (f"{A} missed the wall because of {B}", f"did {A} miss the wall because of {B}"),
            (
                f"{B} got in the way of {A}, which would have hit the wall otherwise",
                f"did {B} get in the way of {A} before it could reach the wall",
            ),
            (f"{B} saved {A} from hitting the wall", f"did {B} save {A} from hitting the wall"),
            (
                f"{A} would have reached the wall but {B} stopped it",
                f"was it {B} that stopped {A} before the wall",
            ),
            (
                f"{B} blocked {A} on its way to the wall",
                f"did {B} block {A} on its way to the wall",
            ),
            (
                f"{A} did not reach the wall because of {B}",
                f"is it because of {B} that {A} didn't reach the wall",
            ),
        ]
    says, ask = rng.choice(rows)
    return plain(says, means, ask)
