"""What a file may hold: the classes and functions by name. Nothing else is ever made from one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from enum import Enum

from plot import errors, syntax, types, vocabulary
from plot.compiler import values
from plot.compiler.budget import Budget
from plot.compiler.builtins import higher, quoting, text
from plot.compiler.choices import Choice
from plot.compiler.dpmem import Restaurant
from plot.compiler.graph import Loop, Site
from plot.compiler.ops import Kind
from plot.compiler.passes import Passes

# Made whole as soon as their parts are there: they can be keys of dictionaries.
DATA: tuple[type, ...] = (
    errors.Source,
    errors.Span,
    syntax.Symbol,
    syntax.Literal,
    syntax.Form,
    types.Base,
    types.Entity,
    types.ListOf,
    types.PairOf,
    types.Variable,
    types.Function,
    vocabulary.Entry,
    vocabulary.Entities,
    vocabulary.Vocabulary,
    values.Death,
    values.AtomLane,
    values.Union,
    Budget,
    Choice,
    Passes,
    Site,
)
# May be part of themselves: made empty first, filled at the end.
OBJECTS: tuple[type, ...] = (
    values.Environment,
    values.Closure,
    values.Primitive,
    values.Effects,
    values.MemoEntry,
    values.Memo,
    values.Atoms,
    Restaurant,
    text.Numbered,
    Loop,
)
ENUMS: tuple[type[Enum], ...] = (values.Sort, Kind)
ERRORS: tuple[type[errors.PlotError], ...] = (
    errors.PlotError,
    errors.ReadError,
    errors.FormError,
    errors.UnboundError,
    errors.ArityError,
    errors.TypeMismatch,
    errors.ParameterError,
    errors.EvaluationError,
    errors.BudgetError,
    errors.Unsupported,
    errors.ImpossibleEvidence,
)
FUNCTIONS: tuple[Callable[..., object], ...] = (  # heads of the partial functions in primitives
    higher.composed,
    higher.filled,
    higher.call_filled,
    quoting.run_quoted,
)


def fields_of(cls: type) -> tuple[str, ...]:
    """The names of what an object of a class consists of."""
    if dataclasses.is_dataclass(cls):
        return tuple(f.name for f in dataclasses.fields(cls))
    if cls is values.Atoms:
        return tuple(vars(values.Atoms()))
    return tuple(
        name
        for base in reversed(cls.__mro__)
        for name in sorted(base.__dict__.get("__slots__", ()))
    )
