"""The XLA back end: a program becomes one compiled function, cached by its structure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import PRNGKeyArray

from plot.backends.kernel import Compiled, Kernel, on_one_device
from plot.backends.lax_ops import any_world, apply_typed, as_number, as_truth
from plot.backends.program import CALLS, NAMES, Program, Region, call, reads
from plot.backends.rows import normal_row, round_key, tile_key, uniform_row
from plot.compiler.ops import LOOP_UNIFORM, OPS


class XLA:
    """Compiles each structure once; constants and sites are arguments, so `75` or `80` is the same.

    >>> XLA().name
    'xla'
    """

    name = "xla"
    devices = 1
    ordered = False

    def __init__(self) -> None:
        self._compiled = Compiled()

    @property
    def compilations(self) -> int:
        """How many structures have been compiled."""
        return len(self._compiled)

    def kernel(self, program: Program, width: int) -> Kernel:
        """See `Compiling.kernel`."""
        arrays = (
            program.uniform_sites,
            program.normal_sites,
            program.constants,
            program.loop_sites,
            program.limits,
        )
        return Kernel((*program.structure(), width), lambda: _lower(program, width), arrays)

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int, np.ndarray], jax.Array]:
        return on_one_device(self._compiled, self.kernel(program, width))


def _lower(program: Program, width: int) -> Callable[..., jax.Array]:
    # Only the structure may be used here: constants, sites and limits are arguments. Empty ones are
    # not touched: XLA (jaxlib 0.11) crashes on an empty array in a loop that is spread over devices.
    outputs = program.outputs
    uniforms, normals = len(program.uniform_sites), len(program.normal_sites)

    def run(key, first, count, given, uniform_sites, normal_sites, constants, loop_sites, limits):
        def tile(i, out):
            cipher = tile_key(key, first + i)
            values = [given[i, row] for row in range(program.given)]
            values += [uniform_row(cipher, uniform_sites[k], width) for k in range(uniforms)]
            values += [normal_row(cipher, normal_sites[k], width) for k in range(normals)]
            values += [lax.broadcast(constants[k], (width,)) for k in range(len(constants))]
            lanes = _Lanes(program, dict(enumerate(values)), cipher, loop_sites, limits, width)
            lanes.block(None)
            rows = jnp.stack([as_number(lanes.values[o]) for o in outputs])
            return lax.dynamic_update_index_in_dim(out, rows, i, 0)

        return lax.fori_loop(
            0, count, tile, jnp.zeros((len(given), len(outputs), width), jnp.float32)
        )

    return run


@dataclass
class _Lanes:
    """The values of one tile while it is traced."""

    program: Program
    values: dict[int, Any]
    cipher: jax.Array
    loop_sites: jax.Array
    limits: jax.Array
    width: int

    def block(self, region: Region | None) -> None:
        for item in self.program.block(region):
            if isinstance(item, Region):
                self.loop(item)
            else:
                self.values[self.program.inputs + item] = self.compute(self.instructions[item])

    @cached_property
    def instructions(self) -> list[list[int]]:
        return self.program.instructions.tolist()

    def loop(self, region: Region) -> None:
        variables = region.variables
        running = variables.index(region.running)

        def again(state):
            count, lanes = state
            return (count < self.limits[region.index]) & any_world(lanes[running])

        def one_round(state):
            count, lanes = state
            before = dict(self.values)
            self.enter(region, count, lanes)
            self.block(region)
            nexts = [as_number(self.values[following]) for following in region.nexts]
            self.values = before
            changed = zip(nexts, lanes, strict=True)
            return count + 1, [
                jnp.where(as_truth(lanes[running]), new, old) for new, old in changed
            ]

        starts = [as_number(self.values[start]) for start in region.starts]
        self.enter(region, *lax.while_loop(again, one_round, (jnp.int32(0), starts)))

    def enter(self, region: Region, count: jax.Array, lanes: list[jax.Array]) -> None:
        self.values[region.counter] = lax.broadcast(as_number(count), (self.width,))
        self.values |= zip(region.variables, lanes, strict=True)

    def compute(self, instruction: list[int]) -> Any:
        name = NAMES[instruction[0]]
        operands = [self.values[o] for o in reads(instruction)]
        if name in OPS:
            return apply_typed(name, *operands)
        if name in CALLS:
            return call(self.program, name, operands, instruction[-1])
        cipher = self.cipher
        for counter in operands:
            cipher = round_key(cipher, counter[0])
        row = uniform_row if name == LOOP_UNIFORM else normal_row
        return row(cipher, self.loop_sites[instruction[-1]], self.width)
