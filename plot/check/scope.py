"""Names in scope and their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plot.check.fits import nearest
from plot.check.foreign import INSTEAD
from plot.errors import UnboundError
from plot.signatures import FORMS, SIGNATURES, Signature, canonical, keyword
from plot.syntax import Symbol
from plot.types import Type
from plot.vocabulary import Vocabulary


class Scope:
    """Names of one body, and the surrounding ones.

    Args:
      names: types by name.
      parent: the surrounding scope; None for the outermost.
      fixed: names whose type was declared and does not change.
    """

    __slots__ = ("fixed", "names", "parent")

    def __init__(
        self, names: dict[str, Type], parent: Scope | None, fixed: frozenset[str] = frozenset()
    ):
        self.names, self.parent, self.fixed = names, parent, fixed

    def find(self, name: str) -> Type | None:
        """The type of a name, or None where it is not bound."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    def all_names(self) -> list[str]:
        """All names in scope, innermost first."""
        found: dict[str, None] = {}
        scope: Scope | None = self
        while scope is not None:
            found.update(dict.fromkeys(scope.names))
            scope = scope.parent
        return list(found)

    def update(self, name: str, kind: Type) -> None:
        """Note the inferred type of a name that this scope defines."""
        if name not in self.fixed:
            self.names[name] = kind


def outermost(vocabulary: Vocabulary, defined: Mapping[str, Type]) -> Scope:
    """The scope around a program: what a world model already defines and declares."""
    names = dict(defined)
    for name in [e.name for e in vocabulary.entries] + [s.listing for s in vocabulary.entities]:
        kind = vocabulary.type_of(name)
        if kind is not None:
            names[name] = kind
    return Scope(names, None)


def builtin(name: str) -> Signature | None:
    """The built-in function of a name."""
    found = canonical(name)
    return SIGNATURES[found] if found else None


def unbound(symbol: Symbol, scope: Scope, entity_names: Iterable[str]) -> UnboundError:
    """The error of a name that means nothing, with the nearest name that does."""
    name = symbol.name
    if keyword(name) or name == "else":
        return UnboundError(
            f"`{name}` is a keyword and has no value", symbol.span, f"write `({name} …)`"
        )
    message = f"`{name}` means nothing here"
    if name == ".":
        return UnboundError("a dot means nothing here", symbol.span, "write 0.5, not 0 . 5")
    if name in set(entity_names):
        return UnboundError(message, symbol.span, f"for the name itself, write '{name}")
    instead = INSTEAD.get(name) or INSTEAD.get(name.replace("_", "-"))
    if instead:
        return UnboundError(message, symbol.span, instead)
    near = nearest(name, [*scope.all_names(), *SIGNATURES, *FORMS])
    return UnboundError(message, symbol.span, f"did you mean `{near}`?" if near else None)
