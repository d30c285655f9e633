"""Strings, symbols and tests of sort."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import partial

from plot.compiler.builtins.cases import by_cases
from plot.compiler.builtins.registry import builtin
from plot.compiler.graph import Node, Operand
from plot.compiler.machine import Machine
from plot.compiler.values import AtomLane, Primitive, Sort, Value, cases_of
from plot.data import Name, Procedure, from_list, is_number, show
from plot.errors import EvaluationError, TypeMismatch, Unsupported

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_EXACT = 2**53  # whole numbers up to here are exact


def _text(m: Machine, x: Value) -> str:
    if not isinstance(x, str):
        raise TypeMismatch(f"a string is due here, and this is {show(x)}", m.span)
    return x


def plain(x: Value) -> str:
    """Static data as `string-append` writes it: strings without quotes."""
    return x if isinstance(x, str) else show(x)


def _append(m: Machine, *xs: Value) -> Value:
    text = "".join(map(plain, xs))
    m.spend(len(text))
    return text


def _to_number(m: Machine, x: Value) -> Value:
    text = _text(m, x)
    number = float(text) if _NUMBER.fullmatch(text) else math.inf
    if not math.isfinite(number):
        return False
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _from_number(m: Machine, x: Value) -> Value:
    if not is_number(x):
        raise TypeMismatch(f"a number is due here, and this is {show(x)}", m.span)
    return show(x)


def _slice(m: Machine, x: Value, start: Value, end: Value | None = None) -> Value:
    text = _text(m, x)
    return text[_index(m, start) : len(text) if end is None else _index(m, end)]


def _index(m: Machine, x: Value) -> int:
    if not is_number(x):
        raise TypeMismatch(f"a number is due here, and this is {show(x)}", m.span)
    if not math.isfinite(x) or x != int(x):  # type: ignore[arg-type]
        raise EvaluationError(f"a position in a string is whole, and this is {show(x)}", m.span)
    return int(x)  # type: ignore[call-overload]


def _split(m: Machine, x: Value, between: Value = " ") -> Value:
    text, gap = _text(m, x), _text(m, between)
    parts = text.split(gap) if gap else list(text)
    m.spend(len(parts))
    return from_list(parts)


def _symbol_text(m: Machine, x: Value) -> Value:
    if not isinstance(x, Name):
        raise TypeMismatch(f"a symbol is due here, and this is {show(x)}", m.span)
    return x.text


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "string-append": _append,
    "string-length": lambda m, x: len(_text(m, x)),
    "string-slice": _slice,
    "string-split": _split,
    "string-upcase": lambda m, x: _text(m, x).upper(),
    "string-downcase": lambda m, x: _text(m, x).lower(),
    "string<?": lambda m, x, y: _text(m, x) < _text(m, y),
    "string->number": _to_number,
    "number->string": _from_number,
    "string->symbol": lambda m, x: Name(_text(m, x)),
    "symbol->string": _symbol_text,
    "stringify": lambda m, x: plain(x),
}


def _on_cases(function: Callable[..., Value], m: Machine, *xs: Value) -> Value:
    return by_cases(m, xs, partial(function, m))


for _name, _function in _FUNCTIONS.items():
    builtin(_name)(partial(_on_cases, _function))


@builtin("gensym")
def gensym(m: Machine, prefix: Value = "g") -> Value:
    if m.counters:
        raise Unsupported("`gensym` in a loop", m.span)  # so that the recursion is unrolled
    m.atoms.symbols += 1  # `%` keeps it apart from names of programs
    number = m.atoms.symbols
    return by_cases(m, [prefix], lambda x: Name(f"{plain(x)}%{number}"))


@builtin("make-gensym")
def make_gensym(m: Machine, prefix: Value = "g") -> Value:
    return Primitive("gensym", Numbered(prefix, m.chooser, m.counters), 0, 0)


class Numbered:
    """Makes symbols with a prefix, numbered from 0 in each world.

    Args:
      prefix: what the symbols begin with.
      chooser: decides draws where it is made.
      counters: of the loops in which it is made.
    """

    __slots__ = ("chooser", "counters", "made", "prefix")

    def __init__(self, prefix: Value, chooser: object, counters: tuple[Node, ...]):
        self.prefix, self.chooser, self.counters = prefix, chooser, counters
        self.made: Operand = 0  # how many a world has made

    def __call__(self, m: Machine) -> Value:
        if m.chooser is not self.chooser or m.counters != self.counters:
            raise Unsupported("numbered symbols from outside a query or a loop", m.span)
        name = by_cases(m, [self.prefix, self.made], lambda x, i: Name(f"{plain(x)}{i}"))
        here = m.graph.apply("number", m.path.node(m.graph))
        self.made = m.graph.apply("add", self.made, here)
        return name


def _has_sort(sort: Sort, m: Machine, x: Value) -> Operand:
    case = cases_of(x).get(sort)
    return case[0] if case is not None else False


builtin("number?")(partial(_has_sort, Sort.NUMBER))
builtin("boolean?")(partial(_has_sort, Sort.BOOLEAN))


def _has_type(kind: type, m: Machine, x: Value) -> Operand:
    case = cases_of(x).get(Sort.ATOM)
    if case is None:
        return False
    guard, atom = case
    if not isinstance(atom, AtomLane):
        return m.graph.apply("and", guard, isinstance(atom, kind))
    codes = m.path.support(atom.node) or ()
    fitting = [c for c in codes if isinstance(m.atoms.value(c), kind)]
    return m.graph.apply(
        "and", guard, m.graph.any([m.graph.apply("eq", atom.node, c) for c in fitting])
    )


builtin("symbol?")(partial(_has_type, Name))
builtin("string?")(partial(_has_type, str))
builtin("procedure?")(partial(_has_type, Procedure))
