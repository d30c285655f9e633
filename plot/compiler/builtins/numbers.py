"""Numbers, comparison and logic on lanes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import partial

from plot.compiler.builtins.registry import builtin
from plot.compiler.builtins.spines import number_in, pairs, rows
from plot.compiler.domains import bounds
from plot.compiler.evaluator import apply
from plot.compiler.graph import Node, Operand
from plot.compiler.machine import Machine
from plot.compiler.relations import equal
from plot.compiler.values import DEAD, Value
from plot.errors import EvaluationError


@builtin("+")
def add(m: Machine, *xs: Value) -> Operand:
    return m.graph.sum([m.number(x) for x in xs])


@builtin("*")
def multiply(m: Machine, *xs: Value) -> Operand:
    product: Operand = 1
    for x in xs:
        product = m.graph.apply("mul", product, m.number(x))
    return product


@builtin("-")
def subtract(m: Machine, x: Value, *xs: Value) -> Operand:
    if not xs:
        return m.graph.apply("sub", 0, m.number(x))
    left = m.number(x)
    for y in xs:
        left = m.graph.apply("sub", left, m.number(y))
    return left


@builtin("/")
def divide(m: Machine, x: Value, *xs: Value) -> Operand:
    left, rights = (m.number(x), xs) if xs else (1, (x,))
    for y in rights:
        right = m.number(y)
        _no_zero(m, right)
        left = m.graph.apply("div", left, right)
    return left


def _no_zero(m: Machine, x: Operand) -> None:
    known = bounds(x)
    if known is None or known[0] <= 0 <= known[1]:
        m.die(m.graph.apply("eq", x, 0), EvaluationError("division by zero", m.span))


@builtin("mod")
def modulo(m: Machine, x: Value, y: Value) -> Operand:
    a, b = m.number(x), m.number(y)
    _no_zero(m, b)
    return m.graph.apply("mod", a, b)


@builtin("remainder")
def remainder(m: Machine, x: Value, y: Value) -> Operand:
    a, b = m.number(x), m.number(y)
    _no_zero(m, b)
    return m.graph.apply("rem", a, b)


def _unary(op: str, m: Machine, x: Value) -> Operand:
    return m.graph.apply(op, m.number(x))


for _name, _op in {
    "round": "round",
    "floor": "floor",
    "ceiling": "ceil",
    "abs": "abs",
    "exp": "exp",
    "sin": "sin",
    "cos": "cos",
    "tan": "tan",
}.items():
    builtin(_name)(partial(_unary, _op))


def _outside(m: Machine, x: Operand, low: float, high: float, message: str) -> None:
    """End the worlds where a number lies outside the domain of a function."""
    known = bounds(x)
    if known is not None and low <= known[0] and known[1] <= high:
        return
    below = m.graph.apply("lt", x, low)
    above = m.graph.apply("lt", high, x) if high != float("inf") else False
    m.die(m.graph.apply("or", below, above), EvaluationError(message, m.span))


@builtin("sqrt")
def square_root(m: Machine, x: Value) -> Operand:
    number = m.number(x)
    _outside(m, number, 0, float("inf"), "the square root of a negative number")
    return m.graph.apply("sqrt", number)


@builtin("log")
def logarithm(m: Machine, x: Value) -> Operand:
    number = m.number(x)
    _outside(m, number, 0, float("inf"), "the logarithm of a negative number")
    return m.graph.apply("log", number)


def _arc(op: str, m: Machine, x: Value) -> Operand:
    number = m.number(x)
    _outside(m, number, -1, 1, f"`{op}` of a number outside -1 to 1")
    return m.graph.apply(op, number)


builtin("asin")(partial(_arc, "asin"))
builtin("acos")(partial(_arc, "acos"))


@builtin("expt")
def power(m: Machine, x: Value, y: Value) -> Operand:
    base, exponent = m.number(x), m.number(y)
    _no_power(m, base, exponent)
    return m.graph.apply("pow", base, exponent)


def _no_power(m: Machine, base: Operand, exponent: Operand) -> None:
    """End the worlds where a power is no real number."""
    g, base_bounds = m.graph, bounds(base)
    if base_bounds is not None and base_bounds[0] > 0:
        return
    if not isinstance(exponent, Node) and exponent >= 0 and float(exponent).is_integer():
        return
    below = g.apply("lt", exponent, 0)
    zero = g.apply("and", g.apply("eq", base, 0), below)
    m.die(zero, EvaluationError("0 to a negative power has no value", m.span))
    broken = g.apply("not", g.apply("eq", exponent, g.apply("floor", exponent)))
    root = g.apply("and", g.apply("lt", base, 0), broken)
    m.die(root, EvaluationError("a negative number to a power that is not whole", m.span))


@builtin("atan")
def angle(m: Machine, y: Value, x: Value | None = None) -> Operand:
    return _unary("atan", m, y) if x is None else arc_tangent(m, y, x)


@builtin("atan2")
def arc_tangent(m: Machine, y: Value, x: Value) -> Operand:
    return m.graph.apply("atan2", m.number(y), m.number(x))


def _extreme(op: str, m: Machine, *xs: Value) -> Operand:
    best = m.number(xs[0])
    for x in xs[1:]:
        best = m.graph.apply(op, best, m.number(x))
    return best


builtin("min")(partial(_extreme, "min"))
builtin("max")(partial(_extreme, "max"))


def total(m: Machine, xs: Value, neutral: int, op: str) -> Operand:
    """A sum or product over a list whose length may differ from world to world."""
    out: Operand = neutral
    for present, x in rows(m, xs):
        number = number_in(m, present, x)
        out = m.graph.apply(op, out, m.graph.apply("where", present, number, neutral))
    return out


def size(m: Machine, xs: Value) -> Operand:
    """How long a list is."""
    items = list(pairs(m, xs))
    out: Operand = len(items)
    for i, (present, _) in reversed(list(enumerate(items))):
        out = m.graph.apply("where", present, out, i)
    return out


@builtin("sum")
def sum_of(m: Machine, xs: Value) -> Operand:
    return total(m, xs, 0, "add")


@builtin("prod")
def product_of(m: Machine, xs: Value) -> Operand:
    return total(m, xs, 1, "mul")


@builtin("mean")
def mean(m: Machine, xs: Value) -> Operand:
    length = size(m, xs)
    m.die(m.graph.apply("eq", length, 0), EvaluationError("the mean of an empty list", m.span))
    return m.graph.apply("div", total(m, xs, 0, "add"), length)


@builtin("variance")
def variance(m: Machine, xs: Value) -> Operand:
    middle = mean(m, xs)
    out: Operand = 0
    for present, x in rows(m, xs):
        away = m.graph.apply("sub", number_in(m, present, x), middle)
        out = m.graph.apply(
            "add", out, m.graph.apply("where", present, m.graph.apply("mul", away, away), 0)
        )
    return m.graph.apply("div", out, size(m, xs))


def _chain(
    relation: Callable[[Machine, Operand, Operand], Operand], m: Machine, *xs: Value
) -> Operand:
    numbers = [m.number(x) for x in xs]
    return m.graph.all([relation(m, a, b) for a, b in itertools.pairwise(numbers)])


builtin("<")(partial(_chain, lambda m, a, b: m.graph.apply("lt", a, b)))
builtin(">")(partial(_chain, lambda m, a, b: m.graph.apply("lt", b, a)))
builtin("<=")(partial(_chain, lambda m, a, b: m.graph.apply("le", a, b)))
builtin(">=")(partial(_chain, lambda m, a, b: m.graph.apply("le", b, a)))
builtin("=")(partial(_chain, lambda m, a, b: m.graph.apply("eq", a, b)))


@builtin("eq?", "equal?")
def same(m: Machine, a: Value, b: Value) -> Operand:
    return equal(m, a, b)


@builtin("soft-equal")
def soft_equal(m: Machine, a: Value, b: Value, tolerance: Value) -> Operand:
    away = m.graph.apply("abs", m.graph.apply("sub", m.number(a), m.number(b)))
    return m.graph.apply("le", away, m.number(tolerance))


@builtin("not")
def negate(m: Machine, x: Value) -> Operand:
    return m.graph.apply("not", m.truth(x))


# `and` and `or` are special forms where they head a call, and functions where they are passed on.
@builtin("and")
def conjunction(m: Machine, *xs: Value) -> Value:
    out: Value = True
    for x in xs:
        out = m.merge(m.truth(out), x, out)
    return out


@builtin("or")
def disjunction(m: Machine, *xs: Value) -> Value:
    out: Value = False
    for x in xs:
        out = m.merge(m.truth(out), out, x)
    return out


def _some(
    m: Machine, arguments: tuple[Value, ...], wanted: Callable[[Machine, Operand], Operand]
) -> Operand:
    """Whether an element is (or has, under a predicate) a truth value that is wanted.

    A predicate is called in the worlds where no element before it was wanted.
    """
    *predicate, xs = arguments
    found: list[Operand] = []
    looking: Operand = True
    for present, x in rows(m, xs):
        if not predicate:
            found.append(m.graph.apply("and", present, wanted(m, m.truth(x))))
            continue
        here = m.graph.apply("and", looking, present)
        hit = m.under(here, True, lambda x=x: wanted(m, m.truth(apply(m, predicate[0], [x]))))
        if hit is DEAD:
            break
        found.append(m.graph.apply("and", here, hit))  # type: ignore[arg-type]
        looking = m.graph.apply("and", looking, m.graph.apply("not", hit))  # type: ignore[arg-type]
    return m.graph.any(found)


def _is(m: Machine, truth: Operand) -> Operand:
    return truth


def _is_not(m: Machine, truth: Operand) -> Operand:
    return m.graph.apply("not", truth)


@builtin("all")
def all_hold(m: Machine, *arguments: Value) -> Operand:
    return m.graph.apply("not", _some(m, arguments, _is_not))


@builtin("any", "some")
def any_holds(m: Machine, *arguments: Value) -> Operand:
    return _some(m, arguments, _is)


@builtin("none")
def none_holds(m: Machine, *arguments: Value) -> Operand:
    return m.graph.apply("not", _some(m, arguments, _is))


@builtin("count")
def count(m: Machine, predicate: Value, xs: Value) -> Operand:
    g, out = m.graph, []
    for present, x in rows(m, xs):
        truth = m.under(present, True, lambda x=x: m.truth(apply(m, predicate, [x])))
        if truth is DEAD:
            break
        out.append(g.apply("number", g.apply("and", present, truth)))  # type: ignore[arg-type]
    return g.sum(out)


def _remainder_of_two(name: str, m: Machine, x: Value) -> Operand:
    """What a whole number leaves when halved; worlds in which it is not whole die."""
    number = m.number(x)
    values = m.path.support(number)
    if values is None or any(v != math.floor(v) for v in values if math.isfinite(v)):
        broken = m.graph.apply("not", m.graph.apply("eq", number, m.graph.apply("floor", number)))
        m.die(broken, EvaluationError(f"`{name}` of a number that is not whole", m.span))
    return m.graph.apply("mod", number, 2)


@builtin("even?")
def is_even(m: Machine, x: Value) -> Operand:
    return m.graph.apply("eq", _remainder_of_two("even?", m, x), 0)


@builtin("odd?")
def is_odd(m: Machine, x: Value) -> Operand:
    return m.graph.apply("eq", _remainder_of_two("odd?", m, x), 1)


@builtin("zero?")
def is_zero(m: Machine, x: Value) -> Operand:
    return m.graph.apply("eq", m.number(x), 0)


@builtin("positive?")
def is_positive(m: Machine, x: Value) -> Operand:
    return m.graph.apply("lt", 0, m.number(x))


@builtin("negative?")
def is_negative(m: Machine, x: Value) -> Operand:
    return m.graph.apply("lt", m.number(x), 0)


@builtin("boolean->number")
def to_number(m: Machine, x: Value) -> Operand:
    return m.graph.apply("number", m.truth(x))


@builtin("number->boolean")
def to_truth(m: Machine, x: Value) -> Operand:
    return m.graph.apply("not", m.graph.apply("eq", m.number(x), 0))
