"""What a belief is weighed by: the evidence so far, and a way from the old evidence to the new.

On the way hard evidence is soft: a world that breaks it is charged, the more the further it is from
keeping it. At the end of the way it is hard again.

Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers (2006).
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from inference.lanes import Lanes, Rows, chained
from plot.backends import Backend
from plot.compiler.evidence import conjuncts, observed
from plot.compiler.graph import Graph, Node, Operand, kind_of
from plot.compiler.ops import Kind
from plot.compiler.values import Effects
from plot.simulate import log_weight

# Numbers that stand for a step's in code, so that all steps share it; any that no program has.
STEP, RISE, FLAT = (float(np.float32(x)) for x in (7.6543217e-33, 5.4321987e-33, 3.2198765e-33))
FAR = 1e6  # usual distances past which it makes no difference how many
BROKEN = 0.2  # charge for breaking a comparison by nothing at all, in units of the usual distance


def evidence(graph: Graph, effects: Effects, held: Collection[Node]) -> Effects:
    """What was observed, flat; conditions that only one value of a finite draw meets observe it.

    Args:
      graph: where it is.
      effects: of a world or a question.
      held: rows that worlds have been chosen by, whose draws are left to the conditions.
    """
    flat = effects.flatten(graph)
    return observed(graph, flat, held) if graph.passes.observations else flat


@dataclass(frozen=True)
class Readings:
    """What the lanes of a way say about some worlds.

    Args:
      old: `[worlds]`, log weight by the old evidence; minus infinity where it is broken.
      factors: `[worlds]`, what the new evidence adds by degree.
      broken: `[parts, worlds]`, whether each part of the new hard evidence is broken.
      distance: `[parts, worlds]`, how far from keeping it.
    """

    old: np.ndarray
    factors: np.ndarray
    broken: np.ndarray
    distance: np.ndarray


type Constants = Mapping[float, float]


@dataclass(frozen=True)
class Term:
    """A summand of a log target.

    Args:
      node: its value.
      settled: whether it is 0 in every world with weight, as hard evidence is that is kept.
    """

    node: Node
    settled: bool


@dataclass(frozen=True, eq=False)
class Way:
    """From a belief's old evidence to its new evidence.

    Args:
      graph: where both are.
      old: what was observed before, flat; None for nothing.
      new: what is observed now, flat; what was observed before included.
      held: draws whose values worlds carry with them.
    """

    graph: Graph
    old: Effects | None
    new: Effects
    held: frozenset[Node] = frozenset()

    @cached_property
    def parts(self) -> tuple[Operand, ...]:
        """The hard evidence that is new: each part has to hold."""
        before = set(self.old.conditions) if self.old is not None else set()
        guards_before = {d.guard for d in self.old.deaths} if self.old is not None else set()
        found = [p for p in conjuncts(self.graph, self.new.conditions) if p not in before]
        deaths = [d.guard for d in self.new.deaths if d.guard not in guards_before]
        found += [self.graph.apply("not", guard) for guard in deaths if guard is not False]
        return tuple(dict.fromkeys(found))

    @cached_property
    def lanes(self) -> Lanes:
        """The old log weight, the new factors, and each part with its distance."""
        old = log_weight(self.graph, self.old)[0] if self.old is not None else 0
        return Lanes(self.graph, (old, *self._told), self.new.clamps)

    @cached_property
    def news(self) -> Lanes:
        """The same without the old log weight, which worlds carry with them; then `kept`."""
        outputs = (0, *self._told, *self.kept)
        return Lanes(self.graph, outputs, self.new.clamps, self.held)

    @cached_property
    def _told(self) -> tuple[Operand, ...]:
        return (self.graph.sum(self.added), *self.parts, *self.distances)

    @cached_property
    def kept(self) -> tuple[Node, ...]:
        """Draws that depend on other draws, whose values later evidence may begin at."""
        lanes = Lanes(self.graph, self._told, self.new.clamps, self.held)
        return chained(self.graph, lanes.order, self.held)

    @cached_property
    def from_rows(self) -> Way:
        """The same way for worlds that carry no values of draws."""
        return replace(self, held=frozenset())

    @cached_property
    def added(self) -> list[Operand]:
        """The factors of the new evidence that the old had not, and less those that it had."""
        found = list(self.new.factors)
        for factor in self.old.factors if self.old is not None else []:
            if factor in found:
                found.remove(factor)
            else:
                found.append(self.graph.apply("sub", 0, factor))
        return found

    @cached_property
    def distances(self) -> list[Operand]:
        """How far from keeping each part a world is."""
        return [distance(self.graph, part) for part in self.parts]

    def terms(self, scale: Scale, step: float, tangled: bool = False) -> list[Term]:
        """The summands of `Scale.log_target`, each a lane of its own.

        The terms of all steps before the last are the same: `STEP` and `RISE` stand in them for numbers
        that `constants` tells.

        Args:
          scale: of the distances.
          step: above 0, and up to 1, the new evidence.
          tangled: whether all that was kept is to be one summand, and all that is new another.
        """
        graph, found = self.graph, list[tuple[Operand, bool]]()
        kept = self.new if step >= 1 else self.old
        if kept is not None and tangled:
            found.append((log_weight(graph, kept)[0], False))
        elif kept is not None:
            hard = list(conjuncts(graph, kept.conditions))
            hard += [graph.apply("not", death.guard) for death in kept.deaths]
            hard = dict.fromkeys(graph.apply("where", part, 0, -math.inf) for part in hard)
            found += [(term, True) for term in hard]
            found += [(factor, False) for factor in kept.factors]
        kept_terms = len(found)
        if step < 1:
            found += [(graph.apply("mul", STEP, factor), False) for factor in self.added]
            each = zip(self.parts, self.distances, scale.usual.tolist(), strict=True)
            for part, away, usual in each:
                share = graph.apply("min", graph.apply("abs", graph.apply("div", away, usual)), FAR)
                charge = _charge(graph, graph.apply("add", share, BROKEN))
                found.append((graph.apply("where", part, 0, charge), False))
        if tangled:  # `STEP` and its like would be lost in a sum with numbers of the usual size
            parts = found[:kept_terms], found[kept_terms:]
            found = [(graph.sum([term for term, _ in part]), False) for part in parts]
        return [Term(node, settled) for node, settled in found if isinstance(node, Node)]

    @cached_property
    def end(self) -> Lanes:
        """The log weight by the new evidence: less to compute than the way there."""
        return Lanes(self.graph, (log_weight(self.graph, self.new)[0],), self.new.clamps)

    def arrived(self, tiles: np.ndarray, worlds: int, backend: Backend | None = None) -> np.ndarray:
        """`[worlds]`, the log weight by the new evidence of worlds with rows from `end.tiles`."""
        return _number(self.end.values(tiles, worlds, backend)[0])

    def read(self, tiles: np.ndarray, worlds: int, backend: Backend | None = None) -> Readings:
        """The lanes for worlds with these rows, from `lanes.tiles`."""
        return self._readings(self.lanes.values(tiles, worlds, backend))

    def look(
        self, held: Rows, worlds: int, backend: Backend | None = None
    ) -> tuple[Readings, dict[Node, np.ndarray]]:
        """The same with the old log weight taken as 0, and the values of `kept`.

        Args:
          held: of each of `news.sites`, `[worlds]`.
          worlds: how many.
          backend: what runs; chosen by cost where not given.
        """
        values = self.news.values(self.news.tiles(held, worlds), worlds, backend)
        count = len(values) - len(self.kept)
        lanes = dict(zip(self.kept, values[count:], strict=True))
        return self._readings(values[:count]), lanes

    def _readings(self, values: np.ndarray) -> Readings:
        count = len(self.parts)
        broken = values[2 : 2 + count] == 0
        away = np.where(broken, np.abs(values[2 + count :]), np.float32(0))
        return Readings(_number(values[0]), _number(values[1]), broken, away)


@dataclass(frozen=True, eq=False)
class Scale:
    """How much each part is charged for a distance: the usual one, over worlds that break it.

    Args:
      usual: `[parts]`, positive.
    """

    usual: np.ndarray

    @classmethod
    def of(cls, read: Readings) -> Scale:
        """From worlds before the evidence."""
        counts = np.maximum(read.broken.sum(axis=1), 1)
        finite = np.where(np.isfinite(read.distance), read.distance, 0.0)
        usual = finite.sum(axis=1) / counts
        return cls(np.where(usual > 0, usual, 1.0))

    def log_target(self, read: Readings, step: float) -> np.ndarray:
        """`[worlds]`, the unnormalised log density, with respect to the prior, a step of the way on.

        Args:
          read: of the worlds.
          step: from 0, the old evidence, to 1, the new.
        """
        if step <= 0:
            return read.old
        if step >= 1:
            return np.where(read.broken.any(axis=0), -math.inf, read.old + read.factors)
        away = np.minimum(read.distance / self.usual[:, None], FAR)
        charge = np.where(read.broken, BROKEN + np.where(np.isnan(away), math.inf, away), 0.0)
        return read.old + step * read.factors - step / (1 - step) * charge.sum(axis=0)


def constants(step: float) -> Constants:
    """What stands in the terms of a step before the last."""
    if step >= 1:
        return {}
    rise = -step / (1 - step)
    return {STEP: step, RISE: rise, FLAT: rise * (BROKEN + 1)}


def _charge(graph: Graph, broken: Operand) -> Operand:
    """A charge in units that rise on the way; where no distance is known, it is that of the usual."""
    return graph.apply("mul", RISE, broken) if isinstance(broken, Node) else FLAT


def distance(graph: Graph, part: Operand) -> Operand:
    """How far a comparison of numbers is from holding; one for evidence of any other kind."""
    if isinstance(part, Node) and part.op == "not" and isinstance(part.args[0], Node):
        part = part.args[0]
    if isinstance(part, Node) and part.op in ("lt", "le", "eq"):
        a, b = part.args
        if kind_of(a) is Kind.NUMBER and kind_of(b) is Kind.NUMBER:
            return graph.apply("sub", a, b)
    return 1


def _number(lane: np.ndarray) -> np.ndarray:
    """A lane of log weights, in which what is not a number counts for nothing."""
    return np.where(np.isnan(lane) | (lane == math.inf), -math.inf, lane.astype(np.float64))
