"""Strings, symbols, tests of kind, pictures, `eval`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from plot.data import NIL, VOID, Name, Procedure, from_list, is_boolean, is_number, show, spine
from plot.errors import EvaluationError, Span, TypeMismatch
from plot.oracle.machine import Machine
from plot.oracle.values import Routine, Wrapped, brief, need_whole
from plot.syntax import Form, Literal, Symbol, Tree

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_DEEP = 500


def display(value: object) -> str:
    """A value as `string-append` writes it: strings without quotes."""
    return value if isinstance(value, str) else show(value)


def _string_to_number(text: str) -> object:
    if not _NUMBER.fullmatch(text):
        return False
    number = float(text)
    if not math.isfinite(number):
        return False
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _slice(text: str, start: object, end: object = None) -> str:
    first = need_whole(start, "the start of `string-slice`")
    stop = len(text) if end is None else need_whole(end, "the end of `string-slice`")
    return text[first:stop]


def _split(text: str, between: str = " ") -> object:
    return from_list(text.split(between) if between else list(text))


def _error(*values: object) -> object:
    raise EvaluationError(
        " ".join(display(value) for value in values) or "the program ended this world"
    )


def _nothing(*values: object) -> object:
    return VOID


def _gensym(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    prefix = display(arguments[0]) if arguments else "g"
    machine.gensyms += 1
    return Name(f"{prefix}%{machine.gensyms}")  # `%` keeps it apart from names of programs
    yield


def _make_gensym(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    prefix = display(arguments[0]) if arguments else "g"
    made = [0]

    def call(machine: Machine, values: list[object], span: Span | None) -> Routine:
        if values:
            raise EvaluationError("a function made by `make-gensym` takes no arguments", span)
        made[0] += 1
        return Name(f"{prefix}{made[0] - 1}")
        yield

    return Wrapped("gensym", call)
    yield


def _eval(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    return (yield machine.ev(_tree(arguments[0], span, 0), machine.globals))


def _tree(value: object, span: Span | None, depth: int) -> Tree:
    if depth > _DEEP:
        raise EvaluationError(f"`eval` of a program nested more than {_DEEP} deep", span)
    if isinstance(value, Name):
        return Symbol(value.text, span)
    if isinstance(value, bool | int | float | str):
        return Literal(value, span)
    items, end = spine(value)
    if isinstance(end, Name):
        items += [Name("."), end]
    elif end is not NIL:
        raise TypeMismatch(f"`eval` got {brief(value)}; a quoted program is due", span)
    return Form(tuple(_tree(item, span, depth + 1) for item in items), span)


PLAIN: dict[str, Callable[..., object]] = {
    "string-append": lambda *values: "".join(display(value) for value in values),
    "string-length": len,
    "string-slice": _slice,
    "string-split": _split,
    "string-upcase": str.upper,
    "string-downcase": str.lower,
    "string<?": lambda a, b: a < b,
    "string->number": _string_to_number,
    "number->string": show,
    "string->symbol": Name,
    "symbol->string": lambda name: name.text,
    "stringify": display,
    "symbol?": lambda value: isinstance(value, Name),
    "number?": is_number,
    "string?": lambda value: isinstance(value, str),
    "boolean?": is_boolean,
    "procedure?": lambda value: isinstance(value, Procedure),
    "boolean->number": lambda value: 0 if value is False else 1,
    "number->boolean": lambda number: number != 0,
    "error": _error,
    **dict.fromkeys(("display", "hist", "density", "scatter", "barplot", "lineplot"), _nothing),
}

CONTROL: dict[str, Callable[..., Routine]] = {
    "gensym": _gensym,
    "make-gensym": _make_gensym,
    "eval": _eval,
}
