"""What the words of a conversation point back to: pronouns and `the other one`.

A pronoun stands for the last name before it in its sentence, else for the last name of the
conversation. The rule looks at no gender and takes the nearest name; what it put in is said, so that
it can be seen and, by naming the person, said otherwise.

Source: Hobbs 1978 (the nearest antecedent, without syntax).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

PEOPLE = frozenset({"person", "agent", "player", "human"})  # sorts that pronouns can stand for
_OWN = frozenset({"his", "their"})
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_PRONOUN = re.compile(
    r"\b(the other one|the other person|he|she|they|him|them|her|his|their)\b", re.IGNORECASE
)
# After `her` these make it an object, as does a verb of seeing before it: `we saw her walk`.
_AFTER_OBJECT = frozenset(
    {
        "a",
        "an",
        "the",
        "to",
        "at",
        "in",
        "on",
        "by",
        "for",
        "from",
        "with",
        "and",
        "or",
        "but",
        "than",
        "go",
        "goes",
        "going",
        "is",
        "was",
        "there",
        "too",
        "again",
        "yesterday",
        "today",
        "when",
    }
)
_SEEN = frozenset({"saw", "see", "seen", "watched", "spotted", "noticed", "observed", "caught"})


@dataclass(frozen=True)
class Resolved:
    """A sentence without words that point back.

    Args:
      sentence: with names in their place.
      replaced: each word and the name that it stands for.
    """

    sentence: str
    replaced: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return ", ".join(f"{word} = {name}" for word, name in self.replaced)


def resolve(sentence: str, names: Sequence[str], recent: Sequence[str]) -> Resolved:
    """Put names in place of the words that point back to them.

    Args:
      sentence: in English.
      names: of the people of this world, in lower case.
      recent: names of the conversation so far, the last one first.

    >>> resolve("Alex likes sushi, but he hates pizza.", ["alex", "bob"], []).sentence
    'Alex likes sushi, but Alex hates pizza.'
    >>> resolve("Does her bike help her?", ["alex", "bob"], ["bob"]).sentence
    "Does Bob's bike help Bob?"
    >>> str(resolve("The other one stays in.", ["alex", "bob"], ["bob", "alex"]))
    'The other one = Alex'
    """
    known = set(names)
    replaced: list[tuple[str, str]] = []

    def before(place: int) -> str | None:
        said = [w for w in _words(sentence[:place]) if w in known]
        return said[-1] if said else None

    def put(match: re.Match[str]) -> str:
        word = match.group().lower()
        if word.startswith("the other"):
            name = _other(sentence[: match.start()], known, recent)
        else:
            name = before(match.start()) or (recent[0] if recent else None)
        if name is None or name not in known:
            return match.group()
        shown = name.capitalize()
        replaced.append((match.group(), shown))
        return (
            f"{shown}'s"
            if _possessive(word, sentence[: match.start()], sentence[match.end() :])
            else shown
        )

    out = _PRONOUN.sub(put, sentence)
    return Resolved(out, tuple(replaced))


def _other(before: str, known: set[str], recent: Sequence[str]) -> str | None:
    """Of the two people that were named last, the one that was not named last."""
    said = [w for w in _words(before) if w in known][::-1]
    order = list(dict.fromkeys([*said, *recent]))
    return order[1] if len(order) > 1 else None


def _possessive(word: str, before: str, after: str) -> bool:
    if word in _OWN:
        return True
    if word != "her" or (_words(before) or [""])[-1] in _SEEN:
        return False
    follows = _WORD.match(after.lstrip(" ")) if after.startswith(" ") else None
    return follows is not None and follows.group().lower() not in _AFTER_OBJECT


def _words(text: str) -> list[str]:
    """Words in lower case, the `'s` of a name taken off."""
    return [w.lower().removesuffix("'s") for w in _WORD.findall(text)]
