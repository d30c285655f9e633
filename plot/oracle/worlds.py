"""Whole programs: one world, weighted worlds, or the exact table of all worlds."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plot.data import VOID, Procedure, key
from plot.errors import BudgetError, ImpossibleEvidence, PlotError
from plot.oracle.builtins import PRIMITIVES
from plot.oracle.choosers import RandomChooser, Scope
from plot.oracle.distributions import NEVER
from plot.oracle.forms import FORM_ROUTINES
from plot.oracle.machine import Machine
from plot.oracle.queries import block_routine, nested
from plot.oracle.runs import attempt, explore
from plot.oracle.softness import may_be_soft
from plot.oracle.values import Budget, Env, Routine, Wrapped
from plot.shapes import Block, Shape
from plot.syntax import Form, Tree

NEGLIGIBLE = 1e-6  # lost probability that leaves evidence impossible all the same

_ROUTINES = {**FORM_ROUTINES, Block: nested}


@dataclass(frozen=True)
class World:
    """One run of a program.

    Args:
      value: the value of its query, or of its last expression; None where the run has none.
      log_weight: the log weight; minus infinity where the evidence fails or the world died.
      cause: the error that the world died of.
      calls: function calls that it took.
    """

    value: object
    log_weight: float
    cause: PlotError | None = None
    calls: int = 0


@dataclass(frozen=True)
class Exact:
    """The posterior of a program whose choices are finite.

    Args:
      table: values and their probabilities, the most probable first.
      log_evidence: the log probability (density) of the evidence.
      lost_mass: prior probability of the worlds that ran past a budget.
      died: prior probability of the worlds that an error ended, with the first error.
    """

    table: list[tuple[object, float]]
    log_evidence: float
    lost_mass: float
    died: float = 0.0
    cause: PlotError | None = None

    def probability(self, value: object) -> float:
        """The probability of a value."""
        return {key(v): p for v, p in self.table}.get(key(value), 0.0)


@dataclass(frozen=True)
class Weighted:
    """Worlds drawn from the prior, with their weights.

    Args:
      worlds: all of them, those without weight too.
      log_evidence: the log of the mean weight.
      lost_share: the share of worlds that an error or a budget ended.
    """

    worlds: list[World]
    log_evidence: float
    lost_share: float

    def weights(self) -> np.ndarray:
        """Normalised weights, one a world."""
        logs = np.array([world.log_weight for world in self.worlds])
        weights = np.exp(logs - logs.max())
        return weights / weights.sum()

    def table(self) -> list[tuple[object, float]]:
        """Distinct values and their estimated probabilities, the most probable first."""
        rows: dict[Hashable, tuple[object, list[float]]] = {}
        for world, weight in zip(self.worlds, self.weights(), strict=True):
            if weight > 0:
                rows.setdefault(key(world.value), (world.value, []))[1].append(float(weight))
        table = [(value, math.fsum(weights)) for value, weights in rows.values()]
        return sorted(table, key=lambda row: -row[1])

    def mean(self) -> float:
        """The weighted mean of values that are numbers."""
        total = 0.0
        for world, weight in zip(self.worlds, self.weights(), strict=True):
            if weight > 0:
                assert isinstance(world.value, int | float)
                total += float(weight) * world.value
        return total


class Program:
    """A program ready to run in the oracle.

    Args:
      trees: its expressions.
      budget: what one run may use.
      functions: further functions by name, on plain values.
    """

    def __init__(
        self,
        trees: Sequence[Tree],
        budget: Budget | None = None,
        functions: Mapping[str, Callable[..., object]] | None = None,
    ):
        self.trees, self.budget = list(trees), budget or Budget()
        self.shapes: dict[int, tuple[Form, Shape | None]] = {}
        self.soft = may_be_soft(self.trees)
        self.primitives: dict[str, Procedure] = dict(PRIMITIVES)
        for name, function in (functions or {}).items():
            self.primitives[name] = _registered(name, function)

    def machine(self) -> Machine:
        """A fresh machine; its scope is set by whoever runs it."""
        idle = Scope(RandomChooser(np.random.default_rng(0)), {})
        return Machine(self.primitives, _ROUTINES, idle, self.budget, self.shapes, self.soft)

    def routine(self, machine: Machine) -> Routine:
        """Run all expressions; the value is that of the query, else of the last expression."""
        machine.globals = Env({}, None)
        value: object = VOID
        asked = False
        for tree in self.trees:
            form = machine.shape_of(tree) if isinstance(tree, Form) else None
            if isinstance(form, Block):
                value, asked = (yield block_routine(machine, form, machine.globals)), True
            else:
                result = yield machine.ev(tree, machine.globals)
                if not asked and result is not VOID:
                    value = result
        return value

    def sample(self, rng: np.random.Generator) -> World:
        """Run one world forward. See `sample`."""
        machine = self.machine()
        chooser = RandomChooser(rng).fork()
        outcome = attempt(machine, lambda: self.routine(machine), chooser, {})
        return World(outcome.value, outcome.log_weight, outcome.cause, outcome.calls)

    def enumerate(self) -> Exact:
        """Run all worlds. See `enumerate`."""
        machine = self.machine()
        found = explore(machine, lambda: self.routine(machine))
        total = found.total
        if not total > 0:
            if found.died and found.lost <= NEGLIGIBLE:
                raise found.died[0][0]
            raise _impossible(found.lost)
        pairs = zip(found.values, found.masses, strict=True)
        table = sorted(((v, m / total) for v, m in pairs), key=lambda row: -row[1])
        died = math.fsum(mass for _, mass in found.died)
        cause = found.died[0][0] if found.died else None
        return Exact(table, found.log_evidence, found.lost, died, cause)


def _registered(name: str, function: Callable[..., object]) -> Wrapped:
    def call(machine: Machine, arguments: list[object], span: object) -> Routine:
        return function(*arguments)
        yield  # a routine that waits for nothing

    return Wrapped(name, call)


def _impossible(lost: float = 0.0) -> ImpossibleEvidence | BudgetError:
    if lost > NEGLIGIBLE:
        return BudgetError(
            f"{lost:.3g} of the prior probability ran past the budget, and the evidence holds in none "
            "of the worlds that did not"
        )
    what = "no world satisfies the conditions"
    if lost > 0:
        what += f", and {lost:.3g} of the prior probability ran past the budget"
    hint = "equalities with continuous draws need `(= draw value)` or `soft-equal`"
    return ImpossibleEvidence(what, None, hint)


def sample(trees: Sequence[Tree], rng: np.random.Generator, budget: Budget | None = None) -> World:
    """Run one world forward from the prior.

    Args:
      trees: the program.
      rng: decides all draws.
      budget: what the world may use.

    Raises:
      PlotError: errors of the program that no random choice came before.

    >>> from plot.reader import read
    >>> sample(read("(define x (flip)) (condition x) (if x 1 2)"), np.random.default_rng(0)).value
    1
    """
    return Program(trees, budget).sample(rng)


def enumerate(trees: Sequence[Tree], budget: Budget | None = None) -> Exact:
    """Run all worlds of a program whose choices are finite.

    Args:
      trees: the program.
      budget: bounds the number of runs; what is left over is reported as lost mass.

    Raises:
      NotEnumerable: where the value of a continuous draw is needed.
      ImpossibleEvidence: where no world satisfies the conditions.
      PlotError: errors of the program.

    >>> from plot.reader import read
    >>> enumerate(read("(define x (flip 0.25)) (define y (flip 0.5)) (condition (or x y)) x")).table
    [(False, 0.6), (True, 0.4)]
    """
    return Program(trees, budget).enumerate()


def importance(
    trees: Sequence[Tree], rng: np.random.Generator, n: int, budget: Budget | None = None
) -> Weighted:
    """Run many worlds from the prior and weigh them by the evidence.

    Args:
      trees: the program.
      rng: decides all draws.
      n: number of worlds; fewer, where all together use up the budget's calls.
      budget: what each world may use, and all of them.

    Raises:
      ImpossibleEvidence: where no world has any weight.
      PlotError: the error that ended all worlds, or errors of the program.

    >>> from plot.reader import read
    >>> result = importance(read("(define x (flip)) (condition x) x"), np.random.default_rng(0), 64)
    >>> result.table()
    [(True, 1.0)]
    """
    program = Program(trees, budget)
    worlds: list[World] = []
    calls = 0
    while len(worlds) < n and calls <= program.budget.calls:
        worlds.append(program.sample(rng))
        calls += worlds[-1].calls
    n = len(worlds)
    best = max(world.log_weight for world in worlds)
    causes = [world.cause for world in worlds if world.cause is not None]
    if best == NEVER:
        raise causes[0] if causes else _impossible()
    mean = math.fsum(math.exp(world.log_weight - best) for world in worlds) / n
    return Weighted(worlds, best + math.log(mean), len(causes) / n)
