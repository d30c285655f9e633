"""The XLA back end: a program becomes one compiled function, cached by its structure."""

from __future__ import annotations

import threading
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import PRNGKeyArray

from plot.backends.base import TILES
from plot.backends.lax_ops import apply_typed, as_number
from plot.backends.program import Program
from plot.backends.rows import normal_row, tile_key, uniform_row
from plot.compiler.ops import OPS

_NAMES = list(OPS)


class XLA:
    """Compiles each structure once; constants and sites are arguments, so `75` or `80` is the same.

    >>> XLA().name
    'xla'
    """

    name = "xla"

    def __init__(self) -> None:
        self._compiled: dict[tuple, Callable[..., jax.Array]] = {}
        self._lock = threading.Lock()
        self.compilations = 0

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int], jax.Array]:
        structure = (*program.structure(), width)
        with self._lock:
            run = self._compiled.get(structure)
            if run is None:
                run = self._compiled[structure] = jax.jit(_lower(program, width))
                self.compilations += 1
        rows = program.uniform_sites, program.normal_sites, program.constants

        def call(key: PRNGKeyArray, first: int, count: int) -> jax.Array:
            return run(key, np.int32(first), np.int32(count), *rows)

        return call


def _lower(program: Program, width: int) -> Callable[..., jax.Array]:
    # Only the structure may be used here: constants and sites are arguments.
    instructions, outputs = program.instructions, program.outputs

    def run(key, first, count, uniform_sites, normal_sites, constants):
        def tile(i, out):
            cipher = tile_key(key, first + i)
            values = [uniform_row(cipher, site, width) for site in uniform_sites]
            values += [normal_row(cipher, site, width) for site in normal_sites]
            values += [lax.broadcast(c, (width,)) for c in constants]
            for code, *operands in instructions:
                name = _NAMES[code]
                values.append(apply_typed(name, *[values[o] for o in operands[: OPS[name].arity]]))
            rows = jnp.stack([as_number(values[o]) for o in outputs])
            return lax.dynamic_update_index_in_dim(out, rows, i, 0)

        return lax.fori_loop(0, count, tile, jnp.zeros((TILES, len(outputs), width), jnp.float32))

    return run
