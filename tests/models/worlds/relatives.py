"""What relatives are, defined on sets of parents and partners alone: the reference of the kinship world.

Words as Merriam-Webster has them: aunts, uncles, nieces and nephews by blood or by marriage; a brother-in-law is
a partner's brother, a sibling's husband, or the husband of a partner's sibling.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class People:
    """Who begot whom and who lives with whom; of any shape, remarriages included.

    Args:
      parents: of each person, any number.
      partners: of each person, any number.
    """

    parents: Mapping[int, frozenset[int]]
    partners: Mapping[int, frozenset[int]]

    def parent(self, a: int, b: int) -> bool:
        return a in self.parents[b]

    def child(self, a: int, b: int) -> bool:
        return self.parent(b, a)

    def sibling(self, a: int, b: int) -> bool:
        return a != b and len(self.parents[a] & self.parents[b]) == 2

    def half_sibling(self, a: int, b: int) -> bool:
        return a != b and len(self.parents[a] & self.parents[b]) == 1

    def step_parent(self, a: int, b: int) -> bool:
        married = any(a in self.partners[p] for p in self.parents[b])
        return married and a not in self.parents[b]

    def step_sibling(self, a: int, b: int) -> bool:
        met = any(q in self.partners[p] for p in self.parents[a] for q in self.parents[b])
        return met and not self.parents[a] & self.parents[b]

    def grandparent(self, a: int, b: int) -> bool:
        return any(self.parent(a, p) for p in self.parents[b])

    def grandchild(self, a: int, b: int) -> bool:
        return self.grandparent(b, a)

    def ancestor(self, a: int, b: int) -> bool:
        return self.parent(a, b) or any(self.ancestor(a, p) for p in self.parents[b])

    def partner(self, a: int, b: int) -> bool:
        return a in self.partners[b]

    def parents_sibling(self, a: int, b: int) -> bool:
        by_blood = {s for p in self.parents[b] for s in self.parents if self.sibling(s, p)}
        return a in by_blood or any(a in self.partners[s] for s in by_blood)

    def cousin(self, a: int, b: int) -> bool:
        return any(self.sibling(p, q) for p in self.parents[a] for q in self.parents[b])

    def parent_in_law(self, a: int, b: int) -> bool:
        return any(self.parent(a, p) for p in self.partners[b])

    def child_in_law(self, a: int, b: int) -> bool:
        return self.parent_in_law(b, a)

    def sibling_in_law(self, a: int, b: int) -> bool:
        mine, theirs = self.partners[a], self.partners[b]
        return (
            any(self.sibling(a, p) for p in theirs)
            or any(self.sibling(p, b) for p in mine)
            or any(self.sibling(p, q) for p in mine for q in theirs)
        )


def largest() -> People:
    """The largest tree: a couple, three children with partners, three children of each of theirs."""
    parents: dict[int, frozenset[int]] = {}
    partners: dict[int, frozenset[int]] = {}
    for place in range(26):
        member = place % 2 == 0
        above = None
        if member and 2 <= place < 8:
            above = 0
        if member and place >= 8:
            above = 2 + 2 * ((place - 8) // 6)
        parents[place] = frozenset() if above is None else frozenset((above, above + 1))
        partners[place] = frozenset((place + 1 if member else place - 1,))
    return People(parents, partners)
