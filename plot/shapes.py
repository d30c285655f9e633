"""The special forms taken apart: one dataclass a shape; a malformed one is a located error."""

from __future__ import annotations

from dataclasses import dataclass

from plot.derived import derived
from plot.errors import FormError, Span
from plot.signatures import keyword
from plot.signatures.messages import form_error
from plot.syntax import Form, Literal, Symbol, Tree

BLOCKS = ("query", "rejection-query", "enumeration-query", "mh-query")
_STATEMENTS = ("define", "condition", "factor", "condition-equal", "declare", "entities", "import")


@dataclass(frozen=True, slots=True)
class Quote:
    """`(quote datum)`."""

    datum: Tree


@dataclass(frozen=True, slots=True)
class Lambda:
    """`(lambda parameters body …)`; `defines` are the names that its body defines."""

    parameters: tuple[str, ...]
    rest: str | None
    body: tuple[Tree, ...]
    defines: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Define:
    """`(define name value)`; the function shorthand has a `Lambda` for value."""

    name: str
    value: Tree | Lambda
    span: Span | None


@dataclass(frozen=True, slots=True)
class Let:
    """`let`, `let*` or `letrec`, as `kind` says; `loop` is the name of a named let."""

    kind: str
    loop: str | None
    names: tuple[str, ...]
    values: tuple[Tree, ...]
    body: tuple[Tree, ...]
    defines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class If:
    """`(if test then else)`; `otherwise` is None where the else is missing."""

    test: Tree
    then: Tree
    otherwise: Tree | None


@dataclass(frozen=True, slots=True)
class Cond:
    """`(cond (test body …) …)`; the test of `else` is None."""

    clauses: tuple[tuple[Tree | None, tuple[Tree, ...]], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """`(case key ((datum …) body …) …)` with bare data; the data of `else` are None."""

    key: Tree
    clauses: tuple[tuple[tuple[Tree, ...] | None, tuple[Tree, ...]], ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """`begin`, `and` or `or`, as `kind` says."""

    kind: str
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """`condition`, `factor` or `condition-equal`, as `kind` says."""

    kind: str
    items: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A query block: statements, the result, and a bare condition where there is one.

    Where the result is nothing (`for-each`, `display`), it was one more statement, and what stands
    in the place of the condition is what is asked for.

    Args:
      kind: one of `BLOCKS`.
      counts: the sample count and lag of `mh-query`, else nothing.
    """

    kind: str
    counts: tuple[Tree, ...]
    statements: tuple[Tree, ...]
    result: Tree
    test: Tree | None
    defines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Declare:
    """`(declare name type "meaning")`."""

    name: str
    type: Tree
    meaning: str


@dataclass(frozen=True, slots=True)
class EntityList:
    """`(entities type listing (name …) open)`."""

    type: str
    listing: str
    names: tuple[str, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Import:
    """`(import module)`."""

    module: str


type Shape = (
    Quote
    | Lambda
    | Define
    | Let
    | If
    | Cond
    | Case
    | Sequence
    | Evidence
    | Block
    | Declare
    | EntityList
    | Import
)


def shape(form: Form) -> Shape | None:
    """The shape of a special form; None for a call.

    Raises:
      FormError: where a special form is malformed.

    >>> from plot.reader import read_one
    >>> shape(read_one("(if #t 1)"))
    If(test=Literal(value=True), then=Literal(value=1), otherwise=None)
    """
    head = keyword(form.head) if form.head else None
    if head is None:
        return None
    other = derived(head, form)
    return _PARSERS[head](head, form) if other is None else shape(other)


def defined_names(body: tuple[Tree, ...] | list[Tree]) -> tuple[str, ...]:
    """The names that the `define` and `entities` statements of a body bind, in order.

    Malformed statements are passed over here; they are errors where they are taken apart.
    """
    names: list[str] = []
    stack = list(reversed(body))
    while stack:
        tree = stack.pop()
        if not isinstance(tree, Form):
            continue
        if tree.head == "begin":
            stack.extend(reversed(tree.items[1:]))
        target = tree[1] if tree.head == "define" and len(tree) > 1 else None
        while isinstance(target, Form) and target.items:
            target = target[0]
        if tree.head == "entities" and len(tree) > 2:
            target = tree[2]
        if isinstance(target, Symbol):
            names.append(target.name)
    return tuple(names)


def _name(tree: Tree, name: str, what: str) -> str:
    if not isinstance(tree, Symbol) or tree.name == ".":
        raise form_error(tree, f"{what} is due here", name)
    if keyword(tree.name) and not tree.variable:
        raise FormError(
            f"`{tree.name}` is a keyword and cannot be a name of your own",
            tree.span,
            "choose another name",
        )
    return tree.name


def _quote(name: str, form: Form) -> Quote:
    if len(form) != 2:
        raise form_error(form, "`quote` takes one datum", name)
    return Quote(form[1])


def _lambda(name: str, form: Form) -> Lambda:
    if len(form) < 3:
        raise form_error(form, "`lambda` needs parameters and a body", name)
    return _function(form[1], form.items[2:], name)


def _function(parameters: Tree, body: tuple[Tree, ...], form: str, name: str = "") -> Lambda:
    if isinstance(parameters, Symbol):
        return Lambda((), _name(parameters, form, "a name"), body, defined_names(body), name)
    if not isinstance(parameters, Form):
        raise form_error(parameters, "a list of parameters is due here", form)
    items = parameters.items
    rest = None
    if len(items) >= 2 and isinstance(items[-2], Symbol) and items[-2].name == ".":
        rest = _name(items[-1], form, "the name of a rest parameter")
        items = items[:-2]
    names = tuple(_name(item, form, "the name of a parameter") for item in items)
    every = [*names, *([rest] if rest else [])]
    for i, one in enumerate(every):
        if one in every[:i]:
            raise FormError(f"the parameter `{one}` occurs twice", parameters.span)
    return Lambda(names, rest, body, defined_names(body), name)


def _define(name: str, form: Form) -> Define:
    if len(form) < 2:
        raise form_error(form, "`define` needs a name and a value", name)
    target = form[1]
    if isinstance(target, Form):
        if not target.items:
            raise form_error(target, "the name of a function is due here", name)
        own = _name(target[0], name, "the name of a function")
        if len(form) < 3:
            raise form_error(form, f"the function `{own}` has no body", name)
        parameters = Form(target.items[1:], target.span)
        return Define(own, _function(parameters, form.items[2:], name, own), target[0].span)
    own = _name(target, name, "a name")
    if len(form) != 3:
        amount = "no value" if len(form) < 3 else "more than one value"
        raise form_error(form, f"`define` of `{own}` has {amount}", name)
    return Define(own, form[2], target.span)


def _let(name: str, form: Form) -> Let:
    loop = None
    items = form.items[1:]
    if items and isinstance(items[0], Symbol) and name == "let":
        loop = _name(items[0], name, "a name")
        items = items[1:]
    if not items or not isinstance(items[0], Form):
        raise form_error(
            items[0] if items else form, "a list of bindings `((name value) …)` is due here", name
        )
    names: list[str] = []
    values: list[Tree] = []
    for binding in items[0]:
        if not isinstance(binding, Form) or len(binding) != 2:
            raise form_error(binding, "a binding `(name value)` is due here", name)
        own = _name(binding[0], name, "a name")
        if own in names and name != "let*":
            raise FormError(f"`{own}` is bound twice", binding.span)
        names.append(own)
        values.append(binding[1])
    if len(items) < 2:
        raise form_error(form, f"this `{name}` has no body", name)
    body = items[1:]
    return Let(name, loop, tuple(names), tuple(values), body, defined_names(body))


def _if(name: str, form: Form) -> If:
    if len(form) not in (3, 4):
        raise form_error(form, f"`if` takes two or three parts, and has {len(form) - 1}", name)
    return If(form[1], form[2], form[3] if len(form) == 4 else None)


def _is_else(tree: Tree) -> bool:
    return isinstance(tree, Symbol) and tree.name == "else"


def _clauses(name: str, clauses: tuple[Tree, ...]) -> list[Form]:
    found: list[Form] = []
    for i, clause in enumerate(clauses):
        if not isinstance(clause, Form) or not clause.items:
            raise form_error(clause, f"a clause of `{name}` is due here, in brackets", name)
        if _is_else(clause[0]):
            if i + 1 < len(clauses):
                raise FormError("`else` must be the last clause", clause.span)
            if len(clause) < 2:
                raise form_error(clause, "this clause has no body", name)
        found.append(clause)
    return found


def _cond(name: str, form: Form) -> Cond:
    if len(form) < 2:
        raise form_error(form, "`cond` needs a clause", name)
    return Cond(
        tuple(
            (None if _is_else(clause[0]) else clause[0], clause.items[1:])
            for clause in _clauses(name, form.items[1:])
        )
    )


def _bare(tree: Tree) -> Tree:
    return tree[1] if isinstance(tree, Form) and tree.head == "quote" and len(tree) == 2 else tree


def _data(tree: Tree) -> tuple[Tree, ...]:
    inner = _bare(tree)
    if isinstance(inner, Form):
        return tuple(_bare(item) for item in inner)
    return (inner,)


def _case(name: str, form: Form) -> Case:
    if len(form) < 3:
        raise form_error(form, "`case` needs a key and a clause", name)
    clauses = _clauses(name, form.items[2:])
    for clause in clauses:
        if len(clause) < 2:
            raise form_error(clause, "this clause has no body", name)
    return Case(
        form[1],
        tuple((None if _is_else(c[0]) else _data(c[0]), c.items[1:]) for c in clauses),
    )


def _sequence(name: str, form: Form) -> Sequence:
    return Sequence(name, form.items[1:])


def _evidence(name: str, form: Form) -> Evidence:
    due = 2 if name == "condition-equal" else 1
    if len(form) != due + 1:
        parts = "one part" if due == 1 else "two parts"
        raise form_error(form, f"`{name}` takes {parts}, and has {len(form) - 1}", name)
    return Evidence(name, form.items[1:])


def _block(name: str, form: Form) -> Block:
    skip = 2 if name == "mh-query" else 0
    if len(form) < 2 + skip:
        raise form_error(form, f"`{name}` needs an expression to ask for", name)
    items = form.items[1 + skip :]
    heads = [_statement_of(tree) for tree in items]
    places = [i for i, head in enumerate(heads) if head is None]
    if not places:
        raise form_error(form, f"`{name}` has no expression to ask for", name)
    # With `condition` statements the last expression is asked for; else a bare condition follows it.
    conditions = "condition" in heads or "condition-equal" in heads
    bare = len(places) > 1 and (not conditions or _is_truth(items[places[-1]]))
    asked = places[-2] if bare else places[-1]
    test = items[places[-1]] if bare else None
    statements = tuple(t for i, t in enumerate(items) if i != asked and t is not test)
    counts = form.items[1 : 1 + skip]
    return Block(name, counts, statements, items[asked], test, defined_names(statements))


def _statement_of(tree: Tree) -> str | None:
    """The keyword of a statement, None for an expression."""
    head = keyword(tree.head) if isinstance(tree, Form) and tree.head else None
    return head if head in _STATEMENTS else None


def _is_truth(tree: Tree) -> bool:
    return isinstance(tree, Literal) and isinstance(tree.value, bool)


def _declare(name: str, form: Form) -> Declare:
    if len(form) not in (3, 4):
        raise form_error(form, "`declare` takes a name, a type and a meaning", name)
    own = _name(form[1], name, "a name")
    meaning = form[3] if len(form) == 4 else Literal("")
    if not isinstance(meaning, Literal) or not isinstance(meaning.value, str):
        raise form_error(meaning, "the meaning is due here, as a string", name)
    return Declare(own, form[2], meaning.value)


def _entities(name: str, form: Form) -> EntityList:
    if len(form) not in (4, 5):
        raise form_error(form, "`entities` takes a type, a variable and a list of names", name)
    own = _name(form[1], name, "the name of a type")
    listing = _name(form[2], name, "the name of a variable")
    names = form[3]
    if isinstance(names, Form) and names.head == "quote" and len(names) == 2:
        names = names[1]
    if not isinstance(names, Form):
        raise form_error(names, "a list of names is due here", name)
    found: list[str] = []
    for item in names:
        if not isinstance(item, Symbol):
            raise form_error(item, "a name is due here", name)
        found.append(item.name)
    last = form[4] if len(form) == 5 else Symbol("closed")
    if not isinstance(last, Symbol) or last.name not in ("open", "closed"):
        raise form_error(last, "`open` or nothing is due here", name)
    return EntityList(own, listing, tuple(found), last.name == "open")


def _import(name: str, form: Form) -> Import:
    if len(form) != 2:
        raise form_error(form, "`import` takes the name of a module", name)
    return Import(_name(form[1], name, "the name of a module"))


_PARSERS = {
    "quote": _quote,
    "lambda": _lambda,
    "define": _define,
    "let": _let,
    "let*": _let,
    "letrec": _let,
    "if": _if,
    "cond": _cond,
    "case": _case,
    "begin": _sequence,
    "and": _sequence,
    "or": _sequence,
    "condition": _evidence,
    "factor": _evidence,
    "condition-equal": _evidence,
    **dict.fromkeys(BLOCKS, _block),
    "declare": _declare,
    "entities": _entities,
    "import": _import,
}
