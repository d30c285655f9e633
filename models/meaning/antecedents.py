"""Whom a word that points back stands for.

A subject takes up the subject of the nearest clause or sentence that names people, an object the name that
came last there; neither stands for a name of its own clause. Where a name is mostly a man's or a woman's,
`he` and `she` go by that first.

Sources: Hobbs 1978 (the nearest antecedent, without syntax); Brennan, Friedman and Pollard 1987
(subjects before objects); Chomsky 1981 (what a pronoun cannot stand for in its own clause).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from models.meaning.given_names import FEMALE, MALE

_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_HIM = {"he": (MALE, FEMALE), "him": (MALE, FEMALE), "his": (MALE, FEMALE)}
_HER = {"she": (FEMALE, MALE), "her": (FEMALE, MALE)}
_GENDERS = {**_HIM, **_HER}  # of each pronoun: names that are of it, names that are not
_JOINS = r"and|but|or|if|because|when|while|whether|although|since|so|then"
_THINKS = r"that|who|whom|which|where|thinks?|thought|knows?|believes?|says?|said|hopes?|sure"
_CLAUSE = re.compile(rf"[,;:]|\b(?:{_JOINS}|{_THINKS})\b", re.IGNORECASE)
_NEXT_CLAUSE = re.compile(rf"[,;:]|\b(?:{_JOINS})\b", re.IGNORECASE)


class Role(Enum):
    """What a word that points back is in its clause."""

    SUBJECT = 0
    OBJECT = 1
    OWNER = 2


class Number(Enum):
    """How many a word that points back stands for."""

    ONE = 0
    TWO = 1
    ANY = 2
    OTHER = 3  # the other of two


@dataclass(frozen=True)
class Pointer:
    """A word that points back, where it stands.

    Args:
      word: in lower case.
      role: in its clause.
      number: how many it stands for.
      before, after: the rest of its sentence.
    """

    word: str
    role: Role
    number: Number
    before: str
    after: str


def antecedents(pointer: Pointer, known: frozenset[str], said: Sequence[str]) -> tuple[str, ...]:
    """The names that a word stands for; none where it points back to nobody, or not clearly.

    Args:
      pointer: the word.
      known: names of people, in lower case.
      said: the sentences before, the last one first.

    >>> he = Pointer("he", Role.SUBJECT, Number.ONE, "", " won.")
    >>> antecedents(he, frozenset(("mary", "john", "tom")), ["Mary beat John.", "Tom is lazy."])
    ('john',)
    """
    sources = list(_sources(pointer, known, said))
    if pointer.number is Number.OTHER:
        order = list(dict.fromkeys(n for s in sources for n in s.names))
        return (order[1],) if len(order) > 1 else ()
    barred = frozenset[str]()
    if pointer.role is Role.SUBJECT:
        barred = frozenset(_names(_NEXT_CLAUSE.split(pointer.after)[0], known))
    elif pointer.role is Role.OBJECT:
        own = _clauses(pointer.before, known)[-1]
        barred = frozenset(_names(own, known)) - frozenset(_names(own, known, owners=True))
    if pointer.number is Number.TWO:
        return _two(sources, pointer.role, barred)
    if pointer.number is Number.ANY:
        nearest = next((s for s in sources if set(s.names) - barred), None)
        if nearest is not None and (together := _together(nearest, pointer.role, barred)):
            return together
    return _one(sources, pointer, barred)


@dataclass(frozen=True)
class _Source:
    """A stretch of text that may name whom a word stands for."""

    text: str
    known: frozenset[str]
    same_sentence: bool
    owners_only: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_names(self.text, self.known, self.owners_only)))

    @cached_property
    def groups(self) -> list[tuple[str, ...]]:
        """Names side by side: `Tom and Mary`."""
        if self.owners_only or not self.names:
            return []
        name = "|".join(sorted(map(re.escape, self.names), key=len, reverse=True))
        side = rf"\b(?:{name})(?:, (?:{name}))*,? (?:and|nor) (?:{name})\b"
        return [
            tuple(dict.fromkeys(_names(m.group(), self.known)))
            for m in re.finditer(side, self.text, re.IGNORECASE)
        ]


def _sources(pointer: Pointer, known: frozenset[str], said: Sequence[str]) -> Iterator[_Source]:
    """The nearest first: the clauses before a word, then the sentences."""
    clauses = _clauses(pointer.before, known)
    for distance, text in enumerate(reversed(clauses)):
        own = distance == 0 and pointer.role is Role.OBJECT
        yield _Source(text, known, True, owners_only=own)
    yield from (_Source(text, known, False) for text in said)


def _clauses(text: str, known: frozenset[str]) -> list[str]:
    """A text cut where clauses begin; names side by side stay together."""
    out, start = [], 0
    for match in _CLAUSE.finditer(text):
        left, right = _WORD.findall(text[: match.start()]), _WORD.findall(text[match.end() :])
        side_by_side = left and right and _bare(left[-1]) in known and _bare(right[0]) in known
        listed = match.group().lower() in ("and", "or", ",")
        if not (side_by_side and listed) and text[match.end() :].strip():
            out.append(text[start : match.start()])
            start = match.end()
    return [*out, text[start:]]


def _one(sources: Sequence[_Source], pointer: Pointer, barred: frozenset[str]) -> tuple[str, ...]:
    same, others = _GENDERS.get(pointer.word, (frozenset(), frozenset()))
    for source in sources:
        names = [n for n in source.names if n not in barred and n not in others]
        late = pointer.role is Role.OBJECT or (pointer.role is Role.OWNER and source.same_sentence)
        names = names[::-1] if late else names
        if names:
            return (min(names, key=lambda n: n not in same),)
    return ()


def _two(sources: Sequence[_Source], role: Role, barred: frozenset[str]) -> tuple[str, ...]:
    pool: list[str] = []
    for source in sources:
        if together := _together(source, role, barred, 2):
            return together
        pool = [*(n for n in source.names if n not in barred and n not in pool), *pool]
        if len(pool) > 1:
            break
    return tuple(pool) if len(pool) == 2 else ()


def _together(
    source: _Source, role: Role, barred: frozenset[str], count: int | None = None
) -> tuple[str, ...]:
    found = [g for g in source.groups if not barred & set(g) and count in (None, len(g))]
    return (found[-1] if role is Role.OBJECT else found[0]) if found else ()


def _names(text: str, known: frozenset[str], owners: bool = False) -> list[str]:
    words = _WORD.findall(text)
    return [_bare(w) for w in words if _bare(w) in known and (not owners or w.endswith("'s"))]


def _bare(word: str) -> str:
    """A word in lower case, the `'s` of a name taken off."""
    return word.lower().removesuffix("'s")
