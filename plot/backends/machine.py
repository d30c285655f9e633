"""The lane machine: a jitted interpreter to which the program is data.

A new sentence costs no XLA compilation: instructions, constants and sites are arrays, padded to a
few sizes. Registers of one tile of worlds stay in the cache while the instructions pass over them.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import PRNGKeyArray

from plot.backends.kernel import Compiled, Kernel, on_one_device
from plot.backends.lax_ops import any_world, apply_flat
from plot.backends.program import Program
from plot.backends.registers import AGAIN, ENTER, Shape, allocate
from plot.backends.rows import normal_row, round_key, tile_key, uniform_row
from plot.backends.xla import XLA
from plot.compiler.ops import LOOP_NORMAL, LOOP_UNIFORM, OPS


class LaneMachine:
    """Interprets programs over tiles of worlds.

    >>> LaneMachine().name
    'lane machine'
    """

    name = "lane machine"
    devices = 1
    ordered = False

    def __init__(self) -> None:
        self._compiled = Compiled()

    @property
    def compilations(self) -> int:
        """How many interpreters have been compiled."""
        return len(self._compiled)

    def kernel(self, program: Program, width: int) -> Kernel:
        """See `Compiling.kernel`."""
        if program.externals:  # an interpreter cannot hold functions of modules
            return _compiler.kernel(program, width)
        code, shape = allocate(program, width)
        return Kernel(shape, lambda: _interpreter(shape), code.arrays())

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int, np.ndarray], jax.Array]:
        if program.externals:
            return _compiler.prepare(program, width)
        return on_one_device(self._compiled, self.kernel(program, width))


_compiler = XLA()


def _interpreter(shape: Shape) -> Callable[..., jax.Array]:
    width = shape.width
    steps = stepper(shape.names, shape.loops, width)

    def run(
        key,
        first,
        count,
        rows,
        code,
        constants,
        places,
        uniform_sites,
        normal_sites,
        outputs,
        counts,
    ):
        length, given, uniforms, normals, constant_count = counts

        def constant(i, registers):
            return put(registers, lax.broadcast(constants[i], (width,)), places[i])

        # Constants are written once: no instruction writes to their registers.
        empty = jnp.zeros((shape.registers, width), jnp.float32)
        prepared = lax.fori_loop(0, constant_count, constant, empty)

        def tile(i, state):
            registers, out = state
            cipher = tile_key(key, first + i)

            def hand_over(k, registers):
                return put(registers, rows[i, k], k)

            def uniform(k, registers):
                return put(registers, uniform_row(cipher, uniform_sites[k], width), given + k)

            def normal(k, registers):
                row = normal_row(cipher, normal_sites[k], width)
                return put(registers, row, given + uniforms + k)

            if shape.given:
                registers = lax.fori_loop(0, given, hand_over, registers)
            registers = lax.fori_loop(0, uniforms, uniform, registers)
            registers = lax.fori_loop(0, normals, normal, registers)
            registers = steps(code, 0, length, cipher, registers)
            return registers, lax.dynamic_update_index_in_dim(out, registers[outputs], i, 0)

        start = (prepared, jnp.zeros((len(rows), shape.outputs, width), jnp.float32))
        return lax.fori_loop(0, count, tile, start)[1]

    return run


def stepper(names: tuple[str, ...], loops: bool, width: int) -> Callable[..., jax.Array]:
    """Runs steps over the registers of a tile: `(code, first, end, cipher, registers) -> registers`.

    Args:
      names: the operations, in the order of their opcodes.
      loops: whether steps can jump.
      width: worlds in a tile.
    """
    return _run_with_jumps(names, width) if loops else _run_in_order(names)


def put(registers: jax.Array, row: jax.Array, at: jax.Array) -> jax.Array:
    """The registers with one of them written."""
    return lax.dynamic_update_index_in_dim(registers, row, at, 0)


def get(registers: jax.Array, at: jax.Array) -> jax.Array:
    """One of the registers."""
    return lax.dynamic_index_in_dim(registers, at, 0, False)


def _run_in_order(names: tuple[str, ...]) -> Callable[..., jax.Array]:
    """Every step once."""
    arms = [_arm(name) for name in names]

    def run(code, first, end, cipher, registers):
        def step(k, registers):
            opcode, x, y, z, result = code[k]
            return put(registers, lax.switch(opcode, arms, registers, x, y, z), result)

        return lax.fori_loop(first, end, step, registers)

    return run


def _run_with_jumps(names: tuple[str, ...], width: int) -> Callable[..., jax.Array]:
    """Steps by a counter, which loops set back."""
    arms = [_jumping_arm(name, width) for name in names]

    def run(code, first, end, cipher, registers):
        def step(state):
            at, registers = state
            opcode, x, y, z, result, to = code[at]
            row, at = lax.switch(opcode, arms, cipher, registers, x, y, z, at + 1, to)
            return at, put(registers, row, result)

        return lax.while_loop(lambda state: state[0] < end, step, (first, registers))[1]

    return run


def _arm(name: str) -> Callable[..., jax.Array]:
    """An operation that reads its operands from the registers itself, so that XLA fuses the reads."""
    arity = OPS[name].arity

    def run(registers: jax.Array, *places: jax.Array) -> jax.Array:
        read = [get(registers, p) for p in places[:arity]]
        return apply_flat(name, *read, *[read[0]] * (3 - arity))

    return run


def _jumping_arm(name: str, width: int) -> Callable[..., tuple[jax.Array, jax.Array]]:
    """An operation that also says which step follows: the next in order, or that to go to."""
    if name in OPS:
        plain = _arm(name)
        return lambda cipher, registers, x, y, z, following, to: (
            plain(registers, x, y, z),
            following,
        )

    def enter(cipher, registers, x, y, z, following, to):
        return jnp.full(width, -1, jnp.float32), to  # `again` counts from there

    def again(cipher, registers, running, counter, limit, following, to):
        count = registers[counter, 0] + 1
        due = (count < limit) & any_world(get(registers, running))
        return lax.broadcast(count, (width,)), jnp.where(due, to, following)

    def draw(cipher, registers, outer, inner, site, following, to):
        once = round_key(cipher, registers[outer, 0])
        twice = round_key(once, registers[inner, 0])
        row = {LOOP_UNIFORM: uniform_row, LOOP_NORMAL: normal_row}[name]
        return row(jnp.where(inner < 0, once, twice), site, width), following

    return {ENTER: enter, AGAIN: again}.get(name, draw)
