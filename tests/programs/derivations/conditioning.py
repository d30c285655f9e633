"""Conditioning, worked out."""

import math
from itertools import product

from tests.programs.derivations.tools import bernoulli, moments, stats, table


def truncated_normal():
    tail = stats.norm.sf(1)
    return moments(stats.norm.pdf, 1, 40) | {"log-evidence": math.log(tail)}


def noisy_gauge():
    prior, noise = stats.norm(5, 4), stats.norm(7, 3)
    return moments(lambda x: prior.pdf(x) * noise.pdf(x), -60, 80) | {
        "log-evidence": stats.norm(5, 5).logpdf(7)
    }


def two_readings():
    def joint(x):
        return stats.norm(0, 10).pdf(x) * stats.norm(x, 2).pdf(3) * stats.norm(x, 2).pdf(6)

    return moments(joint, -60, 60)


def between_two_bounds():
    return moments(stats.expon.pdf, 1, 2) | {"log-evidence": math.log(math.exp(-1) - math.exp(-2))}


def draw_with_a_value():
    cases = [(bias, bias**3 * (1 - bias)) for bias in (0.2, 0.5, 0.8)]
    return table(cases)


def near_enough():
    # The gap of two uniform points has density 2 (1 - x).
    return moments(lambda x: 2 * (1 - x), 0, 0.1) | {"log-evidence": math.log(0.19)}


def which_sensor():
    weights = {"left": 0.5 * stats.norm(0, 1).pdf(1.5), "right": 0.5 * stats.norm(2, 1).pdf(1.5)}
    return table(weights.items()) | {"log-evidence": math.log(sum(weights.values()))}


def evidence_in_a_branch():
    cases = []
    for tested, ill in product((True, False), repeat=2):
        weight = 0.5 * bernoulli(ill, 0.2)
        if tested:
            weight *= 0.9 if ill else 0.1
        cases.append((ill, weight))
    return table(cases) | {"log-evidence": math.log(sum(w for _, w in cases))}


def graded_vote():
    cases = [(k, math.comb(3, k) / 8 * math.exp(k)) for k in range(4)]
    return table(cases)


def seen_from_the_bus():
    """Three colours of taxi with numbers 1..n; number 5 is seen."""
    return table((n, 1 / n) for n in (4, 6, 8, 10) if n >= 5)
