"""Run as a script with eight devices: digests of answers from worlds spread over some of them."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import replace

import jax
import numpy as np
from jax.sharding import Mesh

from inference import Belief, Importance, Metropolis, Sequential
from inference import kernel as moves
from plot.backends import XLA, Backend, LaneMachine, Sharded
from plot.backends.kernel import Kernel
from plot.posterior import Posterior
from plot.simulate import seed
from plot.world import World

MODEL = """
(define a (gaussian 1 2)) (define b (uniform -1 3)) (define c (if (flip 0.4) a (* b b)))
"""
SAID = "(condition (> (+ a c) b))", "(factor (* -0.1 a))", "(condition (> a 7))"
QUESTION = "(list a b c)"
WORLDS = 150_001  # 37 tiles, which neither two nor eight devices share evenly
KEPT = 30_001  # 8 tiles
CHAINS = 6_001  # 3 tiles of moves


def digest(posterior: Posterior) -> str:
    """Of the weights and the values, to the bit, and of the evidence."""
    worlds = posterior.worlds
    parts = [posterior.weights.tobytes(), *(row.tobytes() for row in worlds.rows.values())]
    kept = hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    return f"{worlds.kept} of {worlds.drawn}: {kept} {posterior.evidence.log!r}"


def importance(backend: Backend | None) -> str:
    """From rows that are drawn."""
    question = World.from_source(MODEL).tell(SAID[0]).tell(SAID[1]).ask(QUESTION)
    return digest(Importance(WORLDS, backend).infer(seed(3), question))


def belief(backend: Backend | None) -> str:
    """From rows that are given: resampled, moved and tempered."""
    found = Belief.of(World.from_source(MODEL), seed(3), Sequential(KEPT, backend=backend))
    for sentence in SAID:
        found, _ = found.tell(sentence)
    assert found.reports[-1].resampled > 0
    return digest(found.ask(QUESTION))


def metropolis(backend: Backend | None) -> str:
    """Chains whose moves are shared among the devices, fewer tiles than devices."""
    question = World.from_source(MODEL).tell(SAID[0]).tell(SAID[1]).ask("(> a b)")
    engine = Metropolis(CHAINS, steps=4, warmup=1, start=Sequential(1000), backend=backend)
    return digest(engine.infer(seed(5), question))


def together() -> str:
    """Of sentences that one compiled loop takes, on whichever device JAX chooses."""
    options = Sequential(KEPT, threshold=0.9, keep=1e-9, sweeps=0, least_moves=0, hard_moves=0)
    found, _ = Belief.of(World.from_source(MODEL), seed(3), options).tell_all(SAID)
    assert sum(report.resampled for report in found.reports) > 0
    return digest(found.ask(QUESTION))


def few(backend: Backend) -> str:
    """Fewer tiles than devices."""
    question = World.from_source(MODEL).tell(SAID[0]).ask(QUESTION)
    return digest(Importance(5000, backend).infer(seed(4), question))


class Unmoved(XLA):
    """A broken back end: every device makes the worlds of the first tiles."""

    def kernel(self, program, width) -> Kernel:
        whole = super().kernel(program, width)

        def build():
            run = whole.build()
            return lambda key, first, count, given, *arrays: run(key, 0, count, given, *arrays)

        return replace(whole, build=build)


class Watched(Sharded):
    """Tells how many tiles have been moved on it."""

    moved = 0

    def run(self, kernel, key, tiles, *rest):
        self.moved += tiles[1] * isinstance(kernel.structure, moves.Shape)
        return super().run(kernel, key, tiles, *rest)


def unmoved(shape: moves.Shape):
    """Broken moves: every device draws the randomness of the first tiles."""
    whole = build(shape)
    return lambda key, first, *rest: whole(key, 0, *rest)


build = moves._kernel


def main() -> None:
    devices = np.array(jax.devices())
    two, eight = (Mesh(devices[:n], ("worlds",)) for n in (2, 8))
    grid = Mesh(devices.reshape(2, 4), ("a", "b"))
    found = {}
    for mesh in (two, eight):
        spread = Sharded(mesh, LaneMachine())
        found |= {f"{what.__name__} {mesh.size}": what(spread) for what in (importance, belief)}
    watched = Watched(eight, LaneMachine())
    found["metropolis"], found["moved"] = metropolis(watched), watched.moved
    found["few"] = few(spread)
    found["together"] = together()
    found["importance xla"] = importance(Sharded(eight, XLA()))
    found["belief xla"] = belief(Sharded(two, XLA()))
    found["grid"] = few(Sharded(grid, XLA()))
    found["broken"] = importance(Sharded(two, Unmoved()))
    question = World.from_source(MODEL).ask("a")
    chosen = [Importance(worlds).infer(seed(0), question) for worlds in (WORLDS, 20_000)]
    found["chosen"] = [posterior.worlds.backend for posterior in chosen]
    found["answers"] = [digest(posterior) for posterior in chosen]
    moves._kernel = unmoved
    found["broken moves"] = metropolis(Sharded(eight, LaneMachine()))
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
