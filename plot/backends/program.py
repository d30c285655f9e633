"""A lane program: the nodes that some roots need, in order, as arrays that a back end can run."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from plot.compiler.graph import Node, Operand
from plot.compiler.ops import NORMAL, OPS, UNIFORM
from plot.errors import Unsupported

OPCODES: dict[str, int] = {name: i for i, name in enumerate(OPS)}
ARITY: dict[int, int] = {OPCODES[name]: op.arity for name, op in OPS.items()}
COLUMNS = 4  # opcode and up to three operands


@dataclass(frozen=True, eq=False)
class Program:
    """Instructions in order; operands are numbered uniform rows, normal rows, constants, results.

    Args:
      instructions: int32 `[length, 4]`, opcode and operand numbers.
      constants: float32 `[constants]`.
      uniform_sites: int32 `[uniforms]`, graph indices of the rows of uniforms.
      normal_sites: int32 `[normals]`, graph indices of the rows of standard normals.
      outputs: int32 `[outputs]`, numbers of the values that are asked for.
    """

    instructions: np.ndarray
    constants: np.ndarray
    uniform_sites: np.ndarray
    normal_sites: np.ndarray
    outputs: np.ndarray

    @property
    def inputs(self) -> int:
        """How many operands are there before the first instruction."""
        return len(self.uniform_sites) + len(self.normal_sites) + len(self.constants)

    @property
    def values(self) -> int:
        """How many operands there are in all."""
        return self.inputs + len(self.instructions)

    @cached_property
    def last_reads(self) -> np.ndarray:
        """int `[values]`, the number of the value after whose making each value is read no more."""
        last = np.arange(self.values)
        for i, (code, *operands) in enumerate(self.instructions.tolist()):
            last[operands[: ARITY[code]]] = self.inputs + i
        last[self.outputs] = self.values
        return last

    @cached_property
    def registers(self) -> int:
        """How many values are alive at once, at most."""
        ends = np.bincount(np.minimum(self.last_reads, self.values), minlength=self.values + 1)
        alive = self.inputs + np.arange(1, len(self.instructions) + 1)
        gone = np.cumsum(ends)[self.inputs : self.values]
        return max(self.inputs, int(np.max(alive - gone, initial=0)) + 1)

    def structure(self) -> tuple:
        """What programs share that differ in constants and in the identity of sites only."""
        shape = len(self.uniform_sites), len(self.normal_sites), len(self.constants)
        return (*shape, self.instructions.tobytes(), self.outputs.tobytes())

    def opcodes(self) -> frozenset[int]:
        """The operations that occur."""
        return frozenset(self.instructions[:, 0].tolist())


type Clamps = Mapping[Node, Operand]


def clamped(operand: Operand, clamps: Clamps) -> Operand:
    """What an operand is where some draws were observed."""
    while isinstance(operand, Node) and operand in clamps:
        operand = clamps[operand]
    return operand


def schedule(roots: Sequence[Operand], clamps: Clamps) -> list[Node]:
    """The nodes that some operands depend on, each after what it is made of.

    Raises:
      Unsupported: where the value of an observed draw depends on the draw itself.
    """
    roots = [clamped(root, clamps) for root in roots]
    open_nodes: set[int] = set()
    seen: set[int] = set()
    order: list[Node] = []
    stack = [(root, False) for root in reversed(roots) if isinstance(root, Node)]
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
            open_nodes.discard(node.id)
        elif node.id not in seen:
            seen.add(node.id)
            open_nodes.add(node.id)
            stack.append((node, True))
            for argument in reversed([clamped(a, clamps) for a in node.args]):
                if isinstance(argument, Node):
                    if argument.id in open_nodes and clamps:
                        raise Unsupported(
                            "a draw observed at a value that depends on the draw itself"
                        )
                    if argument.id not in seen:
                        stack.append((argument, False))
    return order


def assemble(roots: Sequence[Operand], clamps: Clamps = MappingProxyType({})) -> Program:
    """The program that computes some operands.

    Args:
      roots: what is asked for, constants included.
      clamps: draws that were observed, and what they are.
    """
    order = schedule(roots, clamps)
    uniforms = [n for n in order if n.op == UNIFORM]
    normals = [n for n in order if n.op == NORMAL]
    number = {n.id: i for i, n in enumerate([*uniforms, *normals])}
    work = [n for n in order if n.op not in (UNIFORM, NORMAL)]
    constants: dict[str, int] = {}
    values: list[float] = []

    def constant(x: bool | int | float) -> int:
        single = np.float32(x)
        if math.isfinite(x) and not np.isfinite(single):
            raise OverflowError(f"{x} is too large for a float32 lane")
        key = single.tobytes().hex()  # tells -0.0 from 0.0 and admits NaN
        if key not in constants:
            constants[key] = len(values)
            values.append(float(single))
        return len(uniforms) + len(normals) + constants[key]

    for operand in [*(a for n in work for a in n.args), *roots]:
        operand = clamped(operand, clamps)
        if not isinstance(operand, Node):
            constant(operand)
    base = len(uniforms) + len(normals) + len(values)
    number |= {n.id: base + i for i, n in enumerate(work)}

    def place(operand: Operand) -> int:
        operand = clamped(operand, clamps)
        return number[operand.id] if isinstance(operand, Node) else constant(operand)

    instructions = np.zeros((len(work), COLUMNS), np.int32)
    for row, node in zip(instructions, work, strict=True):
        row[0] = OPCODES[node.op]
        row[1 : 1 + len(node.args)] = [place(a) for a in node.args]
    return Program(
        instructions,
        np.array(values, np.float32),
        np.array([n.args[0] for n in uniforms], np.int32),
        np.array([n.args[0] for n in normals], np.int32),
        np.array([place(r) for r in roots], np.int32),
    )
