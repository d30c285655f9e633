"""Family trees of the kinship world, as they are drawn: who is where, and how probable that is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from plot.posterior import Posterior

FIRST_CHILDLESS = 4  # home of the largest tree from which on there are no children
# What trees are read off: in which homes a member and a partner live, as the bits of two numbers; who is a
# woman; and on which places the names are.
QUESTION = """(query (list
  (sum (map (lambda (h) (if (taken? (* 2 h)) (expt 2 h) 0)) (iota 13)))
  (sum (map (lambda (h) (if (taken? (+ (* 2 h) 1)) (expt 2 h) 0)) (iota 13)))
  (map (lambda (name) (if (female name) 1 0)) people)
  (map called people)))"""


@dataclass(frozen=True, order=True)
class Household:
    """A member, perhaps a partner, and the households of their children; names, empty where there is none.

    Args:
      member: who was born there, or is the eldest.
      partner: who joined; None where nobody did, or nobody of interest.
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


def of_interest(home: Household) -> Household:
    """Without people who have no name, link nobody, and are no partner or child of somebody with a name.

    >>> of_interest(Household("ann", None, (Household("", ""), Household("bob"))))
    Household(member='ann', partner=None, children=(Household(member='', partner=None, children=()), Household(member='bob', partner=None, children=())))
    """
    children = tuple(
        of_interest(child) for child in home.children if child.named or any(home.couple)
    )
    lonely = home.partner == "" and not children and not home.member
    return replace(home, partner=None if lonely else home.partner, children=children)


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
    """Trees by probability, the most probable first; those that differ in people of no interest are one.

    Args:
      posterior: of `QUESTION`.
      people: the names, in the world's order.
    """
    found: dict[Household, float] = defaultdict(float)
    women: dict[Household, np.ndarray] = defaultdict(lambda: np.zeros(len(people)))
    for row in posterior.table:
        members, partners, female, places = row.python  # type: ignore[misc]
        names = {int(place): name for place, name in zip(places, people, strict=True)}
        home = unmirrored(of_interest(household(int(members), int(partners), names)))
        found[home] += row.probability
        women[home] += row.probability * np.array(female, float)
    worth = independent(posterior)
    ranked = sorted(found.items(), key=lambda item: (-item[1], str(item[0])))
    return [
        Tree(
            home,
            share,
            math.sqrt(max(share * (1 - share), 0.0) / worth) if math.isfinite(worth) else 0.0,
            dict(zip(people, (women[home] / share).tolist(), strict=True)),
        )
        for home, share in ranked
    ]


def independent(posterior: Posterior) -> float:
    """How many independent worlds the answer is worth; those of one ancestor count as one."""
    if posterior.worlds.exact:
        return math.inf
    families = posterior.worlds.families
    if families is None:
        return posterior.effective_size
    return float(1 / np.sum(np.square(np.bincount(families, posterior.weights))))
