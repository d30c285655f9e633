"""The reference back end: NumPy, nothing to compile; for few worlds and for tests."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.backends.program import Program
from plot.backends.rows import normal_rows, tile_key, uniform_rows
from plot.compiler.ops import OPS

_OPS = list(OPS.values())


class Reference:
    """Runs a program operation by operation in NumPy, on the same rows as the others.

    >>> Reference().name
    'numpy'
    """

    name = "numpy"
    compilations = 0

    def prepare(self, program: Program, width: int) -> Callable[[PRNGKeyArray, int, int], np.ndarray]:
        def call(key: PRNGKeyArray, first: int, count: int) -> np.ndarray:
            return np.stack([self._tile(program, key, first + i, width) for i in range(count)])

        return call

    def _tile(self, program: Program, key: PRNGKeyArray, tile: int, width: int) -> np.ndarray:
        cipher = _tile_key(key, jnp.int32(tile))
        # A site at a time, so that one compilation serves any number of sites.
        values = [_uniforms(cipher, site, width) for site in program.uniform_sites]
        values += [_normals(cipher, site, width) for site in program.normal_sites]
        values += [np.full(width, c, np.float32) for c in program.constants]
        with np.errstate(all="ignore"):
            for code, *operands in program.instructions.tolist():
                op = _OPS[code]
                out = np.asarray(op.numpy(*[_operand(op.name, i, values[o]) for i, o in enumerate(operands[: op.arity])]))
                values.append(out if out.dtype == bool else out.astype(np.float32))
        return np.stack([np.asarray(values[o], np.float32) for o in program.outputs])


def _operand(op: str, position: int, lane: np.ndarray) -> np.ndarray:
    if op in ("and", "or", "not") or (op == "where" and position == 0):
        return lane != 0
    return lane


_tile_key = jax.jit(tile_key)
_uniform_rows = jax.jit(uniform_rows, static_argnums=2)
_normal_rows = jax.jit(normal_rows, static_argnums=2)


def _uniforms(cipher: jax.Array, site: np.int32, width: int) -> np.ndarray:
    return np.asarray(_uniform_rows(cipher, jnp.array([site]), width))[0]


def _normals(cipher: jax.Array, site: np.int32, width: int) -> np.ndarray:
    return np.asarray(_normal_rows(cipher, jnp.array([site]), width))[0]
