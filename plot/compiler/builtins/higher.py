"""Functions that take functions."""

from __future__ import annotations

from functools import partial

from plot.compiler.builtins.registry import builtin
from plot.compiler.builtins.spines import build, columns, each, gather, rows
from plot.compiler.dpmem import CONCENTRATION, Restaurant
from plot.compiler.evaluator import apply
from plot.compiler.machine import AllDead, Machine
from plot.compiler.values import DEAD, Memo, Primitive, Value, describe, is_static
from plot.data import VOID, from_list, show
from plot.errors import EvaluationError, Unsupported


@builtin("map")
def map_lists(m: Machine, f: Value, *lists: Value) -> Value:
    return build(m, each(m, columns(m, lists), lambda row: apply(m, f, row)))


@builtin("for-each")
def for_each(m: Machine, f: Value, *lists: Value) -> Value:
    each(m, columns(m, lists), lambda row: apply(m, f, row))
    return VOID


@builtin("fold")
def fold(m: Machine, f: Value, start: Value, *lists: Value) -> Value:
    return gather(m, columns(m, lists), start, lambda row, done: apply(m, f, [*row, done]))


@builtin("foldr")
def fold_right(m: Machine, f: Value, start: Value, *lists: Value) -> Value:
    items = columns(m, lists)
    out = start
    for i, (present, row) in reversed(list(enumerate(items))):
        done = out
        out = m.under(present, True, lambda row=row, done=done: apply(m, f, [*row, done]))
        if present is not (items[i - 1][0] if i else True):
            out = m.merge(present, out, start)  # where the list ends before this element
        elif out is DEAD:
            out = start  # every world that gets here has died
    return out


@builtin("apply")
def apply_list(m: Machine, f: Value, *arguments: Value) -> Value:
    given, last = list(arguments[:-1]), rows(m, arguments[-1])
    m.spend(2 * len(last))
    if all(present is True for present, _ in last):
        return apply(m, f, [*given, *(x for _, x in last)])
    out: Value = DEAD
    for length in range(len(last) + 1):
        here = last[length - 1][0] if length else True
        if length < len(last):
            here = m.graph.apply("and", here, m.graph.apply("not", last[length][0]))
        if here is False:
            continue
        call = [*given, *(x for _, x in last[:length])]
        out = m.merge(here, m.under(here, True, lambda call=call: apply(m, f, call)), out)
    if out is DEAD:
        raise AllDead
    return out


@builtin("compose")
def compose(m: Machine, *functions: Value) -> Value:
    return Primitive("composition", partial(composed, functions), 0, None)


def composed(functions: tuple[Value, ...], m: Machine, *xs: Value) -> Value:
    values: list[Value] = list(xs)
    for f in reversed(functions):
        values = [apply(m, f, values)]
    return apply(m, IDENTITY, values) if not functions else values[0]


@builtin("curry")
def curry(m: Machine, f: Value, *given: Value) -> Value:
    if given:
        return filled(f, m, *given)
    return Primitive("curried", partial(filled, f), 0, None)


def filled(f: Value, m: Machine, *given: Value) -> Value:
    """A function with its first parameters filled in."""
    return Primitive("curried", partial(call_filled, f, given), 0, None)


def call_filled(f: Value, given: tuple[Value, ...], m: Machine, *more: Value) -> Value:
    return apply(m, f, [*given, *more])


@builtin("identity")
def identity(m: Machine, x: Value) -> Value:
    return x


IDENTITY = Primitive("identity", identity, 1, 1)


@builtin("sample")
def sample(m: Machine, thunk: Value) -> Value:
    return apply(m, thunk, [])


@builtin("mem")
def mem(m: Machine, f: Value) -> Value:
    return Memo(f, m.chooser, m.counters, m.one)


@builtin("DPmem")
def dp_mem(m: Machine, concentration: Value, f: Value) -> Value:
    weight = CONCENTRATION.check(m, "DPmem", concentration)
    made = Restaurant(weight, f, m.chooser, m.counters, m.one)
    return Primitive(getattr(f, "name", ""), made, 0, None)


@builtin("error")
def fail(m: Machine, *parts: Value) -> Value:
    shown = [p if isinstance(p, str) else show(p) if is_static(p) else describe(p) for p in parts]
    raise EvaluationError(f"the program says: {' '.join(shown)}", m.span)


def display(name: str, m: Machine, *values: Value) -> Value:
    if m.counters:
        raise Unsupported("`display` in a loop", m.span)  # so that the recursion is unrolled
    if m.chooser is not None:
        return VOID  # the worlds within a query are not shown
    m.displayed.append((m.path, name, from_list(values)))
    return VOID


for _name in ("display", "hist", "density", "scatter", "barplot", "lineplot"):
    builtin(_name)(partial(display, _name))
