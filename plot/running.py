"""A whole program through the compiler, from its first expression to its last."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.blocks import METHOD, Blocks
from plot.compiler import Effects, Environment, Machine, Value
from plot.compiler.dependence import depends_on_draws
from plot.compiler.graph import Operand
from plot.compiler.machine import OneWorld
from plot.compiler.values import check_size, is_static
from plot.data import VOID
from plot.decode import plain
from plot.errors import EvaluationError, PlotError
from plot.fallback import is_statement
from plot.options import Options
from plot.outcome import Outcome
from plot.posterior import Posterior
from plot.printer import write
from plot.session import Session, run_statement
from plot.shapes import Block, Define, Evidence, shape
from plot.simulate import Worlds, simulate
from plot.syntax import Form, Symbol, Tree
from plot.vocabulary import Vocabulary
from plot.weights import draw, normalise
from plot.world import ask_block

FIRST_WORLDS = 1024  # drawn at once where a single world that fits the conditions is wanted
MOST_TRIES = 1 << 20


class Observes(Exception):
    """A program observes something outside of its query blocks, so one world is not enough."""


def asks_of_many_worlds(trees: list[Tree]) -> bool:
    """Whether a program's top level is a model itself: it observes, or has a `query`."""
    shapes = [shape(tree) for tree in trees if isinstance(tree, Form)]
    return any(
        isinstance(s, Evidence) or (isinstance(s, Block) and s.kind == "query") for s in shapes
    )


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


class Run:
    """One run of a program through the compiler.

    Args:
      trees: its expressions.
      key: the seed.
      options: how to run it.
      single: in one world, in which every draw is a number at once. That is what the top level of
        a Church program is; what its query blocks ask is asked of many.
    """

    def __init__(self, trees: list[Tree], key: PRNGKeyArray, options: Options, single: bool):
        self.trees, self.options, self.single = trees, options, single
        self.key, block_key = jax.random.split(key)
        self.session = Session(options.budget, options.passes)
        self.scope = self.session.scope()
        self.vocabulary = Vocabulary()
        self.pending: list[_Pending | Outcome] = []
        self.before: list[Tree] = []  # definitions and conditions evaluated so far
        self.blocks = Blocks(self.session, options, block_key, self.before)
        self.named = 0  # blocks whose results have a name

    def outcomes(self) -> list[Outcome]:
        """The outcome of each expression, in order.

        Raises:
          Observes: where a single world is not enough.
          PlotError: located, where the program is wrong or cannot be compiled.
        """
        with self.session.machine(Effects()) as m:
            if self.single:
                seed = np.asarray(jax.random.key_data(self.key)).tolist()
                m.one = OneWorld(np.random.default_rng(seed), self.blocks.ask)
            for tree in self.trees:
                self._statement(m, tree)
                if is_statement(tree):
                    self.before.append(tree)
            effects = m.effects
        if self.single and effects:
            raise Observes
        return self._draw(effects)

    def _statement(self, m: Machine, tree: Tree) -> None:
        found = shape(tree) if isinstance(tree, Form) else None
        if isinstance(found, Block):
            if found.kind == "query":
                scope = Environment({}, self.scope)
                value, asked = ask_block(m, found, tree, scope, self.vocabulary)
                self.pending.append(_Pending(asked, value, "query"))
            else:
                self.pending.append(self.blocks.outcome(m, found, tree, self.scope))
            return
        if not self.single:
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
        """Run the query blocks whose result a top-level expression needs.

        One that hangs on what is drawn around it is left where it is, a part of the model.
        """
        if isinstance(found, Block):
            if depends_on_draws(tree, self.scope):
                return tree
            outcome = self.blocks.outcome(m, found, tree, self.scope)
            self.named += 1
            name = f"%block{self.named}"  # the reader makes no such name
            self.scope.names[name] = outcome.as_value(self.blocks.next_key())
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
                try:
                    posterior = Posterior(write(item.tree), item.value, worlds, METHOD)
                except EvaluationError as error:
                    raise error.at(item.tree.span) from None
                out.append(Outcome(item.tree, "query", posterior))
            elif plain(item.where, row, self.session.atoms):
                value = plain(item.value, row, self.session.atoms)
                if item.kind == "display":
                    out.append(Outcome.shown(item.tree, item.picture, value))
                else:
                    out.append(Outcome(item.tree, item.kind, value))
        return out

    def _worlds(self, effects: Effects, values: list[Value], asks: bool) -> Worlds:
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
