"""Arithmetic in words over the numbers of a world: `twice their strength minus laziness`.

What is put in a world's own words for numbers needs no language model. Sums and products are not mixed:
English does not say which comes first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OWNER = r"(?:(?:their|his or her|her or his|his|her|its|the) )?"
_TIMES = {"twice": "2", "double": "2", "half": "0.5", "two times": "2", "three times": "3"}
_SUMS = {"plus": "+", "and": "+", "+": "+", "minus": "-", "less": "-", "-": "-"}
_PRODUCTS = {
    "times": "*",
    "multiplied by": "*",
    "*": "*",
    "divided by": "/",
    "over": "/",
    "/": "/",
}
_WHOLE = re.compile(r"^the (?P<kind>sum|product|mean|average) of (?P<of>.+)$")
_DASH, _SPACED = re.escape("-"), "[- ]"
_NUMBER = re.compile(r"^\d+(?:\.\d+)?$")


def arithmetic(text: str, numbers: Sequence[str], thing: str) -> str | None:
    """An expression for arithmetic in words; None where it is not plain.

    Args:
      text: in English.
      numbers: the names of functions from a thing to a number.
      thing: the expression of the thing that they are taken of.

    >>> arithmetic("their strength minus their laziness", ["strength", "laziness"], "'tom")
    "(- (strength 'tom) (laziness 'tom))"
    >>> arithmetic("twice their strength plus laziness times 2", ["strength", "laziness"], "x") is None
    True
    """
    low = " ".join(text.lower().split())
    if whole := _WHOLE.match(low):
        kind, parts = whole["kind"], _cut(whole["of"], ("and",))
        terms = [_term(p, numbers, thing) for p in parts[::2]]
        if None in terms or len(terms) != 2:
            return None
        joined = " ".join(t for t in terms if t)
        together = f"({'*' if kind == 'product' else '+'} {joined})"
        return f"(/ {together} 2)" if kind in ("mean", "average") else together
    for joints in (_SUMS, _PRODUCTS):
        parts = _cut(low, tuple(joints))
        terms = [_term(p, numbers, thing) for p in parts[::2]]
        if None in terms or not any(f" {thing})" in t for t in terms if t):
            continue
        out = str(terms[0])
        for word, term in zip(parts[1::2], terms[1:], strict=True):
            out = f"({joints[word]} {out} {term})"
        return out
    return None


def _cut(text: str, words: Sequence[str]) -> list[str]:
    """Terms and the words between them."""
    either = "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True))
    return [part.strip() for part in re.split(rf"(?<=\s)({either})(?=\s)", text)]


def _term(text: str, numbers: Sequence[str], thing: str) -> str | None:
    if _NUMBER.match(text):
        return text
    for word, factor in _TIMES.items():
        if text.startswith(f"{word} "):
            rest = _term(text.removeprefix(f"{word} "), numbers, thing)
            return None if rest is None else f"(* {factor} {rest})"
    for name in numbers:
        if re.fullmatch(rf"{_OWNER}{re.escape(name).replace(_DASH, _SPACED)}", text):
            return f"({name} {thing})"
    return None
