"""Several programs as one: they share rows of randomness, which take XLA most of its time."""

from __future__ import annotations

import numpy as np
from jaxtyping import PRNGKeyArray

from experiments.bench.compiled import Compiled, compiled
from plot.backends import XLA, assemble
from plot.backends.base import Backend, nothing_given
from plot.compiler.domains import Table
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import Kind
from plot.compiler.values import Atoms
from plot.session import Session

WIDTH = 256  # worlds that the back ends are compared on


class SharedRows(Graph):
    """A graph in which the first draw of each program is the same row, and so on."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[tuple, Node] = {}

    def site(self, family, label, span=None, counters=()) -> Node:  # type: ignore[override]
        place = len(self.sites), family, counters
        if place in self.rows:
            node = self.rows[place]
            super().site(family, label, span, counters)  # counts on; its node is not used
            return node
        node = self.rows[place] = super().site(family, label, span, counters)
        return node

    def finite(self, op: str, args: tuple[Operand, ...], values: np.ndarray | list[float]) -> Node:
        # What a draw can be follows from the program: nodes of two programs must stay apart.
        node = self._new(op, args, Kind.NUMBER)
        node.table = Table((node,), np.asarray(values, dtype=float))
        node.range = (float(np.min(node.table.values)), float(np.max(node.table.values)))
        return node


def together(sources: list[str]) -> list[Compiled]:
    """Programs in one graph; sources that cannot be compiled are an error."""
    session = Session()
    object.__setattr__(session, "graph", SharedRows())
    programs = []
    for source in sources:
        session.graph.sites.clear()
        object.__setattr__(session, "atoms", Atoms())
        programs.append(compiled(source, session))
    return programs


def rows_of(backend: Backend, programs: list[Compiled], key: PRNGKeyArray) -> list[np.ndarray]:
    """What each program asks for, in the same worlds: float32 `[asked, WIDTH]` each."""
    clamps = {node: value for p in programs for node, value in p.clamps.items()}
    asked = [node for p in programs for node in p.asked]
    program = assemble(asked, clamps, programs[0].graph.loops)
    values = np.asarray(backend.prepare(program, WIDTH)(key, 0, 1, nothing_given(WIDTH)))[0]
    ends = np.cumsum([len(p.asked) for p in programs])
    return [values[end - len(p.asked) : end] for p, end in zip(programs, ends, strict=True)]


def batched(sources: list[str], key: PRNGKeyArray) -> list[np.ndarray]:
    """`rows_of` by XLA, with one compilation for all programs without observed draws."""
    alone = [bool(compiled(source).clamps) for source in sources]
    found: dict[int, np.ndarray] = {}
    shared = [i for i, single in enumerate(alone) if not single]
    if shared:
        programs = together([sources[i] for i in shared])
        found.update(zip(shared, rows_of(XLA(), programs, key), strict=True))
    for i, single in enumerate(alone):
        if single:  # what one program sets a draw to holds in that program alone
            found[i] = rows_of(XLA(), [compiled(sources[i])], key)[0]
    return [found[i] for i in range(len(sources))]
