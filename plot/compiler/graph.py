"""The hash-consed lane graph: one node is one value in every world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plot.compiler.domains import Table, range_of, tabulate
from plot.compiler.ops import NORMAL, OPS, UNIFORM, Kind
from plot.compiler.simplify import simplify
from plot.errors import BudgetError, Span

MAX_NODES = 400_000


class Node:
    """A lane: an operation on other lanes and constants, or a row of randomness.

    `table` is the node as a function of finite variables (itself, where it is one);
    `range` bounds its value; `label` and `span` say which choice or expression made it.
    """

    __slots__ = ("args", "id", "kind", "label", "op", "range", "span", "table")

    def __init__(self, op: str, args: tuple[Operand, ...], kind: Kind, id: int):
        self.op, self.args, self.kind, self.id = op, args, kind, id
        self.table: Table | None = None
        self.range: tuple[float, float] | None = None
        self.label: str | None = None
        self.span: Span | None = None

    def __repr__(self) -> str:
        return f"%{self.id}={self.op}" + (f"[{self.label}]" if self.label else "")


type Constant = bool | int | float
type Operand = Node | Constant


def kind_of(value: Operand) -> Kind:
    """Whether an operand is a number or a truth value."""
    if isinstance(value, Node):
        return value.kind
    return Kind.BOOLEAN if isinstance(value, bool) else Kind.NUMBER


@dataclass(frozen=True)
class Site:
    """One random choice of a world: a row of uniforms or of standard normals.

    Args:
      index: position among the graph's sites; together with a seed it fixes the row.
      family: `uniform` or `normal`.
      label: readable address, `strength(tom)`.
      span: the expression that draws.
    """

    index: int
    family: str
    label: str
    span: Span | None


class Graph:
    """Builds nodes; equal expressions are one node, constants are folded, tables narrowed.

    >>> graph = Graph()
    >>> x = graph.site(UNIFORM, "x")
    >>> graph.apply("add", x, 1) is graph.apply("add", 1, x)
    True
    """

    def __init__(self, max_nodes: int = MAX_NODES):
        self.nodes: list[Node] = []
        self.sites: list[Site] = []
        self.max_nodes = max_nodes
        # Continuous draws and their log densities: an equality with one is an observation.
        self.draws: dict[Node, Callable[[Operand], Operand]] = {}
        self._interned: dict[tuple, Node] = {}
        self._by_table: dict[tuple, Node] = {}
        self._labels: dict[str, int] = {}

    def site(self, family: str, label: str, span: Span | None = None) -> Node:
        """A new random choice; a label that is taken gets a number (`flip#2`)."""
        count = self._labels.get(label, 0) + 1
        self._labels[label] = count
        name = label if count == 1 else f"{label}#{count}"
        index = len(self.sites)
        self.sites.append(Site(index, family, name, span))
        node = self._new(family, (index,), Kind.NUMBER)
        node.label, node.span = name, span
        node.range = (0.0, 1.0) if family == UNIFORM else (-np.inf, np.inf)
        return node

    def finite(self, op: str, args: tuple[Operand, ...], values: np.ndarray | list[float]) -> Node:
        """A node that is a finite variable of its own, with the values that it can take."""
        node = self._intern(op, args)
        if node.table is None:
            node.table = Table((node,), np.asarray(values, dtype=float))
            node.range = (float(np.min(node.table.values)), float(np.max(node.table.values)))
        return node

    def apply(self, op: str, *args: Operand) -> Operand:
        """The value of an operation: a constant, a node that is already there, or a new one."""
        if not any(isinstance(a, Node) for a in args):
            with np.errstate(all="ignore"):
                return constant(OPS[op].numpy(*args))
        simpler = simplify(self, op, args)
        if simpler is not None:
            return simpler
        if OPS[op].commutes:
            args = tuple(sorted(args, key=_operand_order))
        found = self._interned.get((op, args, _kinds(args)))
        if found is not None:
            return found
        table = tabulate(OPS[op].numpy, args)
        if table is not None:
            if not table.variables:
                return constant(table.values)
            if len(table.variables) == 1 and table.is_variable():
                variable = table.variables[0]
                if variable.kind is _result_kind(op, args):
                    return variable
            key = (table.key(), _result_kind(op, args))
            same = self._by_table.get(key)
            if same is None:
                same = self._by_table[key] = self._intern(op, args)
                same.table = table
                if same.kind is Kind.NUMBER:
                    same.range = (float(np.min(table.values)), float(np.max(table.values)))
            return same
        node = self._intern(op, args)
        if node.kind is Kind.BOOLEAN:
            node.table = Table((node,), np.array([False, True]))
        elif node.range is None:
            node.range, values = range_of(op, args)
            if values is not None:
                node.table = Table((node,), values)
        return node

    def all(self, conditions: list[Operand]) -> Operand:
        """The conjunction of truth values, as a balanced tree (shallow graphs schedule well)."""
        return self._balanced("and", conditions, True)

    def any(self, conditions: list[Operand]) -> Operand:
        """The disjunction of truth values."""
        return self._balanced("or", conditions, False)

    def sum(self, terms: list[Operand]) -> Operand:
        """The sum of numbers, left to right."""
        total: Operand = 0
        for term in terms:
            total = self.apply("add", total, term)
        return total

    def _balanced(self, op: str, items: list[Operand], empty: bool) -> Operand:
        items = list(dict.fromkeys(items)) or [empty]
        while len(items) > 1:
            pairs = [self.apply(op, *items[i : i + 2]) for i in range(0, len(items) - 1, 2)]
            items = pairs + (items[-1:] if len(items) % 2 else [])
        return items[0]

    def _intern(self, op: str, args: tuple[Operand, ...]) -> Node:
        key = (op, args, _kinds(args))
        node = self._interned.get(key)
        if node is None:
            node = self._interned[key] = self._new(op, args, _result_kind(op, args))
        return node

    def _new(self, op: str, args: tuple[Operand, ...], kind: Kind) -> Node:
        if len(self.nodes) >= self.max_nodes:
            raise BudgetError(
                f"the program unfolds to more than {self.max_nodes:,} lane operations",
                hint="bound the recursion or the lists, or raise max_nodes",
            )
        node = Node(op, args, kind, len(self.nodes))
        self.nodes.append(node)
        return node


def constant(value: np.ndarray | np.generic | Constant) -> Constant:
    """A Python constant from a NumPy scalar; whole floats become integers."""
    plain = np.asarray(value).item()
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < 2**53:
        return int(plain)
    return plain


def _result_kind(op: str, args: tuple[Operand, ...]) -> Kind:
    if op == "where":
        return kind_of(args[1])
    return Kind.NUMBER if op in (UNIFORM, NORMAL) else OPS[op].result


def _operand_order(operand: Operand) -> tuple[int, float]:
    return (0, operand.id) if isinstance(operand, Node) else (1, float(operand))


def _kinds(args: tuple[Operand, ...]) -> tuple[bool, ...]:
    # True == 1 in Python, so a key must say which of its constants are truth values.
    return tuple(isinstance(a, bool) for a in args)
