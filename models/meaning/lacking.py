"""Words of a sentence that a world lacks, and how they can be given a meaning."""

from __future__ import annotations

import re

from inference.tokens.mentions import is_ordinary, mentions, symbol_of
from models.meaning.context import PEOPLE
from plot.errors import PlotError
from plot.vocabulary import Vocabulary

_WORD = re.compile(r"[A-Za-z][A-Za-z-]{2,}")
_CALLED = re.compile(
    r"\b(?i:is|are|was|were|be|isn't|aren't|wasn't|being)\s+(?:[A-Z][\w-]*\s+)?(?:not\s+)?(?:an?\s+)?"
    r"([A-Za-z][a-z-]{2,})",
)


def lacking(sentence: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """The words of a sentence that are neither ordinary English nor of this world.

    Args:
      sentence: in English.
      vocabulary: the world's public names.

    >>> lacking("Tom is a marathoner.", Vocabulary())
    ('marathoner',)
    """
    try:
        named = set(mentions(sentence, vocabulary).mentioned)
    except PlotError:
        named = set()
    named |= {form for s in vocabulary.entities for n in s.names for form in (n, f"{n}s", f"{n}es")}
    found = [
        word.lower()
        for word in _WORD.findall(sentence)
        if symbol_of(word) not in named and not is_ordinary(word, vocabulary)
    ]
    return tuple(dict.fromkeys(found))


def proposal(sentence: str, vocabulary: Vocabulary) -> str | None:
    """How to define the word that a sentence says something is, where this world lacks it; else None.

    Args:
      sentence: in English.
      vocabulary: the world's public names.

    >>> from plot.vocabulary import Entities
    >>> people = Entities("person", "people", ("tom",), True)
    >>> proposal("Tom is a marathoner.", Vocabulary((), (people,)))
    'this world has no word for `marathoner`; give it a meaning, such as `Call someone a marathoner if …`'
    """
    words = lacking(sentence, vocabulary)
    called = [w for m in _CALLED.finditer(sentence) if (w := m[1].lower()) in words]
    if not called or not vocabulary.entities:
        return None
    word = called[0]
    people = any(sort.type in PEOPLE for sort in vocabulary.entities)
    article = "an" if word[0] in "aeiou" else "a"
    whom = "someone" if people else f"a {vocabulary.entities[0].type}"
    if whom.split()[-1][0] in "aeiou":
        whom = whom.replace("a ", "an ", 1)
    return (
        f"this world has no word for `{word}`; give it a meaning, such as "
        f"`Call {whom} {article} {word} if …`"
    )
