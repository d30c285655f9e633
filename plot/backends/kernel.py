"""What XLA compiles for a program, and what has been compiled already."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.backends.kept import keep_compilations
from plot.backends.program import Program

type Lanes = Callable[..., jax.Array]


@dataclass(frozen=True)
class Kernel:
    """A program as a function of arrays that JAX can trace.

    Args:
      structure: programs that share it share what is compiled.
      build: gives `run(key, first, count, given, *arrays)`, which makes `count` tiles from number
        `first` on: `[len(given), outputs, width]`.
      arrays: what differs between programs of one structure.
    """

    structure: Hashable
    build: Callable[[], Lanes]
    arrays: tuple[np.ndarray, ...]


@runtime_checkable
class Compiling(Protocol):
    """A back end that makes a kernel of a program."""

    name: str

    def kernel(self, program: Program, width: int) -> Kernel:
        """The kernel of a program over tiles of so many worlds."""
        ...


class Compiled:
    """Functions by their structure; each is compiled once, whichever thread asks first."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Lanes] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._found)

    def get(self, structure: Hashable, build: Callable[[], Lanes]) -> Lanes:
        """The function of a structure.

        Args:
          structure: its key.
          build: gives what is to be compiled, where it has not been.
        """
        with self._lock:
            run = self._found.get(structure)
            if run is None:
                keep_compilations()
                run = self._found[structure] = jax.jit(build())
        return run


def on_one_device(
    compiled: Compiled, kernel: Kernel
) -> Callable[[PRNGKeyArray, int, int, np.ndarray], jax.Array]:
    """What `Backend.prepare` gives, of a kernel on JAX's default device.

    Args:
      compiled: where it is looked up.
      kernel: of the program.
    """
    run = compiled.get(kernel.structure, kernel.build)

    def call(key: PRNGKeyArray, first: int, count: int, given: np.ndarray) -> jax.Array:
        return run(key, np.int32(first), np.int32(count), given, *kernel.arrays)

    return call
