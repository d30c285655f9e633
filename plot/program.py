"""Whole programs: each top-level expression's value, and a distribution for each query."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import jax
from jaxtyping import PRNGKeyArray

from plot.backends import Backend
from plot.check import check
from plot.compiler import Budget, Effects, Environment, Machine, Value
from plot.compiler.graph import Operand
from plot.compiler.machine import TooWide
from plot.compiler.passes import Passes
from plot.compiler.queries import table
from plot.compiler.values import check_size, is_static
from plot.data import VOID
from plot.data import show as show
from plot.decode import plain
from plot.errors import BudgetError, PlotError, Unsupported
from plot.fallback import MOST_LOST, enumerate_block, exact_outcome, is_statement, run_in_oracle
from plot.outcome import Outcome
from plot.posterior import Posterior
from plot.printer import write
from plot.reader import read
from plot.session import Session, run_statement
from plot.shapes import Block, Define, shape
from plot.simulate import simulate
from plot.syntax import Form, Symbol, Tree
from plot.vocabulary import Vocabulary
from plot.weights import draw, normalise
from plot.world import ask_block

METHOD = "likelihood weighting"
FIRST_WORLDS = 1024  # drawn at once where a single world that fits the conditions is wanted
MOST_TRIES = 1 << 20


class OracleWarning(UserWarning):
    """A program is run by the oracle, a world at a time, because the compiler refused it."""


@dataclass(frozen=True)
class Options:
    """How to run a program.

    Args:
      worlds: worlds to draw for a query.
      budget: bounds on the program's unfolding.
      backend: what runs the worlds; chosen by cost where not given.
      progress: called with the number of worlds drawn so far.
      passes: the compiler's optimisations.
    """

    worlds: int = 100_000
    budget: Budget = Budget()
    backend: Backend | None = None
    progress: Callable[[int], None] | None = None
    passes: Passes = Passes()


@dataclass
class _Pending:
    """A top-level expression that waits for the worlds to be drawn.

    Args:
      tree: the expression.
      value: what it evaluated to.
      kind: as in `Outcome`.
      where: the worlds that show it.
      picture: what shows it, `display` or a kind of picture.
    """

    tree: Tree
    value: Value
    kind: str
    where: Operand = True
    picture: str = ""


def run(source: str, *, key: PRNGKeyArray, options: Options = Options()) -> object:
    """The value of a program's last expression, in one world that fits its conditions.

    Args:
      source: PLoT source.
      key: the seed.
      options: how to run it.

    Returns:
      Plain data (`plot.show` writes it), or a distribution where the last expression is a query.

    Raises:
      PlotError: located, where the program is wrong or its conditions cannot hold.

    >>> show(run("(map (lambda (x) (* x x)) '(1 2 3))", key=jax.random.key(0)))
    '(1 4 9)'
    """
    outcomes = run_program(source, key=key, options=options)
    for outcome in reversed(outcomes):
        if outcome.kind != "display":
            return outcome.as_value(key)
    return VOID


def run_program(
    source: str, *, key: PRNGKeyArray, options: Options = Options(), name: str = "<program>"
) -> list[Outcome]:
    """The outcome of each top-level expression, in order; arguments and errors as for `run`.

    Args:
      name: what to call the source in error messages.
    """
    trees = read(source, name)
    check(trees)
    try:
        return _compiled(trees, key, options)
    except (Unsupported, BudgetError) as refusal:
        if _hopeless(refusal):
            raise
        refusal = refusal.with_traceback(None)  # whose frames hold all that was compiled
        place = f" at {refusal.span!r}" if refusal.span else ""
        warnings.warn(
            f"the compiler cannot run this program ({refusal.message}{place}); "
            "the oracle runs it, a world at a time, over fewer worlds",
            OracleWarning,
            stacklevel=2,
        )
        return run_in_oracle(trees, key, options.worlds, refusal)


def _compiled(trees: list[Tree], key: PRNGKeyArray, options: Options) -> list[Outcome]:
    try:
        return _Run(trees, key, options).outcomes()
    except TooWide:
        budget = options.budget.narrower()
        if budget is None:
            raise
        return _compiled(trees, key, replace(options, budget=budget))
    except (Unsupported, BudgetError) as refusal:
        if _hopeless(refusal):
            raise
        # Merged arguments and rounds of a loop hold less than a call for each: try without.
        plainer = replace(options.passes, fusion=False, loops=False)
        if plainer == options.passes:
            raise
        reason = refusal.with_traceback(None)  # whose frames hold all that was compiled
    try:
        return _Run(trees, key, replace(options, passes=plainer)).outcomes()
    except (Unsupported, BudgetError):
        raise reason from None


def _hopeless(refusal: PlotError) -> bool:
    """Whether no other way of running the program gets further."""
    return isinstance(refusal, BudgetError) and refusal.everywhere


class _Run:
    """One run of a program through the compiler."""

    def __init__(self, trees: list[Tree], key: PRNGKeyArray, options: Options):
        self.trees, self.options = trees, options
        self.key, self.block_key = jax.random.split(key)
        self.session = Session(options.budget, options.passes)
        self.scope = self.session.scope()
        self.vocabulary = Vocabulary()
        self.pending: list[_Pending | Outcome] = []
        self.before: list[Tree] = []  # definitions and conditions evaluated so far
        self.blocks = 0

    def outcomes(self) -> list[Outcome]:
        with self.session.machine(Effects()) as m:
            for tree in self.trees:
                self._statement(m, tree)
                if is_statement(tree):
                    self.before.append(tree)
            effects = m.effects
        return self._draw(effects)

    def _statement(self, m: Machine, tree: Tree) -> None:
        found = shape(tree) if isinstance(tree, Form) else None
        if isinstance(found, Block):
            if found.kind == "query":
                value, asked = ask_block(
                    m, found, tree, Environment({}, self.scope), self.vocabulary
                )
                self.pending.append(_Pending(asked, value, "query"))
            else:
                self.pending.append(self._block(m, found, tree))
            return
        tree = self._with_blocks_run(m, tree, found)
        value, self.vocabulary = run_statement(m, tree, self.scope, self.vocabulary)
        for path, name, shown in m.displayed:
            check_size(shown, tree.span)
            where = path.node(self.session.graph)
            self.pending.append(_Pending(tree, shown, "display", where, name))
        m.displayed.clear()
        if value is not None and value is not VOID:
            check_size(value, tree.span)
            self.pending.append(_Pending(tree, value, "value"))

    def _with_blocks_run(self, m: Machine, tree: Tree, found: object) -> Tree:
        """Run the query blocks that stand where a top-level expression needs their result."""
        if isinstance(found, Block):
            outcome = self._block(m, found, tree)
            self.blocks += 1
            name = f"%block{self.blocks}"  # the reader makes no such name
            self.scope.names[name] = outcome.as_value(self._next_key())
            return Symbol(name, tree.span)
        if isinstance(found, Define) and isinstance(tree, Form) and isinstance(tree[1], Symbol):
            return Form((*tree.items[:2], self._inside(m, tree[2])), tree.span)
        if found is None and isinstance(tree, Form):
            # A list, not a generator: Python's own stack is shallower under those.
            return Form(tuple([self._inside(m, item) for item in tree.items]), tree.span)
        return tree

    def _inside(self, m: Machine, tree: Tree) -> Tree:
        if not isinstance(tree, Form):
            return tree
        found = shape(tree)
        if isinstance(found, Block) or found is None:
            return self._with_blocks_run(m, tree, found)
        return tree

    def _next_key(self) -> PRNGKeyArray:
        self.block_key, key = jax.random.split(self.block_key)
        return key

    def _block(self, outer: Machine, found: Block, tree: Tree) -> Outcome:
        if found.kind == "enumeration-query":
            exact = self._tabled(outer, found, tree) or enumerate_block(self.before, found, tree)
            if exact is not None:
                return exact
        with self.session.machine(outer.effects) as m:
            counts = [_count(m, part, self.scope) for part in found.counts]
            value, asked = ask_block(m, found, tree, Environment({}, self.scope), self.vocabulary)
            effects = m.effects
        worlds = simulate(
            self.session.graph,
            self.session.atoms,
            effects,
            [value],
            self._next_key(),
            self.options.worlds,
            self.options.backend,
            self.options.progress,
        )
        posterior = Posterior(write(asked), value, worlds, METHOD)
        return Outcome(
            tree, "query", posterior, block=found.kind, samples=counts[0] if counts else 1
        )

    def _tabled(self, outer: Machine, found: Block, tree: Tree) -> Outcome | None:
        """The exact outcome of a block that shares no draw with the program around it."""
        if outer.effects or not isinstance(tree, Form):
            return None
        try:
            with self.session.machine(Effects()) as m:
                known = table(m, found, tree, Environment({}, self.scope))
        except PlotError:
            return None  # the oracle answers, or says better what is wrong
        parts = [part for row in known.rows for part in row]
        exact = all(map(is_static, parts)) and known.lost <= MOST_LOST
        return exact_outcome(found, tree, known) if exact else None

    def _draw(self, effects: Effects) -> list[Outcome]:
        waiting = [p for p in self.pending if isinstance(p, _Pending)]
        asks = any(p.kind == "query" for p in waiting)
        values = [part for p in waiting for part in (p.value, p.where)]
        if not waiting and not effects:
            return [p for p in self.pending if isinstance(p, Outcome)]
        if not asks and not effects and all(is_static(v) for v in values):
            chosen: dict = {}
            worlds, row = None, chosen
        else:
            worlds = self._worlds(effects, values, asks)
            weights = normalise(worlds.log_weights)
            pick = int(draw(jax.random.fold_in(self.key, 1), weights, 1)[0])
            row = {node: lane[pick] for node, lane in worlds.rows.items()}
        out = []
        for item in self.pending:
            if isinstance(item, Outcome):
                out.append(item)
            elif item.kind == "query":
                assert worlds is not None
                out.append(
                    Outcome(
                        item.tree, "query", Posterior(write(item.tree), item.value, worlds, METHOD)
                    )
                )
            elif plain(item.where, row, self.session.atoms):
                value = plain(item.value, row, self.session.atoms)
                if item.kind == "display":
                    out.append(Outcome.shown(item.tree, item.picture, value))
                else:
                    out.append(Outcome(item.tree, item.kind, value))
        return out

    def _worlds(self, effects: Effects, values: list[Value], asks: bool):
        options = self.options
        arguments = self.session.graph, self.session.atoms, effects, values, self.key
        if asks:
            return simulate(*arguments, options.worlds, options.backend, options.progress)
        if not (effects.conditions or effects.factors or effects.calls or effects.deaths):
            return simulate(*arguments, 1)
        # One world that fits is enough: draw more and more until there is one.
        count = FIRST_WORLDS
        while True:
            try:
                return simulate(*arguments, count, enough=1 if not effects.factors else None)
            except PlotError:
                if count >= max(MOST_TRIES, options.worlds):
                    raise
            count *= 8


def _count(m: Machine, tree: Tree, scope: Environment) -> int:
    value, _ = run_statement(m, tree, scope, Vocabulary())
    if (
        not isinstance(value, (int, float))
        or isinstance(value, bool)
        or value < 1
        or value != int(value)
    ):
        raise PlotError(
            "`mh-query` needs a positive whole number of samples and of steps", tree.span
        )
    return int(value)
