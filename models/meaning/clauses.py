"""Sentences of two clauses: `Tom is an ogre and Sue is weak`, `If Tom is an ogre, he beat Sue`.

What a compound sentence says is put together from what its clauses say, where a model finds the whole too
improbable to write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.meaning.verbs import FINITE

_CONDITIONS = (
    re.compile(r"^if (?P<left>.+?),? then (?P<right>.+)$", re.IGNORECASE),
    re.compile(r"^if (?P<left>.+?), (?P<right>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<right>.+?),? if (?P<left>.+)$", re.IGNORECASE),
)
_JOINTS = (
    ("or", re.compile(r",? or (?:else )?", re.IGNORECASE)),
    ("and", re.compile(r"; |,? (?:but|and|while|whereas|although|though) ", re.IGNORECASE)),
)
_LEADING = re.compile(r"^(?:either|both) ", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*")
_VERBS = FINITE | {"ate"}


@dataclass(frozen=True)
class Compound:
    """Two clauses and how they are joined.

    Args:
      joint: `and`, `or`, or `if`: the first is what the second follows from.
      left, right: the clauses, each with a subject.
    """

    joint: str
    left: str
    right: str

    def joined(self, left: str, right: str) -> str:
        """The expression of the whole, from those of the clauses.

        >>> Compound("if", "Tom won", "Sue lost").joined("(a)", "(b)")
        '(or (not (a)) (b))'
        """
        return (
            f"(or (not {left}) {right})" if self.joint == "if" else f"({self.joint} {left} {right})"
        )


def compound(sentence: str, names: Sequence[str]) -> Compound | None:
    """The clauses of a statement; None where it is a single one, or a question.

    Args:
      sentence: in English.
      names: that it may be about, in lower case.

    >>> compound("Tom is an ogre but not lazy.", ["tom", "sue"])
    Compound(joint='and', left='Tom is an ogre', right='Tom is not lazy')
    >>> compound("Tom and Sue are ogres.", ["tom", "sue"]) is None
    True
    """
    text = sentence.strip()
    if text.endswith("?"):
        return None
    text = text.rstrip(".! ")
    known = frozenset(names)
    for found in _cuts(text):
        left = _LEADING.sub("", found.left)
        subject = next((w for w in _WORD.findall(left) if w.lower() in known), None)
        if subject is None or _is_phrase(left, known):
            continue
        right = _with_subject(found.right, subject, known)
        if right is not None:
            return Compound(found.joint, left, right)
    return None


def _cuts(text: str) -> Iterator[Compound]:
    for pattern in _CONDITIONS:
        if match := pattern.match(text):
            yield Compound("if", match["left"], match["right"])
    for joint, pattern in _JOINTS:
        for match in pattern.finditer(text):
            yield Compound(joint, text[: match.start()], text[match.end() :])


def _is_phrase(text: str, known: frozenset[str]) -> bool:
    """Whether a text is a name, or names, and says nothing of them."""
    words = [w.lower() for w in _WORD.findall(text)]
    return all(w in known or w in ("and", "or", "both", "not", "the", "a", "an") for w in words)


def _with_subject(text: str, subject: str, known: frozenset[str]) -> str | None:
    words = _WORD.findall(text)
    if not words or _is_phrase(text, known):
        return None
    first = words[0].lower()
    if first.removesuffix("'s") in known:
        return text if len(words) > 2 else None
    if any(w.lower() in known for w in words[1:2]) and first in ("both", "neither", "either"):
        return text
    is_verb = first in _VERBS or (first.endswith(("s", "ed")) and not first.endswith("ss"))
    return f"{subject} {text}" if is_verb else f"{subject} is {text}"
