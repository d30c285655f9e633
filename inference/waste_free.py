"""Waste-free sequential Monte Carlo: few worlds are resampled, and every state of their moves is kept.

It is standard sequential Monte Carlo over chains, each with the mean weight of its states; and where
chains are long enough to forget where they began, their steps err independently. Each view has its
estimate of the variance from one run.

Source: Dau and Chopin, Waste-free sequential Monte Carlo (2022); Lee and Whiteley, Variance estimation in
the particle filter (2018), for the variance of the first view.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.answer import answer, lost, proper
from inference.lanes import Lanes
from inference.lineage import Lineage
from inference.moves import Drift, Move, Redraw
from inference.particles import Particles
from inference.pieces import evidence_of
from inference.report import Report, by_move
from inference.resampling import multinomial, systematic
from inference.sequential import Progress
from inference.smc import UNBIASED
from inference.targets import Readings, Scale, Way
from inference.tempering import gain, impossible, in_vain, next_step
from plot.backends import Backend
from plot.compiler.ops import NORMAL
from plot.posterior import Posterior
from plot.weights import Evidence
from plot.world import Question


@dataclass(frozen=True)
class WasteFree:
    """At each step of tempering some worlds are resampled, and all states of the chains they begin are kept.

    Properly weighted for the posterior. Of two estimates of the evidence's error, by what chains inherit
    and by how chains differ at each step, the larger is given, and answers take the families of that one.

    Args:
      resampled: worlds that begin a chain.
      steps: states of each chain, the first included; there are `resampled * steps` worlds.
      every: moves from one state of a chain to the next.
      keep: effective share of the worlds that a step of tempering keeps.
      moves: made in turn.
      resample: the scheme.
      backend: what runs worlds; chosen by cost where not given.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define a (gaussian 0 1)) (condition (> a 4))")
    >>> answer = WasteFree(resampled=50, steps=20).infer(jax.random.key(0), world.ask("a"))
    >>> abs(answer.evidence.log + 10.36) < 4 * answer.evidence.error
    True
    """

    resampled: int = 2000
    steps: int = 50
    every: int = 2
    keep: float = 0.5
    moves: tuple[Move, ...] = (Redraw(), Drift())
    resample: Callable[..., np.ndarray] = systematic
    backend: Backend | None = None

    def __post_init__(self) -> None:
        if self.resampled < 2 or self.steps < 1 or self.every < 1:
            raise ValueError(
                "waste-free SMC needs two chains at least, of one state or more, one move or more apart"
            )
        if not 0 < self.keep < 1:
            raise ValueError(f"keep is a share of the worlds between 0 and 1, not {self.keep}")

    @property
    def worlds(self) -> int:
        """How many there are at each step."""
        return self.resampled * self.steps

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`.

        Raises:
          Unsupported: where a draw is made anew in each round of a loop.
        """
        way_key, rows_key, lost_key = jax.random.split(key, 3)
        effects = evidence_of(question)
        losses = lost(question, effects, lost_key, self.worlds, self.backend)
        way = Way(question.world.session.graph, None, effects)
        run = _Run(self, way, progress)
        particles, evidence = run.walk(way_key)
        return answer(
            question,
            effects,
            particles,
            rows_key,
            "waste-free SMC",
            self.backend,
            (proper(effects), *run.notes(question, particles)),
            losses,
            evidence,
        )


@dataclass
class _Run:
    options: WasteFree
    way: Way
    progress: Callable[[int], None] | None
    done: Progress = field(default_factory=Progress)

    def walk(self, key: PRNGKeyArray) -> tuple[Particles, Evidence]:
        """Worlds weighted for the new evidence, in families that err together, and its probability."""
        options, worlds = self.options, self.options.worlds
        draw_key, move_key = jax.random.split(key)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(move_key)).tolist())
        rows = self.way.lanes.draw({}, draw_key, worlds)
        roots = np.arange(worlds) % options.resampled  # draws of the prior are the first chains
        chains = roots
        particles = Particles(Lineage(rows), np.zeros(worlds), roots)
        read = self.read(particles)
        scale, step, forgetful = Scale.of(read), 0.0, 0.0
        while True:
            if in_vain(self.done.steps, step, read):
                raise impossible(self.done.steps, step, worlds)
            following = next_step(
                lambda f, r=read, s=step: gain(scale, r, s, f), step, options.keep, worlds
            )
            particles = particles.weighed(gain(scale, read, step, following))
            if not particles.possible:
                raise impossible(self.done.steps, step, worlds)
            self.done.steps += 1
            weights, count = particles.weights, options.resampled
            forgetful += _variance(weights, chains, count, 0)
            step = following
            if step >= 1:
                inherited = _variance(weights, particles.families, count, particles.resamplings)
                if forgetful >= inherited:
                    particles = replace(particles, families=chains)
                error = math.sqrt(max(forgetful, inherited, 0.0))
                return particles, Evidence(particles.evidence.log, error)
            chains = np.tile(np.arange(options.resampled), options.steps)
            particles = self.chains(rng, particles, scale, step)
            read = self.read(particles)

    def read(self, particles: Particles) -> Readings:
        if self.progress is not None:
            self.progress((self.done.steps + 1) * particles.worlds)
        tiles = self.way.lanes.tiles(particles.rows, particles.worlds)
        return self.way.read(tiles, particles.worlds, self.options.backend)

    def chains(
        self, rng: np.random.Generator, particles: Particles, scale: Scale, step: float
    ) -> Particles:
        """All states of chains that begin at resampled worlds and keep the target of this step."""
        options, lanes, count = self.options, self.way.lanes, self.options.resampled
        key = jax.random.key(int(rng.integers(2**32)))
        logs = particles.log_weights - np.max(particles.log_weights)
        first = options.resample(key, logs, count)
        self.done.resampled += 1

        def target(tiles: np.ndarray) -> np.ndarray:
            return scale.log_target(self.way.read(tiles, count, options.backend), step)

        tiles = lanes.tiles({site: row[first] for site, row in particles.rows.items()}, count)
        normal = np.array([site.op == NORMAL for site in lanes.sites])
        state, states = (tiles, target(tiles)), [_rows(lanes, tiles, count)]
        for i in range((options.steps - 1) * options.every if lanes.sites else 0):
            move = options.moves[i % len(options.moves)]
            state, accepted = move(rng, state, target, normal)
            self.done.acceptances.append(accepted)
            if (i + 1) % options.every == 0:
                states.append(_rows(lanes, state[0], count))
        states += states[:1] * (options.steps - len(states))  # nothing to move: nothing changes
        rows = np.concatenate(states, axis=1)
        return Particles(
            Lineage(dict(zip(lanes.sites, rows, strict=True))),
            np.zeros(options.worlds),
            np.tile(particles.families[first], options.steps),
            particles.evidence.log,
            particles.resamplings + (options.resample is multinomial),
        )

    def notes(self, question: Question, particles: Particles) -> tuple[str, ...]:
        """What was approximated, and whether to trust it."""
        done, options = self.done, self.options
        verdict = Report.of(question.text, particles, done, 0.0, False, 0.0).verdict
        if not done.resampled:
            return (verdict,)
        moves = ", ".join(f"{a.move} {a.rate:.0%}" for a in by_move(done.acceptances))
        shown = (
            f"{done.steps} steps, each with {options.resampled:,} chains of {options.steps} states"
        )
        return (UNBIASED, f"{shown}; moves accepted: {moves}", verdict)


def _rows(lanes: Lanes, tiles: np.ndarray, worlds: int) -> np.ndarray:
    rows = lanes.rows(tiles, worlds)
    return np.array([rows[site] for site in lanes.sites], np.float32).reshape(-1, worlds)


def _variance(weights: np.ndarray, families: np.ndarray, chains: int, resamplings: int) -> float:
    """Of the evidence, relative to its square, where the worlds of a family are one draw."""
    shares = np.bincount(families, weights, chains)
    return 1 - (chains / (chains - 1)) ** (resamplings + 1) * (1 - float(shares @ shares))
