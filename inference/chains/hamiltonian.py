"""Chains that follow gradients, and Metropolis moves of finite choices between: one kernel, vmapped.

Source: Neal, MCMC using Hamiltonian dynamics (2011); Hoffman and Gelman, The no-U-turn sampler (2014), as
BlackJAX has them; Liu, Wong and Kong, for the alternation of kernels (1995).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
from blackjax.mcmc.hmc import HMCState
from blackjax.mcmc.integrators import velocity_verlet
from blackjax.mcmc.random_walk import RWState, build_rmh
from jaxtyping import PRNGKeyArray

from inference.chains.kernels import Kernel

BLOCKS = 10  # in which steps are made, with a word on progress after each

type Array = Any  # traced by JAX; BlackJAX's types say less than the docstrings here
type Density = Callable[[Array, Array], Array]  # of a point and of what is held


class State(NamedTuple):
    """Where a chain is.

    Args:
      position: `[smooth]`.
      held: `[held]`.
      logdensity: there.
      logdensity_grad: `[smooth]`.
    """

    position: Array
    held: Array
    logdensity: Array
    logdensity_grad: Array


class Info(NamedTuple):
    """What happened in a step.

    Args:
      acceptance_rate: of the trajectory.
      divergent: whether its energy left all bounds where there is a density.
      wall: whether it ended where there is none.
      changed: share of the finite choices' proposals that were accepted.
    """

    acceptance_rate: Array
    divergent: Array
    wall: Array
    changed: Array


class Draws(NamedTuple):
    """What chains went through.

    Args:
      points: `[chains, steps, smooth]`.
      held: `[chains, steps, held]`.
      info: `[chains, steps]` each.
      step_size: of all chains.
    """

    points: np.ndarray
    held: np.ndarray
    info: Info
    step_size: float


def initial(density: Density, point: Array, held: Array) -> State:
    """The state of a chain at a point."""
    value, slope = jax.value_and_grad(density)(point, held)
    return State(point, held, value, slope)


def step(
    kernel: Kernel, density: Density, moved: int, integrator: Any
) -> Callable[..., tuple[State, Info]]:
    """A trajectory given what is held, then a Metropolis move of each finite choice given the point.

    Args:
      kernel: of the trajectory.
      density: of a point and of what is held.
      moved: how many of the held rows are moved, the first of them.
      integrator: of BlackJAX.
    """
    trajectory = kernel.build(integrator)

    def run(
        key: PRNGKeyArray, state: State, _: object, step_size: Array, inverse_mass_matrix: Array
    ) -> tuple[State, Info]:
        go, choose = jax.random.split(key)
        here = HMCState(state.position, state.logdensity, state.logdensity_grad)
        there, info = trajectory(
            go, here, lambda z: density(z, state.held), step_size, inverse_mass_matrix
        )
        left, right = kernel.ends(info)
        wall = info.is_divergent & ~(jnp.isfinite(left) & jnp.isfinite(right))
        divergent = info.is_divergent & ~wall
        rate = jnp.asarray(info.acceptance_rate)
        if not moved:
            return State(there.position, state.held, there.logdensity, there.logdensity_grad), Info(
                rate, divergent, wall, jnp.zeros(())
            )
        held, accepted = redraw(
            choose, partial(density, there.position), state.held, there.logdensity, moved
        )
        return initial(density, there.position, held), Info(rate, divergent, wall, accepted)

    return run


def redraw(
    key: PRNGKeyArray, density: Callable[[Array], Array], held: Array, log: Array, moved: int
) -> tuple[Array, Array]:
    """Metropolis: one finite choice after the other is drawn anew from the prior.

    Args:
      key: the seed.
      density: log density of what is held.
      held: uniform rows.
      log: the log density there.
      moved: how many are moved, the first of them.

    Returns:
      What is held after it, and the share of proposals that were accepted.
    """
    metropolis = build_rmh()

    def one(state: RWState, given: tuple[Array, Array]) -> tuple[RWState, Array]:
        row, key = given
        state, info = metropolis(
            key, state, density, lambda k, p: p.at[row].set(jax.random.uniform(k, dtype=p.dtype))
        )
        return state, info.is_accepted

    rows = jnp.arange(moved), jax.random.split(key, moved)
    end, accepted = jax.lax.scan(one, RWState(held, log), rows)
    return end.position, accepted.mean()


def sample(
    density: Density,
    points: np.ndarray,
    held: np.ndarray,
    key: PRNGKeyArray,
    kernel: Kernel,
    lengths: tuple[int, int, int],
    acceptance: float = 0.8,
    moved: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Draws:
    """Warm chains up, and keep what they go through.

    The warmup adapts a step size and a diagonal mass matrix in each chain; the chains go on with the
    median of the former and the mean of the latter.

    Args:
      density: log density of one chain's point and of what it holds, where all chains begin finite.
      points: `[chains, smooth]`, where they begin.
      held: `[chains, held]`.
      key: the seed.
      kernel: what follows gradients.
      lengths: steps of the warmup, states that are kept, steps from one to the next.
      acceptance: rate that the step size is adapted to.
      moved: how many of the held rows are moved, the first of them; all where not given.
      progress: called with the number of states kept so far.
    """
    warmup, steps, thin = lengths
    chains = len(points)
    count = held.shape[1] if moved is None else moved

    def warm(key: PRNGKeyArray, point: Array, held: Array) -> tuple[State, Array, Array]:
        algorithm = SimpleNamespace(
            init=lambda position, _: initial(density, position, held), build_kernel=build_kernel
        )
        adaptation = blackjax.window_adaptation(
            algorithm,
            lambda z: density(z, held),
            target_acceptance_rate=acceptance,
            adaptation_info_fn=lambda *_: None,
        )
        found, _ = adaptation.run(key, point, num_steps=warmup)  # type: ignore[call-arg]
        parameters = found.parameters
        return found.state, parameters["step_size"], parameters["inverse_mass_matrix"]

    def build_kernel(integrator: Any) -> Callable[..., tuple[State, Info]]:
        return step(kernel, density, count, integrator)

    kernel_step = build_kernel(velocity_verlet)
    block = -(-steps // BLOCKS)

    def go(key: PRNGKeyArray, state: State, size: Array, mass: Array) -> tuple[State, tuple]:
        def kept(state: State, key: PRNGKeyArray) -> tuple[State, tuple]:
            def one(state: State, key: PRNGKeyArray) -> tuple[State, Info]:
                return kernel_step(key, state, None, size, mass)

            state, info = jax.lax.scan(one, state, jax.random.split(key, thin))
            return state, (state.position, state.held, jax.tree.map(lambda x: x.mean(0), info))

        return jax.lax.scan(kept, state, jax.random.split(key, block))

    warm_key, key = jax.random.split(key)
    begun = jnp.asarray(points, jnp.float32), jnp.asarray(held, jnp.float32)
    states, sizes, masses = jax.jit(jax.vmap(warm))(jax.random.split(warm_key, chains), *begun)
    size, mass = jnp.median(sizes), masses.mean(axis=0)
    run: Any = jax.jit(jax.vmap(go, in_axes=(0, 0, None, None)))
    parts = []
    for number in range(-(-steps // block)):
        keys = jax.random.split(jax.random.fold_in(key, number), chains)
        states, found = run(keys, states, size, mass)
        parts.append(jax.tree.map(np.asarray, found))
        if progress is not None:
            progress(min((number + 1) * block, steps) * chains)
    out = jax.tree.map(lambda *x: np.concatenate(x, axis=1)[:, :steps], *parts)
    kept_points, kept_held, info = out
    return Draws(kept_points, kept_held, info, float(size))
