"""Lists of drawn length as rows: each element with the worlds in which the list is that long."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from plot.compiler.budget import ELEMENT
from plot.compiler.graph import Node, Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.values import DEAD, Sort, Union, Value
from plot.data import NIL, Pair

type Row = tuple[Operand, Value]  # an element is there only where the one before it is


def pairs(m: Machine, xs: Value, wanted: str = "a list") -> Iterator[tuple[Operand, Pair]]:
    """The pairs that a list is a chain of, each with the worlds in which it is there.

    Worlds in which the value is no list die.
    """
    present: Operand = True
    given = xs
    while True:
        if isinstance(xs, Pair):
            yield present, xs
            xs = xs.rest
            continue
        null, pair = m.is_null(xs), m.is_pair(xs)
        either = m.graph.apply("or", null, pair)
        bad = m.graph.apply("and", present, m.graph.apply("not", either))
        if bad is not False:
            m.die(bad, m.mismatch(given, wanted))
        if pair is False or not isinstance(xs, Union):
            return
        present = _narrowed(m, present, pair)
        xs = xs.cases[Sort.PAIR][1]


def _narrowed(m: Machine, outer: Operand, inner: Operand) -> Operand:
    """Both hold; the inner one alone, where it is a conjunction with the outer one."""
    if isinstance(inner, Node) and inner.op == "and" and any(a is outer for a in inner.args):
        return inner
    return m.graph.apply("and", outer, inner)


def rows(m: Machine, xs: Value) -> list[Row]:
    """The elements of a list, each with the worlds in which the list is that long."""
    return [(present, pair.first) for present, pair in pairs(m, xs)]


def columns(m: Machine, lists: Sequence[Value]) -> list[tuple[Operand, list[Value]]]:
    """Elements of the same position together, up to the end of the shortest list."""
    if len(lists) == 1:
        return [(present, [x]) for present, x in rows(m, lists[0])]
    joined = zip(*(rows(m, xs) for xs in lists), strict=False)
    return [(m.graph.all([p for p, _ in row]), [x for _, x in row]) for row in joined]


def build(m: Machine, items: Sequence[Row], tail: Value = NIL) -> Value:
    """The list of the items that are there.

    Args:
      items: each is there only where the one before it is.
      tail: what follows the last one.
    """
    m.spend(ELEMENT * len(items))
    out = tail
    for i in reversed(range(len(items))):
        present, x = items[i]
        out = Pair(x, out)
        if present is not (items[i - 1][0] if i else True):
            out = m.merge(present, out, tail)
    return out


def each[T](
    m: Machine, items: Sequence[tuple[Operand, T]], change: Callable[[T], Value]
) -> list[Row]:
    """Each item changed, in the worlds where it is there; stops where every world has died."""
    out: list[Row] = []
    for present, x in items:
        value = m.under(present, True, lambda x=x: change(x))
        if value is DEAD:
            break
        out.append((present, value))
    return out


def gather[T](
    m: Machine,
    items: Sequence[tuple[Operand, T]],
    start: Value,
    step: Callable[[T, Value], Value],
) -> Value:
    """From the left: the step takes an item and what is gathered from those before it."""
    # Where an item is there all before it are, so a step sees the value of that one case.
    value = result = start
    for present, x in items:
        value = m.under(present, True, lambda x=x, value=value: step(x, value))
        if value is DEAD:
            break
        result = m.merge(present, value, result)
    return result


def at_end(m: Machine, items: Sequence[Row], start: Value) -> Value:
    """The last of the items that are there, or the start."""
    out = start
    for present, x in items:
        out = m.merge(present, x, out)
    return out


def number_in(m: Machine, present: Operand, x: Value) -> Operand:
    """An element as a number; a world dies of it only where the element is there.

    Raises:
      AllDead: where it is a number in no world.
    """
    if not isinstance(x, Union):
        return m.number(x)
    number = m.under(present, True, lambda: m.number(x))
    if number is DEAD:
        if present is True:
            raise AllDead
        return 0
    return number  # type: ignore[return-value]
