"""Conditions that mean a density: equalities with continuous draws."""

from __future__ import annotations

from plot.compiler.densities import log_density
from plot.compiler.evaluator import evaluate
from plot.compiler.graph import Node, Operand
from plot.compiler.machine import Machine
from plot.compiler.relations import equal
from plot.compiler.values import Environment
from plot.errors import Unsupported
from plot.signatures import canonical
from plot.syntax import Form, Literal, Symbol, Tree

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

    The draw gets the value in every world that observes it, and its density there is a factor;
    where both sides are draws, the later one is set. A side that is one of several draws (a
    mixture) is, in each world, the draw that it is there. Other equalities become conditions here
    too, so that their sides are evaluated once. False where the condition is no equality.

    Raises:
      Unsupported: inside a memoised call, or for a draw of a loop.
    """
    if not isinstance(tree, Form) or tree.head not in ("=", "equal?", "eq?") or len(tree) != 3:
        return False
    if bound_by_program(tree.items[0], environment):
        return False
    sides = [evaluate(m, part, environment) for part in tree.items[1:]]
    if tree.head == "=":
        sides = [m.number(side) for side in sides]
    drawn = [s for s in sides if isinstance(s, Node) and _open_draws(m, s)]
    if not drawn or sides[0] is sides[1]:
        m.require(equal(m, *sides))
        return True
    later = max(drawn, key=lambda node: node.id)
    value = m.number(sides[1] if sides[0] is later else sides[0])
    if m.scope is not None:
        raise Unsupported("observing an exact value of an earlier draw inside `mem`", tree.span)
    _observe(m, later, value, tree)
    return True


def _observe(m: Machine, side: Node, value: Operand, tree: Form) -> None:
    g = m.graph
    others: list[Operand] = []
    log_densities: list[Operand] = []
    for guard, part in _parts(m, side):
        if not isinstance(part, Node) or not _is_open_draw(m, part):
            others.append(g.apply("or", g.apply("not", guard), g.apply("eq", part, value)))
            continue
        if part.loops:
            raise Unsupported("observing a draw of a loop", tree.span)
        where = g.apply("and", m.path.node(g), guard)
        m.effects.clamps[part] = g.apply("where", where, value, g.twin(part))
        density = log_density(g, g.choices[part], value)
        log_densities.append(g.apply("where", guard, density, 0))
    if others:
        m.require(g.all(others))
    m.weigh(g.sum(log_densities))


def _parts(m: Machine, side: Operand) -> list[tuple[Operand, Operand]]:
    """The draws and other values among which a number is chosen, with where it is each of them."""
    g = m.graph
    found: dict[Operand, Operand] = {}
    waiting: list[tuple[Operand, Operand]] = [(True, side)]
    while waiting:
        guard, part = waiting.pop()
        if isinstance(part, Node) and part.op == "where" and not _is_open_draw(m, part):
            condition, a, b = part.args
            outside = g.apply("not", condition)
            waiting += [(g.apply("and", guard, condition), a), (g.apply("and", guard, outside), b)]
        else:
            found[part] = g.apply("or", found.get(part, False), guard)
    return [(guard, part) for part, guard in found.items() if guard is not False]


def _open_draws(m: Machine, side: Operand) -> bool:
    """Whether a number is, in some worlds, a continuous draw that has not been observed."""
    waiting = [side]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Node):
            if _is_open_draw(m, part):
                return True
            if part.op == "where":
                waiting += part.args[1:]
    return False


def _is_open_draw(m: Machine, node: Node) -> bool:
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
