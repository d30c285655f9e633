"""One run of a routine in a scope of its own, and the exhaustive exploration of all runs."""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from plot.data import Pair, from_list, key, spine
from plot.errors import BudgetError, FormError, PlotError, UnboundError
from plot.oracle.choosers import Chooser, EnumeratingChooser, Scope
from plot.oracle.distributions import NEVER
from plot.oracle.machine import Machine
from plot.oracle.values import Clamp, Drawn, Lost, NotEnumerable, Rejected, Routine, Unset, refuse

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
    """

    scope: Scope
    value: object = None
    log_weight: float = NEVER
    cause: PlotError | None = None
    lost: bool = False


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
            value = strip(machine.run(routine()))
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
            if machine.scope is not scope or not scope.random:
                raise
            outcome = Outcome(scope, cause=error, lost=isinstance(error, BudgetError))
        scope.closed = True
        machine.scope, machine.steps, machine.nesting = outer, steps, nesting
        machine.gensyms = gensyms
        return outcome


def strip(value: object) -> object:
    """A value without the marks of continuous draws.

    Raises:
      NotEnumerable: where it holds a draw that has no value.
    """
    # Post-order over an explicit stack: `_Join` puts a list together again.
    done: list[object] = []
    stack: list[object] = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, _Join):
            parts = done[len(done) - node.size :]
            del done[len(done) - node.size :]
            done.append(from_list(parts[:-1], parts[-1]))
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
      masses: prior probability times weight, per value.
      lost: prior probability that ran past a budget.
      died: prior probability by error.
    """

    values: list[object] = field(default_factory=list)
    masses: list[float] = field(default_factory=list)
    lost: float = 0.0
    died: list[tuple[PlotError, float]] = field(default_factory=list)

    @property
    def total(self) -> float:
        """The probability of the evidence, over all runs that ended."""
        return math.fsum(self.masses)


def explore(machine: Machine, routine: Callable[[], Routine]) -> Table:
    """Run a routine once for each combination of its finite choices, the most probable first.

    Raises:
      PlotError: as `attempt`.
      NotEnumerable: where the value of a continuous draw is needed.
    """
    budget = machine.budget
    table = Table()
    places: dict[Hashable, int] = {}
    order = itertools.count()
    heap: list[tuple[float, int, tuple[int, ...], dict[int, float]]] = [(-1.0, next(order), (), {})]
    for _ in range(budget.executions):
        if not heap:
            break
        negative, _, prefix, clamps = heapq.heappop(heap)
        outcome = attempt(
            machine,
            routine,
            lambda p=prefix, m=-negative: EnumeratingChooser(p, m, budget.smallest),
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
            table.masses[place] += chooser.mass * math.exp(outcome.log_weight)
        for mass, branch in chooser.branches:
            heapq.heappush(heap, (-mass, next(order), branch, outcome.scope.clamps))
    table.lost += math.fsum(-item[0] for item in heap)
    return table
