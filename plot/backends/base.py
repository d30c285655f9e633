"""What every back end does: run a program over tiles of worlds."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.backends.program import Program

# Worlds in a tile, by how many registers are alive at once: the tile's registers fit the cache, and
# there are few widths, so that the next sentence of a conversation seldom needs another.
WIDTHS = ((256, 4096), (2048, 1024))
NARROWEST = 256
TILES = 32  # tiles of one call
GIVEN_TILES = 4  # where rows are handed over, which takes time for each tile that could be run
FEW_TILES = 4  # fewer are not worth sharing among the cores
LEAST_GIVEN = 16  # rows that there is room for, where any are handed over


@dataclass(frozen=True)
class Block:
    """Some consecutive worlds.

    Args:
      first: index of the first world.
      values: float32 `[outputs, worlds]`; truth values as 0 and 1.
    """

    first: int
    values: np.ndarray


@runtime_checkable
class Backend(Protocol):
    """Runs programs over many worlds.

    Args:
      name: what reports call it.
      devices: how many a call spreads its tiles over.
      ordered: whether calls must come one at a time and in order, and none ahead of what is used:
        other processes make the same ones at the same time.
    """

    name: str
    devices: int
    ordered: bool

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int, np.ndarray], jax.Array | np.ndarray]:
        """A function `(key, first tile, tiles, given) -> [tiles or more, outputs, width]`.

        The rows that are given are float32 `[most tiles, padded(program.given), width]`, fewer tiles
        of them at the end. Tiles and rows past those that were asked for hold anything. What is slow
        (compiling) happens at the first call of a shape.
        """
        ...


def tile_width(program: Program) -> int:
    """Worlds in a tile, so that the values of a tile stay in the cache."""
    for registers, width in WIDTHS:
        if program.registers <= registers:
            return width
    return NARROWEST


def blocks(
    backend: Backend,
    program: Program,
    key: PRNGKeyArray,
    worlds: int,
    given: np.ndarray | None = None,
) -> Iterator[Block]:
    """Run a program over worlds `0 … worlds - 1`, on every core, block after block.

    Args:
      backend: what runs it.
      program: what to run.
      key: the seed; world `i` is the same whatever the number of worlds.
      worlds: how many.
      given: the rows that are not drawn, from `tiled`.
    """
    width = tile_width(program)
    run = backend.prepare(program, width)
    tiles = -(-worlds // width)
    # XLA runs a call on one core for each device, so calls run side by side.
    calls = 1 if backend.ordered else -(-available_cores() // backend.devices)
    most = slots(program) * backend.devices
    share = most if tiles < FEW_TILES else min(most, -(-tiles // calls))
    starts = range(0, tiles, share)
    nothing = nothing_given(width)

    def call(start: int) -> Block:
        count = min(share, tiles - start)
        rows = nothing if given is None else given[start : start + most]
        out = np.asarray(run(key, start, count, rows))[:count, : len(program.outputs)]
        values = np.moveaxis(out, 1, 0).reshape(out.shape[1], count * width)
        return Block(start * width, values[:, : worlds - start * width])

    if len(starts) == 1 or backend.ordered:
        yield from map(call, starts)
        return
    with ThreadPoolExecutor(calls) as pool:
        waiting = [pool.submit(call, s) for s in starts[: 2 * calls]]
        try:
            for i in range(len(starts)):
                block = waiting[i].result()
                if len(waiting) < len(starts):
                    waiting.append(pool.submit(call, starts[len(waiting)]))
                waiting[i] = None  # type: ignore[call-overload]
                yield block
        finally:
            for future in waiting:
                if future is not None:
                    future.cancel()


def slots(program: Program) -> int:
    """Tiles that one call makes on a device, at most."""
    return GIVEN_TILES if program.given else TILES


def available_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def nothing_given(width: int) -> np.ndarray:
    """What is handed over to a program all of whose rows are drawn."""
    return np.zeros((TILES, 0, width), np.float32)


def padded(rows: int) -> int:
    """With room for how many rows some are handed over: few shapes are ever compiled."""
    size = LEAST_GIVEN if rows else 0
    while size < rows:
        size *= 2
    return size


def tiled(rows: np.ndarray, width: int) -> np.ndarray:
    """Rows as they are handed over, `[tiles, padded(rows), width]`; what is padded holds zeros.

    There are enough tiles for a call to begin at any that holds worlds.

    Args:
      rows: float32 `[rows, worlds]`.
      width: worlds in a tile, `tile_width` of the program.
    """
    count, worlds = rows.shape
    tiles = -(-worlds // width)
    out = np.zeros((tiles - 1 + GIVEN_TILES, padded(count), width), np.float32)
    whole, rest = divmod(worlds, width)
    out[:whole, :count] = np.moveaxis(rows[:, : whole * width].reshape(count, whole, width), 0, 1)
    if rest:
        out[whole, :count, :rest] = rows[:, whole * width :]
    return out


def untiled(tiles: np.ndarray, rows: int, worlds: int) -> np.ndarray:
    """The rows of `tiled` again, `[rows, worlds]`."""
    flat = np.moveaxis(tiles[: -(-worlds // tiles.shape[2]), :rows], 0, 1)
    return flat.reshape(rows, -1)[:, :worlds]
