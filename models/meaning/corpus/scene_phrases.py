"""Noun phrases of static scenes: `big blue mug`, `plate that stands behind the box`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from models.meaning.corpus.scene_words import PLURALS, SYNONYMS, Scene

SPOTS = {
    "left-of": ("to the left of", "left of", "on the left of", "to the left of", "further left than", "on the left side of", "somewhere left of"),
    "right-of": ("to the right of", "right of", "on the right of", "to the right of", "further right than", "on the right side of", "on the right-hand side of"),
    "in-front-of": ("in front of", "in front of", "in front of", "closer to us than", "nearer to me than", "closer to the viewer than", "nearer than"),
    "behind": ("behind", "behind", "behind", "in back of", "further back than", "farther away than", "at the back of"),
    "next-to": ("next to", "next to", "beside", "near", "close to", "right next to", "by", "right beside", "adjacent to", "alongside", "nearby"),
    "bigger-than": ("bigger than", "larger than", "bigger than"),
}  # fmt: skip
STANDS = ("is", "is", "is", "is", "is", "stands", "sits", "lies", "is standing", "is sitting", "is placed", "can be found", "is located", "rests", "is hidden", "is hiding", "was put", "was left")  # fmt: skip
STAND = ("are", "are", "are", "are", "are", "stand", "sit", "lie", "are standing", "are sitting", "are placed", "can be found", "are located", "are hidden", "were put")  # fmt: skip
NOUNS = ("thing", "object", "thing", "item", "object", "piece")
NUMBERS = {0: "zero", 1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 6: "six", 7: "seven", 8: "eight", 9: "nine", 10: "ten", 11: "eleven", 12: "twelve"}  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """A noun phrase.

    Args:
      one, many: its singular and its plural, without a determiner.
      means: the group that it speaks of.
      features: what the things have; empty for things of any kind.
      plain: whether features are all that it says.
    """

    one: str
    many: str
    means: str
    features: tuple[str, ...] = ()
    plain: bool = True

    @property
    def a(self) -> str:
        """With the indefinite article: `an orange mug`; `something blue` for `thing`."""
        if self.one.endswith(" piece"):
            return f"something {self.one.removesuffix(' piece')}"
        return f"{'an' if self.one[0] in 'aeiou' else 'a'} {self.one}"


def plural(noun: str) -> str:
    """The plural of a noun: `boxes`."""
    return PLURALS.get(noun, noun + "s")


def number(rng: Random, k: int) -> str:
    """A number in words, at times in digits."""
    return NUMBERS[k] if rng.random() < 0.85 else str(k)


def spoken(rng: Random, scene: Scene, feature: str, rate: float = 0.3) -> str:
    """How a feature is said: itself or a synonym."""
    free = [w for w in SYNONYMS.get(feature, ()) if w not in scene.kinds]
    share = rate if feature in scene.sizes else rate / 3
    return rng.choice(free) if free and rng.random() < share else feature


def phrase(rng: Random, scene: Scene, features: Sequence[str]) -> Phrase:
    """The phrase of some features."""
    kind = next((f for f in features if f in scene.kinds), None)
    noun = spoken(rng, scene, kind) if kind else rng.choice(NOUNS)
    others = [f for f in features if f != kind]
    words = [spoken(rng, scene, f) for f in others]
    means = scene.things(*others, *([kind] if kind else []))
    if others and others[-1] in scene.colors and rng.random() < 0.03:
        words[-1] += rng.choice(["-colored", "-coloured"])
    if len(words) == 2 and rng.random() < 0.1:
        words[0] += ","
    return Phrase(
        " ".join([*words, noun]), " ".join([*words, plural(noun)]), means, tuple(features)
    )


def plain(rng: Random, scene: Scene, without: Sequence[str] = (), kind: bool = False) -> Phrase:
    """A phrase of features, none of which another phrase has.

    Args:
      rng: where chance comes from.
      scene: the table.
      without: features to leave out.
      kind: whether it must have a kind.
    """
    sizes = [f for f in scene.sizes if f not in without]
    colors = [f for f in scene.colors if f not in without]
    kinds = [f for f in scene.kinds if f not in without]
    size = [rng.choice(sizes)] if sizes and rng.random() < 0.14 else []
    color = [rng.choice(colors)] if colors and rng.random() < 0.55 else []
    noun = [rng.choice(kinds)] if kinds and (kind or rng.random() < 0.82) else []
    if not (size or color or noun) and (kinds or colors) and rng.random() < 0.6:
        noun, color = ([rng.choice(kinds)], []) if kinds else ([], [rng.choice(colors)])
    return phrase(rng, scene, [*size, *color, *noun])


def spot(rng: Random, scene: Scene, without: Sequence[str] = ()) -> tuple[str, str, str] | None:
    """A place beside something: what is said, the relation, and the group it is beside.

    Args:
      rng: where chance comes from.
      scene: the table.
      without: features that what it is beside does not have.
    """
    relations = [r for r in SPOTS if scene.has(r)]
    if not relations:
        return None
    relation = rng.choice(relations)
    other = plain(rng, scene, without, kind=rng.random() < 0.8)
    words = rng.choice(SPOTS[relation])
    return f"{words} {beside(rng, other)}", relation, other.means


def beside(rng: Random, other: Phrase) -> str:
    """A phrase as what something is beside: `the box`, `a box`, `one of the boxes`."""
    if not other.features:
        return rng.choice([f"another {other.one}", "something", f"some other {other.one}"])
    return rng.choice(
        [f"the {other.one}"] * 6
        + [other.a] * 3
        + [f"some {other.one}", f"one of the {other.many}", f"the {other.many}"]
    )


def tailed(rng: Random, base: Phrase, one: str, many: str, means: str) -> Phrase:
    """A phrase with a relative clause behind it."""
    return Phrase(f"{base.one} {one}", f"{base.many} {many}", means, base.features, False)


def noun_phrase(rng: Random, scene: Scene, without: Sequence[str] = ()) -> Phrase:
    """Any phrase: of features, or with a relative clause."""
    base = plain(rng, scene, without)
    roll = rng.random()
    that = rng.choice(["that", "that", "which"])
    if roll < 0.1 and (found := spot(rng, scene, base.features)):
        words, relation, other = found
        bare = relation != "bigger-than" and rng.random() < 0.5
        one = words if bare else f"{that} {rng.choice(STANDS)} {words}"
        many = words if bare else f"{that} {rng.choice(STAND)} {words}"
        if relation == "bigger-than":
            one, many = f"{that} is {words}", f"{that} are {words}"
        return tailed(rng, base, one, many, scene.call(relation, base.means, other))
    if roll < 0.15:
        free = [f for f in (*scene.colors, *scene.sizes) if not {f} & set(base.features)]
        free = [f for f in free if not _rival(scene, f, base.features)]
        if not free:
            return base
        feature = rng.choice(free)
        word = spoken(rng, scene, feature)
        if roll < 0.12:
            order = [f for f in base.features if f in scene.sizes]
            rest = [f for f in base.features if f not in scene.sizes]
            ordered = [feature, *base.features] if feature in scene.sizes else [*order, feature, *rest]  # fmt: skip
            return Phrase(
                f"{base.one} {that} is {word}",
                f"{base.many} {that} are {word}",
                scene.things(*ordered),
                tuple(ordered),
                False,
            )
        if scene.has("except"):
            not_ = rng.choice(["is not", "isn't"]), rng.choice(["are not", "aren't"])
            group = scene.call("except", base.means, scene.things(feature))
            one, many = f"{that} {not_[0]} {word}", f"{that} {not_[1]} {word}"
            made = tailed(rng, base, one, many, group)
            if rng.random() < 0.25:
                return Phrase(f"non-{word} {base.one}", f"non-{word} {base.many}", group, base.features, False)  # fmt: skip
            return made
    return base


def _rival(scene: Scene, feature: str, features: Sequence[str]) -> bool:
    """Whether a thing with some features cannot have another as well."""
    family = next(f for f in (scene.colors, scene.sizes, scene.kinds) if feature in f)
    return any(f in family for f in features)


def predicate(rng: Random, scene: Scene, features: Sequence[str]) -> tuple[str, str, str] | None:
    """A feature said of things that have others: singular, plural, and the feature.

    Args:
      rng: where chance comes from.
      scene: the table.
      features: what the things have already.
    """
    families = [f for f in (scene.colors, scene.colors, scene.sizes, scene.kinds)
                if not set(f) & set(features)]  # fmt: skip
    if not families:
        return None
    family = rng.choice(families)
    feature = rng.choice(family)
    word = spoken(rng, scene, feature)
    if family is scene.kinds:
        return f"{'an' if word[0] in 'aeiou' else 'a'} {word}", plural(word), feature
    return word, word, feature


def with_feature(scene: Scene, features: Sequence[str], feature: str) -> str:
    """The group of things that have one feature more, in the order of English."""
    every = {*features, feature}
    return scene.things(*(f for f in (*scene.sizes, *scene.colors, *scene.kinds) if f in every))
