"""From a net's proposal to the scenes that explain a picture: one run of sequential Monte Carlo.

Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers (2006).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from inference.particles import Particles
from inference.resampling import systematic
from models.worlds.scenes.moves import SEARCH, SETTLE, Scenes, View, moved
from plot.errors import ImpossibleEvidence

MOST_STEPS = 200  # a run that takes more is given up


@dataclass(frozen=True, eq=False)
class Look:
    """Scenes that explain a picture, equally weighted.

    Args:
      scenes: at the posterior.
      log_evidence: log density of the picture, `exp` of which is unbiased.
      families: int `[scenes]`, the draw of the net that each descends from.
      steps: between the proposal and the posterior.
      accepted: share of the moves at the end.
    """

    scenes: Scenes
    log_evidence: float
    families: np.ndarray
    steps: int
    accepted: float


_draw = jax.jit(lambda keys, proposal: jax.vmap(proposal.draw)(keys))


def begin(key: PRNGKeyArray, view: View, scenes: int) -> Scenes:
    """Scenes of the net's proposal for a picture.

    Args:
      key: the seed.
      view: the picture.
      scenes: how many.
    """
    draw_key, key = jax.random.split(key)
    rows = _draw(jax.random.split(draw_key, scenes), view.proposal)
    unknown = jnp.zeros(scenes)
    return moved(
        key, view, Scenes(rows, unknown, unknown), jnp.zeros(()), jnp.int32(0), jnp.array(SEARCH)
    )[0]


def look(
    key: PRNGKeyArray,
    view: View,
    scenes: int,
    moves: int,
    last_moves: int,
    keep: float,
    progress: Callable[[int], None] | None = None,
) -> Look:
    """Lead scenes from the net's proposal to the posterior given a picture.

    Args:
      key: the seed.
      view: the picture.
      scenes: how many.
      moves: of each scene after each step.
      last_moves: the same, at the end.
      keep: effective share that a step keeps.
      progress: called with the number of moves after each step.

    Raises:
      ImpossibleEvidence: where too many steps would be needed.
    """
    begin_key, key = jax.random.split(key)
    now = begin(begin_key, view, scenes)
    particles, step = Particles.of_prior(scenes), 0.0
    for number in range(1, MOST_STEPS + 1):
        way = np.asarray(now.target(1.0), np.float64) - np.asarray(now.target(0.0), np.float64)
        step, before = following(way, step, keep), step
        particles = particles.weighed((step - before) * way)
        resample_key, move_key, key = jax.random.split(key, 3)
        particles, now, _ = resampled(resample_key, particles, now)
        count, shares = (last_moves, SETTLE) if step >= 1 else (moves, SEARCH)
        now, accepted = moved(
            move_key, view, now, jnp.float32(step), jnp.int32(count), jnp.array(shares)
        )
        if progress is not None:
            progress(count * scenes)
        if step >= 1:
            return Look(now, particles.log_evidence, particles.families, number, float(accepted))
    raise ImpossibleEvidence(
        f"no scene was found that explains the picture, in {MOST_STEPS} steps",
        None,
        "look with more scenes, or allow more noise",
    )


def following(way: Float[Array, " scenes"] | np.ndarray, step: float, keep: float) -> float:
    """The next step between 0 and 1, at which weights keep an effective share.

    Args:
      way: what a scene's log weight gains from 0 to 1.
      step: the last one.
      keep: the share.

    >>> following(np.array([0.0, 100.0]), 0.0, 0.75) < 0.02
    True
    """

    def worth(to: float) -> float:
        logs = (to - step) * way
        weights = np.exp(logs - logs.max())
        return float(weights.sum() ** 2 / np.square(weights).sum() / len(weights))

    if worth(1.0) >= keep:
        return 1.0
    low, high = step, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if worth(middle) >= keep else (low, middle)
    return low if low > step else high


def resampled(
    key: PRNGKeyArray, particles: Particles, scenes: Scenes
) -> tuple[Particles, Scenes, np.ndarray]:
    """Equally weighted scenes, by systematic resampling, and which each of them was."""
    logs = jnp.asarray(particles.log_weights - particles.log_weights.max(), jnp.float32)
    ancestors = np.asarray(systematic(key, logs, particles.worlds))
    chosen = jax.tree.map(lambda part: part[jnp.asarray(ancestors)], scenes)
    return particles.chosen(ancestors, independent=False), chosen, ancestors
