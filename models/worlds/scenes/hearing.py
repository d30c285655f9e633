"""From the scenes that explain a picture to those that also agree with what was told.

Scenes that break what was told are charged for it, more and more, and at last ruled out. In between,
some moves under the picture alone are proposed at once and taken if what was told allows it, so that a
new sentence compiles nothing. Which things to propose is found by trying what was told on the scenes of
another run with one thing more.

Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers (2006); Christen and Fox, Markov
chain Monte Carlo using an approximation (2005), for moves that are proposed together; Dau and Chopin,
Waste-free sequential Monte Carlo (2022), for states that are kept.
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
from models.worlds.scenes.looking import Look, following, joined, resampled
from models.worlds.scenes.moves import SETTLE, Scenes, View, moved, one_more
from models.worlds.scenes.others import KINDS_OF_THINGS, centres, known
from plot.compiler.graph import Node
from plot.simulate import log_weight
from plot.world import Question

CHARGE = 14.0  # log weight that a scene loses for breaking what was told, before it is ruled out
MOST_CHARGED = 2.0  # in one step, so that scenes have time to move where nothing is broken
KEEP = 0.5  # effective share of scenes that a step keeps
AT_ONCE, ROUNDS, LAST_ROUNDS = 6, 8, 20  # moves that are proposed together; proposals after a step
TRIED = 32  # scenes to which one thing more of each description is added
PLAIN = 0.2  # weight of descriptions that do not help, relative to all others together

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


def heard(
    key: PRNGKeyArray,
    view: View,
    gains: Float[np.ndarray, " cells"],
    look: Look,
    other: Look,
    told: Told,
    scenes: int,
) -> Look | None:
    """Lead scenes that explain a picture to those that agree with what was told; None if none does.

    Args:
      key: the seed.
      view: the picture.
      gains: what the picture leaves open.
      look: the scenes.
      other: those of another run, on which one thing more is tried.
      told: log weights of rows.
      scenes: how many go on from step to step.
    """
    hint_key, key = jax.random.split(key)
    view = view._replace(others=known(gains, favoured(hint_key, gains, other.scenes, told)))
    now, logs = look.scenes, told(np.asarray(look.scenes.rows))
    particles = replace(Particles.of_prior(len(logs)), families=look.families)
    step = 0.0
    while step < 1:
        before = step
        step = min(following(_charged(logs), step, KEEP), step + MOST_CHARGED / CHARGE)
        particles = particles.weighed((step - before) * _charged(logs))
        particles, kept, logs, key = _on(
            key, view, particles, now, logs, told, step, ROUNDS, scenes
        )
        now = kept[-1]
    particles = particles.weighed(logs - _charged(logs))
    if not particles.possible:
        return None
    particles, kept, _, key = _on(key, view, particles, now, logs, told, None, LAST_ROUNDS, scenes)
    return replace(
        look,
        scenes=joined(kept),
        log_evidence=look.log_evidence + particles.log_evidence,
        families=np.tile(particles.families, len(kept)),
    )


def favoured(
    key: PRNGKeyArray, gains: Float[np.ndarray, " cells"], scenes: Scenes, told: Told
) -> Float[np.ndarray, " descriptions"]:
    """Weights of the descriptions of one thing more, by how often what was told is true with it.

    Args:
      key: the seed.
      gains: what the picture leaves open.
      scenes: to which things are added.
      told: log weights of rows.
    """
    pick_key, place_key, more_key = jax.random.split(key, 3)
    picked = jax.random.randint(pick_key, (TRIED,), 0, len(scenes.rows))
    upto = np.diff(np.asarray(known(gains).upto, np.float64), prepend=0.0)
    upto = np.cumsum(upto.reshape(KINDS_OF_THINGS, -1) + 1e-12, 1)
    even = np.asarray(jax.random.uniform(place_key, (KINDS_OF_THINGS, TRIED)))
    cells = [np.searchsorted(row / row[-1], u) for row, u in zip(upto, even, strict=True)]
    places = np.minimum(cells, upto.shape[1] - 1) + upto.shape[1] * np.arange(KINDS_OF_THINGS)[:, None]  # fmt: skip
    rows = one_more(
        jax.random.split(more_key, places.size),
        jnp.tile(scenes.rows[picked], (KINDS_OF_THINGS, 1)),
        jnp.asarray(centres()[places.ravel()]),
    )
    weights = np.exp(_charged(told(np.asarray(rows)))).reshape(places.shape).mean(1)
    return PLAIN * weights.mean() + weights


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
    count: int,
) -> tuple[Particles, list[Scenes], np.ndarray, PRNGKeyArray]:
    """Resample scenes and move them; where no step is given, what was told rules scenes out.

    Returns:
      The particles, the scenes after each round, what the last ones weigh, and a seed.
    """
    kept = []

    def weight(logs: np.ndarray) -> np.ndarray:
        return logs if step is None else step * _charged(logs)

    resample_key, key = jax.random.split(key)
    particles, scenes, ancestors = resampled(resample_key, particles, scenes, count)
    logs = logs[ancestors]
    for _ in range(rounds):
        move_key, accept_key, key = jax.random.split(key, 3)
        new, _ = moved(move_key, view, scenes, jnp.ones(()), jnp.int32(AT_ONCE), jnp.array(SETTLE))
        new_logs = told(np.asarray(new.rows))
        chance = np.log(np.asarray(jax.random.uniform(accept_key, logs.shape)))
        accept = chance < weight(new_logs) - weight(logs)
        scenes = _where(jnp.asarray(accept), new, scenes)
        logs = np.where(accept, new_logs, logs)
        kept.append(scenes)
    return particles, kept, logs, key


def _where(accept: Bool[Array, " scenes"], new: Scenes, old: Scenes) -> Scenes:
    def pick(a: Array, b: Array) -> Array:
        return jnp.where(accept[:, None] if a.ndim > 1 else accept, a, b)

    return jax.tree.map(pick, new, old)
