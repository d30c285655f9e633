"""What the generator knows of one world of collisions: its functions, thresholds, things and words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from models.meaning.corpus.clause import Clause, all_of
from plot.vocabulary import Vocabulary


@dataclass(frozen=True)
class Limits:
    """Thresholds of vague words, as the prompt's meanings give them."""

    heavy: float = 2
    very_heavy: float = 3.5
    light: float = 2
    very_light: float = 1
    hard: float = 6
    lightly: float = 2
    fast: float = 1
    slow: float = 0.3
    far: float = 1
    bouncy: float = 0.7


@dataclass(frozen=True)
class Scene:
    """A vocabulary and how English speaks of it.

    Args:
      vocabulary: what the prompt shows.
      names: displayed names of the things; colours, or nouns such as `truck`.
      colours: whether the names are colours, so that nouns follow them.
      functions: the name of each function by its role; roles that are missing cannot be said.
      kinds: role, singular and plural of the kinds that can be said.
      limits: thresholds of vague words.
    """

    vocabulary: Vocabulary
    names: tuple[str, ...]
    colours: bool
    functions: dict[str, str]
    kinds: tuple[tuple[str, str, str], ...]
    limits: Limits

    @property
    def listing(self) -> str:
        """The variable that holds all things."""
        return self.vocabulary.entities[0].listing

    def has(self, *roles: str) -> bool:
        """Whether the vocabulary has functions for some roles."""
        return all(role in self.functions for role in roles)

    def call(self, role: str, *things: str) -> str:
        """A function applied to names (displayed) or variables `x`, `y`."""
        parts = [thing if thing in ("x", "y") else f"'{thing}" for thing in things]
        return f"({' '.join([self.functions[role], *parts])})"


@dataclass(frozen=True)
class Said:
    """A verb phrase with its forms and what it means of a subject.

    Args:
      past, base, third: `hit the wall`, `hit the wall`, `hits the wall`.
      means: expression.
      no: whether a negation of it is English.
    """

    past: str
    base: str
    third: str
    means: str
    no: bool = True


NOUNS = ("object", "one", "thing", "object", "one")


class Speech:
    """How the things are called in one sentence: `the red ball`, then `the blue one`.

    Args:
      rng: where chance comes from.
      scene: the world.
    """

    def __init__(self, rng: Random, scene: Scene):
        self.rng, self.scene = rng, scene
        self.kind = rng.choice([one for _, one, _ in scene.kinds] or ["ball"])
        self.style = rng.choice(["kind"] * 6 + ["object", "one", "bare", "mixed"])
        self.article = rng.choice(["the "] * 12 + ["our ", "that "])
        self.count = 0

    def __call__(self, name: str) -> str:
        """A noun phrase for a thing."""
        self.count += 1
        if not self.scene.colours:
            return f"{self.article}{name}"
        noun = {"kind": self.kind, "object": "object", "one": "one"}.get(self.style)
        if self.style == "bare":
            return name
        if noun is None or (self.count > 1 and self.rng.random() < 0.4):
            noun = self.rng.choice([*NOUNS, self.kind])
        return f"{self.article}{name} {noun}"

    def described(self, adjective: str, name: str, article: str) -> str:
        """`a heavy red ball`, with the kind that the sentence keeps."""
        what = f"{name} {self.kind}" if self.scene.colours else name
        words = f"{adjective} {what}".strip()
        if article == "a":
            article = "an" if words[0] in "aeiou" else "a"
        return f"{article} {words}"

    def of(self, noun: str, name: str) -> str:
        """`the mass of the red ball` or `the red ball's mass`."""
        thing = self(name)
        return f"{thing}'s {noun}" if self.rng.random() < 0.6 else f"the {noun} of {thing}"

    @property
    def many(self) -> str:
        """A plural for all things."""
        plural = next((m for _, one, m in self.scene.kinds if one == self.kind), "objects")
        return self.rng.choice(["objects", "objects", plural, plural, "things"])

    @property
    def single(self) -> str:
        """A singular for any of them."""
        return self.rng.choice(["object", "object", self.kind, "thing", "one"])


def clause(rng: Random, subject: str, said: Said) -> Clause:
    """A clause of a subject: in some tense, at times denied."""
    roll = rng.random()
    if said.no and roll < 0.16:
        no = rng.choice(
            [
                f"doesn't {said.base}",
                f"does not {said.base}",
                f"didn't {said.base}",
                f"did not {said.base}",
                f"never {said.third}",
                f"won't {said.base}",
                f"will not {said.base}",
                f"never {said.past}",
                f"fails to {said.base}",
                f"failed to {said.base}",
            ]
        )
        ask = rng.choice([f"didn't {subject} {said.base}", f"does {subject} not {said.base}"])
        return Clause((f"{subject} {no}",), (ask,) * (rng.random() < 0.5), f"(not {said.means})")
    yes = rng.choice(
        [
            said.past,
            said.past,
            said.third,
            said.third,
            said.third,
            f"will {said.base}",
            f"would {said.base}",
            f"is going to {said.base}",
        ]
    )
    asks = [
        f"{do} {subject} {said.base}" for do in ("did", "does", "does", "will", "will", "would")
    ]
    asks += [f"is {subject} going to {said.base}", f"is {subject} likely to {said.base}"]
    asks += [f"can {subject} {said.base}", f"could {subject} {said.base}"]
    return Clause((f"{subject} {yes}",), tuple(asks), said.means)


def copula(rng: Random, subject: str, what: str, means: str, plural: bool = False) -> Clause:
    """`the red ball is heavy`, at times denied, in some tense."""
    now, then = ("are", "were") if plural else ("is", "was")
    if rng.random() < 0.15:
        no = rng.choice([f"{now}n't", f"{now} not", f"{now} not", f"{then}n't"])
        return Clause(
            (f"{subject} {no} {what}",), (f"{now}n't {subject} {what}",), f"(not {means})"
        )
    be = rng.choice([now] * 7 + [then, f"{now} really", f"{now} clearly", "must be"])
    if rng.random() < 0.06:
        be = rng.choice(["seem", "look", "appear"]) + "s" * (not plural)
    says = f"{subject}'s {what}" if be == "is" and rng.random() < 0.05 else f"{subject} {be} {what}"
    return Clause((says,), (f"{now} {subject} {what}",) * 4 + (f"{then} {subject} {what}",), means)


def plain(says: str, means: str, *asks: str) -> Clause:
    """A clause as it stands."""
    return Clause((says,), asks, means)


def both(parts: Sequence[str]) -> str:
    """The conjunction of expressions, flat."""
    flat: list[str] = []
    for part in parts:
        flat += conjuncts(part)
    return all_of(flat)


def conjuncts(text: str) -> list[str]:
    """The parts of a conjunction, or the expression itself."""
    if not text.startswith("(and "):
        return [text]
    out, depth, begin = [], 0, 5
    for i, c in enumerate(text[5:-1], 5):
        depth += (c == "(") - (c == ")")
        if c == " " and depth == 0:
            out.append(text[begin:i])
            begin = i + 1
    return [*out, text[begin:-1]]
