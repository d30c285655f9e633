"""Calibration of stated probabilities."""

import numpy as np
import pytest

from inference.calibration import (
    Scaling,
    auroc,
    calibration_error,
    error_by_chance,
    fit_scaling,
    reliability,
)


def test_what_is_calibrated_has_no_more_error_than_chance_and_what_is_not_has():
    rng = np.random.default_rng(0)
    stated = rng.uniform(size=20_000)
    met = rng.uniform(size=20_000) < stated
    # Ten bins of 2,000: each is off by about 0.01 on average, at most sqrt(0.25 / 2000).
    assert calibration_error(stated, met) < 0.015
    assert calibration_error(np.sqrt(stated), met) > 0.1
    bins = reliability(stated, met)
    assert len(bins) == 10 and all(abs(b.met - b.stated) < 4 * b.error for b in bins)


def test_what_chance_makes_of_a_perfect_reader():
    few = error_by_chance(np.full(100, 0.8))
    # Ten bins of ten: the mean distance of a share of ten from 0.8 is about 0.8 sd, sd = 0.126.
    assert 0.08 < few.value < 0.12
    assert error_by_chance(np.full(10_000, 0.8)).value < 0.015
    assert error_by_chance(np.ones(50)).value == 0


def test_auroc_is_the_chance_of_the_right_order():
    rng = np.random.default_rng(1)
    right, wrong = rng.normal(1, 1, 3000), rng.normal(0, 1, 2000)
    both = 1 / (1 + np.exp(-np.concatenate([right, wrong])))
    area = auroc(both, np.arange(5000) < 3000)
    assert abs(area.value - 0.76025) < 4 * area.standard_error  # Phi(1 / sqrt(2))
    assert 0.004 < area.standard_error < 0.02
    assert auroc(np.full(6, 0.5), np.array([True, False] * 3)).value == 0.5


@pytest.mark.parametrize(
    ("stated", "correct"), [([], []), ([0.5], [True, False]), ([1.2], [True]), ([np.nan], [True])]
)
def test_what_cannot_be_judged_is_refused(stated, correct):
    with pytest.raises(ValueError):
        reliability(np.array(stated), np.array(correct))


def test_where_all_is_right_there_is_no_order():
    with pytest.raises(ValueError, match="something wrong"):
        auroc(np.array([0.5, 0.6]), np.array([True, True]))


class TestScaling:
    def test_what_is_too_sure_is_brought_back(self):
        rng = np.random.default_rng(4)
        stated = rng.uniform(0.3, 0.99, 6000)
        truth = 1 / (1 + np.exp(-(0.5 * np.log(stated / (1 - stated)) - 0.3)))
        met = rng.uniform(size=6000) < truth
        found = fit_scaling(stated[::2], met[::2])
        after = np.array([found(s) for s in stated[1::2]])
        assert calibration_error(stated[1::2], met[1::2]) > 0.1
        assert calibration_error(after, met[1::2]) < 0.03  # ten bins of 300
        assert (found.offset, found.slope) == (
            pytest.approx(-0.3, abs=0.15),
            pytest.approx(0.5, abs=0.1),
        )

    def test_shares_are_kept_apart_from_what_is_scaled(self):
        rng = np.random.default_rng(5)
        mass, share = rng.uniform(0.1, 0.9, 8000), rng.uniform(0.4, 1, 8000)
        met = rng.uniform(size=8000) < share * mass
        found = fit_scaling(mass, met, share)
        assert (found.offset, found.slope) == (
            pytest.approx(0, abs=0.15),
            pytest.approx(1, abs=0.15),
        )

    def test_without_mistakes_nothing_can_be_fitted(self):
        with pytest.raises(ValueError, match="something wrong"):
            fit_scaling(np.array([0.5, 0.6]), np.array([True, True]))

    def test_scores_of_zero_and_one_stay_probabilities(self):
        assert 0 < Scaling(0, 1)(0.0) < 1e-5 and 1 - 1e-5 < Scaling(0, 1)(1.0) < 1
