"""Questions about static scenes that are not answered by yes or no."""

from __future__ import annotations

from random import Random

from models.meaning.corpus.scene_phrases import (
    NOUNS,
    STAND,
    Phrase,
    noun_phrase,
    plain,
    plural,
    predicate,
    spot,
    with_feature,
)
from models.meaning.corpus.scene_words import Scene

type Asked = tuple[str, str] | None
COLOR = ("color", "colour")
KIND = ("kind of thing", "sort of thing", "kind", "type of object", "kind of object")


def how_many(rng: Random, scene: Scene) -> Asked:
    """How many blue mugs are there; how many plates are left of the box."""
    a = noun_phrase(rng, scene)
    where = rng.choice(["", "", " on the table", " in the scene", " here", " in all", " in total"])
    roll = rng.random()
    if roll < 0.24 and a.plain and (found := spot(rng, scene, a.features)):
        words, relation, other = found
        text = rng.choice([f"how many {a.many} {rng.choice(STAND) if relation != 'bigger-than' else 'are'} {words}", f"how many {a.many} are there {words}" if relation != "bigger-than" else f"how many {a.many} are {words}", f"what's the number of {a.many} {words}" if relation != "bigger-than" else f"how many of the {a.many} are {words}"])  # fmt: skip
        return text, scene.number(scene.call(relation, a.means, other))
    if roll < 0.36 and a.plain and (found := predicate(rng, scene, a.features)):
        _, many, feature = found
        if a.features:
            return f"how many of the {a.many} are {many}", scene.number(with_feature(scene, a.features, feature))  # fmt: skip
        return f"how many things are {many}", scene.number(scene.things(feature))
    text = rng.choice(
        [f"how many {a.many} are there{where}"] * 4
        + [
            f"how many {a.many} can you see", f"how many {a.many} do you see", f"how many {a.many} does the table have",
            f"what is the number of {a.many}", f"what's the number of {a.many}{where}", f"count the {a.many}{where}",
            f"how many {a.many} do we have", f"give me the number of {a.many}", f"how many {a.many}", f"tell me how many {a.many} there are",
            f"how many {a.many} would you expect", f"what number of {a.many} is there", f"how many {a.many} are on the table",
            f"how many {a.many} are there likely to be", f"estimate the number of {a.many}", f"how many {a.many} does the scene contain",
        ]
    )  # fmt: skip
    return text, scene.number(a.means)


def total(rng: Random, scene: Scene) -> Asked:
    """How many things are there; how many colours are there."""
    roll = rng.random()
    if roll < 0.5:
        noun = rng.choice(["things", "objects", "items", "things altogether", "objects in total"])
        text = rng.choice([f"how many {noun} are there", f"how many {noun} are on the table", f"how many {noun} do you see", "how much is on the table", f"count the {noun}", f"what's the total number of {noun.split()[0]}"])  # fmt: skip
        return text, scene.number(scene.everything)
    family, word = rng.choice([("colors", rng.choice(COLOR)), ("colors", rng.choice(COLOR)), ("kinds", "kind of thing")])  # fmt: skip
    words = word.replace("kind of", "kinds of") if "kind" in word else word + "s"
    a = plain(rng, scene, scene.colors) if family == "colors" else Phrase("", "", scene.everything)
    inside = scene.call("things", f"(list x{''.join(f" '{f}" for f in a.features)})")
    fun = f"(lambda (x) {scene.some(inside)})"
    whose = f"the {a.many}" if a.features else "the things"
    if roll < 0.75:
        if family == "kinds":
            return rng.choice([f"how many different {words} are there", f"how many {words} are there"]), f"(count {fun} kinds)"  # fmt: skip
        return rng.choice([f"how many {words} do {whose} have", f"how many different {words} do {whose} come in", f"in how many {words} are {whose}"]), f"(count {fun} colors)"  # fmt: skip
    if family == "kinds":
        return rng.choice([f"which {words} are there", f"what {words} are on the table", f"what {words} can you see"]), f"(filter {fun} kinds)"  # fmt: skip
    return rng.choice([f"which {words} do {whose} have", f"what {words} are {whose}", f"which {words} are {whose}", f"what {words} do {whose} come in"]), f"(filter {fun} colors)"  # fmt: skip


def difference(rng: Random, scene: Scene) -> Asked:
    """How many more mugs than plates are there; which part of the mugs is blue."""
    a = plain(rng, scene)
    if not a.features:
        return None
    if rng.random() < 0.5:
        b = plain(rng, scene, a.features)
        if not b.features:
            return None
        m, n = scene.number(a.means), scene.number(b.means)
        if rng.random() < 0.35:
            return rng.choice([f"how many {a.many} and {b.many} are there altogether", f"how many {a.many} plus {b.many} are there", f"how many {a.many} and {b.many} are there in total"]), f"(+ {m} {n})"  # fmt: skip
        return rng.choice([f"how many more {a.many} than {b.many} are there", f"how many more {a.many} are there than {b.many}", f"how many fewer {b.many} than {a.many} are there", f"by how many do the {a.many} outnumber the {b.many}", f"what is the difference between the number of {a.many} and {b.many}"]), f"(- {m} {n})"  # fmt: skip
    found = predicate(rng, scene, a.features)
    if found is None:
        return None
    _, many, feature = found
    word = rng.choice(["what fraction of the", "what share of the", "what proportion of the", "which part of the"])  # fmt: skip
    both = scene.number(with_feature(scene, a.features, feature))
    return f"{word} {a.many} is {many}" if many not in map(plural, scene.kinds) else f"{word} {a.many} are {many}", f"(/ {both} {scene.number(a.means)})"  # fmt: skip


def which_color(rng: Random, scene: Scene) -> Asked:
    """What colour is the mug; what colour is the leftmost plate."""
    if not scene.has("color-of"):
        return None
    a = _one(rng, scene, scene.colors)
    if a is None:
        return None
    c = rng.choice(COLOR)
    text = rng.choice([f"what {c} is the {a.one}", f"what {c} is the {a.one}", f"which {c} is the {a.one}", f"what is the {c} of the {a.one}", f"which {c} does the {a.one} have", f"what's the {c} of the {a.one}", f"tell me the {c} of the {a.one}", f"what {c} might the {a.one} be", f"what {c} would the {a.one} be"])  # fmt: skip
    return text, scene.call("color-of", a.means)


def what_between(rng: Random, scene: Scene) -> Asked:
    """What is between the mug and the plate; are there more mugs or plates."""
    b = plain(rng, scene, kind=True)
    c = plain(rng, scene, b.features, kind=True)
    if not b.features or not c.features:
        return None
    if rng.random() < 0.5 and scene.has("between", "kind-of"):
        pair = f"the {b.one} and the {c.one}"
        group = scene.call("between", scene.everything, b.means, c.means)
        return rng.choice([f"what is between {pair}", f"what stands between {pair}", f"what's in between {pair}", f"which kind of thing is between {pair}"]), scene.call("kind-of", group)  # fmt: skip
    family = scene.kinds if rng.random() < 0.6 else scene.colors
    if len(family) < 2:
        return None
    f, g = rng.sample(family, 2)
    many = (plural(f), plural(g)) if family is scene.kinds else (f"{f} things", f"{g} things")
    inside = scene.call("things", "(list x)")
    return rng.choice([f"are there more {many[0]} or more {many[1]}", f"which are there more of, {many[0]} or {many[1]}", f"what is more common, {many[0]} or {many[1]}", f"are there more {many[0]} or {many[1]}"]), f"(argmax (lambda (x) {scene.number(inside)}) '({f} {g}))"  # fmt: skip


def which_kind(rng: Random, scene: Scene) -> Asked:
    """What is behind the box; what kind of thing is the leftmost one."""
    if not scene.has("kind-of"):
        return None
    if rng.random() < 0.6 and (found := spot(rng, scene)):
        words, relation, other = found
        if relation == "bigger-than":
            return None
        group = scene.call("kind-of", scene.call(relation, scene.everything, other))
        k = rng.choice(KIND)
        return rng.choice([f"what is {words}", f"what is {words}", f"what's {words}", f"what stands {words}", f"which {k} is {words}", f"what {k} is {words}", f"what {k} stands {words}", f"what could be {words}", f"what can be found {words}", f"what sits {words}", f"what do you see {words}", f"what do you think is {words}"]), group  # fmt: skip
    a = _one(rng, scene, scene.kinds)
    if a is None or a.means == scene.everything:
        return None
    k = rng.choice(KIND)
    return rng.choice([f"what is the {a.one}", f"what {k} is the {a.one}", f"which {k} is the {a.one}", f"what is the {k.split()[0]} of the {a.one}", f"what's the {a.one}"]), scene.call("kind-of", a.means)  # fmt: skip


def _one(rng: Random, scene: Scene, without: tuple[str, ...]) -> Phrase | None:
    """Something that is spoken of as the only one."""
    a = noun_phrase(rng, scene, without)
    if set(a.features) & set(without):
        return None
    if not a.features:
        a = Phrase(rng.choice(NOUNS), "things", scene.everything)
    side = rng.choice(["left", "right"])
    if scene.has(f"{side}most") and a.plain and (not a.features or rng.random() < 0.25):
        text = rng.choice([f"{side}most {a.one}", f"{side}most {a.one}", f"{a.one} farthest to the {side}", f"{a.one} furthest {side}", f"{a.one} on the far {side}", f"first {a.one} from the {side}"])  # fmt: skip
        return Phrase(text, a.many, scene.call(f"{side}most", a.means), a.features)
    return a if a.features else None


def superlative(rng: Random, scene: Scene) -> Asked:
    """Which colour is the most common; which kind is there most of."""
    family = rng.choice(["colors", "kinds"])
    word = rng.choice(COLOR) if family == "colors" else rng.choice(["kind of thing", "kind", "kind of object"])  # fmt: skip
    a = plain(rng, scene, scene.colors if family == "colors" else scene.kinds)
    if set(a.features) & set(scene.sizes) or rng.random() < 0.5:
        a = Phrase("thing", "things", scene.everything)
    inside = scene.call("things", f"(list x{''.join(f" '{f}" for f in a.features)})")
    fun = f"(lambda (x) {scene.number(inside)})"
    best, most = rng.choice([("argmax", "most"), ("argmax", "most"), ("argmin", "least")])
    among = f" among the {a.many}" if a.features else ""
    text = rng.choice([f"which {word} is the {most} common{among}", f"what is the {most} common {word}{among}", f"what {word} is {most} frequent{among}", f"what's the {most} frequent {word}{among}"])  # fmt: skip
    return text, f"({best} {fun} {family})"


ASKED = (
    (how_many, 0.4),
    (total, 0.16),
    (difference, 0.1),
    (which_color, 0.14),
    (which_kind, 0.14),
    (superlative, 0.06),
    (what_between, 0.06),
)


def question(rng: Random, scene: Scene) -> tuple[str, str]:
    """Any question that is not answered by yes or no: its text and its expression."""
    while True:
        asked = rng.choices([a for a, _ in ASKED], [w for _, w in ASKED])[0](rng, scene)
        if asked is not None:
            return asked
