"""Sums of products of tables: one table for each draw, finite node and piece of evidence.

Source: Dechter, Bucket elimination: a unifying framework for reasoning (1999). The order of the sums is
that of opt_einsum: Smith and Gray, opt_einsum (2018).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import opt_einsum
from opt_einsum.contract import PathInfo

from inference.exact.laws import law
from inference.exact.problem import Problem
from plot.compiler.domains import Table, width
from plot.compiler.graph import Node, Operand
from plot.compiler.ops import OPS

LARGEST = 2**22  # cells of one table of the program, before any sum
SMALLEST = 1e-150  # probabilities beside the largest in a table, whose products are still numbers


APART = "probabilities in one table are too far apart for products of them"


class NoTables(Exception):
    """Why a problem has no tables, or their products would be lost to rounding."""


@dataclass(frozen=True, eq=False)
class Factor:
    """A table to be made.

    Args:
      variables: its axes.
      make: the table, none of whose numbers is negative, and a log that is to be added to its own.
    """

    variables: tuple[Node, ...]
    make: Callable[[], tuple[np.ndarray, float]]


@dataclass(frozen=True, eq=False)
class Contraction:
    """The sum of a problem as products of tables.

    Args:
      problem: what is asked.

    Raises:
      NoTables: where a node is no function of a few finite variables.
      Unsupported: as for `Problem.nodes`.
    """

    problem: Problem

    @cached_property
    def kept(self) -> tuple[Node, ...]:
        """The variables of the answer."""
        found = {v for node in self.problem.asked for v in self._table(node).variables}
        return tuple(sorted(found, key=lambda v: v.id))

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """All tables."""
        problem = self.problem
        conditions = set(map(problem.settled, problem.conditions))
        factors = list(map(problem.settled, problem.factors))
        found, waiting = [], list(self.kept)
        for node in problem.evidence:
            table = self._table(node)
            waiting += table.variables
            for _ in range(factors.count(node)):
                found.append(Factor(table.variables, partial(_weights, table.values)))
            if node in conditions:
                found.append(Factor(table.variables, partial(_scaled, table.values)))
        known: set[Node] = set()
        while waiting:
            variable = waiting.pop()
            if variable not in known:
                known.add(variable)
                found.append(self._law_of(variable))
                waiting += found[-1].variables
        return tuple(found)

    @cached_property
    def path(self) -> PathInfo:
        """The order of the sums, with what it costs."""
        factors = self.factors
        axes = dict.fromkeys(v for f in factors for v in f.variables)
        symbols = {v: opt_einsum.get_symbol(i) for i, v in enumerate(axes)}
        inputs = ",".join("".join(symbols[v] for v in f.variables) for f in factors)
        shapes = [tuple(map(width, f.variables)) for f in factors]
        equation = f"{inputs}->{''.join(symbols[v] for v in self.kept)}"
        return opt_einsum.contract_path(equation, *shapes, shapes=True, optimize="auto")[1]

    @property
    def cells(self) -> int:
        """Of the largest table."""
        if not self.factors:
            return 1
        sizes = (math.prod(map(width, f.variables)) for f in self.factors)
        return max(int(self.path.largest_intermediate), *sizes)

    @property
    def operations(self) -> int:
        """Additions and multiplications, roughly."""
        return int(self.path.opt_cost) if self.factors else 0

    def run(
        self, progress: Callable[[int], None] | None = None
    ) -> tuple[dict[Node, np.ndarray], np.ndarray]:
        """The answer's nodes, `[outcomes]` each, and the log probabilities of that and the evidence.

        Args:
          progress: called with the number of sums that have been made.

        Raises:
          NoTables: where rounding would lose probabilities.
        """
        constant = self._constant()
        if not constant < np.inf:
            return {}, np.zeros(0)
        tables, log = [], constant
        for factor in self.factors:
            table, shift = factor.make()
            tables.append(table)
            log += shift
        for done, step in enumerate(self.path.contraction_list if tables else (), start=1):
            positions, equation = sorted(step[0], reverse=True), step[2]
            parts = [tables.pop(i) for i in positions]
            table, shift = _scaled(opt_einsum.contract(equation, *parts))
            tables.append(table)
            log += shift
            if progress is not None:
                progress(done)
        whole = tables[0] if tables else np.ones(())
        places = np.nonzero(whole) if whole.ndim else ()
        logs = np.log(whole[whole > 0]) + log
        return {node: self._row(node, places, len(logs)) for node in self.problem.answer}, logs

    def _constant(self) -> float:
        """The log weight that all worlds have; infinite where evidence is false in all."""
        problem = self.problem
        if False in {problem.settled(c) for c in problem.conditions}:
            return math.inf
        found = map(problem.settled, problem.factors)
        return sum(float(f) for f in found if not isinstance(f, Node))

    def _row(self, node: Node, places: Sequence[np.ndarray], outcomes: int) -> np.ndarray:
        settled = self.problem.settled(node)
        if not isinstance(settled, Node):
            return np.full(outcomes, settled)
        table = self._table(settled)
        at = dict(zip(self.kept, places, strict=True))
        return table.values[tuple(at[v] for v in table.variables)]

    def _table(self, operand: Operand) -> Table:
        if not isinstance(operand, Node):
            wide = float(operand) if type(operand) is int else operand
            return Table((), np.asarray(wide))
        if operand.table is None:
            raise NoTables("a number takes too many values for a table")
        return operand.table

    def _law_of(self, variable: Node) -> Factor:
        """The table of a variable, given what it is made from."""
        parts = [self._table(p) for p in self.problem.arguments(variable)]
        others = sorted({v for t in parts for v in t.variables} - {variable}, key=lambda v: v.id)
        variables = (*others, variable)
        shape = tuple(map(width, variables))
        if math.prod(shape) > LARGEST:
            raise NoTables(f"one table would need {math.prod(shape):,} cells")
        choice = self.problem.graph.choices.get(variable)
        values = self._table(variable).values

        def make() -> tuple[np.ndarray, float]:
            lanes = [t.over(others) for t in parts]
            if choice is not None:
                settings = [np.broadcast_to(x, shape[:-1]).reshape(-1) for x in lanes]
                return _scaled(law(choice, values, settings).reshape(shape))
            with np.errstate(all="ignore"):
                found = np.broadcast_to(OPS[variable.op].numpy(*lanes), shape[:-1])
            # Off its path, a node may take a value that it is not said to take; nothing reads it there.
            place = np.minimum(np.searchsorted(values, found), len(values) - 1)
            return _scaled(place[..., None] == np.arange(len(values)))

        return Factor(variables, make)


def _weights(logs: np.ndarray) -> tuple[np.ndarray, float]:
    """A table of log weights as a table of weights, and the log of their unit.

    Raises:
      NoTables: as for `_scaled`.
    """
    # What is not a number, or is infinite, is no weight: such a world has none.
    known = np.where(logs < np.inf, logs, -np.inf).astype(float)
    top = float(np.max(known))
    if top == -np.inf:
        return np.zeros(known.shape), 0.0
    if np.min(known[np.isfinite(known)]) - top < math.log(SMALLEST):
        raise NoTables(APART)
    return np.exp(known - top), top


def _scaled(table: np.ndarray) -> tuple[np.ndarray, float]:
    """A table whose largest number is one, and the log of what it was.

    Raises:
      NoTables: where products with others might be too small for a float.
    """
    found = table.astype(float)
    top = float(np.max(found))
    if top == 0:
        return found, 0.0
    found /= top
    if np.min(found, where=found > 0, initial=1.0) < SMALLEST:
        raise NoTables(APART)
    return found, math.log(top)
