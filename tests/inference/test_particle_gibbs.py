"""Particle Gibbs leaves exact posterior draws as they are; kernels that lose the kept world are caught."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import jax
import numpy as np
import pytest
from scipy import stats

from inference import OwnPast, ParticleGibbs, SampledPast, Sequential
from inference.lanes import Lanes
from inference.particle_gibbs import Stages, choose, sweep
from inference.pieces import evidence_of
from plot.backends import Reference
from plot.compiler.values import leaves
from plot.errors import ImpossibleEvidence
from plot.world import World

# Each sentence looks back at the first row, and the last at all of them.
SOURCE = """
(define a (gaussian 0 1)) (define b (gaussian a 1)) (define c (uniform -1 2))
(condition (> a -0.5)) (condition (> b 1))
(factor (* -0.5 (abs (- a c)))) (condition (> (+ a c) 1.5))
"""
SOFT = """
(define a (gaussian 0 1)) (define b (gaussian a 1)) (define c (gaussian b 1))
(factor (* -0.3 (abs (+ a 1)))) (factor (* -1 (abs (- b 1)))) (factor (* -2 (abs (- c a 1))))
"""
BACKEND = Reference()
CHAINS = 6000
START = Sequential(worlds=1000, backend=BACKEND)


@dataclass(frozen=True, eq=False)
class Setting:
    """A world, its stages, and exact posterior draws by rejection."""

    stages: Stages
    lanes: Lanes
    path: np.ndarray

    @classmethod
    def of(cls, source: str, seed: int, chains: int) -> Setting:
        question = World.from_source(source).ask("(list a b c)")
        graph, effects = question.world.session.graph, evidence_of(question)
        stages = Stages.of(graph, effects)
        lanes = Lanes(graph, tuple(leaves(question.value)), {})
        draws, key = 30 * chains, jax.random.key(seed)
        rows = stages.lanes.draw({}, key, draws)
        tiles = stages.lanes.tiles(rows, draws)
        logs = stages.lanes.values(tiles, draws, BACKEND).sum(axis=0)
        kept = np.log(np.random.default_rng(seed).random(draws)) < logs  # factors are below 0
        assert kept.sum() >= chains
        return cls(stages, lanes, stages.rows(rows, draws)[:, kept][:, :chains])

    def values(self, path: np.ndarray) -> np.ndarray:
        """Those of `a`, `b` and `c`, `[3, chains]`."""
        rows = dict(zip(self.stages.lanes.sites, path, strict=True))
        count = path.shape[1]
        return self.lanes.values(self.lanes.tiles(rows, count), count, BACKEND)

    def swept(self, ancestry, sweeps: int, worlds: int) -> np.ndarray:
        path = self.path
        for i in range(sweeps):
            path = sweep(jax.random.key(i), self.stages, path, worlds, ancestry, BACKEND).path
        return path


class Forgets:
    """A broken kernel: the kept world's past is chosen like any other, and its future not asked."""

    def __call__(self, rng, log_weights, ahead):
        return choose(rng, log_weights, 1)[:, 0]


@pytest.fixture(scope="module", params=[SOURCE, SOFT], ids=["hard", "soft"])
def settings(request) -> tuple[Setting, Setting]:
    """Two sets of exact draws."""
    return Setting.of(request.param, 1, CHAINS), Setting.of(request.param, 2, CHAINS)


def unlike(exact: Setting, path: np.ndarray) -> float:
    """The least p-value that these are draws from the posterior."""
    pairs = zip(exact.values(exact.path), exact.values(path), strict=True)
    return min(stats.ks_2samp(x, y).pvalue for x, y in pairs)


class TestTheKernel:
    @pytest.mark.parametrize("worlds", [2, 5])
    @pytest.mark.parametrize("ancestry", [OwnPast(), SampledPast()])
    def test_exact_draws_stay_exact(self, settings, ancestry, worlds):
        exact, start = settings
        path = start.swept(ancestry, 6, worlds)
        assert unlike(exact, path) > 1e-4
        assert (path != start.path).any(axis=0).mean() > 0.5, "the worlds have moved"

    @pytest.mark.parametrize("ancestry", [OwnPast(), SampledPast()])
    def test_it_finds_the_posterior(self, settings, ancestry):
        """From one world for all chains."""
        exact, start = settings
        alone = replace(start, path=np.repeat(start.path[:, :1], CHAINS, axis=1))
        assert unlike(exact, alone.path) < 1e-9
        assert unlike(exact, alone.swept(ancestry, 15, 6)) > 1e-4

    def test_a_past_that_ignores_the_future_is_caught(self):
        exact, start = Setting.of(SOFT, 1, CHAINS), Setting.of(SOFT, 2, CHAINS)
        assert unlike(exact, start.swept(Forgets(), 6, 5)) < 1e-4

    def test_a_kept_world_that_is_resampled_away_is_caught(self):
        """Broken: nothing is kept, so that each sweep is a small sequential Monte Carlo of its own."""
        exact, start = Setting.of(SOFT, 1, CHAINS), Setting.of(SOFT, 2, CHAINS)
        fresh = start.stages.lanes.draw({}, jax.random.key(5), CHAINS)
        forgotten = replace(start, path=start.stages.rows(fresh, CHAINS))
        assert unlike(exact, forgotten.swept(Forgets(), 1, 5)) < 1e-4

    def test_a_kept_world_that_breaks_the_evidence_is_refused(self):
        start = Setting.of(SOURCE, 2, CHAINS)
        with pytest.raises(ValueError, match="kept world of a chain has no weight"):
            start.swept(Forgets(), 6, 5)

    def test_stages_follow_the_rows(self):
        assert [len(new) for new in Setting.of(SOURCE, 1, 10).stages.drawn] == [1, 1, 1]
        none = World.from_source("(define a 1)").ask("a")
        assert Stages.of(none.world.session.graph, evidence_of(none)).drawn == ()


class TestTheEngine:
    def infer(self, engine: ParticleGibbs, source: str, asked: str, seed: int = 0):
        return engine.infer(jax.random.key(seed), World.from_source(source).ask(asked))

    STEPS, SEEN = 4, np.array([0.5, 2.5, 0.7, 3.0])
    WALK = (
        "(define x0 (gaussian 0 1))"
        + "".join(f"(define x{i} (gaussian x{i - 1} 1))" for i in range(1, STEPS))
        + "".join(f"(condition (= (gaussian x{i} 1) {y}))" for i, y in enumerate(SEEN))
    )
    PRIOR = np.minimum.outer(np.arange(STEPS), np.arange(STEPS)) + 1.0  # covariance of the states
    EXACT = PRIOR @ np.linalg.solve(PRIOR + np.eye(STEPS), SEEN)

    @pytest.mark.parametrize("ancestry", [OwnPast(), SampledPast()])
    def test_a_series_of_states(self, ancestry):
        """A walk seen with noise, against the exact means of its states."""
        engine = ParticleGibbs(
            worlds=20, sweeps=20, chains=50, ancestry=ancestry, start=START, backend=BACKEND
        )
        log = stats.multivariate_normal(
            np.zeros(self.STEPS), self.PRIOR + np.eye(self.STEPS)
        ).logpdf(self.SEEN)
        for i in (0, self.STEPS - 1):
            found = self.infer(engine, self.WALK, f"x{i}")
            assert abs(found.mean.value - self.EXACT[i]) < 4.5 * found.mean.standard_error < 0.3
            assert abs(found.evidence.log - log) < 4.5 * found.evidence.error
            assert f"{self.STEPS} stages" in found.report()

    def test_errors_are_those_of_other_seeds(self):
        engine = ParticleGibbs(worlds=6, sweeps=8, chains=20, start=START, backend=BACKEND)
        question = World.from_source(self.WALK).ask("x0")
        found = [engine.infer(jax.random.key(s), question).mean for s in range(16)]
        scores = [(m.value - self.EXACT[0]) / m.standard_error for m in found]
        # The mean square of 16 of Student's t with 19 degrees of freedom: 0.9999 of them are within.
        assert 0.4 < math.sqrt(np.square(scores).mean()) < 2.0

    def test_a_question_without_evidence_is_the_prior(self):
        engine = ParticleGibbs(worlds=10, sweeps=10, chains=40, start=START, backend=BACKEND)
        found = self.infer(engine, "(define a (gaussian 3 2))", "a")
        assert abs(found.mean.value - 3) < 4.5 * found.mean.standard_error < 0.5
        assert found.evidence.log == 0

    def test_chains_that_hardly_move_are_told(self):
        source = "(define a (gaussian 0 1)) (condition (> a 4))"
        engine = ParticleGibbs(worlds=2, sweeps=5, chains=10, start=START, backend=BACKEND)
        assert "chains hardly move" in self.infer(engine, source, "a").report()

    def test_worlds_that_die_are_counted(self):
        source = "(define n (random-integer 4)) (define x (/ 1 n)) (condition (> x 0.3))"
        engine = ParticleGibbs(worlds=4, sweeps=5, chains=10, start=START, backend=BACKEND)
        found = self.infer(engine, source, "n")
        assert "died" in found.report() and "division" in found.report()
        assert abs(found.losses[0].share - 1 / 4) < 0.06
        assert found.probability(0).value == 0

    def test_evidence_that_never_holds(self):
        engine = ParticleGibbs(start=START, backend=BACKEND)
        with pytest.raises(ImpossibleEvidence):
            self.infer(engine, "(define a (uniform 0 1)) (condition (> (* a 2) 3))", "a")

    @pytest.mark.parametrize("options", [{"worlds": 1}, {"sweeps": 0}, {"chains": 1}])
    def test_options_that_make_no_sense(self, options):
        with pytest.raises(ValueError, match="particle Gibbs needs"):
            ParticleGibbs(**options)
