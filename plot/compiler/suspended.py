"""Tail calls that wait: both arms of an `if` may end in a call of one function, made once.

Without this a walk that calls itself in each of four arms doubles twice at every step (call
fusion); with it a recursion is a row of rounds over one state, which `plot.compiler.rolling` can
turn into a loop of the back end.
"""

from __future__ import annotations

from dataclasses import dataclass

from plot.compiler.graph import Operand
from plot.compiler.machine import Machine
from plot.compiler.values import DEAD, Closure, Environment, Value
from plot.errors import Span, Unsupported
from plot.syntax import Form, Symbol, Tree

# What is done with the number that a call comes to, `scale * result + shift`, is kept among its
# names: no program can write these two.
SCALE, SHIFT = " scale", " shift"
PLAIN: dict[str, Value] = {SCALE: 1, SHIFT: 0}


@dataclass(frozen=True, eq=False)
class Call:
    """A call to be made.

    Args:
      closure: what is called.
      names: its parameters and their values.
      guard: the worlds that make it, among those on the path where it was suspended.
      span: where it stands.
    """

    closure: Closure
    names: dict[str, Value]
    guard: Operand
    span: Span | None

    def environment(self) -> Environment:
        return Environment(dict(self.names), self.closure.environment)

    def affine(self) -> tuple[Operand, Operand]:
        """What its result is multiplied by, and what is added."""
        known = PLAIN | self.names
        return known[SCALE], known[SHIFT]  # type: ignore[return-value]

    def result(self, m: Machine, value: Value) -> Value:
        """What the call stands for, where it comes to a value."""
        scale, shift = self.affine()
        if value is DEAD or (scale == 1 and shift == 0):
            return value
        return m.graph.apply("add", m.graph.apply("mul", scale, m.number(value)), shift)

    def then(self, m: Machine, inner: Call) -> Call:
        """The call that this one comes to, with what is done to its result."""
        guard = m.graph.apply("and", self.guard, inner.guard)
        scale, shift = self.affine()
        if scale == 1 and shift == 0:
            return Call(inner.closure, inner.names, guard, inner.span)
        by, plus = inner.affine()
        g = m.graph
        done = {
            SCALE: g.apply("mul", scale, by),
            SHIFT: g.apply("add", g.apply("mul", scale, plus), shift),
        }
        return Call(inner.closure, inner.names | done, guard, inner.span)


@dataclass(frozen=True, eq=False)
class Suspended:
    """A value in some worlds (`settled`), calls to be made in the others.

    Args:
      value: the value, `DEAD` where no world has one.
      settled: the worlds that have it.
      calls: in the others; their guards exclude each other.
    """

    value: Value
    settled: Operand
    calls: tuple[Call, ...]


def merge_suspended(
    m: Machine, condition: Operand, a: Value | Suspended, b: Value | Suspended
) -> Value | Suspended:
    """As `Machine.merge`, where either side may have calls to make."""
    if not isinstance(a, Suspended) and not isinstance(b, Suspended):
        return m.merge(condition, a, b)
    left, right = _suspended(a), _suspended(b)
    g = m.graph
    negated = g.apply("not", condition)
    calls = [_within(m, condition, c) for c in left.calls]
    for call in right.calls:
        calls = join_call(m, calls, _within(m, negated, call))
    settled = g.apply("where", condition, left.settled, right.settled)
    return Suspended(_merge_values(m, condition, left.value, right.value), settled, tuple(calls))


def _merge_values(m: Machine, condition: Operand, a: Value, b: Value) -> Value:
    return b if a is DEAD else m.merge(condition, a, b)


def _suspended(x: Value | Suspended) -> Suspended:
    return x if isinstance(x, Suspended) else Suspended(x, x is not DEAD, ())


def _within(m: Machine, condition: Operand, call: Call) -> Call:
    guard = m.graph.apply("and", condition, call.guard)
    return Call(call.closure, call.names, guard, call.span)


def join_call(m: Machine, calls: list[Call], new: Call) -> list[Call]:
    """Calls with one more; it is fused with a call of the same function."""
    for i, call in enumerate(calls):
        if call.closure is not new.closure:
            continue
        before, after = (PLAIN | call.names, PLAIN | new.names)
        try:
            names = {n: m.merge(new.guard, value, before[n]) for n, value in after.items()}
        except Unsupported:  # arguments that no lane can hold together: two calls, then
            continue
        guard = m.graph.apply("or", call.guard, new.guard)
        fused = Call(call.closure, names, guard, call.span)
        return [*calls[:i], fused, *calls[i + 1 :]]
    return [*calls, new]


def is_recursive(m: Machine, closure: Closure) -> bool:
    """Whether a function's text leads back to it, by the functions that it names."""
    known = m.recursive.get(id(closure.body))
    if known is None:
        found = _leads_back(closure)
        m.recursive[id(closure.body)] = known = closure.body, found
    return known[1]


def _leads_back(closure: Closure) -> bool:
    seen: set[int] = set()
    waiting = [closure]
    while waiting:
        for other in _named(waiting.pop()):
            if other.body is closure.body:
                return True
            if id(other.body) not in seen:
                seen.add(id(other.body))
                waiting.append(other)
    return False


def _named(closure: Closure) -> list[Closure]:
    found: list[Closure] = []
    parameters = {*closure.parameters, closure.rest}
    trees: list[Tree] = list(closure.body)
    while trees:
        tree = trees.pop()
        if isinstance(tree, Form):
            if tree.head != "quote":
                trees += tree.items
        elif isinstance(tree, Symbol) and tree.name not in parameters:
            scope: Environment | None = closure.environment
            while scope is not None and tree.name not in scope.names:
                scope = scope.outer
            value = scope.names[tree.name] if scope is not None else None
            if isinstance(value, Closure):
                found.append(value)
    return found
