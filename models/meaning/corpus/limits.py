"""What the grammar of fragments admits, as far as sentences that are put together may pass it."""

from __future__ import annotations

from inference.tokens.grammar import LOGIC_DEPTH, MAX_CONJUNCTS
from plot.syntax import Form, Tree

LOGIC = ("and", "or", "not")


def fits(tree: Tree, lambdas: int = 0, logic: int = 0) -> bool:
    """Whether `and`, `or` and `not` nest no deeper, and join no more, than the grammar admits.

    Args:
      tree: a fragment or a part of one.
      lambdas: how many variables are bound around it.
      logic: how many of those three are around it since the last variable.

    >>> from plot.reader import read_one
    >>> fits(read_one("(not (and a b))")), fits(read_one("(and a b c d e f)"))
    (True, False)

    Names may look like operators:

    >>> fits(read_one("(open? '(lambda and))"))
    True
    """
    if not isinstance(tree, Form):
        return True
    if tree.head == "quote":
        return True
    if tree.head == "lambda":
        return fits(tree[2], lambdas + 1, 0)
    if tree.head in LOGIC:
        logic += 1
        if len(tree) - 1 > MAX_CONJUNCTS:
            return False
    return logic <= LOGIC_DEPTH[lambdas] and all(fits(t, lambdas, logic) for t in tree)
