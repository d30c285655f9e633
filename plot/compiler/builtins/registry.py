"""Where built-in functions register what they do on lanes; their types are in `plot.signatures`."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from plot.compiler.evaluator import bind, evaluate_body
from plot.compiler.machine import Machine
from plot.compiler.values import Closure, Environment, Primitive, Value
from plot.shapes import Lambda, shape
from plot.signatures import SIGNATURES

_RUN: dict[str, Callable[..., Value]] = {}


def builtin[F: Callable[..., Value]](*names: str) -> Callable[[F], F]:
    """Register `run(machine, *arguments)` under canonical names of `plot.signatures`."""

    def register(run: F) -> F:
        for name in names:
            _RUN[name] = run
        return run

    return register


def implemented() -> frozenset[str]:
    """The names that have a meaning on lanes."""
    return frozenset(_RUN) | {s.name for s in SIGNATURES.values() if s.definition is not None}


def global_environment() -> Environment:
    """A new scope that holds every built-in function under each of its names."""
    names: dict[str, Value] = {}
    environment = Environment(names, None)
    for name, signature in SIGNATURES.items():
        if name in _RUN:
            run = _RUN[name]
        elif signature.definition is not None:
            run = _written(name, environment)
        else:
            continue  # `eval` belongs to the scope of a program
        least = min(len(t.parameters) for t in signature.types)
        tops = [t.most for t in signature.types]
        most = None if any(t is None for t in tops) else max(t for t in tops if t is not None)
        primitive = Primitive(name, run, least, most)
        for spelling in (name, *signature.aliases):
            names[spelling] = primitive
    return environment


@cache
def _form(name: str) -> Lambda:
    definition = SIGNATURES[name].definition
    assert definition is not None
    form = shape(definition)
    assert isinstance(form, Lambda)
    return form


def _written(name: str, environment: Environment) -> Callable[..., Value]:
    """What a function does that is written in the language."""
    form = _form(name)
    closure = Closure(form.parameters, form.rest, form.body, environment)
    closure.name = name

    def run(m: Machine, *arguments: Value) -> Value:
        return evaluate_body(m, closure.body, bind(closure, arguments))

    return run
