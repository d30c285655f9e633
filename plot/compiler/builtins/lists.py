"""Pairs and lists whose parts, and whose lengths, may differ from world to world."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from plot.compiler.builtins.numbers import size
from plot.compiler.builtins.registry import builtin
from plot.compiler.evaluator import apply
from plot.compiler.graph import Node, Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.relations import equal
from plot.compiler.values import DEAD, Sort, Union, Value, is_static
from plot.data import NIL, Pair, from_list
from plot.errors import EvaluationError, Unsupported


@builtin("list")
def make(m: Machine, *xs: Value) -> Value:
    return from_list(xs)


@builtin("pair", "cons")
def cons(m: Machine, a: Value, b: Value) -> Value:
    return Pair(a, b)


def first(m: Machine, xs: Value) -> Value:
    if xs is NIL:
        raise EvaluationError("the empty list has no first element", m.span)
    return m.pair(xs).first


def rest(m: Machine, xs: Value) -> Value:
    if xs is NIL:
        raise EvaluationError("the empty list has no rest", m.span)
    return m.pair(xs).rest


builtin("first", "car")(first)
builtin("rest", "cdr")(rest)


def _walk(steps: str, m: Machine, xs: Value) -> Value:
    for step in steps:
        xs = first(m, xs) if step == "a" else rest(m, xs)
    return xs


for _i, _name in enumerate(["second", "third", "fourth", "fifth", "sixth", "seventh"], start=1):
    builtin(_name)(partial(_walk, "d" * _i + "a"))
for _name in ["caar", "cadr", "cdar", "cddr", "caddr", "cdddr", "cadddr"]:
    builtin(_name)(partial(_walk, _name[1:-1][::-1]))


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


def rebuild(m: Machine, xs: Value, change: Callable[[Value], Value]) -> Value:
    """A list of the same length in every world, with each element changed."""
    out: list[Value] = []
    while isinstance(xs, Pair):
        out.append(change(xs.first))
        xs = xs.rest
    return from_list(out, _rest_case(m, xs, lambda pair: rebuild(m, pair, change), lambda: NIL))


def _rest_case(
    m: Machine, xs: Value, on_pair: Callable[[Pair], Value], on_null: Callable[[], Value]
) -> Value:
    """Take apart a list that is not known to be a pair."""
    m.elements(xs)  # worlds in which this is no list die here
    if isinstance(xs, Union) and Sort.PAIR in xs.cases:
        guard, pair = xs.cases[Sort.PAIR]
        return m.branch(guard, lambda: on_pair(pair), on_null)  # type: ignore[arg-type]
    return on_null()


def take_apart(
    m: Machine, xs: Value, on_pair: Callable[[Pair], Value], on_null: Callable[[], Value]
) -> Value:
    """One arm for a pair, another for the empty list, merged where worlds differ."""
    return on_pair(xs) if isinstance(xs, Pair) else _rest_case(m, xs, on_pair, on_null)


def join(m: Machine, xs: Value, ys: Value) -> Value:
    """One list after another."""
    out: list[Value] = []
    while isinstance(xs, Pair):
        out.append(xs.first)
        xs = xs.rest
    return from_list(out, _rest_case(m, xs, lambda pair: join(m, pair, ys), lambda: ys))


@builtin("append")
def append(m: Machine, *lists: Value) -> Value:
    if not lists:
        return NIL
    out = lists[-1]
    for xs in reversed(lists[:-1]):
        out = join(m, xs, out)
    return out


@builtin("reverse")
def reverse(m: Machine, xs: Value) -> Value:
    def go(xs: Value, done: Value) -> Value:
        while isinstance(xs, Pair):
            done = Pair(xs.first, done)
            xs = xs.rest
        return _rest_case(m, xs, lambda pair: go(pair, done), lambda: done)

    return go(xs, NIL)


@builtin("length")
def length(m: Machine, xs: Value) -> Operand:
    return size(m, xs)


def at(m: Machine, xs: Value, index: Operand, name: str) -> Value:
    """The element at a position that may differ from world to world."""
    error = EvaluationError(f"`{name}` asks for an element that the list does not have", m.span)
    result: Value = DEAD
    found: list[Operand] = []
    for i, (present, x) in enumerate(m.elements(xs)):
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


@builtin("last")
def last(m: Machine, xs: Value) -> Value:
    result: Value = DEAD
    for present, x in m.elements(xs):
        result = x if present is True else m.merge(present, x, result)
    m.die(m.is_null(xs), EvaluationError("the empty list has no last element", m.span))
    return result


@builtin("but-last")
def but_last(m: Machine, xs: Value) -> Value:
    if xs is NIL:
        raise EvaluationError("the empty list has no last element", m.span)
    return reverse(m, rest(m, reverse(m, xs)))


def _whole(m: Machine, x: Value, what: str) -> int:
    number = m.number(x)
    if isinstance(number, Node):
        raise Unsupported(f"{what} is drawn", m.span)
    if number != int(number) or number < 0:
        raise EvaluationError(f"{what} is {number}, and a whole number from 0 up is due", m.span)
    return int(number)


@builtin("take")
def take(m: Machine, xs: Value, n: Value) -> Value:
    def go(count: int, xs: Value) -> Value:
        if count == 0:
            return NIL
        return take_apart(m, xs, lambda p: Pair(p.first, go(count - 1, p.rest)), lambda: NIL)

    return go(_whole(m, n, "the number of elements to take"), xs)


@builtin("drop")
def drop(m: Machine, xs: Value, n: Value) -> Value:
    for _ in range(_whole(m, n, "the number of elements to drop")):
        xs = take_apart(m, xs, lambda p: p.rest, lambda: NIL)
    return xs


def repeated(m: Machine, n: Value, element: Callable[[int], Value]) -> Value:
    """A list of a length that may be drawn."""
    count = m.number(n)
    if not isinstance(count, Node):
        return from_list([element(i) for i in range(_whole(m, n, "the length of a list"))])
    lengths = m.path.support(count)
    if lengths is None:
        raise Unsupported("the length of a list is drawn from infinitely many", m.span)
    longest = int(max(lengths))

    def go(i: int) -> Value:
        if i >= longest:
            return NIL
        return m.branch(
            m.graph.apply("lt", i, count), lambda: Pair(element(i), go(i + 1)), lambda: NIL
        )

    return go(0)


@builtin("repeat")
def repeat(m: Machine, n: Value, thunk: Value) -> Value:
    return repeated(m, n, lambda i: apply(m, thunk, []))


@builtin("make-list")
def make_list(m: Machine, n: Value, x: Value) -> Value:
    return repeated(m, n, lambda i: x)


@builtin("iota")
def iota(m: Machine, n: Value, start: Value = 0, step: Value = 1) -> Value:
    begin, by = m.number(start), m.number(step)
    return repeated(m, n, lambda i: m.graph.apply("add", begin, m.graph.apply("mul", i, by)))


@builtin("range")
def number_range(m: Machine, low: Value, high: Value) -> Value:
    begin = m.number(low)
    count = m.graph.apply("add", m.graph.apply("sub", m.number(high), begin), 1)
    if not isinstance(count, Node):
        count = max(0, int(count))
    return repeated(m, count, lambda i: m.graph.apply("add", begin, i))


@builtin("member")
def member(m: Machine, x: Value, xs: Value) -> Value:
    def go(xs: Value) -> Value:
        def pair(p: Pair) -> Value:
            return m.branch(equal(m, x, p.first), lambda: p, lambda: go(p.rest))

        return take_apart(m, xs, pair, lambda: False)

    return go(xs)


def contains(m: Machine, x: Value, xs: Value) -> Operand:
    """Whether a list holds a value."""
    return m.graph.any([m.graph.apply("and", p, equal(m, x, y)) for p, y in m.elements(xs)])


@builtin("member?")
def is_member(m: Machine, x: Value, xs: Value) -> Operand:
    return contains(m, x, xs)


@builtin("assoc")
def assoc(m: Machine, key: Value, xs: Value) -> Value:
    def go(xs: Value) -> Value:
        def pair(p: Pair) -> Value:
            here = equal(m, key, first(m, p.first))
            return m.branch(here, lambda: p.first, lambda: go(p.rest))

        return take_apart(m, xs, pair, lambda: False)

    return go(xs)


def keep(m: Machine, xs: Value, wanted: Callable[[Value], Operand]) -> Value:
    """The elements that are wanted, in order; lists of different lengths are merged."""
    items = m.elements(xs)
    verdicts = [
        m.graph.apply("and", present, m.truth(m.under(present, True, lambda x=x: wanted(x))))
        for present, x in items
    ]
    out: Value = NIL
    for verdict, (_, x) in zip(reversed(verdicts), reversed(items), strict=True):
        out = m.merge(verdict, Pair(x, out), out)
    return out


@builtin("filter")
def filter_list(m: Machine, predicate: Value, xs: Value) -> Value:
    return keep(m, xs, lambda x: m.truth(apply(m, predicate, [x])))


@builtin("partition")
def partition(m: Machine, predicate: Value, xs: Value) -> Value:
    yes = keep(m, xs, lambda x: m.truth(apply(m, predicate, [x])))
    no = keep(m, xs, lambda x: m.graph.apply("not", m.truth(apply(m, predicate, [x]))))
    return from_list([yes, no])


@builtin("unique")
def unique(m: Machine, xs: Value) -> Value:
    seen: list[tuple[Operand, Value]] = []

    def is_new(x: Value) -> Operand:
        known = m.graph.any([m.graph.apply("and", g, equal(m, x, y)) for g, y in seen])
        seen.append((True, x))
        return m.graph.apply("not", known)

    return keep(m, xs, is_new)


@builtin("union")
def union(m: Machine, *lists: Value) -> Value:
    return unique(m, append(m, *lists))


@builtin("intersection")
def intersection(m: Machine, xs: Value, ys: Value) -> Value:
    return keep(m, xs, lambda x: contains(m, x, ys))


@builtin("difference")
def difference(m: Machine, xs: Value, *others: Value) -> Value:
    inside = append(m, *others) if others else NIL
    return keep(m, xs, lambda x: m.graph.apply("not", contains(m, x, inside)))


@builtin("position")
def position(m: Machine, xs: Value, x: Value) -> Value:
    out: Value = -1
    for i, (present, y) in reversed(list(enumerate(m.elements(xs)))):
        out = m.merge(m.graph.apply("and", present, equal(m, x, y)), i, out)
    return out


@builtin("update-list")
def update_list(m: Machine, xs: Value, index: Value, x: Value) -> Value:
    where, counter = m.number(index), iter(range(1 << 30))
    return rebuild(m, xs, lambda old: m.merge(m.graph.apply("eq", where, next(counter)), x, old))


@builtin("flatten")
def flatten(m: Machine, xs: Value) -> Value:
    if isinstance(xs, Pair):
        return join(m, flatten(m, xs.first), flatten(m, xs.rest))
    if xs is NIL:
        return NIL
    if isinstance(xs, Union):
        raise Unsupported("`flatten` of a list whose shape is drawn", m.span)
    return Pair(xs, NIL)


@builtin("sort")
def sort(m: Machine, xs: Value, less: Value | None = None) -> Value:
    items = m.static_list(xs)
    if items is None:
        raise Unsupported("`sort` of a list whose length is drawn", m.span)

    def before(a: Value, b: Value) -> Operand:
        if less is None:
            return m.graph.apply("lt", m.number(a), m.number(b))
        return m.truth(apply(m, less, [a, b]))

    if is_static(xs):
        return from_list(_merge_sort(items, lambda a, b: before(a, b) is True))
    for i in range(len(items)):  # a network of compare-and-swap
        for j in range(len(items) - 1 - i):
            swap = before(items[j + 1], items[j])
            items[j], items[j + 1] = (
                m.merge(swap, items[j + 1], items[j]),
                m.merge(swap, items[j], items[j + 1]),
            )
    return from_list(items)


def _merge_sort(items: list[Value], before: Callable[[Value, Value], bool]) -> list[Value]:
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = _merge_sort(items[:middle], before), _merge_sort(items[middle:], before)
    out: list[Value] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if before(right[j], left[i]):
            out.append(right[j])
            j += 1
        else:
            out.append(left[i])
            i += 1
    return out + left[i:] + right[j:]
