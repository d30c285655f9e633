"""What the words of a conversation point back to: pronouns, `both of them` and `the other one`.

Names take their place (`antecedents` says which), so that what was put in is in the sentence that is then
read, and can be seen and, by naming the person, said otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.meaning.antecedents import Number, Pointer, Role, antecedents
from models.meaning.verbs import OF_ONE

PEOPLE = frozenset({"person", "agent", "player", "human"})  # sorts that pronouns can stand for
_OWN = frozenset({"his", "their"})
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_POINTER = re.compile(
    r"\b(?:(?P<other>the other one|the other person)"
    r"|(?P<some>both|neither|either|one|each|which) of (?:them|the two)(?: both)?"
    r"|(?P<two>the two of them)"
    r"|(?P<both>they|them) both"
    r"|(?P<word>he|she|they|him|them|her|his|their)(?:'(?P<short>re|ve))?)\b",
    re.IGNORECASE,
)
_THEN_BOTH = re.compile(
    r"(?: (?:are|were|have|had|do|did|will|can|must|may|might))?(?: not)? both\b", re.IGNORECASE
)
# Verbs after and before a `they`, as they are of one person.
_OF_ONE = {**OF_ONE, "re": "is", "ve": "has"}
_OF_SEVERAL = {"re": "are", "ve": "have"}
_NEXT_VERB = re.compile(r" (\w+(?:n't)?)\b")
_LAST_VERB = re.compile(r"\b(\w+(?:n't)?)(?= $)")
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
      replaced: each word and the names that it stands for.
      lost: words that must point back to somebody, and do not, or not clearly.
    """

    sentence: str
    replaced: tuple[tuple[str, str], ...] = ()
    lost: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join(f"{word} = {name}" for word, name in self.replaced)


def resolve(sentence: str, names: Sequence[str], said: Sequence[str]) -> Resolved:
    """Put names in place of the words that point back to them.

    Args:
      sentence: in English.
      names: of the people of this world, in lower case.
      said: the sentences before, the last one first.

    >>> resolve("Alex likes sushi, but he hates pizza.", ["alex", "bob"], []).sentence
    'Alex likes sushi, but Alex hates pizza.'
    >>> resolve("Does her bike help her?", ["alex", "cara"], ["Cara left."]).sentence
    "Does Cara's bike help Cara?"
    >>> resolve("They both left.", ["alex", "bob"], ["Bob saw Alex."]).sentence
    'Bob and Alex both left.'
    >>> str(resolve("The other one stays in.", ["alex", "bob"], ["Alex saw Bob."]))
    'The other one = Bob'
    """
    known = frozenset(names)
    out, end = "", 0
    replaced: list[tuple[str, str]] = []
    lost: list[str] = []
    for match in _POINTER.finditer(sentence):
        out += sentence[end : match.start()]
        end = match.end()
        pointer = _pointer(match, out, sentence[end:])
        found = [n.capitalize() for n in antecedents(pointer, known, said)]
        if not found:
            out += match.group()
            may_be_things = pointer.number is Number.ANY or match["other"]
            lost += [match.group()] if known and not may_be_things else []
            continue
        replaced.append((match.group(), _and(found)))
        of_one = len(found) == 1 and pointer.word == "they"
        if of_one:
            out = _LAST_VERB.sub(_verb_of_one, out)
        out += _written(match, found, pointer.role)
        if of_one and (verb := _NEXT_VERB.match(sentence, end)):
            out += f" {_verb_of_one(verb)}"
            end = verb.end()
    return Resolved(out + sentence[end:], tuple(replaced), tuple(lost))


def _pointer(match: re.Match[str], before: str, after: str) -> Pointer:
    parts = {name: text.lower() for name, text in match.groupdict().items() if text}
    word = parts.get("word") or parts.get("both") or "they"
    subject = word in ("he", "she", "they") and not _WORD.search(before.rpartition(",")[2])
    role = Role.SUBJECT if word in ("he", "she", "they") else Role.OBJECT
    if "some" in parts or "two" in parts:
        role = Role.SUBJECT if subject else Role.OBJECT
    elif "word" in parts and _possessive(word, before, after):
        role = Role.OWNER
    if "other" in parts:
        number = Number.OTHER
    elif "word" not in parts or (word == "they" and _THEN_BOTH.match(after)):
        number = Number.TWO
    else:
        number = Number.ANY if word in ("they", "them", "their") else Number.ONE
    return Pointer(word, role, number, before, after)


def _written(match: re.Match[str], found: Sequence[str], role: Role) -> str:
    """Names as they stand where the word stood."""
    named = _and(found)
    if some := match["some"]:
        if some.lower() == "neither":
            return f"{some} {' nor '.join(found)}"
        return f"{some} {named}" if some.lower() == "both" else f"{some} of {named}"
    if both := match["both"]:
        return f"{named} both" if both.lower() == "they" else f"both {named}"
    if role is Role.OWNER and match["word"]:
        return f"{named}'s"
    short = (match["short"] or "").lower()
    verb = (_OF_ONE if len(found) == 1 else _OF_SEVERAL).get(short, "")
    return f"{named} {verb}".rstrip()


def _verb_of_one(match: re.Match[str]) -> str:
    verb = match[1]
    one = _OF_ONE.get(verb.lower(), verb)
    return one.capitalize() if verb[0].isupper() else one


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _possessive(word: str, before: str, after: str) -> bool:
    if word in _OWN:
        return True
    if word != "her" or (_words(before) or [""])[-1] in _SEEN:
        return False
    follows = _WORD.match(after.lstrip(" ")) if after.startswith(" ") else None
    return follows is not None and follows.group().lower() not in _AFTER_OBJECT


def _words(text: str) -> list[str]:
    return [w.lower() for w in _WORD.findall(text)]
