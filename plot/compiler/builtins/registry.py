"""Where built-in functions register what they do on lanes; their types are in `plot.signatures`."""

from __future__ import annotations

from collections.abc import Callable

from plot.compiler.values import Environment, Primitive, Value
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
    return frozenset(_RUN)


def global_environment() -> Environment:
    """A new scope that holds every built-in function under each of its names."""
    names: dict[str, Value] = {}
    for name, run in _RUN.items():
        signature = SIGNATURES[name]
        least = min(len(t.parameters) for t in signature.types)
        tops = [t.most for t in signature.types]
        most = None if any(t is None for t in tops) else max(t for t in tops if t is not None)
        primitive = Primitive(name, run, least, most)
        for spelling in (name, *signature.aliases):
            names[spelling] = primitive
    return Environment(names, None)
