"""Which expressions hang on what has been drawn around them."""

from __future__ import annotations

from collections.abc import Iterator

from plot.compiler.dpmem import Restaurant
from plot.compiler.values import Closure, Environment, Memo, Primitive, Value, leaves
from plot.data import Pair
from plot.syntax import Symbol, Tree, walk


def depends_on_draws(tree: Tree, environment: Environment) -> bool:
    """Whether an expression names, or calls a function that names, a value that differs by world.

    Args:
      tree: the expression.
      environment: where it stands.
    """
    known: set[int] = set()
    waiting: list[tuple[Tree, Environment]] = [(tree, environment)]
    while waiting:
        for value in _named(*waiting.pop()):
            if id(value) in known:
                continue
            known.add(id(value))
            for part in _functions(value):
                if isinstance(part, Closure):
                    waiting += [(body, part.environment) for body in part.body]
            if any(next(leaves(part), None) is not None for part in _remembered(value)):
                return True
    return False


def _named(tree: Tree, environment: Environment) -> Iterator[Value]:
    """The values of the names in an expression, those of built-in functions left out."""
    for name in {part.name for part in walk(tree) if isinstance(part, Symbol)}:
        scope: Environment | None = environment
        while scope is not None and scope.outer is not None:
            if name in scope.names:
                yield scope.names[name]
                break
            scope = scope.outer


def _functions(value: Value) -> Iterator[Value]:
    """The functions that a value holds."""
    stack = [value]
    while stack:
        part = stack.pop()
        if isinstance(part, Pair):
            stack += [part.rest, part.first]
        elif isinstance(part, Memo):
            stack.append(part.function)
        elif isinstance(part, Primitive) and isinstance(part.run, Restaurant):
            stack.append(part.run.function)
        else:
            yield part


def _remembered(value: Value) -> Iterator[Value]:
    """A value, and what it remembers where it is a function that does."""
    yield value
    if isinstance(value, Memo):
        yield from (entry.value for entry in value.entries.values())
    elif isinstance(value, Primitive) and isinstance(value.run, Restaurant):
        yield from (v for calls in value.run.calls.values() for _, v in calls)
