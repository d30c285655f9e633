"""Which rows the moves after a resampling visit, and with which move.

Where sweeps over all rows would take too long, rows are visited the more often the more of their moves
a few worlds turn down: what nothing reads in a world moves freely, and need not be moved.

Source: Latuszynski, Roberts and Rosenthal, Adaptive Gibbs samplers and related MCMC methods (2013), for
choosing coordinates by what earlier moves have shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import jax
import numpy as np

from inference.moves import Move, Redraw
from inference.scan import Scan, compiled, reached, scan, tangled
from inference.targets import Constants, Scale, Term, Way, constants
from plot.compiler.graph import Graph, Node, Operand

EACH_VISIT = 30  # operations of a visit besides those of its terms
PILOT = 1024  # worlds by which it is learned which rows matter
FLOOR = 0.02  # chance, before normalisation, of a row whose moves are never turned down


@dataclass(frozen=True, eq=False)
class Landscape:
    """A log target as terms, and which rows reach which of them.

    Args:
      graph: where they are.
      terms: the summands.
      clamps: draws that were observed.
      reach: from `inference.scan.reached`.
      constants: what stands in the terms for numbers that differ from step to step.
    """

    graph: Graph
    terms: Sequence[Term]
    clamps: Mapping[Node, Operand]
    reach: Mapping[Node, Sequence[int]]
    constants: Constants

    @classmethod
    def of(cls, way: Way, scale: Scale, step: float) -> Landscape:
        """The target of a step of a way; in one piece where taking it apart is of no use."""
        graph, clamps = way.graph, way.new.clamps
        terms = way.terms(scale, step)
        reach = reached(graph, terms, clamps)
        if tangled(reach, terms):
            terms = way.terms(scale, step, tangled=True)
            reach = reached(graph, terms, clamps)
        return cls(graph, terms, clamps, reach, constants(step))

    def cost(self, site: Node) -> int:
        """Operations that a visit of a row takes in one world."""
        touched = [self.terms[t].node for t in self.reach[site]]
        return EACH_VISIT + compiled(self.graph, touched, self.clamps).steps

    def scan(self, visits: Sequence[tuple[Node, Move]], moves: tuple[Move, ...]) -> Scan:
        """The visits, ready to run."""
        found = scan(self.graph, self.terms, self.clamps, self.reach, visits, moves)
        return found.at(self.constants)


def visits(
    rng: np.random.Generator,
    land: Landscape,
    rows: Mapping[Node, np.ndarray],
    moves: tuple[Move, ...],
    least: int,
    sweeps: float,
    most_work: float,
) -> list[tuple[Node, Move]]:
    """Rows and moves in order.

    Args:
      rng: of the order.
      land: the target.
      rows: of the worlds, `[worlds]` each.
      moves: made in turn.
      least: the fewest visits.
      sweeps: visits of each row, where work allows.
      most_work: operations on single worlds past which there are no more than `least` visits.
    """
    ring = list(land.reach)
    worlds = len(rows[ring[0]])
    count = max(least, math.ceil(sweeps * len(ring)))
    order = [i for _ in range(-(-count // len(ring))) for i in rng.permutation(len(ring))][:count]
    if work(land, ring, order, worlds).sum() > most_work:
        chances = refused(rng, land, rows, moves) + FLOOR
        order = rng.choice(len(ring), count, p=chances / chances.sum()).tolist()
        done = np.cumsum(work(land, ring, order, worlds))
        order = order[: max(least, int(np.searchsorted(done, most_work)))]
    return [(ring[i], moves[k % len(moves)]) for k, i in enumerate(order)]


def work(land: Landscape, ring: Sequence[Node], order: Sequence[int], worlds: int) -> np.ndarray:
    """`[visits]`, operations on single worlds that each takes."""
    return np.array([land.cost(ring[i]) for i in order], float) * worlds


def refused(
    rng: np.random.Generator,
    land: Landscape,
    rows: Mapping[Node, np.ndarray],
    moves: tuple[Move, ...],
) -> np.ndarray:
    """`[rows]`, the share of a few worlds that turn down a row that is drawn anew."""
    worlds = len(next(iter(rows.values())))
    some = np.linspace(0, worlds - 1, min(PILOT, worlds)).astype(int)
    move = next((move for move in moves if isinstance(move, Redraw)), moves[0])
    plan = land.scan([(site, move) for site in land.reach], moves)
    key = jax.random.key(int(rng.integers(2**32)))
    _, accepted = plan.run({site: rows[site][some] for site in plan.sites}, key)
    return np.array([1 - one.rate for one in accepted])
