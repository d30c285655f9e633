"""A lunch break: where a person goes who believes this or that to be open.

The person plans with what a step at each place is expected to pay, walks, and learns on arrival whether a
place is open; what was learned is planned with from then on. That a plan may be worth trying for
what it would teach is left out (Hauskrecht, Value-function approximations for POMDPs, 2000: the
MDP-based, or QMDP, approximation, with expected payoffs in place of expected values).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from models.worlds.lunch.campus import CAMPUS, MOVES, PLACES, Grid
from models.worlds.lunch.planner import Best, Choice, values, walk

NOWHERE = len(PLACES)
TILE = 4096  # worlds planned at once: what fits the cache


@dataclass(frozen=True)
class Break:
    """What came of a lunch break in each world.

    Args:
      goal: `[worlds]`, the place set out for, `NOWHERE` for staying in.
      eats: `[worlds]`, the open place at the end, `NOWHERE` where there is none.
      codes: `[steps, worlds]`, cell * moves + move at each step.
    """

    goal: Int[Array, " worlds"]
    eats: Int[Array, " worlds"]
    codes: Int[Array, "steps worlds"]


jax.tree_util.register_dataclass(Break, ["goal", "eats", "codes"], [])


def lunch_break(
    beliefs: Float[Array, "places worlds"],
    liking: Float[Array, "places worlds"],
    is_open: Bool[Array, "places worlds"],
    bike: Bool[Array, " worlds"],
    luck: Float[Array, " worlds"],
    grid: Grid = CAMPUS,
    choice: Choice = Best(),
) -> Break:
    """Plan and walk in each world; arguments in the order of `PLACES`.

    Args:
      beliefs: how sure the person is that a place is open, 0 to 1.
      liking: what a step at an open place pays.
      is_open: what is true.
      bike: whether the person has one.
      luck: uniform on 0 to 1.
      grid: the map.
      choice: how moves are chosen.
    """
    worlds = bike.shape[0]
    if worlds <= TILE:
        return _break(beliefs, liking, is_open, bike, luck, grid, choice)
    tiles = -(-worlds // TILE)

    def tiled(array: Array) -> Array:
        pad = [(0, 0)] * (array.ndim - 1) + [(0, tiles * TILE - worlds)]
        parts = jnp.pad(array, pad).reshape(*array.shape[:-1], tiles, TILE)
        return jnp.moveaxis(parts, -2, 0)

    found = jax.lax.map(
        lambda given: _break(*given, grid, choice),
        tuple(map(tiled, (beliefs, liking, is_open, bike, luck))),
    )

    def whole(array: Array) -> Array:
        parts = jnp.moveaxis(array, 0, -2)
        return parts.reshape(*parts.shape[:-2], -1)[..., :worlds]

    return jax.tree.map(whole, found)


@partial(jax.jit, static_argnums=(5, 6))
def _break(
    beliefs: Array,
    liking: Array,
    is_open: Array,
    bike: Array,
    luck: Array,
    grid: Grid,
    choice: Choice,
) -> Break:
    at = jnp.array([grid.at(p) for p in PLACES])
    steps, worlds = grid.break_length, bike.shape[0]
    times = jnp.arange(steps)[:, None]

    def leg(beliefs: Array, start: Array, begin: Array, luck: Array) -> tuple[Array, ...]:
        """Plan, and walk until something is learned, if anything is."""
        expected = beliefs * liking + (1 - beliefs) * grid.closed
        pays = jnp.zeros((len(grid.cells), worlds), jnp.float32).at[at].set(expected)
        worth = values(grid, pays, bike, choice)
        made = walk(grid, worth, bike, start, luck, begin, choice)
        here = made.cells[:-1, None] == at[:, None]  # [steps, places, worlds]
        # That the place where the walk ends is open changes nothing.
        expected_end = is_open & (made.cells[-1] == at[:, None])
        new = here & (beliefs != is_open) & ~expected_end & (times >= begin)[:, None]
        learned = jnp.any(new, (0, 1))
        first = jnp.where(learned, jnp.argmax(jnp.any(new, 1), 0), steps)
        stop = jnp.take_along_axis(made.cells, first[None], 0)[0]
        beliefs = jnp.where((stop == at[:, None]) & learned, is_open, beliefs)
        codes = made.cells[:-1] * MOVES + made.moves
        return beliefs, stop, first, made.luck, codes, made.cells[-1], learned

    first_leg = leg(
        beliefs.astype(jnp.float32),
        jnp.full(worlds, grid.at("office")),
        jnp.zeros(worlds, jnp.int32),
        luck,
    )

    def again(state: tuple[Array, ...]) -> tuple[Array, ...]:
        beliefs, start, begin, luck, codes, end, learned = state
        later = leg(beliefs, start, begin, luck)
        codes = jnp.where((times >= begin) & learned, later[4], codes)
        end = jnp.where(learned, later[5], end)
        return (*later[:4], codes, end, learned & later[6])

    last = jax.lax.while_loop(lambda state: jnp.any(state[-1]), again, first_leg)
    eats = _which(last[5], at)
    is_fed = jnp.any((last[5] == at[:, None]) & is_open, 0)
    return Break(_which(first_leg[5], at), jnp.where(is_fed, eats, NOWHERE), last[4])


def _which(cells: Array, at: Array) -> Array:
    """The place at a cell, or `NOWHERE`."""
    there = cells == at[:, None]
    return jnp.where(jnp.any(there, 0), jnp.argmax(there, 0), NOWHERE)
