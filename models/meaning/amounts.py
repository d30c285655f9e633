"""Amounts that a sentence states, and whether a reading has them.

A small language model reads `twenty mugs` as two of them sooner than as twenty. Amounts up to twelve it has
seen often, and some readings rightly leave them out (`all three places`); larger ones are checked.
"""

from __future__ import annotations

import re

from models.meaning.readings import NotUnderstood, Reading
from plot.syntax import Literal, Tree, walk

SEEN = 12  # amounts up to here are not checked
_ONES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_VALUES = {
    **{word: float(i) for i, word in enumerate(_ONES)},
    **{word: 10.0 * i for i, word in enumerate(_TENS, 2)},
    "hundred": 100.0,
    "thousand": 1000.0,
    "million": 1e6,
}
_AMOUNT = re.compile(
    r"(?P<sign>\b(?:minus|negative)\s+|(?<![\w.])[-\u2212])?"
    rf"(?P<amount>\d+(?:\.\d+)?|\b(?:{'|'.join(_VALUES)})(?:[\s-]+(?:{'|'.join(_VALUES)}))*\b)"
    r"(?!\d|\.\d|\s*%|\s+per\s?cent\b)",  # of percent, readings make shares
    re.IGNORECASE,
)


def amounts(sentence: str) -> tuple[tuple[str, float], ...]:
    """The amounts that a sentence states, each as it is written and as a number.

    Args:
      sentence: in English.

    >>> amounts("There are twenty-one mugs, 3 plates and minus two bowls.")
    (('twenty-one', 21.0), ('3', 3.0), ('minus two', -2.0))
    """
    found = []
    for match in _AMOUNT.finditer(sentence):
        value = _value(match["amount"].lower())
        found.append((match[0].strip(), -value if match["sign"] else value))
    return tuple(found)


def unheard(sentence: str, reading: Tree) -> str | None:
    """An amount that a sentence states and a reading does not have, as it is written; else None.

    Args:
      sentence: in English.
      reading: the expression.

    >>> from plot.reader import read_one
    >>> unheard("There are twenty mugs.", read_one("(= (number-of mugs) 2)"))
    'twenty'
    """
    said = {float(t.value) for t in walk(reading) if isinstance(t, Literal) and _is_number(t.value)}
    for text, value in amounts(sentence):
        if (value > SEEN or value < 0) and not said & {value, value / 100}:
            return text
    return None


def all_heard(sentence: str, readings: tuple[Reading, ...]) -> None:
    """Refuse a sentence whose most probable reading leaves out a large amount, or one below zero.

    Args:
      sentence: in English.
      readings: the most probable first.

    Raises:
      NotUnderstood: where it does.
    """
    best = readings[0]
    if (amount := unheard(sentence, best.tree)) is not None:
        raise NotUnderstood(
            f"this says `{amount}`, which I can't make out",
            "write it in digits, or say it without an amount; the nearest reading, which leaves it "
            f"out: {best.text}",
            readings,
        )


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _value(text: str) -> float:
    if text[0].isdigit():
        return float(text)
    total = part = 0.0
    for word in re.split(r"[\s-]+", text):
        value = _VALUES[word]
        if value < 100:
            part += value
        elif value == 100:
            part = (part or 1) * value
        else:
            total, part = total + (part or 1) * value, 0.0
    return total + part
