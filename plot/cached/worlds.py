"""An evaluated program as bytes, and back."""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Mapping

import numpy as np

from plot.cached.columns import Columns, pack_nodes, pack_rest, unpack_graph
from plot.cached.rows import Packer, Uncacheable, unpack
from plot.compiler import Environment, Graph, Node, deep_recursion, global_environment
from plot.compiler.values import Value
from plot.errors import BudgetError

MAGIC = b"plotline graph 1\n"
DEEPEST = 200_000  # Python frames in which nested data is written

_ARRAYS = frozenset({"|b1", "|i1", "<i4", "<i8", "<f8"})


class Damaged(Exception):
    """The bytes are no evaluated program of this key."""


def dump(key: bytes, graph: Graph, scope: Environment, parts: Mapping[str, Value]) -> bytes:
    """A graph, and values made of its nodes, as bytes.

    Args:
      key: 32 bytes that say what these are the values of.
      graph: the graph.
      scope: a scope of the program; the outermost one around it holds the built-in functions.
      parts: the values by name.

    Raises:
      Uncacheable: where a value cannot be written.
    """
    builtins = scope
    while builtins.outer is not None:
        builtins = builtins.outer
    packer = Packer(graph, builtins)
    try:
        with deep_recursion(DEEPEST):
            rest = pack_rest(graph, packer)
            root = packer.add(dict(parts))
    except BudgetError:
        raise Uncacheable("data nested too deep") from None
    columns = pack_nodes(graph, packer)
    shapes = {name: (array.dtype.str, list(array.shape)) for name, array in columns.items()}
    head = {"rows": packer.rows, "root": root, "rest": rest, "columns": shapes}
    text = json.dumps(head, separators=(",", ":")).encode()
    content = len(text).to_bytes(8, "little") + text
    content += b"".join(array.tobytes() for array in columns.values())
    return MAGIC + key + hashlib.sha256(content).digest() + content


def load(key: bytes, content: bytes) -> tuple[Graph, dict[str, Value]]:
    """What `dump` wrote under a key.

    Raises:
      Damaged: where it is something else.
    """
    start = len(MAGIC) + 64
    body = content[start:]
    if content[: len(MAGIC)] != MAGIC or content[len(MAGIC) : start - 32] != key:
        raise Damaged("another program, or another version")
    if hashlib.sha256(body).digest() != content[start - 32 : start]:
        raise Damaged("not what was written")
    collecting = gc.isenabled()
    gc.disable()  # nothing made here is garbage, and there is much of it
    try:
        return _load(body)
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise Damaged(f"no such table: {error!r}") from error
    finally:
        if collecting:
            gc.enable()


def _load(body: bytes) -> tuple[Graph, dict[str, Value]]:
    size = int.from_bytes(body[:8], "little")
    head = json.loads(body[8 : 8 + size])
    columns: Columns = {}
    at = 8 + size
    for name, (kind, shape) in head["columns"].items():
        if kind not in _ARRAYS:
            raise ValueError(f"an array of {kind}")
        count = int(np.prod(shape))
        columns[name] = np.frombuffer(body, kind, count, at).reshape(shape)
        at += columns[name].nbytes
    nodes = [Node.__new__(Node) for _ in range(len(columns["op"]))]
    for i, node in enumerate(nodes):
        node.id = i
    values = unpack(head["rows"], nodes, global_environment())
    root, rest = values[head["root"]], values[head["rest"]]
    if not isinstance(root, dict) or not isinstance(rest, dict):
        raise TypeError("no values by name")
    return unpack_graph(columns, values, nodes, rest), root
