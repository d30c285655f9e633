"""Conditions that say what a finite draw is, turned into observations.

`(condition (equal? (repeat 6 marble) '(blue blue …)))` holds in one world of a million. A draw that
every world that counts must make the same way is made that way, and its probability is a weight:
the same posterior and the same evidence, from all worlds instead of a few (the likelihood weighting
of a forward sampler; Fung and Chang 1990).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from plot.compiler.choices import Choice
from plot.compiler.densities import log_density
from plot.compiler.graph import Constant, Graph, Node, Operand, constant
from plot.compiler.values import Effects


def observed(graph: Graph, effects: Effects) -> Effects:
    """Effects in which conditions on the value of one finite draw are observations of it.

    Args:
      graph: where they were made.
      effects: flat, as `Effects.flatten` gives them.
    """
    conditions: list[Operand] = []
    factors = list(effects.factors)
    clamps: dict[Node, Operand] = dict(effects.clamps)
    for part in _conjuncts(graph, effects.conditions):
        found = _required(graph, part, clamps)
        if found is None:
            conditions.append(part)
            continue
        choice, value = found
        clamps[choice.node] = value
        factors.append(log_density(graph, choice, value))
    flat = effects.copy()
    flat.conditions, flat.factors, flat.clamps = conditions, factors, clamps
    return flat


def _conjuncts(graph: Graph, conditions: list[Operand]) -> Iterator[Operand]:
    """Conditions of which all have to hold, with none that says so itself."""
    waiting = list(reversed(conditions))
    known: set[Operand] = set()
    while waiting:
        part = waiting.pop()
        if part in known:
            continue
        known.add(part)
        if isinstance(part, Node) and part.op == "and":
            waiting += reversed(part.args)
        elif isinstance(part, Node) and part.op == "not" and _is(part.args[0], "or"):
            assert isinstance(part.args[0], Node)
            waiting += [graph.apply("not", arg) for arg in reversed(part.args[0].args)]
        else:
            yield part


def _is(operand: Operand, op: str) -> bool:
    return isinstance(operand, Node) and operand.op == op


def _required(
    graph: Graph, part: Operand, clamps: Mapping[Node, Operand]
) -> tuple[Choice, Constant] | None:
    """The draw that has to have one value for a condition to hold, and the value."""
    if not isinstance(part, Node) or part.table is None or len(part.table.variables) != 1:
        return None
    (variable,) = part.table.variables
    choice = graph.choices.get(variable)
    if choice is None or variable in clamps or variable.loops or variable.table is None:
        return None
    (places,) = np.nonzero(part.table.values)
    if len(places) != 1:
        return None
    return choice, constant(variable.table.values[places[0]])
