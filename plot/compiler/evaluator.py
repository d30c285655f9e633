"""The staged evaluator: runs a program once; what is drawn becomes lanes of the graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from plot.compiler.machine import AllDead, Machine
from plot.compiler.memo import call_memo
from plot.compiler.paths import Decision
from plot.compiler.values import (
    AtomLane,
    Closure,
    Environment,
    Memo,
    Primitive,
    Union,
    Value,
    describe,
)
from plot.data import NIL, VOID, Procedure, from_list
from plot.errors import ArityError, BudgetError, PlotError, TypeMismatch, UnboundError
from plot.syntax import Form, Literal, Symbol, Tree


class Tail:
    """An expression in tail position: the evaluator goes on with it instead of recurring."""

    __slots__ = ("environment", "tree")

    def __init__(self, tree: Tree, environment: Environment):
        self.tree, self.environment = tree, environment


type Handler = Callable[[Machine, Any, Form, Environment], Value]

HANDLERS: dict[type, Handler] = {}


def evaluate(m: Machine, tree: Tree, environment: Environment) -> Value:
    """The value of an expression in every world on the machine's path.

    Raises:
      PlotError: located at the innermost call that has no value.
      AllDead: where every world on the path has died.
    """
    try:
        while True:
            m.steps += 1
            if m.steps > m.budget.steps:
                raise BudgetError(
                    f"the program takes more than {m.budget.steps:,} evaluation steps to unfold",
                    hint="bound its recursion, or raise the budget of steps",
                )
            if isinstance(tree, Literal):
                return tree.value
            if isinstance(tree, Symbol):
                return lookup(tree.name, environment)
            if not tree.items:
                return NIL
            shape = m.shape_of(tree)
            if shape is not None:
                value = HANDLERS[type(shape)](m, shape, tree, environment)
                if isinstance(value, Tail):
                    tree, environment = value.tree, value.environment
                    continue
                return value
            function = evaluate(m, tree.items[0], environment)
            arguments = [evaluate(m, argument, environment) for argument in tree.items[1:]]
            m.span = tree.span
            if isinstance(function, Closure):
                environment = bind(function, arguments)
                for statement in function.body[:-1]:
                    evaluate(m, statement, environment)
                tree = function.body[-1]
                continue
            return apply(m, function, arguments)
    except PlotError as error:
        error.at(tree.span)
        raise


def apply(m: Machine, function: Value, arguments: Sequence[Value]) -> Value:
    """The result of a call.

    Raises:
      TypeMismatch: where the first value is no function.
      ArityError: too few or too many arguments.
    """
    if isinstance(function, Primitive):
        count = len(arguments)
        if count < function.least or (function.most is not None and count > function.most):
            raise ArityError(_counts(function.name, function.least, function.most, count), m.span)
        return function.run(m, *arguments)
    if isinstance(function, Closure):
        return evaluate_body(m, function.body, bind(function, arguments))
    if isinstance(function, Memo):
        return call_memo(m, function, arguments, lambda args: apply(m, function.function, args))
    if isinstance(function, (AtomLane, Union)):
        return _apply_drawn(m, function, arguments)
    raise TypeMismatch(
        f"{describe(function)} is not a function", m.span, "the first place of a call needs one"
    )


def _apply_drawn(m: Machine, function: AtomLane | Union, arguments: Sequence[Value]) -> Value:
    settled = m.settle(function)
    if settled is None:
        raise TypeMismatch(f"{describe(function)} is not a function", m.span)

    def choose(i: int) -> Value:
        guard, candidate = settled[i]
        if i == len(settled) - 1:
            return apply(m, candidate, arguments)
        return m.branch(guard, lambda: apply(m, candidate, arguments), lambda: choose(i + 1))

    return choose(0)


def bind(closure: Closure, arguments: Sequence[Value]) -> Environment:
    """The scope of a closure's body."""
    least = len(closure.parameters)
    if len(arguments) < least or (closure.rest is None and len(arguments) > least):
        most = None if closure.rest is not None else least
        raise ArityError(_counts(closure.name, least, most, len(arguments)))
    names: dict[str, Value] = dict(zip(closure.parameters, arguments, strict=False))
    if closure.rest is not None:
        names[closure.rest] = from_list(arguments[least:])
    return Environment(names, closure.environment)


def _counts(name: str, least: int, most: int | None, count: int) -> str:
    wants = (
        str(least)
        if most == least
        else f"at least {least}"
        if most is None
        else f"{least} to {most}"
    )
    plural = "" if wants == "1" else "s"
    return f"`{name or 'this function'}` takes {wants} argument{plural} and got {count}"


def evaluate_body(m: Machine, body: Sequence[Tree], environment: Environment) -> Value:
    """The value of the last of some expressions, evaluated in order."""
    value: Value = VOID
    for tree in body:
        value = evaluate(m, tree, environment)
    return value


def tail_body(m: Machine, body: Sequence[Tree], environment: Environment) -> Value:
    """As `evaluate_body`, with the last expression in tail position."""
    for tree in body[:-1]:
        evaluate(m, tree, environment)
    return Tail(body[-1], environment) if body else VOID


def lookup(name: str, environment: Environment) -> Value:
    """The value of a name; `list_ref` finds `list-ref` where nothing is called `list_ref`.

    Raises:
      UnboundError: where the name means nothing.
    """
    spellings = (name, name.replace("_", "-")) if "_" in name else (name,)
    for spelling in spellings:
        scope: Environment | None = environment
        while scope is not None:
            if spelling in scope.names:
                return scope.names[spelling]
            scope = scope.outer
    raise UnboundError(f"`{name}` means nothing here", hint="define it, or check its spelling")


def rename(value: Value, name: str) -> None:
    """Give a function without a name the one that it is defined as."""
    if isinstance(value, Procedure) and not value.name:
        value.name = name
        if (
            isinstance(value, Memo)
            and isinstance(value.function, Procedure)
            and not value.function.name
        ):
            value.function.name = name


def branch_tail(
    m: Machine, condition: Value, then: Tail | None, otherwise: Callable[[], Value]
) -> Value:
    """`if`: a tail where the path decides it, a merge of both arms where worlds differ.

    Args:
      then: the first arm, or None for one without an expression.
      otherwise: makes the second arm; may itself return a `Tail`.
    """
    truth = m.truth(condition)
    decision = m.path.decide(truth)
    if decision is Decision.TRUE:
        return then if then is not None else VOID
    if decision is Decision.FALSE:
        return otherwise()
    if decision is Decision.DEAD:
        raise AllDead
    return m.branch(truth, lambda: settle_tail(m, then), lambda: settle_tail(m, otherwise()))


def settle_tail(m: Machine, value: Value) -> Value:
    """Evaluate what was left in tail position."""
    if isinstance(value, Tail):
        return evaluate(m, value.tree, value.environment)
    return VOID if value is None else value


@contextmanager
def deep_recursion(limit: int) -> Iterator[None]:
    """Let the evaluator recur this deep (it uses a few Python frames a call)."""
    kept = sys.getrecursionlimit()
    sys.setrecursionlimit(max(kept, limit))
    try:
        yield
    except RecursionError:
        raise BudgetError(
            f"calls are nested more than {limit // 6:,} deep",
            hint="make the recursion end sooner, or write it with fold or a loop in tail position",
        ) from None
    finally:
        sys.setrecursionlimit(kept)
