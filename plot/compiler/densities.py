"""Log densities and masses as lane operations."""

from __future__ import annotations

import math
from collections.abc import Callable

from plot.compiler.choices import Choice
from plot.compiler.graph import Graph, Operand

LOG_ROOT_TWO_PI = 0.5 * math.log(2 * math.pi)

type LogDensity = Callable[..., Operand]


def _gaussian(g: Graph, x: Operand, mean: Operand, sd: Operand) -> Operand:
    z = g.apply("div", g.apply("sub", x, mean), sd)
    half = g.apply("mul", -0.5, g.apply("mul", z, z))
    return g.apply("sub", half, g.apply("add", g.apply("log", sd), LOG_ROOT_TWO_PI))


def _uniform(g: Graph, x: Operand, low: Operand, high: Operand) -> Operand:
    inside = g.apply("and", g.apply("le", low, x), g.apply("le", x, high))
    return g.apply(
        "where", inside, g.apply("sub", 0, g.apply("log", g.apply("sub", high, low))), -math.inf
    )


def _exponential(g: Graph, x: Operand, rate: Operand) -> Operand:
    density = g.apply("sub", g.apply("log", rate), g.apply("mul", rate, x))
    return g.apply("where", g.apply("le", 0, x), density, -math.inf)


def _gamma(g: Graph, x: Operand, shape: Operand, scale: Operand) -> Operand:
    powers = g.apply("mul", g.apply("sub", shape, 1), g.apply("log", x))
    norm = g.apply("add", g.apply("lgamma", shape), g.apply("mul", shape, g.apply("log", scale)))
    density = g.apply("sub", g.apply("sub", powers, g.apply("div", x, scale)), norm)
    return g.apply("where", g.apply("lt", 0, x), density, -math.inf)


def _log_beta_norm(g: Graph, alphas: list[Operand]) -> Operand:
    return g.apply(
        "sub", g.sum([g.apply("lgamma", a) for a in alphas]), g.apply("lgamma", g.sum(alphas))
    )


def _dirichlet(g: Graph, xs: list[Operand], alphas: list[Operand]) -> Operand:
    powers = [
        g.apply("mul", g.apply("sub", a, 1), g.apply("log", x))
        for x, a in zip(xs, alphas, strict=True)
    ]
    return g.apply("sub", g.sum(powers), _log_beta_norm(g, alphas))


def _beta(g: Graph, x: Operand, a: Operand, b: Operand) -> Operand:
    density = _dirichlet(g, [x, g.apply("sub", 1, x)], [a, b])
    inside = g.apply("and", g.apply("lt", 0, x), g.apply("lt", x, 1))
    return g.apply("where", inside, density, -math.inf)


def _student(g: Graph, x: Operand, df: Operand, location: Operand, scale: Operand) -> Operand:
    z = g.apply("div", g.apply("sub", x, location), scale)
    half = g.apply("div", g.apply("add", df, 1), 2)
    spread = g.apply("log", g.apply("add", 1, g.apply("div", g.apply("mul", z, z), df)))
    norm = g.sum(
        [
            g.apply("lgamma", half),
            g.apply("sub", 0, g.apply("lgamma", g.apply("div", df, 2))),
            g.apply("mul", -0.5, g.apply("log", g.apply("mul", math.pi, df))),
            g.apply("sub", 0, g.apply("log", scale)),
        ]
    )
    return g.apply("sub", norm, g.apply("mul", half, spread))


def _is_count(g: Graph, x: Operand) -> Operand:
    return g.apply("and", g.apply("le", 0, x), g.apply("eq", x, g.apply("floor", x)))


def _log_times(g: Graph, x: Operand, p: Operand) -> Operand:
    """x log p, which is 0 where x is 0 even if p is."""
    return g.apply("where", g.apply("eq", x, 0), 0, g.apply("mul", x, g.apply("log", p)))


def _binomial(g: Graph, x: Operand, p: Operand, n: Operand) -> Operand:
    misses = g.apply("sub", n, x)
    ways = g.apply(
        "sub",
        g.apply("lgamma", g.apply("add", n, 1)),
        g.apply(
            "add",
            g.apply("lgamma", g.apply("add", x, 1)),
            g.apply("lgamma", g.apply("add", misses, 1)),
        ),
    )
    chance = g.apply("add", _log_times(g, x, p), _log_times(g, misses, g.apply("sub", 1, p)))
    inside = g.apply("and", _is_count(g, x), g.apply("le", x, n))
    return g.apply("where", inside, g.apply("add", ways, chance), -math.inf)


def _poisson(g: Graph, x: Operand, mean: Operand) -> Operand:
    density = g.apply(
        "sub",
        g.apply("sub", _log_times(g, x, mean), mean),
        g.apply("lgamma", g.apply("add", x, 1)),
    )
    return g.apply("where", _is_count(g, x), density, -math.inf)


def _flip(g: Graph, x: Operand, p: Operand) -> Operand:
    return g.apply("log", g.apply("where", x, p, g.apply("sub", 1, p)))


def _discrete(g: Graph, x: Operand, *weights: Operand) -> Operand:
    chosen: Operand = 0
    for i, weight in reversed(list(enumerate(weights))):
        chosen = g.apply("where", g.apply("eq", x, i), weight, chosen)
    return g.apply("log", g.apply("div", chosen, g.sum(list(weights))))


def _random_integer(g: Graph, x: Operand, count: Operand) -> Operand:
    inside = g.apply("and", _is_count(g, x), g.apply("lt", x, count))
    return g.apply("where", inside, g.apply("sub", 0, g.apply("log", count)), -math.inf)


LOG_DENSITY: dict[str, LogDensity] = {
    "gaussian": _gaussian,
    "uniform": _uniform,
    "exponential": _exponential,
    "gamma": _gamma,
    "beta": _beta,
    "dirichlet": _dirichlet,
    "student-t": _student,
    "flip": _flip,
    "discrete": _discrete,
    "random-integer": _random_integer,
    "binomial": _binomial,
    "poisson": _poisson,
}


def log_density(g: Graph, choice: Choice, value: Operand) -> Operand:
    """The log density (mass, of a finite choice) of a choice at a value, given its parameters."""
    return LOG_DENSITY[choice.name](g, value, *choice.parameters)
