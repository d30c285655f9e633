"""The reference back end: NumPy, nothing to compile; for few worlds and for tests."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.backends.program import Program
from plot.backends.rows import normal_row, tile_key, uniform_row
from plot.compiler.ops import OPS

_OPS = list(OPS.values())


class Reference:
    """Runs a program operation by operation in NumPy, on the same rows as the others.

    >>> Reference().name
    'numpy'
    """

    name = "numpy"
    compilations = 0

    def prepare(
        self, program: Program, width: int
    ) -> Callable[[PRNGKeyArray, int, int], np.ndarray]:
        def call(key: PRNGKeyArray, first: int, count: int) -> np.ndarray:
            return np.stack([self._tile(program, key, first + i, width) for i in range(count)])

        return call

    def _tile(self, program: Program, key: PRNGKeyArray, tile: int, width: int) -> np.ndarray:
        cipher = _tile_key(key, jnp.int32(tile))
        values = [np.asarray(_uniform_row(cipher, s, width)) for s in program.uniform_sites]
        values += [np.asarray(_normal_row(cipher, s, width)) for s in program.normal_sites]
        values += [np.full(width, c, np.float32) for c in program.constants]
        with np.errstate(all="ignore"):
            for code, *operands in program.instructions.tolist():
                op = _OPS[code]
                out = np.asarray(
                    op.numpy(
                        *[
                            _operand(op.name, i, values[o])
                            for i, o in enumerate(operands[: op.arity])
                        ]
                    )
                )
                values.append(out if out.dtype == bool else out.astype(np.float32))
        return np.stack([np.asarray(values[o], np.float32) for o in program.outputs])


def _operand(op: str, position: int, lane: np.ndarray) -> np.ndarray:
    if op in ("and", "or", "not") or (op == "where" and position == 0):
        return lane != 0
    return lane


_tile_key = jax.jit(tile_key)
_uniform_row = jax.jit(uniform_row, static_argnums=2)
_normal_row = jax.jit(normal_row, static_argnums=2)
