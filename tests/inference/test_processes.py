"""Two processes that share their worlds say what one process says."""

import json
import os
import socket
import subprocess
import sys

import pytest

from plot.backends import XLA
from tests.inference.over_devices import belief, few, importance

PROCESSES = 2
COMPILED = XLA()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("localhost", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def found() -> list[dict[str, str]]:
    """What each process found; each has two devices."""
    flags = "--xla_force_host_platform_device_count=2"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "tests.inference.in_processes", str(free_port())]
    running = [
        subprocess.Popen(
            [*command, str(PROCESSES), str(i)],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(PROCESSES)
    ]
    try:
        said = [process.communicate(timeout=240) for process in running]
    finally:
        for process in running:
            process.kill()
    for process, (_, errors) in zip(running, said, strict=True):
        assert process.returncode == 0, errors[-4000:]
    return [json.loads(out.splitlines()[-1]) for out, _ in said]  # Gloo prints lines before


@pytest.mark.parametrize("what", [importance, few, belief], ids=lambda what: what.__name__)
def test_the_same_in_each_process_as_in_one_alone(found, what):
    alone = what(COMPILED)
    assert [one[what.__name__] for one in found] == [alone] * PROCESSES


def test_the_devices_of_all_take_part(found):
    assert {one["name"] for one in found} == {"xla on 4 devices"}


def test_different_questions_are_refused_in_each(found):
    assert all("same program with the same seed" in one["refused"] for one in found)
