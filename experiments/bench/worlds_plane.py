"""Bodies in a plane: seconds of inference for a sentence, the first one of all, and worlds a second."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from experiments.bench.spoken import turns
from experiments.bench.worlds_collisions import WANTED_SECONDS, WORLDS
from models.worlds.plane.module import PLACE, SECONDS, scene
from models.worlds.plane.solver import run as simulated

if TYPE_CHECKING:
    from experiments.common import Experiment

REPEATS = 3
TALK = (
    "(condition (ball? 'red))",
    "(query (hits? 'red 'blue))",
    "(condition (> (push 'red) 6))",
    "(query (hits-wall? 'green))",
    "(query (distance 'blue))",
    "(condition (block? 'green))",
    "(query (height 'red))",
    "(query (speed-after 'green))",
    "(condition (> (mass 'blue) 3.5))",
    "(query (hits-wall-without? 'green 'blue))",
    "(query (> (distance 'red) (distance 'blue)))",
    "(query (rests? 'blue))",
)


def measure(run: Experiment) -> None:
    """Hold a conversation twice, and simulate worlds alone; figures go to the run."""
    with run.stage("a plane: sentences", total=2) as progress:
        first, seconds = [], []
        for turn in range(2):
            first = seconds
            seconds = [t.seconds for t in turns("plane", TALK, WORLDS, run.key)]
            progress(turn + 1)
    shared = {"n": len(seconds), "unit": "s", "worlds": WORLDS, "wanted": WANTED_SECONDS}
    run.figure("plane_sentence_median_seconds", float(np.median(seconds)), **shared)
    run.figure("plane_sentence_p95_seconds", float(np.quantile(seconds, 0.95)), **shared)
    run.figure("plane_slowest_first_sentence_seconds", max(first), unit="s", worlds=WORLDS)
    with run.stage("a plane: worlds"):
        rate = worlds_a_second(WORLDS, run.key)
    run.figure("plane_worlds_a_second", rate, worlds=WORLDS)


def worlds_a_second(worlds: int, key: jax.Array) -> float:
    """Worlds of three bodies that are followed for three seconds, in a second."""
    keys = jax.random.split(key, 6)
    mass, bounciness, disc = (jax.random.uniform(k, (3, worlds)) for k in keys[:3])
    push, angle, friction = (jax.random.uniform(k, (worlds,)) for k in keys[3:])
    there = jnp.ones((3, worlds), bool)
    bodies, begun = scene(
        [*(0.5 + mass)], [*(disc > 0.5)], [*bounciness], 8 * push, 60 * angle, friction, [*there]
    )
    rates = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        jax.block_until_ready(simulated(bodies, PLACE, begun, round(SECONDS / PLACE.dt)))
        rates.append(worlds / (time.perf_counter() - began))
    return float(np.median(rates[1:]))
