"""Family trees of the kinship world, as they are drawn: who is where, and how probable that is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plot.data import to_list
from plot.decode import numbers
from plot.posterior import Posterior

FIRST_CHILDLESS = 4  # home of the largest tree from which on there are no children
HOMES = range(13)
# What trees are read off: in which homes there is a member, and a partner, as the bits of two numbers; who
# is a woman; and on which places the names are.
QUESTION = """(query (append
  (list (sum (map (lambda (h) (if (taken? (* 2 h)) (expt 2 h) 0)) (iota 13)))
        (sum (map (lambda (h) (if (taken? (+ (* 2 h) 1)) (expt 2 h) 0)) (iota 13))))
  (map (lambda (name) (if (female name) 1 0)) people)
  (map called people)))"""


@dataclass(frozen=True, order=True)
class Household:
    """A member, perhaps a partner, and the households of their children; names, empty where there is none.

    Args:
      member: who was born there, or is the eldest.
      partner: who joined; None where nobody did, or nobody who is shown.
      children: the households below, in the order of what is in them: who was born first is not told.
    """

    member: str
    partner: str | None = None
    children: tuple[Household, ...] = ()

    @property
    def couple(self) -> tuple[str, ...]:
        """Who lives here."""
        return (self.member,) if self.partner is None else (self.member, self.partner)

    @property
    def named(self) -> bool:
        """Whether somebody here or below has a name."""
        return any(self.couple) or any(child.named for child in self.children)


@dataclass(frozen=True)
class Tree:
    """A kind of family and how probable it is.

    Args:
      eldest: the household on top.
      probability: of it.
      standard_error: of the probability.
      women: for each name the probability that it is a woman's, in such families.
    """

    eldest: Household
    probability: float
    standard_error: float
    women: dict[str, float]


def household(members: int, partners: int, names: dict[int, str], home: int = 0) -> Household:
    """The household of a home and all below it.

    Args:
      members, partners: bits, by home, of who lives there.
      names: by place, twice the home for a member and one more for a partner.
      home: which.

    >>> household(0b11, 0b01, {0: "ann", 2: "bob"})
    Household(member='ann', partner='', children=(Household(member='bob', partner=None, children=()),))
    """
    below = range(3 * home + 1, 3 * home + 4) if home < FIRST_CHILDLESS else ()
    children = [household(members, partners, names, h) for h in below if members >> h & 1]
    partner = names.get(2 * home + 1, "") if partners >> home & 1 else None
    return Household(names.get(2 * home, ""), partner, tuple(sorted(children, key=_order)))


def _order(home: Household) -> tuple[object, ...]:
    return not home.named, sorted(filter(None, home.couple)), str(home)


def unmirrored(eldest: Household) -> Household:
    """The eldest couple in the order of their names: which of the two joined the other makes no difference.

    >>> unmirrored(Household("", "bob")).couple
    ('bob', '')
    """
    if eldest.partner is None:
        return eldest
    first, second = sorted(eldest.couple, key=lambda name: (not name, name))
    return replace(eldest, member=first, partner=second)


def trees(posterior: Posterior, people: Sequence[str]) -> list[Tree]:
    """Trees by probability, the most probable first; those that differ in people who are not shown are one.

    Args:
      posterior: of `QUESTION`.
      people: the names, in the world's order.
    """
    table = columns(posterior)
    women, places = table[2 : 2 + len(people)], table[2 + len(people) :].astype(int)
    seen = np.stack([*shown(table[0].astype(int), table[1].astype(int), places), *places])
    kinds, index = np.unique(seen, axis=1, return_inverse=True)
    index = index.reshape(-1)
    share = np.bincount(index, posterior.weights, kinds.shape[1])
    female = np.stack([np.bincount(index, posterior.weights * w, len(share)) for w in women])
    found: dict[Household, np.ndarray] = defaultdict(lambda: np.zeros(1 + len(people)))
    for i, (members, partners, *at) in enumerate(kinds.T.tolist()):
        home = unmirrored(household(members, partners, dict(zip(at, people, strict=True))))
        found[home] += np.array([share[i], *female[:, i]])
    worth = independent(posterior)
    made = [
        Tree(
            home,
            float(sums[0]),
            math.sqrt(max(sums[0] * (1 - sums[0]), 0.0) / worth),
            dict(zip(people, (sums[1:] / sums[0]).tolist(), strict=True)),
        )
        for home, sums in found.items()
        if sums[0] > 0
    ]
    return sorted(made, key=lambda tree: (-tree.probability, str(tree.eldest)))


def columns(posterior: Posterior) -> np.ndarray:
    """`[parts, worlds]`, the numbers of an answer that is a list of numbers."""
    worlds = posterior.worlds
    parts = (numbers(part, worlds.rows, worlds.kept) for part in to_list(posterior.value))
    return np.stack([np.asarray(part, float) for part in parts if part is not None])


def shown(members: np.ndarray, partners: np.ndarray, places: np.ndarray) -> tuple[np.ndarray, ...]:
    """`[worlds]` each, the bits of the members and of the partners that a picture shows.

    Left out is who has no name, links nobody, and is no partner or child of somebody with a name.

    Args:
      members, partners: `[worlds]`, bits by home.
      places: `[names, worlds]`.

    >>> people = np.array([[2]])  # one name, of a child
    >>> [bin(bits[0]) for bits in shown(np.array([0b11111]), np.array([0b111]), people)]
    ['0b10011', '0b11']
    """
    named = [((places // 2) == home).any(axis=0) for home in HOMES]
    within = list(named)  # whether somebody there or below has a name
    for home in reversed(HOMES[1:]):
        within[(home - 1) // 3] = within[(home - 1) // 3] | within[home]
    kept = [np.ones(len(members), bool)]
    kept += [(members >> h & 1 == 1) & (within[h] | named[(h - 1) // 3]) for h in HOMES[1:]]
    above = [np.zeros(len(members), bool) for _ in HOMES]  # whether a child is shown
    for home in HOMES[1:]:
        above[(home - 1) // 3] = above[(home - 1) // 3] | kept[home]
    joined = [(partners >> h & 1 == 1) & (named[h] | above[h]) for h in HOMES]
    return tuple(sum(bit.astype(int) << h for h, bit in enumerate(row)) for row in (kept, joined))  # type: ignore[return-value]


def independent(posterior: Posterior) -> float:
    """How many independent worlds the answer is worth; those of one ancestor count as one."""
    if posterior.worlds.exact:
        return math.inf
    families = posterior.worlds.families
    if families is None:
        return posterior.effective_size
    return float(1 / np.sum(np.square(np.bincount(families, posterior.weights))))
