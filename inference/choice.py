"""Which engine answers a question: a cost model that says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import jax
from jaxtyping import PRNGKeyArray

from inference.engine import Engine
from inference.exact import Exact, TooManyStates
from inference.importance import Importance
from inference.sequential import Sequential
from inference.smc import SMC
from plot.compiler.ops import LOOP_ROWS
from plot.errors import ImpossibleEvidence, Unsupported
from plot.posterior import Posterior
from plot.world import Question

# Thresholds of answers that can be trusted: see `inference.report`.
WANTED = 1000  # effective worlds
PILOT = 4096  # worlds by which the evidence is measured
MOST_WORLDS = 4_000_000


@dataclass(frozen=True)
class EngineChoice:
    """An engine and the reason for it."""

    engine: Engine
    why: str


@dataclass(frozen=True)
class Auto:
    """Takes the cheapest engine that can be trusted, and says which and why.

    Exact sums where the choices that matter are finite and few; worlds of the prior where enough of
    them satisfy the evidence; where they do not, larger exact sums, since improbable evidence leaves few
    states to follow; then sequential Monte Carlo. Any other engine can be given in its place.

    Args:
      exact: limits within which exact sums are tried first.
      worlds: for the engines that draw them.
      patient: limits of joint states within which exact sums go on where few worlds satisfy the
        evidence.
      stepwise: leads worlds to evidence that few satisfy; `SMC` of so many worlds where not given.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define a (flip 0.3)) (define x (gaussian 0 1))")
    >>> Auto().infer(jax.random.key(0), world.ask("a")).method
    'exact (sums of products of tables)'
    >>> choice = Auto().choose(jax.random.key(0), world.ask("(query x)"))
    >>> type(choice.engine).__name__
    'Importance'
    """

    exact: Exact = Exact(most_bytes=2**26, most_operations=10**8, most_states=300_000)
    worlds: int = 100_000
    patient: Exact = Exact(most_states=10_000_000)
    stepwise: Engine | None = None

    def choose(self, key: PRNGKeyArray, question: Question) -> EngineChoice:
        """The engine for a question.

        Args:
          key: the seed of the pilot run.
          question: from `World.ask`.

        Raises:
          PlotError: where a pilot run of the question meets an error in every world.
        """
        cost = self.exact.cost(question)
        if cost.possible:
            return EngineChoice(
                self.exact,
                f"{cost.draws} finite draws matter; summing them takes about {cost.operations:,} "
                "operations",
            )
        if cost.possible is None:
            why = f"{cost.draws} finite draws matter, whose tables would be too large"
            return EngineChoice(self.exact, f"{why}: their joint states are tried")
        return self._sampled(key, question, f"no exact sum ({_said(cost.refusal)})")

    def _sampled(self, key: PRNGKeyArray, question: Question, reason: str) -> EngineChoice:
        try:
            share = Importance(PILOT).infer(key, question).effective_size / PILOT
        except ImpossibleEvidence:
            share = 0.0
        expected = share * self.worlds
        if expected >= WANTED:
            return EngineChoice(
                Importance(self.worlds),
                f"{reason}; {self.worlds:,} worlds of the prior should be worth {expected:,.0f}",
            )
        if _redraws(question):
            return EngineChoice(
                Importance(MOST_WORLDS),
                f"{reason}; few worlds satisfy the evidence, and draws in a loop cannot be moved, so "
                f"{MOST_WORLDS:,} worlds are drawn",
            )
        return EngineChoice(
            self.stepwise or SMC(Sequential(worlds=self.worlds)),
            f"{reason}; {self.worlds:,} worlds of the prior would be worth {expected:,.0f}, so they "
            "are led to the evidence step by step",
        )

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`."""
        pilot, key = jax.random.split(key)
        choice = self.choose(pilot, question)
        if choice.engine is self.exact:
            choice, answer = self._summed(pilot, key, question, choice, progress)
        else:
            answer = choice.engine.infer(key, question, progress)
        return replace(answer, notes=(*answer.notes, f"engine chosen: {choice.why}"))

    def _summed(
        self,
        pilot: PRNGKeyArray,
        key: PRNGKeyArray,
        question: Question,
        choice: EngineChoice,
        progress: Callable[[int], None] | None,
    ) -> tuple[EngineChoice, Posterior]:
        """The exact answer, by a larger sum where that is worth it, else that of another engine."""
        sampled: EngineChoice | None = None
        patient = False

        def larger(error: TooManyStates) -> Exact | None:
            nonlocal sampled, patient
            sampled = self._sampled(pilot, question, f"no exact sum ({_said(error)})")
            patient = not isinstance(sampled.engine, Importance)
            return self.patient if patient else None

        try:
            answer = replace(self.exact, larger=larger).infer(key, question, progress)
        except Unsupported as error:
            otherwise = sampled or self._sampled(pilot, question, f"no exact sum ({_said(error)})")
            if patient:
                why = f"{otherwise.why}, after a larger sum was tried ({_said(error)})"
                otherwise = replace(otherwise, why=why)
            return otherwise, otherwise.engine.infer(key, question, progress)
        if patient:
            why = "few worlds satisfy the evidence, which leaves few enough joint states for an exact sum"
            choice = EngineChoice(self.patient, why)
        return choice, answer


def _said(error: Exception | None) -> str:
    return getattr(error, "message", str(error)).rstrip(".")


def _redraws(question: Question) -> bool:
    """Whether what was observed depends on draws that a loop makes anew in each round."""
    from plot.backends.order import Order
    from plot.simulate import log_weight

    graph = question.world.session.graph
    flat = question.effects.flatten(graph)
    order = Order([log_weight(graph, flat)[0]], flat.clamps, graph.loops)
    return any(node.op in LOOP_ROWS.values() for node in order.nodes)
