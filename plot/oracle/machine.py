"""The interpreter: direct style, written as routines so that Python's stack is never the limit.

A routine is a generator that yields the routines whose values it needs; `Machine.run` keeps them
on a stack of its own. Calls in tail position replace their caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from plot.data import NIL, VOID, Procedure, from_list, spine
from plot.errors import BudgetError, PlotError, Span, TypeMismatch, UnboundError
from plot.oracle.choosers import Scope
from plot.oracle.values import (
    Budget,
    Closure,
    Env,
    Primitive,
    Routine,
    Tail,
    Wrapped,
    brief,
)
from plot.shapes import Lambda, Shape, shape
from plot.signatures import canonical, keyword
from plot.signatures.messages import arity_error
from plot.syntax import Form, Literal, Symbol, Tree

GROWING = frozenset({"append", "string-append", "make-list", "range", "iota"})

_MISSING = object()
UNASSIGNED = object()  # a name of this body whose `define` has not run yet


class Machine:
    """Runs one world.

    Args:
      primitives: the built-in functions by canonical name.
      forms: the routine of each special form, by the class of its shape.
      scope: who decides random choices.
      budget: what the world may use.
      shapes: cache of special forms, shared between worlds of the same program.
      soft: whether nested queries may meet evidence that is more than yes or no.
    """

    def __init__(
        self,
        primitives: Mapping[str, Procedure],
        forms: Mapping[type, Callable[..., Routine]],
        scope: Scope,
        budget: Budget,
        shapes: dict[int, tuple[Form, Shape | None]],
        soft: bool,
    ):
        self.primitives, self.forms = primitives, forms
        self.scope, self.budget, self.shapes = scope, budget, shapes
        self.soft = soft
        self.globals = Env({}, None)
        self.steps = 0
        self.gensyms = 0
        self.nesting = 0  # of queries within queries
        self.span: Span | None = None  # of the latest call, for errors of budgets

    def run(self, routine: Routine) -> object:
        """Run a routine to its value.

        Raises:
          PlotError: located errors of the program.
          Rejected, Lost, Clamp: signals of the scope.
        """
        stack = [routine]
        value: object = None
        while stack:
            try:
                child = stack[-1].send(value)
            except StopIteration as stop:
                stack.pop()
                value = stop.value
                continue
            stack.append(child)
            value = None
            if len(stack) > self.budget.depth:
                raise BudgetError(
                    f"calls are nested more than {self.budget.depth} deep",
                    self.span,
                    "does the recursion end? a call in tail position does not nest",
                )
        return value

    def shape_of(self, form: Form) -> Shape | None:
        """The shape of a form, from the cache."""
        found = self.shapes.get(id(form))
        if found is None:
            found = self.shapes[id(form)] = (form, shape(form))
        return found[1]

    def lookup(self, symbol: Symbol, env: Env) -> object:
        """The value of a name.

        Raises:
          UnboundError: where it has none, or none yet.
        """
        name = symbol.name
        place: Env | None = env
        while place is not None:
            value = place.table.get(name, _MISSING)
            if value is not _MISSING:
                if value is UNASSIGNED:
                    raise UnboundError(
                        f"`{name}` is used before its definition", symbol.span, "define it first"
                    )
                return value
            place = place.parent
        known = canonical(name)
        if known is not None and known in self.primitives:
            return self.primitives[known]
        if name in self.primitives:
            return self.primitives[name]
        if keyword(name):
            raise UnboundError(
                f"`{name}` is a keyword and has no value", symbol.span, f"write `({name} …)`"
            )
        raise UnboundError(f"`{name}` means nothing here", symbol.span)

    def ev(self, tree: Tree, env: Env) -> Routine:
        """The routine that evaluates a tree."""
        while True:
            if isinstance(tree, Symbol):
                return self.lookup(tree, env)
            if isinstance(tree, Literal):
                return tree.value
            if not tree.items:
                return NIL
            special = self.shape_of(tree)
            if special is not None:
                result = yield from self.special(special, tree, env)
                if isinstance(result, Continue):
                    tree, env = result.tree, result.env
                    continue
                return result
            values: list[object] = []
            for item in tree.items:
                if isinstance(item, Symbol):
                    values.append(self.lookup(item, env))
                elif isinstance(item, Literal):
                    values.append(item.value)
                else:
                    values.append((yield self.ev(item, env)))
            function, arguments = values[0], values[1:]
            if isinstance(function, Primitive) and not function.control:
                return self.plain(function, arguments, tree.span)
            result = yield from self.apply(function, arguments, tree.span)
            if isinstance(result, Continue):
                tree, env = result.tree, result.env
                continue
            return result

    def special(self, form: Shape, tree: Form, env: Env) -> Routine:
        """The routine of a special form; its value may be a `Continue`."""
        return self.forms[type(form)](self, form, tree, env)

    def apply(self, function: object, arguments: list[object], span: Span | None) -> Routine:
        """Call a function; the value is a `Continue` where the call ends in a body."""
        while True:
            if isinstance(function, Primitive) and not function.control:
                return self.plain(function, arguments, span)
            self.step(span)
            if isinstance(function, Closure):
                return (
                    yield from self.body(function.shape.body, self.bind(function, arguments, span))
                )
            if isinstance(function, Primitive):
                result = yield from self.primitive(function, arguments, span)
            elif isinstance(function, Wrapped):
                result = yield from function.call(self, arguments, span)
            else:
                hint = "the first item in brackets is called; quote a list of data: '(…)"
                raise TypeMismatch(f"{brief(function)} is called, and is no function", span, hint)
            if not isinstance(result, Tail):
                return result
            function, arguments = result.function, result.arguments

    def call(self, function: object, arguments: list[object], span: Span | None) -> Routine:
        """Call a function for its value."""
        result = yield from self.apply(function, arguments, span)
        if isinstance(result, Continue):
            result = yield self.ev(result.tree, result.env)
        return result

    def step(self, span: Span | None, calls: int = 1) -> None:
        """Count a call; an element of a list that may outgrow its parts counts as one, too.

        Raises:
          BudgetError: where the world has made too many.
        """
        self.steps += calls
        self.span = span or self.span  # functions that are written in the language have none
        if self.steps > self.budget.steps:
            raise BudgetError(
                f"one world took more than {self.budget.steps} calls", span, "does the program end?"
            )

    def plain(self, function: Primitive, arguments: list[object], span: Span | None) -> object:
        """Call a built-in function that calls no others."""
        self.step(span)
        try:
            function.check(arguments)
            value = function.function(*arguments)
        except PlotError as error:
            raise error.at(span) from error.__cause__
        if function.name in GROWING:
            self.step(span, len(value) if isinstance(value, str) else len(spine(value)[0]))
        return value

    def primitive(self, function: Primitive, arguments: list[object], span: Span | None) -> Routine:
        """Call a built-in function that calls others, or draws."""
        try:
            function.check(arguments)
            return (yield from function.function(self, arguments, span))
        except PlotError as error:
            raise error.at(span) from error.__cause__

    def bind(self, function: Closure, arguments: list[object], span: Span | None) -> Env:
        """The names of a call to a function of the program."""
        form = function.shape
        due, given = len(form.parameters), len(arguments)
        if given < due or (given > due and form.rest is None):
            most = due if form.rest is None else None
            raise arity_error(function.name, due, most, given).at(span)
        table = dict.fromkeys(form.defines, UNASSIGNED)
        table.update(zip(form.parameters, arguments, strict=False))
        if form.rest is not None:
            table[form.rest] = from_list(arguments[due:])
        return Env(table, function.env)

    def body(self, body: Sequence[Tree], env: Env) -> Routine:
        """Evaluate all of a body but its last tree, which is left to the caller."""
        for tree in body[:-1]:
            yield self.ev(tree, env)
        return Continue(body[-1], env) if body else VOID

    def closure(self, form: Lambda, env: Env, name: str = "") -> Closure:
        """The function value of a lambda."""
        return Closure(form, env, form.name or name)


class Continue:
    """A tree that remains to be evaluated in tail position."""

    __slots__ = ("env", "tree")

    def __init__(self, tree: Tree, env: Env):
        self.tree, self.env = tree, env
