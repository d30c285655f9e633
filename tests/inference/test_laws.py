"""The laws themselves: exact engines pass them, broken ones do not."""

import numpy as np
import pytest

from tests.inference.laws import FAILURE_RATE, Joint, alike, calibration, geweke, uniform

# Two parameters and two numbers with known noise: the posterior is normal, with precision 2 each.
NORMAL = Joint(
    lambda rng, pairs: rng.standard_normal((pairs, 2)),
    lambda rng, parameters: rng.normal(parameters, 1),
)


def exact(rng, parameters, data):
    return rng.normal(data / 2, np.sqrt(0.5))


def biased(rng, parameters, data):
    return exact(rng, parameters, data) + 0.1


def narrow(rng, parameters, data):
    return data / 2 + 0.8 * (exact(rng, parameters, data) - data / 2)


def prior(rng, parameters, data):
    return rng.standard_normal(parameters.shape)


def draws(step):
    def infer(rng, data):
        return np.stack([step(rng, np.zeros_like(data), data) for _ in range(99)], axis=1)

    return infer


@pytest.mark.parametrize("seed", range(3))
def test_an_exact_engine_passes(seed):
    rng = np.random.default_rng(seed)
    assert geweke(NORMAL, exact, rng) > FAILURE_RATE
    assert calibration(NORMAL, draws(exact), rng) > FAILURE_RATE


@pytest.mark.parametrize("step", [biased, narrow, prior])
def test_geweke_catches(step):
    assert geweke(NORMAL, step, np.random.default_rng(0)) < FAILURE_RATE


@pytest.mark.parametrize("step", [lambda *a: biased(*a) + 0.2, narrow, prior])
def test_calibration_catches(step):
    rng = np.random.default_rng(0)
    # Draws of the prior are calibrated: only what they say of the data is wrong, which geweke catches.
    caught = calibration(NORMAL, draws(step), rng, replicates=3000) < FAILURE_RATE
    assert caught == (step is not prior)


def test_p_values_are_uniform_where_all_is_well():
    rng = np.random.default_rng(0)
    ranks = [uniform(rng.integers(100, size=(200, 1)), 99) for _ in range(200)]
    laws = [alike(rng.normal(size=(100, 2)), rng.normal(size=(100, 2))) for _ in range(200)]
    # The corrected values are below 0.1 in a tenth of the cases at most: 38 of 200 has probability 1e-4.
    assert sum(p < 0.1 for p in ranks) < 38 and sum(p < 0.1 for p in laws) < 38


def test_what_is_not_a_number_is_no_pass():
    def lost(rng, parameters, data):
        return np.full_like(parameters, np.nan)

    with np.errstate(invalid="ignore"):
        assert geweke(NORMAL, lost, np.random.default_rng(0)) < FAILURE_RATE
