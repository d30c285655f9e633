"""Pairs and lists whose parts, and whose lengths, may differ from world to world."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from plot.compiler.budget import ELEMENT
from plot.compiler.builtins.cases import longest, whole
from plot.compiler.builtins.numbers import size
from plot.compiler.builtins.registry import builtin
from plot.compiler.builtins.spines import at_end, build, columns, gather, pairs, rows
from plot.compiler.evaluator import apply
from plot.compiler.graph import Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.values import DEAD, AtomLane, Sort, Union, Value, describe
from plot.data import NIL, Pair, from_list, spine
from plot.errors import EvaluationError


@builtin("list")
def make(m: Machine, *xs: Value) -> Value:
    return from_list(xs)


@builtin("pair", "cons")
def cons(m: Machine, a: Value, b: Value) -> Value:
    return Pair(a, b)


def _walk(name: str, steps: str, m: Machine, xs: Value) -> Value:
    """Follow pairs: `a` to the first half, `d` to the rest."""
    at = xs
    for step in steps:
        if at is NIL:
            raise EvaluationError(f"`{name}` of {describe(xs)}, which has no such element", m.span)
        pair = m.pair(at)
        at = pair.first if step == "a" else pair.rest
    return at


def first(m: Machine, xs: Value) -> Value:
    return _walk("first", "a", m, xs)


for _name, _steps in {"first": "a", "car": "a", "rest": "d", "cdr": "d"}.items():
    builtin(_name)(partial(_walk, _name, _steps))
for _i, _name in enumerate(["second", "third", "fourth", "fifth", "sixth", "seventh"], start=1):
    builtin(_name)(partial(_walk, _name, "d" * _i + "a"))
for _name in ["caar", "cadr", "cdar", "cddr", "caddr", "cdddr", "cadddr"]:
    builtin(_name)(partial(_walk, _name, _name[1:-1][::-1]))


@builtin("null?")
def is_null(m: Machine, x: Value) -> Operand:
    return m.is_null(x)


@builtin("pair?")
def is_pair(m: Machine, x: Value) -> Operand:
    return m.is_pair(x)


@builtin("list?")
def is_list(m: Machine, x: Value) -> Operand:
    proper: list[Operand] = []
    inside: Operand = True
    while True:
        if isinstance(x, Pair):
            x = x.rest
            continue
        proper.append(m.graph.apply("and", inside, m.is_null(x)))
        if not (isinstance(x, Union) and Sort.PAIR in x.cases):
            return m.graph.any(proper)
        guard, x = x.cases[Sort.PAIR]
        inside = m.graph.apply("and", inside, guard)


@builtin("append")
def append(m: Machine, *lists: Value) -> Value:
    out: Value = NIL
    for xs in reversed(lists):
        out = build(m, rows(m, xs), out)
    return out


@builtin("reverse")
def reverse(m: Machine, xs: Value) -> Value:
    return gather(m, rows(m, xs), NIL, Pair)


@builtin("length")
def length(m: Machine, xs: Value) -> Operand:
    return size(m, xs)


def at(m: Machine, xs: Value, index: Operand, name: str) -> Value:
    """The element at a position that may differ from world to world."""
    error = EvaluationError(f"`{name}` asks for an element that the list does not have", m.span)
    result: Value = DEAD
    found: list[Operand] = []
    for i, (present, x) in enumerate(rows(m, xs)):
        here = m.graph.apply("and", present, m.graph.apply("eq", index, i))
        if here is True:
            return x
        if here is not False:
            found.append(here)
            result = m.merge(here, x, result)
    m.die(m.graph.apply("not", m.graph.any(found)), error)
    if result is DEAD:
        raise AllDead
    return result


@builtin("list-ref")
def list_ref(m: Machine, xs: Value, index: Value) -> Value:
    return at(m, xs, m.number(index), "list-ref")


@builtin("list-elt")
def list_elt(m: Machine, xs: Value, index: Value) -> Value:
    return at(m, xs, m.graph.apply("sub", m.number(index), 1), "list-elt")


@builtin("update-list")
def update_list(m: Machine, xs: Value, index: Value, x: Value) -> Value:
    where, items, found = m.number(index), [], []
    for i, (present, old) in enumerate(rows(m, xs)):
        here = m.graph.apply("eq", where, i)
        found.append(m.graph.apply("and", present, here))
        items.append((present, m.merge(here, x, old)))
    error = EvaluationError("`update-list` changes an element that the list does not have", m.span)
    m.die(m.graph.apply("not", m.graph.any(found)), error)
    return build(m, items)


@builtin("last")
def last(m: Machine, xs: Value) -> Value:
    items = rows(m, xs)
    m.die(m.is_null(xs), EvaluationError("the empty list has no last element", m.span))
    return at_end(m, items, DEAD)


@builtin("but-last")
def but_last(m: Machine, xs: Value) -> Value:
    items = rows(m, xs)
    m.die(m.is_null(xs), EvaluationError("the empty list has no last element", m.span))
    return build(m, [(after, x) for (_, x), (after, _) in pairwise(items)])


@builtin("take")
def take(m: Machine, xs: Value, n: Value) -> Value:
    count = whole(m, n, "the number of elements to take")
    kept = []
    for i, (present, x) in enumerate(rows(m, xs)):
        here = m.graph.apply("and", present, m.graph.apply("lt", i, count))
        if here is False:
            break
        kept.append((here, x))
    return build(m, kept)


@builtin("drop")
def drop(m: Machine, xs: Value, n: Value) -> Value:
    count = whole(m, n, "the number of elements to drop")
    out: Value = NIL
    for i, (present, pair) in enumerate(pairs(m, xs)):
        here = m.graph.apply("and", present, m.graph.apply("eq", i, count))
        out = m.merge(here, pair, out)
    return out


def repeated(m: Machine, n: Value, element: Callable[[int], Value], what: str) -> Value:
    """A list of a length that may be drawn, its elements by position."""
    return _counted(m, whole(m, n, what), element)


def _counted(m: Machine, count: Operand, element: Callable[[int], Value]) -> Value:
    items, most = [], longest(m, count)
    m.spend(ELEMENT * most)
    for i in range(most):
        here = m.graph.apply("lt", i, count)
        x = m.under(here, True, lambda i=i: element(i))
        if x is DEAD:
            break
        items.append((here, x))
    return build(m, items)


@builtin("repeat")
def repeat(m: Machine, n: Value, thunk: Value) -> Value:
    return repeated(m, n, lambda i: apply(m, thunk, []), "the count of `repeat`")


@builtin("make-list")
def make_list(m: Machine, n: Value, x: Value) -> Value:
    return repeated(m, n, lambda i: x, "the count of `make-list`")


@builtin("iota")
def iota(m: Machine, n: Value, start: Value = 0, step: Value = 1) -> Value:
    begin, by = m.number(start), m.number(step)

    def element(i: int) -> Operand:
        return m.graph.apply("add", begin, m.graph.apply("mul", i, by))

    return repeated(m, n, element, "the count of `iota`")


@builtin("range")
def number_range(m: Machine, low: Value, high: Value) -> Value:
    begin = m.number(low)
    steps = m.graph.apply("floor", m.graph.apply("sub", m.number(high), begin))
    return _counted(m, m.graph.apply("add", steps, 1), lambda i: m.graph.apply("add", begin, i))


@builtin("zip")
def zip_lists(m: Machine, *lists: Value) -> Value:
    return build(m, [(present, from_list(row)) for present, row in columns(m, lists)])


@builtin("unzip", "transpose")
def transpose(m: Machine, xs: Value) -> Value:
    g = m.graph
    table = [(here, rows(m, row)) for here, row in rows(m, xs)]
    if not table:
        return NIL
    out = []
    for j in range(max(len(row) for _, row in table)):
        # A column is there where there is a row and every row that is there is that long.
        has = [
            g.apply("or", g.apply("not", here), row[j][0] if j < len(row) else False)
            for here, row in table
        ]
        present = g.all([table[0][0], *has])
        if present is False:
            break
        column = [(here, row[j][1]) for here, row in table if j < len(row)]
        out.append((present, build(m, column)))
    return build(m, out)


@builtin("flatten")
def flatten(m: Machine, xs: Value) -> Value:
    return _flatten(m, xs, NIL)


def _flatten(m: Machine, x: Value, after: Value) -> Value:
    """What a value holds, in one list, and another list after it."""
    if isinstance(x, Pair):
        items, end = spine(x)
        out = _flatten(m, end, after)
        for item in reversed(items):
            out = _flatten(m, item, out)
        return out
    if isinstance(x, Union):
        out = DEAD
        for guard, case in reversed(x.cases.values()):
            out = m.merge(guard, _flatten(m, case, after), out)
        return out
    if x is NIL:
        return after
    alone = Pair(x, after)
    return m.merge(m.is_null(x), after, alone) if isinstance(x, AtomLane) else alone
