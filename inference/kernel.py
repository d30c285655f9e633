"""Metropolis over worlds as one compiled function: rows, code and schedule are data to it.

A visit moves the same rows in every world of a tile and recomputes only the terms of the log target
that they reach; the rows and the terms stay in registers from visit to visit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, PRNGKeyArray

from inference.moves import Move
from plot.backends import Sharded
from plot.backends.base import available_cores, padded
from plot.backends.joining import Joined
from plot.backends.kernel import Compiled, Kernel
from plot.backends.machine import get, put, stepper
from plot.backends.registers import instructions_of, pad, size
from plot.backends.rows import normal_row, tile_key, uniform_row

TILES = 4  # of one call
DRAWS = 4  # fresh rows of a proposal, at the most
LEAST_STEPS, LEAST_VISITS, LEAST_TERMS, LEAST_REGISTERS = 1024, 64, 256, 128
# Worlds in a tile by registers: a quarter of the nearest cache, and few shapes.
WIDTHS = ((128, 2048), (512, 1024))
NARROWEST = 256


@dataclass(frozen=True, eq=False)
class Schedule:
    """Visits in order, and where what they need stands.

    Args:
      starting: int32 `[terms, 4]`, for each term that worlds come with: first and end of its steps,
        its register, and where it is kept.
      visits: int32 `[visits, 6]`: first and end of `moved`, of the steps, and of `terms`.
      moved: int32 `[any, 2]`, the register of a row that moves and its branch.
      terms: int32 `[any, 2]`, for each term its register and where it is kept.
    """

    starting: np.ndarray
    visits: np.ndarray
    moved: np.ndarray
    terms: np.ndarray


@dataclass(frozen=True)
class Shape:
    """What a compiled kernel is made for.

    Args:
      rows, registers, steps, visits, terms: padded sizes.
      width: worlds in a tile.
      heavy, loops: as for the lane machine.
      moves: that may be made.
      together: how many rows move together at the most.
    """

    rows: int
    registers: int
    steps: int
    visits: int
    terms: int
    width: int
    heavy: tuple[str, ...]
    loops: bool
    moves: tuple[Move, ...]
    together: int


def width_of(registers: int) -> int:
    """Worlds in a tile of a kernel."""
    return next((width for most, width in WIDTHS if registers <= most), NARROWEST)


def run_schedule(
    code: Joined,
    schedule: Schedule,
    moves: tuple[Move, ...],
    rows: Float[np.ndarray, "rows worlds"],
    key: PRNGKeyArray,
    devices: Sharded | None = None,
) -> tuple[Float[np.ndarray, "rows worlds"], np.ndarray]:
    """Move every world through the visits of a schedule.

    Args:
      code: of the terms and of what visits recompute.
      schedule: the visits.
      moves: that the branches of visits are of: two a move, for uniform and for normal rows.
      rows: `[rows, worlds]`.
      key: the seed; a world moves alike whatever the number of worlds and of devices.
      devices: that share the worlds; JAX's default device where not given.

    Returns:
      The rows after all visits, and int `[visits]`, how many worlds accepted each.
    """
    count, worlds = rows.shape
    together = max(move.sites for move in moves)
    top = code.top + together
    registers = size(top, LEAST_REGISTERS)
    width = width_of(registers)
    visits = len(schedule.visits)
    shape = Shape(
        padded(count),
        registers,
        size(len(code.steps), LEAST_STEPS),
        size(visits, LEAST_VISITS),
        size(max(len(schedule.terms), len(schedule.starting), len(schedule.moved)), LEAST_TERMS),
        width,
        code.heavy,
        code.loops,
        moves,
        together,
    )
    numbers = (len(schedule.starting), visits, len(code.constants))
    places = (code.constants_at, code.top, count, worlds)
    arrays = (
        pad(code.steps, shape.steps),
        pad(code.constants, shape.registers),
        pad(schedule.starting, shape.terms),
        pad(schedule.visits, shape.visits),
        pad(schedule.moved, shape.terms),
        pad(schedule.terms, shape.terms),
        np.array([*numbers, *places], np.int32),
    )
    kernel = Kernel(shape, lambda: _kernel(shape), arrays)
    whole = TILES, shape.rows, width
    call = _on_one(kernel, key, whole) if devices is None else _on_all(kernel, key, whole, devices)
    count_of = 1 if devices is None else devices.devices
    block = TILES * width * count_of
    out = np.empty((count, worlds), np.float32)

    def move(first: int) -> np.ndarray:
        part = rows[:, first : first + block]
        held = part.shape[1]
        used = -(-held // width)
        flat = np.zeros((count, used * width), np.float32)
        flat[:, :held] = part
        given = np.moveaxis(flat.reshape(count, used, width), 0, 1)
        moved, took = call(first // width, used, given)
        flat = np.moveaxis(moved[:used, :count], 0, 1).reshape(count, used * width)
        out[:, first : first + held] = flat[:, :held]
        return took[:visits]

    starts = range(0, worlds, block)
    if devices is not None and devices.ordered:
        return out, np.sum([move(first) for first in starts], axis=0, dtype=np.int64)
    with ThreadPoolExecutor(-(-available_cores() // count_of)) as pool:
        return out, np.sum(list(pool.map(move, starts)), axis=0, dtype=np.int64)


type _Call = Callable[[int, int, np.ndarray], tuple[np.ndarray, np.ndarray]]


def _on_one(kernel: Kernel, key: PRNGKeyArray, whole: tuple[int, int, int]) -> _Call:
    """Moves `(first tile, tiles, rows) -> rows, accepted` on JAX's default device."""
    run = _compiled.get(kernel.structure, kernel.build)

    def call(first: int, used: int, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        tiles = np.zeros(whole, np.float32)
        tiles[:used, : given.shape[1]] = given
        moved, took = run(key, np.int32(first), np.int32(used), tiles, *kernel.arrays)  # type: ignore[misc]
        return np.asarray(moved), np.asarray(took)

    return call


def _on_all(
    kernel: Kernel, key: PRNGKeyArray, whole: tuple[int, int, int], devices: Sharded
) -> _Call:
    """The same on all devices, each with its share of the tiles."""
    content = b"".join(x.tobytes() for x in kernel.arrays) if devices.ordered else b""

    def call(first: int, used: int, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        asked = content + repr((first, used, whole)).encode()
        moved, took = devices.run(kernel, key, (first, used), given, whole, asked)
        return devices.joined(moved, used), took.sum(axis=0)

    return call


_compiled = Compiled()


def compilations() -> int:
    """How many kernels have been made in this process."""
    return len(_compiled)


@dataclass
class _Traced:
    """Fresh rows of a tile, for one visit."""

    cipher: jax.Array
    first: jax.Array
    width: int
    registers: jax.Array
    following: jax.Array
    taken: int = 0
    xp: Any = jnp

    def other(self) -> Array:
        return get(self.registers, self.following)

    def uniform(self) -> Array:
        return uniform_row(self.cipher, self._next(), self.width)

    def normal(self) -> Array:
        return normal_row(self.cipher, self._next(), self.width)

    def _next(self) -> jax.Array:
        self.taken += 1
        if self.taken >= DRAWS:
            raise ValueError(f"a move may draw {DRAWS - 1} fresh rows for a row at the most")
        return self.first + self.taken


def _kernel(shape: Shape) -> Callable[..., Any]:
    width, together = shape.width, shape.together
    steps = stepper(instructions_of(shape.heavy, shape.loops), shape.loops, width)
    branches = [proposal(move, normal, width) for move in shape.moves for normal in (False, True)]

    def run(key, first, count, rows, code, constants, starting, visits, moved, terms, numbers):
        term_count, visit_count, constant_count, constants_at, aside, row_count, worlds = numbers

        def constant(i, registers):
            return put(registers, lax.broadcast(constants[i], (width,)), constants_at + i)

        empty = jnp.zeros((shape.registers, width), jnp.float32)
        prepared = lax.fori_loop(0, constant_count, constant, empty)

        def tile(i, state):
            registers, out, accepted = state
            cipher = tile_key(key, first + i)
            real = (first + i) * width + jnp.arange(width) < worlds

            def hand_over(k, registers):
                return put(registers, rows[i, k], k)

            def begin(k, registers):
                step, step_end, place, home = starting[k]
                registers = steps(code, step, step_end, cipher, registers)
                return put(registers, counted(get(registers, place)), home)

            registers = lax.fori_loop(0, row_count, hand_over, registers)
            registers = lax.fori_loop(0, term_count, begin, registers)

            def visit(v, state):
                registers, accepted = state
                row, row_end, step, step_end, term, term_end = visits[v]
                counter = v * (DRAWS * together + 1)

                def propose(k, state):
                    registers, ratio = state
                    (at, branch), fresh = moved[row + k], counter + 1 + DRAWS * k
                    old = get(registers, at)
                    registers = put(registers, old, aside + k)
                    last = k + 1 == row_end - row
                    other = jnp.where(last, aside, moved[row + k + 1, 0])
                    new, more = lax.switch(branch, branches, registers, at, other, cipher, fresh)
                    return put(registers, new, at), ratio + more

                ratio = jnp.zeros(width, jnp.float32)
                registers, ratio = lax.fori_loop(0, row_end - row, propose, (registers, ratio))
                registers = steps(code, step, step_end, cipher, registers)

                def compare(k, sums):
                    new, old = sums
                    place, home = terms[k]
                    return new + counted(get(registers, place)), old + get(registers, home)

                zero = jnp.zeros(width, jnp.float32)
                new, old = lax.fori_loop(term, term_end, compare, (zero, zero))
                chance = jnp.exp(jnp.minimum(new - old + ratio, 0))
                better = 1 - uniform_row(cipher, counter, width) <= chance  # false for NaN

                def settle(k, registers):
                    at = moved[row + k, 0]
                    chosen = jnp.where(better, get(registers, at), get(registers, aside + k))
                    return put(registers, chosen, at)

                def keep_terms(k, registers):
                    place, home = terms[k]
                    value = counted(get(registers, place))
                    return put(registers, jnp.where(better, value, get(registers, home)), home)

                registers = lax.fori_loop(term, term_end, keep_terms, registers)
                registers = lax.fori_loop(0, row_end - row, settle, registers)
                took = jnp.sum((better & real).astype(jnp.int32))
                return registers, lax.dynamic_update_index_in_dim(
                    accepted, accepted[v] + took, v, 0
                )

            registers, accepted = lax.fori_loop(0, visit_count, visit, (registers, accepted))
            out = lax.dynamic_update_index_in_dim(out, registers[: shape.rows], i, 0)
            return registers, out, accepted

        out = jnp.zeros((TILES, shape.rows, width), jnp.float32)
        accepted = jnp.zeros(shape.visits, jnp.int32)
        _, out, accepted = lax.fori_loop(0, count, tile, (prepared, out, accepted))
        return out, accepted

    return run


def proposal(move: Move, normal: bool, width: int) -> Callable[..., Any]:
    def propose(registers, at, other, cipher, fresh):
        draws = _Traced(cipher, fresh, width, registers, other)
        row, ratio = move.propose(draws, get(registers, at), normal)
        return row, jnp.broadcast_to(jnp.asarray(ratio, jnp.float32), (width,))

    return propose


def counted(term: Array) -> Array:
    """A term of a log target, in which what is not a number counts for nothing."""
    return jnp.where(jnp.isnan(term) | (term == math.inf), -math.inf, term)
