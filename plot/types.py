"""Types, and their written form: `number`, `(list person)`, `(-> person number)`."""

from __future__ import annotations

from dataclasses import dataclass

from plot.errors import FormError
from plot.syntax import Form, Symbol, Tree

KINDS = ("number", "boolean", "symbol", "string", "void", "any")


@dataclass(frozen=True)
class Base:
    """A type without parts: number, boolean, symbol, string, void or any."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Entity:
    """The names of one sort of thing, a subtype of symbol: `person`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class ListOf:
    """Lists whose elements share a type."""

    element: Type

    def __str__(self) -> str:
        return f"(list {self.element})"


@dataclass(frozen=True)
class PairOf:
    """Pairs (a non-empty list is one too)."""

    first: Type
    rest: Type

    def __str__(self) -> str:
        return f"(pair {self.first} {self.rest})"


@dataclass(frozen=True)
class Variable:
    """A type variable, a single letter in signatures."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Function:
    """Functions.

    Args:
      parameters: types of the parameters that must be given.
      result: type of the result.
      optional: types of parameters that may be left out.
      rest: type of any further arguments, or None where there can be none.
    """

    parameters: tuple[Type, ...]
    result: Type
    optional: tuple[Type, ...] = ()
    rest: Type | None = None

    def __str__(self) -> str:
        parts = [str(p) for p in self.parameters] + [f"(? {p})" for p in self.optional]
        if self.rest is not None:
            parts.append(f"{self.rest} ...")
        return f"(-> {' '.join([*parts, str(self.result)])})"

    @property
    def most(self) -> int | None:
        """The largest number of arguments, or None where there is no largest."""
        return None if self.rest is not None else len(self.parameters) + len(self.optional)


type Type = Base | Entity | ListOf | PairOf | Variable | Function

NUMBER, BOOLEAN, SYMBOL, STRING, VOID, ANY = (Base(name) for name in KINDS)


def parse_type(tree: Tree, entities: frozenset[str] = frozenset()) -> Type:
    """Read a type from its tree.

    Args:
      tree: `number`, `(list t)`, `(pair a b)`, `(-> a b (? c) d ... result)`, a single letter
        for a type variable, or the name of an entity type.
      entities: the names of entity types that are known.

    Raises:
      FormError: where the tree is no type.

    >>> from plot.reader import read_one
    >>> print(parse_type(read_one("(-> (list person) number)"), frozenset({"person"})))
    (-> (list person) number)
    """
    if isinstance(tree, Symbol):
        if tree.name in KINDS:
            return Base(tree.name)
        if tree.name in entities:
            return Entity(tree.name)
        if len(tree.name) == 1 and tree.name.isalpha():
            return Variable(tree.name)
        known = ", ".join([*KINDS, *sorted(entities)])
        raise FormError(f"`{tree.name}` is not a type", tree.span, f"known types: {known}")
    if isinstance(tree, Form):
        parts = tree.items[1:]
        if tree.head == "list" and len(parts) == 1:
            return ListOf(parse_type(parts[0], entities))
        if tree.head == "pair" and len(parts) == 2:
            return PairOf(parse_type(parts[0], entities), parse_type(parts[1], entities))
        if tree.head == "->" and parts:
            return _parse_function(parts, entities)
    raise FormError(
        "this is not a type", tree.span, "write number, (list t) or (-> argument … result)"
    )


def _parse_function(parts: tuple[Tree, ...], entities: frozenset[str]) -> Function:
    required: list[Type] = []
    optional: list[Type] = []
    rest: Type | None = None
    for part in parts[:-1]:
        if isinstance(part, Symbol) and part.name == "...":
            if not required and not optional:
                raise FormError("`...` has no type before it", part.span)
            rest = optional.pop() if optional else required.pop()
        elif isinstance(part, Form) and part.head == "?" and len(part) == 2:
            optional.append(parse_type(part[1], entities))
        else:
            required.append(parse_type(part, entities))
    return Function(tuple(required), parse_type(parts[-1], entities), tuple(optional), rest)
