"""From nodes to a lane program: every value gets its number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from types import MappingProxyType

import numpy as np

from plot.backends.order import ROWS, Body, Clamps, Order
from plot.backends.program import COLUMNS, COUNTERS, OPCODES, Program, Region
from plot.compiler.external import External
from plot.compiler.graph import Loop, Node, Operand
from plot.compiler.ops import BUNDLE, EXTERNAL, LOOP_OUT, LOOP_VARIABLE, NORMAL, PART, UNIFORM
from plot.errors import Unsupported

MOST_ROUNDS = 2**24  # a counter is a float32 lane


def assemble(
    roots: Sequence[Operand],
    clamps: Clamps = MappingProxyType({}),
    loops: Sequence[Loop] = (),
    externals: Sequence[External] = (),
    given: Sequence[Node] = (),
) -> Program:
    """The program that computes some operands.

    Args:
      roots: what is asked for, constants included.
      clamps: draws that were observed, and what they are.
      loops: the loops of the graph; what the roots do not need of them is left out.
      externals: the functions of modules that the graph calls.
      given: nodes outside of loops whose values are handed over, in this order: rows of randomness
        that are not drawn, and others that are not computed.

    Raises:
      Unsupported: where a draw is in more than two loops, or observed at a value that depends on it.
    """
    return assembled(Order(roots, clamps, loops, frozenset(given)), externals, given)


def assembled(
    order: Order, externals: Sequence[External] = (), given: Sequence[Node] = ()
) -> Program:
    """The same of nodes in order, which has to know what is given but for rows."""
    return _Assembly(order, tuple(externals), given).program()


class _Assembly:
    def __init__(self, order: Order, externals: tuple[External, ...], given: Sequence[Node]):
        self.order, self.given = order, given
        called = any(node.op == EXTERNAL for node in order.nodes)
        self.externals = externals if called else ()
        known = {n.id for n in given}
        drawn = [n for n in order.nodes if n.id not in known]
        self.uniforms = [n for n in drawn if n.op == UNIFORM]
        self.normals = [n for n in drawn if n.op == NORMAL]
        rows = [*given, *self.uniforms, *self.normals]
        self.rows = len(rows)
        self.number = {n.id: i for i, n in enumerate(rows)}
        self.constants: dict[str, int] = {}
        self.values: list[float] = []
        for operand in [*order.operands(), *order.roots]:
            if not isinstance(operand, Node):
                self.constant(operand)
        self.variables: dict[tuple[int, int], int] = {}
        for body in order.body.loops():
            for position in (body.counter, *body.variables):
                assert body.loop is not None
                key = body.loop.index, position
                self.variables[key] = self.rows + len(self.values) + len(self.variables)
        self.base = self.rows + len(self.values) + len(self.variables)
        self.instructions: list[list[int]] = []
        self.sites: list[int] = []
        self.limits: list[int] = []

    def program(self) -> Program:
        regions = self.emit(self.order.body, None)
        outputs = [self.place(root) for root in self.order.roots]
        return Program(
            np.array(self.instructions, np.int32).reshape(-1, COLUMNS),
            np.array(self.values, np.float32),
            np.array([n.args[0] for n in self.uniforms], np.int32),
            np.array([n.args[0] for n in self.normals], np.int32),
            np.array(outputs, np.int32),
            regions,
            len(self.variables),
            np.array(self.sites, np.int32),
            np.array(self.limits, np.int32),
            self.externals,
            len(self.given),
        )

    def constant(self, x: bool | int | float) -> int:
        single = np.float32(x)
        if math.isfinite(x) and not np.isfinite(single):
            raise Unsupported(f"{x} is too large for a lane, which holds float32")
        if isinstance(x, int) and int(single) != x:
            raise Unsupported(f"{x} is no float32, and a lane would round it")
        key = single.tobytes().hex()  # tells -0.0 from 0.0 and admits NaN
        if key not in self.constants:
            self.constants[key] = len(self.values)
            self.values.append(float(single))
        return self.rows + self.constants[key]

    def place(self, operand: Operand) -> int:
        """The number of an operand, after `Order.resolve`."""
        if not isinstance(operand, Node):
            return self.constant(operand)
        if operand.op in (LOOP_VARIABLE, LOOP_OUT):
            loop, position = self.order.variable(operand)
            return self.variables[loop.index, position]
        return self.number[operand.id]

    def emit(self, body: Body, running: int | None) -> tuple[Region, ...]:
        """Append the instructions of a body; the loops in it.

        Args:
          running: of the loop that the body is of, the variable that says which worlds go on.
        """
        regions = []
        for item in body.items:
            if isinstance(item, Body):
                regions.append(self.emit_loop(item, running))
            else:
                self.number[item.id] = self.append(OPCODES[item.op], self.operands(item))
        return tuple(regions)

    def emit_loop(self, body: Body, outer: int | None) -> Region:
        loop = body.loop
        assert loop is not None
        if loop.limit >= MOST_ROUNDS:
            raise Unsupported(f"a loop of {loop.limit} rounds; there may be {MOST_ROUNDS - 1}")
        starts = [self.place(start) for start in self.order.starts(loop, body.variables)]
        if outer is not None:
            # A world that is done with the outer loop must not keep the inner one going.
            at = body.variables.index(body.running)
            if self.order.starts(loop, [body.running]) == [True]:
                starts[at] = outer
            else:
                starts[at] = self.append(OPCODES["and"], [outer, starts[at]])
        index, first = len(self.limits), len(self.instructions)
        self.limits.append(loop.limit)
        running = self.variables[loop.index, body.running]
        inner = self.emit(body, running)
        return Region(
            index,
            first,
            len(self.instructions),
            running,
            self.variables[loop.index, body.counter],
            tuple(self.variables[loop.index, position] for position in body.variables),
            tuple(starts),
            tuple(self.place(following) for following in self.order.nexts(loop, body.variables)),
            inner,
        )

    def append(self, code: int, operands: list[int]) -> int:
        self.instructions.append([code, *operands, *[0] * (COLUMNS - 1 - len(operands))])
        return self.base + len(self.instructions) - 1

    def operands(self, node: Node) -> list[int]:
        places = [self.place(argument) for argument in self.order.arguments(node)]
        if node.op in (BUNDLE, EXTERNAL, PART):
            last = [] if node.op == BUNDLE else [node.args[0 if node.op == EXTERNAL else 1]]
            return [*places, *[-1] * (COLUMNS - 1 - len(places) - len(last)), *last]  # type: ignore[list-item]
        if node.op not in ROWS:
            return places
        if len(places) > COUNTERS:
            raise Unsupported(
                f"{node.label} is drawn in {len(places)} loops within each other; "
                f"the back ends draw anew in {COUNTERS} at most",
                node.span,
            )
        site = node.args[0]
        assert isinstance(site, int)
        self.sites.append(site)
        return [*places, *[-1] * (COUNTERS - len(places)), len(self.sites) - 1]
