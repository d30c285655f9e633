"""The special forms of the interpreter."""

from __future__ import annotations

from collections.abc import Callable

from plot.data import VOID, Name, Procedure, from_list, is_number, same
from plot.errors import ParameterError, PlotError, Span
from plot.modules import ModuleFunction, call_once, module_of
from plot.oracle.machine import UNASSIGNED, Continue, Machine
from plot.oracle.values import (
    Clamp,
    Closure,
    Drawn,
    Env,
    Rejected,
    Routine,
    Unset,
    Wrapped,
    need_number,
)
from plot.shapes import (
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
    Sequence,
)
from plot.signatures import canonical
from plot.syntax import Form, Literal, Symbol, Tree

_EQUALITIES = ("=", "equal?", "eq?")


def datum(tree: Tree) -> object:
    """The value of quoted data.

    >>> from plot.data import show
    >>> from plot.reader import read_one
    >>> show(datum(read_one("(a (1 . b) [])")))
    '(a (1 . b) ())'
    """
    # Post-order over an explicit stack: `None` marks where a form is put together.
    done: list[object] = []
    stack: list[tuple[Tree, bool]] = [(tree, False)]
    while stack:
        node, ready = stack.pop()
        if isinstance(node, Symbol):
            done.append(Name(node.name))
        elif isinstance(node, Literal):
            done.append(node.value)
        else:
            dotted = _dotted(node)
            items = (*node.items[:-2], node.items[-1]) if dotted else node.items
            if not ready:
                stack.append((node, True))
                stack.extend((item, False) for item in reversed(items))
            else:
                values = done[len(done) - len(items) :]
                del done[len(done) - len(items) :]
                done.append(from_list(values[:-1], values[-1]) if dotted else from_list(values))
    return done[0]


def _dotted(form: Form) -> bool:
    items = form.items
    return len(items) >= 3 and isinstance(items[-2], Symbol) and items[-2].name == "."


def _quote(machine: Machine, form: Quote, tree: Form, env: Env) -> Routine:
    return datum(form.datum)
    yield


def _lambda(machine: Machine, form: Lambda, tree: Form, env: Env) -> Routine:
    return machine.closure(form, env)
    yield


def _define(machine: Machine, form: Define, tree: Form, env: Env) -> Routine:
    if isinstance(form.value, Lambda):
        env.table[form.name] = machine.closure(form.value, env)
    else:
        value = yield machine.ev(form.value, env)
        if isinstance(value, Procedure) and not value.name:
            value.name = form.name
        env.table[form.name] = value
    return VOID


def _let(machine: Machine, form: Let, tree: Form, env: Env) -> Routine:
    if form.loop is not None:
        values = []
        for value in form.values:
            values.append((yield machine.ev(value, env)))
        outer = Env({}, env)
        loop = Closure(Lambda(form.names, None, form.body, form.defines), outer, form.loop)
        outer.table[form.loop] = loop
        return (yield from machine.body(form.body, machine.bind(loop, values, tree.span)))
    if form.kind == "let*":
        for name, value in zip(form.names, form.values, strict=True):
            env = Env({name: (yield machine.ev(value, env))}, env)
        env = Env(dict.fromkeys(form.defines, UNASSIGNED), env)
        return (yield from machine.body(form.body, env))
    inner = Env(dict.fromkeys(form.defines, UNASSIGNED), env)
    if form.kind == "letrec":
        inner.table.update(dict.fromkeys(form.names, UNASSIGNED))
    where = inner if form.kind == "letrec" else env
    bound: dict[str, object] = {}
    for name, value in zip(form.names, form.values, strict=True):
        result = yield machine.ev(value, where)
        if isinstance(result, Closure) and not result.name:
            result.name = name
        (inner.table if form.kind == "letrec" else bound)[name] = result
    inner.table.update(bound)
    return (yield from machine.body(form.body, inner))


def _if(machine: Machine, form: If, tree: Form, env: Env) -> Routine:
    test = yield machine.ev(form.test, env)
    if test is not False:
        return Continue(form.then, env)
    return VOID if form.otherwise is None else Continue(form.otherwise, env)


def _cond(machine: Machine, form: Cond, tree: Form, env: Env) -> Routine:
    for test, body in form.clauses:
        value: object = True
        if test is not None:
            value = yield machine.ev(test, env)
        if value is not False:
            return (yield from machine.body(body, env)) if body else value
    return VOID


def _case(machine: Machine, form: Case, tree: Form, env: Env) -> Routine:
    key = yield machine.ev(form.key, env)
    for data, body in form.clauses:
        if data is None or any(same(key, datum(item)) for item in data):
            return (yield from machine.body(body, env))
    return VOID


def _sequence(machine: Machine, form: Sequence, tree: Form, env: Env) -> Routine:
    if not form.items:
        return {"and": True, "or": False}.get(form.kind, VOID)
    for item in form.items[:-1]:
        value = yield machine.ev(item, env)
        if form.kind == "and" and value is False:
            return False
        if form.kind == "or" and value is not False:
            return value
    return Continue(form.items[-1], env)


def _evidence(machine: Machine, form: Evidence, tree: Form, env: Env) -> Routine:
    if form.kind == "factor":
        amount = yield machine.ev(form.items[0], env)
        try:
            number = float(need_number(amount, "the argument of `factor`"))
            if number != number or number == float("inf"):
                raise ParameterError(
                    f"`factor` got {number}", hint="it must be finite, or minus infinity"
                )
        except PlotError as error:
            raise error.at(tree.span) from None
        machine.scope.weigh(number)
    elif form.kind == "condition-equal":
        left = yield machine.ev(form.items[0], env)
        right = yield machine.ev(form.items[1], env)
        require_equal(machine, left, right)
    else:
        yield from observe(machine, form.items[0], env)
    return VOID


def observe(machine: Machine, tree: Tree, env: Env) -> Routine:
    """Require that an expression is not #f; equalities with continuous draws set the draw."""
    form = machine.shape_of(tree) if isinstance(tree, Form) else None
    if isinstance(form, Sequence) and form.kind == "and":
        for item in form.items:
            yield from observe(machine, item, env)
        return
    head = tree[0] if isinstance(tree, Form) and form is None and len(tree) == 3 else None
    if isinstance(tree, Form) and isinstance(head, Symbol):
        function = machine.lookup(head, env)
        if (
            isinstance(function, Procedure)
            and function is machine.primitives.get(canonical(head.name) or "")
            and function.name in _EQUALITIES
        ):
            left = yield machine.ev(tree[1], env)
            right = yield machine.ev(tree[2], env)
            if function.name == "=":
                for side in (left, right):
                    if not isinstance(side, Unset):
                        _number(side, tree.span)
            require_equal(machine, left, right)
            return
    value = yield machine.ev(tree, env)
    if value is False:
        raise Rejected


def _number(value: object, span: Span | None) -> None:
    try:
        need_number(value, "a side of `=`")
    except PlotError as error:
        raise error.at(span) from None


def require_equal(machine: Machine, left: object, right: object) -> None:
    """Condition on the equality of two values.

    Raises:
      Clamp: where a continuous draw of this world has to be set first.
      Rejected: where they differ.
    """
    if same(left, right):
        return
    scope = machine.scope
    open_sides = [
        (draw.site, other)
        for draw, other in ((left, right), (right, left))
        if isinstance(draw, Drawn | Unset) and draw.scope is scope and is_number(other)
    ]
    if not open_sides:
        for side, other in ((left, right), (right, left)):
            if isinstance(side, Unset) and (is_number(other) or isinstance(other, Unset)):
                need_number(side, "a side of an equality")
        raise Rejected
    site, value = max(open_sides, key=lambda side: side[0])  # the draw that came later follows
    assert isinstance(value, int | float)
    raise Clamp(site, float(value))


def _declare(machine: Machine, form: Declare, tree: Form, env: Env) -> Routine:
    return VOID
    yield


def _entities(machine: Machine, form: EntityList, tree: Form, env: Env) -> Routine:
    env.table[form.listing] = from_list(Name(name) for name in form.names)
    return VOID
    yield


def _import(machine: Machine, form: Import, tree: Form, env: Env) -> Routine:
    for function in module_of(form.module, tree.span).functions:
        env.table[function.name] = Wrapped(function.name, _module_call(function))
    return VOID
    yield


def _module_call(function: ModuleFunction) -> Callable[..., Routine]:
    def call(machine: Machine, arguments: list[object], span: object) -> Routine:
        return call_once(function, arguments)
        yield

    return call


FORM_ROUTINES: dict[type, Callable[..., Routine]] = {
    Quote: _quote,
    Lambda: _lambda,
    Define: _define,
    Let: _let,
    If: _if,
    Cond: _cond,
    Case: _case,
    Sequence: _sequence,
    Evidence: _evidence,
    Declare: _declare,
    EntityList: _entities,
    Import: _import,
}
