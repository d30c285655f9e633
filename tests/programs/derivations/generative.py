"""Generative models, worked out."""

import math
from itertools import product

from tests.programs.derivations.tools import stats, table


def two_dice():
    cases = [(a + b, 1.0) for a, b in product(range(1, 7), repeat=2)]
    return table(cases) | {"mean": 7.0, "sd": math.sqrt(2 * 35 / 12)}


def best_of_two_dice():
    return table((max(a, b), 1.0) for a, b in product(range(1, 7), repeat=2))


def shared_weekday():
    return table((len(set(days)) < 3, 1.0) for days in product(range(7), repeat=3))


def random_bill():
    cases = []
    for guests in range(4):
        for orders in product((2, 5), repeat=guests):
            cases.append((sum(orders), 0.25 * 0.5**guests))
    return table(cases)


def beta_shape():
    law = stats.beta(2, 5)
    return {"mean": law.mean(), "sd": law.std(), "quantile(0.9)": law.ppf(0.9)}


def gamma_wait():
    law = stats.gamma(3, scale=2)
    return {"mean": law.mean(), "sd": law.std(), "quantile(0.25)": law.ppf(0.25)}


def heavy_tails():
    far = {"student": 2 * stats.t(3).sf(3), "normal": 2 * stats.norm.sf(3)}
    return {"P(student)": 0.5 * far["student"], "P(normal)": 0.5 * far["normal"]} | {
        "P(neither)": 1 - 0.5 * (far["student"] + far["normal"])
    }


def dirichlet_share():
    law = stats.beta(2, 4)  # a component of dirichlet (1 2 3)
    return {"mean": law.mean(), "sd": law.std(), "quantile(0.5)": law.ppf(0.5)}


def nested_noise():
    return {"mean": 10.0, "sd": 5.0, "quantile(0.975)": stats.norm(10, 5).ppf(0.975)}


def first_alarm():
    rate = 0.5 + 1 + 2.5
    return {"mean": 1 / rate, "sd": 1 / rate, "quantile(0.5)": math.log(2) / rate}
