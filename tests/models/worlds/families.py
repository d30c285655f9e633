"""Family trees and names on them, listed in plain Python: the reference of the kinship world."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

CHILDREN = {0: 1 / 2, 1: 1 / 4, 2: 1 / 8, 3: 1 / 8}  # of a couple: a geometric count, cut at three


@dataclass(frozen=True)
class Home:
    """A member of the family, whether there is a partner, and the homes of the children."""

    couple: bool
    below: tuple[Home, ...] = ()


@dataclass(frozen=True)
class Family:
    """People by number.

    Args:
      parents: of each; none of who came from outside.
      partners: pairs.
    """

    parents: tuple[tuple[int, ...], ...]
    partners: frozenset[tuple[int, int]]

    def children(self, one: int) -> list[int]:
        return [c for c, parents in enumerate(self.parents) if one in parents]

    def siblings(self, one: int) -> list[int]:
        parents = self.parents[one]
        return [c for c in self.children(parents[0]) if c != one] if parents else []


def homes(levels: int) -> Iterator[tuple[float, Home]]:
    """Every home with so many levels below it at most, with its probability."""
    yield 0.5, Home(False)
    if levels == 0:
        yield 0.5, Home(True)
        return
    below = list(homes(levels - 1))
    for count, chance in CHILDREN.items():
        for children in itertools.product(below, repeat=count):
            share = 0.5 * chance
            for p, _ in children:
                share *= p
            yield share, Home(True, tuple(home for _, home in children))


def family(home: Home) -> Family:
    """The people of a home and of all below it."""
    parents: list[tuple[int, ...]] = []
    partners: set[tuple[int, int]] = set()

    def settle(home: Home, above: tuple[int, ...]) -> None:
        one = len(parents)
        parents.append(above)
        couple = (one,)
        if home.couple:
            parents.append(())
            couple = one, one + 1
            partners.update({couple, couple[::-1]})
        for child in home.below:
            settle(child, couple)

    settle(home, ())
    return Family(tuple(parents), frozenset(partners))


def of_all_names(levels: int, weigh: Callable[[Family, tuple[int, ...]], Counter]) -> Counter:
    """Sums over families and over ways to lay four names on them.

    Args:
      levels: of the tree.
      weigh: from a family and the four people who are named, the probability of each answer together
        with the evidence.
    """
    found: Counter = Counter()
    for share, home in homes(levels):
        tree = family(home)
        named = list(itertools.permutations(range(len(tree.parents)), 4))
        for people in named:
            for answer, p in weigh(tree, people).items():
                found[answer] += share * p / len(named)
    return found


def dialogue(turns: int) -> Counter:
    """The conversation about Charlie's grandchild: answers and their probability with the evidence.

    Blake is Avery's sister, Charlie the father of both and Dana's grandfather; from the second turn on
    Blake has two children, from the third on Dana has no siblings. Who is Dana's parent?
    """
    found: Counter = Counter()
    for share, home in homes(2):
        tree = family(home)
        size = len(tree.parents)
        ways = size * (size - 1) * (size - 2) * (size - 3)
        for charlie in range(size):
            children = tree.children(charlie)
            for avery, blake in itertools.permutations(children, 2):
                if turns > 1 and len(tree.children(blake)) != 2:
                    continue
                for parent in children:
                    for dana in tree.children(parent):
                        if turns > 2 and tree.siblings(dana):
                            continue
                        name = {avery: "avery", blake: "blake"}.get(parent, "other")
                        found[name] += share / ways / 4  # Blake is a woman and Charlie a man
    return found
