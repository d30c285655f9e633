"""Query blocks: the routine of a block, and a block inside a model as a draw."""

from __future__ import annotations

import math
from collections.abc import Callable

from plot.data import from_list, is_nothing
from plot.errors import BudgetError, EvaluationError, ParameterError, PlotError, Span
from plot.oracle.forms import observe
from plot.oracle.machine import UNASSIGNED, Machine
from plot.oracle.runs import Table, attempt, explore
from plot.oracle.values import Env, NotEnumerable, Routine, need_whole
from plot.shapes import Block
from plot.syntax import Form

_NESTED = 40  # queries within queries; each one uses some of Python's own stack
_MANY = 1_000_000


def block_routine(machine: Machine, form: Block, env: Env) -> Routine:
    """Evaluate a block in the current scope: statements, result, bare condition."""
    inner = Env(dict.fromkeys(form.defines, UNASSIGNED), env)
    for tree in form.statements:
        yield machine.ev(tree, inner)
    value = yield machine.ev(form.result, inner)
    if form.test is not None and is_nothing(value):
        return (yield machine.ev(form.test, inner))
    if form.test is not None:
        yield from observe(machine, form.test, inner)
    return value


def nested(machine: Machine, form: Block, tree: Form, env: Env) -> Routine:
    """A block inside a model: a draw, a list of draws, or the exact table.

    Raises:
      EvaluationError: where the condition never holds.
      BudgetError: where it held in none of the tries.
    """
    if machine.nesting >= _NESTED:
        raise BudgetError(f"queries are nested more than {_NESTED} deep", tree.span)
    counts = []
    for part in form.counts:
        count = yield machine.ev(part, env)
        try:
            counts.append(need_whole(count, f"a number of `{form.kind}`"))
        except PlotError as error:
            raise error.at(part.span) from None
    if any(not 0 <= count <= _MANY for count in counts):
        raise ParameterError(
            f"`{form.kind}` got a count of {counts[0]} and a lag of {counts[1]}", tree.span
        )
    machine.nesting += 1
    draws = _Draws(machine, lambda: block_routine(machine, form, env), tree.span)
    if form.kind == "enumeration-query":
        table = draws.exact()
        total = table.total
        result = from_list([from_list(table.values), from_list(m / total for m in table.masses)])
    elif form.kind == "mh-query":
        result = from_list([draws.one() for _ in range(counts[0])])
    else:
        result = draws.one()
    machine.nesting -= 1
    return result


class _Draws:
    """Draws from the conditional distribution of a block."""

    def __init__(self, machine: Machine, routine: Callable[[], Routine], span: Span | None):
        self.machine, self.routine, self.span = machine, routine, span
        self.scope = machine.scope
        self.table: Table | None = None

    def one(self) -> object:
        """A draw: by rejection while evidence is hard and choices are drawn, else from a table."""
        forks = self.scope.chooser.fork() is not None
        if self.table is None and forks and not self.machine.soft:
            found, value = self._reject()
            if found:
                return value
        if self.table is None:
            try:
                self.table = self.exact()
            except (NotEnumerable, BudgetError):
                if not forks:
                    raise
                self.machine.scope = self.scope
                self.table = self._weighted()
        table = self.table
        total = table.total
        return table.values[self.scope.index([mass / total for mass in table.masses])]

    def exact(self) -> Table:
        """All values of the block and their weights."""
        table = explore(self.machine, self.routine)
        if not table.total > 0:
            if table.died:
                raise table.died[0][0]
            if table.lost > 0:
                raise BudgetError("this query found no value within its budget", self.span)
            raise EvaluationError("the condition of this query never holds", self.span)
        self.scope.lost += table.lost
        return table

    def _reject(self) -> tuple[bool, object]:
        for _ in range(self.machine.budget.tries):
            chooser = self.scope.chooser.fork()
            assert chooser is not None
            outcome = attempt(self.machine, self.routine, chooser, {})
            if outcome.lost and outcome.cause is not None:
                raise outcome.cause
            self.scope.random = self.scope.random or outcome.scope.random
            if outcome.log_weight == 0:
                return True, outcome.value
            if not outcome.scope.random:
                break  # every try ends like this one
        return False, None

    def _weighted(self) -> Table:
        table = Table()
        best = -math.inf
        weights: list[float] = []
        for _ in range(self.machine.budget.particles):
            chooser = self.scope.chooser.fork()
            assert chooser is not None
            outcome = attempt(self.machine, self.routine, chooser, {})
            if outcome.log_weight > -math.inf:
                table.values.append(outcome.value)
                weights.append(outcome.log_weight)
                best = max(best, outcome.log_weight)
        if not weights:
            tries = self.machine.budget.tries + self.machine.budget.particles
            raise BudgetError(
                f"the condition of this query held in none of {tries} runs",
                self.span,
                "make it more probable, or write it as a draw that is conditioned on a value",
            )
        table.masses = [math.exp(weight - best) for weight in weights]
        return table
