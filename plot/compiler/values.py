"""What expressions evaluate to: static data, lanes, and what is in between.

A static value is plain data (`plot.data`) or a procedure. A number or truth value that differs
from world to world is a `Node`; a name, string or procedure that differs is an `AtomLane`; a value
whose very sort differs is a `Union`. Lists are chains of pairs whose parts can be any of these.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import Kind
from plot.data import NIL, Pair, Procedure, parts, show
from plot.errors import BudgetError, Span
from plot.syntax import Tree

type Value = object
MANY = 10_000


class Sort(Enum):
    """The sorts that a `Union` tells apart."""

    NUMBER = "a number"
    BOOLEAN = "a truth value"
    ATOM = "a name"
    PAIR = "a pair"


class Environment:
    """A scope: names and their values, and the scope around it."""

    __slots__ = ("names", "outer")

    def __init__(self, names: dict[str, Value], outer: Environment | None):
        self.names, self.outer = names, outer


class Closure(Procedure):
    """A function of the program."""

    __slots__ = ("body", "environment", "parameters", "rest")

    def __init__(
        self,
        parameters: tuple[str, ...],
        rest: str | None,
        body: tuple[Tree, ...],
        environment: Environment,
    ):
        super().__init__("")
        self.parameters, self.rest, self.body, self.environment = (
            parameters,
            rest,
            body,
            environment,
        )


class Primitive(Procedure):
    """A built-in function: `run(machine, *arguments)`."""

    __slots__ = ("least", "most", "run")

    def __init__(self, name: str, run: Callable[..., Value], least: int, most: int | None):
        super().__init__(name)
        self.run, self.least, self.most = run, least, most


@dataclass(frozen=True, eq=False)
class Death:
    """Worlds that have no value: which ones, why, and whether a budget took them.

    Args:
      guard: true in the worlds that die.
      cause: the error that a single world would have met.
    """

    guard: Operand
    cause: Exception

    @property
    def lost(self) -> bool:
        """Whether a larger budget would have kept these worlds."""
        return isinstance(self.cause, BudgetError)


@dataclass
class Effects:
    """What evaluation did besides making a value.

    Args:
      conditions: truth values that must hold.
      factors: numbers added to the log weight.
      deaths: worlds that met an error or a budget.
      calls: memoised calls that have effects of their own, and where they were made.
      clamps: continuous draws that were observed, and the values that they have.
      notes: what was approximated.
    """

    conditions: list[Operand] = field(default_factory=list)
    factors: list[Operand] = field(default_factory=list)
    deaths: list[Death] = field(default_factory=list)
    calls: dict[MemoEntry, Operand] = field(default_factory=dict)
    clamps: dict[Node, Operand] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    def copy(self) -> Effects:
        return Effects(
            list(self.conditions),
            list(self.factors),
            list(self.deaths),
            dict(self.calls),
            dict(self.clamps),
            dict(self.notes),
        )

    def __bool__(self) -> bool:
        return bool(
            self.conditions
            or self.factors
            or self.deaths
            or self.calls
            or self.clamps
            or self.notes
        )

    def flatten(self, graph: Graph) -> Effects:
        """The same effects without calls: theirs are guarded and joined to the others."""
        flat = replace(self.copy(), calls={})
        for entry, guard in self.calls.items():
            inner = entry.effects.flatten(graph)
            outside = graph.apply("not", guard)
            flat.conditions += [graph.apply("or", outside, c) for c in inner.conditions]
            flat.factors += [graph.apply("where", guard, f, 0) for f in inner.factors]
            flat.notes |= inner.notes
            flat.deaths += [
                Death(graph.apply("and", guard, d.guard), d.cause) for d in inner.deaths
            ]
        return flat


class MemoEntry:
    """The value of a memoised call and the effects of making it.

    Args:
      arguments: of the call.
      value: what the call gives, in every world.
      effects: of making a value of its own.
      earlier: entries with, in some worlds, the same arguments: the first of them is repeated there.
    """

    __slots__ = ("arguments", "drawn", "earlier", "effects", "value")

    def __init__(
        self,
        arguments: Sequence[Value],
        value: Value,
        effects: Effects,
        earlier: Sequence[tuple[Operand, MemoEntry]] = (),
    ):
        self.arguments, self.value, self.effects = list(arguments), value, effects
        self.earlier = list(earlier)
        self.drawn = not all(is_static(a) for a in arguments)


class Memo(Procedure):
    """A memoised function: one value for each argument within a world.

    It belongs to the world that makes it: a query or a loop that calls it first draws there.

    Args:
      function: what is memoised.
      chooser: decides draws where it is made.
      counters: of the loops in which it is made.
      world: the single world that it belongs to (`OneWorld`), None where there are many.
    """

    __slots__ = ("chooser", "counters", "entries", "function", "running", "world")

    def __init__(
        self,
        function: Value,
        chooser: Any = None,
        counters: tuple[Node, ...] = (),
        world: Any = None,
    ):
        super().__init__(getattr(function, "name", ""))
        self.function, self.chooser, self.counters = function, chooser, counters
        self.world = world
        self.entries: dict[tuple, MemoEntry] = {}
        self.running: set[tuple] = set()


class Atoms:
    """Codes for names, strings, procedures and the empty list, so that lanes can hold them."""

    def __init__(self) -> None:
        self._codes: dict[object, int] = {}
        self._values: list[Value] = []
        self.symbols = 0  # names made by `gensym`

    def code(self, atom: Value) -> int:
        """The code of an atom, a new one where it has none."""
        key = ("string", atom) if isinstance(atom, str) else atom
        code = self._codes.get(key)
        if code is None:
            code = self._codes[key] = len(self._values)
            self._values.append(atom)
        return code

    def value(self, code: float) -> Value:
        return self._values[int(code)]


class AtomLane:
    """A name, string, procedure or empty list that differs from world to world."""

    __slots__ = ("node",)

    def __init__(self, node: Node):
        self.node = node

    def __repr__(self) -> str:
        return f"AtomLane({self.node!r})"


class Union:
    """A value whose sort differs: for each sort where it has it, and its value there."""

    __slots__ = ("cases",)

    def __init__(self, cases: dict[Sort, tuple[Operand, Value]]):
        self.cases = cases

    def __repr__(self) -> str:
        return f"Union({', '.join(sort.name for sort in self.cases)})"


class _Dead:
    """The value of an expression in worlds that have none."""

    def __repr__(self) -> str:
        return "DEAD"


DEAD = _Dead()


def sort_of(value: Value) -> Sort:
    """The sort of a value that is no union."""
    if isinstance(value, bool):
        return Sort.BOOLEAN
    if isinstance(value, (int, float)):
        return Sort.NUMBER
    if isinstance(value, Node):
        return Sort.BOOLEAN if value.kind is Kind.BOOLEAN else Sort.NUMBER
    return Sort.PAIR if isinstance(value, Pair) else Sort.ATOM


def cases_of(value: Value) -> dict[Sort, tuple[Operand, Value]]:
    """A value as the cases of a union."""
    return value.cases if isinstance(value, Union) else {sort_of(value): (True, value)}


def atom_code(atoms: Atoms, value: Value) -> Operand:
    """The code of an atom, the same in every world or not."""
    return value.node if isinstance(value, AtomLane) else atoms.code(value)


def atom_of(atoms: Atoms, code: Operand) -> Value:
    """The atom of a code."""
    return AtomLane(code) if isinstance(code, Node) else atoms.value(code)


def freeze(value: Value) -> tuple:
    """A key that is equal where values are the same in every world."""
    flat: list[object] = []
    stack = [value]
    for v in parts(stack):
        if isinstance(v, Pair):
            flat.append("(")
            stack += [v.rest, v.first]
        elif isinstance(v, Node):
            flat.append(("node", v.id))
        elif isinstance(v, AtomLane):
            flat.append(("atom", v.node.id))
        elif isinstance(v, Union):
            for sort, (guard, case) in v.cases.items():
                flat.append((sort, guard.id if isinstance(guard, Node) else guard, freeze(case)))
        elif isinstance(v, bool):
            flat.append(("boolean", v))
        elif isinstance(v, (int, float)):
            flat.append(("number", v))
        else:
            flat.append(("string", v) if isinstance(v, str) else v)
    return tuple(flat)


def leaves(value: Value) -> Iterator[Node]:
    """Every node that a value is made of."""
    stack = [value]
    known: set[int] = set()  # pairs of data that shares its parts, once there are many
    for i in itertools.count():
        if not stack:
            return
        v = stack.pop()
        if isinstance(v, Pair):
            if i > MANY:
                if id(v) in known:
                    continue
                known.add(id(v))
            stack += [v.rest, v.first]
        elif isinstance(v, Node):
            yield v
        elif isinstance(v, AtomLane):
            yield v.node
        elif isinstance(v, Union):
            for guard, case in v.cases.values():
                stack += [case, guard]


def check_size(value: Value, span: Span | None) -> None:
    """Refuse a value that is too large to be written out.

    Raises:
      BudgetError: where it is.
    """
    stack = [value]
    try:
        for v in parts(stack):
            if isinstance(v, Pair):
                stack += [v.rest, v.first]
            elif isinstance(v, Union):
                stack += [case for _, case in v.cases.values()]
    except BudgetError as error:
        raise BudgetError(error.message, span, error.hint, everywhere=True) from None


def is_static(value: Value) -> bool:
    """Whether a value is the same in every world."""
    return next(leaves(value), None) is None


def describe(value: Value) -> str:
    """A short account of a value for error messages."""
    if isinstance(value, Union):
        return " or ".join(sort.value for sort in value.cases)
    if isinstance(value, Node):
        return "a drawn truth value" if value.kind is Kind.BOOLEAN else "a drawn number"
    if isinstance(value, AtomLane):
        return "a drawn name"
    if not is_static(value):
        return "a list with drawn parts"
    return "the empty list" if value is NIL else show(value, 60)
