"""Forms that stand for others: each is written out in the forms that the engines know."""

from __future__ import annotations

from collections.abc import Callable

from plot.signatures.messages import form_error
from plot.syntax import Form, Symbol, Tree

# Names in what a form stands for; no program is meant to use them.
AGAIN, VALUE = "%again", "%value"


def derived(name: str, form: Form) -> Form | None:
    """What a form stands for, or None where it stands for itself.

    Args:
      name: its keyword.
      form: the form.

    Raises:
      FormError: where it is malformed.

    >>> from plot.printer import write
    >>> from plot.reader import read_one
    >>> write(derived("when", read_one("(when a b c)")))
    '(if a (begin b c))'
    """
    rule = _RULES.get(name)
    return rule(name, form) if rule is not None else None


def _call(form: Form, name: str, *parts: Tree) -> Form:
    return Form((Symbol(name, form.span), *parts), form.span)


def _do(name: str, form: Form) -> Form:
    variables, end = form.items[1:3] if len(form) > 2 else (None, None)
    if not isinstance(variables, Form) or not isinstance(end, Form):
        raise form_error(form, "`do` needs variables and a test", name)
    if not end.items:
        raise form_error(end, "the test of `do` is due here", name)
    bindings, nexts = [], []
    for variable in variables:
        if not isinstance(variable, Form) or len(variable) not in (2, 3):
            raise form_error(variable, "a variable `(name start next)` is due here", name)
        bindings.append(Form(variable.items[:2], variable.span))
        nexts.append(variable[2 if len(variable) == 3 else 0])
    again = _call(form, AGAIN, *nexts)
    result = _call(end, "begin", *end.items[1:])
    test = _call(form, "if", end[0], result, _call(form, "begin", *form.items[3:], again))
    return _call(form, "let", Symbol(AGAIN, form.span), Form(tuple(bindings), variables.span), test)


def _when(name: str, form: Form) -> Form:
    if len(form) < 3:
        raise form_error(form, f"`{name}` needs a test and a body", name)
    body = _call(form, "begin", *form.items[2:])
    nothing = () if name == "when" else (_call(form, "begin"),)
    return _call(form, "if", form[1], *nothing, body)


def _conditional(name: str, form: Form) -> Form:
    if len(form) < 2:
        raise form_error(form, f"`{name}` needs an expression to ask for", name)
    return _call(
        form, "lambda", Form((), form.span), _call(form, "rejection-query", *form.items[1:])
    )


def _letrec(name: str, form: Form) -> Form:
    return _call(form, "letrec", *form.items[1:])


def _define(name: str, form: Form) -> Form | None:
    """A function that gives a function: `(define ((f a) b) …)`."""
    target = form[1] if len(form) > 2 else None
    if not isinstance(target, Form) or not target.items or not isinstance(target[0], Form):
        return None
    parameters = Form(target.items[1:], target.span)
    return _call(form, "define", target[0], _call(form, "lambda", parameters, *form.items[2:]))


def _cond(name: str, form: Form) -> Form | None:
    """`(test => function)`: from there on the form hangs on the value of the test."""
    clauses = form.items[1:]
    for i, clause in enumerate(clauses):
        if isinstance(clause, Form) and len(clause) == 3 and clause[1] == Symbol("=>"):
            own = Symbol(VALUE, clause.span)
            rest = (_call(form, "cond", *clauses[i + 1 :]),) if clauses[i + 1 :] else ()
            test = _call(clause, "if", own, Form((clause[2], own), clause.span), *rest)
            binding = Form((Form((own, clause[0]), clause.span),), clause.span)
            last = _call(clause, "else", _call(clause, "let", binding, test))
            return _call(form, "cond", *clauses[:i], last)
    return None


_RULES: dict[str, Callable[[str, Form], Form | None]] = {
    "do": _do,
    "when": _when,
    "unless": _when,
    "conditional": _conditional,
    "letrec*": _letrec,
    "define": _define,
    "cond": _cond,
}
