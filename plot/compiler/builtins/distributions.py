"""Draws: each is a deterministic function of rows of randomness, or a density where conditioned."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import numpy as np
from scipy import special

from plot.compiler.budget import NotFinite
from plot.compiler.builtins.lists import at, first
from plot.compiler.builtins.numbers import size
from plot.compiler.builtins.registry import builtin
from plot.compiler.choices import Choice
from plot.compiler.densities import LOG_DENSITY
from plot.compiler.domains import SUPPORT_LIMIT, bounds
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.machine import Machine
from plot.compiler.ops import NORMAL, UNIFORM
from plot.compiler.relations import equal
from plot.compiler.values import Value
from plot.data import from_list
from plot.errors import BudgetError, ParameterError, TypeMismatch, Unsupported

MOST_COUNTS = 256  # values of a binomial or Poisson draw
POISSON_TAIL = 1e-9  # probability beyond the largest Poisson count
ROUNDING = 1e-5  # by which proportions may miss a sum of one


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
    """A new row of randomness, labelled by the memoised call around it; a number in one world.

    Raises:
      NotFinite: inside a query that is enumerated.
    """
    if m.chooser is not None:
        raise NotFinite(f"`{name}` draws from infinitely many values", m.span)
    if m.one is not None:
        rng = m.one.rng
        return rng.random() if family == UNIFORM else rng.standard_normal()  # type: ignore[return-value]
    return m.graph.site(family, m.scope or name, m.span, counters=m.counters)


def record(m: Machine, name: str, value: Operand, row: Node, *parameters: Operand) -> Operand:
    """Note in the graph that a value is a draw; returns the value."""
    if isinstance(value, Node):
        choice = Choice(value, row, name, parameters, row.label or name, row.span)
        m.graph.choices[value] = choice
    return value


def _continuous(
    name: str,
    parameters: tuple[Parameter, ...],
    defaults: tuple[float, ...],
    sample: Callable[..., Operand],
    family: str = UNIFORM,
) -> None:
    """Register a distribution over numbers with its parameters, their defaults and its sampler.

    Args:
      sample: the value, from the machine, a row of randomness of the family, and the parameters.
    """
    required = len(parameters) - len(defaults)

    def run(m: Machine, *arguments: Value) -> Value:
        given = list(arguments[: len(parameters)])
        given += defaults[len(given) - required :]
        numbers = [p.check(m, name, x) for p, x in zip(parameters, given, strict=True)]
        if len(arguments) > len(parameters):
            value = m.number(arguments[-1])
            m.weigh(LOG_DENSITY[name](m.graph, value, *numbers))
            return value
        row = draw(m, family, name)
        return record(m, name, sample(m, row, *numbers), row, *numbers)

    builtin(name)(run)


def _gaussian(m: Machine, z: Node, mean: Operand, sd: Operand) -> Operand:
    return m.graph.apply("add", mean, m.graph.apply("mul", sd, z))


def _uniform(m: Machine, u: Node, low: Operand, high: Operand) -> Operand:
    g = m.graph
    backwards = ParameterError("the lower bound of `uniform` must lie below the upper one", m.span)
    m.die(g.apply("le", high, low), backwards)
    return g.apply("add", low, g.apply("mul", g.apply("sub", high, low), u))


def _exponential(m: Machine, u: Node, rate: Operand) -> Operand:
    g = m.graph
    return g.apply("div", g.apply("sub", 0, g.apply("log", g.apply("sub", 1, u))), rate)


def _gamma(m: Machine, u: Node, shape: Operand, scale: Operand) -> Operand:
    # Of a shape below about 0.1, some draws are nearer to 0 than a float32 tells from 0 (0.02% of
    # them at 0.1, 42% at 0.01); they are 0, as a rounded number is.
    quantile = m.graph.apply("gamma_quantile", shape, u)
    if isinstance(quantile, Node):
        quantile.range = (0.0, math.inf)
    return m.graph.apply("mul", scale, quantile)


def _beta(m: Machine, u: Node, a: Operand, b: Operand) -> Operand:
    node = m.graph.apply("beta_quantile", a, b, u)
    if isinstance(node, Node):
        node.range = (0.0, 1.0)
    return node


def _student(m: Machine, u: Node, df: Operand, location: Operand, scale: Operand) -> Operand:
    g = m.graph
    return g.apply("add", location, g.apply("mul", scale, g.apply("t_quantile", df, u)))


_GAUSSIAN = Parameter("mean"), _positive("standard deviation")
_continuous("gaussian", _GAUSSIAN, (0, 1), _gaussian, NORMAL)
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
    if items is None:
        raise Unsupported(
            "`dirichlet` over a list whose length is drawn",
            m.span,
            "give it a list as long as it can get, with small parameters for what may be missing",
        )
    if not items:
        raise ParameterError("`dirichlet` of an empty list", m.span)
    numbers = [_positive("parameters").check(m, "dirichlet", a) for a in items]
    if observed is not None:
        _observe_dirichlet(m, numbers, observed)
        return observed
    # Sticks broken off what is left: unlike gammas over their sum, never 0/0 for small parameters,
    # and one choice fewer.
    parts: list[Operand] = []
    left: Operand = 1
    rests = list(accumulate(reversed(numbers[1:]), partial(m.graph.apply, "add")))
    for a, rest in zip(numbers[:-1], reversed(rests), strict=True):
        u = draw(m, UNIFORM, "dirichlet")
        share = record(m, "beta", _beta(m, u, a, rest), u, a, rest)
        parts.append(m.graph.apply("mul", left, share))
        left = m.graph.apply("mul", left, m.graph.apply("sub", 1, share))
    return from_list([*parts, left])


def _observe_dirichlet(m: Machine, numbers: list[Operand], observed: Value) -> None:
    g, items = m.graph, m.static_list(observed)
    if items is None or len(items) != len(numbers):
        due = f"`dirichlet` is conditioned on a list that is not of {len(numbers)} numbers"
        raise TypeMismatch(due, m.span)
    values = [m.number(v) for v in items]
    positive = g.all([g.apply("lt", 0, v) for v in values])
    off = g.apply("abs", g.apply("sub", g.sum(values), 1))
    inside = g.apply("and", positive, g.apply("lt", off, ROUNDING))
    density = LOG_DENSITY["dirichlet"](g, values, numbers)
    m.weigh(g.apply("where", inside, density, -math.inf))


@builtin("flip")
def flip(m: Machine, p: Value = 0.5, observed: Value | None = None) -> Value:
    chance = Parameter("probability", 0, 1).check(m, "flip", p)
    if observed is not None:
        m.weigh(LOG_DENSITY["flip"](m.graph, m.truth(observed), chance))
        return observed
    if chance == 0 or chance == 1:
        return chance == 1
    if m.chooser is not None:
        return m.chooser.pick(m, [(True, chance), (False, m.graph.apply("sub", 1, chance))])
    u = draw(m, UNIFORM, "flip")
    return record(m, "flip", m.graph.apply("lt", u, chance), u, chance)


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
    if m.chooser is not None:
        return m.chooser.pick_index(m, [(i, g.apply("div", weights[i], whole)) for i in possible])
    # Thresholds on a uniform; the last possible index takes what rounding leaves over.
    u = draw(m, UNIFORM, name)
    target = g.apply("mul", u, whole)
    sums, so_far = [], 0
    for i in possible:
        so_far = g.apply("add", so_far, weights[i])
        sums.append(so_far)
    index: Operand = possible[-1]
    for i, threshold in reversed(list(zip(possible[:-1], sums[:-1], strict=True))):
        index = g.apply("where", g.apply("lt", target, threshold), i, index)
    if isinstance(index, Node):
        index = g.finite("identity", (index,), [float(i) for i in possible])
    return record(m, "discrete", index, u, *weights)


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
    if m.chooser is not None:
        each = g.apply("div", 1, count)
        return m.chooser.pick_index(
            m, [(i, g.apply("where", g.apply("lt", i, count), each, 0)) for i in range(most)]
        )
    u = draw(m, UNIFORM, name)
    index = g.apply("floor", g.apply("mul", u, count))
    index = g.apply("min", index, g.apply("sub", count, 1))  # u * n may round up to n
    if isinstance(index, Node) and most <= SUPPORT_LIMIT:
        index = g.finite("identity", (index,), [float(i) for i in range(most)])
    return record(m, "random-integer", index, u, count)


@builtin("random-integer")
def random_integer(m: Machine, n: Value, observed: Value | None = None) -> Value:
    count = m.number(n)
    if observed is not None:
        x = m.number(observed)
        m.weigh(LOG_DENSITY["random-integer"](m.graph, x, count))
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
    g, chance = m.graph, Parameter("probability", 0, 1).check(m, "binomial", p)
    tries = m.number(n)
    whole = g.apply("and", g.apply("le", 0, tries), g.apply("eq", tries, g.apply("floor", tries)))
    due = ParameterError("`binomial` needs a whole number of tries from 0 on", m.span)
    m.die(g.apply("not", whole), due)
    if observed is not None:
        m.weigh(LOG_DENSITY["binomial"](g, m.number(observed), chance, tries))
        return observed
    if m.one is not None:
        return int(m.one.rng.binomial(int(tries), float(chance)))  # type: ignore[arg-type]
    most = max(m.path.support(tries) or [math.inf])
    if most > MOST_COUNTS:
        raise Unsupported(f"`binomial` of a number of tries that may exceed {MOST_COUNTS}", m.span)
    if most <= 0 or chance == 0 or chance == 1:
        return 0 if chance == 0 or most <= 0 else tries
    if m.chooser is not None:
        masses = [LOG_DENSITY["binomial"](g, k, chance, tries) for k in range(int(most) + 1)]
        return m.chooser.pick_index(m, [(k, g.apply("exp", x)) for k, x in enumerate(masses)])
    u = draw(m, UNIFORM, "binomial")
    below = _sums(g, [LOG_DENSITY["binomial"](g, k, chance, tries) for k in range(int(most))])
    return record(m, "binomial", _count(g, u, below, tries), u, chance, tries)


@builtin("poisson")
def poisson(m: Machine, rate: Value, observed: Value | None = None) -> Value:
    g, mean = m.graph, Parameter("mean", 0).check(m, "poisson", rate)
    if observed is not None:
        m.weigh(LOG_DENSITY["poisson"](g, m.number(observed), mean))
        return observed
    if mean == 0:
        return 0
    if m.one is not None:
        return int(m.one.rng.poisson(float(mean)))  # type: ignore[arg-type]
    low, high = bounds(mean) or (0, math.inf)
    if _poisson_most(max(low, 0)) > MOST_COUNTS:
        raise Unsupported(f"`poisson` with a mean that gives counts above {MOST_COUNTS}", m.span)
    most = min(_poisson_most(high), MOST_COUNTS)
    if m.chooser is not None:
        masses = [LOG_DENSITY["poisson"](g, k, mean) for k in range(most + 1)]
        return m.chooser.pick_index(m, [(k, g.apply("exp", x)) for k, x in enumerate(masses)])
    u = draw(m, UNIFORM, "poisson")
    bounded = _poisson_most(high) <= MOST_COUNTS
    terms = most if bounded else most + 1  # one count more stands for all that are lost
    below = _sums(g, [LOG_DENSITY["poisson"](g, k, mean) for k in range(terms)])
    count = record(m, "poisson", _count(g, u, below, terms), u, mean)
    if not bounded:
        lost = BudgetError(f"`poisson` drew a count above {MOST_COUNTS}", m.span)
        m.die(g.apply("lt", MOST_COUNTS, count), lost)
    return count


def _poisson_most(mean: float) -> int:
    """The largest count that is not left out, or more than `MOST_COUNTS`."""
    if mean > MOST_COUNTS:
        return MOST_COUNTS + 1
    counts = np.arange(MOST_COUNTS + 1)
    return int(np.sum(special.pdtrc(counts, mean) > POISSON_TAIL)) + 1


def _sums(g: Graph, log_masses: list[Operand]) -> list[Operand]:
    """The probability of each count or a lower one."""
    below: list[Operand] = []
    so_far: Operand = 0
    for log_mass in log_masses:
        so_far = g.apply("add", so_far, g.apply("exp", log_mass))
        below.append(so_far)
    return below


def _count(g: Graph, u: Node, below: list[Operand], most: Operand) -> Operand:
    """How many of the thresholds lie below a uniform, as a finite variable."""
    count: Operand = 0
    for threshold in below:
        count = g.apply("add", count, g.apply("number", g.apply("le", threshold, u)))
    count = g.apply("min", count, most)  # where the number of tries is drawn, sums round
    if not isinstance(count, Node):
        return count
    return g.finite("identity", (count,), [float(k) for k in range(len(below) + 1)])
