"""Whether an argument can be what a parameter asks for; only definite mismatches count."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from plot.check.kinds import FullList, OneOf, is_symbol
from plot.types import Base, Entity, Function, ListOf, PairOf, Type, Variable
from plot.vocabulary import Entities


class Fits:
    """Compares types, with the entity types of the vocabulary in mind.

    Args:
      sorts: the declared entity types.
    """

    def __init__(self, sorts: Sequence[Entities]):
        self.sorts = {sort.type: sort for sort in sorts}

    def mismatch(self, actual: Type, wanted: Type) -> str | None:
        """None where the argument may fit; else a hint, which may be empty."""
        if isinstance(wanted, Variable) or wanted == Base("any"):
            return None
        if isinstance(actual, Variable) or actual == Base("any"):
            return None
        if isinstance(wanted, Entity):
            return self._entity(actual, wanted)
        if isinstance(wanted, ListOf):
            return self._list(actual, wanted)
        if isinstance(wanted, PairOf):
            return None if isinstance(actual, PairOf | ListOf) else ""
        if isinstance(wanted, Function):
            return None if isinstance(actual, Function) else ""
        if wanted.name == "symbol":
            return None if is_symbol(actual) else ""
        return None if isinstance(actual, Base) and actual.name == wanted.name else ""

    def _entity(self, actual: Type, wanted: Entity) -> str | None:
        if isinstance(actual, OneOf):
            return self._names(actual, wanted)
        if isinstance(actual, Entity) and actual != wanted:
            left, right = self.sorts.get(actual.name), self.sorts.get(wanted.name)
            if left is None or right is None or set(left.names) & set(right.names):
                return None
            return f"{actual.name} and {wanted.name} have no names in common"
        if is_symbol(actual):
            return None
        if isinstance(actual, ListOf):
            return f"one {wanted.name} is due, without the list"
        sort = self.sorts.get(wanted.name)
        return f"write a quoted name, such as '{sort.names[0]}" if sort and sort.names else ""

    def _names(self, actual: OneOf, wanted: Entity) -> str | None:
        sort = self.sorts.get(wanted.name)
        if sort is None:
            return None
        wrong = [name for name in sorted(actual.names) if not self._may_be(name, sort)]
        if not wrong or (not actual.present and len(wrong) < len(actual.names)):
            return None
        owners = [s.type for s in self.sorts.values() if wrong[0] in s.names]
        if owners:
            return f"{wrong[0]} is a {owners[0]}"
        near = get_close_matches(wrong[0], sort.names, 1, 0.5)
        if near:
            return f"no {sort.type} is called {wrong[0]}; did you mean '{near[0]}?"
        return f"no {sort.type} is called {wrong[0]}; the names are {_listing(sort.names)}"

    def _may_be(self, name: str, sort: Entities) -> bool:
        if name in sort.names:
            return True
        return sort.open and not any(name in other.names for other in self.sorts.values())

    def _list(self, actual: Type, wanted: ListOf) -> str | None:
        if isinstance(actual, FullList):
            return self.mismatch(actual.element, wanted.element)
        if isinstance(actual, ListOf):
            return None  # it may be empty
        if isinstance(actual, PairOf):
            inner = self.mismatch(actual.first, wanted.element)
            if inner is None and self.mismatch(actual.rest, wanted) is not None:
                inner = "this pair does not end in a list"
            return inner
        if self.mismatch(actual, wanted.element) is not None:
            return ""
        if isinstance(actual, OneOf) and len(actual.names) == 1:
            return f"write a list: '({next(iter(actual.names))})"
        return "write a list: (list …)"


def _listing(names: Sequence[str]) -> str:
    shown = ", ".join(names[:12])
    return shown + (", …" if len(names) > 12 else "")


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name that is most like a name, or None where none is near."""
    found = get_close_matches(name, known, 1, 0.6)
    if not found:
        found = get_close_matches(name.replace("_", "-"), known, 1, 0.6)
    return found[0] if found else None
