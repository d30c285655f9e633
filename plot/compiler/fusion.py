"""Recursive calls inside expressions of one form, in both arms of an `if`, made once.

`(if c (append (f a) xs) (append (f b) ys))` is `(append (f (if c a b)) (if c xs ys))`; and a sum or
product with one recursive call in it waits as that call, with what is done to its result.
"""

from __future__ import annotations

from collections.abc import Callable

from plot.compiler.graph import Operand
from plot.compiler.machine import Machine
from plot.compiler.suspended import PLAIN, SCALE, SHIFT, Call, is_recursive
from plot.compiler.values import DEAD, Closure, Environment, Primitive, Value
from plot.syntax import Form, Literal, Symbol, Tree

type Evaluate = Callable[[Machine, Tree, Environment], Value]
type Bind = Callable[[Closure, list[Value]], Environment]
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
    m: Machine, tree: Form, env: Environment, evaluate: Evaluate, bind: Bind
) -> Call | None:
    """`(+ a (f x))`, `(* a (f x))` or `(- a (f x))` as a call of `f` that waits, else None."""
    if _calls_within(m, tree, env) != 1:
        return None
    return _affine(m, tree, env, evaluate, bind)


def _recursive(m: Machine, tree: Form, env: Environment) -> list[Closure]:
    """The function that a call calls, where it is a recursive one."""
    callee = value_of(tree.items[0], env)
    return [callee] if isinstance(callee, Closure) and is_recursive(m, callee) else []


def _calls_within(m: Machine, tree: Tree, env: Environment) -> int:
    """How many recursive calls there are under nothing but sums, differences and products."""
    if not isinstance(tree, Form) or not tree.items or m.shape_of(tree) is not None:
        return 0
    if _recursive(m, tree, env):
        return 1
    function = value_of(tree.items[0], env)
    if not isinstance(function, Primitive) or function.name not in ("+", "*", "-"):
        return 0
    return sum(_calls_within(m, part, env) for part in tree.items[1:])


def _affine(m: Machine, tree: Form, env: Environment, evaluate: Evaluate, bind: Bind) -> Call:
    callees = _recursive(m, tree, env)
    if callees:
        names = bind(callees[0], [evaluate(m, x, env) for x in tree.items[1:]]).names
        return Call(callees[0], names | PLAIN, True, tree.span)
    g, name = m.graph, value_of(tree.items[0], env).name  # type: ignore[union-attr]
    if name == "-" and len(tree) == 2:
        tree = Form((tree.items[0], Literal(0, tree.span), tree.items[1]), tree.span)
    inner: Call | None = None
    sign: Operand = 1
    others: list[Operand] = []
    for i, part in enumerate(tree.items[1:]):
        negated = name == "-" and i > 0
        if _calls_within(m, part, env):
            assert isinstance(part, Form)
            inner, sign = _affine(m, part, env, evaluate, bind), -1 if negated else 1
            continue
        number = m.number(evaluate(m, part, env))
        others.append(g.apply("sub", 0, number) if negated else number)
    assert inner is not None
    scale, shift = inner.affine()
    if name == "*":
        for number in others:
            scale, shift = g.apply("mul", scale, number), g.apply("mul", shift, number)
    else:
        shift = g.sum([g.apply("mul", sign, shift), *others])
        scale = g.apply("mul", sign, scale)
    return Call(inner.closure, inner.names | {SCALE: scale, SHIFT: shift}, True, inner.span)
