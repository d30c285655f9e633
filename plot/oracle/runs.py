"""One run of a routine in a scope of its own, and the exhaustive exploration of all runs."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from plot.data import Pair, from_list, key, parts, spine
from plot.errors import BudgetError, FormError, PlotError, Span, UnboundError
from plot.oracle.choosers import Chooser, EnumeratingChooser, Scope
from plot.oracle.distributions import NEVER
from plot.oracle.machine import Machine
from plot.oracle.values import Clamp, Drawn, Lost, NotEnumerable, Rejected, Routine, Unset, refuse
from plot.prefix import Prefix, in_vain, likeliest

ROUNDING = 1e-9  # of a sum of probabilities
_EXTREME = 300.0  # log weights whose exponentials are near the ends of what floats hold
_RESETS = 20  # how often one draw is set anew before its equalities count as contradictory


@dataclass
class Outcome:
    """How a run ended.

    Args:
      scope: its choices.
      value: its value; None where it has none.
      log_weight: its log weight; minus infinity where it was rejected or died.
      cause: the error it died of.
      lost: whether it ran past a budget.
      calls: that it made.
    """

    scope: Scope
    value: object = None
    log_weight: float = NEVER
    cause: PlotError | None = None
    lost: bool = False
    calls: int = 0


def attempt(
    machine: Machine,
    routine: Callable[[], Routine],
    chooser: Callable[[], Chooser],
    clamps: dict[int, float],
) -> Outcome:
    """Run a routine in a new scope; errors after a random choice end the run alone.

    Args:
      machine: its scope is replaced during the run.
      routine: makes the routine; made again where a draw has to be set.
      chooser: makes the chooser, equal each time.
      clamps: values that continuous draws must take.

    Raises:
      PlotError: an error that no random choice came before, or of the program's text.
      Rejected, Lost, Clamp: signals that belong to a surrounding scope.
    """
    outer, gensyms, steps = machine.scope, machine.gensyms, machine.steps
    nesting = machine.nesting
    resets = 0
    while True:
        scope = machine.scope = Scope(chooser(), clamps)
        machine.gensyms, machine.steps, machine.nesting = gensyms, 0, nesting
        try:
            value = strip(machine.run(routine()), machine.span)
            outcome = Outcome(scope, value, scope.log_weight)
        except Clamp as signal:
            if machine.scope is not scope:
                raise
            resets += signal.site in clamps
            if resets <= _RESETS:
                clamps = {**clamps, signal.site: signal.value}
                continue
            outcome = Outcome(scope)
        except Rejected:
            if machine.scope is not scope:
                raise
            outcome = Outcome(scope)
        except Lost:
            if machine.scope is not scope:
                raise
            outcome = Outcome(scope, lost=True)
        except (NotEnumerable, UnboundError, FormError):
            raise
        except PlotError as error:
            error.at(machine.span)
            if machine.scope is not scope or not scope.random:
                raise
            outcome = Outcome(scope, cause=error, lost=isinstance(error, BudgetError))
        scope.closed = True
        outcome.calls = machine.steps
        machine.scope, machine.steps, machine.nesting = outer, steps, nesting
        machine.gensyms = gensyms
        return outcome


def strip(value: object, span: Span | None = None) -> object:
    """A value without the marks of continuous draws.

    Args:
      value: plain data, but for the marks.
      span: where it was made, roughly.

    Raises:
      NotEnumerable: where it holds a draw that has no value.
      BudgetError: where it is too large to be written out.
    """
    try:
        return _strip(value)
    except BudgetError as error:
        raise error.at(span) from None


def _strip(value: object) -> object:
    # Post-order over an explicit stack: `_Join` puts a list together again.
    done: list[object] = []
    stack: list[object] = [value]
    for node in parts(stack):
        if isinstance(node, _Join):
            items = done[len(done) - node.size :]
            del done[len(done) - node.size :]
            done.append(from_list(items[:-1], items[-1]))
        elif isinstance(node, Pair):
            items, end = spine(node)
            stack += [_Join(len(items) + 1), end, *reversed(items)]
        elif isinstance(node, Unset):
            raise refuse(node)
        else:
            done.append(float(node) if isinstance(node, Drawn) else node)
    return done[0]


@dataclass(frozen=True, slots=True)
class _Join:
    size: int


@dataclass
class Table:
    """The result of an exploration, in order of discovery.

    Args:
      values: the distinct values.
      masses: prior probability times weight over `exp(log_scale)`, per value.
      log_scale: keeps masses within what a float can hold.
      lost: prior probability that ran past a budget.
      died: prior probability by error.
    """

    values: list[object] = field(default_factory=list)
    masses: list[float] = field(default_factory=list)
    log_scale: float | None = None
    lost: float = 0.0
    died: list[tuple[PlotError, float]] = field(default_factory=list)

    @property
    def total(self) -> float:
        """The sum of the masses, over all runs that ended."""
        return math.fsum(self.masses)

    @property
    def log_evidence(self) -> float:
        """The log probability of the evidence."""
        return math.log(self.total) + (self.log_scale or 0.0)

    def add(self, place: int, mass: float, log_weight: float) -> None:
        """Add to the mass of a value."""
        if self.log_scale is None:
            self.log_scale = log_weight if abs(log_weight) > _EXTREME else 0.0
        if log_weight - self.log_scale > _EXTREME:
            shrink = math.exp(self.log_scale - log_weight)
            self.masses = [shrink * m for m in self.masses]
            self.log_scale = log_weight
        self.masses[place] += mass * math.exp(log_weight - self.log_scale)


def explore(machine: Machine, routine: Callable[[], Routine]) -> Table:
    """Run a routine once for each combination of its finite choices, the most probable first.

    Raises:
      PlotError: as `attempt`.
      NotEnumerable: where the value of a continuous draw is needed.
      BudgetError: as soon as it is certain that more mass than the budget allows will be lost.
    """
    budget = machine.budget
    table = Table()
    calls, waiting = 0, 1.0
    places: dict[Hashable, int] = {}
    order = itertools.count()
    heap: list[tuple[float, int, Prefix, dict[int, float]]] = [(-1.0, next(order), None, {})]
    for listed in range(budget.executions):
        if not heap or calls > budget.calls:
            break
        found_so_far = 1 - waiting - table.lost
        vain = in_vain(listed, budget.executions, found_so_far, waiting, budget.lost)
        if vain or table.lost > budget.lost + ROUNDING:
            raise BudgetError(
                f"listing all choices takes more than {budget.executions:,} runs", machine.span
            )
        negative, _, prefix, clamps = heapq.heappop(heap)
        waiting += negative
        outcome = attempt(
            machine,
            routine,
            lambda p=prefix, m=-negative, n=budget.executions - listed: EnumeratingChooser(
                p, m, budget.smallest, n
            ),
            clamps,
        )
        chooser = outcome.scope.chooser
        assert isinstance(chooser, EnumeratingChooser)
        table.lost += chooser.cut + outcome.scope.lost * chooser.mass
        if outcome.lost:
            table.lost += chooser.mass
        elif outcome.cause is not None:
            table.died.append((outcome.cause, chooser.mass))
        elif outcome.log_weight > NEVER:
            place = places.setdefault(key(outcome.value), len(table.values))
            if place == len(table.values):
                table.values.append(outcome.value)
                table.masses.append(0.0)
            table.add(place, chooser.mass, outcome.log_weight)
        calls += outcome.calls
        for mass, branch in chooser.branches:
            waiting += mass
            heapq.heappush(heap, (-mass, next(order), branch, outcome.scope.clamps))
        if len(heap) > 2 * (budget.executions - listed):
            heap, others = likeliest(heap, budget.executions - listed)
            heapq.heapify(heap)
            waiting -= others
            table.lost += others
    table.lost += math.fsum(-item[0] for item in heap)
    return table
