"""Lanes of a graph over worlds whose rows of randomness are held: the ground of every belief.

Every world is a point in the space of its rows (uniforms and standard normals), in which the prior is
the same for all programs; a target is a function of the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.backends import (
    Backend,
    Program,
    assemble,
    assembled,
    blocks,
    choose,
    tile_width,
    tiled,
    untiled,
)
from plot.backends.order import ROWS, Order
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import NORMAL, UNIFORM
from plot.errors import Unsupported

type Rows = Mapping[Node, np.ndarray]  # site, or held node, to float32 `[worlds]`


@dataclass(frozen=True, eq=False)
class Lanes:
    """Some operands of a graph, to be computed for worlds whose rows are given.

    Args:
      graph: where they are.
      outputs: the operands.
      clamps: draws that were observed, and what they are.
      held: nodes whose values come with the rows: what they were made of is not looked at.
    """

    graph: Graph
    outputs: tuple[Operand, ...]
    clamps: Mapping[Node, Operand]
    held: Collection[Node] = frozenset()

    @cached_property
    def order(self) -> Order:
        """What has to be computed, and in which order."""
        return Order(self.outputs, self.clamps, self.graph.loops, self.held)

    @cached_property
    def sites(self) -> tuple[Node, ...]:
        """The rows and held nodes that they depend on, in the order of the graph.

        Raises:
          Unsupported: where a draw is made anew in each round of a loop.
        """
        nodes = self.order.nodes
        for node in nodes:
            if node.op in ROWS:
                site = self.graph.sites[int(node.args[0])]  # type: ignore[arg-type]
                raise Unsupported(
                    f"a belief keeps each draw of a world, and `{site.label}` is drawn in a loop, anew "
                    "in each round",
                    site.span,
                    "ask with Importance, or unroll with Passes(loops=False)",
                )
        rows = [node for node in nodes if node.op in (UNIFORM, NORMAL) or node in self.held]
        return tuple(sorted(rows, key=lambda node: node.id))

    @cached_property
    def program(self) -> Program:
        """What computes them from rows that are all given."""
        return assembled(self.order, self.graph.externals, self.sites)

    def draw(self, rows: Rows, key: PRNGKeyArray, worlds: int) -> dict[Node, np.ndarray]:
        """Rows for the sites that have none yet, from the prior.

        Args:
          rows: what is known.
          key: the seed.
          worlds: how many.
        """
        new = [site for site in self.sites if site not in rows]
        if not new:
            return {}
        found = _run(assemble(new), key, worlds, None, None)
        return dict(zip(new, found, strict=True))

    def tiles(self, rows: Rows, worlds: int) -> np.ndarray:
        """The rows of `sites` as they are handed over; rows of other sites are left out."""
        found = [rows[site] for site in self.sites]
        return tiled(np.stack(found) if found else np.zeros((0, worlds), np.float32), self.width)

    def rows(self, tiles: np.ndarray, worlds: int) -> dict[Node, np.ndarray]:
        """The rows that `tiles` holds, by site."""
        return dict(zip(self.sites, untiled(tiles, len(self.sites), worlds), strict=True))

    @cached_property
    def width(self) -> int:
        """Worlds in a tile."""
        return tile_width(self.program)

    def values(self, tiles: np.ndarray, worlds: int, backend: Backend | None = None) -> np.ndarray:
        """float32 `[outputs, worlds]`, of worlds with these rows.

        Args:
          tiles: from `tiles`.
          worlds: how many.
          backend: what runs; chosen by cost where not given.
        """
        return _run(self.program, _no_key(), worlds, backend, tiles)


def chained(graph: Graph, order: Order, held: Collection[Node]) -> tuple[Node, ...]:
    """The draws that depend on other draws, of those that have to be made.

    Args:
      graph: where they are.
      order: of what has to be computed.
      held: draws whose values are there.
    """
    below: set[int] = set()  # nodes that depend on a draw, by number
    found = []
    for node in order.nodes:
        drawn = node in graph.choices
        inputs = (a.id for a in order.dependencies(node) if isinstance(a, Node))
        depends = any(i in below for i in inputs)
        if depends and drawn and not node.loops and node not in held:
            found.append(node)
        if depends or drawn:
            below.add(node.id)
    return tuple(found)


@cache
def _no_key() -> PRNGKeyArray:
    """For programs that draw nothing."""
    return jax.random.key(0)


def _run(
    program: Program,
    key: PRNGKeyArray,
    worlds: int,
    backend: Backend | None,
    given: np.ndarray | None,
) -> np.ndarray:
    backend = backend or choose(program, worlds).backend
    found = [b.values for b in blocks(backend, program, key, worlds, given)]
    return np.concatenate(found, axis=1)[: len(program.outputs)]
