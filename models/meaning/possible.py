"""The reward of an expression that a world gives: does it still type-check, does it leave any world?

It is asked at each bracket that closes (`inference.tokens.AtBrackets`). What stands closed under
`condition` and `and` must hold, so particles that say what is ruled out lose their weight before they
have written the rest. Of what stands under `not`, `or` or a quantifier only the types are looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import jax
from jaxtyping import PRNGKeyArray

from inference import Belief, Importance
from inference.tokens import AtBrackets
from inference.tokens.grammar import UNCLEAR
from plot.errors import ImpossibleEvidence, PlotError
from plot.posterior import Posterior
from plot.reader import read_one
from plot.syntax import Form, Symbol, Tree
from plot.world import World

_OPENS = frozenset({"condition", "and"})


@dataclass(frozen=True)
class PossibleWorlds:
    """Whether expressions are rewarded by the worlds that they leave.

    Args:
      worlds: of the prior that are looked at, where no belief is carried along.
      ruled_out: the factor on an expression that none of them satisfies. It is not 0, since a rare
        world may satisfy it.
    """

    worlds: int = 4096
    ruled_out: float = 0.02

    def __post_init__(self) -> None:
        if not 0 < self.ruled_out <= 1 or self.worlds < 1:
            raise ValueError(f"a factor lies above 0 and up to 1, and worlds are counted: {self}")

    def reward(self, world: World, belief: Belief | None = None) -> AtBrackets:
        """The reward of expressions about a world.

        Args:
          world: with what was told.
          belief: in it, where one is carried along.
        """

        def ask(tree: Tree) -> Posterior:
            if belief is not None:
                return belief.ask(tree)
            return Importance(self.worlds).infer(_key(), world.ask(tree))

        return AtBrackets(WorldReward(ask, world.check, math.log(self.ruled_out)))


@dataclass(frozen=True)
class WorldReward:
    """The log reward of a text that ends in a closed bracket.

    Args:
      ask: the answer to an expression in the worlds that are believed.
      check: raises where an expression is ill typed.
      ruled_out: the log reward where no world is left.
    """

    ask: Callable[[Tree], Posterior]
    check: Callable[[Tree], object]
    ruled_out: float

    def __call__(self, text: str, whole: bool) -> float:
        """See `inference.tokens.Twist`; minus infinity where types are wrong."""
        if text == UNCLEAR:
            return 0.0
        found = _closed(text)
        if found is None:
            return -math.inf
        heads, held, last = found
        try:
            if whole:
                self.check(read_one(text))
            elif last is not None and "lambda" not in heads:
                self.check(last)
        except PlotError:
            return -math.inf
        if heads[:1] == ("query",):
            return self._asked(held[-1]) if held and whole else 0.0
        if not held or not set(heads) <= _OPENS:
            return 0.0
        return self._possible(held[0] if len(held) == 1 else Form((Symbol("and"), *held)))

    def _possible(self, body: Tree) -> float:
        try:
            chance = self.ask(body).probability(True).value
        except ImpossibleEvidence:  # what was told is too rare for these worlds: nothing is known
            return 0.0
        except PlotError:  # an error in every world
            return self.ruled_out
        return 0.0 if chance > 0 else self.ruled_out

    def _asked(self, body: Tree) -> float:
        try:
            self.ask(body)
        except ImpossibleEvidence:
            return 0.0
        except PlotError:
            return self.ruled_out
        return 0.0


def _key() -> PRNGKeyArray:
    return jax.random.key(0)


def _closed(text: str) -> tuple[tuple[str, ...], list[Tree], Tree | None] | None:
    """The heads of the forms that are open, what is closed straight under them, and what closed last.

    None where the text is no beginning of an expression. A whole text counts as open, its outermost
    form's head the only one.

    >>> from plot.printer import write
    >>> heads, held, last = _closed("(condition (and (f 'a) (g (h 1))")
    >>> heads, [write(t) for t in held], write(last)
    (('condition', 'and'), ["(f 'a)", '(g (h 1))'], '(g (h 1))')
    """
    starts: list[int] = []
    last: tuple[int, int] | None = None
    for i, c in enumerate(text):
        if c == "(":
            starts.append(i)
        elif c == ")":
            if not starts:
                return None
            last = (starts.pop(), i + 1)
    missing = ")" * len(starts)
    try:
        tree = read_one(text + missing)
        closed = (
            read_one(text[slice(*last)]) if last and text[last[0] - 1 : last[0]] != "'" else None
        )
    except PlotError:
        return None
    heads: list[str] = []
    held: list[Tree] = []
    for _ in range(max(len(starts), 1)):
        if not isinstance(tree, Form) or tree.head is None:
            break
        heads.append(tree.head)
        rest = list(tree.items[1:])
        if len(heads) < len(starts) and rest:
            held += [t for t in rest[:-1] if isinstance(t, (Form, Symbol))]
            tree = rest[-1]
        else:
            held += [t for t in rest if isinstance(t, (Form, Symbol))]
    return tuple(heads), held, closed
