"""Metropolis chains on the rows of worlds, many side by side.

Source: Metropolis and others (1953); Wingate, Stuhlmueller and Goodman (2011), for the space.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.chains.start import Start
from inference.chains.trace import Schedule, Step, Trace, acceptance_note, answer, generator, run
from inference.lanes import Rows
from inference.moves import Acceptance, Drift, Move, Redraw, State, Target
from inference.scan import calls_modules
from inference.sequential import Sequential
from inference.targets import Scale
from inference.visits import Landscape, sweep_of
from plot.backends import Backend
from plot.compiler.ops import NORMAL
from plot.posterior import Posterior
from plot.world import Question


@dataclass(frozen=True)
class Metropolis:
    """Runs many chains side by side, each a world whose rows are moved one at a time.

    The chains begin at worlds that satisfy the evidence, found by tempering some worlds of the prior
    (as `Sequential` does). Running thousands of chains takes hardly longer than running one.

    Args:
      chains: how many.
      steps: states kept of each.
      warmup: sweeps before the first of them; a sweep is as many moves as a world has rows.
      moves: made in turn.
      thin: sweeps from one kept state to the next.
      start: how the first states are found; a thousand worlds where not given.
      backend: what runs worlds; chosen by cost where not given.

    Raises:
      ValueError: for fewer than two chains or four states of each.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define x (gaussian 0 1)) (condition (= (gaussian x 1) 2))")
    >>> engine = Metropolis(chains=100, steps=100, warmup=50)
    >>> mean = engine.infer(jax.random.key(0), world.ask("x")).mean
    >>> abs(mean.value - 1) < 4 * mean.standard_error
    True
    """

    chains: int = 100
    steps: int = 1000
    warmup: int = 200
    moves: tuple[Move, ...] = (Redraw(), Drift())
    thin: int = 1
    start: Sequential | None = None
    backend: Backend | None = None

    def __post_init__(self) -> None:
        Schedule(self.warmup, self.steps, self.thin).check(self.chains)

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`."""
        start_key, run_key, answer_key = jax.random.split(key, 3)
        start = Start.of(question, start_key, self.chains, self.start)
        lanes, chains = start.way.end, self.chains
        shape = chains, self.steps
        if not lanes.sites:
            nothing = Trace({}, ("the evidence depends on no draw: worlds are those of the prior",))
            return answer(start, nothing, shape, "Metropolis", answer_key, self.backend)

        schedule = Schedule(self.warmup, self.steps, self.thin)
        if calls_modules(lanes.graph, lanes.outputs, lanes.clamps):
            kept, accepted = self._by_back_end(start, schedule, generator(run_key), progress)
        else:
            kept, accepted = self._compiled(start, schedule, generator(run_key), progress)
        rows = dict(zip(lanes.sites, kept, strict=True))
        trace = Trace(rows, (acceptance_note(accepted),))
        return answer(start, trace, shape, "Metropolis", answer_key, self.backend)

    def _compiled(
        self,
        start: Start,
        schedule: Schedule,
        rng: np.random.Generator,
        progress: Callable[[int], None] | None,
    ) -> tuple[np.ndarray, tuple[Acceptance, ...]]:
        """By visits that recompute only what they reach."""
        land = Landscape.of(start.way, Scale(np.ones(len(start.way.parts))), 1.0)
        sites, ring = start.way.end.sites, list(land.reach)

        def step(
            rng: np.random.Generator, rows: Rows, number: int
        ) -> tuple[Rows, list[Acceptance]]:
            order = sweep_of(rng, ring, self.moves, number)
            plan = land.scan(order, self.moves)
            key = jax.random.key(int(rng.integers(2**32)))
            moved, accepted = plan.run(rows, key, self.backend)
            return {**rows, **moved}, accepted

        kept, _, accepted = run(
            step,
            start.rows,
            schedule,
            rng,
            lambda rows: np.stack([rows[site] for site in sites]),
            progress,
        )
        return kept, accepted

    def _by_back_end(
        self,
        start: Start,
        schedule: Schedule,
        rng: np.random.Generator,
        progress: Callable[[int], None] | None,
    ) -> tuple[np.ndarray, tuple[Acceptance, ...]]:
        """By moves that compute all of the target, as its modules have to be called."""
        lanes, chains = start.way.end, self.chains

        def target(tiles: np.ndarray) -> np.ndarray:
            return start.way.arrived(tiles, chains, self.backend)

        tiles = lanes.tiles(start.rows, chains)
        normal = np.array([site.op == NORMAL for site in lanes.sites])
        kept, _, accepted = run(
            sweep(self.moves, target, normal),
            (tiles, target(tiles)),
            schedule,
            rng,
            lambda state: np.stack(list(lanes.rows(state[0], chains).values())),
            progress,
        )
        return kept, accepted


def sweep(moves: Sequence[Move], target: Target, normal: np.ndarray) -> Step:
    """A sweep: as many moves as a world has rows, and each kind once at least.

    Args:
      moves: in order.
      target: log target of tiles.
      normal: `[rows]`, whether each row that may move is normal.
    """
    rounds = max(1, -(-len(normal) // len(moves)))

    def step(rng: np.random.Generator, state: State, number: int) -> tuple[State, list[Acceptance]]:
        accepted = []
        for move in list(moves) * rounds:
            state, found = move(rng, state, target, normal)
            accepted.append(found)
        return state, accepted

    return step
