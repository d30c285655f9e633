"""The same seed gives the same worlds on one, two and eight devices, to the bit."""

import json
import os
import subprocess
import sys

import pytest

from plot.backends import XLA, LaneMachine
from tests.inference.over_devices import belief, few, importance

EIGHT = "--xla_force_host_platform_device_count=8"


@pytest.fixture(scope="module")
def spread() -> dict[str, str]:
    """Answers of a process that has eight devices."""
    environment = {**os.environ, "XLA_FLAGS": EIGHT, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "tests.inference.over_devices"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def one() -> dict[str, str]:
    """Those of this process, which has one."""
    machine = LaneMachine()
    return {what.__name__: what(machine) for what in (importance, belief, few)}


@pytest.mark.parametrize("devices", [2, 8])
@pytest.mark.parametrize("what", ["importance", "belief", "few"])
def test_the_same_on_any_number_of_devices(spread, one, what, devices):
    assert spread[f"{what} {devices}"] == one[what]


def test_the_same_where_each_program_is_compiled(spread):
    compiled = XLA()
    assert spread["importance xla"] == importance(compiled)
    assert spread["belief xla"] == belief(compiled)
    assert spread["grid"] == few(compiled), "spread over two axes of a mesh"


def test_a_device_that_makes_worlds_of_another_shows(spread, one):
    assert spread["broken"] != one["importance"]


def test_devices_are_used_where_worlds_suffice(spread, one):
    assert spread["enough"] == "lane machine on 8 devices"
    assert spread["not enough"] == "lane machine"
    assert spread["belief chosen"] == one["belief"]
