"""Writes expressions of a type from the templates of the grammar."""

from __future__ import annotations

import random
import re

from experiments.bench.generated.grammar import DRAWS, LEAVES, REAL_BOOLEANS, TEMPLATES

_DRAW = re.compile(
    r"\((flip|random-integer|sample-integer|multinomial|sample-discrete|binomial|poisson|uniform-draw"
    r"|gaussian|uniform|beta|gamma|exponential|student-t|dirichlet|DPmem)\b"
)
_HEAVY = re.compile(r"\((beta|gamma|student-t|dirichlet)\b")
_HOLE = re.compile(r"\{([A-Z])(?:\|([a-z:A-Z,]+))?\}")
KNOWN = 0.35  # how often a name in scope stands for an expression of its type


class Maker:
    """Writes expressions; the same seed writes the same ones.

    Args:
      seed: of every choice.
      draws: how many draws the text may hold, about.
      real: whether conditions may compare real numbers.
      heavy: whether to draw real numbers that take XLA long to compile.
    """

    def __init__(self, seed: int, draws: int = 5, real: bool = False, heavy: bool = False):
        self.random = random.Random(seed)
        self.draws, self.real, self.heavy = draws, real, heavy
        self.fresh = 0

    def name(self, start: str = "v") -> str:
        """A name that is used nowhere else."""
        self.fresh += 1
        return f"{start}{self.fresh}"

    def make(self, kind: str, scope: dict[str, str], depth: int) -> str:
        """An expression.

        Args:
          kind: its type, as the grammar spells it.
          scope: names and their types.
          depth: how far it may nest.
        """
        known = [name for name, k in scope.items() if k == kind]
        if known and self.random.random() < KNOWN:
            return self.random.choice(known)
        if depth <= 0:
            return self.leaf(kind)
        if kind in "NBYL" and self.random.random() < 0.06:
            return self.let(kind, scope, depth)
        templates = TEMPLATES[kind]
        if kind == "B" and self.real and self.random.random() < 0.5:
            templates = REAL_BOOLEANS
        template = self.random.choice(templates)
        while (self.draws <= 0 and _DRAW.search(template)) or self._too_heavy(kind, template):
            template = self.random.choice(templates)
        self.draws -= len(_DRAW.findall(template))
        return self.fill(template, scope, depth - 1)

    def leaf(self, kind: str) -> str:
        """An expression without parts: a constant, or a draw while there are some left."""
        if kind in DRAWS and self.draws > 0 and self.random.random() < 0.75:
            text = self.random.choice(DRAWS[kind])
            while self._too_heavy(kind, text):
                text = self.random.choice(DRAWS[kind])
            self.draws -= len(_DRAW.findall(text))
            return text
        return self.random.choice(LEAVES[kind])

    def _too_heavy(self, kind: str, text: str) -> bool:
        return kind == "R" and not self.heavy and _HEAVY.search(text) is not None

    def fill(self, template: str, scope: dict[str, str], depth: int) -> str:
        """A template with its holes filled; `{N|x:N}` may use `x`, a number."""

        def hole(match: re.Match[str]) -> str:
            kind, names = match.groups()
            inner = dict(scope)
            for pair in names.split(",") if names else ():
                name, of = pair.split(":")
                inner[name] = of
            return self.make(kind, inner, depth)

        return _HOLE.sub(hole, template)

    def let(self, kind: str, scope: dict[str, str], depth: int) -> str:
        """A name for a part, in one of the ways that there are."""
        form = self.random.choice(["let", "let*", "letrec"])
        of, name = self.random.choice("NBYL"), self.name()
        value = self.make(of, scope, depth - 1)
        return f"({form} (({name} {value})) {self.make(kind, {**scope, name: of}, depth - 1)})"
