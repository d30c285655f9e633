"""Diagnoses: what they say of good draws, and that they ring for bad ones."""

import math

import jax
import numpy as np
import pytest

from inference import Importance
from inference.chains import Metropolis
from inference.diagnostics import Diagnosis, diagnose, of_chains, of_weights
from plot.world import World

RNG = np.random.default_rng(0)
GOOD = RNG.standard_normal((4, 1000))


def autoregressive(rho: float, chains: int = 4, draws: int = 4000) -> np.ndarray:
    """Chains whose effective size is known: draws times (1 - rho) / (1 + rho)."""
    rng = np.random.default_rng(1)
    out = np.empty((chains, draws))
    out[:, 0] = rng.standard_normal(chains)
    for i in range(1, draws):
        noise = rng.standard_normal(chains) * math.sqrt(1 - rho**2)
        out[:, i] = rho * out[:, i - 1] + noise
    return out


class TestChains:
    def test_independent_draws_are_trusted(self):
        found = of_chains({"x": GOOD})
        assert found.trusted and found.verdict.startswith("trust this: 4,000 draws are worth")
        assert found.effective_size == pytest.approx(4000, rel=0.15)
        assert found.error == pytest.approx(1 / math.sqrt(4000), rel=0.15)
        assert found.r_hat is not None and found.r_hat < 1.01

    def test_the_effective_size_of_correlated_draws(self):
        found = of_chains({"x": autoregressive(0.9)})
        assert found.effective_size == pytest.approx(16_000 * 0.1 / 1.9, rel=0.25)

    @pytest.mark.parametrize(
        ("bad", "says"),
        [
            (GOOD + np.array([[0], [0], [0], [3]]), "chains disagree"),  # in different modes
            (GOOD * np.array([[1], [1], [1], [4]]), "chains disagree"),  # of different spread
            (GOOD + np.linspace(0, 3, 1000), "chains disagree"),  # not yet there: halves differ
            (np.repeat([[0.0], [1.0]], 100, axis=1), "chains disagree"),  # that never move
            (GOOD[:, :20], "fewer than 400"),
            (autoregressive(0.999), "fewer than 400"),
        ],
        ids=["modes", "spread", "drift", "still", "few", "slow"],
    )
    def test_bad_chains_ring(self, bad, says):
        found = of_chains({"fine": np.resize(GOOD, bad.shape), "bad": bad})
        assert not found.trusted and says in found.verdict and "(bad)" in found.verdict
        assert not found.verdict.startswith("trust")

    def test_the_verdict_has_three_grades(self):
        grades = [
            Diagnosis(5000, 1.005, 4000, draws=10_000),
            Diagnosis(300, 1.005, 4000, draws=10_000),
            Diagnosis(5000, 1.02, 4000, draws=10_000),
            Diagnosis(50, 1.005, 4000, draws=10_000),
            Diagnosis(5000, 1.2, 4000, draws=10_000),
            Diagnosis(math.nan, math.nan, math.nan, draws=10_000),
            Diagnosis(5000, pareto_k=0.8, draws=10_000),
            Diagnosis(5000, pareto_k=1.1, draws=10_000),
        ]
        starts = [d.verdict.split(":")[0] for d in grades]
        more, no = "use more steps", "do not trust this"
        assert starts == ["trust this", more, more, no, no, no, "use more worlds", no]

    def test_what_is_missing_or_infinite(self):
        hole = GOOD.copy()
        hole[3] = np.nan
        assert "whether x is a number" in of_chains({"x": hole}).verdict
        sometimes = np.where(RNG.random(GOOD.shape) < 0.2, np.nan, GOOD)
        assert of_chains({"x": sometimes}).trusted
        assert of_chains({"x": np.where(RNG.random(GOOD.shape) < 0.2, np.inf, GOOD)}).trusted
        assert not of_chains({"x": np.where([[0], [0], [0], [1]], -np.inf, GOOD)}).trusted

    def test_what_is_the_same_everywhere_says_nothing(self):
        found = of_chains({"x": np.ones((4, 100)), "y": GOOD})
        assert found.trusted and found.error is None


class TestWeights:
    @pytest.mark.parametrize("shape", [0.3, 0.5, 0.9, 1.5])
    def test_the_shape_of_a_known_tail(self, shape):
        """Weights with a generalised Pareto law; the fit's error is about (1 + k) / sqrt(tail)."""
        u = np.random.default_rng(2).random(40_000)
        found = of_weights(-shape * np.log(u))
        error = (1 + shape) / math.sqrt(3 * math.sqrt(40_000))
        assert found.pareto_k is not None
        # The prior of the fit draws k towards 1/2 by up to a tenth.
        assert abs(found.pareto_k - shape) < 4 * error + 0.1 * abs(shape - 0.5)
        assert found.trusted == (shape <= 0.5)

    def test_bounded_weights_have_no_tail(self):
        for logs in (np.zeros(1000), np.where(np.arange(1000) < 500, 0, -1.0)):
            found = of_weights(logs)
            assert found.pareto_k is None and found.trusted

    def test_few_worlds_ring(self):
        assert of_weights(np.zeros(10)).verdict.startswith("do not trust this")
        assert of_weights(np.zeros(200)).verdict.startswith("use more worlds")

    def test_families_count_as_one(self):
        found = of_weights(np.zeros(1000), np.arange(1000) % 50)
        assert found.effective_size == pytest.approx(50)
        assert not found.trusted

    def test_fewer_draws_bear_a_lighter_tail(self):
        few, many = (
            Diagnosis(500, pareto_k=0.65, draws=500),
            Diagnosis(500, pareto_k=0.65, draws=10_000),
        )
        assert not few.trusted and many.trusted


class TestAnswers:
    def test_a_proposal_that_is_too_narrow(self):
        """The evidence pulls far into the prior's tail: a handful of worlds has all of the weight."""
        source = "(define x (gaussian 0 1)) (factor (* 0.45 (square x)))"
        world = World.from_source(source)
        found = diagnose(Importance(worlds=20_000).infer(jax.random.key(0), world.ask("x")))
        assert found.pareto_k is not None and found.pareto_k > 0.7
        assert "few weights dominate" in found.verdict

    def test_engines_show_heavy_tails_in_their_notes(self):
        bad = World.from_source("(define x (gaussian 0 1)) (factor (* 0.45 (square x)))")
        good = World.from_source("(define x (gaussian 0 1)) (factor (* -0.5 (square x)))")
        shown = [
            str(Importance(worlds=20_000).infer(jax.random.key(0), world.ask("x")))
            for world in (bad, good)
        ]
        assert ["Pareto k" in text for text in shown] == [True, False]

    @pytest.mark.parametrize(
        "question", ["c", "(if (< x 0) 'a (if (< x 1) 'b 'c))", "(list x c)", "(> x 0)"]
    )
    def test_of_names_lists_and_truth_values(self, question):
        world = World.from_source("(define x (gaussian 0 1)) (define c (random-integer 4))")
        world = world.tell("(factor (* 0.3 x c))")
        answer = Metropolis(chains=50, steps=100, warmup=20).infer(
            jax.random.key(0), world.ask(question)
        )
        found = diagnose(answer)
        assert found.effective_size == answer.effective_size
        assert found.r_hat is not None and 1 < found.r_hat < 1.1
        assert answer.notes[0] == found.verdict
