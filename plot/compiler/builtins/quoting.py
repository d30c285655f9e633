"""`eval`: quoted programs as values, and the scopes that they see."""

from __future__ import annotations

from functools import partial

from plot.compiler.builtins.cases import by_cases
from plot.compiler.evaluator import evaluate
from plot.compiler.graph import Node
from plot.compiler.machine import Machine
from plot.compiler.values import Environment, Primitive, Union, Value, describe
from plot.data import NIL, Name, Pair, from_list, spine
from plot.errors import EvaluationError, Span, TypeMismatch
from plot.syntax import Form, Literal, Symbol, Tree

DEEPEST = 500  # nesting of a quoted program


def top_scope(outer: Environment) -> Environment:
    """A new scope of definitions; what is written in it sees them also from a quoted program."""
    scope = Environment({}, outer)
    scope.names["eval"] = Primitive("eval", partial(run_quoted, scope), 1, 2)
    return scope


class _Hole:
    """A drawn number or truth value inside a quoted program."""

    __slots__ = ("node",)

    def __init__(self, node: Node):
        self.node = node


def run_quoted(scope: Environment, m: Machine, program: Value, _: Value = None) -> Value:
    """The value of a quoted program; one that is drawn is split into the programs that it can be.

    Raises:
      TypeMismatch: where the value is no program.
    """
    span = m.span
    return by_cases(m, [_with_holes(program)], lambda x: evaluate(m, _tree(x, span, 0), scope))


def _with_holes(x: Value) -> Value:
    """A value whose drawn numbers and truth values count as one static thing each."""
    if isinstance(x, Node):
        return _Hole(x)
    if isinstance(x, Union):
        return Union({sort: (guard, _with_holes(case)) for sort, (guard, case) in x.cases.items()})
    if isinstance(x, Pair):
        items, end = spine(x)
        return from_list([_with_holes(item) for item in items], _with_holes(end))
    return x


def _tree(x: Value, span: Span | None, depth: int) -> Tree:
    if depth > DEEPEST:
        raise EvaluationError(f"`eval` of a program nested more than {DEEPEST} deep", span)
    if isinstance(x, Name):
        return Symbol(x.text, span)
    if isinstance(x, _Hole):
        return Literal(x.node, span)  # type: ignore[arg-type]
    if isinstance(x, (bool, int, float, str)):
        return Literal(x, span)
    items, end = spine(x)
    if isinstance(end, Name):
        items += [Name("."), end]
    elif end is not NIL:
        raise TypeMismatch(f"`eval` got {describe(end)}; a quoted program is due", span)
    return Form(tuple(_tree(item, span, depth + 1) for item in items), span)
