"""Numbers, comparison and logic."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

from plot.data import same, show, to_list
from plot.errors import EvaluationError, Span, TypeMismatch
from plot.oracle.machine import Machine
from plot.oracle.values import Routine, Unset, brief, need_number, whole

INFINITY = float("inf")


def _add(*numbers: float) -> float:
    total = 0
    for number in numbers:
        total = total + number
    return whole(total)


def _multiply(*numbers: float) -> float:
    total = 1
    for number in numbers:
        total = whole(total * number)
    return total


def _subtract(first: float, *others: float) -> float:
    if not others:
        return whole(-first)
    for number in others:
        first = first - number
    return whole(first)


def _divide(first: float, *others: float) -> float:
    values = (1, first) if not others else (first, *others)
    result = values[0]
    for number in values[1:]:
        if number == 0:
            raise EvaluationError(f"division of {show(result)} by zero")
        result = result / number
    return result


def _modulo(left: float, right: float) -> float:
    if right == 0 or not math.isfinite(left):
        raise EvaluationError(f"`mod` of {show(left)} and {show(right)} has no value")
    return left % right


def _remainder(left: float, right: float) -> float:
    if right == 0 or not math.isfinite(left):
        raise EvaluationError(f"`remainder` of {show(left)} and {show(right)} has no value")
    if isinstance(left, int) and isinstance(right, int):
        return left - right * int(left / right)
    return math.fmod(left, right)


def _rounding(function: Callable[[float], int]) -> Callable[[float], float]:
    return lambda x: whole(function(x)) if math.isfinite(x) else x


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        raise EvaluationError("0 to a negative power has no value")
    if base < 0 and not float(exponent).is_integer():
        raise EvaluationError(f"{show(base)} to the power of {show(exponent)} is no real number")
    try:
        result = float(base) ** float(exponent)
    except OverflowError:
        odd = base < 0 and float(exponent) % 2 == 1
        return -INFINITY if odd else INFINITY
    exact = isinstance(base, int) and isinstance(exponent, int) and exponent >= 0
    return base**exponent if exact and abs(result) < 2**53 else result


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return INFINITY


def _log(x: float) -> float:
    if x < 0:
        raise EvaluationError(f"the logarithm of {show(x)} is no real number")
    return -INFINITY if x == 0 else math.log(x)


def _sqrt(x: float) -> float:
    if x < 0:
        raise EvaluationError(f"the square root of {show(x)} is no real number")
    return math.sqrt(x)


def _periodic(name: str, function: Callable[[float], float]) -> Callable[[float], float]:
    def wave(x: float) -> float:
        if math.isinf(x):
            raise EvaluationError(f"`{name}` of {show(x)} has no value")
        return function(x)

    return wave


def _arc(name: str, function: Callable[[float], float]) -> Callable[[float], float]:
    def arc(x: float) -> float:
        if abs(x) > 1:
            raise EvaluationError(f"`{name}` of {show(x)} is no real number")
        return function(x)

    return arc


def _mean(values: object) -> float:
    numbers = _numbers(values)
    if not numbers:
        raise EvaluationError("the mean of an empty list has no value")
    return _add(*numbers) / len(numbers)


def _variance(values: object) -> float:
    numbers = _numbers(values)
    if not numbers:
        raise EvaluationError("the variance of an empty list has no value")
    center = _add(*numbers) / len(numbers)
    return _add(*((x - center) ** 2 for x in numbers)) / len(numbers)


def _numbers(values: object) -> list[float]:
    return [need_number(value, "an element of the list") for value in to_list(values)]


def _least(*numbers: float) -> float:
    return math.nan if any(x != x for x in numbers) else min(numbers)


def _most(*numbers: float) -> float:
    return math.nan if any(x != x for x in numbers) else max(numbers)


def _chain(test: Callable[[float, float], bool]) -> Callable[..., bool]:
    return lambda *xs: all(test(a, b) for a, b in itertools.pairwise(xs))


def _equal_numbers(*values: object) -> bool:
    for position, value in enumerate(values):
        if not isinstance(value, int | float) or isinstance(value, bool):
            if isinstance(value, Unset):
                need_number(value, "an argument of `=`")
            raise TypeMismatch(
                f"argument {position + 1} of `=` is {brief(value)}; a number is due",
                hint="compare symbols with `eq?`, anything with `equal?`",
            )
    return all(a == b for a, b in itertools.pairwise(values))


def _whole_test(name: str, remainder: int) -> Callable[[float], bool]:
    def test(x: float) -> bool:
        if not float(x).is_integer():
            raise EvaluationError(f"`{name}` of {show(x)}; a whole number is due")
        return int(x) % 2 == remainder

    return test


def _and(*values: object) -> object:
    result: object = True
    for value in values:
        if value is False:
            return False
        result = value
    return result


def _or(*values: object) -> object:
    return next((value for value in values if value is not False), False)


def _quantifier(name: str, stop: bool, result: bool) -> Callable[..., Routine]:
    """A test over a list that ends with `result` at the first element whose truth is `stop`."""

    def run(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
        for value in to_list(arguments[-1]):
            if len(arguments) == 2:
                value = yield machine.call(arguments[0], [value], span)
            if (value is not False) == stop:
                return result
        return not result

    return run


PLAIN: dict[str, Callable[..., object]] = {
    "+": _add,
    "-": _subtract,
    "*": _multiply,
    "/": _divide,
    "mod": _modulo,
    "remainder": _remainder,
    "round": _rounding(lambda x: math.floor(x + 0.5)),
    "floor": _rounding(math.floor),
    "ceiling": _rounding(math.ceil),
    "abs": lambda x: abs(x),
    "log": _log,
    "exp": _exp,
    "expt": _power,
    "sqrt": _sqrt,
    "sin": _periodic("sin", math.sin),
    "cos": _periodic("cos", math.cos),
    "tan": _periodic("tan", math.tan),
    "asin": _arc("asin", math.asin),
    "acos": _arc("acos", math.acos),
    "atan": lambda y, x=None: math.atan(y) if x is None else math.atan2(y, x),
    "atan2": math.atan2,
    "min": _least,
    "max": _most,
    "sum": lambda values: _add(*_numbers(values)),
    "prod": lambda values: _multiply(*_numbers(values)),
    "mean": _mean,
    "variance": _variance,
    ">": _chain(lambda a, b: a > b),
    "<": _chain(lambda a, b: a < b),
    ">=": _chain(lambda a, b: a >= b),
    "<=": _chain(lambda a, b: a <= b),
    "=": _equal_numbers,
    "eq?": same,
    "equal?": same,
    "soft-equal": lambda a, b, tolerance: abs(a - b) <= tolerance,
    "and": _and,
    "or": _or,
    "not": lambda value: value is False,
    "even?": _whole_test("even?", 0),
    "odd?": _whole_test("odd?", 1),
    "zero?": lambda x: x == 0,
    "positive?": lambda x: x > 0,
    "negative?": lambda x: x < 0,
}

CONTROL: dict[str, Callable[..., Routine]] = {
    "all": _quantifier("all", stop=False, result=False),
    "some": _quantifier("some", stop=True, result=True),
    "any": _quantifier("any", stop=True, result=True),
    "none": _quantifier("none", stop=True, result=False),
}
