"""Equality by value between lanes and data."""

from __future__ import annotations

from plot.compiler.graph import Operand
from plot.compiler.machine import Machine
from plot.compiler.values import AtomLane, Sort, Union, Value, atom_code, cases_of, sort_of
from plot.data import Pair, same


def equal(m: Machine, a: Value, b: Value) -> Operand:
    """Whether two values are the same (`equal?`), in each world."""
    agree: list[Operand] = []
    while isinstance(a, Pair) and isinstance(b, Pair):
        if a is b:
            return m.graph.all(agree)
        first = equal(m, a.first, b.first)
        if first is False:
            return False
        agree.append(first)
        a, b = a.rest, b.rest
    agree.append(_tails_equal(m, a, b))
    return m.graph.all(agree)


def _tails_equal(m: Machine, a: Value, b: Value) -> Operand:
    if isinstance(a, Union) or isinstance(b, Union):
        left, right = cases_of(a), cases_of(b)
        options = []
        for sort in left.keys() & right.keys():
            both = m.graph.apply("and", left[sort][0], right[sort][0])
            if both is not False:
                options.append(m.graph.apply("and", both, equal(m, left[sort][1], right[sort][1])))
        return m.graph.any(
            sorted(options, key=lambda o: (isinstance(o, bool), getattr(o, "id", 0)))
        )
    sort = sort_of(a)
    if sort is not sort_of(b):
        return False
    if sort is Sort.PAIR:
        return equal(m, a, b)
    if sort is not Sort.ATOM:
        return m.graph.apply("eq", a, b)  # type: ignore[arg-type]
    if isinstance(a, AtomLane) or isinstance(b, AtomLane):
        return m.graph.apply("eq", atom_code(m.atoms, a), atom_code(m.atoms, b))
    return same(a, b)
