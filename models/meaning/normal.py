"""A normal form of fragments, so that readings that mean the same are counted together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plot.printer import write
from plot.syntax import Form, Literal, Symbol, Tree

_FLIPPED = {"<": ">", "<=": ">="}
_DENIED = {">": ">=", ">=": ">"}
_COMMUTATIVE = frozenset({"and", "or", "+", "*", "=", "eq?", "equal?"})


@dataclass(frozen=True)
class NormalOptions:
    """What else counts as the same.

    Args:
      unordered_lists: whether quoted lists of names are sets (a team is one, a ranking is not).
    """

    unordered_lists: bool = False


def normal(tree: Tree, options: NormalOptions = NormalOptions()) -> Tree:
    """The normal form of a tree.

    Variables get standard names; `<` becomes `>` turned round; `not` moves into comparisons
    and through `and` and `or`; nested conjunctions are flat; arguments whose order does not
    matter are sorted; `(list 'a)` is `'(a)`.

    Args:
      tree: a fragment.
      options: what else counts as the same.

    >>> from plot.reader import read_one
    >>> write(normal(read_one("(condition (not (< (f 'a) 3)))")))
    "(condition (>= (f 'a) 3))"
    """
    return _normal(tree, {}, options)


def same(a: Tree, b: Tree, options: NormalOptions = NormalOptions(unordered_lists=True)) -> bool:
    """Whether two fragments have the same normal form, teams taken as sets.

    >>> from plot.reader import read_one
    >>> same(read_one("(f '(a b))"), read_one("(f '(b a))"))
    True
    """
    return normal(a, options) == normal(b, options)


def _normal(tree: Tree, bound: Mapping[str, str], o: NormalOptions) -> Tree:
    if isinstance(tree, Symbol):
        return Symbol(bound.get(tree.name, tree.name))
    if isinstance(tree, Literal):
        value = tree.value
        return (
            Literal(int(value))
            if isinstance(value, float) and value.is_integer()
            else Literal(value)
        )
    head = tree.head
    if head == "quote" and len(tree) == 2:
        return _quoted(tree, o)
    if head == "lambda" and len(tree) == 3 and isinstance(written := tree[1], Form):
        names = [s.name for s in written if isinstance(s, Symbol)]
        inner = {**bound, **{n: f"x{len(bound) + i}" for i, n in enumerate(names)}}
        parameters = Form(tuple(Symbol(inner[n]) for n in names))
        return Form((Symbol("lambda"), parameters, _normal(tree[2], inner, o)))
    parts = [_normal(t, bound, o) for t in tree]
    if head in _FLIPPED and len(parts) == 3:
        return Form((Symbol(_FLIPPED[head]), parts[2], parts[1]))
    if head == "not" and len(parts) == 2:
        return _denied(parts[1])
    if head == "list" and all(
        isinstance(p, Form) and p.head == "quote" and isinstance(p[1], Symbol) for p in parts[1:]
    ):
        return _quoted(
            Form((Symbol("quote"), Form(tuple(p[1] for p in parts[1:] if isinstance(p, Form))))), o
        )
    if head in _COMMUTATIVE:
        return _sorted(head, parts[1:])
    if head == "difference" and len(parts) == 3:
        return Form((parts[0], parts[1], _quoted(parts[2], NormalOptions(unordered_lists=True))))
    return Form(tuple(parts))


def _quoted(tree: Tree, o: NormalOptions) -> Tree:
    if (
        isinstance(tree, Form)
        and len(tree) == 2
        and isinstance(inside := tree[1], Form)
        and o.unordered_lists
    ):
        return Form((Symbol("quote"), Form(tuple(sorted(inside.items, key=write)))))
    return tree


def _denied(tree: Tree) -> Tree:
    """The denial of a tree in normal form; numbers are never unordered in a live world."""
    if isinstance(tree, Form):
        if tree.head in _DENIED and len(tree) == 3:
            return Form((Symbol(_DENIED[tree.head]), tree[2], tree[1]))
        if tree.head == "not" and len(tree) == 2:
            return tree[1]
        if tree.head in ("and", "or"):
            return _sorted(
                "or" if tree.head == "and" else "and", [_denied(t) for t in tree.items[1:]]
            )
    return Form((Symbol("not"), tree))


def _sorted(head: str, parts: list[Tree]) -> Tree:
    flat: list[Tree] = []
    for part in parts:
        nested = isinstance(part, Form) and part.head == head and head not in ("=", "eq?", "equal?")
        flat += part.items[1:] if nested and isinstance(part, Form) else [part]
    return Form((Symbol(head), *sorted(flat, key=write)))
