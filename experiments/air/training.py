"""Training attend-infer-repeat with one of several gradient estimators."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, PRNGKeyArray

from experiments import digits
from experiments.air.model import Air
from experiments.air.pictures import Canvas, maker
from vi import elbo, iwelbo, maximise
from vi.fitting import Checkpoints, FitOptions, Fitted, RowEstimates, optimise
from vi.strategies import Enumerate, LeaveOneOut, MeasureValued, Reinforce, Strategy

RATE, CLIP = 2e-3, 100.0


@dataclass(frozen=True)
class Method:
    """An objective, and the gradient strategy at the choices whether there is an object.

    Args:
      objective: of a target and a guide.
      presence: the strategy.
      estimates: of each picture in a step; a leave-one-out baseline needs 2 or more.
    """

    objective: Callable[[Any, Any], Array]
    presence: Strategy
    estimates: int = 1


METHODS = {
    "reinforce": Method(elbo, Reinforce(LeaveOneOut()), 2),
    "enum": Method(elbo, Enumerate()),
    "mvd": Method(elbo, MeasureValued()),
    "iwae_reinforce": Method(partial(iwelbo, n=5), Reinforce(LeaveOneOut()), 2),
    "iwae_mvd": Method(partial(iwelbo, n=5), MeasureValued()),
    # What Pyro comes closest to, to compare steps with.
    "iwae_reinforce_no_baseline": Method(partial(iwelbo, n=5), Reinforce()),
}


@dataclass(frozen=True)
class Setting:
    """How long, and on what, to train.

    Args:
      steps: of Adam.
      batch: pictures of a step, each made anew.
      canvas: size of pictures.
    """

    steps: int = 400
    batch: int = 32
    canvas: Canvas = Canvas()

    def air(self, method: str) -> Air:
        """Model and guide."""
        return Air(self.canvas, METHODS[method].presence)


def pictures_of(setting: Setting) -> Callable[[PRNGKeyArray], Array]:
    """A function from a key to the pictures of a step, `[batch, side, side]`, of digits to train on."""
    make = maker(setting.canvas, digits.load()[0].pictures)
    return lambda key: jax.vmap(make)(jax.random.split(key, setting.batch))[0]


def estimator(method: str, setting: Setting) -> RowEstimates:
    """The estimator of the loss and its gradient: pictures from digits to train on."""
    chosen, air = METHODS[method], setting.air(method)
    objective = maximise(
        lambda params, x: chosen.objective(air.target(params, x), air.guide(params, x))
    )
    return RowEstimates(objective, pictures_of(setting), chosen.estimates)


def train(
    key: PRNGKeyArray,
    method: str,
    setting: Setting,
    folder: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Fitted:
    """Train networks; goes on from the folder's checkpoint where there is one.

    Args:
      method: a key of `METHODS`.
      folder: for checkpoints; none are written where not given.
    """
    # The schedule ends where the training does: another number of steps is another training.
    schedule = optax.cosine_decay_schedule(RATE, setting.steps)
    optimiser = optax.chain(optax.clip_by_global_norm(CLIP), optax.adam(schedule))
    kept = None if folder is None else Checkpoints(folder, every=100)
    options = FitOptions(setting.steps, optimiser, checkpoints=kept, chunk=25)
    params = setting.air(method).init(jax.random.fold_in(key, 1))
    return optimise(key, estimator(method, setting), params, options, progress)


@dataclass(frozen=True, eq=False)
class Judged:
    """Held-out pictures and what the guide makes of them.

    Args:
      pictures: `[n, side, side]`.
      counts: `[n]`, digits that are there.
      found: `[n]`, objects that the guide sees.
      corners: `[n, most, 2]`, where; NaN for none.
      again: `[n, side, side]`, the pictures drawn from the guide's reading.
    """

    pictures: np.ndarray
    counts: np.ndarray
    found: np.ndarray
    corners: np.ndarray
    again: np.ndarray

    @property
    def right(self) -> tuple[float, float]:
        """The share of pictures whose objects are counted right, and its standard error."""
        share = float((self.counts == self.found).mean())
        return share, math.sqrt(max(share * (1 - share), 1 / len(self.counts)) / len(self.counts))

    @property
    def error(self) -> float:
        """Root mean squared error of a pixel."""
        return float(np.sqrt(np.mean((self.pictures - self.again) ** 2)))


def judge(key: PRNGKeyArray, air: Air, params: Any, pictures: int) -> Judged:
    """Count the objects of pictures that are made of held-out digits."""
    make = maker(air.canvas, digits.load()[1].pictures)
    shown, counts = jax.jit(jax.vmap(make))(jax.random.split(key, pictures))
    found = jax.jit(lambda p, x: jax.vmap(lambda one: air.explain(p, one))(x))(params, shown)
    count, corners, again = (np.asarray(x) for x in found)
    return Judged(np.asarray(shown), np.asarray(counts), count, corners, again)


def starting_share(counts: np.ndarray) -> float:
    """The share that is right who always says the most frequent number."""
    return float(np.bincount(counts).max() / len(counts))


def untrained(key: PRNGKeyArray, setting: Setting, pictures: int) -> float:
    """The share that the guide counts right before it has been trained."""
    air = setting.air("enum")
    return judge(key, air, air.init(jnp.asarray(key)), pictures).right[0]
