"""The built-in functions of the oracle, one for each entry of the table of signatures."""

from collections.abc import Mapping
from types import MappingProxyType

from plot.oracle.builtins import chance, higher, lists, numbers, text
from plot.oracle.values import Primitive
from plot.signatures import SIGNATURES

_ROOMS = (numbers, lists, higher, text, chance)
_PLAIN = {name: function for room in _ROOMS for name, function in room.PLAIN.items()}
_CONTROL = {
    name: function
    for room in (numbers, higher, text, chance)
    for name, function in room.CONTROL.items()
}

PRIMITIVES: Mapping[str, Primitive] = MappingProxyType(
    {
        name: Primitive(signature, _CONTROL.get(name) or _PLAIN[name], name in _CONTROL)
        for name, signature in SIGNATURES.items()
    }
)
