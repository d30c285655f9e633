"""Doubt about what a statement means: which readings to believe, and when to ask back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.meaning.translate import Reading
from plot.errors import PlotError
from plot.syntax import Form, Literal, Symbol, Tree
from plot.world import World


@dataclass(frozen=True)
class BestReading:
    """Take the most probable reading of a statement for what was meant."""

    def choose(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings to believe, the most probable first."""
        return (readings[0],)


@dataclass(frozen=True)
class Mixture:
    """Keep the doubt: believe several readings, each by its probability and how well it fits.

    Args:
      floor: readings less probable than this are dropped.
    """

    floor: float = 0.05

    def choose(self, readings: Sequence[Reading]) -> tuple[Reading, ...]:
        """The readings to believe, the most probable first."""
        return tuple(r for r in readings if r.probability >= self.floor) or (readings[0],)


class NotSure(PlotError):
    """No reading of a sentence is probable enough to go on with.

    Args:
      sentence: what was said.
      readings: the candidates, the most probable first.
    """

    kind = "not sure what is meant"

    def __init__(self, sentence: str, readings: tuple[Reading, ...]):
        listed = "; ".join(f"{i}. {r.text} ({r.probability:.0%})" for i, r in _numbered(readings))
        super().__init__(
            f"`{sentence}` may mean: {listed}", None, "say which, or say it in other words"
        )
        self.readings = readings


def _numbered(readings: Sequence[Reading]) -> list[tuple[int, Reading]]:
    return list(enumerate(readings[:5], start=1))


def believe(
    world: World, readings: Sequence[Reading], share: Callable[[Reading], Tree] | None = None
) -> tuple[World, tuple[Reading, ...]]:
    """The world in which one of some readings of a statement holds, and the readings believed.

    A single reading is told as it stands. Several become one factor: a world weighs the sum of the
    probabilities of those readings that are true in it. A reading that observes an exact value has
    a density and no probability, so it cannot be weighed against others: the best is then taken.

    Args:
      world: as it was before.
      readings: of one statement, the most probable first.
      share: the weight of a world by a reading, as an expression; 1 where it is true and 0 where it is
        not, where this is not given.
    """
    told = [world.tell(reading.tree) for reading in readings]
    if any(_observes(world, after) for after in told) or (len(readings) == 1 and share is None):
        return told[0], (readings[0],)
    terms = []
    for reading in readings:
        assert isinstance(reading.tree, Form)
        held = Literal(float(reading.probability))
        if share is None:
            terms.append(Form((Symbol("if"), reading.tree[1], held, Literal(0))))
        else:
            terms.append(Form((Symbol("*"), held, share(reading))))
    total = terms[0] if len(terms) == 1 else Form((Symbol("+"), *terms))
    mixed: Tree = Form((Symbol("factor"), Form((Symbol("log"), total))))
    return world.tell(mixed), tuple(readings)


def _observes(before: World, after: World) -> bool:
    """Whether a statement weighs worlds by a density."""
    return len(after.effects.factors) > len(before.effects.factors)
