"""Laws that every engine over worlds keeps, each shown to fail for an engine that is broken.

An engine joins by a line in `ENGINES`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import jax
import jax.numpy as jnp
import jaxtyping
import numpy as np
import pytest
from scipy import special, stats

from inference import (
    SMC,
    Cascade,
    Engine,
    Importance,
    Metropolis,
    ParallelTempering,
    ParticleGibbs,
    Redraw,
    Rejection,
    Sequential,
    WasteFree,
)
from inference.particles import Particles
from plot.backends import Reference
from plot.errors import ImpossibleEvidence, Unsupported
from plot.posterior import Posterior
from plot.weights import Evidence
from plot.world import Question, World
from tests.inference.laws import FAILURE_RATE, Joint, calibration, geweke

BACKEND = Reference()
FEW = Sequential(worlds=200, least_moves=5, hard_moves=8, backend=BACKEND)
ENGINES: dict[str, Engine] = {
    "importance": Importance(worlds=200, backend=BACKEND),
    "rejection": Rejection(accepted=10**9, at_most=200, backend=BACKEND),
    "SMC": SMC(FEW),
    "cascade": Cascade(FEW, pilot=100),
    "waste-free": WasteFree(resampled=50, steps=5, every=2, backend=BACKEND),
    "particle Gibbs": ParticleGibbs(
        worlds=6, sweeps=4, warmup=2, chains=24, start=FEW, backend=BACKEND
    ),
    "Metropolis": Metropolis(chains=40, steps=5, warmup=2, start=FEW, backend=BACKEND),
    "parallel tempering": ParallelTempering(
        chains=40, steps=5, warmup=8, temperatures=3, start=FEW, backend=BACKEND
    ),
}
WITHOUT_DENSITIES = {"rejection"}  # engines that cannot weigh worlds by degree
LONG = {"parallel tempering"}  # engines whose calibration takes a quarter of a minute
SEEDS = 24
FEW_SEEDS = 12  # show that an engine is broken
WITHIN = (
    4  # standard errors of a mean over seeds: a correct engine fails for 1 in 1,800 sets of seeds
)


@dataclass(frozen=True)
class Model:
    """A question with an exact answer.

    Args:
      source: of the world.
      told: the evidence.
      asked: a number.
      evidence: its probability or density.
      mean: of what is asked.
      density: whether the evidence is one.
    """

    source: str
    told: tuple[str, ...]
    asked: str
    evidence: float
    mean: float
    density: bool = False

    def question(self) -> Question:
        world = World.from_source(self.source)
        for sentence in self.told:
            world = world.tell(sentence)
        return world.ask(self.asked)


def heads(k: int, n: int = 6) -> Model:
    """Some heads of `n` flips of a coin whose weight is Beta(2, 3)."""
    p = math.comb(n, k) * math.exp(special.betaln(2 + k, 3 + n - k) - special.betaln(2, 3))
    flips = " ".join("(if (flip p) 1 0)" for _ in range(n))
    source = f"(define p (beta 2 3)) (define heads (+ {flips}))"
    return Model(source, (f"(condition (= heads {k}))",), "p", p, (2 + k) / (5 + n))


def comparison(least: float) -> Model:
    """A difference of two standard normals that is above something."""
    width = math.sqrt(2)
    mean = float(stats.truncnorm(least / width, np.inf, scale=width).mean())
    source = "(define a (gaussian 0 1)) (define b (gaussian 0 1))"
    told = f"(condition (> (- a b) {least}))"
    return Model(source, (told,), "(- a b)", float(stats.norm.sf(least / width)), mean)


def normal() -> Model:
    """Three numbers seen of a normal with a normal mean."""
    seen = np.array([1, 3, 2.5])
    density = stats.multivariate_normal(np.zeros(3), np.eye(3) + 4).pdf(seen)
    told = tuple(f"(condition (= (x {i}) {v}))" for i, v in enumerate(seen))
    source = "(define m (gaussian 0 2)) (define (x i) (gaussian m 1))"
    return Model(source, told, "m", float(density), seen.sum() / (1 / 4 + 3), density=True)


def finite() -> Model:
    """Two coins and two dice; summed over all ways they can fall."""
    p = value = 0.0
    for a in (0, 1):
        for b in (0, 1):
            for n in range(6):
                for m in range(6):
                    way = (0.2 if a else 0.8) * (0.3 if b else 0.7) / 36
                    way *= (a or b or n == 0) and (m + 4 * a > n)
                    p, value = p + way, value + way * (n + 10 * a)
    source = "(define a (flip 0.2)) (define b (flip 0.3))"
    source += "(define n (random-integer 6)) (define m (random-integer 6))"
    told = ("(condition (or a b (= n 0)))", "(condition (> (+ m (if a 4 0)) n))")
    return Model(source, told, "(+ n (if a 10 0))", p, value / p)


MODELS = {
    "finite": finite(),
    "beta and binomial": heads(6),
    "normal": normal(),
    "two comparisons": Model(
        "(define a (gaussian 0 1)) (define b (gaussian 0 1))",
        ("(condition (and (> a 1) (> b 0.8)))",),
        "(+ a b)",
        float(stats.norm.sf(1) * stats.norm.sf(0.8)),
        float(sum(stats.norm.pdf(x) / stats.norm.sf(x) for x in (1, 0.8))),
    ),
}


OTHERS = MODELS | {"comparison": comparison(2)}


@pytest.fixture(scope="module", autouse=True)
def unchecked_shapes():
    """Other tests check shapes at each call; thousands of small runs would do little else."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@lru_cache
def question_of(model: Model) -> Question:
    return model.question()


def scores(engine: Engine, model: Model, seeds: int = SEEDS) -> tuple[float, float]:
    """How far the mean over seeds is from the exact evidence and answer, in standard errors."""
    question, ratios, means = question_of(model), [], []
    for seed in range(seeds):
        try:
            found = engine.infer(jax.random.key(seed), question)
        except ImpossibleEvidence:
            ratios.append(0.0)  # an estimate like any other
            continue
        ratios.append(math.exp(found.evidence.log) / model.evidence)
        means.append(found.mean.value)
    return _score(ratios, 1.0), _score(means, model.mean)


def _score(values: list[float], exact: float) -> float:
    if len(values) < FEW_SEEDS / 2:
        return math.inf
    with np.errstate(divide="ignore"):
        return (np.mean(values) - exact) / (np.std(values, ddof=1) / math.sqrt(len(values)))


class TestUnbiased:
    """The mean over seeds of the evidence, and of the answer, is the exact one."""

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("engine", ENGINES)
    def test_evidence_and_answer(self, engine, model):
        if MODELS[model].density and engine in WITHOUT_DENSITIES:
            with pytest.raises(Unsupported):
                ENGINES[engine].infer(jax.random.key(0), question_of(MODELS[model]))
            return
        evidence, mean = scores(ENGINES[engine], MODELS[model])
        assert abs(evidence) < WITHIN
        assert abs(mean) < WITHIN


@dataclass(frozen=True)
class Spoilt:
    """An engine whose answers are changed."""

    engine: Engine
    change: Callable[[Posterior], Posterior]

    def infer(self, key, question, progress=None) -> Posterior:
        return self.change(self.engine.infer(key, question, progress))


def mean_of_logs(found: Posterior) -> Posterior:
    """The evidence as a mean of logs, which is that of no probability."""
    logs = found.worlds.log_weights
    worlds = replace(found.worlds, evidence=Evidence(float(logs.mean()), 0.1))
    return replace(found, worlds=worlds)


def without_the_lost(found: Posterior) -> Posterior:
    """The evidence among worlds that have weight."""
    worlds = replace(found.worlds, drawn=found.worlds.kept)
    return replace(found, worlds=worlds)


def squared(found: Posterior) -> Posterior:
    """Evidence that counts twice."""
    worlds = replace(found.worlds, log_weights=2 * found.worlds.log_weights)
    return replace(found, worlds=worlds)


class AlwaysAccepts(Redraw):
    """A kernel without the acceptance ratio."""

    def propose(self, draws, row, normal):
        fresh, ratio = super().propose(draws, row, normal)
        return fresh, ratio + 1e9


def anyone(key, log_weights, count):
    """Resampling that does not look at the weights."""
    return jnp.arange(count) % len(log_weights)


def kept_weights(self: Particles, ancestors: np.ndarray, *rest: bool) -> Particles:
    """Resampling that forgets to reset the weights."""
    after = chosen(self, ancestors, *rest)
    return replace(after, log_weights=self.log_weights[ancestors])


chosen = Particles.chosen
WRONG_MOVES = replace(FEW, moves=(AlwaysAccepts(),))
WRONG_CHOICE = replace(FEW, resample=anyone)


class TestTheLawsRing:
    @pytest.mark.parametrize(
        ("engine", "model"),
        [
            (Spoilt(ENGINES["importance"], mean_of_logs), "normal"),
            (Spoilt(ENGINES["rejection"], without_the_lost), "comparison"),
            (SMC(WRONG_MOVES), "normal"),
            (SMC(WRONG_CHOICE), "comparison"),
            (Cascade(WRONG_CHOICE, pilot=100), "two comparisons"),
            (WasteFree(50, 5, moves=(AlwaysAccepts(),), backend=BACKEND), "normal"),
            (WasteFree(50, 5, resample=anyone, backend=BACKEND), "normal"),
        ],
    )
    def test_for_the_evidence(self, engine, model):
        assert not abs(scores(engine, OTHERS[model], FEW_SEEDS)[0]) < WITHIN

    @pytest.mark.parametrize(
        ("engine", "model"),
        [
            (Spoilt(ENGINES["importance"], squared), "normal"),
            (SMC(WRONG_MOVES), "normal"),
            (WasteFree(50, 5, moves=(AlwaysAccepts(),), backend=BACKEND), "normal"),
        ],
    )
    def test_for_the_answer(self, engine, model):
        assert not abs(scores(engine, OTHERS[model], FEW_SEEDS)[1]) < WITHIN

    def test_for_weights_that_are_not_reset(self, monkeypatch):
        monkeypatch.setattr(Particles, "chosen", kept_weights)
        assert not abs(scores(ENGINES["SMC"], OTHERS["two comparisons"], FEW_SEEDS)[0]) < WITHIN


NEVER = Sequential(worlds=300, threshold=1e-9, keep=1e-9, backend=BACKEND)


def first_worlds(key) -> jax.Array:
    """The seed of the worlds of the prior that sequential Monte Carlo begins with."""
    return jax.random.split(jax.random.fold_in(jax.random.split(key, 3)[0], 0))[0]


def same(one: Posterior, other: Posterior) -> bool:
    """Whether two engines kept the same worlds, with the same weights but for rounding."""
    return (
        one.numbers.shape == other.numbers.shape
        and np.array_equal(one.numbers, other.numbers)
        and bool(np.allclose(one.weights, other.weights, rtol=1e-5))
        and math.isclose(one.evidence.log, other.evidence.log, rel_tol=1e-5)
    )


class TestSpecialCases:
    KEY = jax.random.key(7)

    @pytest.mark.parametrize("model", ["normal", "comparison", "beta and binomial"])
    @pytest.mark.parametrize("worlds", [2, 300])
    def test_never_resampled_is_importance_weighting(self, model, worlds):
        question = question_of(OTHERS[model] if worlds > 2 else OTHERS["normal"])
        plain = Importance(worlds, BACKEND).infer(first_worlds(self.KEY), question)
        found = SMC(replace(NEVER, worlds=worlds)).infer(self.KEY, question)
        assert same(found, plain)
        assert not same(SMC(FEW).infer(self.KEY, question_of(OTHERS["comparison"])), plain)

    @pytest.mark.parametrize("model", ["normal", "comparison"])
    def test_waste_free_in_one_step_is_importance_weighting(self, model):
        question = question_of(OTHERS[model])
        first = jax.random.split(jax.random.split(self.KEY, 3)[0])[0]
        plain = Importance(300, BACKEND).infer(first, question)
        engine = WasteFree(resampled=30, steps=10, keep=1e-9, backend=BACKEND)
        assert same(engine.infer(self.KEY, question), plain)

    def test_a_cascade_of_one_piece_is_smc(self):
        for model, alike in (("comparison", True), ("two comparisons", False)):
            question = question_of(OTHERS[model])
            found = (e.infer(self.KEY, question) for e in (ENGINES["cascade"], ENGINES["SMC"]))
            assert same(*found) == alike

    @pytest.mark.parametrize("engine", ENGINES)
    def test_no_evidence_is_the_prior(self, engine):
        question = World.from_source("(define a (gaussian 3 2))").ask("a")
        found = ENGINES[engine].infer(self.KEY, question)
        assert abs(found.mean.value - 3) < 4.5 * found.mean.standard_error < 1
        assert found.evidence.log == 0


REPLICATES = 50  # data sets
PAIRS, MANY_PAIRS = 250, 2000  # of parameters and data
NO_HEADS = Model("(define p (beta 2 3))", (), "p", 1.0, 0.4)
COIN = Joint(
    lambda rng, pairs: rng.beta(2, 3, (pairs, 1)),
    lambda rng, parameters: rng.binomial(6, parameters).astype(float),
)


def calibrated(engine: Engine, replicates: int) -> float:
    def infer(rng: np.random.Generator, data: np.ndarray) -> np.ndarray:
        draws = []
        for seed, (k,) in enumerate(data):
            found = engine.infer(jax.random.key(seed), question_of(heads(int(k))))
            draws.append(found.sample(jax.random.key(10**6 + seed), 19))
        return np.array(draws, float)[:, :, None]

    return calibration(COIN, infer, np.random.default_rng(11), replicates)


class TestCalibration:
    @pytest.mark.parametrize(
        "engine",
        [pytest.param(n, marks=pytest.mark.slow if n in LONG else ()) for n in ENGINES],
    )
    def test_the_truth_ranks_uniformly(self, engine):
        assert calibrated(ENGINES[engine], REPLICATES) > FAILURE_RATE

    def test_evidence_that_counts_twice_is_caught(self):
        assert calibrated(Spoilt(ENGINES["importance"], twice), REPLICATES) < FAILURE_RATE


def twice(found: Posterior) -> Posterior:
    """Heads that were seen are seen again: worlds weigh more the more heads they make likely."""
    logs = found.worlds.log_weights + 3 * np.log(found.numbers)
    return replace(found, worlds=replace(found.worlds, log_weights=logs))


class Forgets:
    """An engine that does not look at the evidence: calibrated all the same."""

    def infer(self, key, question, progress=None) -> Posterior:
        return Importance(50, BACKEND).infer(key, question_of(NO_HEADS))


def joint_law(engine: Engine, pairs: int) -> float:
    """Geweke's test, in which a step draws parameters from the engine's answer."""
    runs = itertools.count()

    def step(rng: np.random.Generator, parameters: np.ndarray, data: np.ndarray) -> np.ndarray:
        draws = []
        for (k,), run in zip(data, runs, strict=False):
            found = engine.infer(jax.random.key(run), question_of(heads(int(k))))
            draws.append(found.sample(jax.random.key(10**6 + run), 1))
        return np.array(draws, float)

    return geweke(COIN, step, np.random.default_rng(12), pairs, rounds=1)


class TestJointLaw:
    @pytest.mark.slow
    @pytest.mark.parametrize("engine", ENGINES)
    def test_parameters_and_data_stay_in_their_law(self, engine):
        assert joint_law(ENGINES[engine], PAIRS) > FAILURE_RATE

    @pytest.mark.slow
    def test_broken_answers_are_caught(self):
        assert joint_law(Spoilt(ENGINES["importance"], twice), PAIRS) < FAILURE_RATE
        assert joint_law(Forgets(), MANY_PAIRS) < FAILURE_RATE
