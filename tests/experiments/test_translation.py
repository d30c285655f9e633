"""What the experiment on translation makes of sentences that were read."""

from __future__ import annotations

import json

import numpy as np
import pytest

from experiments.common import Experiment, make_parser, read_options
from experiments.errors import UsageError
from experiments.translation import DATA, LINES, Outcome, _sets, report
from experiments.translation_doubt import compared
from plot.weights import Estimate


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
    assert value["auroc_lead_confidence"] == 0
    lead = figures["auroc_lead_noise"]
    assert lead["value"] < -2 * lead["standard_error"] < 0
    assert value["log_loss_confidence"] < value["log_loss_noise"]
    assert (tmp_path / "reliability.png").stat().st_size > 5000
    assert (tmp_path / "doubt.png").stat().st_size > 5000
    assert "measure of doubt" in capsys.readouterr().out


def test_measures_are_compared_on_the_same_sentences():
    rng = np.random.default_rng(1)
    correct = rng.random(300) < 0.7
    good = np.where(correct, 0.2, 0.6) + 0.1 * rng.standard_normal(300)
    doubts = [
        {"confidence": g, "the same twice": 2 * g + 1, "chance": float(rng.random())}
        for g in good.tolist()
    ]
    found = {c.name: c for c in compared(doubts, correct)}
    assert list(found)[-1] == "chance"
    twin = found["the same twice"]
    assert twin.lead == Estimate(0.0, 0.0)
    assert twin.log_loss.value == pytest.approx(found["confidence"].log_loss.value)
    entropy = -(0.7 * np.log(0.7) + 0.3 * np.log(0.3))
    assert found["confidence"].log_loss.value < 0.3 < entropy
    assert found["chance"].log_loss.value == pytest.approx(entropy, abs=0.08)
    assert found["chance"].calibration is None and found["confidence"].calibration is not None


def test_each_file_has_its_world(tmp_path):
    with pytest.raises(UsageError, match="2 files, and 1 worlds"):
        _sets({"world": ["lunch"], "sentences": [tmp_path / "a.tsv", tmp_path / "b.tsv"]})
    paths = [tmp_path / "a.tsv", tmp_path / "b.tsv"]
    assert _sets({"world": ["lunch", "kinship"], "sentences": paths}) == list(
        zip(["lunch", "kinship"], paths, strict=True)
    )
    garden = str(DATA / "unseen" / "garden.church")
    assert [name for name, _ in _sets({"world": [garden, "lunch"], "sentences": None})] == [
        garden,
        "lunch",
    ]
    with pytest.raises(UsageError, match="no sentences about nowhere"):
        _sets({"world": ["nowhere"], "sentences": None})


def test_the_two_halves_of_a_file_are_all_of_it():
    lines = list(range(7))
    assert sorted(lines[LINES["odd"]] + lines[LINES["even"]]) == lines[LINES["all"]]
    assert lines[LINES["odd"]][0] == 0  # the first line is odd
