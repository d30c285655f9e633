"""What the checker knows about values: types, and the names and lists that it sees whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from plot.types import (
    ANY,
    BOOLEAN,
    NUMBER,
    STRING,
    SYMBOL,
    VOID,
    Base,
    Entity,
    Function,
    ListOf,
    PairOf,
    Type,
    Variable,
)
from plot.vocabulary import Entities

_MANY = 200  # names that are followed one by one
_DEEP = 20  # types nested deeper than this are not followed


@dataclass(frozen=True)
class OneOf(Base):
    """A symbol of which the names are known.

    Args:
      names: the possible names.
      present: whether each of them certainly occurs, as in a quoted list.
    """

    names: frozenset[str] = frozenset()
    present: bool = True

    def __str__(self) -> str:
        return "symbol"


@dataclass(frozen=True)
class FullList(ListOf):
    """A list that certainly has elements, of which one at least is of the element type."""

    def __str__(self) -> str:
        return f"(list {self.element})"


@dataclass(frozen=True)
class EmptyList(ListOf):
    """The empty list."""

    element: Type = field(default=ANY)

    def __str__(self) -> str:
        return "(list any)"


def one_of(names: Iterable[str], present: bool = True) -> Type:
    """The type of a symbol with these possible names."""
    found = frozenset(names)
    return OneOf("symbol", found, present) if len(found) <= _MANY else SYMBOL


def join(left: Type, right: Type, together: bool = False) -> Type:
    """The type of a value that is one or the other.

    Args:
      left: the one type.
      right: the other.
      together: whether both certainly occur, as two elements of one list do.

    >>> print(join(ListOf(NUMBER), EmptyList()), join(NUMBER, SYMBOL))
    (list number) any
    """
    if isinstance(left, OneOf) and isinstance(right, OneOf):
        sure = left.present and right.present and (together or left.names == right.names)
        return one_of(left.names | right.names, sure)
    if left == right:
        return left
    if isinstance(left, EmptyList) and isinstance(right, ListOf):
        return right if together else ListOf(right.element)
    if isinstance(right, EmptyList) and isinstance(left, ListOf):
        return left if together else ListOf(left.element)
    if isinstance(left, ListOf) and isinstance(right, ListOf):
        element = join(left.element, right.element, together)
        full = isinstance(left, FullList) and isinstance(right, FullList)
        return FullList(element) if full else ListOf(element)
    if is_symbol(left) and is_symbol(right):
        return SYMBOL
    if isinstance(left, PairOf) and isinstance(right, PairOf):
        return PairOf(join(left.first, right.first), join(left.rest, right.rest))
    return ANY


def is_symbol(kind: Type) -> bool:
    """Whether a type holds symbols alone."""
    return isinstance(kind, Entity) or (isinstance(kind, Base) and kind.name == "symbol")


def shallow(kind: Type) -> Type:
    """The type, or `any` where it is nested too deep to be worth following."""
    level = [kind]
    for _ in range(_DEEP):
        deeper: list[Type] = []
        for one in level:
            if isinstance(one, ListOf):
                deeper.append(one.element)
            elif isinstance(one, PairOf):
                deeper += [one.first, one.rest]
            elif isinstance(one, Function):
                deeper += [*one.parameters, *one.optional, one.result]
        if not deeper or len(deeper) > _MANY:
            return kind if not deeper else ANY
        level = deeper
    return ANY


def public(kind: Type, sorts: Iterable[Entities]) -> Type:
    """A type as the rest of the program sees it: names become their entity type."""
    if isinstance(kind, OneOf):
        owners = [s.type for s in sorts if kind.names <= frozenset(s.names)]
        return Entity(owners[0]) if len(owners) == 1 else SYMBOL
    if isinstance(kind, ListOf):
        return ListOf(public(kind.element, sorts))
    if isinstance(kind, PairOf):
        return PairOf(public(kind.first, sorts), public(kind.rest, sorts))
    if isinstance(kind, Function):
        return Function(
            tuple(public(p, sorts) for p in kind.parameters),
            public(kind.result, sorts),
            tuple(public(p, sorts) for p in kind.optional),
            None if kind.rest is None else public(kind.rest, sorts),
        )
    return kind


def bind(wanted: Type, actual: Type, found: dict[str, Type]) -> None:
    """Note what the type variables of a parameter stand for, given an argument."""
    if isinstance(wanted, Variable):
        before = found.get(wanted.name)
        found[wanted.name] = actual if before is None else join(before, actual, together=True)
    elif isinstance(wanted, ListOf):
        if isinstance(actual, ListOf):
            if not isinstance(actual, EmptyList):
                bind(wanted.element, actual.element, found)
        else:
            bind(wanted.element, ANY, found)
    elif isinstance(wanted, PairOf):
        if isinstance(actual, PairOf):
            bind(wanted.first, actual.first, found)
            bind(wanted.rest, actual.rest, found)
        elif isinstance(actual, ListOf):
            bind(wanted.first, actual.element, found)
            bind(wanted.rest, ListOf(actual.element), found)
        else:
            bind(wanted.first, ANY, found)
            bind(wanted.rest, ANY, found)
    elif isinstance(wanted, Function):
        bind(wanted.result, actual.result if isinstance(actual, Function) else ANY, found)


def fill(kind: Type, found: dict[str, Type]) -> Type:
    """A result type with its variables replaced; unknown ones become `any`."""
    if isinstance(kind, Variable):
        return found.get(kind.name, ANY)
    if isinstance(kind, ListOf):
        return ListOf(_loose(fill(kind.element, found)))
    if isinstance(kind, PairOf):
        return PairOf(fill(kind.first, found), fill(kind.rest, found))
    if isinstance(kind, Function):
        return Function(
            tuple(ANY if isinstance(p, Variable) else p for p in kind.parameters),
            fill(kind.result, found),
            kind.optional,
            kind.rest,
        )
    return kind


def _loose(kind: Type) -> Type:
    """Elements of a computed list: each name is possible, none is certain to be there."""
    return one_of(kind.names, present=False) if isinstance(kind, OneOf) else kind


def sort_text(kind: Type) -> str:
    """A type in words for what is known of an argument: `a number`."""
    if kind == VOID:
        return "nothing (no value)"
    if isinstance(kind, EmptyList):
        return "the empty list"
    if isinstance(kind, ListOf):
        inner = kind.element
        if isinstance(inner, Base | Entity) and inner.name != "any":
            return f"a list of {inner.name}s"
        return "a list"
    if isinstance(kind, PairOf):
        return "a pair"
    if isinstance(kind, Function):
        return "a function"
    return f"{'an' if str(kind)[0] in 'aeiou' else 'a'} {kind}"


CONSTANTS: dict[type, Type] = {bool: BOOLEAN, int: NUMBER, float: NUMBER, str: STRING}
