"""Exact answers of the state space models, each by a second way."""

import itertools
import math

import jax
import numpy as np
import pytest
from scipy import stats

from experiments.bench.filters import Answer, at_once, effective, still, told
from experiments.bench.filters_blackjax import filtered, tempered
from experiments.bench.state_space import (
    FIRST,
    NEXT,
    SEEN_NOISE,
    SHOWN,
    forward_backward,
    hidden,
    linear,
    unfold,
)
from inference import Importance
from plot.world import World


class TestExactAnswers:
    def test_the_kalman_filter_is_the_density_of_all_observations(self):
        model = linear(0)
        path = unfold(len(model.seen))
        covariance = path @ path.T + SEEN_NOISE**2 * np.eye(len(model.seen))
        root = np.linalg.cholesky(covariance)
        wanted = stats.norm.logpdf(np.linalg.solve(root, model.seen)).sum()
        wanted -= np.log(np.diag(root)).sum()
        assert model.log_evidence == pytest.approx(wanted, rel=1e-9)

    def test_forward_and_backward_are_sums_over_all_paths(self):
        seen = [0, 2, 1, 1]
        paths = np.zeros((len(seen), 3))
        for path in itertools.product(range(3), repeat=len(seen)):
            p = FIRST[path[0]] * math.prod(SHOWN[s, y] for s, y in zip(path, seen, strict=True))
            p *= math.prod(NEXT[a, b] for a, b in itertools.pairwise(path))
            paths[np.arange(len(seen)), path] += p
        log_evidence, shares = forward_backward(seen)
        assert log_evidence == pytest.approx(math.log(paths[0].sum()), rel=1e-12)
        assert np.allclose(shares, paths / paths[0].sum(), rtol=1e-12)

    @pytest.mark.parametrize("make", [linear, hidden])
    def test_the_programs_are_these_models(self, make):
        model = make(0, steps=4)
        world = World.from_source(model.source)
        for sentence in model.sentences:
            world = world.tell(sentence)
        answer = Importance(worlds=200_000).infer(jax.random.key(0), world.ask("(state 2)"))
        assert abs(answer.evidence.log - model.log_evidence) < 4.5 * answer.evidence.error
        assert abs(answer.mean.value - model.means[2]) < 4.5 * answer.mean.standard_error
        assert abs(answer.sd.value - model.sds[2]) < 4.5 * answer.sd.standard_error


class TestFilters:
    @pytest.mark.parametrize("make", [linear, hidden])
    @pytest.mark.parametrize("follow", [told, at_once])
    def test_evidence(self, make, follow):
        model = make(1, steps=5)
        evidence = follow(model, still(10_000), 0).evidence
        assert abs(evidence.log - model.log_evidence) < 4.5 * evidence.error

    def test_effective_size_is_that_of_independent_draws(self):
        """Of draws of the posterior itself: 1,600 squares, so good to 3.5%, and 4.5 of that."""
        model, rng, draws = linear(0), np.random.default_rng(0), 50
        answers = [
            Answer(0.0, rng.normal(model.means, model.sds / math.sqrt(draws))) for _ in range(16)
        ]
        size, good_to = effective(model, answers), math.sqrt(2 / 1600)
        assert size.value == pytest.approx(draws, rel=4.5 * good_to)
        # The spread of 16 numbers is good to 18%, and 4.5 of that.
        assert size.standard_error == pytest.approx(draws * good_to, rel=0.82)

    @pytest.mark.parametrize("moves", [0, 3])
    def test_the_peer_is_put_together_rightly(self, moves):
        """The mean of twenty estimates of the evidence is exact within its standard error."""
        model = linear(0, steps=6)
        run = filtered(model, 500, moves)
        shares = np.exp([run(i).log_evidence - model.log_evidence for i in range(20)])
        assert abs(shares.mean() - 1) < 4.5 * shares.std(ddof=1) / math.sqrt(len(shares))

    def test_the_tempered_peer(self):
        model = linear(0, steps=6)
        run = tempered(model, 2000, 10, 0.5)
        logs = np.array([run(i).log_evidence - model.log_evidence for i in range(10)])
        assert abs(logs.mean()) < 4.5 * logs.std(ddof=1) / math.sqrt(len(logs))
