"""The staged evaluator: runs a program once; what is drawn becomes lanes of the graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from plot.compiler.budget import too_deep
from plot.compiler.fusion import affine_call
from plot.compiler.graph import Operand
from plot.compiler.machine import AllDead, Machine
from plot.compiler.memo import call_memo
from plot.compiler.paths import Decision
from plot.compiler.rolling import roll
from plot.compiler.suspended import Call, Suspended, is_recursive, join_call, merge_suspended
from plot.compiler.values import (
    DEAD,
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
from plot.errors import PlotError, TypeMismatch, UnboundError
from plot.signatures import canonical
from plot.signatures.messages import arity_error
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
    value = run_tail(m, tree, environment, False)
    return resolve(m, value) if isinstance(value, Suspended) else value


def _operand(m: Machine, tree: Tree, environment: Environment) -> Value:
    """The value of a part of a call; names and constants, which most of them are, at once."""
    if isinstance(tree, Symbol):
        try:
            return lookup(tree.name, environment)
        except UnboundError as error:
            raise error.at(tree.span) from None
    if isinstance(tree, Literal):
        return tree.value
    return evaluate(m, tree, environment)


def run_tail(m: Machine, tree: Tree, environment: Environment, suspend: bool) -> Value | Suspended:
    """As `evaluate`, where calls of recursive functions in tail position may be left to make.

    Args:
      suspend: whether to stop before such a call even where all worlds make it.
    """
    rounds = 0
    nodes = len(m.graph.nodes)
    try:
        while True:
            m.spend(1)
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
            function = _operand(m, tree.items[0], environment)
            if suspend and m.passes.fusion and isinstance(function, Primitive):
                call = affine_call(m, tree, environment, evaluate, bind)
                if call is not None:
                    return Suspended(DEAD, False, (call,))
            arguments = [_operand(m, argument, environment) for argument in tree.items[1:]]
            m.span = tree.span or m.span
            if isinstance(function, Closure):
                environment = bind(function, arguments)
                if suspend and is_recursive(m, function):
                    call = Call(function, environment.names, True, tree.span)
                    return Suspended(DEAD, False, (call,))
                rounds += 1
                if rounds >= ROLL_STATIC and len(m.graph.nodes) - nodes > WORK_STATIC * rounds:
                    call = Call(function, environment.names, True, tree.span)
                    value = _rolled(m, call) if is_recursive(m, function) else None
                    if value is not None:
                        return value
                for statement in function.body[:-1]:
                    evaluate(m, statement, environment)
                tree = function.body[-1]
                continue
            return apply(m, function, arguments)
    except PlotError as error:
        error.at(tree.span)
        raise


def run_call(m: Machine, call: Call) -> Value | Suspended:
    """Make a call, up to the calls that it ends in."""
    environment = call.environment()
    for statement in call.closure.body[:-1]:
        evaluate(m, statement, environment)
    return run_tail(m, call.closure.body[-1], environment, True)


ROLL_DRAWN = 24  # rounds of a recursion that a draw decides, before a loop is tried
ROLL_STATIC = 64  # rounds of another
WORK_STATIC = 4  # lane operations that each of these makes, at the least


def resolve(m: Machine, suspended: Suspended, keep: Closure | None = None) -> Value | Suspended:
    """Make the calls that are waiting, round after round, until none is left.

    Args:
      keep: a function whose calls are left to make.

    Raises:
      AllDead: where no world has a value.
    """
    value, calls = suspended.value, list(suspended.calls)
    kept: list[Call] = []
    guards: dict[Operand, None] = {}
    rounds = 0
    while calls:
        call = calls.pop(0)
        decision = m.path.decide(call.guard)
        if decision is Decision.FALSE or decision is Decision.DEAD:
            continue
        if call.closure is keep:
            kept = join_call(m, kept, call)
            continue
        rounds += 1
        guards[call.guard] = None
        due = len(guards) >= ROLL_DRAWN or rounds >= ROLL_STATIC
        if due and not calls and keep is not call.closure:
            rolled = _rolled(m, call)
            if rolled is not None:
                value = m.merge(call.guard, rolled, value)
                continue
        outcome = m.under(call.guard, True, lambda c=call, n=len(guards): _round(m, c, n))
        if isinstance(outcome, Suspended):
            if outcome.value is not DEAD:
                here = m.graph.apply("and", call.guard, outcome.settled)
                value = m.merge(here, call.result(m, outcome.value), value)
            for inner in outcome.calls:
                calls = join_call(m, calls, call.then(m, inner))
        elif outcome is not DEAD:
            value = m.merge(call.guard, call.result(m, outcome), value)
    if kept:
        left = m.graph.any([c.guard for c in kept])
        return Suspended(value, m.graph.apply("not", left), tuple(kept))
    if value is DEAD:
        raise AllDead
    return value


def _rolled(m: Machine, call: Call) -> Value | None:
    """The value of a call by a loop of the back end, None where it is tried in vain."""
    if not m.passes.loops or m.chooser is not None or call.closure in m.not_loops:
        return None

    def step(again: Call) -> Value | Suspended:
        outcome = run_call(m, again)
        if not isinstance(outcome, Suspended):
            return outcome
        done = Suspended(
            again.result(m, outcome.value),
            outcome.settled,
            tuple(again.then(m, inner) for inner in outcome.calls),
        )
        return resolve(m, done, call.closure)

    value = roll(m, call, step)
    if value is None:
        m.not_loops.add(call.closure)
    return value


def _round(m: Machine, call: Call, rounds: int) -> Value | Suspended:
    if m.path.literals:
        m.spend_depth(rounds)
    return run_call(m, call)


def apply(m: Machine, function: Value, arguments: Sequence[Value]) -> Value:
    """The result of a call.

    Raises:
      TypeMismatch: where the first value is no function.
      ArityError: too few or too many arguments.
    """
    if isinstance(function, Primitive):
        count = len(arguments)
        if count < function.least or (function.most is not None and count > function.most):
            raise arity_error(function.name, function.least, function.most, count).at(m.span)
        m.spend(1)  # functions made of functions call many times what is written once
        m.calling = function.name
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
        raise arity_error(closure.name, least, most, len(arguments))
    names: dict[str, Value] = dict(zip(closure.parameters, arguments, strict=False))
    if closure.rest is not None:
        names[closure.rest] = from_list(arguments[least:])
    return Environment(names, closure.environment)


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
    spellings = (name, name.replace("_", "-"), canonical(name)) if "_" in name else (name,)
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
    m: Machine,
    truth: Operand,
    then: Callable[[], Value | Tail],
    otherwise: Callable[[], Value | Tail],
) -> Value | Tail | Suspended:
    """`if`: a tail where the path decides it, a merge of both arms where worlds differ.

    Args:
      then, otherwise: make the arms.
    """
    decision = m.path.decide(truth)
    if decision is Decision.TRUE:
        return then()
    if decision is Decision.FALSE:
        return otherwise()
    if decision is Decision.DEAD:
        raise AllDead
    a, b = m.fork(truth, lambda: _arm(m, then()), lambda: _arm(m, otherwise()))
    return merge_suspended(m, truth, a, b)


def _arm(m: Machine, value: Value | Tail) -> Value | Suspended:
    if isinstance(value, Tail):
        return run_tail(m, value.tree, value.environment, m.passes.fusion)
    return value


@contextmanager
def deep_recursion(limit: int) -> Iterator[None]:
    """Let the evaluator recur this deep (it uses a few Python frames a call)."""
    kept = sys.getrecursionlimit()
    sys.setrecursionlimit(max(kept, limit))
    try:
        yield
    except RecursionError:
        raise too_deep(everywhere=True) from None
    finally:
        sys.setrecursionlimit(kept)
