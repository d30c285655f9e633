"""The walk of the checker: types flow forward from literals, declarations and built-in functions.

Each step is a routine that yields the routines whose types it needs, so that deep programs do not
use Python's stack.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Any

from plot.check.fits import Fits
from plot.check.kinds import (
    CONSTANTS,
    EmptyList,
    FullList,
    bind,
    fill,
    join,
    one_of,
    shallow,
    sort_text,
)
from plot.check.parameters import check_parameters
from plot.check.scope import Scope, builtin, unbound
from plot.data import show
from plot.errors import PlotError, Span, TypeMismatch
from plot.oracle.forms import datum
from plot.oracle.values import brief
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
    Shape,
    defined_names,
    shape,
)
from plot.shapes import Sequence as Several
from plot.signatures import Signature, keyword
from plot.signatures.messages import arity_error, builtin_arity_error, due_text
from plot.syntax import Form, Literal, Symbol, Tree
from plot.types import ANY, BOOLEAN, NUMBER, VOID, Base, Function, ListOf, PairOf, Type
from plot.vocabulary import Entities

type Walk = Generator[Any, Any, Any]

_SHOWN = 40


class Walker:
    """Infers types and gathers errors.

    Args:
      sorts: the entity types that are declared.
    """

    def __init__(self, sorts: Sequence[Entities]):
        self.sorts, self.fits = sorts, Fits(sorts)
        self.entity_names = {name for sort in sorts for name in sort.names}
        self.errors: list[PlotError] = []

    def run(self, walk: Walk) -> Type:
        """Run a routine to its type."""
        stack, value = [walk], None
        while stack:
            try:
                child = stack[-1].send(value)
            except StopIteration as stop:
                stack.pop()
                value = stop.value
                continue
            stack.append(child)
            value = None
        return value or ANY

    def infer(self, tree: Tree, scope: Scope) -> Walk:
        """The type of a tree."""
        if isinstance(tree, Literal):
            return CONSTANTS[type(tree.value)]
        if isinstance(tree, Symbol):
            return self._symbol(tree, scope)
        if not tree.items:
            return EmptyList()
        try:
            found = shape(tree)
        except PlotError as error:
            self.errors.append(error)
            return ANY
        if found is None:
            return (yield from self._call(tree, scope))
        return (yield from self._form(found, tree, scope))

    def _symbol(self, symbol: Symbol, scope: Scope) -> Type:
        kind = scope.find(symbol.name)
        if kind is not None:
            return kind
        signature = builtin(symbol.name)
        if signature is not None:
            return signature.type if len(signature.types) == 1 else loosest(signature)
        self.errors.append(unbound(symbol, scope, self.entity_names))
        return ANY

    def _form(self, form: Shape, tree: Form, scope: Scope) -> Walk:
        if isinstance(form, Quote):
            return quoted(form.datum)
        if isinstance(form, Lambda):
            return (yield from self._lambda(form, scope))
        if isinstance(form, Define):
            yield from self.define(form, scope)
            return VOID
        if isinstance(form, Let):
            return (yield from self._let(form, scope))
        if isinstance(form, If):
            yield self.infer(form.test, scope)
            then = yield self.infer(form.then, scope)
            otherwise = VOID
            if form.otherwise is not None:
                otherwise = yield self.infer(form.otherwise, scope)
            return join(then, otherwise)
        if isinstance(form, Cond | Case):
            return (yield from self._clauses(form, scope))
        if isinstance(form, Several):
            return (yield from self._several(form, scope))
        if isinstance(form, Evidence):
            for item in form.items:
                kind = yield self.infer(item, scope)
                if form.kind == "factor":
                    self._argument("factor", 0, item, kind, NUMBER)
            return VOID
        if isinstance(form, Block):
            return (yield from self._block(form, scope))
        assert isinstance(form, Declare | EntityList | Import)
        return VOID

    def _lambda(self, form: Lambda, scope: Scope) -> Walk:
        names: dict[str, Type] = dict.fromkeys(form.parameters, ANY)
        if form.rest is not None:
            names[form.rest] = ListOf(ANY)
        result = yield from self.body(form.body, Scope(names, scope))
        rest = None if form.rest is None else ANY
        return Function(tuple(ANY for _ in form.parameters), shallow(result), (), rest)

    def define(self, form: Define, scope: Scope) -> Walk:
        """Infer and note the type of a definition."""
        if isinstance(form.value, Lambda):
            kind = yield from self._lambda(form.value, scope)
        else:
            kind = yield self.infer(form.value, scope)
        if scope.names.get(form.name) is not _AMBIGUOUS:
            scope.update(form.name, shallow(kind))

    def body(self, body: Sequence[Tree], scope: Scope) -> Walk:
        """The type of the last tree of a body, in a scope that gets the names it defines."""
        self.announce(body, scope)
        kind: Type = VOID
        for tree in body:
            kind = yield self.infer(tree, scope)
        return kind

    def announce(self, body: Iterable[Tree], scope: Scope) -> None:
        """Bind the names that a body defines, before it is walked: functions may call forward."""
        names = defined_names(tuple(body))
        for name in names:
            scope.update(name, _AMBIGUOUS if names.count(name) > 1 else ANY)
        for tree in body:
            if isinstance(tree, Form) and tree.head == "define" and len(tree) > 1:
                target = tree[1]
                if isinstance(target, Form) and names.count(target.head or "") == 1:
                    kind = _outline(target)
                    if kind is not None and target.head:
                        scope.update(target.head, kind)

    def _let(self, form: Let, scope: Scope) -> Walk:
        inner = Scope({}, scope)
        if form.loop is not None:
            for value in form.values:
                yield self.infer(value, scope)
            inner.names[form.loop] = Function(tuple(ANY for _ in form.names), ANY)
            return (yield from self.body(form.body, Scope(dict.fromkeys(form.names, ANY), inner)))
        if form.kind == "letrec":
            inner.names.update(dict.fromkeys(form.names, ANY))
        for name, value in zip(form.names, form.values, strict=True):
            kind = shallow((yield self.infer(value, scope if form.kind == "let" else inner)))
            if form.kind == "let*":
                inner = Scope({name: kind}, inner)
            else:
                inner.names[name] = kind
        return (yield from self.body(form.body, Scope({}, inner)))

    def _clauses(self, form: Cond | Case, scope: Scope) -> Walk:
        if isinstance(form, Case):
            yield self.infer(form.key, scope)
        kinds: list[Type] = []
        complete = False
        for test, body in form.clauses:
            kind: Type = ANY
            if isinstance(form, Cond) and test is not None:
                assert not isinstance(test, tuple)
                kind = yield self.infer(test, scope)
            if body:
                kind = VOID
            for item in body:
                kind = yield self.infer(item, scope)
            kinds.append(kind)
            complete = complete or test is None
        if not complete:
            kinds.append(VOID)
        return _join_all(kinds)

    def _several(self, form: Several, scope: Scope) -> Walk:
        kinds: list[Type] = []
        if form.kind == "begin":
            for item in form.items:
                kinds.append((yield self.infer(item, scope)))
            return kinds[-1] if kinds else VOID
        for item in form.items:
            kinds.append((yield self.infer(item, scope)))
        return BOOLEAN if all(kind == BOOLEAN for kind in kinds) else ANY

    def _block(self, form: Block, scope: Scope) -> Walk:
        for part in form.counts:
            kind = yield self.infer(part, scope)
            self._argument(form.kind, 0, part, kind, NUMBER)
        inner = Scope({}, scope)
        self.announce(form.statements, inner)
        for tree in form.statements:
            yield self.infer(tree, inner)
        result = yield self.infer(form.result, inner)
        if form.test is not None:
            yield self.infer(form.test, inner)
        if form.kind == "mh-query":
            return ListOf(result)
        return ListOf(ListOf(ANY)) if form.kind == "enumeration-query" else result

    def _call(self, tree: Form, scope: Scope) -> Walk:
        head, arguments = tree[0], tree.items[1:]
        signature: Signature | None = None
        before = len(self.errors)
        if isinstance(head, Symbol) and scope.find(head.name) is None:
            signature = builtin(head.name)
        kind: Type = ANY
        if signature is None:
            kind = yield self.infer(head, scope)
        kinds: list[Type] = []
        for argument in arguments:
            kinds.append((yield self.infer(argument, scope)))
        if signature is not None:
            return self._builtin(signature, tree, kinds)
        if isinstance(kind, Function):
            name = head.name if isinstance(head, Symbol) else ""
            return self._function(name, kind, tree, kinds)
        if (kind != ANY and len(self.errors) == before) or isinstance(head, Literal):
            self.errors.append(_not_a_function(head, kind, tree.span))
        return ANY

    def _function(self, name: str, kind: Function, tree: Form, kinds: list[Type]) -> Type:
        given = len(kinds)
        if given < len(kind.parameters) or (kind.most is not None and given > kind.most):
            error = arity_error(name, len(kind.parameters), kind.most, given).at(tree.span)
            if any(p != ANY for p in kind.parameters):
                error.hint = f"`{name}` is {kind}"
            self.errors.append(error)
            return kind.result
        self._arguments(name, kind, tree, kinds)
        found: dict[str, Type] = {}
        for due, actual in zip(_due(kind, given), kinds, strict=True):
            bind(due, actual, found)
        return fill(kind.result, found)

    def _builtin(self, signature: Signature, tree: Form, kinds: list[Type]) -> Type:
        given = len(kinds)
        fitting = [
            t
            for t in signature.types
            if len(t.parameters) <= given and (t.most is None or given <= t.most)
        ]
        if not fitting:
            self.errors.append(builtin_arity_error(signature, given).at(tree.span))
            return ANY
        kind = fitting[0]
        clean = self._arguments(signature.name, kind, tree, kinds)
        if clean:
            try:
                check_parameters(signature.name, tree)
            except PlotError as error:
                self.errors.append(error.at(tree.span))
        found: dict[str, Type] = {}
        for due, actual in zip(_due(kind, given), kinds, strict=True):
            bind(due, actual, found)
        return _result(signature.name, kinds, fill(kind.result, found), found)

    def _arguments(self, name: str, kind: Function, tree: Form, kinds: list[Type]) -> bool:
        clean = True
        for position, (due, actual) in enumerate(zip(_due(kind, len(kinds)), kinds, strict=True)):
            argument = tree[position + 1]
            clean = self._argument(name, position, argument, actual, due) and clean
        return clean

    def _argument(self, name: str, position: int, tree: Tree, actual: Type, due: Type) -> bool:
        hint = self.fits.mismatch(actual, due)
        if hint is None:
            return True
        what = f"argument {position + 1} of `{name or 'this function'}`"
        if name == "=":
            hint = "compare symbols with `eq?`, anything with `equal?`"
        message = f"{what} is {_shown(tree, actual)}; {due_text(due)} is due"
        self.errors.append(TypeMismatch(message, tree.span, hint or None))
        return False


# A name that one body defines more than once: nothing is known of it.
_AMBIGUOUS = Base("any")


def quoted(tree: Tree) -> Type:
    """The type of quoted data."""
    if isinstance(tree, Symbol):
        return one_of([tree.name])
    if isinstance(tree, Literal):
        return CONSTANTS[type(tree.value)]
    if not tree.items:
        return EmptyList()
    if any(isinstance(item, Symbol) and item.name == "." for item in tree.items):
        return ANY
    kinds = [quoted(i) if not isinstance(i, Form) else _quoted_list(i) for i in tree.items]
    return FullList(_join_all(kinds, together=True))


def _quoted_list(form: Form) -> Type:
    """A list within quoted data; what is deeper still is not followed."""
    if not form.items:
        return EmptyList()
    if any(isinstance(item, Form) or item == Symbol(".") for item in form.items):
        return ANY
    return FullList(_join_all([quoted(item) for item in form.items], together=True))


def loosest(signature: Signature) -> Function:
    """A type for a function with several types, where it is a value."""
    results = {str(kind.result) for kind in signature.types}
    return Function((), signature.type.result if len(results) == 1 else ANY, (), ANY)


def _join_all(kinds: Sequence[Type], together: bool = False) -> Type:
    result = kinds[0]
    for kind in kinds[1:]:
        result = join(result, kind, together)
    return result


def _outline(target: Form) -> Type | None:
    """What the head of a function definition says of its arity."""
    symbols = [item for item in target.items[1:] if isinstance(item, Symbol)]
    names = [symbol.name for symbol in symbols]
    if len(names) != len(target) - 1 or any(keyword(s.name) and not s.variable for s in symbols):
        return None
    if "." in names:
        at = names.index(".")
        return Function(tuple(ANY for _ in names[:at]), ANY, (), ANY)
    return Function(tuple(ANY for _ in names), ANY)


def _due(kind: Function, given: int) -> list[Type]:
    due = [*kind.parameters, *kind.optional][:given]
    return due + [kind.rest or ANY] * (given - len(due))


def _result(name: str, kinds: list[Type], result: Type, found: dict[str, Type]) -> Type:
    """What is known of a result beyond the written type."""
    if name in ("mem", "DPmem") and isinstance(kinds[-1], Function):
        return kinds[-1]
    if name == "list":
        return FullList(found["a"]) if kinds else EmptyList()
    if name in ("cons", "pair") and isinstance(result, PairOf):
        if isinstance(result.rest, EmptyList):
            return FullList(result.first)
        if isinstance(result.rest, ListOf):
            element = join(result.first, result.rest.element, together=True)
            return FullList(element) if isinstance(result.rest, FullList) else ListOf(element)
    return result


def _shown(tree: Tree, kind: Type) -> str:
    if isinstance(tree, Literal):
        return brief(tree.value)
    if isinstance(tree, Form) and tree.head == "quote" and len(tree) == 2:
        value = datum(tree[1])
        if len(show(value, _SHOWN + 1)) <= _SHOWN:
            return brief(value)
    return sort_text(kind)


def _not_a_function(head: Tree, kind: Type, span: Span | None) -> TypeMismatch:
    what = f"`{head.name}`, {sort_text(kind)}," if isinstance(head, Symbol) else _shown(head, kind)
    hint = "the first item in brackets is called; quote a list of data: '(…)"
    return TypeMismatch(f"{what} is called, and is no function", span, hint)
