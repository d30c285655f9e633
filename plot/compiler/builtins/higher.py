"""Functions that take functions."""

from __future__ import annotations

from functools import partial

from plot.compiler.builtins.lists import rebuild, take_apart
from plot.compiler.builtins.registry import builtin
from plot.compiler.evaluator import apply
from plot.compiler.graph import Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.values import DEAD, Memo, Primitive, Value
from plot.data import NIL, VOID, Name, Pair, from_list, show
from plot.errors import EvaluationError, Unsupported


@builtin("map")
def map_lists(m: Machine, f: Value, *lists: Value) -> Value:
    if len(lists) == 1:
        return rebuild(m, lists[0], lambda x: apply(m, f, [x]))
    columns = _columns(m, lists)
    return from_list([apply(m, f, list(row)) for row in columns])


def _columns(m: Machine, lists: tuple[Value, ...]) -> list[tuple[Value, ...]]:
    static = [m.static_list(xs) for xs in lists]
    known = [xs for xs in static if xs is not None]
    if len(known) < len(static):
        raise Unsupported("several lists at once, of which one has a drawn length", m.span)
    return list(zip(*known, strict=False))


@builtin("for-each")
def for_each(m: Machine, f: Value, *lists: Value) -> Value:
    map_lists(m, f, *lists)
    return VOID


@builtin("fold")
def fold(m: Machine, f: Value, start: Value, xs: Value, *more: Value) -> Value:
    if more:
        for row in _columns(m, (xs, *more)):
            start = apply(m, f, [*row, start])
        return start

    def go(xs: Value, done: Value) -> Value:
        while isinstance(xs, Pair):
            done = apply(m, f, [xs.first, done])
            xs = xs.rest
        return done if xs is NIL else take_apart(m, xs, lambda p: go(p, done), lambda: done)

    return go(xs, start)


@builtin("foldr")
def fold_right(m: Machine, f: Value, start: Value, xs: Value, *more: Value) -> Value:
    if more:
        for row in reversed(_columns(m, (xs, *more))):
            start = apply(m, f, [*row, start])
        return start

    def go(xs: Value) -> Value:
        waiting = []
        while isinstance(xs, Pair):
            waiting.append(xs.first)
            xs = xs.rest
        done = start if xs is NIL else take_apart(m, xs, go, lambda: start)
        for x in reversed(waiting):
            done = apply(m, f, [x, done])
        return done

    return go(xs)


@builtin("apply")
def apply_list(m: Machine, f: Value, *arguments: Value) -> Value:
    last = m.static_list(arguments[-1])
    if last is None:
        raise Unsupported("`apply` on a list whose length is drawn", m.span)
    return apply(m, f, [*arguments[:-1], *last])


@builtin("compose")
def compose(m: Machine, *functions: Value) -> Value:
    def run(m: Machine, *xs: Value) -> Value:
        values: list[Value] = list(xs)
        for f in reversed(functions):
            values = [apply(m, f, values)]
        return values[0]

    return Primitive("composition", run, 0, None)


@builtin("curry")
def curry(m: Machine, f: Value, *given: Value) -> Value:
    return Primitive("curried", lambda m, *more: apply(m, f, [*given, *more]), 0, None)


@builtin("identity")
def identity(m: Machine, x: Value) -> Value:
    return x


@builtin("sample")
def sample(m: Machine, thunk: Value) -> Value:
    return apply(m, thunk, [])


@builtin("mem")
def mem(m: Machine, f: Value) -> Value:
    return Memo(f)


def _best(larger: bool, m: Machine, f: Value, xs: Value) -> Value:
    name = "argmax" if larger else "argmin"
    m.die(m.is_null(xs), EvaluationError(f"`{name}` over an empty list", m.span))
    best: tuple[Value, Operand] | None = None
    for present, x in m.elements(xs):
        value = m.under(present, True, lambda x=x: apply(m, f, [x]))
        if value is DEAD:
            continue
        score = m.number(value)
        if best is None:
            best = x, score
            continue
        a, b = (best[1], score) if larger else (score, best[1])
        better = m.graph.apply(
            "and", present, m.graph.apply("lt", a, b)
        )  # the first of equals wins
        best = m.merge(better, x, best[0]), m.graph.apply("where", better, score, best[1])
    if best is None:
        raise AllDead
    return best[0]


builtin("argmax")(partial(_best, True))
builtin("argmin")(partial(_best, False))


@builtin("zip")
def zip_lists(m: Machine, *lists: Value) -> Value:
    return from_list([from_list(row) for row in _columns(m, lists)])


@builtin("unzip", "transpose")
def transpose(m: Machine, xs: Value) -> Value:
    rows = m.static_list(xs)
    if rows is None:
        raise Unsupported("a table whose height is drawn", m.span)
    return zip_lists(m, *rows) if rows else NIL


@builtin("error")
def fail(m: Machine, *parts: Value) -> Value:
    text = " ".join(p if isinstance(p, str) else show(p) for p in parts)
    raise EvaluationError(f"the program says: {text}", m.span)


@builtin("gensym")
def gensym(m: Machine, prefix: Value = "g") -> Value:
    m.symbols += 1
    text = prefix if isinstance(prefix, str) else show(prefix)
    return Name(f"{text}{m.symbols}")


@builtin("make-gensym")
def make_gensym(m: Machine, prefix: Value = "g") -> Value:
    text = prefix if isinstance(prefix, str) else show(prefix)
    return Primitive("gensym", lambda m: gensym(m, text), 0, 0)


@builtin("display", "hist", "density", "scatter", "barplot", "lineplot")
def display(m: Machine, *values: Value) -> Value:
    m.displayed.append((m.path, from_list(values) if len(values) != 1 else values[0]))
    return VOID
