"""BlackJAX as a peer: particles of the linear state space model, in the space of its noises.

All particles are whole paths, whose noises are standard normal, as the rows of a world are here; the
proposal is that of `inference.Drift`. Of BlackJAX come the general step of SMC, adaptive tempering,
resampling and the Metropolis kernel. Its `partial_posteriors_path` would be the nearest to sentences, but
version 1.7.1 moves particles under the new posterior before it weighs them by it, and so counts each
observation twice; `smc.base.step` is put together in the right order here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from blackjax.mcmc import random_walk
from blackjax.smc import adaptive_tempered, base, resampling
from jax.scipy.stats import norm

from experiments.bench.state_space import SEEN_NOISE, Model, unfold
from inference import Drift


@dataclass(frozen=True, eq=False)
class Answer:
    """What a filter found.

    Args:
      log_evidence: its estimate.
      means: `[steps]`, of each state given all that was seen.
    """

    log_evidence: float
    means: np.ndarray


def _proposal(drift: Drift, sites: jax.Array) -> Callable:
    """A step of one noise among the first few, as `inference.Drift` takes it."""
    low, high = np.log(drift.least), np.log(drift.most)

    def propose(key: jax.Array, noises: jax.Array) -> jax.Array:
        which, scale, way = jax.random.split(key, 3)
        site = jax.random.randint(which, (), 0, sites)
        length = jnp.exp(low + (high - low) * jax.random.uniform(scale))
        return noises.at[site].add(length * (2 * jax.random.uniform(way) - 1) * np.sqrt(3))

    return propose


def _prior(noises: jax.Array) -> jax.Array:
    return -jnp.sum(noises**2) / 2


def filtered(model: Model, particles: int, moves: int) -> Callable[[int], Answer]:
    """Observation after observation: resample, move, go on to the next state, weigh.

    Args:
      model: linear.
      particles: how many.
      moves: Metropolis steps of each particle after each resampling.

    Returns:
      A function of a seed.
    """
    steps = len(model.seen)
    path, seen = jnp.asarray(unfold(steps), jnp.float32), jnp.asarray(model.seen, jnp.float32)
    kernel = random_walk.build_rmh()

    def each(noises: jax.Array) -> jax.Array:
        return norm.logpdf(seen, path @ noises, SEEN_NOISE)

    def one(state: base.SMCState, step: tuple[jax.Array, jax.Array]) -> tuple:
        key, t = step
        before = jnp.arange(steps) < t

        def target(noises: jax.Array) -> jax.Array:
            return _prior(noises) + jnp.sum(jnp.where(before, each(noises), 0.0))

        propose = _proposal(Drift(), jnp.maximum(t, 1))

        def update(keys: jax.Array, noises: jax.Array, _: object) -> tuple:
            def follow(key: jax.Array, noise: jax.Array) -> jax.Array:
                here: Any = random_walk.init(noise, target)

                def move(here: random_walk.RWState, key: jax.Array) -> tuple:
                    return kernel(key, here, target, propose)[0], None

                moving, going = jax.random.split(key)
                here, _ = jax.lax.scan(move, here, jax.random.split(moving, moves))
                return here.position.at[t].set(jax.random.normal(going))

            return jax.vmap(follow)(keys, noises), None

        def weigh(noises: jax.Array) -> jax.Array:
            return norm.logpdf(seen[t], noises @ path[t], SEEN_NOISE)

        state, info = base.step(key, state, update, weigh, resampling.systematic)
        return state, info.log_likelihood_increment

    @jax.jit
    def run(key: jax.Array) -> tuple[jax.Array, jax.Array]:
        first, rest = jax.random.split(key)
        noises = jax.random.normal(first, (particles, steps))
        state: Any = base.init(noises, {})
        keys = jax.random.split(rest, steps)
        state, gains = jax.lax.scan(one, state, (keys, jnp.arange(steps)))
        return jnp.sum(gains), state.weights @ (state.particles @ path.T)

    def answer(seed: int) -> Answer:
        log_evidence, means = run(jax.random.key(seed))
        return Answer(float(log_evidence), np.asarray(means))

    return answer


def tempered(model: Model, particles: int, moves: int, keep: float) -> Callable[[int], Answer]:
    """All observations at once, by adaptive tempering.

    Args:
      model: linear.
      particles: how many.
      moves: Metropolis steps of each particle after each resampling.
      keep: effective share of particles that a step of tempering keeps.

    Returns:
      A function of a seed.
    """
    steps = len(model.seen)
    path, seen = jnp.asarray(unfold(steps), jnp.float32), jnp.asarray(model.seen, jnp.float32)
    kernel, propose = random_walk.build_rmh(), _proposal(Drift(), jnp.asarray(steps))

    def likelihood(noises: jax.Array) -> jax.Array:
        return jnp.sum(norm.logpdf(seen, path @ noises, SEEN_NOISE))

    def move(key: jax.Array, here: random_walk.RWState, target: Callable) -> tuple:
        return kernel(key, here, target, propose)

    algorithm = adaptive_tempered.as_top_level_api(
        _prior,
        likelihood,
        move,
        random_walk.init,
        {},
        resampling.systematic,
        keep,
        num_mcmc_steps=moves,
    )
    go = jax.jit(algorithm.step)
    means = jax.jit(lambda state: state.weights @ (state.particles @ path.T))

    def answer(seed: int) -> Answer:
        first, rest = jax.random.split(jax.random.key(seed))
        state = adaptive_tempered.init(jax.random.normal(first, (particles, steps)))
        total = 0.0
        while state.tempering_param < 1:
            rest, key = jax.random.split(rest)
            state, info = go(key, state)
            total += float(info.log_likelihood_increment)
        return Answer(total, np.asarray(means(state)))

    return answer
