"""What the generator knows of one world: its vocabulary and the words for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from models.meaning.corpus.attributes import Attribute
from models.meaning.corpus.clause import Clause, Predicate, Sort
from models.meaning.corpus.matches import Match
from plot.vocabulary import Vocabulary


@dataclass(frozen=True)
class Pattern:
    """A sentence maker of an invented world.

    Args:
      sort: of the subject, whose predicate or clause comes out.
      clause: from a random state and names of the sort to something to say, or None.
      question: from the same to a question and its expression, or None.
    """

    sort: Sort
    clause: Callable[[Random, list[str]], Predicate | Clause] | None = None
    question: Callable[[Random, list[str]], tuple[str, str]] | None = None


@dataclass(frozen=True)
class World:
    """A world as the generator sees it.

    Args:
      vocabulary: what the prompt shows.
      attributes: numeric attributes and the sort they belong to.
      matches: match functions and their sort.
      patterns: everything else that can be said.
      tug: whether this is a tug-of-war.
    """

    vocabulary: Vocabulary
    attributes: tuple[tuple[Attribute, Sort], ...]
    matches: tuple[tuple[Match, Sort], ...] = ()
    patterns: tuple[Pattern, ...] = ()
    tug: bool = False
