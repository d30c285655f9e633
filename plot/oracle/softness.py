"""Whether a program may weigh a world by more than yes or no.

A nested query with hard evidence alone can be drawn from by rejection. Soft evidence on some path
has to be known before the first draw: a run that met none says nothing of the other runs.
"""

from __future__ import annotations

from collections.abc import Sequence

from plot.oracle.distributions import MAKERS
from plot.shapes import BLOCKS
from plot.signatures import canonical, keyword
from plot.syntax import Form, Symbol, Tree, walk

CONTINUOUS = frozenset(
    {"uniform", "gaussian", "beta", "gamma", "exponential", "student-t", "dirichlet"}
)
_EQUALITIES = frozenset({"=", "equal?", "eq?"})


def may_be_soft(trees: Sequence[Tree]) -> bool:
    """Whether a nested query of a program may meet densities or factors.

    Args:
      trees: the program; evidence at its top level belongs to no nested query.

    >>> from plot.reader import read
    >>> may_be_soft(read("(define (f) (factor 1))")), may_be_soft(read("(factor 1)"))
    (True, False)
    """
    inner: list[Tree] = []
    for tree in trees:
        top = isinstance(tree, Form) and keyword(tree.head or "") in ("condition", "factor")
        inner += tree.items[1:] if isinstance(tree, Form) and top else [tree]
    continuous = equality = False
    for node in (n for tree in inner for n in walk(tree)):
        if isinstance(node, Symbol):
            continuous = continuous or canonical(node.name) in CONTINUOUS
        elif isinstance(node, Form) and node.head:
            head = keyword(node.head)
            if head in ("factor", "condition-equal") or _is_observed_draw(node):
                return True
            if head == "condition" or head in BLOCKS:
                equality = equality or any(_is_equality(item) for item in node.items[1:])
    return continuous and equality


def _is_observed_draw(form: Form) -> bool:
    name = canonical(form.head or "")
    return name in MAKERS and len(form) - 1 > MAKERS[name][1]


def _is_equality(tree: Tree) -> bool:
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, Form) and node.head == "and":
            stack.extend(node.items[1:])
        elif isinstance(node, Form) and canonical(node.head or "") in _EQUALITIES:
            return True
    return False
