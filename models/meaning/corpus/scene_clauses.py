"""Statements about static scenes: what there is, how much of it, and where."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from models.meaning.corpus.clause import Clause, all_of
from models.meaning.corpus.scene_idioms import (
    nothing_else,
    of_every,
    of_them,
    two_places,
    which_have,
)
from models.meaning.corpus.scene_phrases import (
    STAND,
    STANDS,
    Phrase,
    beside,
    noun_phrase,
    number,
    plain,
    predicate,
    spot,
    with_feature,
)
from models.meaning.corpus.scene_words import Scene

type Maker = Callable[[Random, Scene], Clause | None]
PLACES = ("", "", "", "", "", " on the table", " on the table", " here", " in the scene", " in the picture", " on it", " there", " on this table")  # fmt: skip


def existence(rng: Random, scene: Scene) -> Clause:
    """There is a blue mug; there are no plates."""
    p = noun_phrase(rng, scene)
    where = rng.choice(PLACES)
    some = scene.some(p.means)
    if rng.random() < 0.27:
        no = (
            f"there is no {p.one}{where}", f"there are no {p.many}{where}", f"there isn't {p.a}{where}",
            f"there isn't any {p.one}{where}", f"there aren't any {p.many}{where}", f"I see no {p.many}{where}",
            f"I don't see {p.a}{where}", f"I can't see any {p.many}{where}", f"the table has no {p.many}",
            f"not a single {p.one} is on the table", f"no {p.one} is on the table", f"no {p.many} are on the table",
            f"it has no {p.many}", f"there is not {p.a}{where}", f"there's no {p.one}{where}",
            f"none of the things is {p.a}", f"nothing on the table is {p.a}", f"you won't find any {p.many}{where}",
            f"{p.many} are missing from the table", f"the scene doesn't contain {p.a}",
        )  # fmt: skip
        asks = (f"are there no {p.many}{where}", f"is there no {p.one}{where}")
        return Clause(no, asks, f"(not {some})")
    says = (
        f"there is {p.a}{where}", f"there is {p.a}{where}", f"there's {p.a}{where}", f"there's {p.a}{where}",
        f"I see {p.a}{where}", f"I can see {p.a}{where}", f"we can see {p.a}{where}", f"the table has {p.a} on it",
        f"the table has at least one {p.one}", f"there is at least one {p.one}{where}",
        f"at least one {p.one} is on the table", f"{p.a} is on the table", f"{p.a} stands on the table",
        f"someone put {p.a} on the table", f"the scene contains {p.a}", f"the scene has {p.a}",
        f"one of the things is {p.a}", f"one of the objects on the table is {p.a}", f"there is some {p.one}{where}",
        f"some {p.one} is on the table", f"there are some {p.many}{where}", f"there are {p.many}{where}",
        f"among the things is {p.a}", f"you can see {p.a}{where}", f"on the table there is {p.a}",
        f"on the table is {p.a}", f"the picture shows {p.a}", f"I spot {p.a}{where}", f"one or more {p.many} are on the table",
        f"there exists {p.a}", f"it has {p.a} on it", f"the table holds {p.a}", f"there must be {p.a}{where}",
    )  # fmt: skip
    asks = (
        f"is there {p.a}{where}", f"is there {p.a}{where}", f"is there {p.a}{where}", f"are there any {p.many}{where}",
        f"are there any {p.many}{where}", f"is there any {p.one}{where}", f"do you see {p.a}{where}",
        f"does the table have {p.a} on it", f"is there at least one {p.one}{where}", f"is {p.a} on the table",
        f"is one of the things {p.a}", f"does the scene contain {p.a}", f"can you see {p.a}", f"are there {p.many}{where}",
        f"any {p.many}{where}", f"is there some {p.one}{where}", f"is at least one of the objects {p.a}",
        f"do we have {p.a}", f"does the picture show {p.a}", f"will I find {p.a}{where}", f"is there {p.a}, do you think",
    )  # fmt: skip
    return Clause(says, asks, some)


def amount(rng: Random, scene: Scene, count: str, k: int | None = None) -> tuple[str, str]:
    """A count of something in words, and what it comes to: `at least two {}`.

    Args:
      rng: where chance comes from.
      scene: the table.
      count: the expression of the number.
      k: the number that is spoken of; any where not given.
    """
    k = k if k is not None else rng.choice([1, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8])
    w, more, less = number(rng, k), number(rng, k + 1), number(rng, k - 1)
    roll = rng.random()
    if roll < 0.22 and k > 1:
        return f"{w} {{}}", f"(= {count} {k})"
    if roll < 0.36:
        words = rng.choice(
            [
                "exactly",
                "exactly",
                "exactly",
                "just",
                "only",
                "precisely",
                "no more and no less than",
            ]
        )
        return f"{words} {w} {{}}", f"(= {count} {k})"
    if roll < 0.5 and k > 1:
        words = rng.choice(["at least {w}", "at least {w}", "at least {w}", "no fewer than {w}", "{w} or more", "more than {less}", "a minimum of {w}", "not less than {w}"])  # fmt: skip
        return words.format(w=w, less=less) + " {}", f"(>= {count} {k})" if "more than" not in words else f"(> {count} {k - 1})"  # fmt: skip
    if roll < 0.62:
        words = rng.choice(["at most {w}", "at most {w}", "no more than {w}", "{w} or fewer", "fewer than {more}", "less than {more}", "a maximum of {w}", "up to {w}", "not more than {w}"])  # fmt: skip
        strict = words in ("fewer than {more}", "less than {more}")
        return words.format(w=w, more=more) + " {}", f"(< {count} {k + 1})" if strict else f"(<= {count} {k})"  # fmt: skip
    if roll < 0.68 and k > 1:
        top = k + rng.choice([1, 2, 3])
        t = number(rng, top)
        words = rng.choice([f"between {w} and {t}", f"from {w} to {t}", f"{w} to {t}"])
        return f"{words} {{}}", f"(and (>= {count} {k}) (<= {count} {top}))"
    if roll < 0.8:
        words = rng.choice(["many", "many", "many", "a lot of", "lots of", "plenty of", "a large number of", "loads of"])  # fmt: skip
        return f"{words} {{}}", f"(>= {count} {scene.many})"
    if roll < 0.86:
        words = rng.choice(["several", "several", "a few", "quite a few", "a number of"])
        return f"{words} {{}}", f"(>= {count} {scene.several})"
    if roll < 0.92:
        words = rng.choice(["a couple of", "a couple of", "a pair of"])
        return f"{words} {{}}", f"(>= {count} 2)"
    if roll < 0.95:
        words = rng.choice(["not many", "few", "only a few", "not a lot of"])
        return f"{words} {{}}", f"(not (>= {count} {scene.many}))" if "not" in words else f"(< {count} {scene.several})"  # fmt: skip
    words = rng.choice(["more than one {}", "multiple {}"])
    return words, f"(> {count} 1)" if "more" in words else f"(>= {count} 2)"


def counting(rng: Random, scene: Scene) -> Clause:
    """There are at least two blue mugs; exactly three plates are behind the box."""
    p = noun_phrase(rng, scene)
    k = rng.choice([None, None, None, None, 1])
    words, means = amount(rng, scene, scene.number(p.means), k)
    one = any(w in words.split() for w in ("one", "1")) and "more than" not in words and "or" not in words.split()  # fmt: skip
    text, where = words.format(p.one if one else p.many), rng.choice(PLACES)
    be, stands = ("is", rng.choice(STANDS)) if one else ("are", rng.choice(STAND))
    quantity = words.format("").strip()
    says = (
        f"there {be} {text}{where}", f"there {be} {text}{where}", f"there {be} {text}{where}", f"I see {text}{where}",
        f"{text} {stands} on the table", f"the table has {text} on it", f"I count {text}{where}", f"we can see {text}",
        f"the scene contains {text}", f"on the table there {be} {text}", f"there's {text}{where}", f"the scene has {text}",
        f"someone put {text} on the table", f"it has {text}", f"there must be {text}{where}",
        f"the number of {p.many} is {quantity}" if quantity.split()[-1] in (*map(str, range(20)), "two", "three", "four", "five", "six") else f"there {be} {text}",
    )  # fmt: skip
    asks = (
        f"{be} there {text}{where}", f"{be} there {text}{where}", f"{be} there {text}{where}", f"do you see {text}{where}",
        f"does the table have {text}", f"{be} {text} on the table", f"does the scene contain {text}", f"can you see {text}",
    )  # fmt: skip
    return Clause(says, asks, means)


def whole(rng: Random, scene: Scene) -> Clause:
    """There are six things; the table is empty; nothing but mugs."""
    roll = rng.random()
    every = scene.everything
    if roll < 0.45:
        words, means = amount(rng, scene, scene.number(every))
        noun = rng.choice(["things", "objects", "items", "things on the table", "objects in total", "things altogether"])  # fmt: skip
        text = words.format(noun)
        if words.split()[0] in ("one", "1"):
            text = text.replace("things", "thing").replace("objects", "object").replace("items", "item")  # fmt: skip
        return Clause(
            (f"there are {text}", f"I see {text}", f"the table holds {text}", f"I count {text}", f"the scene has {text}"),
            (f"are there {text}", f"does the table hold {text}", f"do you see {text}"), means,
        )  # fmt: skip
    if roll < 0.6:
        full = rng.random() < 0.4
        says = (
            ("there is something on the table", "the table isn't empty", "something is there", "the table is not empty", "there is at least one object")
            if full else
            ("the table is empty", "there is nothing on the table", "nothing is on the table", "nothing stands there", "there are no objects at all", "there isn't anything on the table", "I see nothing on the table")
        )  # fmt: skip
        asks = (("is there anything on the table", "is anything there", "is there something on the table") if full
                else ("is the table empty", "is there nothing on the table"))  # fmt: skip
        return Clause(says, asks, scene.some(every) if full else f"(not {scene.some(every)})")
    if roll < 0.72:
        words = rng.choice(["the table is crowded", "the table is full of things", "there is a lot on the table", "lots of things stand on the table", "there's plenty on the table"])  # fmt: skip
        return Clause((words,), (), f"(>= {scene.number(every)} {scene.many})")
    return same(rng, scene)


def same(rng: Random, scene: Scene) -> Clause:
    """All mugs are the same colour; the plates have three different colours."""
    p = noun_phrase(rng, scene, without=scene.colors)
    kind_too = not set(p.features) & set(scene.kinds) and rng.random() < 0.3
    family, word = ("kinds", "kind") if kind_too else ("colors", rng.choice(["color", "colour"]))
    if not p.plain:
        p = plain(rng, scene, without=scene.colors)
    if kind_too:
        p = Phrase(f"{rng.choice(p.features)} thing", f"{p.features[0]} things", p.means, p.features) if p.features else p  # fmt: skip
    inside = scene.call("things", f"(list x{''.join(f" '{f}" for f in p.features)})")
    different = f"(count (lambda (x) {scene.some(inside)}) {family})"
    many = p.many if p.features else "things"
    roll = rng.random()
    if roll < 0.35:
        says = (f"all the {many} are the same {word}", f"all {many} have the same {word}", f"the {many} are all of one {word}", f"the {many} share one {word}")  # fmt: skip
        asks = (f"are all the {many} the same {word}", f"do all {many} have the same {word}", f"are the {many} of the same {word}")  # fmt: skip
        return Clause(says, asks, f"(<= {different} 1)")
    if roll < 0.65:
        k = rng.choice([2, 2, 3])
        w = number(rng, k)
        says = (f"at least {w} {many} have the same {word}", f"at least {w} {many} are the same {word}", f"there are {w} {many} of the same {word}", f"{w} of the {many} share a {word}")  # fmt: skip
        asks = (f"are there {w} {many} of the same {word}", f"do {w} of the {many} have the same {word}")  # fmt: skip
        return Clause(says, asks, f"(any (lambda (x) (>= {scene.number(inside)} {k})) {family})")
    k = rng.choice([2, 3, 3, 4])
    w = number(rng, k)
    op, words = rng.choice([("=", f"{w} different"), ("=", f"exactly {w} different"), (">=", f"at least {w} different"), (">=", f"at least {w}")])  # fmt: skip
    many_word = word + "s"
    says = (f"there are {many} of {words} {many_word}", f"the {many} have {words} {many_word}", f"the {many} come in {words} {many_word}")  # fmt: skip
    asks = (f"are there {many} of {words} {many_word}", f"do the {many} have {words} {many_word}")
    return Clause(says, asks, f"({op} {different} {k})")


def comparison(rng: Random, scene: Scene) -> Clause:
    """There are more mugs than plates; twice as many red things as blue ones."""
    a = noun_phrase(rng, scene)
    b = plain(rng, scene, without=a.features)
    left, right = a.many, b.many
    if (
        a.plain and len(a.features) == 2 and a.features[1] in scene.kinds and rng.random() < 0.5
        and (free := [c for c in (scene.colors if a.features[0] in scene.colors else scene.sizes) if c != a.features[0]])
    ):  # fmt: skip
        other = rng.choice(free)  # more blue mugs than red ones
        b = Phrase("", "", scene.things(other, a.features[1]))
        right = rng.choice([f"{other} ones", f"{other} {a.many.split()[-1]}", other])
    if not a.features or not b.means or a.means == b.means:
        a, b = plain(rng, scene, scene.colors, True), plain(rng, scene, scene.kinds)
        left, right = a.many, b.many
    m, n = scene.number(a.means), scene.number(b.means)
    where = rng.choice(PLACES)
    roll = rng.random()
    if roll < 0.4:
        says = [f"there are more {left} than {right}{where}"] * 4 + [
            f"there are more {left}{where} than {right}", f"the table has more {left} than {right}", f"the {left} outnumber the {right}",
            f"I see more {left} than {right}", f"{left} outnumber {right}", f"there are fewer {right} than {left}{where}",
            f"the scene has more {left} than {right}", f"{left} are more numerous than {right}", f"there are fewer {right} than there are {left}",
        ]  # fmt: skip
        asks = [f"are there more {left} than {right}{where}"] * 4 + [
            f"do the {left} outnumber the {right}", f"are there fewer {right} than {left}{where}", f"does the table have more {left} than {right}",
            f"are {left} more numerous than {right}", f"do you see more {left} than {right}",
        ]  # fmt: skip
        return Clause(tuple(says), tuple(asks), f"(> {m} {n})")
    if roll < 0.55:
        k, w = rng.choice([(2, "twice"), (2, "twice"), (2, "two times"), (2, "double"), (3, "three times")])  # fmt: skip
        text = f"double the number of {left} as {right}" if w == "double" else f"{w} as many {left} as {right}"  # fmt: skip
        op = "="
        if rng.random() < 0.25:
            op, text = ">=", f"at least {text}"
        return Clause((f"there are {text}{where}", f"there are {text}", f"I see {text}", f"the table has {text}"), (f"are there {text}{where}",), f"({op} {m} (* {k} {n}))")  # fmt: skip
    if roll < 0.73:
        says = (
            f"there are as many {left} as {right}{where}", f"there are exactly as many {left} as {right}", f"there are equally many {left} and {right}",
            f"the number of {left} equals the number of {right}", f"there is the same number of {left} and {right}", f"there are just as many {left} as {right}",
            f"the number of {left} is the same as the number of {right}", f"there is an equal number of {left} and {right}",
        )  # fmt: skip
        asks = (f"are there as many {left} as {right}{where}", f"are there equally many {left} and {right}", f"is the number of {left} equal to that of {right}", f"is there the same number of {left} and {right}")  # fmt: skip
        return Clause(says, asks, f"(= {m} {n})")
    if roll < 0.83:
        op, words = rng.choice([(">=", f"at least as many {left} as {right}"), ("<=", f"no more {left} than {right}"), ("<=", f"at most as many {left} as {right}"), (">=", f"no fewer {left} than {right}")])  # fmt: skip
        return Clause((f"there are {words}{where}", f"there are {words}"), (f"are there {words}{where}",), f"({op} {m} {n})")  # fmt: skip
    if roll < 0.91:
        says = (f"there aren't more {left} than {right}", f"there are not more {left} than {right}{where}", f"there aren't as many {left} as {right}")  # fmt: skip
        text = rng.choice(says)
        means = f"(< {m} {n})" if "as many" in text else f"(not (> {m} {n}))"
        return Clause((text,), (), means)
    k = rng.choice([1, 2, 2, 3])
    word, noun = number(rng, k), left
    return Clause((f"there are {word} more {noun} than {right}{where}" if k > 1 else f"there is one more {a.one} than {right}", f"there are {word} fewer {right} than {left}" if k > 1 else f"there is one more {a.one} than {right}"), (f"are there {word} more {noun} than {right}" if k > 1 else f"is there one more {a.one} than {right}",), f"(= (- {m} {n}) {k})")  # fmt: skip


def placed(rng: Random, scene: Scene) -> Clause | None:
    """A mug is left of the plate; nothing is behind the box."""
    a = plain(rng, scene) if rng.random() < 0.85 else noun_phrase(rng, scene)
    found = spot(rng, scene, a.features)
    if found is None:
        return None
    where, relation, other = found
    group = scene.call(relation, a.means, other)
    size = relation == "bigger-than"
    stands, stand = ("is", "are") if size else (rng.choice(STANDS), rng.choice(STAND))
    some = scene.some(group)
    the = f"the {a.one}" if a.features else f"some {a.one}"
    roll = rng.random()
    if roll < 0.46:
        one = rng.choice([the, the, the, a.a, a.a, f"one of the {a.many}", f"at least one {a.one}", f"some {a.one}"])  # fmt: skip
        if not a.features:
            one = rng.choice(["something", "something", a.a, f"at least one {a.one}"])
        says = [f"{one} {stands} {where}"] * 3
        if not size:
            says += [f"there is {a.a} {where}", f"there's {a.a} {where}", f"{where} is {a.a}", f"{where} there is {a.a}", f"I see {a.a} {where}", f"{where} stands {a.a}", f"you can see {a.a} {where}"]  # fmt: skip
        asks = [f"is {one} {where}"] * 2 + ([f"is there {a.a} {where}", f"is there any {a.one} {where}", f"are there any {a.many} {where}", f"do you see {a.a} {where}"] if not size else [])  # fmt: skip
        if not a.features:
            asks += [f"is anything {where}", f"is there anything {where}", f"is something {where}"]
        return Clause(tuple(says), tuple(asks), some)
    if roll < 0.6:
        no = f"no {a.one}" if a.features else "nothing"
        says = [f"{no} {stands} {where}", f"{the} is not {where}", f"{the} isn't {where}"]
        if not a.features:
            says = [f"nothing {stands} {where}"] * 3
        if not size:
            says += [f"there is no {a.one} {where}", f"there are no {a.many} {where}", f"there isn't {a.a} {where}"] if a.features else [f"there is nothing {where}", f"there isn't anything {where}"]  # fmt: skip
        asks = (f"is {no} {where}", f"is there {'no ' + a.one if a.features else 'nothing'} {where}") if not size else ()  # fmt: skip
        return Clause(tuple(says), asks, f"(not {some})")
    if roll < 0.82:
        words, means = amount(rng, scene, scene.number(group))
        text = words.format(a.many)
        return Clause((f"{text} {stand} {where}", *([f"there are {text} {where}"] * 2 if not size else [])), (f"are {text} {where}", *((f"are there {text} {where}",) if not size else ())), means)  # fmt: skip
    if not scene.has("every"):
        return None
    base = a.means if a.features else (scene.call("except", scene.everything, other) if scene.has("except") else None)  # fmt: skip
    if base is None or (relation == "next-to" and not a.features):
        return None
    means = scene.call("every", base, scene.call(relation, base, other))
    subject = rng.choice([f"all the {a.many}", f"all {a.many}", f"all of the {a.many}", f"the {a.many} all", f"both {a.many}", f"the {a.many}"]) if a.features else ""  # fmt: skip
    each = rng.choice([f"every {a.one}", f"each {a.one}", f"every single {a.one}"]) if a.features else "everything else"  # fmt: skip
    plural_too = [f"{subject} {stand} {where}"] * 2 if a.features and "both" not in subject else []
    asks = [f"is {each} {where}"] + ([f"are all the {a.many} {where}"] if a.features else [])
    if rng.random() < 0.2:
        return Clause((f"not {each} {stands} {where}" if a.features else f"not {each} is {where}",), (), f"(not {means})")  # fmt: skip
    return Clause((f"{each} {stands} {where}", *plural_too), tuple(asks), means)


def between(rng: Random, scene: Scene) -> Clause | None:
    """The bowl is between the mug and the plate."""
    if not scene.has("between"):
        return None
    a = plain(rng, scene)
    b = plain(rng, scene, a.features, kind=True)
    c = plain(rng, scene, (*a.features, *b.features), kind=rng.random() < 0.7)
    if not b.features or not c.features:
        return None
    pair = f"{beside(rng, b)} and {beside(rng, c)}"
    if rng.random() < 0.1 and b.plain:
        c, pair = b, f"two {b.many}"
    group = scene.call("between", a.means, b.means, c.means)
    one = rng.choice([f"the {a.one}", f"the {a.one}", a.a, f"some {a.one}"]) if a.features else "something"  # fmt: skip
    words = rng.choice(["between", "between", "between", "in between", "in the middle between", "somewhere between"])  # fmt: skip
    stands = rng.choice(STANDS)
    roll = rng.random()
    if roll < 0.7:
        says = (f"{one} {stands} {words} {pair}", f"{one} {stands} {words} {pair}", f"there is {a.a} {words} {pair}", f"{words} {pair} is {a.a}", f"{words} {pair} there is {a.a}")  # fmt: skip
        asks = (f"is {one} {words} {pair}", f"is there {a.a} {words} {pair}", f"is there {'anything' if not a.features else 'any ' + a.one} {words} {pair}")  # fmt: skip
        return Clause(says, asks, scene.some(group))
    if roll < 0.85:
        no = f"no {a.one}" if a.features else "nothing"
        return Clause((f"{no} {stands} {words} {pair}", f"there is {no} {words} {pair}"), (f"is there {no} {words} {pair}",), f"(not {scene.some(group)})")  # fmt: skip
    text, means = amount(rng, scene, scene.number(group))
    text = text.format(a.many)
    return Clause((f"{text} are {words} {pair}", f"there are {text} {words} {pair}"), (f"are there {text} {words} {pair}",), means)  # fmt: skip


def quantified(rng: Random, scene: Scene) -> Clause | None:
    """All mugs are blue; most of the plates are big; only the bowl is red."""
    a = plain(rng, scene)
    found = predicate(rng, scene, a.features)
    if found is None:
        return None
    one, many, feature = found
    features = a.features
    both, f = with_feature(scene, features, feature), scene.things(feature)
    m, n = scene.number(both), scene.number(a.means)
    adjective = feature not in scene.kinds
    things = f"the {a.many}" if a.features else rng.choice(["the things", "the objects", "the things on the table"])  # fmt: skip
    bare = a.many
    roll = rng.random()
    if roll < 0.3 and scene.has("every"):
        means = scene.call("every", a.means, f)
        if rng.random() < 0.2:
            return Clause((f"not every {a.one} is {one}", f"not all {bare} are {many}", f"not all of {things} are {many}"), (), f"(not {means})")  # fmt: skip
        if not a.features:
            return Clause((f"everything is {one}", f"everything on the table is {one}", f"all the things are {many}", f"every object is {one}", f"there are only {many if not adjective else many + ' things'}", f"all of the objects are {many}"), (f"is everything {one}", f"are all the things {many}", f"is every object {one}"), means)  # fmt: skip
        return Clause((f"all {bare} are {many}", f"all {things} are {many}", f"every {a.one} is {one}", f"each {a.one} is {one}", f"all of {things} are {many}", f"{things} are all {many}", f"{things} are {many}", f"every single {a.one} is {one}", f"any {a.one} on the table is {one}"), (f"are all {things} {many}", f"are all {bare} {many}", f"is every {a.one} {one}", f"are {things} all {many}", f"are {things} {many}"), means)  # fmt: skip
    if roll < 0.42:
        if not a.features:
            return Clause((f"nothing is {one}", f"nothing on the table is {one}", f"none of the things are {many}"), (f"is nothing {one}", f"are none of the objects {many}"), f"(not {scene.some(both)})")  # fmt: skip
        return Clause((f"no {a.one} is {one}", f"none of {things} are {many}", f"none of {things} is {one}", f"no {bare} are {many}", f"the {a.one} is not {one}", f"the {a.one} isn't {one}"), (f"are none of {things} {many}", f"is no {a.one} {one}"), f"(not {scene.some(both)})")  # fmt: skip
    if roll < 0.56:
        if not a.features:
            return Clause((f"something is {one}", f"something on the table is {one}", f"one of the things is {one}", f"at least one object is {one}"), (f"is anything {one}", f"is anything on the table {one}", f"is something {one}"), scene.some(both))  # fmt: skip
        return Clause((f"the {a.one} is {one}", f"the {a.one} is {one}", f"some of {things} are {many}", f"one of {things} is {one}", f"at least one of {things} is {one}", f"at least one {a.one} is {one}", f"some {bare} are {many}", f"there is a {a.one} and it is {one}"), (f"is the {a.one} {one}", f"is one of {things} {one}", f"are some of {things} {many}", f"are any of {things} {many}", f"is any {a.one} {one}"), scene.some(both))  # fmt: skip
    if roll < 0.72:
        text, means = amount(rng, scene, m)
        subject = text.format("").strip()
        subject = f"{subject} {things}" if subject.endswith(" of") else f"{subject} of {things}"
        return Clause((f"{subject} are {many}",), (f"are {subject} {many}",), means)
    if roll < 0.82:
        op, words = rng.choice([(">", "most of"), (">", "more than half of"), (">", "the majority of"), (">", "over half of"), (">=", "at least half of"), ("=", "half of"), ("=", "exactly half of"), ("<", "less than half of"), ("<", "fewer than half of")])  # fmt: skip
        says = [f"{words} {things} are {many}"] + ([f"most {bare} are {many}"] if words == "most of" else [])  # fmt: skip
        asks = [f"are {words} {things} {many}"] + ([f"are most {bare} {many}"] if words == "most of" else [])  # fmt: skip
        return Clause(tuple(says), tuple(asks), f"({op} {m} (/ {n} 2))")
    if roll < 0.9 and scene.has("except"):
        others = scene.call("except", a.means, f)
        if rng.random() < 0.5:
            return Clause((f"one of {things} is not {one}", f"at least one of {things} isn't {one}", f"some of {things} aren't {many}", f"there is {a.a} that isn't {one}"), (f"is one of {things} not {one}", f"is there {a.a} that is not {one}"), scene.some(others))  # fmt: skip
        return Clause((f"all {things} but one are {many}", f"all but one of {things} are {many}"), (f"are all but one of {things} {many}",), f"(= {scene.number(others)} 1)")  # fmt: skip
    if not a.features or not scene.has("every"):
        return None
    noun = f"{many} things" if adjective else many
    return Clause((f"only {bare} are {many}", f"the only {noun} are {bare}", f"all {noun} are {bare}", f"only {things} are {many}"), (f"are only {bare} {many}", f"are the only {noun} {bare}"), scene.call("every", f, a.means))  # fmt: skip


def listed(rng: Random, scene: Scene) -> Clause:
    """A mug, two plates and a box; a mug together with a red plate; neither mugs nor bowls."""
    parts: list[tuple[str, str, str]] = []  # said, said in a question, meant
    used: tuple[str, ...] = ()
    for _ in range(rng.choice([2, 2, 2, 2, 3, 3, 4])):
        p = plain(rng, scene, used if rng.random() < 0.7 else ())
        if not p.features or any(scene.some(p.means) == part[2] for part in parts):
            continue
        used = (*used, *(f for f in p.features if f in scene.kinds))
        if rng.random() < 0.3:
            k = rng.choice([2, 2, 3, 4])
            exactly = rng.choice(["", "", "exactly ", "at least "])
            op = ">=" if exactly.startswith("at") else "="
            parts.append((f"{exactly}{number(rng, k)} {p.many}", "", f"({op} {scene.number(p.means)} {k})"))  # fmt: skip
        else:
            parts.append((p.a, p.many, scene.some(p.means)))
    if len(parts) < 2:
        return existence(rng, scene)
    said, means = [p[0] for p in parts], [p[2] for p in parts]
    where = rng.choice(PLACES)
    last = rng.choice([" and ", " and ", ", and ", " and also "])
    text = ", ".join(said[:-1]) + last + said[-1]
    roll = rng.random()
    if roll < 0.2 and all(m.startswith("(" + scene.call("exists").strip("()")) for m in means[:2]):
        plurals = [p[1] for p in parts[:2]]
        singles = [p[0].split(" ", 1)[1] for p in parts[:2]]
        no = f"(and {' '.join(f'(not {m})' for m in means[:2])})"
        return Clause((f"there are neither {plurals[0]} nor {plurals[1]}{where}", f"there is neither {said[0]} nor {said[1]}{where}", f"there are no {plurals[0]} and no {plurals[1]}{where}", f"there is no {singles[0]} and no {singles[1]}{where}", f"there are no {plurals[0]} or {plurals[1]}{where}"), (f"are there neither {plurals[0]} nor {plurals[1]}{where}",), no)  # fmt: skip
    if roll < 0.36:
        either = " or ".join(said[:2])
        word = rng.choice(["", "", "either "])
        return Clause((f"there is {word}{either}{where}", f"I see {word}{either}", f"there is {word}{either}"), (f"is there {word}{either}{where}",), all_of(means[:2], "or"))  # fmt: skip
    if roll < 0.5 and len(parts) == 2:
        joint = rng.choice([f"{said[0]} together with {said[1]}", f"{said[0]} along with {said[1]}", f"both {said[0]} and {said[1]}", f"{said[0]} as well as {said[1]}", f"{said[0]} with {said[1]}", f"{said[0]} but also {said[1]}"])  # fmt: skip
        return Clause((f"there is {joint}{where}", f"I see {joint}{where}", f"the table has {joint}"), (f"is there {joint}{where}", f"do you see {joint}"), all_of(means))  # fmt: skip
    if roll < 0.6 and len(parts) == 2 and means[1].startswith(f"({scene.names.get('exists', 'exists')}"):  # fmt: skip
        return Clause((f"there is {said[0]} but no {parts[1][0].split(' ', 1)[1]}{where}", f"there is {said[0]}, but there are no {parts[1][1]}", f"I see {said[0]} but no {parts[1][1]}"), (f"is there {said[0]} but no {parts[1][0].split(' ', 1)[1]}",), f"(and {means[0]} (not {means[1]}))")  # fmt: skip
    be = rng.choice(["is", "are"])
    return Clause((f"there {be} {text}{where}", f"there {be} {text}{where}", f"I see {text}{where}", f"the table has {text}", f"{text} are on the table", f"on the table there {be} {text}", f"the scene contains {text}", f"someone put {text} on the table", f"we have {text}", f"it shows {text}"), (f"is there {text}{where}", f"are there {text}{where}", f"do you see {text}"), all_of(means))  # fmt: skip


def outermost(rng: Random, scene: Scene) -> Clause | None:
    """The leftmost thing is a mug; the mug farthest right is blue."""
    side = rng.choice(["left", "right"])
    if not scene.has(f"{side}most", "every"):
        return None
    a = plain(rng, scene) if rng.random() < 0.5 else Phrase(rng.choice(["thing", "object", "item"]), "things", scene.everything)  # fmt: skip
    found = predicate(rng, scene, a.features)
    if found is None:
        return None
    one, _, feature = found
    the = rng.choice([f"the {side}most {a.one}", f"the {side}most {a.one}", f"the {a.one} farthest to the {side}", f"the {a.one} furthest {side}", f"the {a.one} on the far {side}", f"the first {a.one} from the {side}"])  # fmt: skip
    inner = scene.call(f"{side}most", a.means)
    word = "kind-of" if feature in scene.kinds else "color-of"
    if feature in scene.sizes or not scene.has(word):
        means = scene.call("every", inner, scene.things(feature))
    else:
        means = f"(eq? {scene.call(word, inner)} '{feature})"
    if rng.random() < 0.15:
        return Clause((f"{the} is not {one}", f"{the} isn't {one}"), (), f"(not {means})")
    return Clause((f"{the} is {one}",), (f"is {the} {one}",), means)


MAKERS: tuple[tuple[Maker, float], ...] = (
    (existence, 0.18),
    (counting, 0.16),
    (whole, 0.09),
    (comparison, 0.13),
    (placed, 0.18),
    (between, 0.07),
    (quantified, 0.16),
    (listed, 0.1),
    (outermost, 0.06),
    (two_places, 0.05),
    (which_have, 0.025),
    (of_them, 0.02),
    (nothing_else, 0.035),
    (of_every, 0.01),
)


def clause(rng: Random, scene: Scene) -> Clause:
    """Anything that can be said of a table."""
    while True:
        maker = rng.choices([m for m, _ in MAKERS], [w for _, w in MAKERS])[0]
        made = maker(rng, scene)
        if made is not None:
            return made
