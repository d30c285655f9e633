"""A decoder spread over eight devices gives what it gives on one."""

import json
import os
import subprocess
import sys

import jax
import numpy as np
import pytest
from jax.sharding import AxisType, Mesh

from models.words.mesh import layout, spread

from .conftest import TINY


def test_logits_over_eight_devices_agree_with_one():
    flags = "--xla_force_host_platform_device_count=8"
    environment = {**os.environ, "XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.models.words.over_devices"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["devices"] == 8
    for name in ("whole", "few_keys"):
        assert found[name]["size"] > 0.5
        for what in ("forward", "particles", "scores"):
            assert found[name][what] < 1e-4, (name, what)
        assert found[name]["query"] == [2, 8, 32] and found[name]["down"] == [2, 32, 6]
    assert found["whole"]["key"] == [2, 8, 32] and found["whole"]["embedding"] == [8, 32]
    assert found["few_keys"]["key"] == [2, 16, 32] and found["few_keys"]["embedding"] == [65, 32]


def test_heads_are_never_cut():
    assert {"query", "key", "gate", "embedding"} <= set(layout(TINY, 2))
    assert set(layout(TINY, 4)) == {"query", "query_bias", "output", "gate", "up", "down"}


def test_meshes_that_do_not_fit_are_refused(llama):
    devices = np.array(jax.devices()[:1])
    with pytest.raises(ValueError, match="no axis 'model'; it has data"):
        spread(llama, Mesh(devices, ("data",)))
    with pytest.raises(ValueError, match="are not automatic"):
        spread(llama, Mesh(devices, ("model",), axis_types=(AxisType.Explicit,)))
