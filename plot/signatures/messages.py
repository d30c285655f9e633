"""Words for types and for numbers of arguments, so that all errors say the same."""

from __future__ import annotations

from plot.errors import ArityError, FormError
from plot.signatures.base import Signature
from plot.signatures.forms import FORM_DOCS
from plot.syntax import Tree
from plot.types import Base, Entity, Function, ListOf, PairOf, Type

FORM_SYNTAX = {doc.name: doc.syntax for doc in FORM_DOCS}


def due_text(kind: Type) -> str:
    """A type in words, with its article.

    >>> from plot.types import NUMBER
    >>> due_text(ListOf(NUMBER))
    'a list of numbers'
    """
    if isinstance(kind, ListOf):
        if isinstance(kind.element, Base | Entity) and kind.element.name != "any":
            return f"a list of {kind.element.name}s"
        return "a list"
    if isinstance(kind, PairOf):
        return "a pair or a list"
    if isinstance(kind, Function):
        return "a function"
    article = "an" if str(kind)[0] in "aeiou" else "a"
    return f"{article} {kind}"


def form_error(place: Tree, what: str, name: str) -> FormError:
    """The error of a special form that is not written as it should be.

    Args:
      place: the part that is wrong.
      what: says what is.
      name: keyword of the form, whose ways to be written are the hint.
    """
    ways = "` or `".join(FORM_SYNTAX[name])
    return FormError(what, place.span, f"write `{ways}`")


def arity_error(name: str, least: int, most: int | None, given: int) -> ArityError:
    """The error of a call with too few or too many arguments.

    Args:
      name: of the function, or empty.
      least: the smallest number of arguments.
      most: the largest, or None where there is none.
      given: how many there are.

    >>> arity_error("f", 1, 2, 3).message
    '`f` takes 1 to 2 arguments, and got 3'
    """
    what = f"`{name}`" if name else "this function"
    if most is None:
        due = f"at least {least} argument{'' if least == 1 else 's'}"
    elif least == most:
        due = f"{least} argument{'' if least == 1 else 's'}" if least else "no arguments"
    else:
        due = f"{least} to {most} arguments"
    return ArityError(f"{what} takes {due}, and got {given}")


def builtin_arity_error(signature: Signature, given: int) -> ArityError:
    """The error of a call to a built-in function, with its type for a hint."""
    mosts = [kind.most for kind in signature.types]
    most = None if None in mosts else max(m for m in mosts if m is not None)
    least = min(len(kind.parameters) for kind in signature.types)
    error = arity_error(signature.name, least, most, given)
    error.hint = " or ".join(f"`{signature.name}` is {kind}" for kind in signature.types)
    return error
