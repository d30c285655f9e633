"""Values of an evaluated program as rows of a table, and back.

A row names what it is and the rows that it is made of. Data stands after its parts, so that one
pass makes it; objects that can be part of themselves are made empty in that pass and filled in a
second one. Nodes of the graph are numbers here (`plot.cached.columns` keeps them).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import partial

from plot.cached.classes import DATA, ENUMS, ERRORS, FUNCTIONS, OBJECTS, fields_of
from plot.compiler.graph import Graph, Node
from plot.compiler.values import DEAD, Environment, Value
from plot.data import NIL, VOID, Name, Pair, from_list, spine
from plot.errors import PlotError

type Row = list[object]

_SINGLE = (NIL, VOID, DEAD)
_SCALARS = (type(None), bool, int, float, str)
_COLLECTIONS: dict[type, tuple[str, Callable[[list], object]]] = {
    tuple: ("t", tuple),
    list: ("l", list),
    set: ("s", set),
    frozenset: ("f", frozenset),
}
_DATA = {cls: i for i, cls in enumerate(DATA)}
_OBJECTS = {cls: i for i, cls in enumerate(OBJECTS)}
_ENUMS = {cls: i for i, cls in enumerate(ENUMS)}
_ERRORS = {cls: i for i, cls in enumerate(ERRORS)}
_FUNCTIONS = {function: i for i, function in enumerate(FUNCTIONS)}
_FIELDS = {cls: fields_of(cls) for cls in (*DATA, *OBJECTS)}


class Uncacheable(Exception):
    """A value has no place in a file."""


class Packer:
    """Writes values as rows.

    Args:
      graph: whose nodes the values are made of.
      builtins: the outermost scope; it is not written, and made anew when rows are read.
    """

    def __init__(self, graph: Graph, builtins: Environment):
        self.graph, self.builtins = graph, builtins
        self.rows: list[Row] = []
        self._known: dict[int, int] = {}
        self._scalars: dict[tuple[type, str], int] = {}
        self._kept: list[object] = []  # so that no id is used twice
        self._empty: list[tuple[object, Row]] = []
        self._names = {id(value): name for name, value in builtins.names.items()}

    def add(self, value: object) -> int:
        """The row of a value, and of all that its objects hold."""
        row = self.ref(value)
        while self._empty:
            thing, fields = self._empty.pop()
            fields += [self.ref(getattr(thing, name)) for name in _FIELDS[type(thing)]]
        return row

    def ref(self, value: object) -> int:
        """The row of a value; its objects are filled by the next `add`."""
        cls = type(value)
        if cls in _SCALARS:
            key = (cls, repr(value))
            if key not in self._scalars:
                self._scalars[key] = self._append(["=", value])
            return self._scalars[key]
        known = self._known.get(id(value))
        if known is None:
            known = self._write(value, cls)
            self._known[id(value)] = known
            self._kept.append(value)
        return known

    def _append(self, row: Row) -> int:
        self.rows.append(row)
        return len(self.rows) - 1

    def _write(self, value: object, cls: type) -> int:
        if isinstance(value, Node):
            if self.graph.nodes[value.id] is not value:
                raise Uncacheable("a node of another graph")
            return self._append(["n", value.id])
        if cls in _DATA:
            return self._append(
                ["d", _DATA[cls], *[self.ref(getattr(value, name)) for name in _FIELDS[cls]]]
            )
        if cls in _COLLECTIONS:
            return self._append([_COLLECTIONS[cls][0], *map(self.ref, value)])  # type: ignore[call-overload]
        if isinstance(value, dict):
            return self._append(["m", *[self.ref(x) for item in value.items() for x in item]])
        if isinstance(value, Name):
            return self._append(["a", value.text])
        if isinstance(value, Pair):
            items, end = spine(value)
            return self._append(["p", self.ref(end), *map(self.ref, items)])
        for i, single in enumerate(_SINGLE):
            if value is single:
                return self._append(["1", i])
        if value is self.builtins:
            return self._append(["g"])
        if id(value) in self._names:
            return self._append(["b", self._names[id(value)]])
        if cls in _OBJECTS:
            row: Row = ["o", _OBJECTS[cls]]
            self._empty.append((value, row))
            return self._append(row)
        if isinstance(value, Enum) and cls in _ENUMS:
            return self._append(["e", _ENUMS[cls], value.name])
        if isinstance(value, PlotError) and cls in _ERRORS:
            parts = map(self.ref, (value.message, value.span, value.hint))
            return self._append(["x", _ERRORS[cls], *parts])
        if isinstance(value, partial) and value.func in _FUNCTIONS and not value.keywords:
            return self._append(["c", _FUNCTIONS[value.func], *map(self.ref, value.args)])
        raise Uncacheable(f"a {cls.__module__}.{cls.__qualname__}")


def unpack(rows: list[Row], nodes: list[Node], builtins: Environment) -> list[Value]:
    """The values of rows.

    Args:
      rows: what a `Packer` wrote.
      nodes: of the graph; they may still be empty.
      builtins: a new outermost scope.

    Raises:
      LookupError, TypeError, ValueError: where the rows are no such table.
    """
    out: list[Value] = []
    empty: list[tuple[object, Row]] = []
    collections = dict(_COLLECTIONS.values())
    for row in rows:
        tag = row[0]
        if tag == "=":
            out.append(row[1])
        elif tag == "d":
            cls = DATA[row[1]]  # type: ignore[call-overload]
            value = cls.__new__(cls)
            for name, part in zip(_FIELDS[cls], row[2:], strict=True):
                object.__setattr__(value, name, out[part])  # type: ignore[call-overload]
            out.append(value)
        elif tag == "n":
            out.append(nodes[row[1]])  # type: ignore[call-overload]
        elif tag in collections:
            out.append(collections[tag]([out[i] for i in row[1:]]))  # type: ignore[index,call-overload]
        elif tag == "m":
            parts = [out[i] for i in row[1:]]  # type: ignore[call-overload]
            out.append(dict(zip(parts[::2], parts[1::2], strict=True)))
        elif tag == "o":
            cls = OBJECTS[row[1]]  # type: ignore[call-overload]
            out.append(cls.__new__(cls))
            empty.append((out[-1], row))
        else:
            out.append(_other(row, out, builtins))
    for value, row in empty:
        for name, part in zip(_FIELDS[type(value)], row[2:], strict=True):
            object.__setattr__(value, name, out[part])  # type: ignore[call-overload]
    return out


def _other(row: Row, out: list[Value], builtins: Environment) -> Value:
    tag, first = row[0], row[1] if len(row) > 1 else None
    match tag:
        case "a":
            return Name(str(first))
        case "1":
            return _SINGLE[first]  # type: ignore[call-overload]
        case "g":
            return builtins
        case "b":
            return builtins.names[str(first)]
        case "e":
            return ENUMS[first][str(row[2])]  # type: ignore[call-overload]
    parts = [out[i] for i in row[2:]]  # type: ignore[call-overload]
    match tag:
        case "p":
            return from_list(parts, out[first])  # type: ignore[call-overload]
        case "x":
            return ERRORS[first](*parts)  # type: ignore[call-overload]
        case "c":
            return partial(FUNCTIONS[first], *parts)  # type: ignore[call-overload]
    raise ValueError(f"no row begins with {tag!r}")
