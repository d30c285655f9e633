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
    """Runs programs over many worlds."""

    name: str

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int, np.ndarray], jax.Array | np.ndarray]:
        """A function `(key, first tile, tiles, given) -> [TILES, outputs, width]`.

        The rows that are given are float32 `[TILES, program.given, width]`. Tiles and rows past those that were asked for hold anything. What is slow (compiling) happens
        at the first call of a shape.
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
      given: float32 `[program.given, worlds]`, the rows that are not drawn.
    """
    width = tile_width(program)
    run = backend.prepare(program, width)
    tiles = -(-worlds // width)
    starts = range(0, tiles, TILES)

    def call(start: int) -> Block:
        count = min(TILES, tiles - start)
        rows = _tiled(given, program.given, start, width)
        out = np.asarray(run(key, start, count, rows))[:count, : len(program.outputs)]
        values = np.moveaxis(out, 1, 0).reshape(out.shape[1], count * width)
        return Block(start * width, values[:, : worlds - start * width])

    if len(starts) == 1:
        yield call(0)
        return
    # XLA runs one call on one core here, so calls run side by side, a few ahead of what is used.
    cores = max(
        1, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    with ThreadPoolExecutor(cores) as pool:
        waiting = [pool.submit(call, s) for s in starts[: 2 * cores]]
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


def nothing_given(width: int) -> np.ndarray:
    """What is handed over to a program all of whose rows are drawn."""
    return np.zeros((TILES, 0, width), np.float32)


def _tiled(given: np.ndarray | None, rows: int, start: int, width: int) -> np.ndarray:
    """The given rows of a call, `[TILES, rows, width]`; worlds past the last hold zeros."""
    out = np.zeros((rows, TILES * width), np.float32)
    if given is not None:
        part = given[:, start * width : (start + TILES) * width]
        out[:, : part.shape[1]] = part
    return np.ascontiguousarray(np.moveaxis(out.reshape(rows, TILES, width), 0, 1))
