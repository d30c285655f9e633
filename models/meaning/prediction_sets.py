"""Prediction sets: a program with holes that contains the right one with a chosen probability.

The readings of a sentence, the most probable first, are taken until they hold a share of the
probability; what they have in common is the set, and where they differ there is a hole. How large a
share it takes is found on sentences whose right expression is known (split conformal prediction): of
new sentences like those, the set contains the right expression with at least the chosen probability.

Sources: Vovk, Gammerman and Shafer 2005 (conformal prediction); Khakhar, Mell and Bastani 2023
(partial programs as prediction sets); Plotkin 1970 (what two terms have in common).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from models.meaning.normal import NormalOptions, normal
from models.meaning.translate import Reading
from plot.printer import write
from plot.syntax import Form, Symbol, Tree

HOLE = Symbol("?")
NEVER = 2.0  # a share that no readings hold: the whole language


@dataclass(frozen=True)
class PredictionSet:
    """All expressions that fit a pattern.

    Args:
      pattern: an expression in normal form, with `?` where anything may stand.
      share: of the probability of the readings that it was made of.

    >>> from plot.reader import read_one
    >>> both = generalise(read_one("(f 'a 3)"), read_one("(f 'b 3)"))
    >>> write(both), fits(both, read_one("(f 'c 3)")), fits(both, read_one("(f 'c 4)"))
    ("(f '? 3)", True, False)
    """

    pattern: Tree
    share: float

    @property
    def holes(self) -> int:
        """How many holes there are."""
        return _holes(self.pattern)

    @property
    def size(self) -> int:
        """How many leaves are known; fewer say less."""
        return _leaves(self.pattern) - self.holes

    def __contains__(self, tree: Tree) -> bool:
        return fits(self.pattern, normal(tree, NormalOptions()))

    def __str__(self) -> str:
        return write(self.pattern)


def generalise(a: Tree, b: Tree) -> Tree:
    """What two expressions have in common, with holes where they differ."""
    if a == b:
        return a
    if isinstance(a, Form) and isinstance(b, Form) and len(a) == len(b) and a.head == b.head:
        return Form(tuple(generalise(x, y) for x, y in zip(a.items, b.items, strict=True)))
    return HOLE


def fits(pattern: Tree, tree: Tree) -> bool:
    """Whether an expression fits a pattern."""
    if pattern in (HOLE, tree):
        return True
    if isinstance(pattern, Form) and isinstance(tree, Form) and len(pattern) == len(tree):
        return all(fits(p, t) for p, t in zip(pattern.items, tree.items, strict=True))
    return False


def prediction_set(readings: Sequence[Reading], share: float) -> PredictionSet:
    """The set of the readings that together hold a share of the probability.

    Args:
      readings: the most probable first.
      share: from `calibrate`; above 1 the set is the whole language.
    """
    held = 0.0
    pattern: Tree | None = None
    for reading in readings:
        tree = normal(reading.tree, NormalOptions())
        pattern = tree if pattern is None else generalise(pattern, tree)
        held += reading.probability
        if held >= share - 1e-9:
            return PredictionSet(pattern, held)
    return PredictionSet(HOLE, 1.0)


def needed(readings: Sequence[Reading], right: Tree) -> float:
    """The smallest share whose set contains the right expression: a conformal score."""
    held = 0.0
    pattern: Tree | None = None
    target = normal(right, NormalOptions())
    for reading in readings:
        tree = normal(reading.tree, NormalOptions())
        pattern = tree if pattern is None else generalise(pattern, tree)
        if fits(pattern, target):
            # Any share above what came before takes this reading in.
            return math.nextafter(held, 1.0) if held else 0.0
        held += reading.probability
    return NEVER


def calibrate(scores: Sequence[float], coverage: float) -> float:
    """The share with which sets of new sentences contain what is right, as often as wanted.

    Args:
      scores: `needed`, of sentences like those to come.
      coverage: the wanted probability.

    Raises:
      ValueError: where it is no probability, or there are too few sentences to promise it.

    >>> calibrate([0.0] * 19, 0.95)
    0.0
    """
    if not 0 < coverage < 1:
        raise ValueError(f"a coverage lies between 0 and 1, and this is {coverage}")
    rank = math.ceil((len(scores) + 1) * coverage)
    if rank > len(scores):
        raise ValueError(
            f"{len(scores)} sentences cannot promise a coverage of {coverage:g}; "
            f"{math.ceil(coverage / (1 - coverage))} are needed"
        )
    return sorted(scores)[rank - 1]


def _holes(tree: Tree) -> int:
    if tree == HOLE:
        return 1
    return sum(map(_holes, tree.items)) if isinstance(tree, Form) else 0


def _leaves(tree: Tree) -> int:
    return sum(map(_leaves, tree.items)) if isinstance(tree, Form) else 1
