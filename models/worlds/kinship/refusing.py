"""Sentences that make somebody a relative of their own, which no reading says: two people are looked for."""

from __future__ import annotations

import re

from plot.errors import ImpossibleEvidence

_RELATIVE = (
    r"(?:(?:step|half|grand|great)-?)*"
    r"(?:mother|father|mom|mum|dad|parent|child|kid|son|daughter|sister|brother|sibling"
    r"|aunt|uncle|niece|nephew|cousin|husband|wife|spouse|partner|ancestor)(?:-in-law)?"
)
_OWN = re.compile(
    rf"\s*(?P<who>[A-Z]\w*) (?:is|was) (?:(?P=who)['\u2019]s (?P<first>{_RELATIVE})"
    rf"|(?:a|an|one|the) (?P<second>{_RELATIVE}) of (?P=who)"
    r"|married to (?P=who))\s*[.!]*\s*"
)


def check(sentence: str) -> None:
    """Refuse that somebody is a relative of their own.

    Args:
      sentence: in English.

    Raises:
      ImpossibleEvidence: where it says so.

    >>> check("Avery is Blake's mother.")
    >>> try:
    ...     check("Avery is Avery's mother.")
    ... except ImpossibleEvidence as error:
    ...     print(error.message)
    `Avery is Avery's mother.` cannot be true: nobody is their own mother
    """
    found = _OWN.fullmatch(sentence)
    if found is not None:
        what = found["first"] or found["second"] or "husband or wife"
        raise ImpossibleEvidence(
            f"`{sentence}` cannot be true: nobody is their own {what}",
            None,
            "it was not added; say the name of another",
        )
