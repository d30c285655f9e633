"""Recursion as a loop of the back end: one round over merged state, however many a world makes.

A recursion in tail position is a state (the arguments) and a step. The step is evaluated once, with
loop variables in the place of what changes from round to round; what does not change stays what it
is. Which is which is found by trying: a part that comes out different becomes a variable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from plot.compiler.domains import Table
from plot.compiler.graph import Loop, Node, Operand
from plot.compiler.machine import WORLD_ERRORS, AllDead, Machine
from plot.compiler.ops import Kind
from plot.compiler.suspended import PLAIN, Call, Suspended
from plot.compiler.values import (
    DEAD,
    AtomLane,
    Death,
    Effects,
    Sort,
    Union,
    Value,
    atom_code,
    atom_of,
    leaves,
    sort_of,
)
from plot.data import Pair
from plot.errors import BudgetError, Unsupported

PATIENCE = 12  # trials of a state
MOST_VALUES = 64  # of a number that is followed as a finite one

type Part = tuple[object, ...]
type Runner = Callable[[Call], Value | Suspended]


@dataclass
class _Variable:
    """A part of the state that changes.

    Args:
      start: its value before the first round; the code, for a name.
      sort: a number, a truth value or a name.
      values: what it can be, None where that is not finite or not known.
      tries: how often the values had to be widened.
    """

    start: Operand
    sort: Sort
    values: frozenset[float] | None
    tries: int = 0
    node: Node | None = None


@dataclass
class _State:
    """What is known of the parts that change, by their place in the state."""

    variables: dict[Part, _Variable] = field(default_factory=dict)


class _NotALoop(Exception):
    """This recursion does not have the same state in each round."""


def roll(m: Machine, call: Call, run: Runner) -> Value | None:
    """The value of a call, by a loop; None where the recursion is none.

    Args:
      call: guarded by the worlds that make it.
      run: makes a call, up to calls of the same function.

    What is observed in the rounds joins the machine's effects; worlds that need more rounds than
    the budget allows die there, and are counted.
    """
    state = _State()
    call = Call(call.closure, PLAIN | call.names, call.guard, call.span)
    kept, m.effects = m.effects, m.effects.copy()
    try:
        for _ in range(PATIENCE):
            trial = _Trial(m, call, state)
            outcome = trial.run(run)
            if not trial.widen(outcome):
                value = trial.finish(outcome)
                kept = m.effects
                return value
    except (_NotALoop, Unsupported, AllDead, *WORLD_ERRORS):
        pass
    finally:
        m.effects = kept
    return None


class _Trial:
    """One evaluation of the step, with the variables known so far."""

    def __init__(self, m: Machine, call: Call, state: _State):
        self.m, self.call, self.state = m, call, state
        self.loop: Loop = m.graph.loop()
        entered = m.graph.apply("and", m.path.node(m.graph), call.guard)
        self.running = m.graph.loop_variable(self.loop, entered, Kind.BOOLEAN)
        self.counter = m.graph.loop_variable(self.loop, 0, Kind.NUMBER)
        self.loop.running, self.loop.counter = self.running, self.counter
        self.loop.limit = m.budget.rounds
        self._next(self.counter, m.graph.apply("add", self.counter, 1))
        for variable in state.variables.values():
            variable.node = self._variable(variable)
        names = {n: self._place((n,), v) for n, v in call.names.items()}
        self.call = Call(call.closure, names, True, call.span)
        self.before = call.names

    def _variable(self, x: _Variable) -> Node:
        kind = Kind.BOOLEAN if x.sort is Sort.BOOLEAN else Kind.NUMBER
        node = self.m.graph.loop_variable(self.loop, x.start, kind)
        if kind is Kind.BOOLEAN:
            values: frozenset[float] | None = frozenset({False, True})
        else:
            values = x.values
        if values is not None:
            ordered = sorted(values)
            node.table = Table((node,), np.array(ordered))
            node.range = (float(ordered[0]), float(ordered[-1]))
        return node

    def _next(self, variable: Node, value: Operand) -> None:
        self.loop.nexts[self.loop.variables.index(variable)] = value

    def _place(self, at: Part, value: Value) -> Value:
        """A value with variables in the places of what changes."""
        variable = self.state.variables.get(at)
        if variable is not None:
            assert variable.node is not None
            return variable.node if variable.sort is not Sort.ATOM else AtomLane(variable.node)
        if isinstance(value, Pair):
            return Pair(self._place((*at, 0), value.first), self._place((*at, 1), value.rest))
        if isinstance(value, Union):
            cases = {}
            for sort, (guard, case) in value.cases.items():
                place = self._place((*at, sort, "?"), guard)
                cases[sort] = place, self._place((*at, sort), case)
            return Union(cases)
        return value

    # Running the step

    @contextmanager
    def _inside(self) -> Iterator[None]:
        m = self.m
        kept = m.path, m.effects, m.depth, m.counters
        path = m.path.extend(self.running, True)
        path.stands_for(self.running)
        m.path, m.effects, m.depth = path, Effects(), 0
        m.counters = (*m.counters, self.counter)
        try:
            yield
        finally:
            m.path, m.effects, m.depth, m.counters = kept

    def run(self, run: Runner) -> Suspended:
        with self._inside():
            outcome = run(self.call)
            self.effects = m_flat(self.m, self.loop)
            self.path = self.m.path
        if not isinstance(outcome, Suspended) or len(outcome.calls) != 1:
            raise _NotALoop
        if outcome.calls[0].closure is not self.call.closure or self.effects.clamps:
            raise _NotALoop
        return outcome

    # Finding what changes

    def widen(self, outcome: Suspended) -> bool:
        """Take note of parts that change; whether there were any that were not known to."""
        before = len(self.state.variables)
        changed = False
        for name, value in (PLAIN | outcome.calls[0].names).items():
            changed |= self._compare((name,), self.before[name], self.call.names[name], value)
        return changed or len(self.state.variables) > before

    def _compare(self, at: Part, start: Value, now: Value, after: Value) -> bool:
        variable = self.state.variables.get(at)
        if variable is not None:
            return self._widen_values(variable, after)
        if now is after:
            return False
        if isinstance(now, Pair) and isinstance(after, Pair) and isinstance(start, Pair):
            first = self._compare((*at, 0), start.first, now.first, after.first)
            return self._compare((*at, 1), start.rest, now.rest, after.rest) or first
        if isinstance(now, Union) and isinstance(after, Union) and isinstance(start, Union):
            return self._compare_unions(at, start, now, after)
        if isinstance(now, (Pair, Union)) or isinstance(after, (Pair, Union)):
            raise _NotALoop
        if sort_of(now) is not sort_of(after):
            raise _NotALoop
        if sort_of(now) is not Sort.ATOM and type(now) is type(after) and now == after:
            return False
        sort = sort_of(now)
        code = self._code(start, sort)
        variable = _Variable(code, sort, self._support(self.m.path, code, sort))
        self.state.variables[at] = variable
        self._widen_values(variable, after)
        return True

    def _compare_unions(self, at: Part, start: Union, now: Union, after: Union) -> bool:
        if now.cases.keys() != after.cases.keys() or start.cases.keys() != now.cases.keys():
            raise _NotALoop
        changed = False
        for sort in now.cases:
            parts = [x.cases[sort] for x in (start, now, after)]
            changed |= self._compare((*at, sort, "?"), *[p[0] for p in parts])
            changed |= self._compare((*at, sort), *[p[1] for p in parts])
        return changed

    def _code(self, value: Value, sort: Sort) -> Operand:
        return atom_code(self.m.atoms, value) if sort is Sort.ATOM else value  # type: ignore[return-value]

    def _support(self, path, code: Operand, sort: Sort) -> frozenset[float] | None:
        if sort is Sort.BOOLEAN:
            return None
        values = path.support(code)
        if values is None or (sort is Sort.NUMBER and len(values) > MOST_VALUES):
            return None
        return frozenset(values)

    def _widen_values(self, variable: _Variable, after: Value) -> bool:
        if isinstance(after, (Pair, Union)) or sort_of(after) is not variable.sort:
            raise _NotALoop
        if variable.values is None:
            if variable.sort is Sort.ATOM:
                raise _NotALoop
            return False
        new = self._support(self.path, self._code(after, variable.sort), variable.sort)
        if new is not None and new <= variable.values:
            return False
        variable.tries += 1
        grown = None if new is None else variable.values | new
        if variable.sort is Sort.NUMBER and (variable.tries > 4 or len(grown or ()) > MOST_VALUES):
            grown = None
        variable.values = grown
        return True

    # Putting the loop together

    def finish(self, outcome: Suspended) -> Value:
        m, g, again = self.m, self.m.graph, outcome.calls[0]
        after = PLAIN | again.names
        effects = self.effects
        died = g.any([d.guard for d in effects.deaths])
        holds = g.all(effects.conditions)
        goes_on = g.apply("and", again.guard, g.apply("and", g.apply("not", died), holds))
        self._next(self.running, goes_on)
        for at, variable in self.state.variables.items():
            value = after[at[0]]  # type: ignore[index]
            assert variable.node is not None
            self._next(variable.node, self._code(_part(value, at[1:]), variable.sort))
        m.effects.notes |= effects.notes
        if holds is not True:
            m.effects.conditions.append(self._kept(True, holds))
        if effects.factors:
            total = self._accumulated(0, lambda so_far: g.sum([so_far, *effects.factors]))
            m.effects.factors.append(total)
        self._deaths(effects)
        for entry, guard in effects.calls.items():
            made = self._accumulated(False, lambda so_far, x=guard: g.apply("or", so_far, x))
            before = m.effects.calls.get(entry, False)
            m.effects.calls[entry] = g.apply("or", before, made)
        return self._result(outcome.value, g.apply("not", again.guard))

    def _accumulated(self, start: Operand, change: Callable[[Node], Operand]) -> Node:
        kind = Kind.BOOLEAN if isinstance(start, bool) else Kind.NUMBER
        variable = self.m.graph.loop_variable(self.loop, start, kind)
        if kind is Kind.BOOLEAN:
            variable.table = Table((variable,), np.array([False, True]))
        self._next(variable, change(variable))
        return self._out(variable)

    def _kept(self, start: Operand, value: Operand) -> Node:
        return self._accumulated(start, lambda so_far: self.m.graph.apply("and", so_far, value))

    def _out(self, variable: Node) -> Node:
        out = self.m.graph.loop_out(self.loop, variable)
        if out.table is None and variable.table is not None:
            out.table, out.range = Table((out,), variable.table.values), variable.range
        return out

    def _deaths(self, effects: Effects) -> None:
        m, g = self.m, self.m.graph
        if effects.deaths:
            code: Operand = 0
            for i, death in reversed(list(enumerate(effects.deaths, start=1))):
                code = g.apply("where", death.guard, i, code)
            cause = self._accumulated(0, lambda so_far: g.apply("max", so_far, code))
            for i, death in enumerate(effects.deaths, start=1):
                m.effects.deaths.append(Death(g.apply("eq", cause, i), death.cause))
        error = BudgetError(
            f"a draw decides whether to go on, and a world made {self.loop.limit:,} rounds",
            self.call.span,
            "the worlds that need more are left out and their mass is reported",
        )
        m.effects.deaths.append(Death(self._out(self.running), error))

    def _result(self, value: Value, settled: Operand) -> Value:
        """The value, with each part that a round made as it was in the round that ended."""
        if value is DEAD:
            raise AllDead
        outs: dict[Node, Node] = {}
        for node in leaves(value):
            if node in outs or self.loop.index not in node.loops:
                continue
            start, support = self._first(node)
            variable = self.m.graph.loop_variable(self.loop, start, node.kind)
            if support is not None:
                variable.table = Table((variable,), np.array(support))
                variable.range = (float(min(support)), float(max(support)))
            self._next(variable, self.m.graph.apply("where", settled, node, variable))
            outs[node] = self._out(variable)
        return _replace(self.m, value, outs)

    def _first(self, node: Node) -> tuple[Operand, tuple[float, ...] | None]:
        if node.kind is Kind.BOOLEAN:
            return False, (False, True)
        values = self.path.support(node)
        return (values[0], values) if values else (0, None)


def m_flat(m: Machine, loop: Loop) -> Effects:
    """The effects of a round, with those of memoised calls that belong to it."""
    own: dict = {}
    outside: dict = {}
    for entry, guard in m.effects.calls.items():
        flat = entry.effects.flatten(m.graph)
        parts = [*flat.conditions, *flat.factors, *(d.guard for d in flat.deaths)]
        inside = any(isinstance(p, Node) and loop.index in p.loops for p in parts)
        (own if inside else outside)[entry] = guard
    effects = m.effects.copy()
    effects.calls = own
    flat = effects.flatten(m.graph)
    flat.calls = outside
    return flat


def _part(value: Value, at: Part) -> Value:
    """The part of a value at a place."""
    for i, step in enumerate(at):
        if isinstance(value, Pair):
            value = value.first if step == 0 else value.rest
        elif isinstance(value, Union) and isinstance(step, Sort):
            guard, case = value.cases[step]
            value = guard if i + 1 < len(at) and at[i + 1] == "?" else case
        elif step != "?":
            raise _NotALoop
    return value


def _replace(m: Machine, value: Value, outs: dict[Node, Node]) -> Value:
    if isinstance(value, Node):
        return outs.get(value, value)
    if isinstance(value, AtomLane):
        return atom_of(m.atoms, outs.get(value.node, value.node))
    if isinstance(value, Pair):
        return Pair(_replace(m, value.first, outs), _replace(m, value.rest, outs))
    if isinstance(value, Union):
        return Union(
            {
                sort: (_replace(m, guard, outs), _replace(m, case, outs))  # type: ignore[misc]
                for sort, (guard, case) in value.cases.items()
            }
        )
    return value
