"""The evidence of a question in pieces, which engines may take one after another.

A piece is an `Effects` of one thing: a condition that is no conjunction, a factor, or that no error was
met. A world's weight is the product of its weights by the pieces.
"""

from __future__ import annotations

from collections.abc import Iterable

from inference.answer import never
from inference.targets import evidence
from plot.compiler.evidence import conjuncts
from plot.compiler.graph import Graph, Operand
from plot.compiler.values import Effects
from plot.simulate import log_weight
from plot.world import Question


def evidence_of(question: Question) -> Effects:
    """What was observed, flat, with conditions on finite draws made observations of them.

    Raises:
      ImpossibleEvidence: where it is false whatever is drawn.
    """
    graph = question.world.session.graph
    flat = evidence(graph, question.effects, ())
    if log_weight(graph, flat)[0] == float("-inf"):
        raise never()
    return flat


def pieces(graph: Graph, effects: Effects) -> tuple[Effects, ...]:
    """The evidence in pieces: that no error is met, the parts of conditions, and factors.

    Args:
      graph: where it is.
      effects: flat, from `evidence_of`.

    >>> from plot.world import World
    >>> world = World.from_source("(define a (gaussian 0 1)) (condition (and (> a 0) (< a 2)))")
    >>> len(pieces(world.session.graph, evidence_of(world.ask("a"))))
    2
    """
    found = [Effects(conditions=[c]) for c in conjuncts(graph, effects.conditions) if c is not True]
    found += [Effects(factors=[f]) for f in effects.factors]
    if any(d.guard is not False for d in effects.deaths):
        found.insert(0, Effects(deaths=list(effects.deaths)))
    return tuple(found)


def joined(parts: Iterable[Effects], whole: Effects) -> Effects:
    """Some pieces as evidence of its own, with what the whole has observed and approximated.

    Args:
      parts: some of the pieces of `whole`.
      whole: the evidence that they are of.
    """
    out = Effects(clamps=dict(whole.clamps), notes=dict(whole.notes))
    for part in parts:
        out.conditions += part.conditions
        out.factors += part.factors
        out.deaths += part.deaths
    return out


def weight_of(graph: Graph, piece: Effects) -> Operand:
    """The lane of a world's log weight by some evidence."""
    return log_weight(graph, piece)[0]
