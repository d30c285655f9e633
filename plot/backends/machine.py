"""The lane machine: a jitted interpreter to which the program is data.

A new sentence costs no XLA compilation: instructions, constants and sites are arrays, padded to a
few sizes. Registers of one tile of worlds stay in the cache while the instructions pass over them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import PRNGKeyArray

from plot.backends.base import TILES
from plot.backends.lax_ops import HEAVY, apply_flat
from plot.backends.program import ARITY, OPCODES, Program
from plot.backends.rows import normal_row, tile_key, uniform_row
from plot.compiler.ops import OPS

LIGHT_OPS = tuple(name for name in OPS if name not in HEAVY)
LEAST_REGISTERS, LEAST_LENGTH, LEAST_OUTPUTS = 128, 1024, 4
ALL_OPS = (*LIGHT_OPS, *(name for name in OPS if name in HEAVY))


def _size(n: int, least: int) -> int:
    """The padded size: powers of four, so that few shapes are ever compiled."""
    size = least
    while size < n:
        size *= 4
    return size


@dataclass(frozen=True)
class _Shape:
    """What a compiled interpreter is made for."""

    registers: int
    length: int
    outputs: int
    width: int
    heavy: bool


@dataclass(frozen=True)
class _Code:
    """A program after register allocation, padded to the sizes of its shape.

    Args:
      instructions: int32 `[length, 5]`: opcode, three operand registers, result register.
      constants: float32 `[registers]`, and `constant_registers` int32 where they go.
      uniform_sites, normal_sites: int32 `[registers]`; uniform `i` is in register `i`, normals follow.
      outputs: int32 `[outputs]`, registers.
      counts: int32 `[4]`: instructions, uniforms, normals, constants.
    """

    instructions: np.ndarray
    constants: np.ndarray
    constant_registers: np.ndarray
    uniform_sites: np.ndarray
    normal_sites: np.ndarray
    outputs: np.ndarray
    counts: np.ndarray


class LaneMachine:
    """Interprets programs over tiles of worlds.

    >>> LaneMachine().name
    'lane machine'
    """

    name = "lane machine"

    def __init__(self) -> None:
        self._compiled: dict[_Shape, Callable[..., jax.Array]] = {}
        self._lock = threading.Lock()
        self.compilations = 0

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int], jax.Array]:
        heavy = any(OPCODES[name] in program.opcodes() for name in HEAVY)
        code, shape = _allocate(program, width, heavy)
        with self._lock:
            run = self._compiled.get(shape)
            if run is None:
                run = self._compiled[shape] = jax.jit(_interpreter(shape))
                self.compilations += 1
        arrays = (
            code.instructions,
            code.constants,
            code.constant_registers,
            code.uniform_sites,
            code.normal_sites,
            code.outputs,
            code.counts,
        )

        def call(key: PRNGKeyArray, first: int, count: int) -> jax.Array:
            return run(key, np.int32(first), np.int32(count), *arrays)

        return call


def _interpreter(shape: _Shape) -> Callable[..., jax.Array]:
    names = ALL_OPS if shape.heavy else LIGHT_OPS
    arms = [_arm(name) for name in names]
    width = shape.width

    def run(
        key, first, count, code, constants, places, uniform_sites, normal_sites, outputs, counts
    ):
        length, uniforms, normals, constant_count = counts

        def put(registers, row, at):
            return lax.dynamic_update_index_in_dim(registers, row, at, 0)

        def constant(i, registers):
            return put(registers, lax.broadcast(constants[i], (width,)), places[i])

        # Constants are written once: no instruction writes to their registers.
        empty = jnp.zeros((shape.registers, width), jnp.float32)
        prepared = lax.fori_loop(0, constant_count, constant, empty)

        def step(k, registers):
            opcode, x, y, z, result = code[k]
            return put(registers, lax.switch(opcode, arms, registers, x, y, z), result)

        def tile(i, state):
            registers, out = state
            cipher = tile_key(key, first + i)

            def uniform(k, registers):
                return put(registers, uniform_row(cipher, uniform_sites[k], width), k)

            def normal(k, registers):
                return put(registers, normal_row(cipher, normal_sites[k], width), uniforms + k)

            registers = lax.fori_loop(0, uniforms, uniform, registers)
            registers = lax.fori_loop(0, normals, normal, registers)
            registers = lax.fori_loop(0, length, step, registers)
            return registers, lax.dynamic_update_index_in_dim(out, registers[outputs], i, 0)

        start = (prepared, jnp.zeros((TILES, shape.outputs, width), jnp.float32))
        return lax.fori_loop(0, count, tile, start)[1]

    return run


def _arm(name: str) -> Callable[..., jax.Array]:
    """An operation that reads its operands from the registers itself, so that XLA fuses the reads."""
    arity = OPS[name].arity

    def run(registers: jax.Array, *places: jax.Array) -> jax.Array:
        read = [lax.dynamic_index_in_dim(registers, p, 0, False) for p in places[:arity]]
        return apply_flat(name, *read, *[read[0]] * (3 - arity))

    return run


def _allocate(program: Program, width: int, heavy: bool) -> tuple[_Code, _Shape]:
    """Give each value a register, used again once its last reader has passed."""
    names = ALL_OPS if heavy else LIGHT_OPS
    opcode = {OPCODES[name]: i for i, name in enumerate(names)}
    uniforms, normals = len(program.uniform_sites), len(program.normal_sites)
    rows, top = uniforms + normals, program.inputs
    # Inputs stay where they are: rows are drawn anew for each tile, constants written once.
    register = list(range(top))
    free: list[int] = []
    table = []
    for i, (code, *operands) in enumerate(program.instructions.tolist()):
        used = operands[: ARITY[code]]
        places = [register[o] for o in used] + [0] * (3 - len(used))
        for operand in set(used):
            is_constant = rows <= operand < program.inputs
            if program.last_reads[operand] == program.inputs + i and not is_constant:
                free.append(register[operand])
        if free:
            place = free.pop()
        else:
            place, top = top, top + 1
        register.append(place)
        table.append([opcode[code], *places, place])

    shape = _Shape(
        _size(top, LEAST_REGISTERS),
        _size(len(table), LEAST_LENGTH),
        _size(len(program.outputs), LEAST_OUTPUTS),
        width,
        heavy,
    )
    constants = np.arange(rows, program.inputs, dtype=np.int32)
    code = _Code(
        _pad(np.array(table, np.int32).reshape(-1, 5), shape.length),
        _pad(program.constants, shape.registers),
        _pad(constants, shape.registers),
        _pad(program.uniform_sites, shape.registers),
        _pad(program.normal_sites, shape.registers),
        _pad(np.array([register[o] for o in program.outputs], np.int32), shape.outputs),
        np.array([len(table), uniforms, normals, len(constants)], np.int32),
    )
    return code, shape


def _pad(array: np.ndarray, size: int) -> np.ndarray:
    out = np.zeros((size, *array.shape[1:]), array.dtype)
    out[: len(array)] = array
    return out
