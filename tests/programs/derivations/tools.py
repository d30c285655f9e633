"""Small tools of the derivations: sums over all cases, and integrals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import scipy.stats

stats: Any = scipy.stats  # its stubs do not tell which methods a law with fixed parameters has

Weighted = Iterable[tuple[object, float]]


def table(cases: Weighted) -> dict[str, float]:
    """The normalised distribution of weighted outcomes, by label.

    >>> table([(True, 1.0), (False, 2.0), (True, 1.0)])
    {'P(#t)': 0.5, 'P(#f)': 0.5}
    """
    mass: dict[str, float] = defaultdict(float)
    for value, weight in cases:
        mass[f"P({text(value)})"] += weight
    total = sum(mass.values())
    return {label: m / total for label, m in mass.items() if m > 0}


def text(value: object) -> str:
    """A Python value as the language writes it: tuples as lists, strings as names."""
    if isinstance(value, bool | np.bool_):
        return "#t" if value else "#f"
    if isinstance(value, tuple):
        return "(" + " ".join(text(v) for v in value) + ")"
    return str(value)


def coin(p: float) -> list[tuple[bool, float]]:
    """The two outcomes of a flip and their probabilities."""
    return [(True, p), (False, 1 - p)]


def bernoulli(x: bool, p: float) -> float:
    """The probability that a flip comes out as `x`."""
    return p if x else 1 - p


def normalise(weights: Mapping) -> dict:
    """Weights that sum to one."""
    total = sum(weights.values())
    return {k: w / total for k, w in weights.items()}


def integral(f: Callable[[np.ndarray], np.ndarray], low: float, high: float) -> float:
    """An integral by Gauss and Legendre's rule on many panels, which must agree with fewer.

    >>> round(integral(np.cos, 0, np.pi / 2), 12)
    1.0
    """

    def rule(panels: int) -> float:
        nodes, weights = np.polynomial.legendre.leggauss(24)
        edges = np.linspace(low, high, panels + 1)
        half = (edges[1:] - edges[:-1])[:, None] / 2
        x = edges[:-1, None] + half * (nodes + 1)
        return float(np.sum(half * weights * f(x)))

    fine, coarse = rule(600), rule(350)
    assert abs(fine - coarse) <= 1e-11 * max(abs(fine), 1e-3), (fine, coarse)
    return fine


def moments(
    density: Callable[[np.ndarray], np.ndarray], low: float, high: float
) -> dict[str, float]:
    """Mean and standard deviation of a density that need not be normalised, by quadrature."""
    total = integral(density, low, high)
    mean = integral(lambda x: x * density(x), low, high) / total
    variance = integral(lambda x: (x - mean) ** 2 * density(x), low, high) / total
    return {"mean": mean, "sd": variance**0.5}
