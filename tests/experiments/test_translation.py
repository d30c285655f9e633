"""What the experiment on translation makes of sentences that were read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from experiments.common import Experiment, make_parser, read_options
from experiments.translation import LINES, Outcome, report


def outcomes(n: int = 400) -> list[Outcome]:
    """A reader who is right with sigmoid(1 + logit(mass)), and states the mass as it is."""
    rng = np.random.default_rng(0)
    mass = rng.uniform(0.05, 0.95, n)
    right = rng.random(n) < 1 / (1 + np.exp(-(1 + np.log(mass / (1 - mass)))))
    return [
        Outcome(
            "toy", "s", "(condition a)", (("(condition a)", 1.0),), 0.0, m, m, int(r), 0.1,
            doubts={"confidence": 1 - m, "noise": float(rng.random())},
        )
        for m, r in zip(mass.tolist(), right.tolist(), strict=True)
    ]  # fmt: skip


def test_the_fit_finds_what_is_missing_and_measures_of_doubt_are_ranked(tmp_path, capsys):
    options = read_options(make_parser("translation", "t", 10), ["--out", str(tmp_path)])
    with Experiment("translation", options) as run:
        report(run, outcomes())
    figures = json.loads((tmp_path / "result.json").read_text())["figures"]
    value = {name: entry["value"] for name, entry in figures.items()}
    assert value["trust_offset"] == pytest.approx(1, abs=0.4)
    assert value["trust_slope"] == pytest.approx(1, abs=0.4)
    assert value["expected_calibration_error"] > 0.1 > value["calibration_error_if_fitted"]
    assert value["auroc_confidence"] > 0.65 > 0.6 > value["auroc_noise"] > 0.4
    assert (tmp_path / "reliability.png").stat().st_size > 5000
    assert "measure of doubt" in capsys.readouterr().out


def test_the_two_halves_of_a_file_are_all_of_it():
    lines = list(range(7))
    assert sorted(lines[LINES["odd"]] + lines[LINES["even"]]) == lines[LINES["all"]]
    assert lines[LINES["odd"]][0] == 0  # the first line is odd
