"""Special forms of the staged evaluator, one handler for each shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plot.compiler.evaluator import (
    HANDLERS,
    Handler,
    Tail,
    apply,
    branch_tail,
    evaluate,
    rename,
    tail_body,
)
from plot.compiler.fusion import fuse_arms, same_call, value_of
from plot.compiler.machine import Machine
from plot.compiler.observations import clamp_condition, density_condition
from plot.compiler.paths import Decision
from plot.compiler.queries import nested
from plot.compiler.relations import equal
from plot.compiler.values import Closure, Environment, Value
from plot.data import NIL, VOID, Name, from_list
from plot.errors import FormError
from plot.shapes import (
    Block,
    Case,
    Cond,
    Declare,
    Define,
    EntityList,
    Evidence,
    If,
    Import,
    Lambda,
    Let,
    Quote,
)
from plot.shapes import Sequence as Several
from plot.syntax import Form, Literal, Symbol, Tree


def handles(shape: type) -> Callable[[Handler], Handler]:
    """Register the handler of a shape."""

    def register(handler: Handler) -> Handler:
        HANDLERS[shape] = handler
        return handler

    return register


def quoted(tree: Tree) -> Value:
    """The data that a tree stands for under a quote."""
    if isinstance(tree, Literal):
        return tree.value
    if isinstance(tree, Symbol):
        return Name(tree.name)
    items = list(tree.items)
    tail: Value = NIL
    if len(items) >= 3 and isinstance(items[-2], Symbol) and items[-2].name == ".":
        tail = quoted(items[-1])
        items = items[:-2]
    return from_list([quoted(item) for item in items], tail)


@handles(Quote)
def _quote(m: Machine, x: Quote, tree: Form, env: Environment) -> Value:
    return quoted(x.datum)


@handles(If)
def _if(m: Machine, x: If, tree: Form, env: Environment) -> Value:
    condition = m.truth(evaluate(m, x.test, env))
    if m.passes.fusion and x.otherwise is not None and m.path.decide(condition) is Decision.OPEN:
        direct = (
            value_of(x.then.items[0], env) if isinstance(x.then, Form) and x.then.items else None
        )
        if not isinstance(direct, Closure) and same_call(m, x.then, x.otherwise, env):
            return fuse_arms(m, condition, x.then, x.otherwise, env, evaluate, apply)  # type: ignore[arg-type]
    otherwise = VOID if x.otherwise is None else Tail(x.otherwise, env)
    return branch_tail(m, condition, lambda: Tail(x.then, env), lambda: otherwise)


def _body(body: Sequence[Tree], env: Environment) -> Tail:
    """A tail that stands for several expressions in order."""
    if len(body) == 1:
        return Tail(body[0], env)
    span = body[0].span
    return Tail(Form((Symbol("begin", span), *body), span), env)


def _first_true(m: Machine, value: Value, otherwise: Callable[[], Value | Tail]) -> Value | Tail:
    return branch_tail(m, m.truth(value), lambda: value, otherwise)


@handles(Cond)
def _cond(m: Machine, x: Cond, tree: Form, env: Environment) -> Value:
    def clause(i: int) -> Value:
        if i == len(x.clauses):
            return VOID
        test, body = x.clauses[i]
        if test is None:
            return tail_body(m, body, env)
        value = evaluate(m, test, env)
        if not body:
            return _first_true(m, value, lambda: clause(i + 1))
        return branch_tail(m, m.truth(value), lambda: _body(body, env), lambda: clause(i + 1))

    return clause(0)


@handles(Case)
def _case(m: Machine, x: Case, tree: Form, env: Environment) -> Value:
    key = evaluate(m, x.key, env)

    def clause(i: int) -> Value:
        if i == len(x.clauses):
            return VOID
        data, body = x.clauses[i]
        if data is None:
            return tail_body(m, body, env)
        matches = m.graph.any([equal(m, key, quoted(datum)) for datum in data])
        return branch_tail(m, matches, lambda: _body(body, env), lambda: clause(i + 1))

    return clause(0)


@handles(Several)
def _several(m: Machine, x: Several, tree: Form, env: Environment) -> Value:
    if x.kind == "begin":
        return tail_body(m, x.items, env)
    if not x.items:
        return x.kind == "and"

    def part(i: int) -> Value:
        if i == len(x.items) - 1:
            return Tail(x.items[i], env)
        value = evaluate(m, x.items[i], env)
        if x.kind == "or":
            return _first_true(m, value, lambda: part(i + 1))
        return branch_tail(m, m.truth(value), lambda: part(i + 1), lambda: False)

    return part(0)


@handles(Define)
def _define(m: Machine, x: Define, tree: Form, env: Environment) -> Value:
    value = closure(x.value, env) if isinstance(x.value, Lambda) else evaluate(m, x.value, env)
    rename(value, x.name)
    m.redefined += x.name in env.names
    env.names[x.name] = value
    return VOID


def closure(x: Lambda, env: Environment) -> Closure:
    """A function value."""
    return Closure(x.parameters, x.rest, x.body, env)


@handles(Lambda)
def _lambda(m: Machine, x: Lambda, tree: Form, env: Environment) -> Value:
    return closure(x, env)


@handles(Let)
def _let(m: Machine, x: Let, tree: Form, env: Environment) -> Value:
    if x.loop is not None:
        scope = Environment({}, env)
        loop = Closure(x.names, None, x.body, scope)
        rename(loop, x.loop)
        scope.names[x.loop] = loop
        values = [evaluate(m, value, env) for value in x.values]
        return tail_body(m, x.body, Environment(dict(zip(x.names, values, strict=True)), scope))
    if x.kind == "let":
        values = [evaluate(m, value, env) for value in x.values]
        scope = Environment(dict(zip(x.names, values, strict=True)), env)
        for name, value in scope.names.items():
            rename(value, name)
        return tail_body(m, x.body, scope)
    scope = Environment({}, env)
    for name, tree_of_value in zip(x.names, x.values, strict=True):
        value = evaluate(m, tree_of_value, scope)
        rename(value, name)
        if x.kind == "let*":
            scope = Environment({name: value}, scope)
        else:
            scope.names[name] = value
    return tail_body(m, x.body, Environment({}, scope))


@handles(Evidence)
def _evidence(m: Machine, x: Evidence, tree: Form, env: Environment) -> Value:
    if x.kind == "factor":
        m.weigh(m.number(evaluate(m, x.items[0], env)))
    elif x.kind == "condition":
        condition(m, x.items[0], env)
    else:
        condition(m, Form((Symbol("equal?", tree.span), *x.items), tree.span), env)
    return VOID


def condition(m: Machine, tree: Tree, env: Environment) -> None:
    """Keep the worlds where an expression is true; `(= (gaussian …) x)` weighs them by density."""
    if isinstance(tree, Form) and tree.head == "and" and len(tree) > 1:
        for part in tree.items[1:]:
            condition(m, part, env)
        return
    if density_condition(m, tree, env) or clamp_condition(m, tree, env):
        return
    m.require(m.truth(evaluate(m, tree, env)))


@handles(Declare)
@handles(EntityList)
@handles(Import)
def _declare(m: Machine, x: Declare | EntityList | Import, tree: Form, env: Environment) -> Value:
    raise FormError(f"`{tree.head}` stands at the top level of a world model only", tree.span)


@handles(Block)
def _block(m: Machine, x: Block, tree: Form, env: Environment) -> Value:
    return nested(m, x, tree, env)
