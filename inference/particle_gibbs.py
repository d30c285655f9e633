"""Particle Gibbs: sequential Monte Carlo through the evidence that keeps one world, again and again.

A world's rows of randomness are drawn when the piece of evidence that needs them comes. In the space of the
rows the prior of new rows does not depend on the old ones, so a kept world's later rows may be joined to
any other world's earlier ones, by how well the two fit the evidence that is left: ancestor sampling is
valid for every program, whatever its conditions look back at, at no cost beyond that of the weights.

Source: Andrieu, Doucet and Holenstein, Particle Markov chain Monte Carlo methods (2010); Lindsten, Jordan
and Schön, Particle Gibbs with ancestor sampling (2014).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.answer import answer, lost, proper
from inference.lanes import Lanes
from inference.lineage import Lineage
from inference.particles import Particles
from inference.pieces import evidence_of, joined, pieces, weight_of
from inference.sequential import Sequential
from inference.smc import walk
from plot.backends import Backend
from plot.compiler.graph import Graph
from plot.compiler.values import Effects
from plot.posterior import Posterior
from plot.weights import draw, normalise
from plot.world import Question

ENOUGH = 5  # renewals of its least renewed rows that make a chain worth believing


class Ancestry(Protocol):
    """How the past of the kept world is chosen at a stage."""

    def __call__(
        self, rng: np.random.Generator, log_weights: np.ndarray, ahead: np.ndarray
    ) -> np.ndarray:
        """Int `[chains]`, whose earlier rows the kept world's later ones go on from; 0 is its own.

        Args:
          rng: of all choices.
          log_weights: `[chains, worlds]`, by the last stage.
          ahead: `[chains, worlds]`, what the evidence that is left adds where a world goes on with
            the kept world's later rows.
        """
        ...


@dataclass(frozen=True)
class OwnPast:
    """The kept world keeps all of its rows through a sweep."""

    def __call__(
        self, rng: np.random.Generator, log_weights: np.ndarray, ahead: np.ndarray
    ) -> np.ndarray:
        """See `Ancestry`."""
        return np.zeros(len(log_weights), int)


@dataclass(frozen=True)
class SampledPast:
    """Ancestor sampling: chains move even where few worlds survive all stages."""

    def __call__(
        self, rng: np.random.Generator, log_weights: np.ndarray, ahead: np.ndarray
    ) -> np.ndarray:
        """See `Ancestry`."""
        return choose(rng, log_weights + ahead, 1)[:, 0]


@dataclass(frozen=True)
class ParticleGibbs:
    """Chains of sweeps: each is a sequential Monte Carlo through the evidence around the world kept.

    All worlds of a sweep count, by their weights; those of one chain are one draw, in standard errors.
    Chains begin at worlds that tempered sequential Monte Carlo found, and the evidence is its estimate.

    Args:
      worlds: of each chain in a sweep, the kept one included.
      sweeps: of each chain that count.
      warmup: sweeps before those.
      chains: how many, side by side.
      ancestry: how the past of the kept world is chosen.
      start: how worlds to begin at are found.
      backend: what runs worlds; chosen by cost where not given.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define a (gaussian 0 1)) (define b (gaussian a 1))")
    >>> asked = world.tell("(condition (> a 0))").tell("(condition (> b 2))").ask("a")
    >>> engine = ParticleGibbs(worlds=20, sweeps=10, chains=30, start=Sequential(worlds=1000))
    >>> answer = engine.infer(jax.random.key(0), asked)
    >>> abs(answer.mean.value - 1.285) < 5 * answer.mean.standard_error
    True
    """

    worlds: int = 50
    sweeps: int = 30
    warmup: int = 5
    chains: int = 64
    ancestry: Ancestry = SampledPast()
    start: Sequential = Sequential(worlds=10_000)
    backend: Backend | None = None

    def __post_init__(self) -> None:
        if self.worlds < 2 or self.sweeps < 1 or self.warmup < 0 or self.chains < 2:
            raise ValueError(
                "particle Gibbs needs two worlds at least, one sweep that counts and two chains"
            )

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`.

        Raises:
          Unsupported: where a draw is made anew in each round of a loop.
        """
        start_key, sweep_key, rows_key, lost_key = jax.random.split(key, 4)
        graph, effects = question.world.session.graph, evidence_of(question)
        losses = lost(question, effects, lost_key, self.start.worlds, self.start.backend)
        found, _ = walk(self.start, (effects,), graph, start_key, progress)
        stages = Stages.of(graph, effects)
        picked = draw(jax.random.fold_in(start_key, 1), found.weights, self.chains)
        path = stages.rows({site: row[picked] for site, row in found.rows.items()}, self.chains)
        kept: list[Sweep] = []
        for i in range(self.warmup + self.sweeps):
            one = sweep(
                jax.random.fold_in(sweep_key, i),
                stages,
                path,
                self.worlds,
                self.ancestry,
                self.backend,
            )
            path = one.path
            if i >= self.warmup:
                kept.append(one)
            if progress is not None:
                progress(self.start.worlds + (i + 1) * self.chains * self.worlds)
        return answer(
            question,
            effects,
            self._together(stages, kept),
            rows_key,
            "particle Gibbs",
            self.backend,
            (proper(effects), *self._notes(kept)),
            losses,
            found.evidence,
        )

    def _together(self, stages: Stages, kept: list[Sweep]) -> Particles:
        """The worlds of all sweeps, each sweep of each chain of the same weight in all."""
        weights = np.concatenate([s.weights.ravel() for s in kept])
        rows = np.stack([s.rows for s in kept], axis=1).reshape(-1, len(weights))
        families = np.tile(np.repeat(np.arange(self.chains), self.worlds), len(kept))
        with np.errstate(divide="ignore"):
            logs = np.log(weights)
        return Particles(Lineage(dict(zip(stages.lanes.sites, rows, strict=True))), logs, families)

    def _notes(self, kept: list[Sweep]) -> tuple[str, ...]:
        renewed = np.mean([s.renewed for s in kept], axis=0)
        least = float(renewed.min()) if len(renewed) else 1.0
        shape = (
            f"{self.chains} chains of {self.sweeps} sweeps after {self.warmup} to warm up, "
            f"{len(renewed)} stages that draw, of {self.worlds} worlds; a sweep renews the rows of the stage "
            f"that moves least in {least:.0%} of the chains"
        )
        evidence = "the evidence is that of the sequential Monte Carlo that chains begin with"
        if least * self.sweeps >= ENOUGH:
            return shape, evidence
        return shape, evidence, "do not trust this: chains hardly move; use more worlds or sweeps"


@dataclass(frozen=True, eq=False)
class Stages:
    """The evidence of a question stage by stage, and the rows that each stage draws.

    Args:
      lanes: the log weight that each stage adds.
      drawn: for each stage, places among `lanes.sites`.
    """

    lanes: Lanes
    drawn: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, graph: Graph, effects: Effects) -> Stages:
        """The pieces of the evidence, in the order of the last row that each needs.

        Pieces that need no row beyond those of a stage belong to it.

        Args:
          graph: where the evidence is.
          effects: flat, from `evidence_of`.
        """
        needs = [
            (piece, Lanes(graph, (weight_of(graph, piece),), effects.clamps).sites)
            for piece in pieces(graph, effects)
        ]
        needs.sort(key=lambda need: max((site.id for site in need[1]), default=-1))
        seen: set = set()
        groups: list[tuple[list[Effects], set]] = []
        for piece, sites in needs:
            new = set(sites) - seen
            if new or not groups:
                groups.append(([], new))
            groups[-1][0].append(piece)
            seen |= new
        weights = tuple(weight_of(graph, joined(group, Effects())) for group, _ in groups)
        lanes = Lanes(graph, weights, effects.clamps)
        at = {site: i for i, site in enumerate(lanes.sites)}
        drawn = tuple(np.array(sorted(at[s] for s in new if s in at), int) for _, new in groups)
        return cls(lanes, drawn)

    def rows(self, rows: dict, worlds: int) -> np.ndarray:
        """The rows that matter, `[sites, worlds]`."""
        found = [rows[site] for site in self.lanes.sites]
        return np.array(found, np.float32).reshape(len(found), worlds)


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a sweep gives.

    Args:
      path: `[sites, chains]`, rows of the worlds kept now.
      rows: `[sites, chains, worlds]`, rows of all worlds.
      weights: `[chains, worlds]`, sum to one in each chain.
      renewed: `[stages that draw]`, the share of chains in which the kept world's rows of a stage are new.
    """

    path: np.ndarray
    rows: np.ndarray
    weights: np.ndarray
    renewed: np.ndarray


def sweep(
    key: PRNGKeyArray,
    stages: Stages,
    path: np.ndarray,
    worlds: int,
    ancestry: Ancestry = SampledPast(),
    backend: Backend | None = None,
) -> Sweep:
    """A conditional sequential Monte Carlo in each chain; it leaves the posterior as it is.

    Args:
      key: the seed.
      stages: of the evidence.
      path: `[sites, chains]`, rows of the kept world of each chain, which satisfies the evidence.
      worlds: of each chain, the kept one included, which is the first.
      ancestry: how the past of the kept world is chosen.
      backend: what runs worlds; chosen by cost where not given.

    Raises:
      ValueError: where a kept world does not satisfy the evidence.
    """
    draw_key, choice_key = jax.random.split(key)
    rng = np.random.default_rng(np.asarray(jax.random.key_data(choice_key)).tolist())
    chains = path.shape[1]
    fresh = stages.rows(stages.lanes.draw({}, draw_key, chains * worlds), chains * worlds)
    fresh = fresh.reshape(-1, chains, worlds)
    fresh[:, :, 0] = path
    # Rows of the stages to come are the kept world's: weights by them say how well its future fits.
    rows = np.repeat(path[:, :, None], worlds, axis=2)
    known = np.zeros(len(path), bool)
    logs = np.zeros((0, chains, worlds))
    each = np.arange(chains)[:, None]
    for stage, new in enumerate(stages.drawn):
        if stage:
            ancestors = choose(rng, logs[stage - 1], worlds)
            ancestors[:, 0] = ancestry(rng, logs[stage - 1], logs[stage:].sum(axis=0))
            rows[known] = rows[known][:, each, ancestors]
        rows[new] = fresh[new]
        known[new] = True
        logs = _log_weights(stages.lanes, rows, backend)
        if not np.isfinite(logs[stage, :, 0]).all():
            raise ValueError(
                f"the kept world of a chain has no weight by stage {stage} of the evidence: a sweep "
                "begins at worlds that satisfy it, and keeps one"
            )
    final = logs[-1] if len(logs) else np.zeros((chains, worlds))
    chosen = choose(rng, final, 1)[:, 0]
    after = rows[:, each[:, 0], chosen]
    changed = [(after[new] != path[new]).any(axis=0).mean() for new in stages.drawn if len(new)]
    weights = np.apply_along_axis(normalise, 1, final)
    return Sweep(after, rows, weights, np.array(changed))


def choose(rng: np.random.Generator, log_weights: np.ndarray, count: int) -> np.ndarray:
    """Independent draws by weight in each chain, int `[chains, count]`.

    Args:
      rng: of the draws.
      log_weights: `[chains, worlds]`, in each chain at least one of them finite.
      count: of each chain.
    """
    chains, worlds = log_weights.shape
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    mass = np.cumsum(weights, axis=1)
    # One search for all chains: the sums of chain number i lie between i and i + 1.
    ends = mass / mass[:, -1:] + np.arange(chains)[:, None]
    wanted = rng.random((chains, count)) + np.arange(chains)[:, None]
    found = np.searchsorted(ends.ravel(), wanted.ravel(), side="right").reshape(chains, count)
    last = worlds - 1 - np.argmax(weights[:, ::-1] > 0, axis=1)  # rounding may go past it
    return np.minimum(found - worlds * np.arange(chains)[:, None], last[:, None])


def _log_weights(lanes: Lanes, rows: np.ndarray, backend: Backend | None) -> np.ndarray:
    """`[stages, chains, worlds]`, what each stage adds."""
    _, chains, worlds = rows.shape
    count = chains * worlds
    flat = rows.reshape(len(rows), count)
    tiles = lanes.tiles(dict(zip(lanes.sites, flat, strict=True)), count)
    values = lanes.values(tiles, count, backend).astype(np.float64)
    values = np.where(np.isnan(values) | (values == np.inf), -np.inf, values)
    return values.reshape(-1, chains, worlds)
