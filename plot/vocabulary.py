"""The public vocabulary of a world model: what sentences and fragments may name."""

from __future__ import annotations

from dataclasses import dataclass

from plot.types import Entity, ListOf, Type


@dataclass(frozen=True)
class Entry:
    """A public name, declared in the program by `(declare NAME TYPE "meaning")`."""

    name: str
    type: Type
    meaning: str


@dataclass(frozen=True)
class Entities:
    """A sort of thing that can be named, declared by `(entities TYPE LIST (name …) [open])`.

    Args:
      type: name of the entity type, `person`.
      listing: name of the variable that holds all known names as a list, `people`.
      names: the names, in order.
      open: whether a conversation may bring in new names.
    """

    type: str
    listing: str
    names: tuple[str, ...]
    open: bool


@dataclass(frozen=True)
class Vocabulary:
    """Everything public in a world model, in the order of the program."""

    entries: tuple[Entry, ...] = ()
    entities: tuple[Entities, ...] = ()

    def type_of(self, name: str) -> Type | None:
        """The declared type of a name, or None."""
        for entry in self.entries:
            if entry.name == name:
                return entry.type
        for sort in self.entities:
            if sort.listing == name:
                return ListOf(Entity(sort.type))
        return None

    def with_names(self, type: str, names: tuple[str, ...]) -> Vocabulary:
        """The vocabulary with more names of an entity type; names already there stay once."""
        grown = tuple(
            Entities(s.type, s.listing, tuple(dict.fromkeys([*s.names, *names])), s.open)
            if s.type == type
            else s
            for s in self.entities
        )
        return Vocabulary(self.entries, grown)
