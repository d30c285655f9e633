"""Syntax trees: what the reader makes and the evaluators walk. Equality ignores spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from plot.errors import Span


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name.

    Args:
      name: how it is spelled.
      span: where.
      variable: whether the program binds it although it is a keyword (`plot.scoping`).
    """

    name: str
    span: Span | None = field(default=None, compare=False, repr=False)
    variable: bool = field(default=False, compare=False, repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """A number, a boolean or a string that stands for itself."""

    value: int | float | bool | str
    span: Span | None = field(default=None, repr=False)

    def _key(self) -> tuple[str, object]:
        return type(self.value).__name__, self.value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


@dataclass(frozen=True, slots=True)
class Form:
    """A bracketed sequence; `'x` is the form `(quote x)`, a dot is the symbol named `.`."""

    items: tuple[Tree, ...]
    span: Span | None = field(default=None, compare=False, repr=False)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Tree]:
        return iter(self.items)

    def __getitem__(self, index: int) -> Tree:
        return self.items[index]

    @property
    def head(self) -> str | None:
        """The name in head position, unless it is a variable with the name of a keyword; or None."""
        first = self.items[0] if self.items else None
        return first.name if isinstance(first, Symbol) and not first.variable else None


type Tree = Symbol | Literal | Form


def without_spans(tree: Tree) -> Tree:
    """A tree without the places where it was written."""
    if isinstance(tree, Form):
        return Form(tuple(without_spans(item) for item in tree.items))
    return replace(tree, span=None)


def walk(tree: Tree) -> Iterator[Tree]:
    """Every node of a tree, parents first."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Form):
            stack.extend(reversed(node.items))
