"""The plain uses of a word: said of the names of a sentence, or of some or all there are.

A model that was never trained on a word finds its uses improbable; those that are plain are written
down by rule, and the model only weighs them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from plot.types import BOOLEAN, Entity, Function
from plot.vocabulary import Entry, Vocabulary

MOST = 24  # expressions


def plain_uses(entry: Entry, named: Sequence[str], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Expressions that say or ask a word of what a sentence names.

    Args:
      entry: a word for one or two things.
      named: the names of the sentence that are of its sort, in order.
      vocabulary: with the word.

    >>> from plot.vocabulary import Entities
    >>> people = Entities("person", "people", ("tom",), True)
    >>> giant = Entry("giant", Function((Entity("person"),), BOOLEAN), "")
    >>> plain_uses(giant, ["tom"], Vocabulary((giant,), (people,)))[:2]
    ("(condition (giant 'tom))", "(query (giant 'tom))")
    """
    if not isinstance(entry.type, Function):
        return ()
    sorts = [t.name for t in entry.type.parameters if isinstance(t, Entity)]
    quoted = [f"'{name}" for name in named]
    if len(sorts) == 1:
        single = [f"({entry.name} {one})" for one in quoted]
        if len(single) > 1:
            denied = " ".join(f"(not {s})" for s in single)
            every = " ".join(single)
            single += [f"(and {every})", f"(or {every})", f"(and {denied})"]
        said = [*single, *(f"(not {s})" for s in single[: len(quoted)])]
        open_body = f"({entry.name} x)"
    elif len(sorts) == 2:
        pairs = [f"({entry.name} {a} {b})" for a, b in permutations(quoted, 2)][:4]
        said = [*pairs, *(f"(not {p})" for p in pairs)]
        open_body = f"({entry.name} x {quoted[-1]})" if quoted else ""
    else:
        return ()
    asked: list[str] = []
    if open_body and not (quoted and len(sorts) == 1):
        some, asked = _quantified(open_body, sorts[0], vocabulary)
        said += some
    texts = [f"({kind} {s})" for s in said for kind in ("condition", "query")]
    return tuple(dict.fromkeys([*texts, *(f"(query {a})" for a in asked)]))[:MOST]


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
