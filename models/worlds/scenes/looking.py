"""From a net's proposal to the scenes that explain a picture: one run of sequential Monte Carlo.

Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers (2006).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from inference.particles import Particles
from inference.resampling import systematic
from models.worlds.scenes.moves import SEARCH, SETTLE, Scenes, View, added, moved
from models.worlds.scenes.others import centres
from plot.errors import ImpossibleEvidence

MOST_STEPS = 200  # a run that takes more is given up
KEPT = 8  # states of each scene's last moves that are kept


@dataclass(frozen=True, eq=False)
class Look:
    """Scenes that explain a picture, equally weighted.

    Args:
      scenes: at the posterior; once settled, all that the last moves came through at intervals.
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
    keep: float,
    progress: Callable[[int], None] | None = None,
) -> Look:
    """Lead scenes from the net's proposal to the posterior given a picture.

    Args:
      key: the seed.
      view: the picture.
      scenes: how many.
      moves: of each scene after each step.
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
        now, accepted = moved(
            move_key, view, now, jnp.float32(step), jnp.int32(moves), jnp.array(SEARCH)
        )
        if progress is not None:
            progress(moves * scenes)
        if step >= 1:
            return Look(now, particles.log_evidence, particles.families, number, float(accepted))
    raise ImpossibleEvidence(
        f"no scene was found that explains the picture, in {MOST_STEPS} steps",
        None,
        "look with more scenes, or allow more noise",
    )


def left_open(view: View, scene: Float[Array, " rows"], parts: int) -> list[Array]:
    """How the log density of a picture changes with one thing more of each description in each cell.

    Args:
      view: the picture.
      scene: what it shows.
      parts: calls into which it is divided, made at once.
    """
    with ThreadPoolExecutor(parts) as pool:
        return list(
            pool.map(lambda part: added(view, scene, part), np.array_split(centres(), parts))
        )


def settled(
    key: PRNGKeyArray,
    view: View,
    look: Look,
    moves: int,
    progress: Callable[[int], None] | None = None,
) -> Look:
    """States that scenes come through at the posterior.

    Args:
      key: the seed.
      view: the picture.
      look: the scenes.
      moves: of each.
      progress: called with the number of moves now and then.

    Source: Dau and Chopin, Waste-free sequential Monte Carlo (2022).
    """
    now, kept, accepted, each = look.scenes, [], 0.0, -(-moves // KEPT)
    for one in jax.random.split(key, KEPT):
        now, share = moved(one, view, now, jnp.ones(()), jnp.int32(each), jnp.array(SETTLE))
        kept.append(now)
        accepted += float(share) / KEPT
        if progress is not None:
            progress(each * len(now.rows))
    families = np.tile(look.families, KEPT)
    return replace(look, scenes=joined(kept), families=families, accepted=accepted)


def joined(kept: list[Scenes]) -> Scenes:
    """Scenes one after another."""
    return jax.tree.map(lambda *parts: jnp.concatenate(parts), *kept)


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
    key: PRNGKeyArray, particles: Particles, scenes: Scenes, count: int = 0
) -> tuple[Particles, Scenes, np.ndarray]:
    """Equally weighted scenes, by systematic resampling, and which each of them was.

    Args:
      key: the seed.
      particles: the scenes' weights.
      scenes: of which some are drawn.
      count: how many; as many as there are where not given.
    """
    logs = particles.log_weights - particles.log_weights.max()
    ancestors = np.asarray(systematic(key, logs, count or particles.worlds))
    chosen = jax.tree.map(lambda part: part[jnp.asarray(ancestors)], scenes)
    return particles.chosen(ancestors, independent=False), chosen, ancestors
