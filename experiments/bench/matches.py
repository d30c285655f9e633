"""One posterior for all samplers: a tug-of-war among eight people, with soft and with hard matches.

Source: Wong and others, From Word Models to World Models (2023), section 2, for the world.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from models.worlds import load
from plot.world import World

PEOPLE = ("tom", "john", "mary", "sue", "ann", "bob", "kim", "lee")
MATCHES = (  # winners, losers
    (("tom",), ("john",)),
    (("john", "mary"), ("tom", "sue")),
    (("ann",), ("mary",)),
    (("mary",), ("bob",)),
    (("kim", "lee"), ("mary", "ann")),
    (("mary", "sue"), ("kim", "bob")),
    (("lee",), ("tom",)),
)
ASKED = "mary"
SOFT = 5.0  # a difference of pulls by which a soft match is won with probability 0.73
MEAN, DEVIATION = 50.0, 20.0  # of strengths


def _team(names: tuple[str, ...]) -> str:
    return f"(team-pull '({' '.join(names)}))"


def told(soft: bool) -> World:
    """The world that has been told who won.

    Args:
      soft: whether the stronger pull wins only the more probably the stronger it is, or else always.
    """
    world = load("tug_of_war")
    for winners, losers in MATCHES:
        ahead = f"{_team(losers)} {_team(winners)}"
        world = world.tell(
            f"(factor (- (log (+ 1 (exp (/ (- {ahead}) {SOFT:g}))))))"
            if soft
            else f"(condition (< {ahead}))"
        )
    return world


def log_likelihood(strength: jax.Array, laziness: jax.Array) -> jax.Array:
    """Log probability of all soft matches, summed over who was lazy in which.

    Args:
      strength: `[people]`.
      laziness: `[people]`.
    """
    return sum((_match(*match, strength, laziness) for match in MATCHES), start=jnp.zeros(()))


def _match(
    winners: tuple[str, ...], losers: tuple[str, ...], strength: jax.Array, laziness: jax.Array
) -> jax.Array:
    players = np.array([PEOPLE.index(name) for name in (*winners, *losers)])
    side = np.array([1.0] * len(winners) + [-1.0] * len(losers))
    lazy = np.array(list(itertools.product((False, True), repeat=len(players))))
    shares = jnp.where(lazy, jnp.log(laziness[players]), jnp.log1p(-laziness[players]))
    pulls = strength[players] * jnp.where(lazy, 0.5, 1.0)
    won = jax.nn.log_sigmoid((pulls @ side) / SOFT)
    return jax.nn.logsumexp(shares.sum(axis=1) + won)


@dataclass(frozen=True, eq=False)
class Draws:
    """What a sampler found.

    Args:
      strength: `[chains, draws]`, of the person who is asked about.
      steps: single-site Metropolis steps that it took, 0 for other kernels.
      seconds: that the sampler itself measured; None where it is timed from outside.
    """

    strength: np.ndarray
    steps: int = 0
    seconds: float | None = None
