"""A lunch world as the generator of sentences sees it, and what its makers of clauses share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from models.meaning.corpus import lunch_words as words
from models.meaning.corpus.clause import Clause, Predicate, Sort
from models.meaning.corpus.lunch_words import Place, Way
from plot.vocabulary import Vocabulary


@dataclass(frozen=True)
class Campus:
    """A lunch world as the generator sees it.

    Args:
      vocabulary: what the prompt shows.
      person, place: the sorts in English.
      places, ways, directions: what there is.
      names: what functions are called here, by their names in the world as it ships.
      loves, hates: thresholds of liking.
    """

    vocabulary: Vocabulary
    person: Sort
    place: Sort
    places: tuple[Place, ...]
    ways: tuple[Way, ...]
    directions: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    loves: str = "10"
    hates: str = "-10"

    def has(self, *functions: str) -> bool:
        """Whether this vocabulary has all of some functions."""
        there = {entry.name for entry in self.vocabulary.entries}
        return all(self.names.get(f, f) in there for f in functions)

    def call(self, function: str, *arguments: str) -> str:
        """An application: `(liking 'alex 'sushi)`."""
        return f"({' '.join([self.names.get(function, function), *arguments])})"


type Maker = Callable[[Random, Campus, Sequence[str]], Clause | Predicate | None]


def verb_phrase(
    rng: Random, forms: tuple[str, str, str], means: Callable[[str], str], when: bool = True
) -> Predicate:
    """A verb phrase in three forms, with a time at the end at times."""
    past, base, third = forms
    then, would = (rng.choice(words.WHEN), rng.choice(words.WOULD_WHEN)) if when else ("", "")
    then = "" if "lunch" in past else then
    would = "" if "lunch" in base else would
    past = "" if rng.random() < 0.35 else past  # the present, more often than elsewhere
    return Predicate(
        means,
        past=past + then if past else "",
        base=base + would,
        third=third + then,
        modal=when,
    )


def inner_variable(subject: str) -> str:
    """The variable of a lambda in which a subject is spoken of."""
    return "y" if subject == "x" else "x"


def listing_of(c: Campus, sort: str) -> str:
    """The variable that lists an entity type, by the type's name in the world as it ships."""
    position = {"person": 0, "place": 1, "way": 2, "direction": 3}[sort]
    return c.vocabulary.entities[position].listing


def names_of(rng: Random, sort: Sort, count: int = 6) -> list[str]:
    pool = list(dict.fromkeys(sort.pool))
    rng.shuffle(pool)
    while len(pool) < count:
        pool += pool
    return pool[:count]


def words_of(rng: Random, count: int) -> str:
    """A number as a word, or as a digit."""
    return (
        {2: "two", 3: "three", 4: "four"}.get(count, str(count))
        if rng.random() < 0.8
        else str(count)
    )
