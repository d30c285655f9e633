"""Values out of lanes: what an evaluated value is in each of some worlds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plot.compiler.graph import Node, constant
from plot.compiler.ops import Kind
from plot.compiler.values import AtomLane, Atoms, Union, Value, leaves
from plot.data import NIL, VOID, Name, Pair, from_list, is_boolean, is_number, parts, show, spine


def numbers(value: Value, rows: dict[Node, np.ndarray], count: int) -> np.ndarray | None:
    """A value as numbers, one a world, or None where it is not a number in every world.

    Args:
      value: what was evaluated.
      rows: float32 `[count]` for each of its nodes.
      count: how many worlds there are.
    """
    if isinstance(value, Node) and value.kind is Kind.NUMBER:
        return rows[value].astype(np.float64)
    if is_number(value):
        return np.full(count, float(value))  # type: ignore[arg-type]
    return None


@dataclass(frozen=True, eq=False)
class Outcomes:
    """The different things that a value can be, and which of them it is in each world.

    Args:
      values: plain data, each different from the others.
      index: `[worlds]`, positions in `values`.
    """

    values: list[object]
    index: np.ndarray


def outcomes(value: Value, rows: dict[Node, np.ndarray], count: int, atoms: Atoms) -> Outcomes:
    """Tell apart the worlds by what a value is in them; arguments as for `numbers`."""
    parts = list(dict.fromkeys(leaves(value)))
    if not parts:
        return Outcomes([plain(value, {}, atoms)], np.zeros(count, np.int64))
    table = np.stack([rows[node] for node in parts], axis=1)
    distinct, index = np.unique(table, axis=0, return_inverse=True)
    values: list[object] = []
    known: dict[str, int] = {}
    merged = np.empty(len(distinct), np.int64)
    for i, row in enumerate(distinct):
        # Worlds that differ only in a part that is not there (a longer list's end) are the same.
        seen = plain(value, dict(zip(parts, row, strict=True)), atoms)
        text = show(seen)
        if text not in known:
            known[text] = len(values)
            values.append(seen)
        merged[i] = known[text]
    return Outcomes(values, merged[index.reshape(-1)])


def plain(value: Value, row: dict[Node, np.generic], atoms: Atoms) -> object:
    """The plain data that a value is in one world.

    Args:
      row: the value of each node there.
    """
    # Post-order over an explicit stack: `_Join` puts a list together again.
    done: list[object] = []
    stack: list[Value] = [value]
    for part in parts(stack):
        if isinstance(part, _Join):
            items = done[len(done) - part.size :]
            del done[len(done) - part.size :]
            done.append(from_list(items[:-1], items[-1]))
            continue
        part = _here(part, row, atoms)
        if not isinstance(part, Pair):
            done.append(part)
            continue
        items = []
        while isinstance(part, Pair):
            items.append(part.first)
            part = _here(part.rest, row, atoms)
        stack += [_Join(len(items) + 1), part, *reversed(items)]
    return done[0]


@dataclass(frozen=True, slots=True)
class _Join:
    size: int


def _here(value: Value, row: dict[Node, np.generic], atoms: Atoms) -> Value:
    """What a value is in one world, up to the parts of a pair."""
    while isinstance(value, Union):
        cases = value.cases.values()
        value = next(
            (x for guard, x in cases if not isinstance(guard, Node) or row[guard] != 0), VOID
        )
    if isinstance(value, Node):
        number = row[value]
        return bool(number != 0) if value.kind is Kind.BOOLEAN else _shortest(number)
    if isinstance(value, AtomLane):
        return atoms.value(float(row[value.node]))
    return value


def _shortest(number: np.generic) -> int | float:
    """A float32 as the shortest decimal that reads back as it; whole numbers as integers."""
    return constant(float(str(np.float32(number))))  # type: ignore[return-value]


def to_python(value: object) -> object:
    """Plain data as Python's own: a list for a list, a tuple for a pair, text for a name.

    Functions stay what they are, and so do numbers, truth values and strings.

    >>> from plot.data import Name, Pair
    >>> to_python(from_list([Name("tom"), Pair(1, 2), True]))
    ['tom', (1, 2), True]
    """
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Name):
        return value.text
    if isinstance(value, Pair) or value is NIL:
        items, tail = spine(value)
        parts = [to_python(item) for item in items]
        return parts if tail is NIL else (*parts, to_python(tail))
    return None if value is VOID else value


def to_json(value: object) -> object:
    """Plain data as what JSON can hold: names and strings as text, lists as lists."""
    if is_boolean(value):
        return bool(value)
    if is_number(value):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, str):
        return value
    if isinstance(value, Name):
        return value.text
    if isinstance(value, Pair) or value is NIL:
        items, tail = spine(value)
        return [to_json(x) for x in items] if tail is NIL else show(value)
    return None if value is VOID else show(value)
