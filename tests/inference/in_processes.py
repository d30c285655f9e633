"""Run as a script, once for each process: prints digests of what they find together."""

from __future__ import annotations

import json
import sys

import numpy as np

from inference import Importance, join
from plot.backends import XLA
from plot.backends.sharded import ProcessesDiffer
from plot.simulate import seed
from plot.world import World
from tests.inference.over_devices import MODEL, belief, few, importance


def main(port: str, processes: str, index: str) -> None:
    together = join(f"localhost:{port}", int(processes), int(index), XLA())
    found = {what.__name__: what(together) for what in (importance, few, belief)}
    found["name"] = together.name
    question = World.from_source(MODEL).ask("a")
    try:
        Importance(5000, together).infer(seed(int(index)), question)
    except ProcessesDiffer as error:
        found["refused"] = str(error)
    assert np.isfinite(Importance(5000, together).infer(seed(0), question).mean.value)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
