"""Functions of modules on lanes: one call of a JAX function over all worlds of a tile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from plot.compiler.graph import Node, Operand
from plot.compiler.machine import Machine
from plot.compiler.ops import Kind
from plot.compiler.values import Primitive, Union, Value, is_static
from plot.data import NIL, Pair, from_list
from plot.errors import TypeMismatch, Unsupported
from plot.modules import ModuleFunction, call_once, check_shape, results_of
from plot.types import Function

WORLDS = 2  # of the call from which the shapes of results are known


@dataclass(frozen=True)
class External:
    """A function of a module and how its arguments are put together from lanes.

    Args:
      function: of the module.
      arguments: for each, `"number"`, `"boolean"` or a tuple of such for a list.
    """

    function: ModuleFunction
    arguments: tuple[Any, ...]

    def __call__(self, *lanes: jax.Array) -> tuple[jax.Array, ...]:
        """Run the function on lanes `[worlds]`, truth values as 0 and 1; gives such lanes."""
        waiting = list(reversed(lanes))

        def build(shape: Any) -> Any:
            if isinstance(shape, tuple):
                return [build(part) for part in shape]
            lane = waiting.pop()
            return lane != 0 if shape == "boolean" else lane.astype(jnp.float32)

        result = self.function.run(*[build(shape) for shape in self.arguments])
        return tuple(jnp.asarray(x).astype(jnp.float32) for x in jax.tree.leaves(result))


def module_procedure(function: ModuleFunction) -> Primitive:
    """A function of a module as a procedure of programs."""
    type = function.parsed()
    assert isinstance(type, Function)
    least = len(type.parameters)
    most = None if type.rest is not None else least + len(type.optional)

    def run(m: Machine, *arguments: Value) -> Value:
        if all(is_static(a) for a in arguments):
            try:
                return call_once(function, arguments)
            except TypeMismatch as error:
                raise error.at(m.span) from None
        lanes: list[Operand] = []
        shapes = tuple(_lanes_of(m, function, a, lanes) for a in arguments)
        external = External(function, shapes)
        wanted = results_of(function, [_abstract(shape) for shape in shapes])
        return _results(m, wanted, m.graph.external(external, lanes))

    return Primitive(function.name, run, least, most)


def _lanes_of(m: Machine, function: ModuleFunction, value: Value, out: list[Operand]) -> Any:
    """Append the lanes of an argument; returns how it is put together."""
    if isinstance(value, (Pair, Union)) or value is NIL:
        items = m.static_list(value) if not _is_number(value) else None
        if items is not None:
            return tuple(_lanes_of(m, function, item, out) for item in items)
        if not _is_number(value):
            raise Unsupported(f"`{function.name}` is given a list whose length is drawn", m.span)
        value = m.number(value)
    if isinstance(value, bool) or (isinstance(value, Node) and value.kind is Kind.BOOLEAN):
        out.append(value)
        return "boolean"
    out.append(m.number(value))
    return "number"


def _is_number(value: Value) -> bool:
    from plot.compiler.values import Sort

    return isinstance(value, Union) and Sort.NUMBER in value.cases and Sort.PAIR not in value.cases


def _abstract(shape: Any) -> Any:
    if isinstance(shape, tuple):
        return [_abstract(part) for part in shape]
    return jax.ShapeDtypeStruct((WORLDS,), jnp.bool_ if shape == "boolean" else jnp.float32)


def _results(m: Machine, wanted: Any, call: Node) -> Value:
    count = 0

    def build(part: Any) -> Value:
        nonlocal count
        if isinstance(part, (list, tuple)):
            return from_list([build(x) for x in part])
        check_shape(part.shape, WORLDS, m.span)
        kind = Kind.BOOLEAN if np.issubdtype(part.dtype, np.bool_) else Kind.NUMBER
        count += 1
        return m.graph.part(call, count - 1, kind)

    return build(wanted)
