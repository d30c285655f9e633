"""Log densities as lane operations, and conditions that mean one."""

from __future__ import annotations

import math
from collections.abc import Callable

from plot.compiler.choices import Choice
from plot.compiler.evaluator import evaluate
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.machine import Machine
from plot.compiler.relations import equal
from plot.compiler.values import Environment
from plot.errors import Unsupported
from plot.signatures import canonical
from plot.syntax import Form, Literal, Symbol, Tree

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
_MOST_PARAMETERS = {
    "gaussian": 2,
    "uniform": 2,
    "exponential": 1,
    "gamma": 2,
    "beta": 2,
    "student-t": 3,
}
_DEFAULTS = {"gaussian": (0, 1), "uniform": (0, 1), "exponential": (1,), "student-t": (None, 0, 1)}


def density_condition(m: Machine, tree: Tree, environment: Environment) -> bool:
    """Take `(= (gaussian …) x)` as an observation; False where a condition is none of this kind.

    An equality with a continuous draw has probability zero as an event, so Church reads it as
    conditioning on the density of the draw at the value.
    """
    if not isinstance(tree, Form) or tree.head not in ("=", "equal?") or len(tree) != 3:
        return False
    for call, value in ((tree[1], tree[2]), (tree[2], tree[1])):
        name = canonical(call.head) if isinstance(call, Form) and call.head else None
        if name not in _MOST_PARAMETERS or not isinstance(call, Form):
            continue
        if bound_by_program(call.items[0], environment) or len(call) - 1 > _MOST_PARAMETERS[name]:
            continue
        # `(gaussian 0 1)` observed at x is the draw conditioned on a value: `(gaussian 0 1 x)`.
        given = list(call.items)
        for default in _DEFAULTS.get(name, ())[len(given) - 1 :]:
            given.append(Literal(default, call.span))
        evaluate(m, Form((*given, value), call.span), environment)
        return True
    return False


def clamp_condition(m: Machine, tree: Tree, environment: Environment) -> bool:
    """Take `(= x v)` as an observation where `x` is a continuous draw made before.

    The draw gets the value in every world, and its density there is a factor; where both sides are
    draws, the later one is set. Other equalities become conditions here too, so that their sides
    are evaluated once. False where the condition is no equality.

    Raises:
      Unsupported: where only some worlds observe it.
    """
    if not isinstance(tree, Form) or tree.head not in ("=", "equal?", "eq?") or len(tree) != 3:
        return False
    if bound_by_program(tree.items[0], environment):
        return False
    sides = [evaluate(m, part, environment) for part in tree.items[1:]]
    if tree.head == "=":
        sides = [m.number(side) for side in sides]
    drawn = [s for s in sides if isinstance(s, Node) and _is_open_draw(m, s)]
    if not drawn or sides[0] is sides[1]:
        m.require(equal(m, *sides))
        return True
    later = max(drawn, key=lambda node: node.id)
    value = m.number(sides[1] if sides[0] is later else sides[0])
    if m.path.literals or m.scope is not None:
        raise Unsupported(
            "observing an exact value of an earlier draw in some worlds only", tree.span
        )
    if later.loops:
        raise Unsupported("observing a draw of a loop", tree.span)
    m.effects.clamps[later] = value
    m.weigh(log_density(m.graph, m.graph.choices[later], value))
    return True


def log_density(g: Graph, choice: Choice, value: Operand) -> Operand:
    """The log density (mass, of a finite choice) of a choice at a value, given its parameters."""
    return LOG_DENSITY[choice.name](g, value, *choice.parameters)


def _is_open_draw(m: Machine, node: Node) -> bool:
    """Whether a node is a continuous draw that has not been observed."""
    choice = m.graph.choices.get(node)
    return choice is not None and choice.continuous and node not in m.effects.clamps


def bound_by_program(head: Tree, environment: Environment) -> bool:
    """Whether the program gives a built-in's name a meaning of its own."""
    scope: Environment | None = environment
    while scope is not None and scope.outer is not None:
        if isinstance(head, Symbol) and head.name in scope.names:
            return True
        scope = scope.outer
    return False
