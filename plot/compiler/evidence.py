"""Conditions that say what a finite draw is, turned into observations.

`(condition (equal? (repeat 6 marble) '(blue blue …)))` holds in one world of a million. A draw that
every world that counts must make the same way is made that way, and its probability is a weight:
the same posterior and the same evidence, from all worlds instead of a few (the likelihood weighting
of a forward sampler; Fung and Chang 1990).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from plot.compiler.choices import Choice
from plot.compiler.densities import log_density
from plot.compiler.graph import Constant, Graph, Node, Operand, constant
from plot.compiler.values import Effects


def observed(graph: Graph, effects: Effects, held: Collection[Node] = ()) -> Effects:
    """Effects in which conditions on the value of one finite draw are observations of it.

    Args:
      graph: where they were made.
      effects: flat, as `Effects.flatten` gives them.
      held: rows of draws that have been made already, and so are left to the conditions.
    """
    factors = list(effects.factors)
    clamps: dict[Node, Operand] = dict(effects.clamps)
    conditions, set_before = list(conjuncts(graph, effects.conditions)), -1
    while set_before < len(clamps):  # a draw that is set may decide what others have to be
        set_before, waiting, conditions = len(clamps), conditions, []
        for part in waiting:
            required, rest = _required(graph, part, clamps, held)
            for choice, value in required:
                clamps[choice.node] = value
                factors.append(log_density(graph, choice, value))
            if rest is not True:
                conditions.append(rest)
    flat = effects.copy()
    flat.conditions, flat.factors, flat.clamps = conditions, factors, clamps
    return flat


def conjuncts(graph: Graph, conditions: list[Operand]) -> Iterator[Operand]:
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
    graph: Graph, part: Operand, clamps: Mapping[Node, Operand], held: Collection[Node]
) -> tuple[list[tuple[Choice, Constant]], Operand]:
    """The draws that must have one value for a condition to hold, and what else must be true."""
    if not isinstance(part, Node) or part.table is None:
        return [], part
    holds, required = part.table.values, []
    for axis, variable in enumerate(part.table.variables):
        domain = variable.table.values if variable.table is not None else None
        known = clamps.get(variable)
        if domain is None or isinstance(known, Node):
            continue
        if known is not None:
            holds = holds & _along(domain == known, axis, holds.ndim)
            continue
        choice = graph.choices.get(variable)
        if choice is None or variable.loops or choice.row in held:
            continue
        (places,) = np.nonzero(_ways(holds, axis))
        if len(places) == 1:
            required.append((choice, constant(domain[places[0]])))
    if not holds.any():
        return [], False
    settled = {choice.node for choice, _ in required} | {
        v for v in part.table.variables if v in clamps and not isinstance(clamps[v], Node)
    }
    free = tuple(i for i, v in enumerate(part.table.variables) if v not in settled)
    decided = holds.all(axis=free).any()
    return required, True if decided else part


def _along(truths: np.ndarray, axis: int, axes: int) -> np.ndarray:
    return truths.reshape([-1 if i == axis else 1 for i in range(axes)])


def _ways(holds: np.ndarray, axis: int) -> np.ndarray:
    """For each value of one variable, in how many settings of the others a condition holds."""
    return holds.sum(axis=tuple(i for i in range(holds.ndim) if i != axis))


def rows_observed(graph: Graph, new: Effects, old: Effects) -> set[Node]:
    """The rows of draws that are observed at a value now and were not before."""
    found = [graph.choices[node].row for node in new.clamps if node not in old.clamps]
    return set(found)
