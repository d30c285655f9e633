"""Functions that call functions; each is a routine."""

from __future__ import annotations

from collections.abc import Callable

from plot.data import NIL, VOID, Procedure, from_list, same, spine, to_list
from plot.errors import EvaluationError, Span, TypeMismatch
from plot.oracle.machine import Machine
from plot.oracle.values import Routine, Tail, Wrapped, brief, need_number, need_whole


def _columns(lists: list[object]) -> list[tuple[object, ...]]:
    return list(zip(*(to_list(one) for one in lists), strict=False))


def _map(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    results = []
    for column in _columns(arguments[1:]):
        results.append((yield machine.call(arguments[0], list(column), span)))
    return from_list(results)


def _for_each(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    for column in _columns(arguments[1:]):
        yield machine.call(arguments[0], list(column), span)
    return VOID


def _fold(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    function, gathered = arguments[:2]
    for column in _columns(arguments[2:]):
        gathered = yield machine.call(function, [*column, gathered], span)
    return gathered


def _fold_right(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    function, gathered = arguments[:2]
    for column in reversed(_columns(arguments[2:])):
        gathered = yield machine.call(function, [*column, gathered], span)
    return gathered


def _filter(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    return from_list((yield from _split(machine, arguments, span))[0])


def _partition(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    passed, failed = yield from _split(machine, arguments, span)
    return from_list([from_list(passed), from_list(failed)])


def _count(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    return len((yield from _split(machine, arguments, span))[0])


def _split(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    passed: list[object] = []
    failed: list[object] = []
    for value in to_list(arguments[1]):
        result = yield machine.call(arguments[0], [value], span)
        (failed if result is False else passed).append(value)
    return passed, failed


def _apply(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    try:
        last = to_list(arguments[-1])
    except ValueError:
        raise TypeMismatch(
            f"the last argument of `apply` is {brief(arguments[-1])}; a list is due"
        ) from None
    return Tail(arguments[0], [*arguments[1:-1], *last])
    yield  # a routine that waits for nothing


def _compose(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    functions = list(arguments)

    def call(machine: Machine, values: list[object], span: Span | None) -> Routine:
        if not functions:
            return Tail(machine.primitives["identity"], values)
        for function in reversed(functions[1:]):
            values = [(yield machine.call(function, values, span))]
        return Tail(functions[0], values)

    return Wrapped("", call)
    yield


def _curry(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    function, given = arguments[0], arguments[1:]

    def second(machine: Machine, values: list[object], span: Span | None) -> Routine:
        return Tail(function, [*given, *values])
        yield

    def first(machine: Machine, values: list[object], span: Span | None) -> Routine:
        return Wrapped("", lambda machine, more, span: _tail(function, [*values, *more]))
        yield

    return Wrapped("", second if given else first)
    yield


def _tail(function: object, values: list[object]) -> Routine:
    return Tail(function, values)
    yield


def _best(name: str, sign: int) -> Callable[..., Routine]:
    def run(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
        items = to_list(arguments[1])
        if not items:
            raise EvaluationError(f"`{name}` of an empty list has no value")
        scores = []
        for item in items:
            score = yield machine.call(arguments[0], [item], span)
            scores.append(sign * need_number(score, f"a value that `{name}` compares"))
        return items[scores.index(max(scores))]

    return run


def _position(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    first, second = arguments
    items, end = spine(second if isinstance(first, Procedure) else first)
    if end is not NIL:
        what = second if isinstance(first, Procedure) else first
        raise TypeMismatch(f"`position` looks in {brief(what)}; a list is due")
    for i, value in enumerate(items):
        if isinstance(first, Procedure):
            holds = yield machine.call(first, [value], span)
        else:
            holds = same(value, second)
        if holds is not False:
            return i
    return -1


def _repeat(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    count = need_whole(arguments[0], "the count of `repeat`")
    if not 0 <= count <= machine.budget.steps:
        raise EvaluationError(
            f"the count of `repeat` is {count}; 0 to {machine.budget.steps} is due"
        )
    results = []
    for _ in range(count):
        results.append((yield machine.call(arguments[1], [], span)))
    return from_list(results)


def _sample(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    return Tail(arguments[0], [])
    yield


def _sort(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    less = arguments[1] if len(arguments) == 2 else machine.primitives["<"]
    runs = [[item] for item in to_list(arguments[0])]
    while len(runs) > 1:  # merge neighbours: stable, and n log n calls
        merged = []
        for i in range(0, len(runs) - 1, 2):
            merged.append((yield from _merge(machine, less, runs[i], runs[i + 1], span)))
        runs = merged + (runs[-1:] if len(runs) % 2 else [])
    return from_list(runs[0] if runs else [])


def _merge(
    machine: Machine, less: object, left: list[object], right: list[object], span: Span | None
) -> Routine:
    found: list[object] = []
    i = j = 0
    while i < len(left) and j < len(right):
        swapped = yield machine.call(less, [right[j], left[i]], span)
        if swapped is not False:
            found.append(right[j])
            j += 1
        else:
            found.append(left[i])
            i += 1
    return found + left[i:] + right[j:]


CONTROL: dict[str, Callable[..., Routine]] = {
    "map": _map,
    "for-each": _for_each,
    "fold": _fold,
    "foldr": _fold_right,
    "filter": _filter,
    "partition": _partition,
    "position": _position,
    "count": _count,
    "apply": _apply,
    "compose": _compose,
    "curry": _curry,
    "argmax": _best("argmax", 1),
    "argmin": _best("argmin", -1),
    "repeat": _repeat,
    "sample": _sample,
    "sort": _sort,
}
PLAIN: dict[str, Callable[..., object]] = {"identity": lambda value: value}
