"""Names that a program binds although they are keywords: `condition` is a good name for a parameter.

Where a program binds one of the `SOFT` keywords, by `define`, `lambda` or a `let`, the name is a
variable there. The keywords that every program is made of stay keywords everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from plot.syntax import Form, Symbol, Tree, walk

SOFT = frozenset(
    {
        "condition",
        "condition-equal",
        "factor",
        "query",
        "rejection-query",
        "enumeration-query",
        "mh-query",
        "conditional",
        "case",
        "when",
        "unless",
        "do",
        "declare",
        "entities",
        "import",
    }
)
_LETS = ("let", "let*", "letrec", "letrec*", "do")


def mark_variables(trees: list[Tree]) -> list[Tree]:
    """Trees in which the soft keywords that are bound are marked as variables.

    Args:
      trees: of a program, nested no deeper than the reader allows.

    >>> from plot.reader import read
    >>> read("(define (f condition) (condition 1))")[0][2].head is None
    True
    """
    if not any(_binds(part) for tree in trees for part in walk(tree)):
        return trees
    scope = _softs(_defined(trees))
    return [_mark(tree, scope) for tree in trees]


def _softs(trees: Iterable[Tree]) -> frozenset[str]:
    names = (tree.name for tree in trees if isinstance(tree, Symbol))
    return frozenset(name for name in names if name.replace("_", "-") in SOFT)


def _defined(body: Iterable[Tree]) -> list[Tree]:
    """What the `define`s of a body bind."""
    found: list[Tree] = []
    for tree in body:
        if isinstance(tree, Form) and tree.head == "define" and len(tree) > 1:
            target = tree[1]
            while isinstance(target, Form) and target.items:
                target = target[0]
            found.append(target)
    return found


def _bound(tree: Form) -> list[Tree]:
    """What a binding form binds in its body."""
    if tree.head == "begin" or (tree.head or "").replace("_", "-").endswith("query"):
        return _defined(tree.items[1:])
    if len(tree) < 2:
        return []
    target, body = tree[1], _defined(tree.items[2:])
    if tree.head == "lambda":
        return [*(target.items if isinstance(target, Form) else [target]), *body]
    if tree.head == "define" and isinstance(target, Form):
        return [*target.items[1:], *body]
    if tree.head in _LETS:
        named = isinstance(target, Symbol) and len(tree) > 2
        bindings = tree[2] if named else target
        pairs = bindings.items if isinstance(bindings, Form) else ()
        names = [b[0] for b in pairs if isinstance(b, Form) and b.items]
        return [*([target] if named else []), *names, *body]
    return []


def _binds(part: Tree) -> bool:
    return isinstance(part, Form) and bool(_softs([*_bound(part), *_defined([part])]))


def _mark(tree: Tree, scope: frozenset[str]) -> Tree:
    if isinstance(tree, Symbol):
        return Symbol(tree.name, tree.span, True) if tree.name in scope else tree
    if not isinstance(tree, Form) or tree.head == "quote":
        return tree
    if tree.head not in scope:
        scope = scope | _softs(_bound(tree))
    # A list, not a generator: Python's own stack is shallower under those.
    return Form(tuple([_mark(item, scope) for item in tree.items]), tree.span)
