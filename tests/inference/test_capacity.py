"""Memory is foreseen: estimates against measured peaks, refusals that say what fits."""

from __future__ import annotations

import json
import subprocess
import sys

import jax
import pytest

from inference import Belief, Importance, NotEnoughMemory, Sequential, capacity
from inference.capacity import Need, available_bytes, check_memory, question_need
from plot.errors import PlotError
from plot.world import World

KEY = jax.random.key(0)
WORLD = World.from_source("(define a (gaussian 0 1)) (define b (gaussian 0 1))")
FACTOR = 1.5


@pytest.mark.parametrize(
    ("what", "worlds"),
    [
        ("question", 2_000_000),
        pytest.param("question", 8_000_000, marks=pytest.mark.slow),
        pytest.param("belief", 500_000, marks=pytest.mark.slow),
        pytest.param("belief", 2_000_000, marks=pytest.mark.slow),
    ],
)
def test_estimates_against_peaks(what, worlds):
    command = [sys.executable, "-m", "tests.inference.peak_memory", what, str(worlds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(done.stdout)
    assert 1 / FACTOR < found["estimate"] / found["measured"] < FACTOR


@pytest.fixture
def little(monkeypatch):
    """Room for about a million worlds of a question about one number."""
    need = question_need(WORLD.ask("a"))
    monkeypatch.setattr(capacity, "available_bytes", lambda: int(need.of(1_000_000) / 0.9) + 9)


class TestRefused:
    def test_a_question(self, little):
        with pytest.raises(NotEnoughMemory, match=r"about 1,000,000 worlds fit") as caught:
            Importance(1_000_000_000).infer(KEY, WORLD.ask("a"))
        assert isinstance(caught.value, PlotError)
        assert Importance(100_000).infer(KEY, WORLD.ask("a")).worlds.drawn == 100_000

    def test_only_worlds_that_are_kept_count(self, little):
        """All of three million would not fit, and those that satisfy the evidence do."""
        question = WORLD.tell("(condition (> a 3))").ask("a")
        assert Importance(3_000_000).infer(KEY, question).worlds.drawn == 3_000_000
        with pytest.raises(NotEnoughMemory):
            Importance(3_000_000).infer(KEY, WORLD.ask("a"))

    def test_a_belief_and_the_old_one_stays(self, monkeypatch):
        belief = Belief.of(WORLD, KEY, Sequential(2000))
        before = belief.ask("(+ a b)").mean
        monkeypatch.setattr(capacity, "available_bytes", lambda: 2**20)
        with pytest.raises(NotEnoughMemory, match="free some memory"):
            belief.tell("(condition (> a b))")
        assert belief.ask("(+ a b)").mean == before
        monkeypatch.undo()
        assert belief.tell("(condition (> a b))")[0].ask("(> a b)").probability().value == 1


def test_what_fits_is_what_is_accepted():
    need = Need(each=123, fixed=4567)
    fits = need.fits(1_000_000)
    check_memory(need, fits, "this", 1_000_000)
    with pytest.raises(NotEnoughMemory, match=f"{fits:,} worlds fit"):
        check_memory(need, fits + 1, "this", 1_000_000)
    assert need.fits(100) == 0


def test_a_control_group_has_a_limit(tmp_path, monkeypatch):
    assert available_bytes() > 2**20
    (tmp_path / "memory.max").write_text("3000000\n")
    (tmp_path / "memory.current").write_text("1500000\n")
    (tmp_path / "memory.stat").write_text("anon 7\ninactive_file 500000\n")
    assert capacity._groups(tmp_path) == [(3_000_000, 1_000_000)]
    (tmp_path / "memory.max").write_text("max\n")
    assert capacity._groups(tmp_path) == []
    monkeypatch.setattr(capacity, "_groups", lambda: [(3_000_000, 1_000_000)])
    assert available_bytes() == 2_000_000
