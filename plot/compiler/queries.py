"""Queries inside models: exact tables over finite choices, else worlds within worlds.

A block is run once for each way its finite choices can go (as in "Embedded probabilistic programs",
Kiselyov and Shan 2009). What it closes over may be lanes: then so are the probabilities of the
table, and every world has a table of its own. A block whose choices are continuous is answered in
each world by self-normalised importance sampling over a few inner worlds, which is approximate.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from plot.compiler.budget import NotFinite
from plot.compiler.builtins.distributions import draw_index
from plot.compiler.evaluator import evaluate
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.machine import WORLD_ERRORS, AllDead, Machine
from plot.compiler.values import DEAD, Death, Effects, Environment, Value, freeze
from plot.data import from_list, is_nothing
from plot.errors import BudgetError, EvaluationError, ParameterError, PlotError, Span, Unsupported
from plot.prefix import Prefix, in_vain, positions
from plot.shapes import Block
from plot.syntax import Form, Symbol, walk

NEGLIGIBLE = 1e-6  # probability that rounding may leave over
SMALLEST = 1e-10  # probability of a way through a query below which it is left out
MOST_NESTED = 40


@dataclass(frozen=True, eq=False)
class Table:
    """What a block can come to.

    Args:
      rows: values and their weights, which need not sum to one.
      total: the sum of the weights.
      lost: probability that was left out.
      log_scale: the probability of the block's evidence is `exp(log_scale)` times the total.
    """

    rows: tuple[tuple[Value, Operand], ...]
    total: Operand
    lost: float
    log_scale: Operand = 0


class Enumerator:
    """Takes one way through a query: earlier choices as prescribed, later ones the likeliest.

    Args:
      prefix: positions among the outcomes of the first choices.
      mass: the probability of the prefix where it is the same in every world, else a guess.
      most: later ones that can be taken.
    """

    def __init__(self, prefix: Prefix, mass: float, most: int):
        self.prefix, self.mass, self.most = positions(prefix), mass, most
        self.count = 0
        self.taken: Prefix = None
        self.weights: list[Operand] = []
        self.branches: list[tuple[float, Prefix]] = []
        self.cut = 0.0

    def pick(self, m: Machine, outcomes: Sequence[tuple[Value, Operand]]) -> Value:
        """The prescribed outcome, or the likeliest; notes the others as ways to take later."""
        possible = [i for i, (_, p) in enumerate(outcomes) if isinstance(p, Node) or p > 0]
        guesses = {i: _guess(outcomes[i][1], len(possible)) for i in possible}
        place = self.count
        self.count += 1
        if place < len(self.prefix):
            chosen = self.prefix[place]
        else:
            chosen = max(possible, key=lambda i: guesses[i])
            for i in possible:
                if i == chosen:
                    continue
                mass = self.mass * guesses[i]
                if mass < SMALLEST:
                    self.cut += mass
                else:
                    self.branches.append((mass, (self.taken, i)))
            self.mass *= guesses[chosen]
            if len(self.branches) > self.most:
                raise too_many(self.most)
        self.taken = self.taken, chosen
        value, weight = outcomes[chosen]
        # In worlds that do not come by here the choice is not made: one of its outcomes stands in.
        stands_in = 1 if chosen == max(possible, key=lambda i: guesses[i]) else 0
        self.weights.append(m.graph.apply("where", m.path.node(m.graph), weight, stands_in))
        return value

    def pick_index(self, m: Machine, outcomes: Sequence[tuple[int, Operand]]) -> int:
        """As `pick`, of whole numbers."""
        chosen = self.pick(m, outcomes)
        assert isinstance(chosen, int)
        return chosen


def too_many(most: int, span: Span | None = None) -> NotFinite:
    """The refusal of a query with more ways through it than are listed."""
    return NotFinite(f"a query can go more than {most:,} ways", span)


def _guess(probability: Operand, count: int) -> float:
    return 1 / count if isinstance(probability, Node) else float(probability)


def run_block(m: Machine, block: Block, env: Environment) -> Value:
    """Evaluate a block's statements and its result in a scope of their own."""
    scope = Environment({}, env)
    for statement in block.statements:
        evaluate(m, statement, scope)
    value = evaluate(m, block.result, scope)
    if block.test is not None and is_nothing(value):
        return evaluate(m, block.test, scope)
    if block.test is not None:
        span = block.test.span
        evaluate(m, Form((Symbol("condition", span), block.test), span), scope)
    return value


def table(m: Machine, block: Block, tree: Form, env: Environment) -> Table:
    """The exact table of a block; the same block with the same surroundings is worked out once.

    Raises:
      NotFinite: where a choice in it is continuous, or there are too many ways.
    """
    key = (id(tree), m.redefined, *surroundings(tree, env))
    known = m.tables.get(key)
    if known is None:
        if m.nesting >= MOST_NESTED:
            raise BudgetError(f"queries are nested more than {MOST_NESTED} deep", tree.span)
        m.nesting += 1
        try:
            known = m.tables[key] = tree, _explore(m, block, tree, env)
        finally:
            m.nesting -= 1
    return known[1]


def surroundings(tree: Form, env: Environment) -> list[tuple]:
    """Keys of the values that the names in a block have."""
    out = []
    for name in dict.fromkeys(t.name for t in walk(tree) if isinstance(t, Symbol)):
        scope: Environment | None = env
        while scope is not None and scope.outer is not None:
            if name in scope.names:
                out.append((name, freeze(scope.names[name])))
                break
            scope = scope.outer
    return out


def _explore(m: Machine, block: Block, tree: Form, env: Environment) -> Table:
    g = m.graph
    order = itertools.count()
    heap: list[tuple[float, int, Prefix]] = [(-1.0, next(order), None)]
    waiting = 1.0
    ways: list[_Way] = []
    lost = 0.0
    causes: list[PlotError] = []
    for count in itertools.count(1):
        if not heap:
            break
        most = m.budget.executions
        found_so_far = 1 - waiting - lost
        if count + len(heap) > most + 1 or in_vain(
            count - 1, most, found_so_far, waiting, NEGLIGIBLE
        ):
            raise too_many(most, tree.span)
        negative, _, prefix = heapq.heappop(heap)
        way = Enumerator(prefix, -negative, most)
        found, died = _execute(m, block, env, way)
        waiting += negative
        for mass, branch in way.branches:
            waiting += mass
            heapq.heappush(heap, (-mass, next(order), branch))
        lost += way.cut
        causes += [d.cause for d in died if isinstance(d.cause, PlotError)]
        if any(d.lost and d.guard is True for d in died):
            lost += way.mass
        if found is not None and found.weight is not False and found.weight != 0:
            ways.append(found)
    if not ways:
        if causes:
            raise causes[0]
        raise EvaluationError("the condition of this query never holds", tree.span)
    scale = _scale(g, ways)
    values: dict[tuple, Value] = {}
    weights: dict[tuple, list[Operand]] = {}
    for one in ways:
        key = freeze(one.value)
        values.setdefault(key, one.value)
        weights.setdefault(key, []).append(one.relative(g, scale))
    rows = tuple((values[k], g.sum(ws)) for k, ws in weights.items())
    return Table(rows, g.sum([w for _, w in rows]), lost, scale)


@dataclass(frozen=True, eq=False)
class _Way:
    """What a way through a block comes to.

    Args:
      value: its value.
      weight: the probability of its choices, 0 where its evidence fails.
      factors: the sum of its factors, as large as they may be.
    """

    value: Value
    weight: Operand
    factors: Operand

    def relative(self, g: Graph, scale: Operand) -> Operand:
        """Its weight, factors included, over `exp(scale)`."""
        if self.factors == 0 and scale == 0:
            return self.weight
        scaled = g.apply("mul", self.weight, g.apply("exp", g.apply("sub", self.factors, scale)))
        return g.apply("where", g.apply("lt", 0, self.weight), scaled, 0)


def _scale(g: Graph, ways: list[_Way]) -> Operand:
    """The largest sum of factors of a possible way: against it, weights neither over- nor underflow."""
    if all(way.factors == 0 for way in ways):
        return 0
    scale: Operand = -math.inf
    for way in ways:
        possible = g.apply("lt", 0, way.weight)
        scale = g.apply("max", scale, g.apply("where", possible, way.factors, -math.inf))
    return g.apply("where", g.apply("eq", scale, -math.inf), 0, scale)


def _execute(
    m: Machine, block: Block, env: Environment, way: Enumerator
) -> tuple[_Way | None, list[Death]]:
    """One way through a block, None where it has no value; and the worlds in which it has none."""
    g, counters = m.graph, m.counters
    with m.fresh(way, counters) as effects:
        try:
            value: Value = run_block(m, block, env)
        except AllDead:
            value = DEAD
        except WORLD_ERRORS as error:
            effects.deaths.append(Death(True, error))
            value = DEAD
        except BudgetError as error:
            if way.taken is None or m.steps > m.budget.steps:
                raise
            effects.deaths.append(Death(True, error))
            value = DEAD
    flat = effects.flatten(g)
    if flat.clamps:
        raise NotFinite("an exact value of an earlier draw is observed inside a query")
    if value is DEAD:
        return None, flat.deaths
    weight: Operand = 1
    for factor in way.weights:
        weight = g.apply("mul", weight, factor)
    alive = g.apply("not", g.any([d.guard for d in flat.deaths]))
    holds = g.apply("and", alive, g.all(flat.conditions))
    weight = g.apply("where", holds, weight, 0)
    return _Way(value, weight, g.sum(flat.factors)), flat.deaths


# A block as a value of the model around it


def nested(m: Machine, block: Block, tree: Form, env: Environment) -> Value:
    """A block inside a model: a draw, a list of draws, or the table as (values probabilities)."""
    if m.one is not None:
        return m.one.ask(m, block, tree, env)
    count = _count(m, block, env, tree)
    try:
        found = table(m, block, tree, env)
    except NotFinite as reason:
        if m.chooser is not None:
            raise
        if block.kind == "enumeration-query":
            raise Unsupported(
                f"`enumeration-query` over choices that are not finite ({reason.message})",
                tree.span,
                "ask for a sample with rejection-query",
            ) from None
        return _by_particles(m, block, tree, env, count, reason)
    g = m.graph
    m.span = tree.span
    if isinstance(found.total, Node):
        never = EvaluationError("the condition of this query never holds", tree.span)
        m.die(g.apply("le", found.total, 0), never)
    if found.lost > 0:
        m.effects.notes[
            f"`{block.kind}` at {tree.span!r}: {found.lost:.2g} of its probability was left out"
        ] = None
    chances = [g.apply("div", w, found.total) for _, w in found.rows]
    if block.kind == "enumeration-query":
        return from_list([from_list([v for v, _ in found.rows]), from_list(chances)])
    draws = [_pick(m, [v for v, _ in found.rows], chances) for _ in range(count or 1)]
    return from_list(draws) if block.kind == "mh-query" else draws[0]


def _count(m: Machine, block: Block, env: Environment, tree: Form) -> int | None:
    if block.kind != "mh-query":
        return None
    counts = [evaluate(m, part, env) for part in block.counts]
    for count in counts:
        if isinstance(count, Node):
            raise Unsupported("`mh-query` whose number of samples is drawn", tree.span)
        if isinstance(count, bool) or not isinstance(count, (int, float)) or count % 1 != 0:
            raise ParameterError("`mh-query` needs whole numbers of samples and steps", tree.span)
        if not 0 <= count <= 1_000_000:
            raise ParameterError(f"`mh-query` got a count of {count}", tree.span)
    return int(counts[0])  # type: ignore[arg-type]


def _pick(m: Machine, values: list[Value], chances: list[Operand]) -> Value:
    if len(values) == 1:
        return values[0]
    if m.chooser is not None:
        return m.chooser.pick(m, list(zip(values, chances, strict=True)))
    index = draw_index(m, chances, "query")
    result = values[-1]
    for i, value in reversed(list(enumerate(values[:-1]))):
        result = m.merge(m.graph.apply("eq", index, i), value, result)
    return result


def _by_particles(
    m: Machine,
    block: Block,
    tree: Form,
    env: Environment,
    count: int | None,
    reason: NotFinite,
) -> Value:
    """Draws from a block by importance sampling over a few inner worlds in each world."""
    size = m.budget.particles
    m.effects.notes[
        f"`{block.kind}` at {tree.span!r} is approximate: in each world it draws from {size} inner "
        f"worlds ({reason.message})"
    ] = None
    draws = [_resampled(m, block, tree, env, size) for _ in range(1 if count is None else count)]
    return draws[0] if count is None else from_list(draws)


def _resampled(m: Machine, block: Block, tree: Form, env: Environment, size: int) -> Value:
    g = m.graph
    values: list[Value] = []
    logs: list[Operand] = []
    for _ in range(size):
        value, effects = _inner_world(m, block, env)
        flat = effects.flatten(g)
        if flat.clamps:
            raise Unsupported("observing an earlier draw exactly inside a query", tree.span)
        if value is DEAD:
            continue
        alive = g.apply("not", g.any([d.guard for d in flat.deaths]))
        holds = g.apply("and", alive, g.all(flat.conditions))
        values.append(value)
        logs.append(g.apply("where", holds, g.sum(flat.factors), -math.inf))
    if not values:
        raise EvaluationError("this query has no value in any inner world", tree.span)
    best = logs[0]
    for log in logs[1:]:
        best = g.apply("max", best, log)
    none = BudgetError(
        f"the condition of a query held in none of {size} inner worlds",
        tree.span,
        "make it more probable, or raise the budget of particles",
    )
    m.span = tree.span
    m.die(g.apply("eq", best, -math.inf), none)
    weights = [g.apply("exp", g.apply("sub", log, best)) for log in logs]
    return _pick(m, values, weights)


def _inner_world(m: Machine, block: Block, env: Environment) -> tuple[Value, Effects]:
    with m.fresh(None, m.counters) as effects:
        try:
            return run_block(m, block, env), effects
        except AllDead:
            return DEAD, effects
        except WORLD_ERRORS as error:
            effects.deaths.append(Death(True, error))
            return DEAD, effects
