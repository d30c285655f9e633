"""Finite domains: nodes as tables over finite variables, and bounds on the rest."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from plot.compiler.ops import OPS

if TYPE_CHECKING:
    from plot.compiler.graph import Node, Operand

TABLE_LIMIT = 1024  # entries of one table; past it a node is a variable of its own
SUPPORT_LIMIT = 300  # values of one variable
COUNTED_LIMIT = 64  # width of a range that floor or round turns into a variable


@dataclass(frozen=True)
class Table:
    """A value for each joint setting of some finite variables.

    Args:
      variables: finite nodes, in the order of their ids.
      values: one axis a variable, as long as the variable has values.
    """

    variables: tuple[Node, ...]
    values: np.ndarray

    def key(self) -> tuple:
        """What makes two tables the same function."""
        return tuple(v.id for v in self.variables), self.values.dtype.kind, self.values.tobytes()

    def is_variable(self) -> bool:
        """Whether this is the identity of its only variable."""
        own = self.variables[0].table
        return (
            own is not None
            and self.values.dtype == own.values.dtype
            and np.array_equal(self.values, own.values)
        )

    def over(self, variables: Sequence[Node]) -> np.ndarray:
        """The values laid out to broadcast over a larger list of variables."""
        place = {v: i for i, v in enumerate(variables)}
        shape = [1] * len(variables)
        for variable, size in zip(self.variables, self.values.shape, strict=True):
            shape[place[variable]] = size
        return self.values.reshape(shape)


def width(variable: Node) -> int:
    """How many values a finite variable has."""
    assert variable.table is not None
    return len(variable.table.values)


def tabulate(function: Callable[..., np.ndarray], args: tuple[Operand, ...]) -> Table | None:
    """The table of an operation whose operands all have one, or None (too large, or not finite)."""
    tables: list[Table] = []
    for arg in args:
        if isinstance(arg, (bool, int, float)):
            wide = float(arg) if type(arg) is int else arg  # integers of NumPy would wrap around
            tables.append(Table((), np.asarray(wide)))
        elif arg.table is not None:
            tables.append(arg.table)
        else:
            return None
    variables = sorted({v for t in tables for v in t.variables}, key=lambda v: v.id)
    if math.prod(width(v) for v in variables) > TABLE_LIMIT:
        return None
    with np.errstate(all="ignore"):
        values = np.asarray(function(*[t.over(variables) for t in tables]))
    values = np.broadcast_to(values, [width(v) for v in variables])
    kept = list(variables)
    for axis in reversed(range(len(variables))):  # drop what the result does not depend on
        if _equal(values, np.take(values, [0], axis=axis)):
            values = np.take(values, 0, axis=axis)
            kept.pop(axis)
    return Table(tuple(kept), np.ascontiguousarray(values))


def _equal(a: np.ndarray, b: np.ndarray) -> bool:
    same = a == b
    if a.dtype.kind == "f":
        same = same | (np.isnan(a) & np.isnan(b))
    return bool(np.all(same))


def support(x: Operand) -> tuple[float, ...] | None:
    """The values that an operand can take, in order, or None where they are not finite."""
    if isinstance(x, (bool, int, float)):
        return (x,)
    if x.table is None:
        return None
    return tuple(v.item() for v in np.unique(x.table.values))


def bounds(x: Operand) -> tuple[float, float] | None:
    """Bounds on a number, or None where nothing is known."""
    if isinstance(x, (bool, int, float)):
        return float(x), float(x)
    return x.range


def range_of(
    op: str, args: tuple[Operand, ...]
) -> tuple[tuple[float, float] | None, np.ndarray | None]:
    """Bounds of a new number node, and its values where they are few."""
    known = _bounds_of(op, args)
    values = _values_of(op, args, known)
    if values is not None:
        known = (float(values.min()), float(values.max()))
    return known, values


def _values_of(
    op: str, args: tuple[Operand, ...], known: tuple[float, float] | None
) -> np.ndarray | None:
    if (
        op in ("floor", "round", "ceil")
        and known is not None
        and known[1] - known[0] <= COUNTED_LIMIT
    ):
        return np.arange(known[0], known[1] + 1)
    parts = args[1:] if op == "where" else args
    if op not in ("where", "add", "sub", "mul", "min", "max", "abs", "mod"):
        return None
    supports = [support(a) for a in parts]
    if any(s is None for s in supports):
        return None
    if op == "where":
        values = np.unique([v for s in supports if s for v in s])
    else:
        if math.prod(len(s) for s in supports if s) > 4 * TABLE_LIMIT:
            return None
        grid = itertools.product(*(s for s in supports if s is not None))
        with np.errstate(all="ignore"):
            values = np.unique([float(OPS[op].numpy(*point)) for point in grid])
    return values if len(values) <= SUPPORT_LIMIT and not np.isnan(values).any() else None


def _bounds_of(op: str, args: tuple[Operand, ...]) -> tuple[float, float] | None:
    if op == "abs":
        inner = bounds(args[0])
        if inner is None:
            return 0.0, math.inf
        low = 0.0 if inner[0] <= 0 <= inner[1] else min(map(abs, inner))
        return low, max(map(abs, inner))
    if op == "exp" or op == "sqrt":
        return 0.0, math.inf
    known = [bounds(a) for a in (args[1:] if op == "where" else args)]
    if any(b is None for b in known):
        return None
    ends = [b for b in known if b is not None]
    rule = _BOUNDS.get(op)
    if rule is None:
        return None
    with np.errstate(all="ignore"):
        low, high = rule(*ends)
    return None if math.isnan(low) or math.isnan(high) else (float(low), float(high))


type _Range = tuple[float, float]


def _products(a: _Range, b: _Range) -> _Range:
    corners = [0.0 if x == 0 or y == 0 else x * y for x in a for y in b]
    return min(corners), max(corners)


def _each(function: Callable[[float], float]) -> Callable[[_Range], _Range]:
    def rule(a: _Range) -> _Range:
        return function(a[0]), function(a[1])

    return rule


_BOUNDS: dict[str, Callable[..., _Range]] = {
    "add": lambda a, b: (a[0] + b[0], a[1] + b[1]),
    "sub": lambda a, b: (a[0] - b[1], a[1] - b[0]),
    "mul": _products,
    "min": lambda a, b: (min(a[0], b[0]), min(a[1], b[1])),
    "max": lambda a, b: (max(a[0], b[0]), max(a[1], b[1])),
    "where": lambda a, b: (min(a[0], b[0]), max(a[1], b[1])),
    "floor": _each(lambda x: math.floor(x) if math.isfinite(x) else x),
    "ceil": _each(lambda x: math.ceil(x) if math.isfinite(x) else x),
    "round": _each(lambda x: math.floor(x + 0.5) if math.isfinite(x) else x),
}
