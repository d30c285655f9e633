"""A lane program: instructions, some of them in loops, as arrays that a back end can run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from plot.compiler.ops import BUNDLE, EXTERNAL, LOOP_ROWS, OPS, PART

# Rows that a loop draws in each round are instructions too: operands are the counters of the loops
# (-1 where there is one loop only) and the position of the site in `Program.loop_sites`.
# A call of a module reads a bundle of lanes; its last column, and that of one of its results, is a
# position: of the function in `Program.externals`, or of the result.
CALLS = (BUNDLE, EXTERNAL, PART)
NAMES = (*OPS, *LOOP_ROWS.values(), *CALLS)
OPCODES: dict[str, int] = {name: i for i, name in enumerate(NAMES)}
COUNTERS = 2  # most loops around a draw
ARITY: dict[int, int] = {
    code: OPS[name].arity if name in OPS else 3 if name == BUNDLE else COUNTERS
    for name, code in OPCODES.items()
}
COLUMNS = 4  # opcode and up to three operands


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

    Operands are numbered: given rows, uniform rows, normal rows, constants, variables of loops,
    results.

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
      externals: functions of modules, on lanes.
      given: how many rows are handed over with each call, instead of being drawn.
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
    externals: tuple[Callable[..., Sequence[Any]], ...] = ()
    given: int = 0

    @property
    def rows(self) -> int:
        """How many rows of randomness there are, the given ones included."""
        return self.given + len(self.uniform_sites) + len(self.normal_sites)

    @property
    def inputs(self) -> int:
        """How many operands are there before the first instruction."""
        return self.rows + len(self.constants) + self.variables

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

        What a loop reads and does not make in its rounds is read until its end, which is the number
        of the first result after it.
        """
        last = np.arange(self.values)
        self._enter_reads(last, None, self.instructions.tolist())
        last[self.outputs] = self.values
        return last

    def _enter_reads(
        self, last: np.ndarray, region: Region | None, instructions: list[list[int]]
    ) -> list[int]:
        """Enter the reads of a block; the variables of the loops in it."""
        variables: list[int] = []
        for item in self.block(region):
            if isinstance(item, int):
                last[reads(instructions[item])] = self.inputs + item
                continue
            start, end = self.inputs + item.first, self.inputs + item.last
            made = self._enter_reads(last, item, instructions)
            earlier = last[:start]
            kept = earlier[made]
            earlier[earlier >= start] = end
            earlier[made] = kept
            last[[*item.variables, item.counter, *item.nexts]] = end
            starts = list(item.starts)
            last[starts] = np.maximum(last[starts], start)
            variables += [*made, *item.variables, item.counter]
        return variables

    @cached_property
    def registers(self) -> int:
        """How many values are alive at once, at most."""
        ends = np.bincount(np.minimum(self.last_reads, self.values), minlength=self.values + 1)
        alive = self.inputs + np.arange(1, len(self.instructions) + 1)
        gone = np.cumsum(ends)[self.inputs : self.values]
        return max(self.inputs, int(np.max(alive - gone, initial=0)) + 1)

    def structure(self) -> tuple:
        """What programs share that differ in constants, limits and the identity of sites only."""
        shape = self.given, len(self.uniform_sites), len(self.normal_sites), len(self.constants)
        loops = self.regions, self.variables, self.externals
        return (*shape, *loops, self.instructions.tobytes(), self.outputs.tobytes())

    def opcodes(self) -> frozenset[int]:
        """The operations that occur."""
        return frozenset(self.instructions[:, 0].tolist())


def reads(instruction: list[int]) -> list[int]:
    """The operands that an instruction reads."""
    operands = instruction[1 : 1 + ARITY[instruction[0]]]
    return operands if instruction[0] < len(OPS) else [o for o in operands if o >= 0]


def call(program: Program, name: str, operands: list[Any], position: int) -> Any:
    """The value of one of `CALLS`: a bundle and a call are tuples of lanes."""
    if name == BUNDLE:
        return tuple(x for o in operands for x in (o if isinstance(o, tuple) else (o,)))
    if name == EXTERNAL:
        return tuple(program.externals[position](*operands[0]))
    return operands[0][position]
