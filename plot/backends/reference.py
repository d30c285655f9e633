"""The reference back end: NumPy, nothing to compile; for few worlds and for tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.backends.program import CALLS, NAMES, Program, Region, call, reads
from plot.backends.rows import normal_row, round_key, tile_key, uniform_row
from plot.compiler.ops import EXTERNAL, LOOP_UNIFORM, OPS


class Reference:
    """Runs a program operation by operation in NumPy, on the same rows as the others.

    >>> Reference().name
    'numpy'
    """

    name = "numpy"
    devices = 1
    ordered = False
    compilations = 0

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int, np.ndarray], np.ndarray]:
        def call(key: PRNGKeyArray, first: int, count: int, given: np.ndarray) -> np.ndarray:
            tiles = [_Tile(program, key, first + i, width, given[i]) for i in range(count)]
            return np.stack([tile.run() for tile in tiles])

        return call


class _Tile:
    """The values of one tile of worlds."""

    def __init__(
        self, program: Program, key: PRNGKeyArray, tile: int, width: int, given: np.ndarray
    ):
        self.program, self.width = program, width
        self.instructions = program.instructions.tolist()
        self.key, self.tile = key, np.int32(tile)
        values = list(given[: program.given])
        values += [np.asarray(_uniform_row(self.cipher, s, width)) for s in program.uniform_sites]
        values += [np.asarray(_normal_row(self.cipher, s, width)) for s in program.normal_sites]
        values += [self.full(c) for c in program.constants.tolist()]
        self.values: list[Any] = values + [self.full(0.0)] * (program.values - len(values))
        # A loop reads values round after round; without loops a value goes after its last reader.
        self.last_reads = None if program.regions else program.last_reads

    @cached_property
    def cipher(self) -> jax.Array:
        """Of what is drawn; where all rows are given, nothing is."""
        return _tile_key(self.key, self.tile)

    def full(self, value: float) -> np.ndarray:
        return np.full(self.width, value, np.float32)

    def run(self) -> np.ndarray:
        with np.errstate(all="ignore"):
            self.block(None)
        return np.stack([np.asarray(self.values[o], np.float32) for o in self.program.outputs])

    def block(self, region: Region | None) -> None:
        for item in self.program.block(region):
            if isinstance(item, Region):
                self.loop(item)
            else:
                at = self.program.inputs + item
                self.values[at] = self.compute(self.instructions[item])
                if self.last_reads is not None:
                    for operand in reads(self.instructions[item]):
                        if self.last_reads[operand] == at:
                            self.values[operand] = None

    def loop(self, region: Region) -> None:
        values, variables = self.values, region.variables
        starts = [_number(values[start]) for start in region.starts]
        for variable, start in zip(variables, starts, strict=True):
            values[variable] = start
        count = 0
        values[region.counter] = self.full(0.0)
        while count < self.program.limits[region.index] and values[region.running].any():
            self.block(region)
            running = values[region.running] != 0
            # All variables change at once: each is computed from the old values of the others.
            changed = [
                np.where(running, _number(values[following]), values[variable])
                for variable, following in zip(variables, region.nexts, strict=True)
            ]
            for variable, value in zip(variables, changed, strict=True):
                values[variable] = value
            count += 1
            values[region.counter] = self.full(float(count))

    def compute(self, instruction: list[int]) -> Any:
        name = NAMES[instruction[0]]
        operands = [self.values[o] for o in reads(instruction)]
        if name == EXTERNAL:
            made = _compiled(self.program.externals[instruction[-1]])(*operands[0])
            return tuple(map(np.asarray, made))
        if name in CALLS:
            made = call(self.program, name, operands, instruction[-1])
            return tuple(map(np.asarray, made)) if isinstance(made, tuple) else made
        if name not in OPS:
            draw = _loop_uniform if name == LOOP_UNIFORM else _loop_normal
            site = self.program.loop_sites[instruction[-1]]
            return np.asarray(draw(self.cipher, site, [int(o[0]) for o in operands], self.width))
        return _number(
            OPS[name].numpy(*[_operand(name, i, lane) for i, lane in enumerate(operands)])
        )


def _number(lane: np.ndarray) -> np.ndarray:
    lane = np.asarray(lane)
    return lane if lane.dtype == bool else lane.astype(np.float32, copy=False)


def _operand(op: str, position: int, lane: np.ndarray) -> np.ndarray:
    if op in ("and", "or", "not") or (op == "where" and position == 0):
        return lane != 0
    return lane


def _in_rounds(row: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    def draw(cipher: jax.Array, site: jax.Array, counts: list[jax.Array], width: int) -> jax.Array:
        for count in counts:
            cipher = round_key(cipher, count)
        return row(cipher, site, width)

    return draw


@lru_cache(256)
def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a module, compiled once and not for each program that calls it."""
    return jax.jit(function)


_tile_key = jax.jit(tile_key)
_uniform_row = jax.jit(uniform_row, static_argnums=2)
_normal_row = jax.jit(normal_row, static_argnums=2)
_loop_uniform = jax.jit(_in_rounds(uniform_row), static_argnums=3)
_loop_normal = jax.jit(_in_rounds(normal_row), static_argnums=3)
