"""Sentences that say only what is new: `And Mary?`, `So did Sue.`, `Bob too.`

The sentence before is said again of the new name: that name takes the place of the first one. What
was filled in is the sentence that is then read, so that it can be seen and said otherwise.

Source: Dalrymple, Shieber and Pereira 1991 (ellipsis by putting the new parallel element in place of
the old one).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_BE = r"(?:is|are|was|were|does|do|did|has|have|had|can|could|will|would)"
_NOT = rf"(?:{_BE} not|{_BE}n't|can't|cannot|won't)"
_NAME = r"(?:the (?P<thing>[A-Za-z][\w-]*?)(?: [a-z]+)?|(?P<name>[A-Za-z][\w'-]*?))"
_END = r"\s*[.!?]*$"
_AND = re.compile(rf"^(?:and|but|what about|how about|and what about)\s+{_NAME}{_END}", re.I)
_SO = tuple(
    re.compile(pattern + _END, re.I)
    for pattern in (
        rf"^(?:and )?so {_BE} {_NAME}",
        rf"^(?:and )?{_NAME} {_BE},? (?:too|as well|also)",
        rf"^(?:and )?{_NAME},? (?:too|as well|also)",
        rf"^(?:and )?also {_NAME}",
    )
)
_NEITHER = tuple(
    re.compile(pattern + _END, re.I)
    for pattern in (
        rf"^(?:and )?(?:neither|nor) {_BE} {_NAME}",
        rf"^(?:and )?{_NAME} {_NOT},? either",
        rf"^(?:and )?{_NAME},? neither",
    )
)
_DENIED = re.compile(rf"^(?:and|but)?\s*{_NAME} {_NOT}{_END}", re.I)
_HAS_NOT = re.compile(rf"\b(?:not|no|never|nobody|none|{_NOT})\b", re.I)
_ADDED = (
    re.compile(r",?\s+(?:too|as well|either)(?=\s*[.!?,;]*$)", re.I),
    re.compile(r"\balso\s+", re.I),
)


def filled(sentence: str, names: Sequence[str], before: str | None, asked: bool) -> str:
    """A sentence with what it leaves out filled in from the one before; else as it is.

    Args:
      sentence: in English.
      names: that can take each other's place, in lower case.
      before: the last sentence of the conversation, names in the place of pronouns; None at its start.
      asked: whether that was a question.

    >>> filled("And Mary?", ["tom", "mary"], "How strong is Tom?", True)
    'How strong is Mary?'
    >>> filled("So did Mary.", ["tom", "mary"], "Tom beat John.", False)
    'Mary beat John.'
    >>> filled("But Mary isn't.", ["tom", "mary"], "Tom is strong.", False)
    'It is not true that Mary is strong.'
    """
    if not before:
        return sentence
    known = set(names)
    text = sentence.strip().replace("’", "'")
    if name := _found((_AND,), text, known):
        return _instead(before, name, known) or sentence
    if asked:
        return sentence
    denies = bool(_HAS_NOT.search(before))
    if name := _found(_NEITHER, text, known) or (denies and _found(_SO, text, known)):
        again = _instead(before, name, known)
        return sentence if again is None else again if denies else _denied(again)
    if name := _found(_SO, text, known):
        return _instead(before, name, known) or sentence
    if (name := _found((_DENIED,), text, known)) and not denies:
        again = _instead(before, name, known)
        return sentence if again is None else _denied(again)
    return sentence


def without_addition(sentence: str) -> str:
    """A sentence without `too`, `also`, `either` and `as well`, which say only that it is not the first.

    >>> without_addition("Mary is strong, too."), without_addition("Mary also beat Sue.")
    ('Mary is strong.', 'Mary beat Sue.')
    >>> without_addition("Is Tom too strong for Sue?"), without_addition("Either Tom or Sue won.")
    ('Is Tom too strong for Sue?', 'Either Tom or Sue won.')
    """
    out = sentence
    for pattern in _ADDED:
        out = pattern.sub("", out)
    return out if any(c.isalpha() for c in out) else sentence


def _found(patterns: Sequence[re.Pattern[str]], text: str, known: set[str]) -> str | None:
    for pattern in patterns:
        match = pattern.match(text)
        if match and (name := match["name"] or match["thing"]).lower() in known:
            return name
    return None


def _instead(before: str, name: str, known: set[str]) -> str | None:
    """A sentence with a name in the place of its first one; None where it has none or that very one."""
    words = re.finditer(r"[A-Za-z][\w-]*", before)
    first = next((m for m in words if m.group().lower() in known), None)
    if first is None or first.group().lower() == name.lower():
        return None
    shown = name if first.group().islower() else name[:1].upper() + name[1:]
    return before[: first.start()] + shown + before[first.end() :]


def _denied(statement: str) -> str:
    return f"It is not true that {statement}"
