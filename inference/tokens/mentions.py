"""The names that a sentence mentions, known and new."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from plot.errors import PlotError
from plot.reader import read_one
from plot.syntax import Symbol
from plot.vocabulary import Vocabulary

_WORD = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*", re.UNICODE)
_SUFFIX = re.compile(r"'s?$")
_SHORTENED = re.compile(r"'(?:ll|re|ve|d|m)$", re.IGNORECASE)  # `you'll`, `they've`
MAX_NEW = 12
# The basic color terms of English (Berlin and Kay, 1969), and two spellings.
_COLORS = frozenset(
    [
        "black",
        "white",
        "red",
        "green",
        "yellow",
        "blue",
        "brown",
        "orange",
        "pink",
        "purple",
        "gray",
        "grey",
        "violet",
    ]
)
_AUXILIARIES = frozenset(("will", "may", "can", "might", "must"))


class UnknownName(PlotError):
    """A sentence names something that this world does not have, and may not get."""

    kind = "unknown name"


@dataclass(frozen=True)
class Mentions:
    """What a sentence names.

    Args:
      allowed: for each entity type, the names a fragment may use.
      mentioned: the symbols that the sentence names, in its order.
      new: those among them that the world does not know yet.
    """

    allowed: Mapping[str, tuple[str, ...]]
    mentioned: tuple[str, ...]
    new: tuple[str, ...]


def mentions(sentence: str, vocabulary: Vocabulary) -> Mentions:
    """Find the names in a sentence.

    Known names count in any case, those of a closed entity type in the plural too. Where a sentence
    spells a closed type's names with small letters they are words, which have synonyms: then, and
    where it names none of that type, all of them are allowed. Colors are an exception: where things are
    known by theirs, a thing of another color is not there. Other words count as new names where they
    are capitalised and are neither ordinary English nor words of the vocabulary; new names are legal only where
    some entity type is open. A sentence that names nothing may use every known name.

    Args:
      sentence: plain English, cleaned.
      vocabulary: the world's public names.

    Raises:
      UnknownName: a new name, where no entity type is open; a color that nothing has.

    >>> from plot.vocabulary import Entities
    >>> people = Entities("person", "people", ("tom",), True)
    >>> mentions("Did tom beat Mary?", Vocabulary((), (people,))).mentioned
    ('tom', 'mary')
    """
    known = {name: sort.type for sort in vocabulary.entities for name in sort.names}
    open_types = [sort.type for sort in vocabulary.entities if sort.open]
    closed = {name for sort in vocabulary.entities if not sort.open for name in sort.names}
    ordinary = _ordinary() | _own(vocabulary)
    found: dict[str, int] = {}
    taken: list[tuple[int, int]] = []
    common: set[str] = set()  # closed types whose names are words
    for name in sorted(known, key=len, reverse=True):
        spelled = re.escape(name).replace(r"\-", r"[-\s]+")
        # `a` and `will` are words too: such names count only with a capital.
        words = _AUXILIARIES if name in closed else ordinary
        is_word = len(name) == 1 or name in words
        plural = "(?:e?s)?" if name in closed else ""
        for match in re.finditer(rf"(?<![\w-]){spelled}{plural}(?![\w-])", sentence, re.IGNORECASE):
            if is_word and match.group()[0].islower():
                continue
            if not any(a < match.end() and match.start() < b for a, b in taken):
                taken.append(match.span())
                found.setdefault(name, match.start())
                if name in closed and match.group().islower():
                    common.add(known[name])
    _check_colors(sentence, vocabulary)
    shouting = sentence.upper() == sentence
    new: dict[str, int] = {}
    for match in _WORD.finditer(sentence):
        if any(a < match.end() and match.start() < b for a, b in taken):
            continue
        word = _SUFFIX.sub("", _SHORTENED.sub("", match.group()))
        name = symbol_of(word)
        if name is None or name in found or name in new:
            continue
        is_name = word[:1].isupper() and len(word) > 1
        if is_name and not _plain(name, ordinary) and not (shouting and len(word) < 3):
            new[name] = match.start()
    if shouting and not open_types:
        new = {}  # where all is in capitals, a capital makes no name
    if new and not open_types and vocabulary.entities:
        raise _unknown(next(iter(new)), list(known))
    new = dict(list(new.items())[:MAX_NEW])
    places = {**found, **new}
    order = tuple(sorted(places, key=lambda n: places[n]))
    allowed = {}
    for sort in vocabulary.entities:
        here = tuple(n for n in order if known.get(n) == sort.type or (n in new and sort.open))
        every = not order or (not sort.open and (not here or sort.type in common))
        allowed[sort.type] = sort.names if every else here
    return Mentions(allowed, order, tuple(n for n in order if n in new))


def _check_colors(sentence: str, vocabulary: Vocabulary) -> None:
    """Refuse a color that no thing of a world can have, where two at least are known by theirs."""
    closed = [sort for sort in vocabulary.entities if not sort.open]
    for sort in closed:
        here = [name for name in sort.names if name in _COLORS]
        others = _COLORS.difference(*(other.names for other in vocabulary.entities))
        found = [w for w in _WORD.findall(sentence.lower()) if w in others] if len(here) > 1 else []
        if found:
            raise UnknownName(
                f"nothing in this world is {found[0]}: there is no such {sort.type}",
                None,
                f"known colors: {', '.join(here)}",
            )


def symbol_of(word: str) -> str | None:
    """The symbol of a name as a sentence spells it, or None where it can be none.

    >>> symbol_of("O'Brien"), symbol_of("42")
    ('obrien', None)
    """
    name = re.sub(r"[^\w-]", "", word.lower().replace(" ", "-")).strip("-_")
    if not name:
        return None
    try:
        tree = read_one(name)
    except PlotError:
        return None
    return name if isinstance(tree, Symbol) else None


def is_ordinary(word: str, vocabulary: Vocabulary) -> bool:
    """Whether a word is ordinary English or one of a vocabulary's own, endings aside.

    >>> is_ordinary("strongest", Vocabulary()), is_ordinary("blicket", Vocabulary())
    (True, False)
    """
    name = symbol_of(_SUFFIX.sub("", _SHORTENED.sub("", word)))
    return name is None or _plain(name, _ordinary() | _own(vocabulary))


def _plain(name: str, ordinary: frozenset[str]) -> bool:
    """Whether a word, or what is left of it without an ending, is ordinary."""
    stems = (name.removesuffix(end) for end in ("", "s", "es", "ed", "er", "ing", "ly", "est"))
    return name in ordinary or any(len(stem) > 2 and stem in ordinary for stem in stems)


def _own(vocabulary: Vocabulary) -> frozenset[str]:
    words = set()
    for sort in vocabulary.entities:
        words |= {sort.type, sort.listing, sort.type + "s"}
    for entry in vocabulary.entries:
        words |= set(re.findall(r"[a-z]+", f"{entry.name} {entry.meaning}".lower()))
    return frozenset(words)


@cache
def _ordinary() -> frozenset[str]:
    return frozenset((files("inference.tokens") / "ordinary_words.txt").read_text("utf-8").split())


def _unknown(name: str, known: list[str]) -> UnknownName:
    near = difflib.get_close_matches(name, known, 3, 0.6) or known[:6]
    return UnknownName(
        f"this world knows nothing called `{name}`, and new names are not welcome in it",
        None,
        f"known names: {', '.join(near)}",
    )
