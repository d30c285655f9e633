"""Algebra on lane operations: identities that make a node unnecessary."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plot.compiler.graph import Graph, Operand


def simplify(graph: Graph, op: str, args: tuple[Operand, ...]) -> Operand | None:
    """A simpler operand of equal value, or None where there is none."""
    rule = _RULES.get(op)
    return rule(graph, *args) if rule is not None else None


def _is(x: Operand, value: float) -> bool:
    return isinstance(x, (int, float)) and not isinstance(x, bool) and x == value


def _parts(x: Operand, op: str) -> tuple[Operand, ...] | None:
    """The operands of a node that does this operation, else None."""
    return None if isinstance(x, (bool, int, float)) or x.op != op else x.args


def _negates(a: Operand, b: Operand) -> bool:
    left, right = _parts(a, "not"), _parts(b, "not")
    return (left is not None and left[0] is b) or (right is not None and right[0] is a)


def _and(g: Graph, a: Operand, b: Operand) -> Operand | None:
    if a is False or b is False or _negates(a, b):
        return False
    if a is True or a is b:
        return b
    return a if b is True else None


def _or(g: Graph, a: Operand, b: Operand) -> Operand | None:
    if a is True or b is True or _negates(a, b):
        return True
    if a is False or a is b:
        return b
    return a if b is False else None


def _not(g: Graph, a: Operand) -> Operand | None:
    inner = _parts(a, "not")
    return inner[0] if inner else None


def _where(g: Graph, c: Operand, a: Operand, b: Operand) -> Operand | None:
    if isinstance(c, bool):
        return a if c else b
    if a is b or (isinstance(a, (bool, int, float)) and type(a) is type(b) and a == b):
        return a
    negated = _parts(c, "not")
    if negated:
        return g.apply("where", negated[0], b, a)
    if isinstance(a, bool):
        return g.apply("or", c, b) if a else g.apply("and", g.apply("not", c), b)
    if isinstance(b, bool):
        return g.apply("or", g.apply("not", c), a) if b else g.apply("and", c, a)
    # A choice inside an arm that asks the same question again is already decided there.
    inner = _parts(a, "where")
    if inner and inner[0] is c:
        return g.apply("where", c, inner[1], b)
    inner = _parts(b, "where")
    if inner and inner[0] is c:
        return g.apply("where", c, a, inner[2])
    return None


def _eq(g: Graph, a: Operand, b: Operand) -> Operand | None:
    if a is b:
        return True
    for x, y in ((a, b), (b, a)):
        if isinstance(x, bool):
            return y if x else g.apply("not", y)
    return None


def _add(g: Graph, a: Operand, b: Operand) -> Operand | None:
    return b if _is(a, 0) else a if _is(b, 0) else None


def _sub(g: Graph, a: Operand, b: Operand) -> Operand | None:
    return a if _is(b, 0) else None


def _mul(g: Graph, a: Operand, b: Operand) -> Operand | None:
    # 0 * x is left alone: it is NaN where x is infinite, and that must show.
    return b if _is(a, 1) else a if _is(b, 1) else None


def _div(g: Graph, a: Operand, b: Operand) -> Operand | None:
    return a if _is(b, 1) else None


def _pow(g: Graph, a: Operand, b: Operand) -> Operand | None:
    if _is(b, 1):
        return a
    if not _is(b, 2):
        return None
    # Powers are slow; of a difference the square is the same both ways round.
    parts = _parts(a, "sub")
    if parts and not any(isinstance(x, (bool, int, float)) for x in parts):
        one, other = sorted(parts, key=lambda node: node.id)  # type: ignore[union-attr]
        a = g.apply("sub", one, other)
    return g.apply("mul", a, a)


def _same(g: Graph, a: Operand, b: Operand) -> Operand | None:
    return a if a is b else None


_RULES = {
    "and": _and,
    "or": _or,
    "not": _not,
    "where": _where,
    "eq": _eq,
    "add": _add,
    "sub": _sub,
    "mul": _mul,
    "div": _div,
    "pow": _pow,
    "min": _same,
    "max": _same,
}
