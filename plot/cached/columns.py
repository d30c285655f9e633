"""The nodes of a graph as flat columns: no chain of nodes is ever followed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from plot.cached.rows import Packer, Uncacheable
from plot.compiler.domains import Table
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import Kind
from plot.compiler.values import Value

type Columns = dict[str, np.ndarray]

_KINDS = tuple(Kind)
_TYPES = ("|b1", "<i8", "<f8")  # of the entries of tables
_SLOTS = ("args", "id", "kind", "label", "loops", "op", "range", "span", "table")
_NO_LOOPS: frozenset[int] = frozenset()
_SPECIAL = frozenset({"nodes", "_interned", "_by_table"})  # of a graph: columns, not rows


def _starts(lengths: Iterable[int]) -> np.ndarray:
    return np.cumsum([0, *lengths], dtype=np.int32)


def operand_kinds(args: tuple[Operand, ...]) -> tuple[bool, ...]:
    """Which operands are the constants true and false, the last part of a shared node's key."""
    return tuple([isinstance(a, bool) for a in args])


def pack_nodes(graph: Graph, packer: Packer) -> Columns:
    """The columns of a graph's nodes; labels, spans, constants and operations are rows.

    Raises:
      Uncacheable: where a node is not what columns can hold.
    """
    if tuple(sorted(Node.__slots__)) != _SLOTS:
        raise Uncacheable("nodes of another make")
    nodes = graph.nodes

    def operand(x: Operand) -> int:
        return x.id if isinstance(x, Node) else -1 - packer.ref(x)

    tables = [node.table for node in nodes if node.table is not None]
    codes = [_type_code(table.values) for table in tables]
    columns = {
        "op": np.array([packer.ref(n.op) for n in nodes], np.int32),
        "args_at": _starts(len(n.args) for n in nodes),
        "args": np.array([operand(a) for n in nodes for a in n.args], np.int32),
        "kind": np.array([_KINDS.index(n.kind) for n in nodes], np.int8),
        "label": np.array([packer.ref(n.label) for n in nodes], np.int32),
        "span": np.array([packer.ref(n.span) for n in nodes], np.int32),
        "loops": np.array([packer.ref(n.loops) if n.loops else -1 for n in nodes], np.int32),
        "range": np.array([n.range or (np.nan, np.nan) for n in nodes], np.float64).reshape(-1, 2),
        "table_of": np.array([n.id for n in nodes if n.table is not None], np.int32),
        "table_type": np.array(codes, np.int8),
        "axes_at": _starts(len(t.variables) for t in tables),
        "axes": np.array([v.id for t in tables for v in t.variables], np.int32),
        "shapes": np.array([n for t in tables for n in t.values.shape], np.int32),
        "interned": np.array([n.id for n in graph._interned.values()], np.int32),
        "by_table": np.array([n.id for n in graph._by_table.values()], np.int32),
    }
    for code, name in enumerate(_TYPES):
        parts = [t.values.reshape(-1) for t, c in zip(tables, codes, strict=True) if c == code]
        columns[f"values{code}"] = np.concatenate([np.zeros(0, name), *parts])
    _check_keys(graph)
    return columns


def _type_code(values: np.ndarray) -> int:
    if values.dtype.str not in _TYPES:
        raise Uncacheable(f"a table of {values.dtype}")
    return _TYPES.index(values.dtype.str)


def _check_keys(graph: Graph) -> None:
    """Reading makes the keys anew from the nodes, so they must be what it will make."""
    for key, node in graph._interned.items():
        if key != (node.op, node.args, operand_kinds(node.args)):
            raise Uncacheable("a node that is shared under another key")
    for key, node in graph._by_table.items():
        if node.table is None or key != (node.table.key(), node.kind):
            raise Uncacheable("a table that is shared under another key")


def pack_rest(graph: Graph, packer: Packer) -> int:
    """The row of what a graph holds besides its nodes."""
    return packer.add({k: v for k, v in vars(graph).items() if k not in _SPECIAL})


def unpack_graph(
    columns: Columns, values: list[Value], nodes: list[Node], rest: dict[str, Value]
) -> Graph:
    """The graph of some columns, and the filling of its nodes.

    Args:
      columns: by `pack_nodes`.
      values: of the rows.
      nodes: made, and empty.
      rest: by `pack_rest`.

    Raises:
      LookupError, TypeError, ValueError: where the columns are none of a graph.
    """
    graph = Graph()
    if rest.keys() != vars(graph).keys() - _SPECIAL:
        raise ValueError("a graph of another make")
    for name, value in rest.items():
        setattr(graph, name, value)
    graph.nodes = nodes
    numbers = columns["args"].tolist()
    flat = [nodes[a] if a >= 0 else values[-1 - a] for a in numbers]
    true_or_false = [a < 0 and type(values[-1 - a]) is bool for a in numbers]
    ranges = [None if low != low else (low, high) for low, high in columns["range"].tolist()]
    spaces = list(pairwise(columns["args_at"].tolist()))
    rows = zip(
        nodes,
        columns["op"].tolist(),
        spaces,
        columns["kind"].tolist(),
        columns["label"].tolist(),
        columns["span"].tolist(),
        columns["loops"].tolist(),
        ranges,
        strict=True,
    )
    for i, (node, op, (start, end), kind, label, span, loops, bounds) in enumerate(rows):
        node.id, node.op, node.args = i, values[op], tuple(flat[start:end])  # type: ignore[assignment]
        node.kind, node.range, node.table = _KINDS[kind], bounds, None
        node.label, node.span = values[label], values[span]  # type: ignore[assignment]
        node.loops = values[loops] if loops >= 0 else _NO_LOOPS  # type: ignore[assignment]
    for i in columns["interned"].tolist():
        node, (start, end) = nodes[i], spaces[i]
        graph._interned[node.op, node.args, tuple(true_or_false[start:end])] = node
    keys = _unpack_tables(columns, nodes)
    for i in columns["by_table"].tolist():
        graph._by_table[keys[i], nodes[i].kind] = nodes[i]
    return graph


def _unpack_tables(columns: Columns, nodes: list[Node]) -> dict[int, tuple]:
    """Give nodes their tables; the key of each table (`Table.key`) by the number of its node."""
    axes, shapes = columns["axes"].tolist(), columns["shapes"].tolist()
    entries = [columns[f"values{code}"] for code in range(len(_TYPES))]
    contents = [memoryview(array.tobytes()) for array in entries]
    widths, kinds = [a.itemsize for a in entries], [a.dtype.kind for a in entries]
    used = [0] * len(_TYPES)
    keys: dict[int, tuple] = {}
    spaces = pairwise(columns["axes_at"].tolist())
    codes = columns["table_type"].tolist()
    for i, code, (start, end) in zip(columns["table_of"].tolist(), codes, spaces, strict=True):
        shape, variables, begin = shapes[start:end], axes[start:end], used[code]
        stop = used[code] = begin + math.prod(shape)
        values = entries[code][begin:stop]
        if len(shape) != 1:
            values = values.reshape(shape)
        nodes[i].table = Table(tuple([nodes[v] for v in variables]), values)
        content = contents[code][begin * widths[code] : stop * widths[code]]
        keys[i] = tuple(variables), kinds[code], bytes(content)
    return keys
