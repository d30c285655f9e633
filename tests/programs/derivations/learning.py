"""Learning: conjugate posteriors, and evidence for hypotheses."""

import math

import numpy as np
from scipy.special import betaln

from tests.programs.derivations.tools import integral, moments, stats, table


def coin_weight():
    law = stats.beta(2 + 7, 2 + 3)
    return {"mean": law.mean(), "sd": law.std(), "quantile(0.05)": law.ppf(0.05)}


def next_toss():
    return {"P(#t)": 4 / 5, "P(#f)": 1 / 5}


def fair_or_not():
    """Four heads in a row: a fair coin, or one of unknown weight."""
    return table([("fair", 0.9 * 0.5**4), ("bent", 0.1 / 5)])


def line_through_points():
    """Bayesian regression: slope and intercept, normal priors of sd 2, noise of sd 1."""
    x, y = np.array([0.0, 1.0, 2.0]), np.array([0.5, 1.5, 3.5])
    design = np.stack([np.ones(3), x], axis=1)
    precision = design.T @ design + np.eye(2) / 4
    mean = np.linalg.solve(precision, design.T @ y)
    covariance = np.linalg.inv(precision)
    point = np.array([1.0, 3.0])  # prediction at 3
    law = stats.multivariate_normal(np.zeros(3), 4 * design @ design.T + np.eye(3))
    return {
        "mean": float(point @ mean),
        "sd": float(np.sqrt(point @ covariance @ point)),
        "log-evidence": float(law.logpdf(y)),
    }


def constant_or_line():
    """Occam's razor: the simpler of two models that both can fit."""
    x, y = np.array([-1.0, 0.0, 1.0]), np.array([0.2, -0.1, 0.3])
    constant = stats.norm(0, 1).logpdf(y).sum()
    line = stats.multivariate_normal(np.zeros(3), 9 * np.outer(x, x) + np.eye(3)).logpdf(y)
    odds = math.exp(line - constant)
    return {"P(constant)": 1 / (1 + odds), "P(line)": odds / (1 + odds)}


NUMBERS = {
    "even": [n for n in range(1, 21) if n % 2 == 0],
    "powers": [2, 4, 8, 16],
    "small": list(range(1, 11)),
    "all": list(range(1, 21)),
}


def number_game():
    cases = []
    for name, members in NUMBERS.items():
        fits = {2, 8, 4} <= set(members)
        cases.append((name, 0.25 * (1 / len(members)) ** 3 if fits else 0.0))
    return table(cases)


def number_game_generalisation():
    cases = []
    for members in NUMBERS.values():
        if 8 in members:
            cases.append((16 in members, 1 / len(members)))
    return table(cases)


def rate_of_calls():
    """Gamma prior (2, scale 1), counts 3 and 5: shape 10, rate 3."""
    law = stats.gamma(10, scale=1 / 3)

    def joint(r):
        return stats.gamma(2).pdf(r) * stats.poisson(r).pmf(3) * stats.poisson(r).pmf(5)

    assert math.isclose(moments(joint, 1e-9, 60)["mean"], law.mean(), rel_tol=1e-9)
    total = integral(joint, 1e-9, 60)
    return {"mean": law.mean(), "sd": law.std(), "log-evidence": math.log(total)}


def shared_tendency():
    """Two factories' coins; both their tendencies share a bias: a grid of three."""
    cases = []
    for bias in (0.2, 0.5, 0.8):
        # Each coin's weight is beta(4 bias, 4 (1 - bias)); three tosses all heads and a new coin.
        a, b = 4 * bias, 4 * (1 - bias)
        p = math.exp(betaln(a + 3, b) - betaln(a, b))
        cases += [(True, p * bias), (False, p * (1 - bias))]
    return table(cases)


def does_it_cause():
    """Causal structure: effect in 3 of 3 with the cause, 1 of 3 without."""
    link = 0.5 * (1 - (1 - 0.2) * (1 - 0.8)) ** 3 * 0.2 * 0.8**2
    none = 0.5 * 0.2**3 * 0.2 * 0.8**2
    return table([("link", link), ("none", none)])


def rule_of_a_sequence():
    """1 2 4: doubling, adding (the steps 1 and 2), or noise among 1 … 8."""
    return table([("double", 0.2), ("grow", 0.5 * 0.25), ("noise", 0.3 / 64)])


def two_sources_one_mean():
    """Normal mean known to sd 3, two readings of noise 1 and 2."""
    precision = 1 / 9 + 1 + 1 / 4
    return {"mean": (10 / 9 + 12 + 8 / 4) / precision, "sd": precision**-0.5}
