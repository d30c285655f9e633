"""The hash-consed lane graph: one node is one value in every world."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from plot.compiler.domains import Table, range_of, tabulate
from plot.compiler.ops import (
    BUNDLE,
    EXTERNAL,
    LOOP_OUT,
    LOOP_ROWS,
    LOOP_VARIABLE,
    OPS,
    PART,
    UNIFORM,
    Kind,
)
from plot.compiler.passes import Passes
from plot.compiler.simplify import simplify
from plot.errors import BudgetError, Span

if TYPE_CHECKING:
    from plot.compiler.choices import Choice

MAX_NODES = 400_000
MAX_CELLS = 200_000_000  # of the tables of all operations: some ten seconds of work
TABLE_COST = 1_000  # cells that could be worked out in the time of beginning a table


class Node:
    """A lane: an operation on other lanes and constants, or a row of randomness.

    `table` is the node as a function of finite variables (itself, where it is one);
    `range` bounds its value; `label` and `span` say which choice or expression made it; `loops` are
    the loops (positions in `Graph.loops`) in whose every round it may be another value.
    """

    __slots__ = ("args", "id", "kind", "label", "loops", "op", "range", "span", "table")

    def __init__(self, op: str, args: tuple[Operand, ...], kind: Kind, id: int):
        self.op, self.args, self.kind, self.id = op, args, kind, id
        self.loops: frozenset[int] = frozenset()
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


class TooMuchWork(BudgetError):
    """Working out the tables of finite choices takes too long."""


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

    def __init__(self, max_nodes: int = MAX_NODES, passes: Passes = Passes()):
        self.nodes: list[Node] = []
        self.sites: list[Site] = []
        self.loops: list[Loop] = []
        self.externals: list[Any] = []
        self._externals: dict[Any, int] = {}
        self.max_nodes, self.passes = max_nodes, passes
        self.cells = 0
        self.choices: dict[Node, Choice] = {}
        self._interned: dict[tuple, Node] = {}
        self._by_table: dict[tuple, Node] = {}
        self._labels: dict[str, int] = {}

    def site(
        self,
        family: str,
        label: str,
        span: Span | None = None,
        counters: tuple[Node, ...] = (),
    ) -> Node:
        """A new random choice; a label that is taken gets a number (`flip#2`).

        Args:
          counters: counters of the loops around it, the outermost first; each round draws anew.
        """
        count = self._labels.get(label, 0) + 1
        self._labels[label] = count
        name = label if count == 1 else f"{label}#{count}"
        index = len(self.sites)
        self.sites.append(Site(index, family, name, span))
        op = LOOP_ROWS[family] if counters else family
        node = self._new(op, (index, *counters), Kind.NUMBER)
        node.label, node.span = name, span
        node.range = (0.0, 1.0) if family == UNIFORM else (-np.inf, np.inf)
        return node

    def twin(self, node: Node) -> Node:
        """A node that does what another does: what it would be, had it not been observed."""
        twin = self._new(node.op, node.args, node.kind)
        twin.table, twin.range, twin.label, twin.span = None, node.range, node.label, node.span
        return twin

    def loop(self) -> Loop:
        """A new loop without variables."""
        self.loops.append(Loop(len(self.loops)))
        return self.loops[-1]

    def loop_variable(self, loop: Loop, start: Operand, kind: Kind) -> Node:
        """A new variable of a loop; its value in the next round is set later (`loop.nexts`)."""
        node = self._new(LOOP_VARIABLE, (loop.index, len(loop.variables)), kind)
        node.loops = frozenset({loop.index})
        loop.variables.append(node)
        loop.starts.append(start)
        loop.nexts.append(node)
        return node

    def loop_out(self, loop: Loop, variable: Node) -> Node:
        """The value of a variable after the last round."""
        node = self._intern(LOOP_OUT, (loop.index, loop.variables.index(variable)))
        node.kind = variable.kind
        inside: set[int] = set()
        for operand in (*loop.starts, *loop.nexts):
            if isinstance(operand, Node):
                inside |= operand.loops
        node.loops = frozenset(inside - {loop.index})
        return node

    def external(self, function: Any, lanes: list[Operand]) -> Node:
        """A call of a module's function (`plot.compiler.external.External`) on lanes."""
        index = self._externals.setdefault(function, len(self.externals))
        if index == len(self.externals):
            self.externals.append(function)
        bundle = self._intern(BUNDLE, tuple(lanes[:3]))
        for i in range(3, len(lanes), 2):
            bundle = self._intern(BUNDLE, (bundle, *lanes[i : i + 2]))
        return self._intern(EXTERNAL, (index, bundle))

    def part(self, call: Node, position: int, kind: Kind) -> Node:
        """One of the results of a call."""
        node = self._intern(PART, (call, position))
        node.kind = kind
        if kind is Kind.BOOLEAN and node.table is None:
            node.table = Table((node,), np.array([False, True]))
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
        for a in args:
            if isinstance(a, Node):
                break
        else:
            return fold(op, args)  # type: ignore[arg-type]
        if self.passes.algebra:
            simpler = simplify(self, op, args)
            if simpler is not None:
                return simpler
        if OPS[op].commutes:
            args = tuple(sorted(args, key=_operand_order))
        found = self._interned.get((op, args, _kinds(args))) if self.passes.sharing else None
        if found is not None:
            return found
        table = tabulate(OPS[op].numpy, args) if self.passes.tables else None
        if table is not None:
            if not table.variables:
                return constant(table.values)
            self._count_cells(TABLE_COST + table.values.size)
            if len(table.variables) == 1 and table.is_variable():
                variable = table.variables[0]
                if variable.kind is _result_kind(op, args):
                    return variable
            key = (table.key(), _result_kind(op, args))
            same = self._by_table.get(key) if self.passes.sharing else None
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

    def _count_cells(self, cells: int) -> None:
        self.cells += cells
        if self.cells > MAX_CELLS:
            raise TooMuchWork(
                f"the tables of the program's choices are more work than {MAX_CELLS:,} cells",
                hint="make fewer choices decide one value, such as the length of a list",
            )

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
        node = self._interned.get(key) if self.passes.sharing else None
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
        inner = [a.loops for a in args if isinstance(a, Node) and a.loops]
        if inner:
            node.loops = inner[0].union(*inner[1:])
        self.nodes.append(node)
        return node


class Loop:
    """Rounds in which variables take new values, until no world is running.

    A round sets every variable at once, in the worlds that are running: `variable = next`. It ends
    when no world runs or after `limit` rounds. The counter counts the rounds of all worlds.

    Args:
      index: its position in `Graph.loops`.
      variables: nodes that stand for the values at the beginning of a round.
      starts, nexts: of each variable, its value before the first round and in the next one.
      running: the variable (a truth value) that says which worlds go on.
      counter: the variable that counts rounds, from 0; the same in every world, never masked.
      limit: most rounds.
    """

    __slots__ = ("counter", "index", "limit", "nexts", "running", "starts", "variables")

    def __init__(self, index: int):
        self.index = index
        self.variables: list[Node] = []
        self.starts: list[Operand] = []
        self.nexts: list[Operand] = []
        self.running: Node | None = None
        self.counter: Node | None = None
        self.limit = 0


EXACT = 2**53  # whole numbers up to here are exact in a float; larger ones are floats
_PLAIN: dict[str, Callable[..., Constant]] = {  # where Python's own arithmetic means the same
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "not": operator.not_,
    "and": lambda a, b: bool(a and b),
    "or": lambda a, b: bool(a or b),
    "where": lambda condition, a, b: a if condition else b,
    "number": float,
    "identity": lambda x: x,
    "div": lambda a, b: a / b if b else _by_zero(a),
    "floor": lambda x: math.floor(x) if math.isfinite(x) else x,
    "min": lambda a, b: a if a < b or a != a else b,
    "max": lambda a, b: a if a > b or a != a else b,
}


def _by_zero(x: float) -> float:
    return math.nan if x == 0 or x != x else math.copysign(math.inf, x)


def fold(op: str, args: tuple[Constant, ...]) -> Constant:
    """The value of an operation on constants, in float64."""
    plain = _PLAIN.get(op)
    if plain is not None:
        value = plain(*args)
        kind = type(value)
        if kind is bool or (kind is int and -EXACT < value < EXACT):
            return value
        if kind is float and not value.is_integer():
            return value
        return constant(float(value))
    wide = [float(a) if type(a) is int else a for a in args]
    with np.errstate(all="ignore"):
        return constant(OPS[op].numpy(*wide))


def constant(value: np.ndarray | np.generic | Constant) -> Constant:
    """A Python constant from a NumPy scalar; whole floats become integers."""
    plain = value if type(value) is float else np.asarray(value).item()
    if isinstance(plain, float) and plain.is_integer() and abs(plain) < EXACT:
        return int(plain)
    return plain


def _result_kind(op: str, args: tuple[Operand, ...]) -> Kind:
    if op == "where":
        return kind_of(args[1])
    return OPS[op].result if op in OPS else Kind.NUMBER


def _operand_order(operand: Operand) -> tuple[int, float]:
    return (0, operand.id) if isinstance(operand, Node) else (1, float(operand))


def _kinds(args: tuple[Operand, ...]) -> tuple[bool, ...]:
    # True == 1 in Python, so a key must say which of its constants are truth values.
    return tuple(isinstance(a, bool) for a in args)
