"""Finding, keeping and ordering elements of lists whose lengths may be drawn."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from plot.compiler.builtins.lists import append, first
from plot.compiler.builtins.registry import builtin
from plot.compiler.builtins.spines import Row, build, pairs, rows
from plot.compiler.evaluator import apply
from plot.compiler.graph import Node, Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.relations import equal
from plot.compiler.values import DEAD, Value, freeze, is_static
from plot.data import NIL, Pair, Procedure, from_list
from plot.errors import EvaluationError


@builtin("member")
def member(m: Machine, x: Value, xs: Value) -> Value:
    out: Value = False
    for present, pair in reversed(list(pairs(m, xs))):
        out = m.merge(m.graph.apply("and", present, equal(m, x, pair.first)), pair, out)
    return out


def contains(m: Machine, x: Value, xs: Value) -> Operand:
    """Whether a list holds a value."""
    return m.graph.any([m.graph.apply("and", p, equal(m, x, y)) for p, y in rows(m, xs)])


@builtin("member?")
def is_member(m: Machine, x: Value, xs: Value) -> Operand:
    return contains(m, x, xs)


@builtin("assoc")
def assoc(m: Machine, key: Value, xs: Value) -> Value:
    found: list[tuple[Operand, Value]] = []
    looking: Operand = True
    for present, entry in rows(m, xs):
        here = m.graph.apply("and", looking, present)
        hit = m.under(here, True, lambda entry=entry: equal(m, key, first(m, entry)))
        if hit is DEAD:
            break
        found.append((m.graph.apply("and", here, hit), entry))  # type: ignore[arg-type]
        looking = m.graph.apply("and", looking, m.graph.apply("not", hit))  # type: ignore[arg-type]
    out: Value = False
    for here, entry in reversed(found):
        out = m.merge(here, entry, out)
    return out


@builtin("position")
def position(m: Machine, xs: Value, x: Value) -> Value:
    if isinstance(xs, Procedure):
        items = rows(m, x)
        wanted = verdicts(m, items, lambda y: m.truth(apply(m, xs, [y])))
    else:
        items = rows(m, xs)
        wanted = [equal(m, x, y) for _, y in items]
    out: Value = -1
    for i, (verdict, (present, _)) in reversed(list(enumerate(zip(wanted, items, strict=False)))):
        out = m.merge(m.graph.apply("and", present, verdict), i, out)
    return out


def _kept(m: Machine, items: list[Row], verdicts: list[Operand]) -> Value:
    """The elements that are there and wanted, in order."""
    out: Value = NIL
    for verdict, (present, x) in reversed(list(zip(verdicts, items, strict=False))):
        out = m.merge(m.graph.apply("and", present, verdict), Pair(x, out), out)
    return out


def verdicts(m: Machine, items: list[Row], wanted: Callable[[Value], Operand]) -> list[Operand]:
    """Whether each item is wanted; worlds that die of an item have none after it."""
    out: list[Operand] = []
    for present, x in items:
        verdict = m.under(present, True, lambda x=x: wanted(x))
        if verdict is DEAD:
            break
        out.append(verdict)  # type: ignore[arg-type]
    return out


def keep(m: Machine, xs: Value, wanted: Callable[[Value], Operand]) -> Value:
    """The elements that are wanted, in order."""
    items = rows(m, xs)
    return _kept(m, items, verdicts(m, items, wanted))


@builtin("filter")
def filter_list(m: Machine, predicate: Value, xs: Value) -> Value:
    return keep(m, xs, lambda x: m.truth(apply(m, predicate, [x])))


@builtin("partition")
def partition(m: Machine, predicate: Value, xs: Value) -> Value:
    items = rows(m, xs)
    found = verdicts(m, items, lambda x: m.truth(apply(m, predicate, [x])))
    others = [m.graph.apply("not", verdict) for verdict in found]
    return from_list([_kept(m, items, found), _kept(m, items, others)])


@builtin("unique")
def unique(m: Machine, xs: Value) -> Value:
    items = rows(m, xs)
    if all(present is True and is_static(x) for present, x in items):
        seen: dict[tuple, Value] = {}
        for _, x in items:
            seen.setdefault(freeze(x), x)
        return from_list(list(seen.values()))
    new = []
    for i, (_, x) in enumerate(items):  # where an element is there, all before it are
        known = m.graph.any([equal(m, x, y) for _, y in items[:i]])
        new.append(m.graph.apply("not", known))
    return _kept(m, items, new)


@builtin("union")
def union(m: Machine, *lists: Value) -> Value:
    return unique(m, append(m, *lists))


@builtin("intersection")
def intersection(m: Machine, xs: Value, ys: Value) -> Value:
    return keep(m, xs, lambda x: contains(m, x, ys))


@builtin("difference")
def difference(m: Machine, xs: Value, *others: Value) -> Value:
    inside = append(m, *others)
    return keep(m, xs, lambda x: m.graph.apply("not", contains(m, x, inside)))


def _best(larger: bool, m: Machine, f: Value, xs: Value) -> Value:
    name = "argmax" if larger else "argmin"
    m.die(m.is_null(xs), EvaluationError(f"`{name}` over an empty list", m.span))
    best: tuple[Value, Operand] | None = None
    for present, x in rows(m, xs):
        score = m.under(present, True, lambda x=x: m.number(apply(m, f, [x])))
        if score is DEAD:
            break
        if best is None:
            best = x, score  # type: ignore[assignment]
            continue
        a, b = (best[1], score) if larger else (score, best[1])
        less = m.graph.apply("lt", a, b)  # type: ignore[arg-type]
        better = m.graph.apply("and", present, less)  # the first of equals wins
        best = m.merge(better, x, best[0]), m.graph.apply("where", better, score, best[1])  # type: ignore[arg-type,assignment]
    if best is None:
        raise AllDead
    return best[0]


builtin("argmax")(partial(_best, True))
builtin("argmin")(partial(_best, False))


@builtin("sort")
def sort(m: Machine, xs: Value, less: Value | None = None) -> Value:
    def before(a: Value, b: Value) -> Operand:
        if less is None:
            return m.graph.apply("lt", m.number(a), m.number(b))
        return m.truth(apply(m, less, [a, b]))

    items = rows(m, xs)
    if is_static(xs):
        try:
            return from_list(_merge_sort([x for _, x in items], lambda a, b: _known(before(a, b))))
        except _Drawn:
            pass  # a comparison that draws
    return build(m, _network(m, items, before))


class _Drawn(Exception):
    """A comparison differs from world to world."""


def _known(truth: Operand) -> bool:
    if isinstance(truth, Node):
        raise _Drawn
    return bool(truth)


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


def _network(m: Machine, items: list[Row], before: Callable[[Value, Value], Operand]) -> list[Row]:
    """Sort by comparing and swapping neighbours, where both are there; equal ones keep their order."""
    values, there = [x for _, x in items], [present for present, _ in items]
    for end in range(len(values) - 1, 0, -1):
        for j in range(end):
            a, b = values[j], values[j + 1]
            later = m.under(there[j + 1], True, lambda a=a, b=b: before(b, a))
            if later is DEAD:
                continue
            swap = m.graph.apply("and", there[j + 1], later)  # type: ignore[arg-type]
            values[j], values[j + 1] = m.merge(swap, b, a), m.merge(swap, a, b)
    return list(zip(there, values, strict=True))
