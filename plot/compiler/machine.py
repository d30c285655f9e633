"""The state of staged evaluation: the path, the effects, and how arms of an `if` are merged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from plot.compiler.budget import Budget, TooWide, too_deep
from plot.compiler.chances import most_probable
from plot.compiler.graph import Graph, Node, Operand, constant
from plot.compiler.ops import Kind
from plot.compiler.paths import ROOT, Decision, Path
from plot.compiler.values import (
    DEAD,
    AtomLane,
    Atoms,
    Death,
    Effects,
    Environment,
    Sort,
    Union,
    Value,
    atom_code,
    atom_of,
    cases_of,
    describe,
    sort_of,
)
from plot.data import NIL, Pair
from plot.errors import (
    BudgetError,
    EvaluationError,
    ParameterError,
    PlotError,
    Span,
    TypeMismatch,
    Unsupported,
)
from plot.shapes import Block, Shape, shape
from plot.syntax import Form

# Errors that a world can meet on its own: in a lane they end that world, not the program.
WORLD_ERRORS = (EvaluationError, ParameterError, TypeMismatch)


DEEP = 12  # nested decisions from which on a path may be left out for its small probability


class Chooser(Protocol):
    """Decides draws instead of drawing them."""

    def pick(self, m: Machine, outcomes: Sequence[tuple[Value, Operand]]) -> Value:
        """One of some values, given their probabilities."""
        ...

    def pick_index(self, m: Machine, outcomes: Sequence[tuple[int, Operand]]) -> int:
        """One of some whole numbers, given their probabilities."""
        ...


@dataclass(eq=False)
class OneWorld:
    """What a machine has that runs in a single world, as at the top level of a Church program.

    Every draw is a number at once. What query blocks draw inside has no place in this world: the
    functions of this world that remember (`mem`, `DPmem`) keep that with the block.

    Args:
      rng: of all draws.
      ask: runs a query block: a sample, a list of samples, or a pair (values probabilities).
      remembered: how often a function of this world has remembered a value.
    """

    rng: np.random.Generator
    ask: Callable[[Machine, Block, Form, Environment], Value]
    remembered: int = 0


class AllDead(Exception):
    """Every world on this path has died; the deaths are recorded."""


class Machine:
    """One staged evaluation: builds nodes in a graph, collects effects.

    Args:
      graph: where nodes are made.
      atoms: codes of names and other atoms in lanes.
      budget: bounds on the unfolding.
    """

    def __init__(self, graph: Graph, atoms: Atoms, budget: Budget = Budget()):
        self.graph, self.atoms, self.budget = graph, atoms, budget
        self.path: Path = ROOT
        self.effects = Effects()
        self.depth = 0
        self.steps = 0
        self.span: Span | None = None
        self.calling = ""  # the built-in function that was called last
        self.scope: str | None = None  # label of the memoised call being evaluated
        self.symbols = 0  # names made by `gensym`
        self.displayed: list[tuple[Path, str, Value]] = []  # calls of `display` and its kin
        self.counters: tuple[Node, ...] = ()  # of the loops around, the outermost first
        self.chooser: Chooser | None = None  # decides draws, inside a query that is enumerated
        self.one: OneWorld | None = None  # where draws are numbers
        self.inside: dict[object, Any] = {}  # what functions of that world remember in a block
        self.nesting = 0  # queries within queries
        self.tables: dict[tuple, tuple[object, Any]] = {}  # of queries, with the tree of each
        self.redefined = 0  # how often a name got a new meaning
        self.passes = graph.passes
        self.recursive: dict[int, tuple[object, bool]] = {}
        self.not_loops: set[Value] = set()  # functions that could not be made a loop
        self._shapes: dict[int, tuple[Form, Shape | None]] = {}

    def shape_of(self, tree: Form) -> Shape | None:
        """The special form that a tree is, or None for a call; worked out once for each tree."""
        known = self._shapes.get(id(tree))
        if known is None:
            known = self._shapes[id(tree)] = tree, shape(tree)
        return known[1]

    # Budgets

    @property
    def everywhere(self) -> bool:
        """Whether every world gets to where the evaluator stands."""
        somewhere = self.path.literals or self.counters or self.scope is not None
        return self.chooser is None and not somewhere

    def spend(self, steps: int) -> None:
        """Count evaluation steps; each element of a new list is one.

        Raises:
          BudgetError: where there are too many.
        """
        self.steps += steps
        if self.steps > self.budget.steps:
            raise BudgetError(
                f"the program takes more than {self.budget.steps:,} evaluation steps to unfold",
                hint="bound its recursion and its lists, or raise the budget of steps",
                everywhere=self.everywhere,
            )

    # Worlds that die

    def die(self, condition: Operand, error: PlotError) -> None:
        """End the worlds on this path where the condition holds.

        Raises:
          PlotError: the error itself, where the condition holds in all of them.
        """
        decision = self.path.decide(condition)
        if decision is Decision.FALSE or decision is Decision.DEAD:
            return
        error.at(self.span)
        if decision is Decision.TRUE:
            raise error
        guard = self.graph.apply("and", self.path.node(self.graph), condition)
        self.effects.deaths.append(Death(guard, error))

    def under(self, condition: Operand, truth: bool, thunk: Callable[[], Value]) -> Value:
        """Evaluate a thunk in the worlds where the condition has this truth value, else `DEAD`."""
        outer = self.path
        decision = outer.decide(condition)
        if decision is Decision.DEAD or decision is (Decision.FALSE if truth else Decision.TRUE):
            return DEAD
        if decision is not Decision.OPEN:
            return thunk()
        self.path = outer.extend(condition, truth)
        try:
            return thunk()
        except AllDead:
            return DEAD
        except WORLD_ERRORS as error:
            self.effects.deaths.append(Death(self.path.node(self.graph), error))
            return DEAD
        except RecursionError:
            raise too_deep(everywhere=False) from None
        finally:
            self.path = outer

    def branch(
        self, condition: Operand, then: Callable[[], Value], otherwise: Callable[[], Value]
    ) -> Value:
        """`if` on a truth value that may differ from world to world."""
        decision = self.path.decide(condition)
        if decision is Decision.TRUE:
            return then()
        if decision is Decision.FALSE:
            return otherwise()
        if decision is Decision.DEAD:
            raise AllDead
        a, b = self.fork(condition, then, otherwise)
        return self.merge(condition, a, b)

    def fork(
        self, condition: Operand, then: Callable[[], Value], otherwise: Callable[[], Value]
    ) -> tuple[Value, Value]:
        """Both arms, where worlds differ; `DEAD` for an arm that has no value.

        Raises:
          AllDead: where neither has, or the budget of depth is used up.
        """
        self.spend_depth(0)
        self.depth += 1
        try:
            a = self.under(condition, True, then)
            b = self.under(condition, False, otherwise)
        finally:
            self.depth -= 1
        if a is DEAD and b is DEAD:
            raise AllDead
        return a, b

    def spend_depth(self, rounds: int) -> None:
        """End the worlds on this path where decisions are nested past the budget.

        Args:
          rounds: of a recursion in tail position, besides what is nested.

        Raises:
          AllDead: where they are.
        """
        levels = self.depth + rounds
        if levels >= DEEP and len(self.graph.nodes) > self.budget.wide:
            raise TooWide(
                f"a recursion that draws decide unfolds to more than {self.budget.wide:,} operations",
                self.span,
                "bound its depth, or leave out less probable paths (budget `smallest`)",
            )
        if levels < self.budget.depth:
            if levels < DEEP or most_probable(self.path, self.graph) >= self.budget.smallest:
                return
            reason = f"with probability below {self.budget.smallest:g}"
        else:
            reason = f"more than {self.budget.depth} levels deep"
        error = BudgetError(
            f"a draw decides whether to go on, {reason}",
            self.span,
            "the worlds that go deeper are left out and their mass is reported",
        )
        self.effects.deaths.append(Death(self.path.node(self.graph), error))
        raise AllDead

    # Evidence

    def require(self, truth: Operand) -> None:
        """Keep, of the worlds on this path, those in which this holds."""
        if self.chooser is not None and truth is False and not self.path.literals:
            raise AllDead  # this way through the query is impossible: no need to go on
        outside = self.graph.apply("not", self.path.node(self.graph))
        self.effects.conditions.append(self.graph.apply("or", outside, truth))

    def weigh(self, log_weight: Operand) -> None:
        """Add to the log weight of the worlds on this path."""
        guarded = self.graph.apply("where", self.path.node(self.graph), log_weight, 0)
        self.effects.factors.append(guarded)

    @contextmanager
    def fresh(
        self, chooser: Chooser | None = None, counters: tuple[Node, ...] = ()
    ) -> Iterator[Effects]:
        """Evaluate away from the current path, with effects of its own.

        Args:
          chooser: decides the draws.
          counters: of the loops in whose every round the draws are new.
        """
        kept = self.path, self.effects, self.depth, self.chooser, self.counters
        self.path, self.effects, self.depth = ROOT, Effects(), 0
        self.chooser, self.counters = chooser, counters
        try:
            yield self.effects
        except RecursionError:
            raise too_deep(everywhere=False) from None
        finally:
            self.path, self.effects, self.depth, self.chooser, self.counters = kept

    # Merging

    def merge(self, condition: Operand, a: Value, b: Value) -> Value:
        """The value that is `a` where the condition holds and `b` elsewhere."""
        if isinstance(condition, bool):
            return a if condition else b
        if a is b or b is DEAD:
            return a
        if a is DEAD:
            return b
        if isinstance(a, Union) or isinstance(b, Union) or sort_of(a) is not sort_of(b):
            self.spend(1)
            return self._merge_cases(condition, a, b)
        return self._merge_same(sort_of(a), condition, a, b)

    def _merge_same(self, sort: Sort, condition: Operand, a: Value, b: Value) -> Value:
        if sort is Sort.ATOM:
            if a is b:
                return a
            code = self.graph.apply(
                "where", condition, atom_code(self.atoms, a), atom_code(self.atoms, b)
            )
            if isinstance(code, Node) and self.path.support(code) is None:
                raise Unsupported("too many names can stand here for a lane to hold")
            return atom_of(self.atoms, code)
        if sort is Sort.PAIR:
            # Along the spine in a loop: lists may be longer than Python's stack is deep.
            firsts = []
            while isinstance(a, Pair) and isinstance(b, Pair) and a is not b:
                firsts.append(self.merge(condition, a.first, b.first))
                a, b = a.rest, b.rest
            tail = self.merge(condition, a, b)
            for first in reversed(firsts):
                tail = Pair(first, tail)
            return tail
        return self.graph.apply("where", condition, a, b)  # type: ignore[arg-type]

    def _merge_cases(self, condition: Operand, a: Value, b: Value) -> Value:
        g = self.graph
        negated = g.apply("not", condition)
        left, right = cases_of(a), cases_of(b)
        cases: dict[Sort, tuple[Operand, Value]] = {}
        for sort in Sort:
            x, y = left.get(sort), right.get(sort)
            if x is None and y is None:
                continue
            if x is None or y is None:
                guard, value = y if x is None else x  # type: ignore[misc]
                guard = g.apply("and", negated if x is None else condition, guard)
            else:
                guard = g.apply("where", condition, x[0], y[0])
                value = self._merge_same(sort, condition, x[1], y[1])
            if guard is True:
                return value
            if guard is not False:
                cases[sort] = (guard, value)
        return Union(cases)

    # Reading values

    def project(self, value: Value, sort: Sort, wanted: str) -> Value:
        """The case of a value that has the sort; worlds where it has another die."""
        if isinstance(value, Union):
            case = value.cases.get(sort)
            if case is not None:
                self.die(self.graph.apply("not", case[0]), self.mismatch(value, wanted))
                return case[1]
        elif sort_of(value) is sort:
            return value
        raise self.mismatch(value, wanted)

    def mismatch(self, value: Value, wanted: str) -> TypeMismatch:
        if self.calling:
            message = f"`{self.calling}` got {describe(value)}; {wanted} is due"
            return TypeMismatch(message, self.span)
        return TypeMismatch(f"{wanted} is due here, and this is {describe(value)}", self.span)

    def number(self, value: Value) -> Operand:
        """A number, the same in every world or not."""
        if isinstance(value, bool) or (isinstance(value, Node) and value.kind is Kind.BOOLEAN):
            raise self.mismatch(value, "a number")
        if isinstance(value, (int, float, Node)):
            return value
        return self.project(value, Sort.NUMBER, "a number")  # type: ignore[return-value]

    def truth(self, value: Value) -> Operand:
        """Whether a value counts as true: only `#f` does not."""
        if isinstance(value, bool):
            return value
        if isinstance(value, Node):
            return value if value.kind is Kind.BOOLEAN else True
        if isinstance(value, Union) and Sort.BOOLEAN in value.cases:
            guard, case = value.cases[Sort.BOOLEAN]
            false = self.graph.apply("not", self.truth(case))
            return self.graph.apply("not", self.graph.apply("and", guard, false))
        return True

    def pair(self, value: Value, wanted: str = "a non-empty list") -> Pair:
        """A pair."""
        if isinstance(value, Pair):
            return value
        return self.project(value, Sort.PAIR, wanted)  # type: ignore[return-value]

    def is_null(self, value: Value) -> Operand:
        """Whether a value is the empty list."""
        if value is NIL:
            return True
        if isinstance(value, AtomLane):
            return self.graph.apply("eq", value.node, self.atoms.code(NIL))
        if isinstance(value, Union) and Sort.ATOM in value.cases:
            guard, case = value.cases[Sort.ATOM]
            return self.graph.apply("and", guard, self.is_null(case))
        return False

    def is_pair(self, value: Value) -> Operand:
        """Whether a value is a pair."""
        if isinstance(value, Union):
            case = value.cases.get(Sort.PAIR)
            return case[0] if case is not None else False
        return isinstance(value, Pair)

    def elements(self, value: Value, wanted: str = "a list") -> list[tuple[Operand, Value]]:
        """The elements of a list, each with the worlds in which the list is that long."""
        out: list[tuple[Operand, Value]] = []
        present: Operand = True
        given = value
        while True:
            if isinstance(value, Pair):
                out.append((present, value.first))
                value = value.rest
                continue
            null, pair = self.is_null(value), self.is_pair(value)
            bad = self.graph.apply(
                "and", present, self.graph.apply("not", self.graph.apply("or", null, pair))
            )
            if bad is not False:
                self.die(bad, self.mismatch(given, wanted))
            if pair is False:
                return out
            assert isinstance(value, Union)
            present = self.graph.apply("and", present, pair)
            value = value.cases[Sort.PAIR][1]

    def static_list(self, value: Value) -> list[Value] | None:
        """The elements of a list whose length is the same in every world, or None."""
        items = self.elements(value)
        return [v for _, v in items] if all(g is True for g, _ in items) else None

    def settle(self, value: Value, limit: int = 64) -> list[tuple[Operand, Value]] | None:
        """A value as finitely many static ones, each with the worlds that have it, or None."""
        if isinstance(value, (Node, AtomLane)):
            node = value if isinstance(value, Node) else value.node
            values = self.path.support(node)
            if values is None or len(values) > limit:
                return None
            decode = self.atoms.value if isinstance(value, AtomLane) else constant
            return [(self.graph.apply("eq", node, v), decode(v)) for v in values]
        if isinstance(value, Union):
            out = []
            for guard, case in value.cases.values():
                if self.path.decide(guard) is Decision.FALSE:
                    continue
                settled = self.settle(case, limit)
                if settled is None:
                    return None
                out += [(self.graph.apply("and", guard, g), v) for g, v in settled]
            return out if len(out) <= limit else None
        if isinstance(value, Pair):
            firsts, rests = self.settle(value.first, limit), self.settle(value.rest, limit)
            if firsts is None or rests is None or len(firsts) * len(rests) > 2 * limit:
                return None
            return [
                (self.graph.apply("and", g, h), Pair(a, b)) for g, a in firsts for h, b in rests
            ]
        return [(True, value)]
