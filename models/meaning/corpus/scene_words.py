"""The words of static scenes: what is on the table, and the vocabulary that speaks of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random

from models.worlds import load
from plot.vocabulary import Entities, Entry, Vocabulary

SYNONYMS = {
    "big": ("large", "large", "huge"),
    "small": ("little", "tiny", "little"),
    "mug": ("cup",),
    "plate": ("dish",),
    "glass": ("tumbler",),
}
"""What a feature is also called, where that is no feature of its own."""

PLURALS = {"box": "boxes", "glass": "glasses", "dish": "dishes", "knife": "knives"}
COLORS = ("red", "blue", "green", "yellow", "black", "white", "purple", "orange", "brown", "pink")
KINDS = ("mug", "plate", "bowl", "glass", "box", "cup", "fork", "spoon", "jar", "vase", "can", "pot",
         "bottle", "book", "candle", "ball", "teapot", "pan", "basket", "dish", "cube", "lamp")  # fmt: skip
RELATIONS = ("left-of", "right-of", "in-front-of", "behind", "next-to", "bigger-than")
OPTIONAL = (
    *RELATIONS,
    "between",
    "leftmost",
    "rightmost",
    "color-of",
    "kind-of",
    "except",
    "every",
)
RENAMED = {
    "things": ("those", "objects-that-are", "with-features"),
    "number-of": ("how-many", "count-of", "amount"),
    "exists": ("some?", "any-of", "there-is"),
    "every": ("all-in", "all-are", "subset?"),
    "except": ("without", "but-not"),
    "left-of": ("to-the-left-of", "left"),
    "right-of": ("to-the-right-of", "right"),
    "in-front-of": ("before", "in-front"),
    "behind": ("at-the-back-of", "in-back-of"),
    "next-to": ("near", "beside", "close-to"),
    "between": ("amid", "in-between"),
    "color-of": ("what-color", "the-color-of"),
    "kind-of": ("what-kind", "the-kind-of"),
    "everything": ("all-things", "scene"),
}


@dataclass(frozen=True)
class Scene:
    """A table as the generator sees it.

    Args:
      vocabulary: what the prompt shows.
      colors, sizes, kinds: the features that a thing may have.
      many, several: how many they are at least.
      names: what a function is called here, where not by its own name.
      left_out: functions that this vocabulary lacks.
    """

    vocabulary: Vocabulary
    colors: tuple[str, ...]
    sizes: tuple[str, ...]
    kinds: tuple[str, ...]
    many: int
    several: int
    names: dict[str, str]
    left_out: frozenset[str]

    def has(self, *functions: str) -> bool:
        """Whether all these functions are in the vocabulary."""
        return not self.left_out & set(functions)

    def call(self, function: str, *arguments: str) -> str:
        """A function applied, by the name that it has here."""
        return f"({' '.join([self.names.get(function, function), *arguments])})"

    @property
    def everything(self) -> str:
        """The group of all things."""
        return self.names.get("everything", "everything")

    def things(self, *features: str) -> str:
        """The group of the things that have features."""
        if not features:
            return self.everything
        return self.call("things", f"'({' '.join(features)})")

    def number(self, group: str) -> str:
        """How many a group has."""
        return self.call("number-of", group)

    def some(self, group: str) -> str:
        """That a group has a member."""
        return self.call("exists", group)


@cache
def shipped() -> Vocabulary:
    """The vocabulary of the static scenes as it ships."""
    return load("scenes").vocabulary


def scene(rng: Random) -> Scene:
    """A table: as shipped (six in ten), or with features, names and thresholds of its own."""
    if rng.random() < 0.6:
        return Scene(shipped(), COLORS[:4], ("big", "small"), KINDS[:5], 5, 3, {}, frozenset())
    colors = tuple(rng.sample(COLORS, rng.randint(2, 6))) if rng.random() < 0.6 else COLORS[:4]
    kinds = tuple(rng.sample(KINDS, rng.randint(2, 6))) if rng.random() < 0.6 else KINDS[:5]
    many, several = rng.choice([(5, 3), (5, 3), (4, 3), (6, 4), (6, 3), (7, 4)])
    left_out = frozenset(n for n in OPTIONAL if rng.random() < 0.12)
    names = {n: rng.choice(other) for n, other in RENAMED.items() if rng.random() < 0.12}
    vocabulary = _vocabulary(rng, colors, kinds, (many, several), names, left_out)
    return Scene(vocabulary, colors, ("big", "small"), kinds, many, several, names, left_out)


def _vocabulary(
    rng: Random,
    colors: tuple[str, ...],
    kinds: tuple[str, ...],
    thresholds: tuple[int, int],
    names: dict[str, str],
    left_out: frozenset[str],
) -> Vocabulary:
    many, several = thresholds
    reworded = {
        "number-of": (
            f"how many; many is {many} or more, several or a few {several} or more, a couple 2 or more",
            f"how many things; many is at least {many}, several or a few at least {several}, a couple at least 2",
            f"size of the group ({many} or more are many, {several} or more are several or a few, 2 or more a couple)",
        ),
        "colors": (f"the {len(colors)} colors",),
        "kinds": (f"the {len(kinds)} kinds",),
        "things": ("the things that are all of these", "all things with these features"),
        "exists": ("there is one", "the group is not empty"),
        "every": ("each of the first is among the second", "the first are all among the second"),
        "left-of": ("the first that are left of some of the second",),
        "next-to": ("those close to one", "those near one"),
        "behind": ("those farther away than one",),
        "in-front-of": ("those nearer to the viewer than one",),
    }
    entries: list[Entry] = []
    for entry in shipped().entries:
        if entry.name in left_out:
            continue
        wordings = reworded.get(entry.name, ())
        must = entry.name in ("number-of", "colors", "kinds")
        meaning = (
            rng.choice(wordings) if wordings and (must or rng.random() < 0.4) else entry.meaning
        )
        entries.append(Entry(names.get(entry.name, entry.name), entry.type, meaning))
    if rng.random() < 0.5:
        rng.shuffle(entries)
    features = [*colors, "big", "small", *kinds]
    if rng.random() < 0.3:
        rng.shuffle(features)
    sorts = (Entities("feature", "features", tuple(features), False), shipped().entities[1])
    return Vocabulary(tuple(entries), sorts)
