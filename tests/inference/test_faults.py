"""An error or an interrupt half-way costs nothing that was there before."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable

import jax
import numpy as np
import pytest

from inference import Belief, Importance, Sequential, scan
from plot import files
from plot.backends import Backend, LaneMachine
from plot.world import World

MODEL = """
(define strength (mem (lambda (person) (gaussian 50 15))))
(define lazy (mem (lambda (person) (flip 0.3))))
"""
FIRST = "(condition (> (strength 'ann) (strength 'bob)))"
SECONDS = {
    "the same draws": "(condition (> (strength 'bob) 72))",
    "new draws": "(condition (and (> (strength 'cid) (+ 20 (strength 'ann))) (lazy 'cid)))",
    "draws without a name": "(condition (> (+ (gaussian 0 1) (strength 'bob)) 80))",
    "an exact value": "(condition (and (= (strength 'ann) 60) (< (strength 'bob) 12)))",
}
QUESTIONS = "(list (strength 'ann) (strength 'bob))", "(strength 'zoe)", "(lazy 'ann)"
WORLDS = 3000


class Failing:
    """A back end that raises at one of its calls.

    Args:
      inner: what runs all others.
    """

    devices = 1
    ordered = False

    def __init__(self, inner: Backend) -> None:
        self.inner, self.name = inner, inner.name
        self.calls, self.at, self.error = 0, -1, RuntimeError

    def arm(self, at: int, error: type[BaseException]) -> None:
        self.calls, self.at, self.error = 0, at, error

    def prepare(self, program, width) -> Callable:
        run = self.inner.prepare(program, width)

        def call(*args):
            self.calls += 1
            if self.calls - 1 == self.at:
                raise self.error("injected")
            return run(*args)

        return call


MACHINE = LaneMachine()
KEY = jax.random.key(8)


def believed(backend: Backend) -> Belief:
    options = Sequential(worlds=WORLDS, backend=backend)
    belief = Belief.of(World.from_source(MODEL), KEY, options)
    return belief.tell(FIRST)[0]


def answers(belief: Belief) -> str:
    """All that can be asked of a belief, to the bit."""
    found = [belief.ask(question) for question in QUESTIONS]
    parts = [belief.particles.log_weights, belief.particles.families]
    for posterior in found:
        parts += [posterior.weights, *posterior.worlds.rows.values()]
    kept = hashlib.sha256(b"".join(np.ascontiguousarray(part).tobytes() for part in parts))
    return f"{kept.hexdigest()} {belief.evidence} {belief.world.told}"


@pytest.fixture(scope="module", params=SECONDS.values(), ids=SECONDS)
def undisturbed(request) -> tuple[str, str, str, int]:
    """A sentence, what is believed before and after, and the calls of the back end in between."""
    backend = Failing(MACHINE)
    belief = believed(backend)
    before = answers(belief)
    backend.arm(-1, RuntimeError)
    after, _ = belief.tell(request.param)
    calls = backend.calls
    return request.param, before, answers(after), calls


@pytest.mark.parametrize(
    ("share", "error"), [(0.0, RuntimeError), (0.4, KeyboardInterrupt), (1.0, MemoryError)]
)
def test_a_broken_tell_costs_nothing(undisturbed, share, error):
    sentence, before, after, calls = undisturbed
    backend = Failing(MACHINE)
    belief = believed(backend)
    assert answers(belief) == before
    backend.arm(round(share * (calls - 1)), error)
    with pytest.raises(error, match="injected"):
        belief.tell(sentence)
    backend.arm(-1, error)
    assert answers(belief) == before
    assert answers(belief.tell(sentence)[0]) == after


def test_moves_that_break_cost_nothing(undisturbed, monkeypatch):
    sentence, before, after, _ = undisturbed
    belief = believed(MACHINE)
    assert answers(belief) == before

    def fail(*_):
        raise KeyboardInterrupt("injected")

    monkeypatch.setattr(scan, "run_schedule", fail)
    with pytest.raises(KeyboardInterrupt, match="injected"):
        belief.tell(sentence)
    monkeypatch.undo()
    assert answers(belief) == before
    assert answers(belief.tell(sentence)[0]) == after


def test_each_way_has_calls_to_break(undisturbed):
    *_, calls = undisturbed
    assert calls >= 3


def test_the_comparison_tells_beliefs_apart():
    belief = believed(MACHINE)
    other = Belief(
        belief.world, belief.particles.weighed(np.linspace(0, 1, WORLDS)), belief.options, KEY
    )
    assert answers(other) != answers(belief)


def test_a_question_that_breaks_costs_nothing():
    backend = Failing(MACHINE)
    belief = believed(backend)
    before = answers(belief)
    for at in range(len(QUESTIONS)):
        backend.arm(at, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            answers(belief)
        backend.arm(-1, KeyboardInterrupt)
        assert answers(belief) == before


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_one_of_many_blocks_breaks(error):
    """The error of a thread reaches the caller; nothing waits, and the next run is as the first."""
    backend = Failing(MACHINE)
    question = World.from_source(MODEL).tell(FIRST).ask("(lazy 'ann)")
    worlds = 4096 * 32 * 6
    first = Importance(worlds, backend).infer(KEY, question)
    assert backend.calls >= 6
    for at in (0, 3, 5):
        backend.arm(at, error)
        with pytest.raises(error, match="injected"):
            Importance(worlds, backend).infer(KEY, question)
    backend.arm(-1, error)
    assert Importance(worlds, backend).infer(KEY, question).evidence == first.evidence


class TestSave:
    @pytest.mark.parametrize("at", ["mkstemp", "chmod", "replace"])
    @pytest.mark.parametrize("error", [KeyboardInterrupt, OSError])
    def test_an_interrupt_keeps_the_old_file(self, tmp_path, monkeypatch, at, error):
        path, belief = tmp_path / "talk.belief", believed(MACHINE)
        belief.save(path)
        before = path.read_bytes()
        later, _ = belief.tell(SECONDS["the same draws"])

        def fail(*_, **__):
            raise error("injected")

        monkeypatch.setattr(files.tempfile if at == "mkstemp" else files.os, at, fail)
        with pytest.raises(error, match="injected"):
            later.save(path)
        monkeypatch.undo()
        assert path.read_bytes() == before
        assert list(tmp_path.iterdir()) == [path]
        later.save(path)
        assert answers(Belief.load(path, belief.options)) == answers(later)

    def test_a_process_that_is_killed_keeps_the_old_file(self, tmp_path):
        """Killed in the middle of writing: what it wrote so far is not the file."""
        path, belief = tmp_path / "talk.belief", believed(MACHINE)
        belief.save(path)
        before = path.read_bytes()
        script = """
import os, signal, sys
from pathlib import Path
from plot import files

def half(handle, mode):
    os.write(handle, b"half")
    os.kill(os.getpid(), signal.SIGKILL)

files.os.fdopen = half
files.write_whole(Path(sys.argv[1]), b"half and half")
"""
        done = subprocess.run([sys.executable, "-c", script, str(path)], timeout=60)
        assert done.returncode == -signal.SIGKILL
        assert path.read_bytes() == before
        assert answers(Belief.load(path, belief.options)) == answers(belief)
