"""Beliefs survive a restart; a file that is not one is refused and costs nothing."""

import json
import os
import subprocess
import sys

import jax
import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from inference import Belief, BeliefFileError, Sequential
from inference.saved import FORMAT
from models.worlds import load as load_world
from plot.world import World

SOURCE = "(define s (mem (lambda (p) (gaussian 50 15)))) (define c (flip 0.4))"


@pytest.fixture(scope="module")
def belief() -> Belief:
    found = Belief.of(World.from_source(SOURCE), jax.random.key(3), Sequential(worlds=2000))
    for sentence in ("(condition (> (s 'ann) (s 'bob)))", "(condition (or c (> (s 'bob) 70)))"):
        found, _ = found.tell(sentence)
    return found


def test_it_goes_on_as_if_nothing_had_happened(belief, tmp_path):
    path = tmp_path / "talk.belief"
    belief.ask("(s 'zoe)")  # a question adds to the graph, and not to what is kept
    belief.save(path)
    again = Belief.load(path, belief.options)
    assert again.world.told == belief.world.told
    assert again.reports == belief.reports
    assert again.evidence == belief.evidence
    for question in ("(s 'ann)", "(and c (> (s 'bob) 40))"):
        one, two = belief.ask(question), again.ask(question)
        assert str(one) == str(two)
    sentence = "(condition (> (s 'ann) 75))"
    one, two = belief.tell(sentence)[0], again.tell(sentence)[0]
    assert one.ask("(s 'bob)").mean == two.ask("(s 'bob)").mean


def test_in_another_process(belief, tmp_path):
    path = tmp_path / "talk.belief"
    belief.save(path)
    script = "import sys; from inference import Belief; print(Belief.load(sys.argv[1]).ask('c'))"
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == str(belief.ask("c")).strip()


def test_names_that_were_mentioned(tmp_path):
    world = load_world("tug_of_war")
    belief = Belief.of(world, jax.random.key(0), Sequential(worlds=500))
    belief, _ = belief.tell("(condition (won-against '(zoe) '(yan)))")
    belief.save(tmp_path / "a")
    again = Belief.load(tmp_path / "a")
    assert {"zoe", "yan"} <= set(again.world.vocabulary.entities[0].names)
    mean = belief.ask("(strength 'zoe)").mean
    assert again.ask("(strength 'zoe)").mean == mean


def change(path, header=None, tensors=None):
    """Write a belief's file again with other parts."""
    from safetensors import safe_open

    with safe_open(path, framework="numpy") as file:
        kept = json.loads(file.metadata()["plotline"])
    arrays = load_file(path)
    save_file(
        {**arrays, **(tensors or {})}, path, {"plotline": json.dumps({**kept, **(header or {})})}
    )


class TestRefused:
    @pytest.fixture
    def path(self, belief, tmp_path):
        belief.save(tmp_path / "talk.belief")
        return tmp_path / "talk.belief"

    @pytest.mark.parametrize("length", [0, 7, 200, -1])
    def test_a_file_that_is_cut(self, path, length):
        path.write_bytes(path.read_bytes()[:length])
        with pytest.raises(BeliefFileError, match="safetensors"):
            Belief.load(path)

    def test_another_kind_of_file(self, path):
        save_file({"a": np.zeros(3)}, path)
        with pytest.raises(BeliefFileError, match="no belief"):
            Belief.load(path)
        path.write_text("hello")
        with pytest.raises(BeliefFileError):
            Belief.load(path)

    @pytest.mark.parametrize(
        "header",
        [
            {"format": FORMAT + "0"},
            {"told": ["(condition (> (s 'ann) (missing)))"]},
            {"model": "(define s"},
            {"sites": ["a", "b", "c"]},
            {"reports": [{"a": 1}]},
            {"key": "no"},
        ],
    )
    def test_parts_that_do_not_fit(self, path, header):
        change(path, header)
        with pytest.raises(BeliefFileError):
            Belief.load(path)

    def test_arrays_that_do_not_fit(self, path):
        change(path, tensors={"families": np.zeros(5, np.int64)})
        with pytest.raises(BeliefFileError, match="fit"):
            Belief.load(path)

    def test_another_model(self, path):
        change(path, {"model": SOURCE.replace("50 15", "10 1")})
        with pytest.raises(BeliefFileError, match="something else"):
            Belief.load(path)

    def test_a_failed_write_keeps_the_old_file(self, path, belief, monkeypatch):
        before = path.read_bytes()

        def fail(*_):
            raise OSError("disk full")

        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(OSError, match="disk full"):
            belief.save(path)
        assert path.read_bytes() == before
        assert [p.name for p in path.parent.iterdir()] == [path.name]
