"""From a plan to particles: schedules of moves, keys, and what comes back of a compiled filter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.filtering.kernel import Shape, Tables, run
from inference.filtering.plan import Plan
from inference.lineage import Lineage
from inference.moves import Acceptance
from inference.particles import Particles
from inference.report import Report, by_move
from inference.sequential import Progress, Sequential
from inference.visits import EACH_VISIT, blocks, in_turn
from plot.backends.base import WIDTHS, padded
from plot.backends.joining import OPERANDS
from plot.backends.registers import pad, size
from plot.backends.rows import tile_key
from plot.compiler.graph import Node
from plot.compiler.ops import NORMAL, UNIFORM

USES = 4  # of the key of a belief after each sentence; telling is the first
WIDTH = WIDTHS[0][1]  # that of small programs: a world draws the same rows
LEAST_SLOTS, LEAST_STAGES, LEAST_CELLS, LEAST_CODE, LEAST_REGISTERS = 64, 64, 64, 1024, 128


@dataclass(frozen=True, eq=False)
class Followed:
    """What a filter did after a stage.

    Args:
      evidence: log of it, all that was before included.
      effective_size, ancestors: of the worlds.
      progress: steps and moves.
    """

    evidence: float
    effective_size: float
    ancestors: int
    progress: Progress

    def report(self, sentence: str, log_before: float, seconds: float) -> Report:
        """The report of the sentence that the stage took."""
        return Report(
            sentence,
            self.evidence - log_before,
            self.effective_size,
            self.ancestors,
            self.progress.steps,
            self.progress.resampled,
            by_move(self.progress.acceptances),
            False,
            seconds,
        )


def follow_all(
    options: Sequential, plan: Plan, particles: Particles, key: PRNGKeyArray, first: int
) -> tuple[Particles, list[Followed]]:
    """Particles after as many stages as could be taken at once.

    Args:
      options: how.
      plan: of the stages.
      particles: before them.
      key: the seed of the belief.
      first: how many sentences it has been told.
    """
    count = len(plan.stages)
    drawing, moving = _keys(key, np.uint32(first), size(count, LEAST_STAGES))
    words = np.asarray(jax.random.key_data(moving))[:count]
    generators = [np.random.default_rng(pair.tolist()) for pair in words]
    numbers = np.array([rng.integers(2**32) for rng in generators], np.uint32)
    combs = np.asarray(_combs(pad(np.stack([np.zeros_like(numbers), numbers], 1), len(drawing))))
    visits = _Visits(plan, options, generators, particles.worlds)
    stages = visits.stages
    tiles = -(-particles.worlds // WIDTH)
    worlds, count = tiles * WIDTH, particles.worlds
    held = np.zeros((padded(1 + len(particles.rows) + len(particles.lanes)), worlds), np.float32)
    for node, row in [*particles.rows.items(), *particles.lanes.items()]:
        if node in plan.slots and plan.written[plan.slots[node]] < 0:
            held[plan.slots[node], :count] = row
    tables, kept = _tables(plan, visits)
    shape = Shape(
        max(LEAST_SLOTS, padded(plan.count), len(held)),
        _room("registers", plan.registers + len(tables.constants), LEAST_REGISTERS),
        len(tables.stages),
        tiles,
        WIDTH,
        options.moves if plan.moving else (),
        max(move.sites for move in options.moves) if plan.moving else 1,
    )
    log_weights, families = np.full(worlds, -math.inf), np.zeros(worlds, np.int32)
    log_weights[:count], families[:count] = particles.log_weights, particles.families
    found = run(
        shape,
        held,
        log_weights,
        families,
        pad(_ciphers(drawing, tiles), shape.stages),
        pad(_ciphers(moving, tiles), shape.stages),
        pad(combs.astype(np.float64), shape.stages),
        np.array([count, stages], np.int32),
        np.array([options.keep, options.threshold]),
        *tables.arrays(),
    )
    return _particles(plan, particles, found, kept), _followed(visits, particles, found)


# The largest tables so far: smaller ones are padded to them, so that what is compiled serves again.
_rooms: dict[str, int] = {}


def _room(table: str, count: int, least: int) -> int:
    """How many rows a table is padded to."""
    _rooms[table] = max(_rooms.get(table, 0), size(count, least))
    return _rooms[table]


@jax.jit
def _combs(seeds: jax.Array) -> jax.Array:
    return jax.vmap(lambda words: jax.random.uniform(jax.random.wrap_key_data(words)))(seeds)


@partial(jax.jit, static_argnums=2)
def _keys(key: PRNGKeyArray, first: int, count: int) -> tuple[PRNGKeyArray, PRNGKeyArray]:
    """Of each stage the keys of its draws and of its moves, as if it were told on its own."""
    numbers = (first + jnp.arange(count, dtype=jnp.uint32)) * USES
    halves = jax.vmap(lambda number: jax.random.split(jax.random.fold_in(key, number)))(numbers)
    return halves[:, 0], halves[:, 1]


def _ciphers(keys: PRNGKeyArray, tiles: int) -> np.ndarray:
    return np.asarray(_tile_keys(keys, jnp.arange(tiles, dtype=jnp.int32)))


_tile_keys = jax.jit(jax.vmap(jax.vmap(tile_key, (None, 0)), (0, None)))


class _Visits:
    """The moves after each stage, and how many stages have moves that are not too much work."""

    def __init__(
        self,
        plan: Plan,
        options: Sequential,
        generators: Sequence[np.random.Generator],
        worlds: int,
    ):
        self.visits: list[tuple[int, int, int, int]] = []
        self.moved: list[tuple[int, int]] = []
        self.reached: list[np.ndarray] = []
        self.ends: list[int] = []
        self.names: list[str] = []
        self.stages = len(plan.stages)
        if not plan.moving:
            self.ends = [0] * self.stages
            return
        rows = {s: n for n, s in sorted(plan.slots.items(), key=lambda item: item[0].id)}
        rows = {s: n for s, n in rows.items() if n.op in (UNIFORM, NORMAL)}
        first_reached = {s: cells[0] for s, cells in plan.reach.items() if len(cells)}
        total, waiting = 0, list[Node]()
        for k, (stage, rng) in enumerate(zip(plan.stages, generators, strict=True)):
            ring = [rows[s] for s in rows if first_reached.get(s, stage.cells) < stage.cells]
            count = max(options.least_moves, math.ceil(options.sweeps * len(ring)))
            if not ring:
                count = 0
            order, waiting = in_turn(rng, ring, count, waiting)
            firsts = [(i, options.moves[n % len(options.moves)]) for n, i in enumerate(order)]
            work = 0.0
            for block, move in blocks(rng, ring, firsts, np.ones(len(ring))):
                slots = [plan.slots[row] for row in block]
                cells = [
                    plan.reach[s][: np.searchsorted(plan.reach[s], stage.cells)] for s in slots
                ]
                cells = cells[0] if len(cells) == 1 else np.unique(np.concatenate(cells))
                work += (EACH_VISIT + plan.lengths[cells].sum()) * worlds
                start, branch = len(self.moved), 2 * options.moves.index(move)
                self.moved += [(s, branch + (rows[s].op == NORMAL)) for s in slots]
                self.visits.append((start, len(self.moved), total, total + len(cells)))
                self.reached.append(cells)
                self.names.append(move.name)
                total += len(cells)
            if work > options.most_work:
                self.stages = k
                return
            self.ends.append(len(self.visits))


def _tables(plan: Plan, visits: _Visits) -> tuple[Tables, list[np.ndarray]]:
    """The arrays of a plan, and the slots that are put in order after each stage."""
    draws, stages, kept = [], [], []
    cell = place = visit = 0
    for k, stage in enumerate(plan.stages[: visits.stages]):
        begin = len(draws)
        draws += [(int(n.args[0]), n.op == NORMAL, plan.slots[n]) for n in stage.draws]  # type: ignore[arg-type]
        there = plan.written <= k
        there[0] = False
        live = np.flatnonzero(there if plan.moving else there & (plan.last_reads > k))
        kept.append(live)
        end = place + len(live)
        stages.append((begin, len(draws), cell, stage.cells, place, end, visit, visits.ends[k]))
        cell, place, visit = stage.cells, end, visits.ends[k]
    ends = np.cumsum([0, *(len(c.reads) for c in plan.cells)]).tolist()
    constants = pad(plan.constants, _room("constants", len(plan.constants), LEAST_CELLS))
    code = plan.code.copy()
    code[:, OPERANDS] = _registers(code[:, OPERANDS], len(constants))
    results = _registers(
        np.array([c.result for c in plan.cells], np.int32), len(constants)
    ).tolist()
    cells = [
        (*reads, *c.steps, result, c.slot, c.term, c.told)
        for c, result, *reads in zip(plan.cells, results, ends, ends[1:], strict=False)
    ]
    added = np.array([stage.constant for stage in plan.stages[: visits.stages]])
    room = _room("stages", len(stages), LEAST_STAGES)
    tables = Tables(
        pad(code, _room("code", len(code), LEAST_CODE)),
        constants,
        _padded("draws", draws, 3),
        _padded("cells", cells, 8),
        _flat("reads", [np.array(c.reads, np.int32) for c in plan.cells]),
        pad(np.array(stages, np.int32).reshape(-1, 8), room),
        pad(added, room),
        _flat("kept", kept),
        _padded("visits", visits.visits, 4),
        _padded("moved", visits.moved, 2),
        _flat("reached", visits.reached),
    )
    return tables, kept


def _registers(operands: np.ndarray, constants: int) -> np.ndarray:
    """Where `Plan.code` numbers them from the last constant on, counted from the first."""
    return np.where(operands < 0, -1 - operands, constants + operands)


def _padded(name: str, rows: Sequence[tuple], columns: int) -> np.ndarray:
    table = np.array(rows, np.int32).reshape(-1, columns)
    return pad(table, _room(name, len(table) + 1, LEAST_CELLS))


def _flat(name: str, parts: Sequence[np.ndarray]) -> np.ndarray:
    table = np.concatenate([np.zeros(0, np.int32), *parts]).astype(np.int32)
    return pad(table, _room(name, len(table) + 1, LEAST_CELLS))


def _particles(
    plan: Plan, before: Particles, found: dict[str, np.ndarray], kept: Sequence[np.ndarray]
) -> Particles:
    done, count = int(found["stage"]), before.worlds
    resampled = found["resampled"][:done]
    generation = np.concatenate(
        [[0], np.cumsum(resampled)]
    )  # before each stage, and after the last
    ancestors = []
    if not plan.moving:
        ancestors = [found["ancestors"][k, :count] for k in np.flatnonzero(resampled)]
    written = generation[np.maximum(plan.written, 0).clip(max=done)]
    for k in range(done):
        written[kept[k]] = generation[k + 1]
    if plan.moving:
        written[:] = 0
    slots = [(n, s) for n, s in plan.slots.items() if plan.written[s] < done]
    state = found["state"]
    rows, lanes = dict[Node, tuple[np.ndarray, int]](), dict[Node, tuple[np.ndarray, int]]()
    for node, slot in slots:
        into = rows if node.op in (UNIFORM, NORMAL) else lanes
        into[node] = state[slot, :count], int(written[slot])
    return Particles(
        Lineage.of(rows, ancestors),
        found["log_weights"][:count],
        found["families"][:count].astype(before.families.dtype),
        before.log_evidence + float(found["level"]),
        before.resamplings,
        Lineage.of(lanes, ancestors),
    )


def _followed(visits: _Visits, before: Particles, found: dict[str, np.ndarray]) -> list[Followed]:
    first, result = 0, []
    for k in range(int(found["stage"])):
        resampled, end = bool(found["resampled"][k]), visits.ends[k]
        progress = Progress(1, int(resampled))
        if resampled:
            counts = found["accepted"][first:end] if end > first else []
            progress.acceptances = [
                Acceptance(name, before.worlds, int(a))
                for name, a in zip(visits.names[first:end], counts, strict=True)
            ]
        first = end
        log = before.log_evidence + float(found["levels"][k])
        effective = float(before.worlds if resampled else found["sizes"][k])
        result.append(Followed(log, effective, int(found["roots"][k]), progress))
    return result
