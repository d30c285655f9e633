"""Likely worlds for pictures: values drawn from what is believed, and how much was told."""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from inference import Auto
from plot.data import spine
from plot.world import World


def likely(
    world: World, key: PRNGKeyArray, what: str, worlds: int, count: int
) -> tuple[Float[Array, "values count"], float]:
    """Draw the values of an expression in likely worlds.

    Args:
      world: with what was told.
      key: the seed.
      what: an expression whose value is a list of numbers, equally long in all worlds.
      worlds: that inference draws.
      count: how many are kept, equally weighted.

    Returns:
      Their values `[values, count]`, and how many independent worlds the belief is worth.

    Raises:
      ImpossibleEvidence: where no world fits what was told.
    """
    infer, draw = jax.random.split(key)
    answer = Auto(worlds=worlds).infer(infer, world.ask(what))
    rows = [[float(str(x)) for x in spine(row)[0]] for row in answer.sample(draw, count)]
    return jnp.array(rows, jnp.float32).T, answer.effective_size


def told_in_words(statements: int) -> str:
    """How much was told, for a title.

    >>> told_in_words(0), told_in_words(1), told_in_words(2)
    ('nothing told yet', '1 statement told', '2 statements told')
    """
    if not statements:
        return "nothing told yet"
    return f"{statements} statement{'s' if statements > 1 else ''} told"
