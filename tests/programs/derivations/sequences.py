"""Long loops and sequences, by dynamic programming."""

import math
from collections import defaultdict
from itertools import groupby, product

from tests.programs.derivations.tools import table


def longest_run():
    cases = []
    for tosses in product((True, False), repeat=6):
        runs = [len(list(g)) for k, g in groupby(tosses) if k]
        cases.append((max(runs, default=0), 1.0))
    return table(cases)


def coupons():
    """Draws until all of three kinds are there, cut at twelve."""
    law: dict = defaultdict(float)
    have = {0: 1.0}
    for n in range(1, 13):
        grown: dict = defaultdict(float)
        for k, p in have.items():
            grown[k] += p * k / 3
            grown[k + 1] += p * (3 - k) / 3
        law[n] = grown.pop(3, 0)
        have = grown
    law[12] += sum(have.values())
    return {"P(3)": law[3], "P(4)": law[4], "P(5)": law[5]}


def many_tosses():
    return {"mean": 50.0, "sd": 5.0}


def record_highs():
    """Records among five numbers in random order: independent with 1/k."""
    law = {0: 1.0}
    for k in range(1, 6):
        grown: dict = defaultdict(float)
        for n, p in law.items():
            grown[n + 1] += p / k
            grown[n] += p * (1 - 1 / k)
        law = dict(grown)
    return table((n, p) for n, p in law.items() if p > 0)


def polya_urn():
    """One red and one black ball, four draws, each put back with another: uniform."""
    return {f"P({k})": 1 / 5 for k in range(5)}


def running_total():
    """Throws of a die until the total is ten or more."""
    places, law = {0: 1.0}, defaultdict(float)
    for n in range(1, 11):
        grown: dict = defaultdict(float)
        for x, p in places.items():
            for roll in range(1, 7):
                if x + roll >= 10:
                    law[n] += p / 6
                else:
                    grown[x + roll] += p / 6
        places = grown
    return table((n, p) for n, p in law.items())


def doubling_or_nothing():
    """Wealth after six fair games of all or a half."""
    return {"mean": (0.5 * 1.5 + 0.5 * 0.5) ** 6, "sd": math.sqrt((0.5 * (2.25 + 0.25)) ** 6 - 1)}
