"""Planning on a grid by value iteration, batched over worlds.

A break has a fixed number of steps. A step in a cell pays what the cell pays, and a move costs; the
value of a cell with so many steps to go is the best sum that can still be had (finite-horizon dynamic
programming). Arrays have worlds last, so that each operation runs along them.

Source: Bellman, Dynamic Programming (1957), chapter 3; Ziebart et al., Modeling interaction via the
principle of maximum causal entropy (2010), for the soft choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from models.worlds.lunch.campus import DIRECTIONS, STAY, Grid

NEVER = -1e9  # the value of a move into a wall
TIE = 1e-3  # values closer than this are ties: far above rounding, far below a move's cost


class Choice(Protocol):
    """How a move is chosen by its value."""

    def value(self, options: Array) -> Array:
        """What a state is worth in which these moves can be made."""
        ...

    def chances(self, options: Float[Array, "moves ..."]) -> Float[Array, "moves ..."]:
        """How probable each move is."""
        ...


@dataclass(frozen=True)
class Best:
    """The best move; one of the best at random where several are."""

    def value(self, options: Array) -> Array:
        """The largest."""
        return jnp.max(options, 0)

    def chances(self, options: Float[Array, "moves ..."]) -> Float[Array, "moves ..."]:
        """Equal among the best."""
        best = options >= jnp.max(options, 0) - TIE
        return best / jnp.sum(best, 0)


@dataclass(frozen=True)
class Soft:
    """Better moves are likelier: probabilities in proportion to `exp(value / temperature)`.

    Args:
      temperature: in units of value; near zero it is `Best`.
    """

    temperature: float = 1.0

    def value(self, options: Array) -> Array:
        """The mean of the values under this choice."""
        return jnp.sum(self.chances(options) * options, 0)

    def chances(self, options: Float[Array, "moves ..."]) -> Float[Array, "moves ..."]:
        """The softmax."""
        return jax.nn.softmax(options / self.temperature, 0)


@dataclass(frozen=True)
class Walks:
    """Walks through a break, one in each world.

    Args:
      cells: `[steps + 1, worlds]`, where the walker is at the beginning of each step and at the end.
      moves: `[steps, worlds]`: 0 stays, 1 to 4 walk, 5 to 8 bike in the directions of `DIRECTIONS`.
      luck: `[worlds]`, what is left of the chance that decided between moves.
    """

    cells: Int[Array, "after worlds"]
    moves: Int[Array, "steps worlds"]
    luck: Float[Array, " worlds"]


def move_costs(grid: Grid, bike: Bool[Array, " worlds"]) -> Float[Array, "moves cells worlds"]:
    """What each move costs in each cell; one that cannot be made costs too much."""
    shape = (len(DIRECTIONS), len(grid.cells), bike.shape[0])
    possible = jnp.asarray(grid.possible)[:, :, None]
    foot = jnp.where(possible, grid.on_foot, -NEVER)
    rides = jnp.where(possible & bike, jnp.asarray(grid.bike_costs)[:, :, None], -NEVER)
    stay = jnp.zeros((1, *shape[1:]))
    parts = [stay, jnp.broadcast_to(foot, shape), rides]
    return jnp.concatenate(parts).astype(jnp.float32)


def values(
    grid: Grid, pays: Float[Array, "cells worlds"], costs: Array, choice: Choice
) -> Float[Array, "steps cells worlds"]:
    """Value iteration: what each cell is worth with 0, 1, ... steps to go.

    Args:
      grid: the map.
      pays: of a step in each cell.
      costs: of `move_costs`.
      choice: how moves are chosen.
    """
    onto = jnp.asarray(_onto(grid))

    def sweep(value: Array, _: None) -> tuple[Array, Array]:
        return pays + choice.value(value[onto] - costs), value

    return jax.lax.scan(sweep, jnp.zeros_like(pays), None, length=grid.break_length)[1]


def walk(
    grid: Grid,
    worth: Float[Array, "steps cells worlds"],
    costs: Array,
    choice: Choice,
    start: Int[Array, " worlds"],
    luck: Float[Array, " worlds"],
    begin: Int[Array, " worlds"] | int = 0,
) -> Walks:
    """Make the moves of a plan.

    Args:
      grid: the map.
      worth: of `values`.
      costs: of `move_costs`.
      choice: how moves are chosen; that of the values.
      start: the first cell in each world.
      luck: uniform on 0 to 1; decides between moves of which each has a chance.
      begin: the step at which the walk begins; before it, the walker stays.
    """
    onto, worlds = jnp.asarray(_onto(grid)), jnp.arange(start.shape[0])

    def step(state: tuple[Array, Array], now: tuple[Array, Array]) -> tuple[Any, Any]:
        cell, luck = state
        time, ahead = now
        options = ahead[onto[:, cell], worlds] - costs[:, cell, worlds]
        move, luck_left = _pick(choice.chances(options), luck)
        active = time >= begin
        move = jnp.where(active, move, STAY)
        state = onto[move, cell], jnp.where(active, luck_left, luck)
        return state, (cell, move)

    times = jnp.arange(grid.break_length)
    (cell, luck), (cells, moves) = jax.lax.scan(step, (start, luck), (times, worth[::-1]))
    return Walks(jnp.concatenate([cells, cell[None]]), moves, luck)


def _pick(chances: Array, luck: Array) -> tuple[Array, Array]:
    """One of the moves, and the luck that is left: uniform again, given the move."""
    above = jnp.cumsum(chances, 0)
    total = above[-1]
    picked = jnp.minimum(jnp.sum(luck * total >= above, 0), chances.shape[0] - 1)
    chance = jnp.take_along_axis(chances, picked[None], 0)[0]
    below = jnp.take_along_axis(above, picked[None], 0)[0] - chance
    left = (luck * total - below) / jnp.where(chance > 0, chance, 1)
    return picked, jnp.clip(left, 0, 1 - 2**-24)


def _onto(grid: Grid) -> np.ndarray:
    """`[moves, cells]`: where each move leads."""
    stay = np.arange(len(grid.cells))[None]
    return np.concatenate([stay, grid.neighbours, grid.neighbours])
