"""Models with exact answers, and joint laws, that every chain is run through."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import jax
import numpy as np
from scipy import stats

from inference.engine import Engine
from inference.targets import Way
from plot.posterior import Posterior
from plot.world import World
from tests.inference.laws import Joint

# Exact posterior mean and standard deviation of a question, by conjugacy.
CONJUGATE = {
    "normal": (
        "(define mean (gaussian 0 2)) (define (x i) (gaussian mean 1))"
        "(condition (= (x 0) 1)) (condition (= (x 1) 3)) (condition (= (x 2) 2.5))",
        "mean",
        6.5 / 3.25,
        1 / math.sqrt(3.25),
    ),
    "beta-binomial": (
        "(define p (beta 2 3)) (define toss (mem (lambda (i) (flip p))))"
        "(condition (and (toss 0) (toss 1) (toss 2) (not (toss 3))))",
        "p",
        5 / 9,
        float(stats.beta(5, 4).std()),
    ),
}

# Data are rows that stay, so that a step can be given other data in each world.
SOURCE = """
(define mu (gaussian 0 1))
(define share (uniform 0 1))
(define shifted (flip 0.3))
(define y (gaussian 0 1))
(define k (gaussian 0 1))
(factor (* -0.5 (square (- y (+ mu (if shifted 1 0))))))
(factor (* -2 (square (- k share))))
"""

type Step = Callable[[np.random.Generator, np.ndarray, np.ndarray], np.ndarray]


def ask(engine: Engine, source: str, question: str, seed: int = 0) -> Posterior:
    """The answer of an engine."""
    return engine.infer(jax.random.key(seed), World.from_source(source).ask(question))


def _prior(rng: np.random.Generator, pairs: int) -> np.ndarray:
    rows = [rng.standard_normal(pairs), rng.random(pairs), rng.random(pairs)]
    return np.stack(rows, axis=1).astype(np.float32)


def _data(rng: np.random.Generator, rows: np.ndarray) -> np.ndarray:
    y = rows[:, 0] + (rows[:, 2] < 0.3) + rng.standard_normal(len(rows))
    return np.stack([y, rng.normal(rows[:, 1], 0.5)], axis=1).astype(np.float32)


JOINT = Joint(_prior, _data)  # of the rows of mu, share and shifted, and of y and k
NORMAL_JOINT = Joint(
    lambda rng, pairs: rng.standard_normal((pairs, 1)).astype(np.float32),
    lambda rng, mu: (mu + rng.standard_normal(mu.shape)).astype(np.float32),
)


@dataclass(frozen=True)
class Rows:
    """A model whose last rows are data, and its worlds as tiles."""

    source: str = SOURCE
    world: World = field(init=False)
    way: Way = field(init=False)

    def __post_init__(self) -> None:
        world = World.from_source(self.source)
        object.__setattr__(self, "world", world)
        graph = world.session.graph
        object.__setattr__(self, "way", Way(graph, None, world.effects.flatten(graph)))

    def tiles(self, parameters: np.ndarray, data: np.ndarray) -> np.ndarray:
        """Of worlds with these parameters and data, `[worlds, …]` each."""
        columns = np.concatenate([parameters, data], axis=1).astype(np.float32)
        rows = dict(zip(self.way.lanes.sites, columns.T, strict=True))
        return self.way.lanes.tiles(rows, len(columns))

    def parameters(self, tiles: np.ndarray, worlds: int, count: int) -> np.ndarray:
        """Those of the worlds in tiles, `[worlds, count]`."""
        rows = list(self.way.lanes.rows(tiles, worlds).values())
        return np.stack(rows[:count], axis=1)


def posterior_draws(joint: Joint, step: Step, sweeps: int, draws: int = 19) -> Step:
    """Draws for `calibration`: the last state of chains that begin in the prior, all side by side.

    Args:
      joint: of parameters and data.
      step: as for `geweke`.
      sweeps: how many steps are made.
      draws: chains for each data set.
    """

    def infer(rng: np.random.Generator, data: np.ndarray) -> np.ndarray:
        each = np.repeat(data, draws, axis=0)
        states = joint.prior(rng, len(each))
        for _ in range(sweeps):
            states = step(rng, states, each)
        return states.reshape(len(data), draws, -1)

    return infer
