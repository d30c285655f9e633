"""The vocabulary of a world model's source, read from its `entities` and `declare` forms."""

from __future__ import annotations

from plot.errors import FormError
from plot.reader import read
from plot.syntax import Form, Literal, Symbol
from plot.types import parse_type
from plot.vocabulary import Entities, Entry, Vocabulary


def vocabulary_of(source: str) -> Vocabulary:
    """What a program makes public, without running it.

    Args:
      source: the text of a world model.

    Raises:
      FormError: a declaration is not written as it should be.

    >>> vocabulary_of('(entities person people (tom) open) (declare f (-> person number) "m")').entries[0].name
    'f'
    """
    forms = [t for t in read(source) if isinstance(t, Form)]
    sorts = []
    for form in forms:
        if form.head == "entities":
            words = [t.name if isinstance(t, Symbol) else "" for t in form.items[1:3]]
            if len(form) < 4 or not isinstance(form[3], Form):
                raise FormError("entities are declared by a type, a listing and names", form.span)
            names = tuple(t.name for t in form[3] if isinstance(t, Symbol))
            sorts.append(Entities(words[0], words[1], names, len(form) > 4))
    known = frozenset(s.type for s in sorts)
    entries = []
    for form in forms:
        if form.head == "declare":
            name, meaning = form[1], form[3]
            if not isinstance(name, Symbol) or not isinstance(meaning, Literal):
                raise FormError("a declaration holds a name, a type and a meaning", form.span)
            entries.append(Entry(name.name, parse_type(form[2], known), str(meaning.value)))
    return Vocabulary(tuple(entries), tuple(sorts))
