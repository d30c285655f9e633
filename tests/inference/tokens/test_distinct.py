"""The particle filter of different particles against exact answers on a table model."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from inference.tokens import Constraint, DistinctOptions, SmcOptions, distinct_smc, smc
from inference.tokens.distinct import thin
from tests.inference.tokens.exact import CASES, assert_proper, exact
from tests.inference.tokens.toy import ToyModel

RUNS = 60


def _runs(model, lark, options, runs=RUNS):
    constraint = Constraint(model.tokenizer, lark)
    keys = jax.random.split(jax.random.key(0), runs)
    return [distinct_smc(key, model, None, [], constraint, options) for key in keys]


def _of(result, particles):
    """Weights as averages over a fixed number of particles, however many there were."""
    count = sum(s.count for s in result.samples) + result.dead
    scale = float(np.log(particles) - np.log(count))
    samples = tuple(replace(s, log_weight=s.log_weight + scale) for s in result.samples)
    return replace(result, samples=samples)


@pytest.mark.parametrize(("pattern", "lark"), CASES)
@pytest.mark.parametrize("particles", [1, 3])
def test_weights_are_proper(pattern, lark, particles):
    model = ToyModel(3)
    results = _runs(model, lark, DistinctOptions(particles))
    truth, log_z = exact(model, pattern)
    assert any(r.resampled for r in results) == (particles < len(truth))
    assert_proper([_of(r, particles) for r in results], truth, log_z, particles)


def test_a_wrong_weight_is_noticed():
    """The comparison rings: weights a tenth too large."""
    model, (pattern, lark) = ToyModel(3), CASES[0]
    results = [
        replace(_of(r, 3), log_evidence=r.log_evidence + 0.1)
        for r in _runs(model, lark, DistinctOptions(3))
    ]
    with pytest.raises(AssertionError):
        assert_proper(results, *exact(model, pattern), 3)


def test_words_differ_and_enough_particles_are_exact():
    model, (pattern, lark) = ToyModel(3), CASES[0]
    truth, log_z = exact(model, pattern)
    (result,) = _runs(model, lark, DistinctOptions(1000), runs=1)
    assert len({s.tokens for s in result.samples}) == len(result.samples)
    assert result.log_evidence == pytest.approx(log_z, abs=1e-4)
    assert {s.tokens for s in result.samples} == set(truth)


def test_less_noise_than_particles_that_may_agree():
    model, (_, lark) = ToyModel(3), CASES[0]
    constraint = Constraint(model.tokenizer, lark)
    keys = jax.random.split(jax.random.key(1), RUNS)
    plain = [smc(k, model, None, [], constraint, SmcOptions(4)).log_evidence for k in keys]
    ours = [r.log_evidence for r in _runs(model, lark, DistinctOptions(4))]
    assert np.std(ours) < 0.7 * np.std(plain)


def test_a_dead_end_is_counted():
    model = ToyModel(0)
    model.table = model.table.at[:, 2].set(-np.inf)  # never what the grammar asks for
    (result,) = _runs(model, 'start: ("a" | "b") "c"\n', DistinctOptions(5), runs=1)
    assert result.samples == () and result.log_evidence == -np.inf and result.dead > 0


@pytest.mark.parametrize("most", [1, 2, 5, 9])
def test_thinned_weights_are_right_on_average(most):
    rng = np.random.default_rng(most)
    weight = rng.gamma(0.3, size=12) + 1e-3
    totals, squares = np.zeros(12), np.zeros(12)
    runs = 4000
    for _ in range(runs):
        kept, log_weight = thin(rng, np.log(weight), most)
        assert len(kept) == len(set(kept.tolist())) == most
        one = np.zeros(12)
        one[kept] = np.exp(log_weight)
        totals, squares = totals + one, squares + one**2
        assert one.sum() == pytest.approx(weight.sum())
    mean = totals / runs
    error = np.sqrt(np.maximum(squares / runs - mean**2, 0) / runs)
    often = weight / weight.sum() * most * runs > 20  # others are too few to be normal
    assert often.sum() > 6
    assert (np.abs(mean - weight) <= 4.5 * error + 1e-9)[often].all()
