"""Hidden Markov models: sums over paths, and Kalman's recursions."""

import math
from itertools import pairwise, product

from tests.programs.derivations.tools import bernoulli, stats, table

BOTH = (True, False)


def _umbrella(seen):
    """Rain stays with 0.7; umbrellas come with 0.9 in the rain and 0.2 without."""
    for path in product(BOTH, repeat=len(seen)):
        p = 1.0
        before = None
        for rain, umbrella in zip(path, seen, strict=True):
            p *= 0.5 if before is None else (0.7 if rain == before else 0.3)
            p *= bernoulli(umbrella, 0.9 if rain else 0.2)
            before = rain
        yield path, p


def umbrella_filter():
    return table((path[-1], p) for path, p in _umbrella((True, True)))


def umbrella_smoothing():
    return table((path[0], p) for path, p in _umbrella((True, True)))


def umbrella_forecast():
    cases = []
    for path, p in _umbrella((True, True)):
        cases += [(True, p * (0.7 if path[-1] else 0.3)), (False, p * (0.3 if path[-1] else 0.7))]
    return table(cases)


def whole_path():
    return table(_umbrella((True, False, True)))


def ten_days():
    seen = (True,) * 5 + (False,) * 5
    both = {True: 0.5, False: 0.5}
    for day, umbrella in enumerate(seen):
        if day:
            both = {r: sum(p * (0.7 if r == q else 0.3) for q, p in both.items()) for r in BOTH}
        both = {r: p * bernoulli(umbrella, 0.9 if r else 0.2) for r, p in both.items()}
    return table(both.items()) | {"log-evidence": math.log(sum(both.values()))}


def _kalman(readings, drift, noise):
    mean, variance, evidence = 0.0, 1.0, 0.0
    for reading in readings:
        variance += drift**2
        evidence += stats.norm(mean, math.sqrt(variance + noise**2)).logpdf(reading)
        gain = variance / (variance + noise**2)
        mean, variance = mean + gain * (reading - mean), variance * (1 - gain)
    return {"mean": mean, "sd": math.sqrt(variance), "log-evidence": evidence}


def tracked_position():
    return _kalman((0.5, 1.5), 1.0, 1.0)


def part_of_speech():
    """Tags of `they fish`: pronoun or noun, then noun or verb."""
    start = {"pronoun": 0.6, "noun": 0.4}
    step = {"pronoun": {"noun": 0.1, "verb": 0.9}, "noun": {"noun": 0.3, "verb": 0.7}}
    word = {("pronoun", "they"): 0.3, ("noun", "they"): 0.01}
    word |= {("noun", "fish"): 0.05, ("verb", "fish"): 0.02}
    cases = []
    for a in start:
        for b in ("noun", "verb"):
            cases.append(((a, b), start[a] * word[a, "they"] * step[a][b] * word[b, "fish"]))
    return table(cases)


def switching_casino():
    """Fair or loaded die, switched with 0.2; sixes are seen on the last two of three throws."""
    cases = []
    for loaded in product(BOTH, repeat=3):
        p = 0.5
        for a, b in pairwise(loaded):
            p *= 0.8 if a == b else 0.2
        sixes = [0.5 if x else 1 / 6 for x in loaded]
        cases.append((loaded[2], p * (1 - sixes[0]) * sixes[1] * sixes[2]))
    return table(cases)
