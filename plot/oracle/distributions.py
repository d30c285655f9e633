"""Distributions as objects: checked parameters, drawing, support or density."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy  # whose `stats`, slow to import, is imported where it is first used
from scipy import special

from plot.data import Pair, from_list, is_number, same, show, to_list
from plot.errors import EvaluationError, ParameterError, TypeMismatch
from plot.oracle.values import brief, need_number, need_whole

NEVER = float("-inf")
MOST_VALUES = 2**24  # of a whole number that is drawn, as lanes hold them
_MOST_TRIES = 1_000_000  # of a binomial draw
_TAIL = 1e-16  # a count distribution is listed up to this much probability


class Finite:
    """One of finitely many values.

    Args:
      values: the values.
      probabilities: their probabilities, which sum to one, or to less where a tail is cut off.
    """

    def __init__(self, values: Sequence[object], probabilities: Sequence[float]):
        self.values, self.probabilities = values, probabilities

    def log_mass(self, value: object) -> float:
        """The log probability of a value."""
        mass = sum(
            p for v, p in zip(self.values, self.probabilities, strict=True) if same(v, value)
        )
        return math.log(mass) if mass > 0 else NEVER


class Continuous(ABC):
    """A distribution with a density."""

    name: str

    @abstractmethod
    def draw(self, rng: np.random.Generator) -> object:
        """A draw."""

    @abstractmethod
    def log_density(self, value: object) -> float:
        """The log density at a value."""


@dataclass(frozen=True)
class Scalar(Continuous):
    """A continuous distribution over numbers, given by two functions."""

    name: str
    sampler: Callable[[np.random.Generator], float]
    density: Callable[[float], float]

    def draw(self, rng: np.random.Generator) -> float:
        return float(self.sampler(rng))

    def log_density(self, value: object) -> float:
        number = need_number(value, f"the value that `{self.name}` is conditioned on")
        return NEVER if math.isnan(number) else float(self.density(float(number)))


@dataclass(frozen=True)
class Dirichlet(Continuous):
    """Proportions; the density is over all but the last of them."""

    alphas: tuple[float, ...]
    name: str = "dirichlet"

    def draw(self, rng: np.random.Generator) -> object:
        return from_list(float(x) for x in rng.dirichlet(self.alphas))

    def log_density(self, value: object) -> float:
        parts = to_list(value) if isinstance(value, Pair) else []
        if len(parts) != len(self.alphas) or not all(is_number(x) for x in parts):
            raise TypeMismatch(
                f"`dirichlet` is conditioned on {show(value)}; "
                f"a list of {len(self.alphas)} numbers is due"
            )
        x = np.array(parts, dtype=float)
        if not (np.all(x > 0) and abs(x.sum() - 1) < 1e-6):
            return NEVER
        a = np.array(self.alphas)
        return float(
            special.gammaln(a.sum()) - special.gammaln(a).sum() + ((a - 1) * np.log(x)).sum()
        )


type Distribution = Finite | Continuous


def _bad(call: str, what: str, value: object, due: str) -> ParameterError:
    shown = show(value)
    return ParameterError(f"`{call}` got {what} of {shown}", hint=f"{what} must be {due}")


def _positive(call: str, what: str, value: object) -> float:
    number = float(need_number(value, what))
    if not 0 < number < math.inf:
        raise _bad(call, what, value, "above 0 and finite")
    return number


def _finite(call: str, what: str, value: object) -> float:
    number = float(need_number(value, what))
    if not math.isfinite(number):
        raise _bad(call, what, value, "finite")
    return number


def _probability(call: str, value: object) -> float:
    number = float(need_number(value, "a probability"))
    if not 0 <= number <= 1:
        raise _bad(call, "a probability", value, "from 0 to 1")
    return number


def _whole(call: str, what: str, value: object, least: int) -> int:
    try:
        number = need_whole(value, what)
    except EvaluationError:
        number = least - 1
    if number < least:
        raise _bad(call, what, value, f"a whole number from {least} on")
    return number


def _list(call: str, what: str, value: object) -> list[object]:
    try:
        return to_list(value)
    except ValueError:
        raise TypeMismatch(f"`{call}` got {brief(value)} as {what}; a list is due") from None


def _weights(call: str, values: object) -> list[float]:
    numbers = [float(need_number(v, "a weight")) for v in _list(call, "weights", values)]
    if not numbers:
        raise ParameterError(
            f"`{call}` got an empty list", hint="give it at least one value to draw from"
        )
    for number in numbers:
        if not 0 <= number < math.inf:
            raise _bad(call, "a weight", number, "0 or above, and finite")
    total = math.fsum(numbers)
    if not total > 0:
        raise ParameterError(
            f"`{call}` got no positive weight", hint="at least one weight must be above 0"
        )
    return [number / total for number in numbers]


def flip(p: object = 0.5) -> Finite:
    """`(flip p)`."""
    q = _probability("flip", p)
    return Finite((True, False), (q, 1 - q))


def uniform(low: object = 0, high: object = 1) -> Scalar:
    """`(uniform low high)`."""
    a, b = _finite("uniform", "a bound", low), _finite("uniform", "a bound", high)
    if not a < b:
        raise ParameterError(
            f"`uniform` got the bounds {show(low)} and {show(high)}",
            hint="the first must be the lower one",
        )
    height = -math.log(b - a)
    return Scalar(
        "uniform", lambda rng: rng.uniform(a, b), lambda x: height if a <= x <= b else NEVER
    )


def gaussian(mean: object = 0, sd: object = 1) -> Scalar:
    """`(gaussian mean sd)`."""
    m, s = _finite("gaussian", "a mean", mean), _positive("gaussian", "a standard deviation", sd)
    constant = -math.log(s) - 0.5 * math.log(2 * math.pi)
    return Scalar(
        "gaussian", lambda rng: rng.normal(m, s), lambda x: constant - 0.5 * ((x - m) / s) ** 2
    )


def beta(a: object, b: object) -> Scalar:
    """`(beta a b)`."""
    x, y = _positive("beta", "a parameter", a), _positive("beta", "a parameter", b)
    return Scalar(
        "beta", lambda rng: rng.beta(x, y), lambda v: float(scipy.stats.beta.logpdf(v, x, y))
    )


def gamma(shape: object, scale: object) -> Scalar:
    """`(gamma shape scale)`."""
    k, s = _positive("gamma", "a shape", shape), _positive("gamma", "a scale", scale)
    return Scalar(
        "gamma",
        lambda rng: rng.gamma(k, s),
        lambda v: float(scipy.stats.gamma.logpdf(v, k, scale=s)),
    )


def exponential(rate: object = 1) -> Scalar:
    """`(exponential rate)`."""
    r = _positive("exponential", "a rate", rate)
    return Scalar(
        "exponential",
        lambda rng: rng.exponential(1 / r),
        lambda x: math.log(r) - r * x if x >= 0 else NEVER,
    )


def student_t(df: object, location: object = 0, scale: object = 1) -> Scalar:
    """`(student-t df location scale)`."""
    n = _positive("student-t", "degrees of freedom", df)
    m, s = _finite("student-t", "a location", location), _positive("student-t", "a scale", scale)
    return Scalar(
        "student-t",
        lambda rng: m + s * rng.standard_t(n),
        lambda v: float(scipy.stats.t.logpdf(v, n, m, s)),
    )


def dirichlet(alphas: object) -> Dirichlet:
    """`(dirichlet alphas)`."""
    numbers = tuple(
        _positive("dirichlet", "a parameter", a) for a in _list("dirichlet", "parameters", alphas)
    )
    if not numbers:
        raise ParameterError("`dirichlet` got an empty list", hint="give it at least one parameter")
    return Dirichlet(numbers)


def multinomial(values: object, weights: object) -> Finite:
    """`(multinomial values weights)`."""
    choices = _list("multinomial", "values", values)
    given = _list("multinomial", "weights", weights)
    if len(choices) != len(given):
        raise ParameterError(
            f"`multinomial` got {len(choices)} values and {len(given)} weights",
            hint="give it one weight for each value",
        )
    return Finite(choices, _weights("multinomial", weights))


def uniform_draw(values: object) -> Finite:
    """`(uniform-draw values)`."""
    choices = _list("uniform-draw", "values", values)
    if not choices:
        raise ParameterError(
            "`uniform-draw` got an empty list", hint="give it at least one value to draw from"
        )
    return Finite(choices, [1 / len(choices)] * len(choices))


def sample_discrete(weights: object) -> Finite:
    """`(sample-discrete weights)`."""
    probabilities = _weights("sample-discrete", weights)
    return Finite(range(len(probabilities)), probabilities)


def random_integer(n: object) -> Finite:
    """`(random-integer n)`."""
    count = _whole("random-integer", "a number of values", n, 1)
    if count > MOST_VALUES:
        raise ParameterError(
            f"`random-integer` got {brief(n)} values; there may be {MOST_VALUES:,}",
            hint="larger whole numbers are not exact in a lane; draw `(floor (uniform 0 n))`",
        )
    return Finite(range(count), [1 / count] * count)


def poisson(rate: object) -> Finite:
    """`(poisson rate)`, listed up to a tail of no weight."""
    number = float(need_number(rate, "a rate"))
    if not 0 <= number < 1e6:
        raise _bad("poisson", "a rate", rate, "0 or above, and below a million")
    return _poisson(number)


@lru_cache(maxsize=256)
def _poisson(rate: float) -> Finite:
    counts = np.arange(int(scipy.stats.poisson.isf(_TAIL, rate)) + 2)
    return Finite(counts.tolist(), scipy.stats.poisson.pmf(counts, rate).tolist())


def binomial(p: object, n: object) -> Finite:
    """`(binomial p n)`."""
    q, count = _probability("binomial", p), _whole("binomial", "a number of tries", n, 0)
    if count > _MOST_TRIES:
        raise _bad("binomial", "a number of tries", n, f"at most {_MOST_TRIES:,}")
    return _binomial(q, count)


@lru_cache(maxsize=256)
def _binomial(p: float, n: int) -> Finite:
    counts = np.arange(n + 1)
    return Finite(counts.tolist(), scipy.stats.binom.pmf(counts, n, p).tolist())


# Each maker, and how many arguments come before the value that a draw is conditioned on.
MAKERS: dict[str, tuple[Callable[..., Distribution], int]] = {
    "flip": (flip, 1),
    "uniform": (uniform, 2),
    "gaussian": (gaussian, 2),
    "beta": (beta, 2),
    "gamma": (gamma, 2),
    "exponential": (exponential, 1),
    "student-t": (student_t, 3),
    "dirichlet": (dirichlet, 1),
    "multinomial": (multinomial, 2),
    "uniform-draw": (uniform_draw, 1),
    "sample-discrete": (sample_discrete, 1),
    "random-integer": (random_integer, 1),
    "poisson": (poisson, 1),
    "binomial": (binomial, 2),
}
