"""Recursive calls inside expressions of one form, in both arms of an `if`, made once.

`(if c (append (f a) xs) (append (f b) ys))` is `(append (f (if c a b)) (if c xs ys))`; and a sum or
product with one recursive call in it waits as that call, with what is done to its result.
"""

from __future__ import annotations

from collections.abc import Callable

from plot.compiler.graph import Operand
from plot.compiler.machine import Machine
from plot.compiler.suspended import SCALE, SHIFT, Call, is_recursive
from plot.compiler.values import DEAD, Closure, Environment, Primitive, Value
from plot.syntax import Form, Symbol, Tree

type Evaluate = Callable[[Machine, Tree, Environment], Value]
type Apply = Callable[[Machine, Value, list[Value]], Value]


def value_of(name: Tree, env: Environment) -> Value | None:
    """What a symbol means, or None where a tree is no symbol or means nothing."""
    scope: Environment | None = env if isinstance(name, Symbol) else None
    while scope is not None:
        if name.name in scope.names:  # type: ignore[union-attr]
            return scope.names[name.name]  # type: ignore[union-attr]
        scope = scope.outer
    return None


def recursive_calls(m: Machine, tree: Tree, env: Environment) -> set[Closure]:
    """The recursive functions that an expression calls wherever it is evaluated."""
    found: set[Closure] = set()
    trees = [tree]
    while trees:
        part = trees.pop()
        if not isinstance(part, Form) or not part.items or m.shape_of(part) is not None:
            continue
        function = value_of(part.items[0], env)
        if isinstance(function, Closure) and is_recursive(m, function):
            found.add(function)
        trees += part.items[1:]
    return found


def same_call(m: Machine, a: Tree, b: Tree, env: Environment) -> bool:
    """Whether two expressions are calls of one function with one recursive function inside both."""
    if not isinstance(a, Form) or not isinstance(b, Form) or len(a) != len(b) or len(a) < 2:
        return False
    if m.shape_of(a) is not None or m.shape_of(b) is not None:
        return False
    function = value_of(a.items[0], env)
    if function is None or value_of(b.items[0], env) is not function:
        return False
    return bool(recursive_calls(m, a, env) & recursive_calls(m, b, env))


def fuse_arms(
    m: Machine,
    condition: Operand,
    a: Form,
    b: Form,
    env: Environment,
    evaluate: Evaluate,
    apply: Apply,
) -> Value:
    """The value of two calls that `same_call` finds alike, of which each world makes one."""
    function = value_of(a.items[0], env)
    arguments: list[Value] = []
    for left, right in zip(a.items[1:], b.items[1:], strict=True):
        if same_call(m, left, right, env):
            assert isinstance(left, Form) and isinstance(right, Form)
            arguments.append(fuse_arms(m, condition, left, right, env, evaluate, apply))
            continue
        x, y = m.fork(
            condition,
            lambda left=left: evaluate(m, left, env),
            lambda right=right: evaluate(m, right, env),
        )
        arguments.append(y if x is DEAD else m.merge(condition, x, y))
    m.spend_depth(0)
    m.depth += 1
    m.span = a.span
    try:
        return apply(m, function, arguments)
    finally:
        m.depth -= 1


def affine_call(
    m: Machine,
    function: Value,
    tree: Form,
    env: Environment,
    evaluate: Evaluate,
    bind: Callable[[Closure, list[Value]], Environment],
) -> Call | None:
    """`(+ a (f x))`, `(* a (f x))` or `(- a (f x))` as a call of `f` that waits, else None."""
    if not isinstance(function, Primitive) or function.name not in ("+", "*", "-") or len(tree) < 3:
        return None
    inner: tuple[int, Closure] | None = None
    for i, part in enumerate(tree.items[1:]):
        if not isinstance(part, Form) or not part.items or m.shape_of(part) is not None:
            continue
        callee = value_of(part.items[0], env)
        if isinstance(callee, Closure) and is_recursive(m, callee):
            if inner is not None:
                return None
            inner = i, callee
    if inner is None:
        return None
    place, closure = inner
    g = m.graph
    scale: Operand = 1
    shift: Operand = 0
    names: dict[str, Value] = {}
    for i, part in enumerate(tree.items[1:]):
        if i == place:
            assert isinstance(part, Form)
            names = bind(closure, [evaluate(m, x, env) for x in part.items[1:]]).names
            if function.name == "-" and i > 0:
                scale = -1
            continue
        number = m.number(evaluate(m, part, env))
        if function.name == "*":
            scale = g.apply("mul", scale, number)
        elif function.name == "-" and i > 0:
            shift = g.apply("sub", shift, number)
        else:
            shift = g.apply("add", shift, number)
    return Call(closure, names | {SCALE: scale, SHIFT: shift}, True, tree.span)
