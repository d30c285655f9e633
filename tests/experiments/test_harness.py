"""Command lines and results of experiments: what a user types wrong, and what is left behind."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from experiments.__main__ import main
from experiments.common import Experiment, Options, ResultError, command, make_parser, read_options
from experiments.registry import EXPERIMENTS, find, load
from experiments.result import encode, to_json, uninterrupted, write_files
from plot.errors import PlotError

ROOT = Path(__file__).parents[2]


def toy(argv: list[str]) -> int:
    """An experiment that takes no time."""

    @command("toy")
    def body(argv: list[str]) -> int:
        options = read_options(make_parser("toy", "a toy", worlds=10), argv)
        with Experiment("toy", options) as run:
            with run.stage("count", total=2) as progress:
                progress(2)
            run.figure("mean", np.float32(1.5), 0.25, reference=1.4)
            run.section("translations", [{"sentence": "Tom beat John.", "expression": "x"}])
            figure = Figure(figsize=(1, 1))
            figure.subplots()
            run.save_figure(figure, "toy.png")
            run.show("for people")
        return 0

    return body(argv)


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1, captured.err
    return captured.err


def test_listing_names_every_experiment(capsys):
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name, entry in EXPERIMENTS.items():
        assert sum(line.split()[:1] == [name] and entry.description in line for line in lines) == 1


def test_listing_imports_no_jax():
    code = "import sys, experiments.__main__ as m; m.main([]); assert 'jax' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["ping_pong", "bench", "tug_of_war", "train_translator"])
def test_registered_experiments_have_a_main(name):
    assert callable(load(name))
    assert find(name).description.strip() == find(name).description


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("ping_png", "did you mean ping_pong?"),
        ("tug-of-war", "did you mean tug_of_war?"),
        ("zzz", "there are "),
    ],
)
def test_unknown_name_gets_the_nearest(typed, hint, capsys):
    assert main([typed]) == 2
    assert hint in one_line(capsys)


def test_help_exits_zero(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["ping_pong", "--help"])
    assert stop.value.code == 0
    assert "--worlds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--worlds", "-5"], "expected a whole number above zero"),
        (["--worlds", "0"], "expected a whole number above zero"),
        (["--worlds", "many"], "and got 'many'"),
        (["--seed", "-1"], "expected a whole number from 0"),
        (["--seed", "1e99"], "expected a whole number from 0"),
        (["--wrlds", "5"], "unrecognized arguments: --wrlds 5"),
        (["--out"], "expected one argument"),
    ],
)
def test_bad_options_are_one_line(argv, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert toy(argv) == 2
    assert said in one_line(capsys)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("below", [".", "deeper/still"])
def test_out_that_is_a_file(below, capsys, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("mine")
    assert toy(["--out", str(taken / below)]) == 2
    assert "is a file" in one_line(capsys)
    assert taken.read_text() == "mine"


@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="needs a folder in which nobody can write"
)
def test_out_that_cannot_be_written(capsys):
    assert toy(["--out", "/proc/self/results"]) == 2
    assert "/proc/self" in one_line(capsys)


def test_result_holds_what_a_reader_needs(tmp_path, capsys):
    out = tmp_path / "a" / "b"
    assert toy(["--out", str(out), "--seed", "7", "--worlds", "20"]) == 0
    result = json.loads((out / "result.json").read_text())
    assert result["experiment"] == "toy"
    assert result["figures"] == {"mean": {"value": 1.5, "standard_error": 0.25, "reference": 1.4}}
    assert result["translations"][0]["sentence"] == "Tom beat John."
    assert (result["seed"], result["options"]["worlds"]) == (7, 20)
    assert set(result["versions"]) >= {"python", "jax", "jaxlib", "numpy", "plotline"}
    assert result["device"]["platform"] == "cpu"
    assert result["wall_times"]["total"] >= result["wall_times"]["count"] >= 0
    assert (out / "toy.png").read_bytes().startswith(b"\x89PNG")
    assert sorted(p.name for p in out.iterdir()) == ["result.json", "toy.png"]
    assert "for people" in capsys.readouterr().out


def test_json_option_prints_the_result_alone(tmp_path, capsys):
    assert toy(["--out", str(tmp_path), "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == json.loads((tmp_path / "result.json").read_text())
    assert "for people" in captured.err


@pytest.mark.parametrize("bad", [math.nan, math.inf, np.float32("nan"), np.array([1.0, np.inf])])
def test_numbers_that_json_lacks_are_refused(bad):
    with pytest.raises(ResultError, match=r"x\.deep.* is (nan|inf)"):
        to_json({"deep": [bad]}, "x")


def test_other_things_that_json_lacks_are_refused():
    with pytest.raises(ResultError, match="is a set"):
        to_json({"a": {1}})
    with pytest.raises(ResultError, match="keys are text"):
        to_json({1: 2})


def failing(out: Path, error: BaseException) -> int:
    @command("toy")
    def body(argv: list[str]) -> int:
        options = Options(out=out, worlds=1, seed=0, json=False, extra={})
        with Experiment("toy", options) as run:
            run.figure("mean", 2.0)
            raise error
        return 0

    return body([])


def test_an_interrupted_run_leaves_the_old_result(tmp_path, capsys):
    assert toy(["--out", str(tmp_path)]) == 0
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    capsys.readouterr()
    assert failing(tmp_path, KeyboardInterrupt()) == 130
    assert "interrupted" in one_line(capsys)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_wrong_program_is_told_without_a_traceback(tmp_path, capsys):
    assert failing(tmp_path, PlotError("the evidence cannot hold")) == 1
    assert "the evidence cannot hold" in one_line(capsys)


def test_an_interrupted_first_run_leaves_nothing(tmp_path):
    assert failing(tmp_path / "new" / "folder", KeyboardInterrupt()) == 130
    assert not list(tmp_path.iterdir())


def test_a_result_that_is_not_finite_leaves_the_old_one(tmp_path, capsys):
    assert toy(["--out", str(tmp_path)]) == 0
    before = (tmp_path / "result.json").read_bytes()
    options = Options(out=tmp_path, worlds=1, seed=0, json=False, extra={})
    with (
        pytest.raises(ResultError, match=r"figures\.mean\.value is nan"),
        Experiment("toy", options) as run,
    ):
        run.figure("mean", math.nan)
    assert (tmp_path / "result.json").read_bytes() == before


def test_files_are_replaced_only_once_all_are_written(tmp_path, monkeypatch):
    write_files(tmp_path, {"a": b"old", "b": b"old"})
    real, calls = os.fsync, []

    def fails_at_the_second(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(handle)

    monkeypatch.setattr(os, "fsync", fails_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        write_files(tmp_path, {"a": b"new", "b": b"new"})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"a": b"old", "b": b"old"}


def test_interrupts_wait_for_a_short_piece_of_work():
    done = []
    with pytest.raises(KeyboardInterrupt), uninterrupted():
        os.kill(os.getpid(), signal.SIGINT)
        done.append(True)
    assert done


def test_figures_are_recorded_once(tmp_path):
    options = Options(out=tmp_path, worlds=1, seed=0, json=False, extra={})
    with pytest.raises(ResultError, match="twice"), Experiment("toy", options) as run:
        run.figure("mean", 1.0)
        run.figure("mean", 1.0)


def test_encoding_is_strict_and_readable():
    assert (
        encode({"name": "Zoë", "path": Path("a") / "b"})
        == b'{\n  "name": "Zo\xc3\xab",\n  "path": "a/b"\n}\n'
    )
