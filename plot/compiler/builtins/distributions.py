"""Draws: each is a deterministic function of rows of randomness, or a density where conditioned."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import special

from plot.compiler.builtins.lists import at, first
from plot.compiler.builtins.numbers import size
from plot.compiler.builtins.registry import builtin
from plot.compiler.densities import LOG_DENSITY
from plot.compiler.domains import bounds
from plot.compiler.graph import Node, Operand
from plot.compiler.machine import Machine
from plot.compiler.ops import NORMAL, UNIFORM
from plot.compiler.relations import equal
from plot.compiler.values import Value
from plot.data import from_list
from plot.errors import ParameterError, Unsupported

MOST_COUNTS = 256  # values of a binomial or Poisson draw
POISSON_TAIL = 1e-9  # probability beyond the largest Poisson count


@dataclass(frozen=True)
class Parameter:
    """What a parameter of a distribution must be."""

    name: str
    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False

    def check(self, m: Machine, call: str, x: Value) -> Operand:
        """The parameter as a number; worlds where it is out of bounds die."""
        number = m.number(x)
        known = bounds(number)
        if isinstance(number, (int, float)) and math.isnan(number):
            raise ParameterError(f"the {self.name} of `{call}` is not a number", m.span)
        inside = known is not None and known[1] <= self.high
        inside = inside and (known[0] > self.low if self.open_low else known[0] >= self.low)  # type: ignore[index]
        if inside or (self.low == -math.inf and self.high == math.inf):
            return number
        g = m.graph
        below = (
            g.apply("le" if self.open_low else "lt", number, self.low)
            if self.low > -math.inf
            else False
        )
        above = g.apply("lt", self.high, number) if self.high < math.inf else False
        shown = f" and is {number}" if not isinstance(number, Node) else ""
        m.die(g.apply("or", below, above), ParameterError(self._needs(call) + shown, m.span))
        return number

    def _needs(self, call: str) -> str:
        if self.high < math.inf:
            return f"the {self.name} of `{call}` must lie between {self.low:g} and {self.high:g}"
        return (
            f"the {self.name} of `{call}` must be {'positive' if self.open_low else 'at least 0'}"
        )


def _positive(name: str) -> Parameter:
    return Parameter(name, 0, open_low=True)


def draw(m: Machine, family: str, name: str) -> Node:
    """A new row of randomness, labelled by the memoised call around it."""
    return m.graph.site(family, m.scope or name, m.span)


def _continuous(
    name: str,
    parameters: tuple[Parameter, ...],
    defaults: tuple[float, ...],
    sample: Callable[..., Operand],
) -> None:
    """Register a distribution over numbers with its parameters, their defaults and its sampler."""
    required = len(parameters) - len(defaults)

    def run(m: Machine, *arguments: Value) -> Value:
        given = list(arguments[: len(parameters)])
        given += defaults[len(given) - required :]
        numbers = [p.check(m, name, x) for p, x in zip(parameters, given, strict=True)]
        if len(arguments) > len(parameters):
            value = m.number(arguments[-1])
            m.weigh(LOG_DENSITY[name](m.graph, value, *numbers))
            return value
        drawn = sample(m, *numbers)
        if isinstance(drawn, Node):
            m.graph.draws[drawn] = lambda x: LOG_DENSITY[name](m.graph, x, *numbers)
        return drawn

    builtin(name)(run)


def _gaussian(m: Machine, mean: Operand, sd: Operand) -> Operand:
    z = draw(m, NORMAL, "gaussian")
    return m.graph.apply("add", mean, m.graph.apply("mul", sd, z))


def _uniform(m: Machine, low: Operand, high: Operand) -> Operand:
    g = m.graph
    backwards = ParameterError("the lower bound of `uniform` must lie below the upper one", m.span)
    m.die(g.apply("le", high, low), backwards)
    u = draw(m, UNIFORM, "uniform")
    return g.apply("add", low, g.apply("mul", g.apply("sub", high, low), u))


def _exponential(m: Machine, rate: Operand) -> Operand:
    g = m.graph
    u = draw(m, UNIFORM, "exponential")
    return g.apply("div", g.apply("sub", 0, g.apply("log", g.apply("sub", 1, u))), rate)


def _gamma(m: Machine, shape: Operand, scale: Operand) -> Operand:
    u = draw(m, UNIFORM, "gamma")
    return m.graph.apply("mul", scale, _gamma_quantile(m, shape, u))


def _gamma_quantile(m: Machine, shape: Operand, u: Operand) -> Operand:
    node = m.graph.apply("gamma_quantile", shape, u)
    if isinstance(node, Node):
        node.range = (0.0, math.inf)
    return node


def _beta(m: Machine, a: Operand, b: Operand) -> Operand:
    node = m.graph.apply("beta_quantile", a, b, draw(m, UNIFORM, "beta"))
    if isinstance(node, Node):
        node.range = (0.0, 1.0)
    return node


def _student(m: Machine, df: Operand, location: Operand, scale: Operand) -> Operand:
    g = m.graph
    t = g.apply("t_quantile", df, draw(m, UNIFORM, "student-t"))
    return g.apply("add", location, g.apply("mul", scale, t))


_continuous("gaussian", (Parameter("mean"), _positive("standard deviation")), (0, 1), _gaussian)
_continuous("uniform", (Parameter("lower bound"), Parameter("upper bound")), (0, 1), _uniform)
_continuous("exponential", (_positive("rate"),), (1,), _exponential)
_continuous("gamma", (_positive("shape"), _positive("scale")), (), _gamma)
_continuous("beta", (_positive("first parameter"), _positive("second parameter")), (), _beta)
_continuous(
    "student-t",
    (_positive("degrees of freedom"), Parameter("location"), _positive("scale")),
    (0, 1),
    _student,
)


@builtin("dirichlet")
def dirichlet(m: Machine, alphas: Value, observed: Value | None = None) -> Value:
    items = m.static_list(alphas)
    if not items:
        raise Unsupported("`dirichlet` over a list whose length is drawn, or an empty one", m.span)
    numbers = [_positive("parameters").check(m, "dirichlet", a) for a in items]
    if observed is not None:
        values = [m.number(v) for _, v in m.elements(observed)]
        m.weigh(LOG_DENSITY["dirichlet"](m.graph, values, numbers))
        return observed
    parts = [_gamma_quantile(m, a, draw(m, UNIFORM, "dirichlet")) for a in numbers]
    whole = m.graph.sum(parts)
    return from_list([m.graph.apply("div", part, whole) for part in parts])


@builtin("flip")
def flip(m: Machine, p: Value = 0.5, observed: Value | None = None) -> Value:
    chance = Parameter("probability", 0, 1).check(m, "flip", p)
    if observed is not None:
        g, truth = m.graph, m.truth(observed)
        m.weigh(g.apply("log", g.apply("where", truth, chance, g.apply("sub", 1, chance))))
        return observed
    if chance == 0 or chance == 1:
        return chance == 1
    return m.graph.apply("lt", draw(m, UNIFORM, "flip"), chance)


def draw_index(m: Machine, weights: list[Operand], name: str) -> Operand:
    """A position drawn by weights that need not sum to one."""
    g = m.graph
    weights = [Parameter("weights", 0).check(m, name, w) for w in weights]
    whole = g.sum(weights)
    known = bounds(whole)
    if known is None or known[0] <= 0:
        m.die(g.apply("le", whole, 0), ParameterError(f"no weight of `{name}` is positive", m.span))
    possible = [i for i, w in enumerate(weights) if isinstance(w, Node) or w > 0]
    if len(possible) == 1:
        return possible[0]
    # Thresholds on a uniform; the last possible index takes what rounding leaves over.
    target = g.apply("mul", draw(m, UNIFORM, name), whole)
    sums, so_far = [], 0
    for i in possible:
        so_far = g.apply("add", so_far, weights[i])
        sums.append(so_far)
    index: Operand = possible[-1]
    for i, threshold in reversed(list(zip(possible[:-1], sums[:-1], strict=True))):
        index = g.apply("where", g.apply("lt", target, threshold), i, index)
    if isinstance(index, Node):
        index = g.finite("identity", (index,), [float(i) for i in possible])
    return index


@builtin("multinomial")
def multinomial(m: Machine, values: Value, weights: Value, observed: Value | None = None) -> Value:
    items, chances = m.static_list(values), m.static_list(weights)
    if items is None or chances is None:
        raise Unsupported("`multinomial` over a list whose length is drawn", m.span)
    if len(items) != len(chances):
        counts = f"{len(items)} values and {len(chances)} weights"
        raise ParameterError(f"`multinomial` has {counts}; there must be as many", m.span)
    if not items:
        raise ParameterError("`multinomial` of an empty list", m.span)
    if observed is not None:
        _observe_among(m, [(True, v) for v in items], [m.number(w) for w in chances], observed)
        return observed
    return at(
        m, values, draw_index(m, [m.number(w) for w in chances], "multinomial"), "multinomial"
    )


def _observe_among(
    m: Machine, items: list[tuple[Operand, Value]], weights: list[Operand], observed: Value
) -> None:
    g = m.graph
    present = [g.apply("where", here, w, 0) for (here, _), w in zip(items, weights, strict=True)]
    hits = [
        g.apply("where", g.apply("and", here, equal(m, v, observed)), w, 0)
        for (here, v), w in zip(items, weights, strict=True)
    ]
    m.weigh(g.apply("log", g.apply("div", g.sum(hits), g.sum(present))))


@builtin("sample-discrete")
def sample_discrete(m: Machine, weights: Value, observed: Value | None = None) -> Value:
    chances = m.static_list(weights)
    if not chances:
        raise ParameterError(
            "`sample-discrete` of an empty list, or of one whose length is drawn", m.span
        )
    numbers = [m.number(w) for w in chances]
    if observed is not None:
        _observe_among(m, [(True, i) for i in range(len(numbers))], numbers, observed)
        return observed
    return draw_index(m, numbers, "sample-discrete")


def whole_below(m: Machine, count: Operand, name: str) -> Operand:
    """A whole number from 0 up to, not including, a count that may be drawn."""
    if isinstance(count, (int, float)):
        if count < 1 or count != int(count):
            raise ParameterError(f"`{name}` needs a positive whole number and got {count}", m.span)
        if count == 1:
            return 0
        most = int(count)
    else:
        m.die(
            m.graph.apply("lt", count, 1),
            ParameterError(f"`{name}` needs a positive whole number", m.span),
        )
        lengths = m.path.support(count)
        if lengths is None:
            raise Unsupported(f"`{name}` below a number that can be any of infinitely many", m.span)
        most = max(1, int(max(lengths)))
    g = m.graph
    index = g.apply("floor", g.apply("mul", draw(m, UNIFORM, name), count))
    index = g.apply("min", index, g.apply("sub", count, 1))  # u * n may round up to n
    if isinstance(index, Node):
        return (
            g.finite("identity", (index,), [float(i) for i in range(most)])
            if most <= 300
            else index
        )
    return index


@builtin("random-integer")
def random_integer(m: Machine, n: Value, observed: Value | None = None) -> Value:
    count = m.number(n)
    if observed is not None:
        g, x = m.graph, m.number(observed)
        inside = g.all(
            [g.apply("le", 0, x), g.apply("lt", x, count), g.apply("eq", x, g.apply("floor", x))]
        )
        m.weigh(g.apply("where", inside, g.apply("sub", 0, g.apply("log", count)), -math.inf))
        return x
    return whole_below(m, count, "random-integer")


@builtin("uniform-draw")
def uniform_draw(m: Machine, values: Value, observed: Value | None = None) -> Value:
    m.die(m.is_null(values), ParameterError("`uniform-draw` of an empty list", m.span))
    count = size(m, values)
    if observed is not None:
        items = m.elements(values)
        _observe_among(m, items, [1] * len(items), observed)
        return observed
    if count == 1:
        return first(m, values)
    return at(m, values, whole_below(m, count, "uniform-draw"), "uniform-draw")


@builtin("binomial")
def binomial(m: Machine, p: Value, n: Value, observed: Value | None = None) -> Value:
    chance = Parameter("probability", 0, 1).check(m, "binomial", p)
    tries = m.number(n)
    if isinstance(tries, Node) or tries != int(tries) or not 0 <= tries <= MOST_COUNTS:
        raise Unsupported(f"`binomial` of other than 0 to {MOST_COUNTS} tries", m.span)
    if observed is not None:
        m.weigh(LOG_DENSITY["binomial"](m.graph, m.number(observed), chance, tries))
        return observed
    flips = [m.graph.apply("lt", draw(m, UNIFORM, "binomial"), chance) for _ in range(int(tries))]
    return m.graph.sum([m.graph.apply("number", f) for f in flips])


@builtin("poisson")
def poisson(m: Machine, rate: Value, observed: Value | None = None) -> Value:
    g, mean = m.graph, Parameter("mean", 0).check(m, "poisson", rate)
    if observed is not None:
        m.weigh(LOG_DENSITY["poisson"](g, m.number(observed), mean))
        return observed
    known = bounds(mean)
    most = MOST_COUNTS + 1 if known is None or math.isinf(known[1]) else _poisson_most(known[1])
    if most > MOST_COUNTS:
        raise Unsupported(f"`poisson` with a mean that allows counts above {MOST_COUNTS}", m.span)
    u = draw(m, UNIFORM, "poisson")
    term = g.apply("exp", g.apply("sub", 0, mean))
    below, count = term, 0
    for k in range(1, most + 1):
        count = g.apply("add", count, g.apply("number", g.apply("le", below, u)))
        term = g.apply("div", g.apply("mul", term, mean), k)
        below = g.apply("add", below, term)
    return count


def _poisson_most(mean: float) -> int:
    counts = np.arange(MOST_COUNTS + 1)
    return int(np.sum(special.pdtrc(counts, mean) > POISSON_TAIL)) + 1
