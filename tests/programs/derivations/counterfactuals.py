"""Counterfactuals: abduction, action, prediction, by sums over the noise."""

import math
from itertools import product

from tests.programs.derivations.tools import bernoulli, stats, table

BOTH = (True, False)


def seeing_rain():
    """Barometer falls: rain is likely."""
    cases = []
    for low, rain in product(BOTH, repeat=2):
        p = bernoulli(low, 0.3) * bernoulli(rain, 0.8 if low else 0.1)
        cases.append((rain, p * (0.95 if low else 0.02)))
    return table(cases)


def simpson_seeing():
    return _simpson(False)


def simpson_doing():
    return _simpson(True)


def _simpson(doing: bool):
    """Treated or not depends on how ill one is; recovery on both."""
    cases = []
    for severe, recovers in product(BOTH, repeat=2):
        treated = 1.0 if doing else (0.8 if severe else 0.2)
        cure = 0.5 if severe else 0.9
        cases.append((recovers, bernoulli(severe, 0.5) * treated * bernoulli(recovers, cure)))
    return table(cases)


def would_the_window_have_broken():
    cases = []
    for suzy, billy, aim_s, aim_b in product(BOTH, repeat=4):
        p = bernoulli(suzy, 0.6) * bernoulli(billy, 0.5)
        p *= bernoulli(aim_s, 0.9) * bernoulli(aim_b, 0.7)
        if suzy and aim_s:
            cases.append((billy and aim_b, p))
    return table(cases)


def exam_with_more_work():
    """Linear: grade = 10 hours + luck; 46 after 4 hours; what after 6? Luck is seen with noise."""
    precision = 1 / 8**2 + 1 / 4**2
    luck = (46 - 40) / 4**2 / precision
    return {"mean": 60 + luck, "sd": math.sqrt(1 / precision)}


def twin_worlds():
    """Two worlds share half of the noise: sprinkler off in the other."""
    cases = []
    for rain, on, leak in product(BOTH, repeat=3):
        p = bernoulli(rain, 0.3) * bernoulli(on, 0.5) * bernoulli(leak, 0.1)
        if rain or on or leak:
            cases.append((rain or leak, p))
    return table(cases)


def late_train():
    noise = stats.norm(0, 5)
    # Arrived 12 late with a stop of 10 asked for: the noise is above 2, so 2 without the stop.
    late = noise.sf(5) / noise.sf(2)
    return {"P(#t)": late, "P(#f)": 1 - late}
