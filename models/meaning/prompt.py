"""The prompt: what the language model reads of a world before a sentence.

The prefix depends on the world only, so its keys and values are computed once; a
sentence adds one line. Which names an expression may hold is the grammar's affair.
"""

from __future__ import annotations

import unicodedata

from plot.types import Entity, Function, ListOf, Type
from plot.vocabulary import Entry, Vocabulary

MAX_NAMES = 24


def prefix(vocabulary: Vocabulary) -> str:
    """The lines that stand before every sentence about a world.

    Args:
      vocabulary: the world's public names.

    >>> from plot.vocabulary import Entities
    >>> prefix(Vocabulary((), (Entities("person", "people", ("tom", "mary"), True),)))
    'person people: tom mary ...'
    """
    lines = []
    for sort in vocabulary.entities:
        if not sort.names and not sort.open:
            continue
        shown = " ".join(sort.names[:MAX_NAMES])
        more = " ..." if sort.open or len(sort.names) > MAX_NAMES else ""
        lines.append(f"{sort.type} {sort.listing}: {shown}{more}")
    lines += map(entry_line, vocabulary.entries)
    return "\n".join(lines)


def entry_line(entry: Entry) -> str:
    """The line of one public name: how it is applied, its type, and its meaning.

    >>> from plot.types import BOOLEAN
    >>> entry_line(Entry("rain", BOOLEAN, "it rains"))
    'rain boolean: it rains'
    """
    meaning = f": {clean(entry.meaning)}" if entry.meaning else ""
    return _signature(entry.name, entry.type) + meaning


def continuation(sentence: str) -> str:
    """What follows the prefix for one sentence; the expression comes right after it.

    >>> continuation("Tom beat John.")
    '\\n> Tom beat John.\\n'
    """
    return f"\n> {clean(sentence)}\n"


def clean(sentence: str) -> str:
    """A sentence on one line: control characters gone, runs of space as one, quotes plain.

    >>> clean("Tom\\n beat\\tJohn’s  dog")
    "Tom beat John's dog"
    """
    text = sentence.translate(_PLAIN)
    kept = (" " if c.isspace() or unicodedata.category(c)[0] == "C" else c for c in text)
    return " ".join("".join(kept).split())


_PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})


def _signature(name: str, type: Type) -> str:
    if not isinstance(type, Function):
        return f"{name} {type}"
    parts = [*type.parameters, *type.optional]
    return f"({' '.join([name, *map(_short, parts)])}) {_short(type.result)}"


def _short(type: Type) -> str:
    if isinstance(type, ListOf) and isinstance(type.element, Entity):
        return f"'({type.element})"
    return str(type)
