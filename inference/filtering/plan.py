"""What many sentences mean, as tables: the code of each value that worlds carry from one to the next.

A cell is such a value: a row of randomness, a draw that depends on other draws, a term of the log weight.
The code of a cell begins at other cells, so that a sentence takes the same work however many came before.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from inference.lanes import Lanes, chained
from inference.particles import Particles
from inference.targets import Scale, Way, evidence
from plot.backends.joining import OPERANDS, Piece
from plot.backends.lax_ops import HEAVY
from plot.backends.registers import ALL_OPS, instructions_of
from plot.compiler.evidence import rows_observed
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import EXTERNAL, LOOP_OUT, LOOP_VARIABLE, NORMAL, UNIFORM
from plot.compiler.values import Effects
from plot.world import World

NAMES = instructions_of((), False)


@dataclass(frozen=True, eq=False)
class Cell:
    """A value that is computed from others.

    Args:
      node: what it is.
      steps: first and end of its code.
      result: the register that its code leaves it in, numbered as in `Plan.code`.
      slot: where it is kept.
      term: whether it is a term of the log weight.
      told: whether its stage weighs worlds by it; terms of earlier evidence only matter to moves.
      reads: the slots that its code reads.
      rows: the slots of the rows that it depends on, as bits; nothing where none is moved.
    """

    node: Node
    steps: tuple[int, int]
    result: int
    slot: int
    term: bool
    told: bool
    reads: tuple[int, ...]
    rows: int


@dataclass(frozen=True, eq=False)
class Stage:
    """What one sentence adds.

    Args:
      world: after it.
      draws: the rows that it needs first.
      cells: how many cells there are after it.
      constant: what it adds to every log weight.
    """

    world: World
    draws: tuple[Node, ...]
    cells: int
    constant: float


@dataclass(eq=False)
class Plan:
    """Sentences that can be taken one after another by one compiled loop.

    Args:
      graph: where they are.
      moving: whether worlds are moved on the way, for which all terms are kept.
      slots: of rows and draws.
      cells: in the order in which they are computed.
      stages: one for each sentence.
    """

    graph: Graph
    moving: bool
    slots: dict[Node, int] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    count: int = 1  # of slots
    registers: int = 0  # besides those of constants
    _steps: list[np.ndarray] = field(default_factory=list)
    _length: int = 0
    _constants: dict[bytes, int] = field(default_factory=dict)
    _sources: dict[int, int] = field(default_factory=dict)

    @property
    def code(self) -> np.ndarray:
        """int32 `[steps, 5]`: operation, operands, result.

        Register 0 is the first after the constants, of which number `i` is register `-1 - i`.
        """
        return np.concatenate([np.zeros((0, 5), np.int32), *self._steps])

    @property
    def constants(self) -> np.ndarray:
        """float32 `[constants]`."""
        return np.frombuffer(b"".join(self._constants), np.float32)

    @cached_property
    def reach(self) -> dict[int, np.ndarray]:
        """Of each slot of a row, the cells that depend on it, in order."""
        rows = [slot for node, slot in self.slots.items() if node.op in (UNIFORM, NORMAL)]
        sources = [cell.rows for cell in self.cells]
        return {
            row: np.array([i for i, mask in enumerate(sources) if mask >> row & 1], np.int32)
            for row in rows
        }

    @cached_property
    def lengths(self) -> np.ndarray:
        """`[cells]`, how many steps each takes."""
        return np.array([end - first for first, end in (cell.steps for cell in self.cells)], int)

    @cached_property
    def last_reads(self) -> np.ndarray:
        """`[slots]`, the last stage that reads each; -1 for none."""
        last, first = np.full(self.count, -1), 0
        for k, stage in enumerate(self.stages):
            for cell in self.cells[first : stage.cells]:
                last[list(cell.reads)] = k
            first = stage.cells
        return last

    @cached_property
    def written(self) -> np.ndarray:
        """`[slots]`, the stage that writes each first; -1 where it is there from the beginning."""
        when, first = np.full(self.count, -1), 0
        for k, stage in enumerate(self.stages):
            when[[self.slots[site] for site in stage.draws]] = k
            when[[cell.slot for cell in self.cells[first : stage.cells]]] = k
            first = stage.cells
        return when

    def slot(self) -> int:
        """A new slot."""
        self.count += 1
        return self.count - 1

    def add(
        self, nodes: Iterable[Node], clamps: Mapping[Node, Operand], term: bool, told: bool
    ) -> None:
        """Cells for some nodes, in order.

        Args:
          nodes: what they are.
          clamps: draws that were observed.
          term: whether they are terms of the log weight.
          told: whether they weigh worlds.
        """
        for node in nodes:
            lanes = Lanes(self.graph, (node,), clamps, self.slots.keys())
            piece = Piece.of(lanes.program)
            reads = tuple(self.slots[site] for site in lanes.sites)
            first, place = self._length, self._places(piece)
            steps = piece.steps[:, :5].copy()
            steps[:, OPERANDS] = place[steps[:, OPERANDS]]
            steps[:, 0] = _OPCODES[steps[:, 0]]
            self._steps.append(steps)
            self._length += len(steps)
            kept = not term or self.moving
            slot = self.slot() if kept else _NOWHERE
            rows = self._sources[slot] = self._rows_of(lanes.sites) if self.moving else 0
            at = first, self._length
            result = int(place[piece.outputs[0]])
            self.cells.append(Cell(node, at, result, slot, term, told, reads, rows))
            if not term:
                self.slots[node] = slot

    def _places(self, piece: Piece) -> np.ndarray:
        """Of each register of a piece, which one it is here."""
        known = piece.rows + len(piece.constants)
        place = np.arange(max(piece.top, 1)) - len(piece.constants)
        place[: piece.rows] = np.arange(piece.rows)
        own = [
            self._constants.setdefault(c.tobytes(), len(self._constants)) for c in piece.constants
        ]
        place[piece.rows : known] = [-1 - i for i in own]
        self.registers = max(self.registers, piece.top - len(piece.constants))
        return place

    def _rows_of(self, sites: Sequence[Node]) -> int:
        found = 0
        for site in sites:
            at = self.slots[site]
            found |= 1 << at if site.op in (UNIFORM, NORMAL) else self._sources[at]
        return found


_NOWHERE = 0  # slot of what nothing reads again
_OPCODES = np.array([NAMES.index(n) if n in NAMES else -1 for n in ALL_OPS], np.int32)


def plan(world: World, following: Sequence[World], particles: Particles, moving: bool) -> Plan:
    """The plan of as many sentences as can be taken together.

    Args:
      world: before them.
      following: the world after each.
      particles: where they begin.
      moving: whether worlds are to be moved on the way.
    """
    graph = world.session.graph
    found = Plan(graph, moving)
    for node in (*particles.rows, *particles.lanes):
        found.slots[node] = found.slot()
        found._sources[found.slots[node]] = 0
    old = evidence(graph, world.effects, particles.rows)
    if moving:
        # Moves keep all of the evidence, so they need its terms, and what those are made of.
        terms = [t.node for t in Way(graph, None, old).terms(Scale(np.ones(0)), 1.0)]
        found.slots = {n: s for n, s in found.slots.items() if n in particles.rows}
        if _extend(found, old, terms, False) is None:
            return found
    for after in following:
        new = evidence(graph, after.effects, found.slots)
        if rows_observed(graph, new, old) & found.slots.keys() or not _more(old, new):
            break
        way = Way(graph, old, new)
        parts = [graph.apply("where", part, 0, -math.inf) for part in way.parts]
        operands = [*way.added, *parts]
        constant = sum(x for x in operands if not isinstance(x, Node))
        terms = [x for x in operands if isinstance(x, Node)]
        sites = _extend(found, new, terms, True) if math.isfinite(constant) else None
        if sites is None:
            break
        found.stages.append(Stage(after, sites, len(found.cells), float(constant)))
        old = new
    return found


def _more(old: Effects, new: Effects) -> bool:
    """Whether all that was observed before is observed still, in the same words."""
    guards = {death.guard for death in new.deaths}
    return (
        not Counter(old.factors) - Counter(new.factors)
        and set(old.conditions) <= set(new.conditions)
        and all(death.guard in guards for death in old.deaths)
    )


def _extend(
    plan: Plan, effects: Effects, terms: Sequence[Node], told: bool
) -> tuple[Node, ...] | None:
    """Add cells for terms; the rows that they need first, or None where one cannot be a cell."""
    graph, held = plan.graph, plan.slots.keys()
    lanes = Lanes(graph, tuple(terms), effects.clamps, held)
    if any(n.op in _UNFIT or n.loops for n in lanes.order.nodes):
        return None
    sites = tuple(site for site in lanes.sites if site not in held)
    draws = chained(graph, lanes.order, held)
    for site in sites:
        plan.slots[site] = plan.slot()
    plan.add(draws, effects.clamps, False, told)
    plan.add(terms, effects.clamps, True, told)
    return sites


# Of modules, of loops, and what takes long to compile.
_UNFIT = HEAVY | {EXTERNAL, LOOP_OUT, LOOP_VARIABLE}
