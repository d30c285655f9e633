"""Strings, symbols and tests of sort."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial

from plot.compiler.builtins.registry import builtin
from plot.compiler.graph import Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.values import DEAD, AtomLane, Sort, Value, cases_of
from plot.data import Name, Procedure, show
from plot.errors import TypeMismatch, Unsupported


def _lift(m: Machine, function: Callable[..., Value], *arguments: Value) -> Value:
    """A function of static data, applied to each setting of drawn arguments."""
    settled = [m.settle(a) for a in arguments]
    known = [s for s in settled if s is not None]
    if len(known) < len(settled):
        raise Unsupported("text made of a value that can be any of infinitely many", m.span)
    result: Value = DEAD
    for combination in reversed(list(itertools.product(*known))):
        guard = m.graph.all([g for g, _ in combination])
        if guard is False:
            continue
        values = [v for _, v in combination]
        value = m.under(guard, True, lambda values=values: function(m, *values))
        result = m.merge(guard, value, result)
    if result is DEAD:
        raise AllDead
    return result


def _text(m: Machine, x: Value) -> str:
    if not isinstance(x, str):
        raise TypeMismatch(f"a string is due here, and this is {show(x)}", m.span)
    return x


def _plain(x: Value) -> str:
    return x if isinstance(x, str) else show(x)


def _number(m: Machine, x: Value) -> Value:
    try:
        number = float(_text(m, x))
    except ValueError:
        return False
    return int(number) if number.is_integer() else number


def _slice(m: Machine, x: Value, start: Value, end: Value | None = None) -> Value:
    stop = None if end is None else int(m.number(end))  # type: ignore[arg-type]
    return _text(m, x)[int(m.number(start)) : stop]  # type: ignore[arg-type]


def _symbol_text(m: Machine, x: Value) -> Value:
    if not isinstance(x, Name):
        raise TypeMismatch(f"a symbol is due here, and this is {show(x)}", m.span)
    return x.text


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "string-append": lambda m, *xs: "".join(_plain(x) for x in xs),
    "string-length": lambda m, x: len(_text(m, x)),
    "string-slice": _slice,
    "string->number": _number,
    "number->string": lambda m, x: show(x),
    "string->symbol": lambda m, x: Name(_text(m, x)),
    "symbol->string": _symbol_text,
    "stringify": lambda m, x: show(x),
}
for _name, _function in _FUNCTIONS.items():
    builtin(_name)(lambda m, *xs, _function=_function: _lift(m, _function, *xs))


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
