"""The plain uses of a word: said of the names of a sentence, or of some or all there are.

A word for a number is compared with those of the sentence and with that of another name.

A model that was never trained on a word finds its uses improbable; those that are plain are written
down by rule, and the model only weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import permutations

from plot.types import BOOLEAN, NUMBER, Entity, Function
from plot.vocabulary import Entry, Vocabulary

MOST = 24  # expressions


def plain_uses(
    entry: Entry, named: Sequence[str], vocabulary: Vocabulary, sentence: str = ""
) -> tuple[str, ...]:
    """Expressions that say or ask a word of what a sentence names.

    Args:
      entry: a word for one or two things: whether it is true of them, or for one: a number, or a thing.
      named: the names of the sentence that are of its sort, in order.
      vocabulary: with the word.
      sentence: for the numbers in it.

    >>> from plot.vocabulary import Entities
    >>> people = Entities("person", "people", ("tom",), True)
    >>> giant = Entry("giant", Function((Entity("person"),), BOOLEAN), "")
    >>> plain_uses(giant, ["tom"], Vocabulary((giant,), (people,)))[:2]
    ("(condition (giant 'tom))", "(query (giant 'tom))")
    >>> clout = Entry("clout", Function((Entity("person"),), NUMBER), "")
    >>> plain_uses(clout, ["tom"], Vocabulary((clout,), (people,)), "Tom's clout is above 40.")[:2]
    ("(query (clout 'tom))", "(condition (> (clout 'tom) 40))")
    """
    if not isinstance(entry.type, Function):
        return ()
    sorts = [t.name for t in entry.type.parameters if isinstance(t, Entity)]
    quoted = [f"'{name}" for name in named]
    if entry.type.result != BOOLEAN:
        return _values(entry, sorts[0], quoted, vocabulary, sentence) if len(sorts) == 1 else ()
    if len(sorts) not in (1, 2):
        return ()
    said, asked = _said_of(entry, quoted, len(sorts) == 2), list[str]()
    open_body = f"({entry.name} x)"
    if len(sorts) > 1:
        open_body = f"({entry.name} x {quoted[-1]})" if quoted else ""
    if open_body and not (quoted and len(sorts) == 1):
        some, asked = _quantified(open_body, sorts[0], vocabulary)
        said += some
    texts = [f"({kind} {s})" for s in said for kind in ("condition", "query")]
    return tuple(dict.fromkeys([*texts, *(f"(query {a})" for a in asked)]))[:MOST]


def _said_of(entry: Entry, quoted: Sequence[str], of_two: bool) -> list[str]:
    """What can be said of names by a word that is true or false, the plainest first."""
    if of_two:
        pairs = [f"({entry.name} {a} {b})" for a, b in permutations(quoted, 2)][:4]
        return [*pairs, *(f"(not {p})" for p in pairs)]
    single = [f"({entry.name} {one})" for one in quoted]
    denied = [f"(not {s})" for s in single]
    if len(single) > 1:
        every = " ".join(single)
        single += [f"(and {every})", f"(or {every})", f"(and {' '.join(denied)})"]
    return [*single, *denied]


def _values(
    entry: Entry, sort: str, quoted: Sequence[str], vocabulary: Vocabulary, sentence: str
) -> tuple[str, ...]:
    """Plain uses of a word for a number, or for a thing."""
    assert isinstance(entry.type, Function)
    mine = [f"({entry.name} {one})" for one in quoted]
    asked = list(mine)
    if entry.type.result != NUMBER:
        said = [f"(eq? {one} {other})" for one in mine for other in quoted if other not in one]
        return _told_and_asked(said, asked)
    numbers = dict.fromkeys(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)", sentence))
    said = [f"({op} {m} {n})" for m in mine for n in numbers for op in (">", "<", "=", ">=", "<=")]
    pairs = list(permutations(mine, 2))[:2]
    said += [f"({op} {a} {b})" for a, b in pairs for op in (">", "=")]
    asked += [f"(- {a} {b})" for a, b in pairs]
    listing = next(s.listing for s in vocabulary.entities if s.type == sort)
    among = f"'({' '.join(q[1:] for q in quoted)})" if len(quoted) > 1 else listing
    if len(quoted) != 1:
        asked += [
            f"({word} (lambda (x) ({entry.name} x)) {among})" for word in ("argmax", "argmin")
        ]
    else:
        best = [f"({w} (lambda (x) ({entry.name} x)) {listing})" for w in ("argmax", "argmin")]
        said += [f"(eq? {b} {quoted[0]})" for b in best]
    return _told_and_asked(said, asked)


def _told_and_asked(said: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    told = [f"({kind} {s})" for s in said for kind in ("condition", "query")]
    told += [f"(condition (not {s}))" for s in said[:2]]
    return tuple(dict.fromkeys([*(f"(query {a})" for a in asked), *told]))[:MOST]


def _quantified(body: str, sort: str, vocabulary: Vocabulary) -> tuple[list[str], list[str]]:
    """What can be said, and what else can be asked, of all things of a sort."""
    listing = next(s.listing for s in vocabulary.entities if s.type == sort)
    predicate = f"(lambda (x) {body})"
    said = [f"({word} {predicate} {listing})" for word in ("any", "all")]
    asked = [f"({word} {predicate} {listing})" for word in ("filter", "count")]
    for entry in vocabulary.entries:
        match entry.type:
            case Function((Function((Entity(of),), inner),), result) if (
                of == sort and inner == BOOLEAN
            ):
                (said if result == BOOLEAN else asked).append(f"({entry.name} {predicate})")
            case _:
                pass
    return [*said, *(f"(not {s})" for s in said)], asked
