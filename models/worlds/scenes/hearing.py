"""From the scenes that explain a picture to those that also agree with what was told.

Scenes that break what was told are charged for it, more and more, and at last ruled out. In between,
some moves under the picture alone are proposed at once and taken if what was told allows it, so that a
new sentence compiles nothing.

Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers (2006); Christen and Fox, Markov
chain Monte Carlo using an approximation (2005), for moves that are proposed together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray

from inference.lanes import Lanes
from inference.particles import Particles
from models.worlds.scenes.looking import Look, following, resampled
from models.worlds.scenes.moves import SETTLE, Scenes, View, moved
from plot.compiler.graph import Node
from plot.simulate import log_weight
from plot.world import Question

CHARGE = 14.0  # log weight that a scene loses for breaking what was told, before it is ruled out
MOST_CHARGED = 2.0  # in one step, so that scenes have time to move where nothing is broken
KEEP = 0.5  # effective share of scenes that a step keeps
AT_ONCE, ROUNDS, LAST_ROUNDS = 4, 15, 40  # moves that are proposed together; proposals after a step

type Told = Callable[[np.ndarray], Float[np.ndarray, " scenes"]]


def told_by(question: Question, sites: tuple[Node, ...]) -> Told | None:
    """A function from rows `[scenes, 61]` to the log weights of what a question's world was told.

    None where nothing was told.

    Args:
      question: of the world.
      sites: of the rows.
    """
    graph = question.world.session.graph
    weight, _ = log_weight(graph, question.effects)
    if not isinstance(weight, Node) and weight == 0:
        return None
    lanes = Lanes(graph, (weight,), question.effects.flatten(graph).clamps)

    def weigh(rows: np.ndarray) -> np.ndarray:
        held = {site: rows[:, i] for i, site in enumerate(sites)}
        found = lanes.values(lanes.tiles(held, len(rows)), len(rows))[0]
        return np.where(np.isnan(found), -np.inf, found).astype(np.float64)

    return weigh


def heard(key: PRNGKeyArray, view: View, look: Look, told: Told) -> Look | None:
    """Lead scenes that explain a picture to those that agree with what was told; None if none does.

    Args:
      key: the seed.
      view: the picture.
      look: the scenes.
      told: log weights of rows.
    """
    now, logs = look.scenes, told(np.asarray(look.scenes.rows))
    particles = replace(Particles.of_prior(len(logs)), families=look.families)
    step = 0.0
    while step < 1:
        before = step
        step = min(following(_charged(logs), step, KEEP), step + MOST_CHARGED / CHARGE)
        particles = particles.weighed((step - before) * _charged(logs))
        particles, now, logs, key = _on(key, view, particles, now, logs, told, step, ROUNDS)
    particles = particles.weighed(logs - _charged(logs))
    if not particles.possible:
        return None
    particles, now, _, key = _on(key, view, particles, now, logs, told, None, LAST_ROUNDS)
    return replace(
        look,
        scenes=now,
        log_evidence=look.log_evidence + particles.log_evidence,
        families=particles.families,
    )


def _charged(logs: np.ndarray) -> np.ndarray:
    return np.maximum(logs, -CHARGE)


def _on(
    key: PRNGKeyArray,
    view: View,
    particles: Particles,
    scenes: Scenes,
    logs: np.ndarray,
    told: Told,
    step: float | None,
    rounds: int,
) -> tuple[Particles, Scenes, np.ndarray, PRNGKeyArray]:
    """Resample scenes and move them; where no step is given, what was told rules scenes out."""

    def weight(logs: np.ndarray) -> np.ndarray:
        return logs if step is None else step * _charged(logs)

    resample_key, key = jax.random.split(key)
    particles, scenes, ancestors = resampled(resample_key, particles, scenes)
    logs = logs[ancestors]
    for _ in range(rounds):
        move_key, accept_key, key = jax.random.split(key, 3)
        new, _ = moved(move_key, view, scenes, jnp.ones(()), jnp.int32(AT_ONCE), jnp.array(SETTLE))
        new_logs = told(np.asarray(new.rows))
        chance = np.log(np.asarray(jax.random.uniform(accept_key, logs.shape)))
        accept = chance < weight(new_logs) - weight(logs)
        scenes = _where(jnp.asarray(accept), new, scenes)
        logs = np.where(accept, new_logs, logs)
    return particles, scenes, logs, key


def _where(accept: Bool[Array, " scenes"], new: Scenes, old: Scenes) -> Scenes:
    def pick(a: Array, b: Array) -> Array:
        return jnp.where(accept[:, None] if a.ndim > 1 else accept, a, b)

    return jax.tree.map(pick, new, old)
