"""Small tools of the derivations: sums over all cases, and integrals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from scipy import integrate

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


def moments(density: Callable[[float], float], low: float, high: float) -> dict[str, float]:
    """Mean and standard deviation of a density that need not be normalised, by quadrature."""

    def integral(f: Callable[[float], float]) -> float:
        return integrate.quad(f, low, high, epsabs=1e-13, epsrel=1e-12, limit=500)[0]

    total = integral(density)
    mean = integral(lambda x: x * density(x)) / total
    variance = integral(lambda x: (x - mean) ** 2 * density(x)) / total
    return {"mean": mean, "sd": variance**0.5}
