"""Memoisation: what is kept within a world, by sums over what is drawn."""

from itertools import product

import numpy as np

from tests.programs.derivations.tools import integral, stats, table


def eye_colour():
    """Two alleles a person; brown dominates; a blue-eyed child of brown-eyed parents."""
    cases = []
    for mother in product("Bb", repeat=2):
        for father in product("Bb", repeat=2):
            p = 1.0
            for allele in (*mother, *father):
                p *= 0.6 if allele == "B" else 0.4
            if "B" not in mother or "B" not in father:
                continue
            blue = mother.count("b") / 2 * father.count("b") / 2
            cases += [("blue", p * blue * blue), ("brown", p * blue * (1 - blue))]
    return table(cases)


def blood_type():
    """Alleles A 0.3, B 0.1, O 0.6; the mother is O and the child is A: the father's type."""
    share = {"A": 0.3, "B": 0.1, "O": 0.6}
    cases = []
    for a, b in product(share, repeat=2):
        kinds = {a, b}
        kind = (
            "AB" if kinds == {"A", "B"} else "A" if "A" in kinds else "B" if "B" in kinds else "O"
        )
        cases.append((kind, share[a] * share[b] * (a, b).count("A") / 2))
    return table(cases)


def tug_of_war():
    """P(the winner is stronger), with strengths on a grid of four and laziness."""
    cases = []
    for tom, john in product((1, 2, 3, 4), repeat=2):
        for lazy_tom, lazy_john in product((True, False), repeat=2):
            p = (0.25 if lazy_tom else 0.75) * (0.25 if lazy_john else 0.75)
            if tom / (1 + lazy_tom) > john / (1 + lazy_john):
                cases.append((tom > john, p))
    return table(cases)


def stronger_after_a_win():
    """Continuous: A beat B; strengths normal 50, 20: mean of A is m + s / sqrt(pi)."""

    def above(a):
        return a * stats.norm(50, 20).pdf(a) * stats.norm(50, 20).cdf(a)

    mean = 2 * integral(above, -150, 250)
    assert abs(mean - (50 + 20 / np.sqrt(np.pi))) < 1e-6
    return {"mean": mean}


def two_coins_by_name():
    return table((n, 1.0) for n in (1, 1, 2, 2))
