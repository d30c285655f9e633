"""Register allocation for the lane machine: a program as a table of steps over few registers."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from plot.backends.base import padded
from plot.backends.lax_ops import HEAVY
from plot.backends.program import NAMES, OPCODES, Program, Region, reads
from plot.compiler.ops import LOOP_ROWS, OPS

LIGHT_OPS = tuple(name for name in OPS if name not in HEAVY)
# Steps of programs with loops: `enter` goes to the loop's `again`, which counts a round and goes
# back to the loop's first step where another round is due.
ENTER, AGAIN = "enter", "again"
LOOP_OPS = (*LOOP_ROWS.values(), ENTER, AGAIN)
ALL_OPS = (*OPS, *LOOP_OPS)
LEAST_REGISTERS, LEAST_LENGTH, LEAST_OUTPUTS = 128, 1024, 4


def instructions_of(heavy: tuple[str, ...], loops: bool) -> tuple[str, ...]:
    """The operations of a machine with some heavy ones, in the order of its opcodes."""
    return LIGHT_OPS + heavy + (LOOP_OPS if loops else ())


def size(n: int, least: int) -> int:
    """The padded size: powers of four, so that few shapes are ever compiled."""
    found = least
    while found < n:
        found *= 4
    return found


@dataclass(frozen=True)
class Shape:
    """What a compiled interpreter is made for.

    Args:
      registers, length, outputs: padded numbers of registers, steps and outputs.
      width: worlds in a tile.
      heavy: the operations that take long to compile, as far as they are needed.
      loops: whether steps can jump.
      given: padded number of rows that are handed over.
    """

    registers: int
    length: int
    outputs: int
    width: int
    heavy: tuple[str, ...]
    loops: bool
    given: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """The operations, in the order of the machine's opcodes."""
        return instructions_of(self.heavy, self.loops)


@dataclass(frozen=True)
class Code:
    """A program after register allocation, padded to the sizes of its shape.

    Args:
      steps: int32 `[length, 5]`: opcode, three operand registers, result register; with loops
        `[length, 6]`, the last the step to go to. A draw in a loop has the registers of one or two
        counters (-1 for none) and its site; `again` has the registers of the variable that says
        which worlds go on and of the counter, and the limit.
      constants: float32 `[registers]`, and `constant_registers` int32 where they go.
      uniform_sites, normal_sites: int32 `[registers]`; the given rows are in the first registers,
        uniforms and normals follow.
      outputs: int32 `[outputs]`, registers.
      counts: int32 `[5]`: steps, given rows, uniforms, normals, constants.
    """

    steps: np.ndarray
    constants: np.ndarray
    constant_registers: np.ndarray
    uniform_sites: np.ndarray
    normal_sites: np.ndarray
    outputs: np.ndarray
    counts: np.ndarray

    def arrays(self) -> tuple[np.ndarray, ...]:
        """All of it, in this order."""
        return tuple(getattr(self, field.name) for field in fields(self))


def allocate(program: Program, width: int) -> tuple[Code, Shape]:
    """Give each value a register, used again once its last reader has passed.

    Args:
      program: what is to run.
      width: worlds in a tile.
    """
    used = program.opcodes()
    heavy = tuple(name for name in OPS if name in HEAVY and OPCODES[name] in used)
    names = instructions_of(heavy, bool(program.regions))
    work = Allocation(program, names, 6 if program.regions else 5)
    work.block(None)
    uniforms, normals = len(program.uniform_sites), len(program.normal_sites)
    constants = np.arange(work.rows, work.fixed, dtype=np.int32)
    shape = Shape(
        size(work.top, LEAST_REGISTERS),
        size(len(work.table), LEAST_LENGTH),
        size(len(program.outputs), LEAST_OUTPUTS),
        width,
        heavy,
        bool(program.regions),
        padded(program.given),
    )
    outputs = [work.register[o] for o in program.outputs.tolist()]
    code = Code(
        pad(np.array(work.table, np.int32).reshape(-1, work.columns), shape.length),
        pad(program.constants, shape.registers),
        pad(constants, shape.registers),
        pad(program.uniform_sites, shape.registers),
        pad(program.normal_sites, shape.registers),
        pad(np.array(outputs, np.int32), shape.outputs),
        np.array([len(work.table), program.given, uniforms, normals, len(constants)], np.int32),
    )
    return code, shape


class Allocation:
    """Registers for the values of a program, and its steps on them.

    Args:
      program: what is to run.
      names: the operations, in the order of their opcodes.
      columns: of a step; the sixth, which loops need, is the step to go to.
      keep_rows: whether registers of rows are not used again.
    """

    def __init__(
        self, program: Program, names: tuple[str, ...], columns: int, keep_rows: bool = False
    ):
        self.program, self.columns = program, columns
        self.kept_from = 0 if keep_rows else program.rows
        self.opcode = {name: i for i, name in enumerate(names)}
        self.instructions = program.instructions.tolist()
        self.rows = program.rows
        self.fixed = self.top = self.rows + len(program.constants)
        # Inputs stay where they are: rows are drawn anew for each tile, constants written once.
        self.register = {value: value for value in range(self.fixed)}
        self.free: list[int] = []
        self.table: list[list[int]] = []
        self.late = self._late() if program.regions else {}

    def _late(self) -> dict[int, list[int]]:
        """Of instructions, the values that end there and were last read by a loop before it."""
        inputs, found = self.program.inputs, dict[int, list[int]]()
        for value, end in enumerate(self.program.last_reads.tolist()):
            if max(inputs, value + 1) <= end < self.program.values:
                found.setdefault(end - inputs, []).append(value)
        return {
            i: [v for v in vs if v not in reads(self.instructions[i])] for i, vs in found.items()
        }

    def block(self, region: Region | None) -> None:
        for item in self.program.block(region):
            if isinstance(item, Region):
                self.loop(item)
            else:
                self.instruction(item)

    def instruction(self, i: int) -> None:
        code, *rest = self.instructions[i]
        used = reads(self.instructions[i])
        places = [self.register[o] for o in used] + [0] * (3 - len(used))
        if code >= len(OPS):
            site = int(self.program.loop_sites[rest[-1]])
            places = [self.register[o] if o >= 0 else -1 for o in rest[:-1]] + [site]
        end = self.program.inputs + i
        for operand in set(used):
            if self.program.last_reads[operand] == end:
                self.give_back(operand)
        for value in self.late.get(i, ()):
            self.give_back(value)
        self.register[end] = self.take()
        self.step(NAMES[code], places, self.register[end])

    def loop(self, region: Region) -> None:
        for variable in (*region.variables, region.counter):
            self.register[variable] = self.take()
        place = self.register.__getitem__
        for variable, start in zip(region.variables, region.starts, strict=True):
            self.step("identity", [place(start)], place(variable))
        enter, counter = len(self.table), place(region.counter)
        self.step(ENTER, [], counter)
        self.block(region)
        self.update(
            place(region.running),
            {place(v): place(n) for v, n in zip(region.variables, region.nexts, strict=True)},
        )
        self.table[enter][-1] = len(self.table)
        limit = int(self.program.limits[region.index])
        self.step(AGAIN, [place(region.running), counter, limit], counter, enter + 1)

    def update(self, running: int, nexts: dict[int, int]) -> None:
        """Steps after which every variable has the value that its next had before them.

        Args:
          running: register of the variable that says which worlds change; itself it changes last.
          nexts: registers of variables, and of their next values.
        """
        waiting = {v: n for v, n in nexts.items() if v != n}
        aside: list[int] = []
        while waiting:
            read = set(waiting.values()) | ({running} if len(waiting) > 1 else set())
            ready = next((v for v in waiting if v not in read), None)
            if ready is None:  # a ring: one value is set aside
                variable = next(v for v, n in waiting.items() if n in waiting)
                aside.append(self.take())
                self.step("identity", [waiting[variable]], aside[-1])
                waiting[variable] = aside[-1]
            else:
                self.step("where", [running, waiting.pop(ready), ready], ready)
        self.free += aside

    def take(self) -> int:
        if self.free:
            return self.free.pop()
        self.top += 1
        return self.top - 1

    def give_back(self, value: int) -> None:
        if not self.kept_from <= value < self.fixed:  # constants stay
            self.free.append(self.register[value])

    def step(self, name: str, operands: list[int], result: int, to: int = 0) -> None:
        row = [self.opcode[name], *operands, *[0] * (3 - len(operands)), result, to]
        self.table.append(row[: self.columns])


def pad(array: np.ndarray, size: int) -> np.ndarray:
    """An array with zeros after its last row, up to a number of rows."""
    out = np.zeros((size, *array.shape[1:]), array.dtype)
    out[: len(array)] = array
    return out
