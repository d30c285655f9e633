"""Special forms of the staged evaluator."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plot.compiler.densities import density_condition
from plot.compiler.evaluator import (
    FORMS,
    SpecialForm,
    Tail,
    branch_tail,
    evaluate,
    rename,
    settle_tail,
    tail_body,
)
from plot.compiler.machine import Machine
from plot.compiler.relations import equal
from plot.compiler.values import Closure, Environment, Value
from plot.data import NIL, VOID, Name, from_list
from plot.errors import FormError, Unsupported
from plot.syntax import Form, Literal, Symbol, Tree


def form(*names: str) -> Callable[[SpecialForm], SpecialForm]:
    """Register a special form under its names."""

    def register(function: SpecialForm) -> SpecialForm:
        for name in names:
            FORMS[name] = function
        return function

    return register


def malformed(tree: Tree, usage: str) -> FormError:
    name = tree.head if isinstance(tree, Form) else None
    return FormError(f"`{name}` is not written like this", tree.span, f"write {usage}")


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


@form("quote")
def _quote(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) != 2:
        raise malformed(x, "(quote datum)")
    return quoted(x[1])


@form("if")
def _if(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) not in (3, 4):
        raise malformed(x, "(if condition then else)")
    condition = evaluate(m, x[1], env)
    otherwise = Tail(x[3], env) if len(x) == 4 else VOID
    return branch_tail(m, condition, Tail(x[2], env), lambda: otherwise)


@form("cond")
def _cond(m: Machine, x: Form, env: Environment) -> Value:
    def clause(i: int) -> Value:
        if i == len(x):
            return VOID
        part = x[i]
        if not isinstance(part, Form) or not part.items:
            raise malformed(x, "(cond (condition value) … (else value))")
        if isinstance(part[0], Symbol) and part[0].name == "else":
            return tail_body(m, part.items[1:], env)
        condition = evaluate(m, part[0], env)
        if len(part) == 1:
            return _or_values(m, condition, lambda: settle_tail(m, clause(i + 1)))
        then = tail_body_thunk(part.items[1:], env)
        return branch_tail(m, condition, then, lambda: clause(i + 1))

    return clause(1)


def tail_body_thunk(body: Sequence[Tree], env: Environment) -> Tail:
    """A tail that stands for several expressions in order."""
    if len(body) == 1:
        return Tail(body[0], env)
    span = body[0].span
    return Tail(Form((Symbol("begin", span), *body), span), env)


def _or_values(m: Machine, value: Value, otherwise: Callable[[], Value]) -> Value:
    return m.branch(m.truth(value), lambda: value, otherwise)


@form("case")
def _case(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) < 2:
        raise malformed(x, "(case key ((datum …) value) … (else value))")
    key = evaluate(m, x[1], env)

    def clause(i: int) -> Value:
        if i == len(x):
            return VOID
        part = x[i]
        if not isinstance(part, Form) or not part.items:
            raise malformed(x, "(case key ((datum …) value) … (else value))")
        body = part.items[1:]
        if isinstance(part[0], Symbol) and part[0].name == "else":
            return tail_body(m, body, env)
        if not isinstance(part[0], Form) or not body:
            raise malformed(x, "(case key ((datum …) value) … (else value))")
        data = part[0].items
        if part[0].head == "quote":  # '(a b) where (a b) is meant
            data = part[0][1].items if isinstance(part[0][1], Form) else (part[0][1],)
        matches = []
        for datum in data:
            if isinstance(datum, Form) and datum.head == "quote" and len(datum) == 2:
                datum = datum[1]  # ('a 'b) where (a b) is meant
            matches.append(equal(m, key, quoted(datum)))
        return branch_tail(m, m.graph.any(matches), tail_body_thunk(body, env), lambda: clause(i + 1))

    return clause(2)


@form("and")
def _and(m: Machine, x: Form, env: Environment) -> Value:
    def part(i: int) -> Value:
        if i == len(x) - 1:
            return Tail(x[i], env)
        value = evaluate(m, x[i], env)
        return m.branch(m.truth(value), lambda: settle_tail(m, part(i + 1)), lambda: False)

    return True if len(x) == 1 else part(1)


@form("or")
def _or(m: Machine, x: Form, env: Environment) -> Value:
    def part(i: int) -> Value:
        if i == len(x) - 1:
            return Tail(x[i], env)
        value = evaluate(m, x[i], env)
        return _or_values(m, value, lambda: settle_tail(m, part(i + 1)))

    return False if len(x) == 1 else part(1)


@form("begin")
def _begin(m: Machine, x: Form, env: Environment) -> Value:
    return tail_body(m, x.items[1:], env)


@form("define")
def _define(m: Machine, x: Form, env: Environment) -> Value:
    usage = "(define name value) or (define (name parameter …) body …)"
    if len(x) < 2:
        raise malformed(x, usage)
    target = x[1]
    if isinstance(target, Form):
        if not target.items or not isinstance(target[0], Symbol) or len(x) < 3:
            raise malformed(x, usage)
        name = target[0].name
        value: Value = closure(x, target.items[1:], x.items[2:], env)
    elif isinstance(target, Symbol) and len(x) == 3:
        name = target.name
        value = evaluate(m, x[2], env)
    else:
        raise malformed(x, usage)
    rename(value, name)
    _rebind(m, [name])
    env.names[name] = value
    return VOID


def _rebind(m: Machine, names: Sequence[str]) -> None:
    m.rebound.update(n for n in names if n in FORMS)


def closure(x: Tree, parameters: Sequence[Tree], body: Sequence[Tree], env: Environment) -> Closure:
    """A function value; `(a b . rest)` collects further arguments in a list."""
    names = []
    for parameter in parameters:
        if not isinstance(parameter, Symbol):
            raise FormError("a parameter is a name", parameter.span)
        names.append(parameter.name)
    rest = None
    if "." in names:
        if names.index(".") != len(names) - 2:
            raise FormError("exactly one name follows the dot of a parameter list", x.span)
        rest = names[-1]
        names = names[:-2]
    if not body:
        raise FormError("a function needs a body", x.span)
    return Closure(tuple(names), rest, tuple(body), env)


@form("lambda", "λ")
def _lambda(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) < 3:
        raise malformed(x, "(lambda (parameter …) body …)")
    if isinstance(x[1], Symbol):
        _rebind(m, [x[1].name])
        return Closure((), x[1].name, x.items[2:], env)
    if not isinstance(x[1], Form):
        raise malformed(x, "(lambda (parameter …) body …)")
    made = closure(x, x[1].items, x.items[2:], env)
    _rebind(m, made.parameters)
    return made


def bindings(x: Form, part: Tree) -> list[tuple[str, Tree]]:
    """The names and values of a `let`."""
    usage = f"({x.head} ((name value) …) body …)"
    if not isinstance(part, Form):
        raise malformed(x, usage)
    out = []
    for item in part.items:
        if not isinstance(item, Form) or len(item) != 2 or not isinstance(item[0], Symbol):
            raise FormError(f"a binding of `{x.head}` is (name value)", item.span, f"write {usage}")
        out.append((item[0].name, item[1]))
    return out


@form("let")
def _let(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) < 3:
        raise malformed(x, "(let ((name value) …) body …)")
    if isinstance(x[1], Symbol):
        return _named_let(m, x, env)
    pairs = bindings(x, x[1])
    names = {name: evaluate(m, value, env) for name, value in pairs}
    for name, value in names.items():
        rename(value, name)
    _rebind(m, list(names))
    return tail_body(m, x.items[2:], Environment(names, env))


def _named_let(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) < 4 or not isinstance(x[1], Symbol):
        raise malformed(x, "(let name ((variable value) …) body …)")
    pairs = bindings(x, x[2])
    scope = Environment({}, env)
    loop = Closure(tuple(name for name, _ in pairs), None, x.items[3:], scope)
    rename(loop, x[1].name)
    scope.names[x[1].name] = loop
    _rebind(m, [x[1].name, *loop.parameters])
    arguments = [evaluate(m, value, env) for _, value in pairs]
    return tail_body(m, loop.body, Environment(dict(zip(loop.parameters, arguments, strict=True)), scope))


@form("let*")
def _let_star(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) < 3:
        raise malformed(x, "(let* ((name value) …) body …)")
    for name, value in bindings(x, x[1]):
        made = evaluate(m, value, env)
        rename(made, name)
        _rebind(m, [name])
        env = Environment({name: made}, env)
    return tail_body(m, x.items[2:], Environment({}, env))


@form("letrec", "letrec*")
def _letrec(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) < 3:
        raise malformed(x, "(letrec ((name value) …) body …)")
    scope = Environment({}, env)
    for name, value in bindings(x, x[1]):
        made = evaluate(m, value, scope)
        rename(made, name)
        _rebind(m, [name])
        scope.names[name] = made
    return tail_body(m, x.items[2:], scope)


@form("condition")
def _condition(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) != 2:
        raise malformed(x, "(condition truth-value)")
    condition(m, x[1], env)
    return VOID


def condition(m: Machine, tree: Tree, env: Environment) -> None:
    """Keep the worlds where an expression is true; `(= (gaussian …) x)` weighs them by density."""
    if density_condition(m, tree, env):
        return
    truth = m.truth(evaluate(m, tree, env))
    outside = m.graph.apply("not", m.path.node(m.graph))
    m.effects.conditions.append(m.graph.apply("or", outside, truth))


@form("factor")
def _factor(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) != 2:
        raise malformed(x, "(factor log-weight)")
    weight = m.number(evaluate(m, x[1], env))
    m.effects.factors.append(m.graph.apply("where", m.path.node(m.graph), weight, 0))
    return VOID


@form("condition-equal")
def _condition_equal(m: Machine, x: Form, env: Environment) -> Value:
    if len(x) != 3:
        raise malformed(x, "(condition-equal expression value)")
    condition(m, Form((Symbol("=", x.span), x[1], x[2]), x.span), env)
    return VOID


@form("declare", "entities")
def _declare(m: Machine, x: Form, env: Environment) -> Value:
    raise FormError(f"`{x.head}` stands at the top level of a world model only", x.span)


@form("query", "rejection-query", "enumeration-query", "mh-query")
def _block(m: Machine, x: Form, env: Environment) -> Value:
    raise Unsupported(
        f"`{x.head}` inside an expression (a query within a query)",
        x.span,
        "it runs by the oracle, a world at a time",
    )


@form("eval")
def _eval(m: Machine, x: Form, env: Environment) -> Value:
    raise Unsupported("`eval`", x.span, "it runs by the oracle, a world at a time")

