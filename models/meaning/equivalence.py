"""Whether two expressions say the same about a world, however they are written.

Two expressions of one normal form are the same. Two of different forms are compared by what they
come to in many random worlds of the prior: in every one they must agree. That can take two
expressions for equal that differ in worlds rarer than one in `WORLDS`.
"""

from __future__ import annotations

import math

import jax
from jaxtyping import PRNGKeyArray

from inference import Importance
from models.meaning.normal import same
from plot.errors import PlotError
from plot.posterior import Posterior
from plot.syntax import Form, Symbol, Tree
from plot.world import World

WORLDS = 8192


def equivalent(world: World, a: Tree, b: Tree, key: PRNGKeyArray | None = None) -> bool:
    """Whether two fragments mean the same.

    Args:
      world: whose expressions they are; nothing that was told to it counts.
      a, b: fragments such as `(condition …)` and `(query …)`.
      key: the seed of the worlds by which they are compared.

    >>> from plot.reader import read_one
    >>> coins = World.from_source("(define a (flip 0.5)) (define b (flip 0.2))")
    >>> one, other = read_one("(condition (not (and a b)))"), read_one("(condition (if a (not b) #t))")
    >>> equivalent(coins, one, other)
    True
    >>> equivalent(coins, one, read_one("(query (not (and a b)))"))
    False
    """
    if same(a, b):
        return True
    if not (isinstance(a, Form) and isinstance(b, Form)) or a.head != b.head or len(a) != len(b):
        return False
    if a.head not in ("condition", "query") or len(a) != 2:
        return False
    key = jax.random.key(0) if key is None else key
    agree = Form((Symbol("equal?"), a[1], b[1]))

    def ask(what: Tree) -> Posterior:
        return Importance(WORLDS).infer(key, world.ask(Form((Symbol("query"), what))))

    try:
        answer = ask(agree)
        if not math.isclose(answer.probability(True).value, 1.0):
            return False
        # Worlds without a value, such as families too small for all names, must lack it for both.
        return not answer.losses or _lost(ask(a[1])) == _lost(ask(b[1])) == _lost(answer)
    except PlotError:  # of different types, or with an error in every world
        return False


def _lost(answer: Posterior) -> int:
    """How many worlds have no value."""
    return sum(loss.worlds for loss in answer.losses)
