"""Draws, and functions that remember them."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from plot.data import Procedure, key, show
from plot.errors import ParameterError, Span
from plot.oracle.distributions import MAKERS
from plot.oracle.machine import Machine
from plot.oracle.values import Routine, Wrapped, need_number


def _draw(name: str) -> Callable[..., Routine]:
    make, parameters = MAKERS[name]

    def run(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
        law = make(*arguments[:parameters])
        if len(arguments) > parameters:
            return machine.scope.observe(law, arguments[parameters])
        return machine.scope.draw(law, span)
        yield  # a routine that waits for nothing

    return run


def _mem(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    function = arguments[0]
    assert isinstance(function, Procedure)
    owner = machine.scope
    known: dict[Hashable, object] = {}

    def call(machine: Machine, values: list[object], span: Span | None) -> Routine:
        at = tuple(key(value) for value in values)
        if at not in known:
            # A first call belongs to the world that the function was made in, also where a
            # query within it asks first: the evidence of that query must not touch it.
            asking = machine.scope
            if not owner.closed:
                machine.scope = owner
            value = yield machine.call(function, values, span)
            machine.scope = asking
            known.setdefault(at, value)
        return known[at]

    return Wrapped(function.name, call)
    yield


def _dp_mem(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
    concentration, function = arguments
    assert isinstance(function, Procedure)
    weight = float(need_number(concentration, "the concentration of `DPmem`"))
    if not 0 < weight < float("inf"):
        raise ParameterError(
            f"`DPmem` got a concentration of {show(concentration)}",
            hint="it must be above 0 and finite",
        )
    owner = machine.scope
    tables: dict[Hashable, tuple[list[object], list[int]]] = {}

    def call(machine: Machine, values: list[object], span: Span | None) -> Routine:
        at = tuple(key(value) for value in values)
        asking = machine.scope
        if not owner.closed:
            machine.scope = owner
        kept, counts = tables.setdefault(at, ([], []))
        total = sum(counts) + weight
        choice = machine.scope.index([*(count / total for count in counts), weight / total])
        if choice == len(kept):
            value = yield machine.call(function, values, span)
            kept.append(value)
            counts.append(1)
        else:
            value = kept[choice]
            counts[choice] += 1
        machine.scope = asking
        return value

    return Wrapped(function.name, call)
    yield


PLAIN: dict[str, Callable[..., object]] = {}
CONTROL: dict[str, Callable[..., Routine]] = {
    **{name: _draw(name) for name in MAKERS},
    "mem": _mem,
    "DPmem": _dp_mem,
}
