"""Calibration of stated probabilities."""

import numpy as np
import pytest

from inference.calibration import auroc, calibration_error, reliability


def test_what_is_calibrated_has_no_more_error_than_chance_and_what_is_not_has():
    rng = np.random.default_rng(0)
    stated = rng.uniform(size=20_000)
    met = rng.uniform(size=20_000) < stated
    # Ten bins of 2,000: each is off by about 0.01 on average, at most sqrt(0.25 / 2000).
    assert calibration_error(stated, met) < 0.015
    assert calibration_error(np.sqrt(stated), met) > 0.1
    bins = reliability(stated, met)
    assert len(bins) == 10 and all(abs(b.met - b.stated) < 4 * b.error for b in bins)


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
