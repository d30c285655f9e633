"""The variational experiments: what they write, and the paper's figures (slow)."""

from __future__ import annotations

import json

import pytest

from experiments.variational import coin, cone, regression

MARGIN = 0.05  # nats that a bound may be below the paper's


def result(main, out, *arguments):
    assert main([*arguments, "--out", str(out)]) == 0
    return json.loads((out / "result.json").read_text())


def test_a_variant_of_the_cone_is_fitted_and_recorded(tmp_path):
    found = result(
        cone.main,
        tmp_path,
        "--objective",
        "diwhvi",
        "-n",
        "3",
        "-m",
        "2",
        "--steps",
        "20",
        "--worlds",
        "100",
        "--strategy",
        "reinforce",
    )
    (name,) = found["figures"]
    assert name == "diwhvi_n3_m2_reinforce_bound"
    assert found["figures"][name]["exact"] == pytest.approx(-5.3232, abs=1e-4)
    assert found["pictures"] == ["curves.png", "samples.png"]


def test_an_objective_that_a_problem_has_no_guide_for_is_refused(tmp_path, capsys):
    assert coin.main(["--objective", "hvi", "--out", str(tmp_path / "new")]) == 2
    assert "coin has none; use one of elbo" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


@pytest.mark.slow
def test_the_cone_reaches_the_figures_of_the_paper(tmp_path):
    figures = result(cone.main, tmp_path)["figures"]
    for found in figures.values():
        if "reference" in found:
            assert found["value"] > found["reference"] - MARGIN
        assert found["value"] < found["exact"] + 4 * found["standard_error"]
    bound = {name: found["value"] for name, found in figures.items()}
    assert bound["elbo_bound"] < bound["iwelbo_n5_bound"] < bound["diwhvi_n5_m5_bound"]
    assert bound["diwhvi_n64_m64_bound"] > -5.40


@pytest.mark.slow
@pytest.mark.parametrize("experiment", [coin, regression], ids=["coin", "regression"])
def test_conjugate_posteriors_are_reached(experiment, tmp_path):
    for found in result(experiment.main, tmp_path)["figures"].values():
        if found.get("unit") == "nats":
            assert -0.1 < found["value"] - found["exact"] < 4 * found["standard_error"] + 1e-3
