"""The built-in functions of the oracle, one for each entry of the table of signatures."""

from collections.abc import Mapping
from types import MappingProxyType

from plot.errors import Span
from plot.oracle.builtins import chance, higher, lists, numbers, text
from plot.oracle.machine import Machine
from plot.oracle.values import Closure, Env, Primitive, Routine
from plot.shapes import Lambda, shape
from plot.signatures import SIGNATURES, Signature

_ROOMS = (numbers, lists, higher, text, chance)
_PLAIN = {name: function for room in _ROOMS for name, function in room.PLAIN.items()}
_CONTROL = {
    name: function
    for room in (numbers, higher, text, chance)
    for name, function in room.CONTROL.items()
}


def _written(signature: Signature) -> Primitive:
    """A function that is written in the language."""
    assert signature.definition is not None, f"{signature.name} has no meaning in the oracle"
    form = shape(signature.definition)
    assert isinstance(form, Lambda)
    closure = Closure(form, Env({}, None), signature.name)

    def run(machine: Machine, arguments: list[object], span: Span | None) -> Routine:
        return (yield from machine.call(closure, arguments, span))

    return Primitive(signature, run, True)


def _primitive(name: str, signature: Signature) -> Primitive:
    function = _CONTROL.get(name) or _PLAIN.get(name)
    if function is None:
        return _written(signature)
    return Primitive(signature, function, name in _CONTROL)


PRIMITIVES: Mapping[str, Primitive] = MappingProxyType(
    {name: _primitive(name, signature) for name, signature in SIGNATURES.items()}
)
