"""Planning on a grid by value iteration, batched over worlds.

A break has a fixed number of steps. A step in a cell pays what the cell pays, and a move costs; the
value of a cell with so many steps to go is the best sum that can still be had (finite-horizon dynamic
programming). Arrays have worlds last, so that each operation runs along them.

Source: Bellman, Dynamic Programming (1957), chapter 3; Ziebart et al., Modeling interaction via the
principle of maximum causal entropy (2010), for the soft choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from models.worlds.lunch.campus import DIRECTIONS, STAY, Grid

NEVER = 1e9  # the cost of a move that cannot be made
TIE = 1e-3  # values closer than this are ties: far above rounding, far below a move's cost

type Options = Sequence[Array]
"""For each move, what making it is worth in each world (or in each cell and world)."""


class Choice(Protocol):
    """How a move is chosen by what it is worth."""

    def value(self, options: Options) -> Array:
        """What a state is worth in which these moves can be made."""
        ...

    def chances(self, options: Options) -> list[Array]:
        """How probable each move is."""
        ...


@dataclass(frozen=True)
class Best:
    """The best move; one of the best, each as probable as the others, where several are.

    >>> [float(p) for p in Best().chances([jnp.array(1.0), jnp.array(2.0), jnp.array(2.0)])]
    [0.0, 0.5, 0.5]
    """

    def value(self, options: Options) -> Array:
        """The largest."""
        return reduce(jnp.maximum, options)

    def chances(self, options: Options) -> list[Array]:
        """Equal among the best."""
        bound = self.value(options) - TIE
        best = [jnp.where(o >= bound, 1.0, 0.0) for o in options]
        count = reduce(jnp.add, best)
        return [b / count for b in best]


@dataclass(frozen=True)
class Soft:
    """Better moves are likelier: probabilities in proportion to `exp(worth / temperature)`.

    Args:
      temperature: in units of worth; near zero it is `Best`.

    >>> [round(float(p), 3) for p in Soft(1.0).chances([jnp.array(0.0), jnp.array(1.0)])]
    [0.269, 0.731]
    """

    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise ValueError(f"a temperature is above zero, and {self.temperature} is not")

    def value(self, options: Options) -> Array:
        """The mean of what the moves are worth under this choice."""
        chances = self.chances(options)
        return reduce(jnp.add, [p * o for p, o in zip(chances, options, strict=True)])

    def chances(self, options: Options) -> list[Array]:
        """The softmax."""
        top = reduce(jnp.maximum, options)
        weights = [jnp.exp((o - top) / self.temperature) for o in options]
        total = reduce(jnp.add, weights)
        return [w / total for w in weights]


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


jax.tree_util.register_dataclass(Walks, ["cells", "moves", "luck"], [])


def cost_table(grid: Grid) -> np.ndarray:
    """`[2, moves, cells]`: what a move costs without and with a bike, `NEVER` where it cannot be made."""
    stay = np.zeros((1, len(grid.cells)))
    foot = np.where(grid.possible, grid.on_foot, NEVER)
    ride = np.where(grid.possible, grid.bike_costs, NEVER)
    rows = [np.concatenate([stay, foot, r]) for r in (np.full_like(ride, NEVER), ride)]
    return np.stack(rows).astype(np.float32)


def values(
    grid: Grid,
    pays: Float[Array, "cells worlds"],
    bike: Bool[Array, " worlds"],
    choice: Choice = Best(),
) -> Float[Array, "steps cells worlds"]:
    """Value iteration: what each cell is worth with 0, 1, ... steps to go.

    Args:
      grid: the map.
      pays: what a step in each cell pays.
      bike: whether there is a bike.
      choice: how moves are chosen.
    """
    table = cost_table(grid)

    def sweep(value: Array, _: None) -> tuple[Array, Array]:
        onto = [value[row] for row in grid.neighbours]  # in each direction, on foot or by bike
        options = [value]
        for move in range(1, table.shape[1]):
            cost = jnp.where(bike, table[1, move][:, None], table[0, move][:, None])
            options.append(onto[(move - 1) % len(onto)] - cost)
        return pays + choice.value(options), value

    return jax.lax.scan(sweep, jnp.zeros_like(pays), None, length=grid.break_length)[1]


def walk(
    grid: Grid,
    worth: Float[Array, "steps cells worlds"],
    bike: Bool[Array, " worlds"],
    start: Int[Array, " worlds"],
    luck: Float[Array, " worlds"],
    begin: Int[Array, " worlds"] | int = 0,
    choice: Choice = Best(),
) -> Walks:
    """Make the moves of a plan.

    Args:
      grid: the map.
      worth: of `values`.
      bike: whether there is a bike.
      start: the first cell.
      luck: uniform on 0 to 1; decides between moves of which each has a chance.
      begin: the step at which the walk begins; before it, the walker stays.
      choice: how moves are chosen; that of the values.
    """
    table = cost_table(grid)
    moves, cells = table.shape[1:]
    costs = jnp.asarray(table.transpose(0, 2, 1).reshape(-1, moves))  # [bike and cell, moves]
    onto = np.concatenate([np.arange(cells)[None], grid.neighbours])
    onto = jnp.asarray(np.concatenate([onto, grid.neighbours]).T)  # [cells, moves]
    worlds = jnp.arange(start.shape[0])

    def step(state: tuple[Array, Array], now: tuple[Array, Array]) -> tuple[Any, Any]:
        cell, luck = state
        time, ahead = now
        to, cost = onto[cell], costs[bike * cells + cell]
        near = [ahead[to[:, move], worlds] for move in range(1 + len(DIRECTIONS))]
        near += near[1:]
        options = [value - cost[:, move] for move, value in enumerate(near)]
        move, left = _pick(choice.chances(options), luck)
        active = time >= begin
        move = jnp.where(active, move, STAY)
        after = jnp.take_along_axis(to, move[:, None], 1)[:, 0]
        return (after, jnp.where(active, left, luck)), (cell, move)

    times = jnp.arange(grid.break_length)
    (cell, luck), (cells_, made) = jax.lax.scan(step, (start, luck), (times, worth[::-1]))
    return Walks(jnp.concatenate([cells_, cell[None]]), made, luck)


def _pick(chances: list[Array], luck: Array) -> tuple[Array, Array]:
    """One of the moves, and the luck that is left: uniform again, given the move."""
    picked = jnp.zeros(luck.shape, jnp.int32)
    below, chance = jnp.zeros_like(luck), chances[0]
    total = chances[0]
    for move, p in enumerate(chances[1:], start=1):
        here = (luck >= total) & (p > 0)
        picked = jnp.where(here, move, picked)
        below, chance = jnp.where(here, total, below), jnp.where(here, p, chance)
        total = total + p
    left = (luck - below) / jnp.where(chance > 0, chance, 1)
    return picked, jnp.clip(left, 0, 1 - 2**-24)
