"""Mixtures, worked out."""

import math
from itertools import product

from tests.programs.derivations.tools import stats, table


def two_components():
    law = {"low": 0.3 * stats.norm(0, 1).pdf(1.2), "high": 0.7 * stats.norm(3, 2).pdf(1.2)}
    return table(law.items())


def mixture_moments():
    mean = 0.25 * -2 + 0.75 * 2
    variance = 0.25 * (1 + 4) + 0.75 * (0.25 + 4) - mean**2
    return {"mean": mean, "sd": math.sqrt(variance)}


def same_bag():
    """Two draws of colours: one bag of two, with shares 0.9 and 0.2 of red."""
    cases = []
    for first, second in product((0.9, 0.2), repeat=2):
        cases.append((first == second, 0.25 * first * second))
    return table(cases)


def _partitions(customers, alpha):
    """Seatings of the Chinese restaurant, as tuples of tables, with their probabilities."""
    seatings: dict[tuple, float] = {(): 1.0}
    for n in range(customers):
        grown: dict[tuple, float] = {}
        for seats, p in seatings.items():
            tables = max(seats, default=-1) + 1
            for t in range(tables + 1):
                weight = seats.count(t) if t < tables else alpha
                key = (*seats, t)
                grown[key] = grown.get(key, 0) + p * weight / (n + alpha)
        seatings = grown
    return seatings


def restaurant_tables():
    return table((len(set(s)), p) for s, p in _partitions(4, 1.5).items())


def restaurant_company():
    return table((s[0] == s[3], p) for s, p in _partitions(4, 2.0).items())


def clusters_of_colours():
    """Three animals; clusters by a Chinese restaurant; each cluster's kind is drawn afresh."""
    cases = []
    for seats, p in _partitions(3, 1.0).items():
        tables = max(seats) + 1
        for kinds in product(("wolf", "hare"), repeat=tables):
            kind = [kinds[s] for s in seats]
            if kind[0] == kind[1] == "wolf":
                cases.append((kind[2], p * 0.5**tables))
    return table(cases)


def dirichlet_colours():
    """Shares 1 1 1 before, red red blue seen: a red one next."""
    return table([("red", 3 / 6), ("blue", 2 / 6), ("green", 1 / 6)])


def stick_breaking():
    """The first three sticks, each breaking off beta(1, 2) of what is left."""
    left = 2 / 3
    return {f"P({k})": left**k / 3 for k in range(3)}


def which_topic():
    cases = []
    for topic, words in (
        ("sport", {"ball": 0.6, "vote": 0.1}),
        ("state", {"ball": 0.1, "vote": 0.5}),
    ):
        cases.append((topic, 0.5 * words["ball"] * words["ball"] * words["vote"]))
    return table(cases)
