"""Parameters of distributions that are written out are checked before anything runs."""

from __future__ import annotations

from plot.oracle.distributions import MAKERS
from plot.oracle.forms import datum
from plot.syntax import Form, Literal, Tree


def check_parameters(name: str, tree: Form) -> None:
    """Check the parameters of a call to a distribution, where all of them are constants.

    Args:
      name: the built-in function.
      tree: the call.

    Raises:
      ParameterError: where the distribution cannot have them.

    >>> from plot.reader import read_one
    >>> check_parameters("flip", read_one("(flip 0.5)"))
    """
    if name not in MAKERS:
        return
    make, count = MAKERS[name]
    arguments = tree.items[1 : 1 + count]
    if all(_constant(argument) for argument in arguments):
        make(*(_value(argument) for argument in arguments))


def _constant(tree: Tree) -> bool:
    return isinstance(tree, Literal) or (isinstance(tree, Form) and _is_quote(tree))


def _is_quote(tree: Form) -> bool:
    return tree.head == "quote" and len(tree) == 2


def _value(tree: Tree) -> object:
    return datum(tree[1]) if isinstance(tree, Form) else datum(tree)
