"""The same seed gives the same worlds on one, two and eight devices, to the bit."""

import json
import os
import subprocess
import sys

import pytest

from inference import Importance
from plot.backends import XLA, LaneMachine
from plot.simulate import seed
from plot.world import World
from tests.inference.over_devices import (
    MODEL,
    WORLDS,
    belief,
    digest,
    few,
    importance,
    metropolis,
    together,
)

EIGHT = "--xla_force_host_platform_device_count=8"
MACHINE, COMPILED = LaneMachine(), XLA()


@pytest.fixture(scope="module")
def spread() -> dict[str, str]:
    """Answers of a process that has eight devices."""
    environment = {**os.environ, "XLA_FLAGS": EIGHT, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "tests.inference.over_devices"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("devices", [2, 8])
@pytest.mark.parametrize("what", [importance, belief], ids=lambda what: what.__name__)
def test_the_same_on_any_number_of_devices(spread, what, devices):
    assert spread[f"{what.__name__} {devices}"] == what(MACHINE)


def test_moves_are_shared_among_devices_and_stay_the_same(spread):
    assert spread["metropolis"] == metropolis(MACHINE) != spread["broken moves"]
    assert spread["moved"] > 0


def test_sentences_told_together(spread):
    assert spread["together"] == together()


def test_fewer_tiles_than_devices(spread):
    assert spread["few"] == few(MACHINE)


def test_the_same_where_each_program_is_compiled(spread):
    assert spread["importance xla"] == importance(COMPILED)
    assert spread["belief xla"] == belief(COMPILED)
    assert spread["grid"] == few(COMPILED), "spread over two axes of a mesh"


def test_a_device_that_makes_worlds_of_another_shows(spread):
    assert spread["broken"] != importance(COMPILED)


def test_devices_are_used_where_worlds_suffice(spread):
    assert spread["chosen"] == ["lane machine on 8 devices", "lane machine"]
    question = World.from_source(MODEL).ask("a")
    answers = [digest(Importance(n).infer(seed(0), question)) for n in (WORLDS, 20_000)]
    assert spread["answers"] == answers
