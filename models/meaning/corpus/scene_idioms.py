"""Statements about static scenes that have a shape of their own."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.clause import Clause, all_of
from models.meaning.corpus.scene_phrases import Phrase, number, plain, predicate, with_feature
from models.meaning.corpus.scene_words import Scene


def two_places(rng: Random, scene: Scene) -> Clause | None:
    """The mug and the plate are next to each other; the plate has a mug to its left."""
    a = plain(rng, scene)
    b = plain(rng, scene, a.features, kind=True)
    relation = rng.choice(["left-of", "right-of", "behind", "in-front-of", "next-to"])
    if not a.features or not b.features or not scene.has(relation):
        return None
    some = scene.some(scene.call(relation, a.means, b.means))
    x = rng.choice([f"the {a.one}", f"the {a.one}", a.a])
    y = rng.choice([f"the {b.one}", f"the {b.one}", b.a])
    stand = rng.choice(["are", "stand", "sit", "are standing", "lie"])
    if relation == "next-to":
        says = (
            f"{x} and {y} {stand} next to each other", f"{x} and {y} {stand} side by side", f"{x} and {y} {stand} close together",
            f"{x} and {y} {stand} near one another", f"{y} has {a.a} next to it", f"{y} has {a.a} beside it", f"{x} is a neighbour of {y}",
            f"next to {y} you can see {a.a}", f"{x} and {y} {stand} right beside each other", f"{x} is not far from {y}",
            f"{x} {rng.choice(['touches', 'almost touches'])} {y}",
        )  # fmt: skip
        asks = (f"are {x} and {y} next to each other", f"are {x} and {y} close together", f"does {y} have {a.a} next to it")  # fmt: skip
        if rng.random() < 0.25:
            far = (f"{x} and {y} are not next to each other", f"{x} is far from {y}", f"{x} and {y} are far apart", f"{x} is nowhere near {y}", f"{x} and {y} aren't close together")  # fmt: skip
            return Clause(far, (f"is {x} far from {y}", f"are {x} and {y} far apart"), f"(not {some})")  # fmt: skip
        return Clause(says, asks, some)
    if relation in ("left-of", "right-of"):
        side, other = ("left", "right") if relation == "left-of" else ("right", "left")
        says = (
            f"{y} has {a.a} to its {side}", f"{y} has {a.a} on its {side}", f"{x} is on the {side} and {y} is on the {other}",
            f"{x} is on the {side}, {y} on the {other}", f"on the {side} of {y} you can see {a.a}", f"to the {side} of {y} sits {a.a}",
            f"if you look {side} of {y}, you see {a.a}", f"{y} has {a.a} on the {side}", f"{x} comes {'before' if side == 'left' else 'after'} {y} from left to right",
        )  # fmt: skip
        asks = (f"does {y} have {a.a} to its {side}", f"is there {a.a} on the {side} of {y}", f"is {x} on {y}'s {side}")  # fmt: skip
        return Clause(says, asks, some)
    if relation == "behind":
        says = (
            f"{x} hides behind {y}", f"{x} is hidden behind {y}", f"{x} is hiding behind {y}", f"{y} hides {a.a}", f"{y} has {a.a} behind it",
            f"behind {y} hides {a.a}", f"{y} is in the way of {a.a}", f"there is {a.a} hidden behind {y}", f"{y} conceals {a.a}", f"{y} covers {a.a}",
        )  # fmt: skip
        asks = (f"does {a.a} hide behind {y}", f"is there {a.a} hidden behind {y}", f"is {x} hiding behind {y}", f"does {y} have {a.a} behind it")  # fmt: skip
        return Clause(says, asks, some)
    says = (f"{y} has {a.a} in front of it", f"in front of {y} you can see {a.a}", f"{x} blocks the view of {y}", f"{x} comes before {y}, seen from here")  # fmt: skip
    return Clause(says, (f"does {y} have {a.a} in front of it", f"is {x} in front of {y}"), some)


def which_have(rng: Random, scene: Scene) -> Clause | None:
    """There are five mugs, two of which are blue; two mugs, one red and one blue."""
    a = plain(rng, scene, scene.colors, kind=True)
    if set(a.features) & set(scene.colors) or len(scene.colors) < 2:
        return None
    n = rng.choice([2, 3, 4, 5, 6])
    total = f"(= {scene.number(a.means)} {n})"
    c, d = rng.sample(scene.colors, 2)
    blue, red = (with_feature(scene, a.features, f) for f in (c, d))
    w = number(rng, n)
    if rng.random() < 0.5:
        k = rng.randint(1, n - 1)
        v = number(rng, k)
        part = f"(= {scene.number(blue)} {k})"
        be = "is" if k == 1 else "are"
        says = (f"there are {w} {a.many}, {v} of which {be} {c}", f"there are {w} {a.many} and {v} of them {be} {c}", f"{v} of the {w} {a.many} {be} {c}", f"I see {w} {a.many}, {v} of them {c}", f"out of {w} {a.many}, {v} {be} {c}")  # fmt: skip
        return Clause(says, (f"are {v} of the {w} {a.many} {c}",), f"(and {total} {part})")
    k = rng.randint(1, n - 1)
    v, u = number(rng, k), number(rng, n - k)
    parts = f"(= {scene.number(blue)} {k}) (= {scene.number(red)} {n - k})"
    says = (f"there are {w} {a.many}, {v} {c} and {u} {d}", f"there are {w} {a.many}: {v} {c}, {u} {d}", f"I see {w} {a.many}, {v} {c} and {u} {d}")  # fmt: skip
    return Clause(says, (), f"(and {total} {parts})")


def of_them(rng: Random, scene: Scene) -> Clause | None:
    """There are five things, two of them are boxes; of the six objects one is blue."""
    found = predicate(rng, scene, ())
    if found is None:
        return None
    one, many, feature = found
    n = rng.choice([2, 3, 4, 5, 6, 8])
    k = rng.randint(1, n - 1)
    w, v, noun = number(rng, n), number(rng, k), rng.choice(["things", "objects", "items"])
    rest = f"is {one}" if k == 1 else f"are {many}"
    means = f"(and (= {scene.number(scene.everything)} {n}) (= {scene.number(scene.things(feature))} {k}))"
    says = (
        f"there are {w} {noun}, and {v} of them {rest}",
        f"there are {w} {noun} and {v} of them {rest}",
        f"of the {w} {noun} {v} {rest}",
        f"{v} of the {w} {noun} {rest}",
        f"I see {w} {noun}, {v} of which {rest}",
    )
    return Clause(
        says, (f"{rest.split()[0]} {v} of the {w} {noun} {rest.split(' ', 1)[1]}",), means
    )


def nothing_else(rng: Random, scene: Scene) -> Clause:
    """A mug and nothing else; only mugs and plates; everything but the box is blue."""
    a = plain(rng, scene, kind=True)
    b = plain(rng, scene, a.features, kind=True)
    every = scene.everything
    roll = rng.random()
    if roll < 0.35 or not b.features:
        says = (f"there is {a.a} and nothing else", f"there is only {a.a}", f"{a.a} is the only thing on the table", f"there is just {a.a} on the table", f"the only thing there is {a.a}", f"there's nothing but {a.a}")  # fmt: skip
        asks = (f"is there only {a.a} on the table", f"is {a.a} the only thing on the table")
        return Clause(says, asks, f"(and {scene.some(a.means)} (= {scene.number(every)} 1))")
    if roll < 0.55 and scene.has("every"):
        says = (f"there are only {a.many}", f"there are only {a.many} on the table", f"there's nothing but {a.many}", f"all the things are {a.many}", f"there are {a.many} and nothing else", f"the table has only {a.many}")  # fmt: skip
        asks = (f"are there only {a.many}", f"is there nothing but {a.many} on the table")
        return Clause(says, asks, scene.call("every", every, a.means))
    if roll < 0.8 and scene.has("every", "except") and (found := predicate(rng, scene, ())):
        one, many, feature = found
        if feature not in a.features:
            but = rng.choice(["except", "but", "except for", "apart from", "other than"])
            which = rng.choice([f"the {a.one}", f"the {a.many}"])
            rest = scene.call("except", every, a.means)
            says = (f"everything {but} {which} is {one}", f"all things {but} {which} are {many}", f"{but if but not in ('but', 'other than') else 'except for'} {which}, everything is {one}")  # fmt: skip
            asks = (f"is everything {but} {which} {one}",)
            return Clause(says, asks, scene.call("every", rest, scene.things(feature)))
    k = number(rng, 2)
    parts = (scene.some(a.means), scene.some(b.means), f"(= {scene.number(every)} 2)")
    says = (f"there are {k} things: {a.a} and {b.a}", f"there are {k} objects, {a.a} and {b.a}", f"there is {a.a}, {b.a}, and nothing else", f"the only things on the table are {a.a} and {b.a}", f"there are only {a.a} and {b.a}")  # fmt: skip
    return Clause(says, (), all_of(parts))


def of_every(rng: Random, scene: Scene) -> Clause:
    """A mug of every colour; each kind of thing is there."""
    colors = rng.random() < 0.65
    family = "colors" if colors else "kinds"
    word = rng.choice(["color", "colour"]) if colors else rng.choice(["kind", "sort", "type"])
    a = plain(rng, scene, scene.colors if colors else (), kind=True)
    features = a.features if colors else tuple(f for f in a.features if f not in scene.kinds)
    a = a if colors else Phrase(" ".join([*features, "thing"]), "things", "", features)
    inside = scene.call("things", f"(list x{''.join(f" '{f}" for f in features)})")
    every = f"(all (lambda (x) {scene.some(inside)}) {family})"
    says = (f"there is {a.a} of every {word}", f"there is {a.a} of each {word}", f"every {word} of {a.one} is on the table", f"I see {a.a} in every {word}")  # fmt: skip
    return Clause(says, (f"is there {a.a} of every {word}", f"is there {a.a} of each {word}"), every)  # fmt: skip
