"""A lane program: the nodes that some roots need, in order, as arrays that a back end can run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np

from plot.backends.order import ROWS, Body, Clamps, Order
from plot.compiler.graph import Loop, Node, Operand
from plot.compiler.ops import LOOP_OUT, LOOP_VARIABLE, NORMAL, OPS, UNIFORM
from plot.errors import Unsupported

# Rows that a loop draws in each round are instructions too: operands are the counters of the loops
# (-1 where there is one loop only) and the position of the site in `Program.loop_sites`.
NAMES = (*OPS, *sorted(ROWS))
OPCODES: dict[str, int] = {name: i for i, name in enumerate(NAMES)}
COUNTERS = 2  # most loops around a draw
ARITY: dict[int, int] = {
    code: OPS[name].arity if name in OPS else COUNTERS for name, code in OPCODES.items()
}
COLUMNS = 4  # opcode and up to three operands
MOST_ROUNDS = 2**24  # a counter is a float32 lane


@dataclass(frozen=True)
class Region:
    """A loop of a program: instructions `[first, last)`, those of inner loops included.

    Variables, starts and nexts are numbers of values, position by position. A variable has a number
    of its own, under which it is also read after the last round.

    Args:
      index: its position in `Program.limits`.
      first, last: the instructions.
      running: the variable that says which worlds go on.
      counter: the variable that counts rounds; not among `variables`.
      variables, starts, nexts: each variable, its value before the first round and in the next one.
      inner: loops that run in each round, in order.
    """

    index: int
    first: int
    last: int
    running: int
    counter: int
    variables: tuple[int, ...]
    starts: tuple[int, ...]
    nexts: tuple[int, ...]
    inner: tuple[Region, ...]


def _none() -> np.ndarray:
    return np.zeros(0, np.int32)


@dataclass(frozen=True, eq=False)
class Program:
    """Instructions in order, some of them in loops.

    Operands are numbered: uniform rows, normal rows, constants, variables of loops, results.

    Args:
      instructions: int32 `[length, 4]`, opcode and operand numbers.
      constants: float32 `[constants]`.
      uniform_sites: int32 `[uniforms]`, graph indices of the rows of uniforms.
      normal_sites: int32 `[normals]`, graph indices of the rows of standard normals.
      outputs: int32 `[outputs]`, numbers of the values that are asked for.
      regions: loops that are in no other loop, in order.
      variables: how many variables the loops have, counters included.
      loop_sites: int32 `[draws in loops]`, graph indices of rows that are drawn in each round.
      limits: int32 `[loops]`, most rounds.
    """

    instructions: np.ndarray
    constants: np.ndarray
    uniform_sites: np.ndarray
    normal_sites: np.ndarray
    outputs: np.ndarray
    regions: tuple[Region, ...] = ()
    variables: int = 0
    loop_sites: np.ndarray = field(default_factory=_none)
    limits: np.ndarray = field(default_factory=_none)

    @property
    def inputs(self) -> int:
        """How many operands are there before the first instruction."""
        rows = len(self.uniform_sites) + len(self.normal_sites)
        return rows + len(self.constants) + self.variables

    @property
    def values(self) -> int:
        """How many operands there are in all."""
        return self.inputs + len(self.instructions)

    def block(self, region: Region | None = None) -> Iterator[int | Region]:
        """What runs in a round of a loop, or once: instructions and inner loops, in order."""
        inner = region.inner if region else self.regions
        at, last = (region.first, region.last) if region else (0, len(self.instructions))
        for loop in inner:
            yield from range(at, loop.first)
            yield loop
            at = loop.last
        yield from range(at, last)

    @cached_property
    def last_reads(self) -> np.ndarray:
        """int `[values]`, the number of the value after whose making each value is read no more.

        What a loop reads, but does not make in its rounds, is read until the loop ends: until the
        instruction after its last.
        """
        last = np.arange(self.values)
        self._read(last, None, 0, self.instructions.tolist())
        last[self.outputs] = self.values
        return last

    def _read(
        self, last: np.ndarray, region: Region | None, first_variable: int, code: list[list[int]]
    ) -> None:
        """Enter the reads of a block; `region` is the loop that it is of."""
        for item in self.block(region):
            if isinstance(item, int):
                last[reads(code[item])] = self.inputs + item
                continue
            last[list(item.starts)] = self.inputs + item.first
            self._read(last, item, first_variable, code)
            end = self.inputs + item.last
            last[[*item.variables, item.counter, *item.nexts]] = end
            # All that is read in the loop and was there before it, made by none of its instructions.
            outside = np.ones(self.values, bool)
            outside[self.inputs + item.first : end] = False
            inside = last[: self.values] >= self.inputs + item.first
            last[outside & inside & (np.arange(self.values) < end)] = end

    @cached_property
    def registers(self) -> int:
        """How many values are alive at once, at most."""
        ends = np.bincount(np.minimum(self.last_reads, self.values), minlength=self.values + 1)
        alive = self.inputs + np.arange(1, len(self.instructions) + 1)
        gone = np.cumsum(ends)[self.inputs : self.values]
        return max(self.inputs, int(np.max(alive - gone, initial=0)) + 1)
