"""The table of every built-in function and special form: names, types, documentation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from plot.signatures.aliases import OTHER_NAMES
from plot.signatures.base import Example as Example
from plot.signatures.base import FormDoc as FormDoc
from plot.signatures.base import Signature as Signature
from plot.signatures.distributions import DISTRIBUTIONS as DISTRIBUTIONS
from plot.signatures.forms import FORM_DOCS as FORM_DOCS
from plot.signatures.lists import HIGHER as HIGHER
from plot.signatures.lists import LISTS as LISTS
from plot.signatures.lists import PAIRS as PAIRS
from plot.signatures.numbers import COMPARISON as COMPARISON
from plot.signatures.numbers import LOGIC as LOGIC
from plot.signatures.numbers import NUMBERS as NUMBERS
from plot.signatures.prelude import ARITHMETIC as ARITHMETIC
from plot.signatures.prelude import CHANCE as CHANCE
from plot.signatures.prelude import SEQUENCES as SEQUENCES
from plot.signatures.prelude import WORDS as WORDS
from plot.signatures.text import TEXT as TEXT

_GROUPS = (
    *(NUMBERS, COMPARISON, LOGIC, DISTRIBUTIONS, PAIRS, LISTS, HIGHER, TEXT),
    *(ARITHMETIC, CHANCE, SEQUENCES, WORDS),
)

SIGNATURES: Mapping[str, Signature] = MappingProxyType(
    {
        s.name: replace(s, aliases=(*s.aliases, *OTHER_NAMES.get(s.name, ())))
        for group in _GROUPS
        for s in group
    }
)
FORMS: Mapping[str, FormDoc] = MappingProxyType({doc.name: doc for doc in FORM_DOCS})


def _spelling(name: str) -> str:
    return name.replace("_", "-")


def _in_words(name: str) -> str:
    """The spelling without marks, as JavaScript has it: `is_null`, `string_to_number`."""
    name = f"is_{name[:-1]}" if name.endswith("?") else name
    return name.replace("->", "_to_").replace("-", "_")


def _all_names() -> dict[str, str]:
    table: dict[str, str] = {}
    for signature in SIGNATURES.values():
        for name in (signature.name, *signature.aliases):
            for spelling in (name, _spelling(name), _in_words(name)):
                table.setdefault(spelling, signature.name)
    return table


_CANONICAL = _all_names()


def canonical(name: str) -> str | None:
    """The name under which a built-in function is listed, or None where there is none.

    Args:
      name: the name, an alias, or either with `_` for `-`, `is_` for `?` and `_to_` for `->`.

    >>> canonical("list_ref"), canonical("foldl"), canonical("is_null"), canonical("nonsense")
    ('list-ref', 'fold', 'null?', None)
    """
    return _CANONICAL.get(name) or _CANONICAL.get(_spelling(name))


def keyword(name: str) -> str | None:
    """The special form of a name, with `_` for `-` allowed, or None.

    >>> keyword("rejection_query"), keyword("car")
    ('rejection-query', None)
    """
    if name in FORMS:
        return name
    dashed = _spelling(name)
    return dashed if dashed in FORMS else None


def help(name: str) -> str:
    """What a built-in function or special form does, as text.

    Args:
      name: any of its names.

    Raises:
      KeyError: where nothing has that name.

    >>> print(help("list_ref"))
    list-ref : (-> (list a) number a)
      also vector-ref
      The element at a position, counted from 0.
      (list-ref '(a b c) 1) ; => b
    """
    found = keyword(name)
    doc = FORMS[found] if found else SIGNATURES.get(canonical(name) or "")
    if doc is None:
        raise KeyError(name)
    if isinstance(doc, FormDoc):
        head = list(doc.syntax)
    else:
        head = [f"{doc.name} : {kind}" for kind in doc.types]
        if doc.aliases:
            head.append(f"  also {', '.join(doc.aliases)}")
    lines = [*doc.meaning.splitlines(), *([str(doc.example)] if doc.example else [])]
    return "\n".join([*head, *(f"  {line}" for line in lines)])
