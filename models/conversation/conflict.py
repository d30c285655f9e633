"""Statements that cannot be true together, and which of them are in each other's way."""

from __future__ import annotations

from collections.abc import Sequence

import jax
from jaxtyping import PRNGKeyArray

from inference import SMC, Auto, Exact, Importance
from models.conversation.led import led_by
from models.conversation.turn import Turn
from plot.errors import ImpossibleEvidence, Unsupported
from plot.syntax import Literal
from plot.world import World

FIRST = 20_000  # worlds of the prior by which a statement is checked
# Where none of them satisfies it: sums that take no long time.
SUMS = Exact(2**26, 10**8, 1_000_000)
SECOND = 400_000  # worlds of the prior where there are no such sums
SLOW = 100_000  # the same, where each world calls a module: a planner, a simulation
BLAMED = 100_000  # worlds of the prior by which earlier sentences are blamed
THIRD = 10_000  # where none of those does: worlds that are led to the evidence
SLOW_THIRD = 5_000


def impossible(world: World, key: PRNGKeyArray, refuted: bool = False) -> ImpossibleEvidence | None:
    """Why no world satisfies all that was told, or None where some do.

    Worlds of the prior show most often that a statement is possible; what few of them satisfy is
    looked at by exact sums, by more worlds or by worlds that are led to the evidence.

    Args:
      world: with all that was told.
      key: the seed.
      refuted: whether `refuted` has found so, with the same seed; those worlds are not drawn again.
    """
    question = world.ask(Literal(True))
    error = None
    slow = bool(world.session.graph.externals)
    second, third = (SLOW, SLOW_THIRD) if slow else (SECOND, THIRD)
    last = Auto(worlds=third, stepwise=SMC(led_by(third, world)))
    few = () if refuted else (Importance(FIRST),)
    many = () if refuted and second <= BLAMED else (Importance(second),)
    for engine in (*few, SUMS, *many, last):
        try:
            engine.infer(key, question)
            return None
        except ImpossibleEvidence as found:
            if engine is SUMS:
                return found
            error = found
        except Unsupported:
            if engine is not SUMS:
                raise
    return error


def in_conflict(
    before: Sequence[Turn], worlds: Sequence[World], told: World, key: PRNGKeyArray
) -> tuple[str, ...]:
    """The earlier sentences that a statement contradicts, as far as worlds of the prior show.

    First each earlier sentence alone with the new one; where none is to blame alone, those without
    which the rest could be true.

    Args:
      before: the statements that were told earlier.
      worlds: for each of them the world in which it alone is told.
      told: the world in which the new one alone is told.
      key: the seed.

    Returns:
      Their texts; none where no single sentence makes the difference.
    """
    news = told.trees[-1]
    alone = [t.sentence for t, w in zip(before, worlds, strict=True) if refuted(w.tell(news), key)]
    if alone:
        return tuple(alone)
    without = []
    for i, turn in enumerate(before):
        rest = told
        for j, other in enumerate(worlds):
            if j != i:
                rest = rest.tell(other.trees[-1])
        if not refuted(rest, jax.random.fold_in(key, i)):
            without.append(turn.sentence)
    return tuple(without)


def refuted(world: World, key: PRNGKeyArray) -> bool:
    """Whether worlds of the prior show that what was told cannot be.

    Args:
      world: with what was told.
      key: the seed.
    """
    question = world.ask(Literal(True))
    for engine in (Importance(FIRST), Importance(BLAMED)):
        try:
            engine.infer(key, question)
            return False
        except ImpossibleEvidence:
            continue
    return True
