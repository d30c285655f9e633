"""Functions of static data on drawn arguments: one call for each setting that they can have."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from plot.compiler.graph import Node, Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.paths import Decision
from plot.compiler.values import DEAD, Death, Value, describe
from plot.errors import BudgetError, EvaluationError, Unsupported

MOST_VALUES = 256  # of one argument
MOST_CASES = 2048  # of all arguments of a call


def by_cases(m: Machine, arguments: Sequence[Value], run: Callable[..., Value]) -> Value:
    """The result of a function of static data, merged over the settings of drawn arguments.

    Args:
      arguments: any values; those that a draw decides can have finitely many values.
      run: called with static arguments, under the path on which they have these values.

    Raises:
      Unsupported: where an argument can have too many values.
    """
    calls = 0

    def split(i: int, given: list[Value]) -> Value:
        nonlocal calls
        if i == len(arguments):
            calls += 1
            if calls > MOST_CASES:
                raise Unsupported(f"a call with more than {MOST_CASES} cases", m.span)
            return run(*given)
        cases = m.settle(arguments[i], MOST_VALUES)
        if cases is None:
            raise Unsupported(f"{describe(arguments[i])} that can be too many things", m.span)
        found = [
            (guard, m.under(guard, True, lambda v=v: split(i + 1, [*given, v])))
            for guard, v in cases
        ]
        result: Value = DEAD
        for guard, value in reversed(found):
            result = m.merge(guard, value, result)
        if result is DEAD:
            raise AllDead
        return result

    return split(0, [])


def lose(m: Machine, condition: Operand, error: BudgetError) -> None:
    """Leave out the worlds on this path where the condition holds; their mass is reported.

    Raises:
      AllDead: where it holds in all of them.
    """

    decision = m.path.decide(condition)
    if decision is Decision.FALSE or decision is Decision.DEAD:
        return
    guard = m.path.node(m.graph)
    if decision is Decision.OPEN:
        guard = m.graph.apply("and", guard, condition)
    m.effects.deaths.append(Death(guard, error))
    if decision is Decision.TRUE:
        raise AllDead


def whole(m: Machine, x: Value, what: str) -> Operand:
    """A whole number from 0 up; worlds where it is none die.

    Raises:
      EvaluationError: where it is none in any world.
    """
    number = m.number(x)
    if not isinstance(number, Node):
        if not math.isfinite(number) or number != int(number) or number < 0:
            raise EvaluationError(
                f"{what} is {number}, and a whole number from 0 up is due", m.span
            )
        return int(number)
    values = m.path.support(number)
    if values is None or any(v < 0 or v != math.floor(v) for v in values):
        g = m.graph
        broken = g.apply("not", g.apply("eq", number, g.apply("floor", number)))
        bad = g.apply("or", g.apply("lt", number, 0), broken)
        m.die(bad, EvaluationError(f"{what} is not a whole number from 0 up", m.span))
    return number


def longest(m: Machine, count: Operand) -> int:
    """The largest value of a count; worlds where it is past the budget are left out."""
    if not isinstance(count, Node):
        if not math.isfinite(count):
            raise EvaluationError(f"a list would have {count} elements", m.span)
        return max(0, int(count))
    values = m.path.support(count)
    if values is not None:
        return max(0, int(max(values)))
    most = m.budget.depth
    if count.range is not None and count.range[1] <= most:
        return max(0, int(count.range[1]))
    error = BudgetError(
        f"a list is longer than {most}",
        m.span,
        "its length has no bound; longer ones are left out and their mass is reported",
    )
    lose(m, m.graph.apply("lt", most, count), error)
    return most
