"""Pieces of code that share the rows of a tile: each can be run on its own, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plot.backends.lax_ops import HEAVY
from plot.backends.program import Program
from plot.backends.registers import AGAIN, ALL_OPS, Allocation, instructions_of

OPERANDS = slice(1, 5)  # columns of a step that name registers


@dataclass(frozen=True, eq=False)
class Piece:
    """A program whose rows are all given, with registers of its own.

    Args:
      steps: int32 `[length, 6]`, opcodes as in `ALL_OPS`.
      constants: float32, in the registers after those of the rows.
      rows: how many there are.
      top: how many registers.
      outputs: the registers of what was asked for.
      loops: whether there are jumps.
    """

    steps: np.ndarray
    constants: np.ndarray
    rows: int
    top: int
    outputs: tuple[int, ...]
    loops: bool

    @classmethod
    def of(cls, program: Program) -> Piece:
        """The piece of a program without rows of its own."""
        work = Allocation(program, ALL_OPS, columns=6, keep_rows=True)
        work.block(None)
        return cls(
            np.array(work.table, np.int32).reshape(-1, 6),
            program.constants,
            work.rows,
            work.top,
            tuple(work.register[o] for o in program.outputs.tolist()),
            bool(program.regions),
        )


@dataclass(frozen=True, eq=False)
class Joined:
    """Pieces one after the other, with registers for rows, constants, and what is kept.

    Args:
      steps: int32 `[length, 6]`, or 5 columns where nothing jumps; opcodes of `names`.
      constants: float32 `[constants]`.
      constants_at: the register of the first of them.
      kept_at: the register of the first value that is kept.
      top: how many registers.
      ranges: for each piece, its first step and the one after its last.
      outputs: for each piece, the registers of what it computes.
      heavy: operations that take long to compile, as far as they occur.
    """

    steps: np.ndarray
    constants: np.ndarray
    constants_at: int
    kept_at: int
    top: int
    ranges: tuple[tuple[int, int], ...]
    outputs: tuple[tuple[int, ...], ...]
    heavy: tuple[str, ...]
    loops: bool


def joined(pieces: Sequence[Piece], rows: Sequence[Sequence[int]], count: int, kept: int) -> Joined:
    """Lay pieces out over common registers.

    Args:
      pieces: to be joined.
      rows: for each piece, which of the common rows its rows are.
      count: how many common rows there are.
      kept: how many registers are set aside for values that outlive a piece.
    """
    constants, where = np.unique(
        np.concatenate([p.constants.view(np.int32) for p in pieces] or [np.zeros(0, np.int32)]),
        return_inverse=True,
    )
    kept_at = count + len(constants)
    base = kept_at + kept
    loops = any(p.loops for p in pieces)
    used = {ALL_OPS[i] for p in pieces for i in np.unique(p.steps[:, 0])}
    heavy = tuple(name for name in ALL_OPS if name in HEAVY and name in used)
    names = instructions_of(heavy, loops)
    opcodes = np.array([names.index(n) if n in names else -1 for n in ALL_OPS], np.int32)
    again = ALL_OPS.index(AGAIN)
    tables, ranges, outputs, at, first, top = [], [], [], 0, 0, base
    for piece, own in zip(pieces, rows, strict=True):
        size = len(piece.constants)
        place = np.arange(max(piece.top, 1)) - (piece.rows + size) + base
        place[: piece.rows] = own
        place[piece.rows : piece.rows + size] = count + where[at : at + size]
        steps = piece.steps.copy()
        jumps = steps[:, 0] == again
        limits, missing = steps[jumps, 3], steps[:, OPERANDS] < 0
        steps[:, OPERANDS] = np.where(missing, -1, place[steps[:, OPERANDS]])
        steps[jumps, 3] = limits
        steps[:, 0] = opcodes[steps[:, 0]]
        steps[:, 5] += first
        tables.append(steps)
        ranges.append((first, first + len(steps)))
        outputs.append(tuple(int(place[o]) for o in piece.outputs))
        at, first, top = at + size, first + len(steps), max(top, base + piece.top)
    table = np.concatenate(tables) if tables else np.zeros((0, 6), np.int32)
    return Joined(
        table if loops else table[:, :5],
        constants.astype(np.int32).view(np.float32),
        count,
        kept_at,
        top,
        tuple(ranges),
        tuple(outputs),
        heavy,
        loops,
    )
