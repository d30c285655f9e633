"""A scan of Metropolis visits over the rows of worlds, each of which recomputes only what it reaches.

Source: Goodman and others, Church (2008), section 4, for moves of single choices; Besag (1974) for the
factors of the target that a choice is in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import PRNGKeyArray

from inference.kernel import Schedule, run_schedule
from inference.lanes import Lanes
from inference.moves import Acceptance, Move
from inference.targets import Term
from plot.backends import Backend, spread_over
from plot.backends.joining import Joined, Piece, joined
from plot.backends.order import Order
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.ops import EXTERNAL, NORMAL, UNIFORM

FEW_TERMS = 16  # of which each can be a piece of code of its own, whatever they read
TANGLED = 0.25  # share of the rows that a term reads on average, past which it is no use


@dataclass(frozen=True, eq=False)
class Compiled:
    """Terms as a piece of code, and the rows that it reads.

    Args:
      piece: the code.
      sites: the rows, in the order in which the piece has them.
    """

    piece: Piece
    sites: tuple[Node, ...]

    @property
    def steps(self) -> int:
        """How many steps it takes."""
        return len(self.piece.steps)


_of_graph: WeakKeyDictionary[Graph, dict[tuple, Compiled]] = WeakKeyDictionary()

type Visit = tuple[Sequence[Node], Move]  # rows that move together, and how


def compiled(graph: Graph, terms: Sequence[Node], clamps: Mapping[Node, Operand]) -> Compiled:
    """The piece that computes some terms; made once.

    Args:
      graph: where they are.
      terms: nodes.
      clamps: draws that were observed.

    Raises:
      Unsupported: where a draw is made anew in each round of a loop.
    """
    # A node was made after all that it reads, so what is observed later does not concern it, unless by
    # way of a value that a draw was observed to have.
    last, before = max(term.id for term in terms), -1
    while before < last:
        before = last
        values = [v.id for n, v in clamps.items() if n.id <= last and isinstance(v, Node)]
        last = max([last, *values])
    known = tuple(
        (n.id, v.id if isinstance(v, Node) else v) for n, v in clamps.items() if n.id <= last
    )
    key = tuple(term.id for term in terms), known
    pieces = _of_graph.setdefault(graph, {})
    if key not in pieces:
        lanes = Lanes(graph, tuple(terms), clamps)
        pieces[key] = Compiled(Piece.of(lanes.program), lanes.sites)
    return pieces[key]


@dataclass(frozen=True, eq=False)
class Scan:
    """Visits of rows, ready to run on worlds.

    Args:
      sites: the rows that the visits read and move.
      code: what they compute.
      schedule: in which order.
      moves: that are made in turn.
      names: of the move of each visit.
    """

    sites: tuple[Node, ...]
    code: Joined
    schedule: Schedule
    moves: tuple[Move, ...]
    names: tuple[str, ...]

    def at(self, known: Mapping[float, float]) -> Scan:
        """The same with other constants.

        Args:
          known: what each constant is to be.
        """
        constants = self.code.constants.copy()
        for stands, value in known.items():
            constants[constants == np.float32(stands)] = value
        return replace(self, code=replace(self.code, constants=constants))

    def run(
        self,
        rows: Mapping[Node, np.ndarray],
        key: PRNGKeyArray,
        backend: Backend | None = None,
    ) -> tuple[dict[Node, np.ndarray], list[Acceptance]]:
        """Worlds after the visits, whose rows leave the target as it was.

        Args:
          rows: of each of `sites`, `[worlds]`.
          key: the seed.
          backend: on whose devices, where it has several; chosen by cost where not given.
        """
        held = np.stack([rows[site] for site in self.sites])
        worlds = held.shape[1]
        devices = spread_over(backend, worlds)
        moved, accepted = run_schedule(self.code, self.schedule, self.moves, held, key, devices)
        found = [Acceptance(n, worlds, int(a)) for n, a in zip(self.names, accepted, strict=True)]
        return dict(zip(self.sites, moved, strict=True)), found


def reached(
    graph: Graph, terms: Sequence[Term], clamps: Mapping[Node, Operand]
) -> dict[Node, list[int]]:
    """Of each row that some term reads, which terms do.

    Args:
      graph: where the terms are.
      terms: of the log target.
      clamps: draws that were observed.
    """
    order = Order([term.node for term in terms], clamps, graph.loops)
    rows = [node for node in order.nodes if node.op in (UNIFORM, NORMAL)]
    bits = {row.id: 1 << i for i, row in enumerate(rows)}
    for node in order.nodes:
        if node.id not in bits:
            reads = 0
            for argument in order.dependencies(node):
                if isinstance(argument, Node):
                    reads |= bits[argument.id]
            bits[node.id] = reads
    found: dict[Node, list[int]] = {row: [] for row in sorted(rows, key=lambda row: row.id)}
    for i, term in enumerate(terms):
        root = order.resolve(term.node)
        mask = bits[root.id] if isinstance(root, Node) else 0
        for row in rows:
            if mask & bits[row.id]:
                found[row].append(i)
    return found


def calls_modules(
    graph: Graph, operands: Sequence[Operand], clamps: Mapping[Node, Operand]
) -> bool:
    """Whether some operand calls a function of a module, which a piece of code cannot."""
    if not graph.externals:
        return False
    order = Order(operands, clamps, graph.loops)
    return any(node.op == EXTERNAL for node in order.nodes)


def tangled(reach: Mapping[Node, Sequence[int]], terms: Sequence[Term]) -> bool:
    """Whether most terms read so many rows that it is no use to compute them one by one."""
    reads = sum(len(touched) for touched in reach.values())
    return len(terms) > FEW_TERMS and reads > TANGLED * len(reach) * len(terms)


def scan(
    graph: Graph,
    terms: Sequence[Term],
    clamps: Mapping[Node, Operand],
    reach: Mapping[Node, Sequence[int]],
    visits: Sequence[Visit],
    moves: tuple[Move, ...],
) -> Scan:
    """Visits of some rows, in order.

    Args:
      graph: where the terms are.
      terms: of the log target.
      clamps: draws that were observed.
      reach: from `reached`.
      visits: which rows each moves together, and the move that it makes.
      moves: those of the visits; a kernel is compiled for all of them.
    """
    groups: dict[tuple[int, ...], int] = {}
    blocks: list[tuple[Sequence[Node], Move, int]] = []
    for block, move in visits:
        touched = tuple(sorted({t for row in block for t in reach[row]}))
        blocks.append((block, move, groups.setdefault(touched, len(groups))))
    used = sorted({t for group in groups for t in group})
    home = {t: i for i, t in enumerate(used)}
    fresh = [t for t in used if not terms[t].settled]
    wanted = [(t,) for t in fresh] + list(groups)
    parts = [compiled(graph, [terms[t].node for t in group], clamps) for group in wanted]
    sites = tuple(sorted({site for part in parts for site in part.sites}, key=lambda n: n.id))
    row = {site: i for i, site in enumerate(sites)}
    pieces = [part.piece for part in parts]
    code = joined(pieces, [[row[s] for s in part.sites] for part in parts], len(sites), len(used))

    def pairs(piece: int) -> list[tuple[int, int]]:
        homes = [code.kept_at + home[t] for t in wanted[piece]]
        return list(zip(code.outputs[piece], homes, strict=True))

    starting = [(*code.ranges[i], *pair) for i in range(len(fresh)) for pair in pairs(i)]
    entries, ends = [], [0]
    for i in range(len(groups)):
        entries += pairs(len(fresh) + i)
        ends.append(len(entries))
    moved: list[tuple[int, int]] = []
    table = []
    for block, move, group in blocks:
        first = len(moved)
        branch = 2 * moves.index(move)
        moved += [(row[site], branch + (site.op == NORMAL)) for site in block]
        begin, end = code.ranges[len(fresh) + group]
        table.append((first, len(moved), begin, end, ends[group], ends[group + 1]))
    schedule = Schedule(
        _table(starting, 4),
        _table(table, 6),
        _table(moved, 2),
        _table(entries, 2),
    )
    return Scan(sites, code, schedule, moves, tuple(move.name for _, move, _ in blocks))


def _table(rows: Sequence[tuple[int, ...]], columns: int) -> np.ndarray:
    return np.array(rows, np.int32).reshape(-1, columns)
