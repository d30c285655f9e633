"""Query blocks as instructions: at a program's top level each runs an engine and gives its answer."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import jax
from jaxtyping import PRNGKeyArray

from plot.compiler import Environment, Machine, Value
from plot.compiler.budget import TooWide
from plot.compiler.queries import surroundings, table
from plot.compiler.values import Effects, is_static
from plot.errors import BudgetError, ImpossibleEvidence, ParameterError, PlotError, Unsupported
from plot.fallback import (
    MOST_LOST,
    OracleAnswer,
    OracleWarning,
    enumerate_block,
    exact_outcome,
    hopeless,
    why,
)
from plot.interpreted import interpret
from plot.options import Options
from plot.outcome import Distribution, Outcome
from plot.posterior import Posterior
from plot.printer import write
from plot.session import Session, run_statement
from plot.shapes import Block
from plot.simulate import simulate
from plot.syntax import Form, Tree
from plot.vocabulary import Vocabulary
from plot.world import ask_block

METHOD = "likelihood weighting"
ENOUGH_INTERPRETED = 200  # effective worlds, run one by one, that are better than fewer paths
FEW = 1000  # effective worlds below which an exact table is worth trying
POOL = 1000  # samples that are drawn together where a program asks for one after the other
MOST_COUNT = 1_000_000


@dataclass(eq=False)
class _Answer:
    """What a block came to, and samples of it that wait to be asked for."""

    tree: Tree  # kept, so that no other one gets its identity
    outcome: Outcome
    pool: list[object] = field(default_factory=list)


class Blocks:
    """Runs query blocks; the same block with the same surroundings once.

    Args:
      session: where they are evaluated.
      options: how.
      key: the seed.
      before: definitions and conditions of the program so far; grows with it.
    """

    def __init__(
        self, session: Session, options: Options, key: PRNGKeyArray, before: Sequence[Tree]
    ):
        self.session, self.options, self.before = session, options, before
        self._key = key
        self._answers: dict[tuple, _Answer] = {}

    def next_key(self) -> PRNGKeyArray:
        """A key that has not been used."""
        self._key, key = jax.random.split(self._key)
        return key

    def ask(self, m: Machine, found: Block, tree: Form, env: Environment) -> Value:
        """The result of a block in a single world: a sample, samples, or (values probabilities)."""
        remembered = m.one.remembered if m.one is not None else 0
        key = (id(tree), m.redefined, remembered, *surroundings(tree, env))
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = _Answer(tree, self.outcome(m, found, tree, env, False))
        if found.kind != "rejection-query":
            return answer.outcome.as_value(self.next_key())
        if not answer.pool:
            assert isinstance(answer.outcome.result, Distribution)
            answer.pool = answer.outcome.result.sample(self.next_key(), POOL)
        return answer.pool.pop()

    def outcome(
        self, outer: Machine, found: Block, tree: Tree, env: Environment, top: bool = True
    ) -> Outcome:
        """The distribution of a block.

        Args:
          outer: the machine of the program around it.
          found, tree: the block.
          env: where it stands.
          top: whether that is the top level, where the oracle can see all around it.
        """
        exact = None
        if found.kind == "enumeration-query":
            exact = self._exact(outer, found, tree, env, top)
        if exact is not None:
            return exact
        samples = [_count(outer, part, env) for part in found.counts]
        try:
            posterior = self._weighted(outer, found, tree, env)
        except (Unsupported, BudgetError) as refusal:
            answer = self._interpreted(outer, found, env, refusal)
            if answer is None:
                raise
            return _of(Outcome(tree, "query", answer, found.kind), samples)
        except ImpossibleEvidence as error:
            exact = self._exact(outer, found, tree, env, False)
            if exact is None:
                raise error.at(tree.span) from None
            return _of(exact, samples)
        if posterior.effective_size < FEW and found.kind != "enumeration-query":
            exact = self._exact(outer, found, tree, env, False)
            if exact is not None:
                return _of(exact, samples)
        return _of(Outcome(tree, "query", posterior, found.kind), samples)

    def _weighted(self, outer: Machine, found: Block, tree: Tree, env: Environment) -> Posterior:
        with self.session.machine(outer.effects) as m:
            value, asked = ask_block(m, found, tree, Environment({}, env), Vocabulary())
            effects = m.effects
        if found.kind == "enumeration-query":
            what = f"`enumeration-query` at {tree.span!r} has too many choices to list: sampled"
            effects.notes[what] = None
        worlds = simulate(
            self.session.graph,
            self.session.atoms,
            effects,
            [value],
            self.next_key(),
            self.options.worlds,
            self.options.backend,
            self.options.progress,
        )
        return Posterior(write(asked), value, worlds, METHOD)

    def _interpreted(
        self, outer: Machine, found: Block, env: Environment, refusal: PlotError
    ) -> OracleAnswer | None:
        """The distribution by running one world after the other, where enough of them fit."""
        if outer.one is None or hopeless(refusal):
            return None
        reason, worlds = why(refusal), self.options.worlds
        try:
            answer = interpret(self.session, found, env, outer.one, worlds, reason)
        except (PlotError, RecursionError):
            return None
        size = answer.run["effective_sample_size"]
        enough = isinstance(size, float) and size >= ENOUGH_INTERPRETED
        if isinstance(refusal, TooWide) and not enough:
            return None
        warnings.warn(
            f"the compiler cannot run `{found.kind}` ({reason}); it is run a world at a time, over "
            f"{answer.run['worlds']:,} worlds",
            OracleWarning,
            stacklevel=2,
        )
        return answer

    def _exact(
        self, outer: Machine, found: Block, tree: Tree, env: Environment, top: bool
    ) -> Outcome | None:
        """The exact distribution, by the compiler or else by the oracle; None where there is none."""
        if not outer.effects and isinstance(tree, Form):
            try:
                with self.session.machine(Effects()) as m:
                    known = table(m, found, tree, env)
            except PlotError:
                known = None  # the oracle answers, or says better what is wrong
            if known is not None:
                parts = [part for row in known.rows for part in row]
                if all(map(is_static, parts)) and known.lost <= MOST_LOST:
                    return exact_outcome(found, tree, known)
        return enumerate_block(self.before, found, tree) if top else None


def _of(outcome: Outcome, samples: list[int]) -> Outcome:
    """The outcome with the number of samples that `mh-query` asks for."""
    count = samples[0] if samples else 1
    return Outcome(outcome.tree, "query", outcome.result, outcome.block, count)


def _count(m: Machine, tree: Tree, env: Environment) -> int:
    value, _ = run_statement(m, tree, env, Vocabulary())
    whole = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_COUNT
    if not whole:
        raise ParameterError(
            "`mh-query` needs a positive whole number of samples and of steps", tree.span
        )
    return value  # type: ignore[return-value]
