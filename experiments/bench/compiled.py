"""A generated program through the compiler, and its exact table by `exact.distribution`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from experiments.bench.exact import distribution, weights
from plot.check import check
from plot.compiler import Atoms, Effects, Environment, Graph, Value
from plot.compiler.graph import Node, Operand
from plot.compiler.values import leaves
from plot.data import Name, Pair, spine
from plot.decode import plain
from plot.errors import ImpossibleEvidence
from plot.reader import read
from plot.session import Session, run_statement
from plot.shapes import Block, shape
from plot.simulate import log_weight
from plot.syntax import Form, Tree
from plot.vocabulary import Vocabulary
from plot.world import ask_block

DIGITS = 6  # of numbers in a table: the oracle counts in float64, lanes decode to float32


@dataclass(frozen=True, eq=False)
class Compiled:
    """A program whose last expression is a query, in a graph of its own.

    Args:
      trees: the program.
      graph, atoms: what it was evaluated into.
      value: what is asked for.
      weight: log weight of a world.
      clamps: draws that were observed.
    """

    trees: list[Tree]
    graph: Graph
    atoms: Atoms
    value: Value
    weight: Operand
    clamps: Mapping[Node, Operand]
    parts: list[Node] = field(default_factory=list)

    @property
    def asked(self) -> list[Operand]:
        """The log weight, then every lane of the value."""
        return [self.weight, *self.parts]


def compiled(source: str, session: Session | None = None) -> Compiled:
    """Read, check and compile a program.

    Args:
      source: its text.
      session: what to evaluate it in, so that several programs share a graph; a new one if None.

    Raises:
      PlotError: of the program, or `Unsupported`.
    """
    trees = read(source)
    check(trees)
    session = session or Session()
    scope, vocabulary = session.scope(), Vocabulary()
    value: Value = None
    with session.machine(Effects()) as m:
        for tree in trees:
            found = shape(tree) if isinstance(tree, Form) else None
            if isinstance(found, Block):
                value, _ = ask_block(m, found, tree, Environment({}, scope), vocabulary)
            else:
                _, vocabulary = run_statement(m, tree, scope, vocabulary)
        effects = m.effects
    weight, _ = log_weight(session.graph, effects)
    clamps = effects.flatten(session.graph).clamps
    parts = list(dict.fromkeys(leaves(value)))
    return Compiled(trees, session.graph, session.atoms, value, weight, clamps, parts)


@dataclass(frozen=True)
class Table:
    """A distribution over values.

    Args:
      probabilities: by value, written by `canon`.
      log_evidence: log of the mean weight of a world.
    """

    probabilities: dict[str, float]
    log_evidence: float


def exact_table(program: Compiled, most: int = 40_000) -> Table:
    """The posterior of a program, without sampling.

    Raises:
      TooLarge: where it cannot be worked out.
      ImpossibleEvidence: where no world is possible.
    """
    worlds = distribution(program.asked, program.clamps, program.graph.loops, most)
    shape = worlds.mass.shape
    lane = worlds.rows.get(program.weight) if isinstance(program.weight, Node) else program.weight  # type: ignore[arg-type]
    shares, log_evidence = weights(np.broadcast_to(np.asarray(lane, float), shape), worlds.mass)
    if log_evidence == -math.inf:
        raise ImpossibleEvidence("no world is possible")
    kept = np.flatnonzero(shares > 0)
    found: dict[str, float] = {}
    for i in kept.tolist():
        row = {node: worlds.rows[node][i] for node in program.parts}
        text = canon(plain(program.value, row, program.atoms))
        found[text] = found.get(text, 0.0) + float(shares[i])
    return Table(found, log_evidence)


def canon(value: object) -> str:
    """A value as text, numbers with as many digits as a float32 holds; functions are all alike."""
    if isinstance(value, bool | np.bool_):
        return "#t" if value else "#f"
    if isinstance(value, int | float | np.number):
        return f"{round(float(value), DIGITS) + 0.0:.{DIGITS}g}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Name):
        return value.text
    if isinstance(value, Pair):
        items, end = spine(value)
        return f"({' '.join(canon(x) for x in items)} . {canon(end)})"
    return type(value).__name__ if type(value).__name__ == "_Single" else "function"
