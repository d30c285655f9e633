"""Sequential Monte Carlo over sentences, tempered where a sentence is hard.

Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers (2006).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.moves import Acceptance, Drift, Move, Redraw
from inference.particles import Particles
from inference.resampling import multinomial, systematic
from inference.scan import calls_modules
from inference.targets import Readings, Scale, Way
from inference.tempering import gain, impossible, in_vain, next_step
from inference.visits import Landscape, visits
from plot.backends import Backend
from plot.compiler.graph import Node
from plot.compiler.ops import NORMAL


@dataclass(frozen=True)
class Sequential:
    """How a belief follows what it is told.

    Args:
      worlds: how many are kept.
      threshold: effective share of them under which they are resampled and moved.
      keep: effective share that a step of tempering keeps.
      sweeps: moves of each row of randomness, after each resampling.
      least_moves: the fewest moves of a world then.
      hard_moves: the fewest where a sentence is so hard that there have been two steps already.
      most_work: operations on single worlds after which there are no more moves than these.
      moves: made in turn.
      resample: the scheme.
      backend: what runs worlds; chosen by cost where not given.
    """

    worlds: int = 100_000
    threshold: float = 0.5
    keep: float = 0.5
    sweeps: float = 1.0
    least_moves: int = 10
    hard_moves: int = 30
    most_work: float = 2e9
    moves: tuple[Move, ...] = (Redraw(), Drift())
    resample: Callable[..., np.ndarray] = systematic
    backend: Backend | None = None

    def __post_init__(self) -> None:
        if self.worlds < 2:
            raise ValueError(
                f"a belief needs two worlds at least, and {self.worlds} were asked for"
            )
        for name in ("threshold", "keep"):
            share = getattr(self, name)
            if not 0 < share < 1:
                raise ValueError(f"{name} is a share of the worlds between 0 and 1, not {share}")


@dataclass
class Progress:
    """What happened on a way.

    Args:
      steps: of tempering, 1 where the evidence was taken at once.
      resampled: how often.
      acceptances: of the moves, in order.
    """

    steps: int = 0
    resampled: int = 0
    acceptances: list[Acceptance] = field(default_factory=list)


def follow(
    options: Sequential, way: Way, particles: Particles, key: PRNGKeyArray
) -> tuple[Particles, Progress]:
    """Particles of the new evidence from those of the old.

    Args:
      options: how.
      way: from the old evidence to the new.
      particles: properly weighted for the old.
      key: the seed.

    Raises:
      ImpossibleEvidence: where no world that was found satisfies the new evidence.
    """
    draw_key, move_key = jax.random.split(key)
    rows = way.news.draw(particles.held, draw_key, particles.worlds)
    particles = particles.with_rows(rows)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(move_key)).tolist())
    walk = _Walk(options, way, rng)
    return walk.run(particles)


@dataclass
class _Walk:
    options: Sequential
    way: Way
    rng: np.random.Generator

    def __post_init__(self) -> None:
        self.done = Progress()
        self.scale = Scale(np.ones(len(self.way.parts)))
        self.waiting: list[Node] = []

    def run(self, particles: Particles) -> tuple[Particles, Progress]:
        read, particles = self.read(particles)
        self.scale = Scale.of(read)
        step = 0.0
        while step < 1:
            if in_vain(self.done.steps, step, read):
                raise impossible(self.done.steps, step, particles.worlds)
            following = self.next_step(particles, read, step)
            particles = particles.weighed(gain(self.scale, read, step, following))
            if not particles.possible:
                raise impossible(self.done.steps, step, particles.worlds)
            self.done.steps += 1
            step = following
            if step < 1 or particles.effective_size < self.options.threshold * particles.worlds:
                particles = self.renew(particles, step)
                if step < 1:
                    read, particles = self.read(particles)
        return particles, self.done

    def read(self, particles: Particles) -> tuple[Readings, Particles]:
        """What is new, and the worlds with the values of draws that this took."""
        way = self.way if particles.lanes else self.way.from_rows
        read, lanes = way.look(particles.held, particles.worlds, self.options.backend)
        return read, particles.with_lanes(lanes)

    def next_step(self, particles: Particles, read: Readings, step: float) -> float:
        def logs(following: float) -> np.ndarray:
            return particles.log_weights + gain(self.scale, read, step, following)

        return next_step(logs, step, self.options.keep, max(particles.effective_size, 1.0))

    def renew(self, particles: Particles, step: float) -> Particles:
        """Resample, then move every world under the target of this step."""
        options = self.options
        key = jax.random.key(int(self.rng.integers(2**32)))
        logs = particles.log_weights - np.max(particles.log_weights)
        ancestors = options.resample(key, logs, particles.worlds)
        particles = particles.chosen(ancestors, options.resample is multinomial)
        self.done.resampled += 1
        if not options.sweeps and not self.least:
            return particles
        land = Landscape.of(self.way, self.scale, step)
        if not land.reach:
            return particles
        if calls_modules(land.graph, [term.node for term in land.terms], land.clamps):
            return particles.with_rows(self.moved(particles, step))
        order, self.waiting = visits(
            self.rng,
            land,
            particles.rows,
            options.moves,
            self.least,
            options.sweeps,
            options.most_work,
            self.waiting,
        )
        if not order:
            return particles
        plan = land.scan(order, options.moves)
        key = jax.random.key(int(self.rng.integers(2**32)))
        rows, accepted = plan.run(particles.rows, key, options.backend)
        self.done.acceptances += accepted
        return particles.with_rows(rows)

    def moved(self, particles: Particles, step: float) -> dict[Node, np.ndarray]:
        """Rows after moves that compute all of the target, as its modules have to be called."""
        worlds, backend = particles.worlds, self.options.backend
        lanes = self.way.lanes if step < 1 else self.way.end

        def target(tiles: np.ndarray) -> np.ndarray:
            if step < 1:
                return self.scale.log_target(self.way.read(tiles, worlds, backend), step)
            return self.way.arrived(tiles, worlds, backend)

        tiles = lanes.tiles(particles.rows, worlds)
        normal = np.array([site.op == NORMAL for site in lanes.sites])
        state = tiles, target(tiles)
        for i in range(self.least if lanes.sites else 0):
            move = self.options.moves[i % len(self.options.moves)]
            state, accepted = move(self.rng, state, target, normal)
            self.done.acceptances.append(accepted)
        return lanes.rows(tiles, worlds)

    @property
    def least(self) -> int:
        """The fewest visits after a resampling."""
        return self.options.least_moves if self.done.steps < 2 else self.options.hard_moves
