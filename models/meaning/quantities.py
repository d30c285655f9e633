"""Words for numbers and for things, defined on the fly: `Call a person's clout twice their strength.`

What a word stands for is asked of somebody of this world, `What is twice Tom's strength?`, and read as any
question is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from plot.check import check
from plot.errors import PlotError
from plot.syntax import Tree
from plot.types import BOOLEAN, NUMBER, Entity, Function
from plot.vocabulary import Vocabulary

_WHO = r"(?P<who>someone|somebody|everyone|an? [a-z]+)"
_WORD = r"[\"'*_]*(?P<word>[A-Za-z][a-z]+(?:-[a-z]+)?)[\"'*_]*"
_REST = r"(?P<rest>[^?]+?)[.!]*$"
_PLEASE = r"(?:let us |let's |please |we |i |i will |i'll |we will |we'll )?"
# Those that can be nothing but a definition, and those that a statement may look like.
_CLEAR = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^{_PLEASE}(?:call|name) {_WHO}'s {_WORD},?(?: to be| as)? {_REST}",
        rf"^{_PLEASE}define {_WHO}'s {_WORD} (?:as|to be) {_REST}",
        rf"^{_PLEASE}define (?:the )?{_WORD} of {_WHO} (?:as|to be) {_REST}",
        rf"^by {_WHO}'s {_WORD},? (?:we|i) mean {_REST}",
        rf"^by (?:the )?{_WORD} of {_WHO},? (?:we|i) mean {_REST}",
    )
)
_LIKELY = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^{_WHO}'s {_WORD} (?:is|means|is defined as|is by definition) {_REST}",
        rf"^(?:the )?{_WORD} of {_WHO} (?:is|means|is defined as|is by definition) {_REST}",
        rf"^by {_WORD},? (?:we|i) mean {_REST}",
        rf"^{_PLEASE}define {_WORD} as {_REST}",
        rf"^(?:the word )?{_WORD} means {_REST}",
    )
)
_ANYONE = r"(?:they|he or she|she or he|he|she|it)"
_OWN = re.compile(r"\b(?:their|his or her|her or his|his|her|its)\b", re.IGNORECASE)
_HOW_BE = re.compile(rf"^how (?P<how>[a-z-]+) {_ANYONE} (?:are|is)$", re.IGNORECASE)
_HOW_MANY = re.compile(
    r"^(?P<how>how (?:many|much) .+?|what|where) they (?P<verb>.+)$", re.IGNORECASE
)
_IS = re.compile(rf"\b{_ANYONE} (?:are|is)\b", re.IGNORECASE)
_IT = re.compile(rf"\b{_ANYONE}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Quantity:
    """A word and what it is said to stand for.

    Args:
      word: as it is written.
      who: whose it is: `a person`, `someone`.
      rest: what it stands for.
      clearly: whether the sentence can be nothing but a definition.
    """

    word: str
    who: str
    rest: str
    clearly: bool

    def speaks_of(self, numbers: Sequence[str]) -> bool:
        """Whether it is put in terms of whom it belongs to, or of numbers that a world knows.

        Args:
          numbers: the names of functions from a thing to a number.
        """
        spoken = (*numbers, *(n.replace("-", " ") for n in numbers))
        own = any(re.search(rf"\b{re.escape(n)}\b", self.rest, re.IGNORECASE) for n in spoken)
        return own or bool(_OWN.search(self.rest) or _IT.search(self.rest))

    def asked(self, name: str, numbers: Sequence[str]) -> str:
        """What it stands for, as a question about a name.

        Args:
          name: as it is shown.
          numbers: as for `speaks_of`: those that nobody owns are taken to be the name's.

        >>> Quantity("clout", "someone", "their strength minus laziness", True).asked("Tom", ["laziness"])
        "What is Tom's strength minus Tom's laziness?"
        >>> Quantity("might", "someone", "how strong they are", True).asked("Tom", [])
        'How strong is Tom?'
        """
        if found := _HOW_BE.match(self.rest):
            return f"How {found['how']} is {name}?"
        if found := _HOW_MANY.match(self.rest):
            how = found["how"]
            return f"{how[:1].upper()}{how[1:]} does {name} {found['verb']}?"
        text = _OWN.sub(f"{name}'s", self.rest)
        text = _IT.sub(name, _IS.sub(f"{name} is", text))
        for number in numbers:
            bare = rf"(?<!'s )\b{re.escape(number)}\b"
            text = re.sub(bare, f"{name}'s {number}", text, flags=re.IGNORECASE)
        return f"What is {text}?"


def quantity(sentence: str) -> Quantity | None:
    """What a sentence says that a word stands for; None where it says nothing of the kind.

    Args:
      sentence: in English, on one line.

    >>> quantity("Call a person's clout twice their strength.")
    Quantity(word='clout', who='a person', rest='twice their strength', clearly=True)
    >>> quantity("Tom's strength is 80.") is None
    True
    """
    for forms, clearly in ((_CLEAR, True), (_LIKELY, False)):
        match = next((m for form in forms if (m := form.match(sentence))), None)
        if match is not None:
            parts = match.groupdict()
            who = parts.get("who") or "someone"
            return Quantity(parts["word"], who.lower(), parts["rest"], clearly)
    return None


def value_type(definition: Tree, vocabulary: Vocabulary) -> str | None:
    """The type of what a word stands for; None where it is neither a number nor a thing.

    Args:
      definition: `(define (word x) …)`.
      vocabulary: of the world.
    """
    try:
        [(_, kind)] = check([definition], vocabulary)
    except (PlotError, ValueError):
        return None
    result = kind.result if isinstance(kind, Function) else None
    if result in (NUMBER, BOOLEAN):
        return str(result)
    return result.name if isinstance(result, Entity) else None
