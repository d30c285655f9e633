"""Someone who sees a walk and infers what the walker likes: Bayes' rule over the walker's plans.

The watcher believes each place to be open with some probability, and takes the walker to know what is
open with probability `INFORMED`, and otherwise to imagine it at even odds. What is seen is where the
walk leads, and whether by bike.

Source: Baker, Saxe and Tenenbaum, Action understanding as inverse planning (2009).
"""

from __future__ import annotations

from functools import cache, partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from models.worlds.lunch.campus import PLACES
from models.worlds.lunch.goals import all_goal_chances

INFORMED = 0.9


@cache
def table() -> np.ndarray:
    """`[bike, goal, likes, open]`: the chance of what is seen.

    Of who stays in, nobody sees whether there is a bike.
    """
    chances = all_goal_chances().transpose(2, 3, 0, 1)
    chances[:, -1] = chances[:, -1].mean(0)
    return chances.astype(np.float32)


def judge_likings(
    beliefs: Float[Array, "places worlds"],
    goal: Float[Array, " worlds"],
    bike: Bool[Array, " worlds"],
) -> Float[Array, "places worlds"]:
    """How probable it is for the watcher that the walker likes each place.

    Args:
      beliefs: the watcher's, that each place is open.
      goal: where the walker goes, by number; the number of places for staying in.
      bike: whether the walker has a bike.
    """
    return _judged(jnp.asarray(table()), beliefs, goal, bike)


@partial(jax.jit)
def _judged(chances: Array, beliefs: Array, goal: Array, bike: Array) -> Array:
    places = len(PLACES)
    configurations = np.array(list(np.ndindex(*(2,) * places)), bool)  # [2 ** places, places]
    by_place = jnp.where(configurations[:, :, None], beliefs, 1 - beliefs)
    really = jnp.prod(by_place, 1)  # [open, worlds]
    taken = INFORMED * really + (1 - INFORMED) / len(configurations)
    seen = jnp.einsum("bglo,ow->bglw", chances, taken)
    worlds = jnp.arange(goal.shape[0])
    of_likes = seen[bike.astype(jnp.int32), goal.astype(jnp.int32), :, worlds]  # [worlds, likes]
    likes = of_likes @ jnp.asarray(configurations, jnp.float32)
    return (likes / jnp.sum(of_likes, 1, keepdims=True)).T
