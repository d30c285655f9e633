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

from inference.moves import Move, Redraw, Swap
from inference.scan import Scan, Visit, compiled, reached, scan, tangled
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

    def scan(self, visits: Sequence[Visit], moves: tuple[Move, ...]) -> Scan:
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
    waiting: Sequence[Node] = (),
) -> tuple[list[Visit], list[Node]]:
    """Rows and moves in order, and the rows whose turn comes first the next time.

    Args:
      rng: of the order.
      land: the target.
      rows: of the worlds, `[worlds]` each.
      moves: made in turn.
      least: the fewest visits.
      sweeps: visits of each row, where work allows.
      most_work: operations on single worlds past which there are no more than `least` visits.
      waiting: rows that the visits before have left out, whose turn comes first: where there are fewer
        visits than rows, none has to wait for long.
    """
    ring = list(land.reach)
    worlds = len(rows[ring[0]])
    count = max(least, math.ceil(sweeps * len(ring)))
    chances = np.ones(len(ring))
    order, left = in_turn(rng, ring, count, waiting)
    if work(land, ring, order, worlds).sum() > most_work:
        chances = refused(rng, land, rows, moves) + FLOOR
        order = rng.choice(len(ring), count, p=chances / chances.sum()).tolist()
        done = np.cumsum(work(land, ring, order, worlds))
        order = order[: max(least, int(np.searchsorted(done, most_work)))]
    firsts = [(i, moves[k % len(moves)]) for k, i in enumerate(order)]
    return blocks(rng, ring, firsts, chances), left


def in_turn(
    rng: np.random.Generator, ring: Sequence[Node], count: int, waiting: Sequence[Node] = ()
) -> tuple[list[int], list[Node]]:
    """Places of rows, all of them once in random order before one comes again; and who is left over.

    Args:
      rng: of the order.
      ring: the rows.
      count: how many places.
      waiting: rows that come first.
    """
    place = {row: i for i, row in enumerate(ring)}
    order = [place[row] for row in waiting if row in place]
    while len(order) < count:
        order += rng.permutation(len(ring)).tolist()
    return order[:count], [ring[i] for i in order[count:]]


def sweep_of(
    rng: np.random.Generator, ring: Sequence[Node], moves: Sequence[Move], number: int
) -> list[Visit]:
    """A visit of each row in random order.

    Args:
      rng: of the order.
      ring: the rows.
      moves: made in turn.
      number: of the sweep, which begins with another move each time.
    """
    order = rng.permutation(len(ring)).tolist()
    firsts = [(i, moves[(number + k) % len(moves)]) for k, i in enumerate(order)]
    return blocks(rng, ring, firsts, np.ones(len(ring)))


def blocks(
    rng: np.random.Generator,
    ring: Sequence[Node],
    firsts: Sequence[tuple[int, Move]],
    chances: np.ndarray,
) -> list[Visit]:
    """The rows that move together: those that follow the first, or another like it to swap with.

    Args:
      rng: of the choice.
      ring: the rows.
      firsts: for each visit the place of its first row, and the move.
      chances: `[rows]`, of being swapped with, up to a factor.
    """
    found: list[Visit] = []
    for first, move in firsts:
        if isinstance(move, Swap):
            rows = _pair(rng, ring, first, chances)
        else:
            rows = [ring[(first + k) % len(ring)] for k in range(min(move.sites, len(ring)))]
        found.append((rows, move))
    return [visit for visit in found if visit[0]]


def _pair(
    rng: np.random.Generator, ring: Sequence[Node], first: int, chances: np.ndarray
) -> list[Node]:
    """A row and another of its kind; nothing where there is none."""
    alike = [i for i, row in enumerate(ring) if row.op == ring[first].op and i != first]
    if not alike:
        return []
    other = rng.choice(alike, p=chances[alike] / chances[alike].sum())
    return [ring[first], ring[int(other)]]


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
    plan = land.scan([([site], move) for site in land.reach], moves)
    key = jax.random.key(int(rng.integers(2**32)))
    _, accepted = plan.run({site: rows[site][some] for site in plan.sites}, key)
    return np.array([1 - one.rate for one in accepted])
