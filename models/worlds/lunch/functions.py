"""The module `lunch`: what Python gives to the world model."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from models.worlds.lunch.campus import CAMPUS, DIRECTIONS, MOVES, STAY, WAYS
from models.worlds.lunch.lunch_break import lunch_break
from models.worlds.lunch.watcher import judge_likings
from plot.modules import Module, ModuleFunction, register


def _plan(beliefs: Any, liking: Any, is_open: Any, bike: Any, luck: Any) -> Any:
    made = _planned(*map(jnp.stack, (beliefs, liking, is_open)), bike, luck)
    return [made.goal, made.eats, list(made.codes)]


_planned = jax.jit(lunch_break)


def _moves() -> np.ndarray:
    """`[means, ways + any, directions + any, codes]`: which moves are seen as what."""
    cells = len(CAMPUS.cells)
    seen = np.zeros((2, len(WAYS) + 1, len(DIRECTIONS) + 1, cells, MOVES), bool)
    for means in (0, 1):
        for d in range(len(DIRECTIONS)):
            move = STAY + 1 + means * len(DIRECTIONS) + d
            for way in range(len(WAYS)):
                seen[means, way, [d, -1], :, move] = CAMPUS.on_way[way, d]
            seen[means, -1, [d, -1], :, move] = CAMPUS.possible[d]
    return seen.reshape(2, len(WAYS) + 1, len(DIRECTIONS) + 1, cells * MOVES)


SEEN = _moves()


@jax.jit
def _moves_along(codes: Any, means: Any, way: Any, direction: Any) -> Any:
    shape = SEEN.shape
    row = (means * shape[1] + way % shape[1]) * shape[2] + direction % shape[2]
    seen = jnp.asarray(SEEN.reshape(-1, shape[3]))
    rows = row.astype(jnp.int32)
    found = jnp.zeros(rows.shape, bool)
    for code in codes:
        found |= seen[rows, code.astype(jnp.int32)]
    return found


@jax.jit
def _made(codes: Any, code: Any) -> Any:
    return jnp.any(jnp.stack(codes) == code, 0)


def _judge(beliefs: Any, goal: Any, bike: Any) -> Any:
    return list(judge_likings(jnp.stack(beliefs), goal, bike))


register(
    Module(
        "lunch",
        (
            ModuleFunction(
                "plan-break",
                "(-> (list number) (list number) (list boolean) boolean number (list any))",
                "the place set out for, the place of lunch, and the moves",
                _plan,
            ),
            ModuleFunction(
                "moves-along?",
                "(-> (list number) number number number boolean)",
                "whether moves by some means go along a way in a direction; -1 is any",
                _moves_along,
            ),
            ModuleFunction(
                "one-of-moves?",
                "(-> (list number) number boolean)",
                "whether a move, by its number, is among some moves",
                _made,
            ),
            ModuleFunction(
                "judge-likings",
                "(-> (list number) number boolean (list number))",
                "how probable it is, given where someone went, that they like each place",
                _judge,
            ),
        ),
        public=False,
    )
)
