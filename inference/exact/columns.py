"""Columns of joint states: each value as the position of it among the few that there are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plot.compiler.graph import Operand
from plot.compiler.ops import OPS, Kind

TRUTHS = np.array([False, True])
MOST_KEYS = 2**62  # settings that one integer tells apart
GRID = 4096  # settings of some columns that are always worth working out once each


@dataclass(frozen=True, eq=False)
class Column:
    """One value for each state.

    Args:
      codes: `[states]`, positions in `values`; of truth values, the truth itself.
      values: `[distinct]`.
    """

    codes: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, found: np.ndarray) -> Column:
        """The column of plain values, `[states]`."""
        if found.dtype == bool:
            return cls(found, TRUTHS)
        values, codes = np.unique(found, return_inverse=True)
        return cls(narrow(codes.reshape(-1), len(values)), values)

    @property
    def plain(self) -> np.ndarray:
        """`[states]`, the values themselves."""
        return self.codes if self.values is TRUTHS else self.values[self.codes]

    @property
    def truths(self) -> np.ndarray:
        """`[states]`, of a column of truth values."""
        return self.codes

    def take(self, index: np.ndarray) -> Column:
        """The column of some of the states."""
        return Column(self.codes[index], self.values)

    def canonical(self, needed: np.ndarray) -> Column:
        """The column in which the states that do not need it are alike."""
        return Column(np.where(needed, self.codes, self.codes.dtype.type(0)), self.values)


def narrow(codes: np.ndarray, distinct: int) -> np.ndarray:
    """Codes in as few bytes as hold them."""
    width = np.uint8 if distinct <= 256 else np.uint16 if distinct <= 65536 else np.int32
    return codes.astype(width)


def keys(columns: Sequence[Column], states: int) -> tuple[np.ndarray, int]:
    """Integers `[states]` that tell apart the states that differ in a column, and their bound."""
    return combined([(c.codes, len(c.values)) for c in columns], states)


def grouped(key: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where one of each different integer stands, `[groups]`, and the group of each, `[states]`.

    >>> first, group = grouped(np.array([7, 3, 7]))
    >>> np.array([7, 3, 7])[first][group].tolist()
    [7, 3, 7]
    """
    _, first, group = np.unique(key, return_index=True, return_inverse=True)
    return first, group.reshape(-1)


def combined(parts: Sequence[tuple[np.ndarray, int]], states: int) -> tuple[np.ndarray, int]:
    """Codes `[states]`, each with its bound, as one, and its bound."""
    key, size = np.zeros(states, np.int64), 1
    for codes, distinct in parts:
        if distinct == 1:
            continue
        if size > MOST_KEYS // distinct:
            first, key = grouped(key)
            size = len(first)
        key *= distinct
        key += codes
        size *= distinct
    return key, size


def apply(op: str, kind: Kind, parts: Sequence[Column | Operand], states: int) -> Column:
    """The column of an operation.

    Args:
      op: a key of `OPS`.
      kind: of the result.
      parts: columns or constants.
      states: how many there are.
    """
    truths = all(isinstance(p, Column) and p.values is TRUTHS for p in parts)
    if truths and op in ("and", "or", "not"):
        found = OPS[op].numpy(*[p.codes for p in parts if isinstance(p, Column)])
        return Column(found, TRUTHS)
    if op == "where" and isinstance(parts[0], Column) and parts[0].values is TRUTHS:
        return _chosen(parts[0].truths, parts[1], parts[2])
    columns = [p for p in parts if isinstance(p, Column)]
    sizes = [len(c.values) for c in columns]
    size = math.prod(sizes)
    if size > max(GRID, states):
        plain = [p.plain if isinstance(p, Column) else _wide(p) for p in parts]
        return Column.of(_shaped(_run(op, plain), kind, (states,)))
    grid, axis = [], 0
    for part in parts:
        if isinstance(part, Column):
            grid.append(part.values.reshape([-1 if i == axis else 1 for i in range(len(sizes))]))
            axis += 1
        else:
            grid.append(_wide(part))
    table = Column.of(_shaped(_run(op, grid), kind, tuple(sizes)).reshape(-1))
    if len(columns) == 1:
        codes = columns[0].codes
        return table.take(codes.view(np.uint8) if codes.dtype == bool else codes)
    return table.take(keys(columns, states)[0])


def _chosen(test: np.ndarray, yes: Column | Operand, no: Column | Operand) -> Column:
    """The column of one or the other, by a truth value."""
    arms = [
        a if isinstance(a, Column) else Column(np.zeros(1, np.uint8), _one(a)) for a in (yes, no)
    ]
    values = arms[0].values
    if not all(a.values is values for a in arms):
        values = np.unique(np.concatenate([a.values for a in arms]))
    codes = np.where(test, *[_recoded(a, values) for a in arms])
    return Column(codes, TRUTHS if values.dtype == bool else values)


def _one(value: Operand) -> np.ndarray:
    return np.array([value]) if isinstance(value, bool) else np.array([value], float)


def _recoded(column: Column, values: np.ndarray) -> np.ndarray:
    """The codes of a column among more values."""
    if values.dtype == bool:
        return column.plain
    if len(values) == len(column.values):
        return column.codes
    return narrow(np.searchsorted(values, column.values), len(values))[column.codes]


def _run(op: str, parts: Sequence[object]) -> np.ndarray:
    with np.errstate(all="ignore"):
        return np.asarray(OPS[op].numpy(*parts))


def _shaped(found: np.ndarray, kind: Kind, shape: tuple[int, ...]) -> np.ndarray:
    found = np.broadcast_to(found, shape)
    return found.astype(bool) if kind is Kind.BOOLEAN else found.astype(float)


def _wide(value: object) -> object:
    return float(value) if type(value) is int else value  # integers of NumPy would wrap around


def joined(columns: Sequence[Column]) -> Column:
    """Columns of some states and of others as one."""
    if all(c.values is columns[0].values for c in columns):
        return Column(np.concatenate([c.codes for c in columns]), columns[0].values)
    values = np.unique(np.concatenate([c.values for c in columns]))
    return Column(np.concatenate([_recoded(c, values) for c in columns]), values)


def merged_logs(groups: np.ndarray, count: int, logs: np.ndarray) -> np.ndarray:
    """Logs of the sums of what falls into each group, `[groups]`.

    Args:
      groups: int `[states]`, each group having a state.
      count: how many groups there are.
      logs: `[states]`, finite.

    >>> merged_logs(np.array([0, 1, 0]), 2, np.log([0.25, 0.5, 0.25])).round(9).tolist()
    [-0.693147181, -0.693147181]
    """
    top = np.full(count, -np.inf)
    np.maximum.at(top, groups, logs)
    return top + np.log(np.bincount(groups, np.exp(logs - top[groups]), count))
