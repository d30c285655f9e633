"""The engine of exact answers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import PRNGKeyArray

from inference.exact.contraction import Contraction, NoTables
from inference.exact.problem import Problem
from inference.exact.states import Limits, TooManyStates, joint
from plot.compiler.builtins.distributions import POISSON_TAIL
from plot.compiler.graph import Node
from plot.compiler.ops import Kind
from plot.compiler.values import Effects
from plot.errors import ImpossibleEvidence, PlotError, Unsupported
from plot.posterior import Posterior
from plot.simulate import Loss, Worlds
from plot.weights import Evidence
from plot.world import Question

CELL = 8  # bytes of a number in a table
MANY_STATES = 50_000  # of an answer, past which deaths are not counted: they take as many again
DEATHS = Limits(2**26, 2_000_000)  # for working out how many worlds die, which no answer waits for


@dataclass(frozen=True)
class Cost:
    """What an exact answer takes, as far as can be said without working it out.

    Args:
      method: `tables` or `states`; none where there is no way.
      bytes: of the largest table; none where only trying tells.
      operations: roughly; none where only trying tells.
      draws: how many matter.
      refusal: why there is no exact answer.
    """

    method: str | None
    bytes: int | None
    operations: int | None
    draws: int
    refusal: PlotError | None = None

    @property
    def possible(self) -> bool | None:
        """Whether there is an exact answer; none where only trying tells."""
        if self.refusal is not None:
            return False
        return True if self.bytes is not None else None


@dataclass(frozen=True)
class Exact:
    """Sums over all that finite draws can be: no sampling, no error.

    Where tables over few variables at a time do, their products are summed in a good order (variable
    elimination). Where they do not, the joint states of the draws are followed through the program,
    merged where nothing tells them apart any more and dropped where the evidence rules them out.

    Args:
      most_bytes: of the largest table, or of the states that are kept at once.
      most_operations: of sums of tables.
      most_states: made in all.
      larger: asked once where the joint states are too many; a sum goes on within the limits of what it
        returns, and stops where that is None.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define a (flip 0.3)) (define b (flip 0.5))")
    >>> world = world.tell("(condition (or a b))")
    >>> answer = Exact().infer(jax.random.key(0), world.ask("a"))
    >>> round(answer.probability(True).value, 9), answer.probability(True).standard_error
    (0.461538462, 0.0)
    >>> round(math.exp(answer.evidence.log), 9), answer.evidence.error
    (0.65, 0.0)
    """

    most_bytes: int = 2**28
    most_operations: int = 10**10
    most_states: int = 50_000_000
    larger: Callable[[TooManyStates], Exact | None] | None = field(
        default=None, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name in ("most_bytes", "most_operations", "most_states"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is positive, not {getattr(self, name)}")

    def cost(self, question: Question) -> Cost:
        """What an answer would take; nothing is summed.

        Args:
          question: from `World.ask`.
        """
        problem, _ = Problem.of(question)
        try:
            draws = len(problem.draws)
        except Unsupported as error:
            return Cost(None, None, None, 0, error)
        tables = self._tables(problem)
        if tables is None:
            return Cost("states", None, None, draws)
        return Cost("tables", tables.cells * CELL, tables.operations, draws)

    def infer(
        self,
        key: PRNGKeyArray,
        question: Question,
        progress: Callable[[int], None] | None = None,
    ) -> Posterior:
        """The exact posterior of a question.

        Args:
          key: not used: there is nothing to draw.
          question: from `World.ask`.
          progress: called with the number of sums or states so far.

        Raises:
          Unsupported: where a draw from infinitely many values matters, or the sum is too large.
          ImpossibleEvidence: where no world satisfies what was observed.
        """
        problem, flat = Problem.of(question)
        rows, logs, method, states = self._sum(problem, progress)
        losses, notes = _losses(problem, flat, states)
        if not len(logs):
            raise _impossible(losses)
        observed = problem.conditions or problem.factors
        log_evidence = _log_sum(logs) if observed else 0.0
        value = question.value
        if isinstance(value, Node) and value.kind is Kind.NUMBER and np.isnan(rows[value]).any():
            missing = np.isnan(rows[value])
            if not missing.all():
                share = math.exp(_log_sum(logs[missing]))
                losses += (_loss(PlotError("the answer came out as not a number"), share, False),)
                rows, logs = {n: row[~missing] for n, row in rows.items()}, logs[~missing]
        worlds = Worlds(
            rows,
            logs,
            len(logs),
            losses,
            "numpy",
            question.world.session.atoms,
            (*flat.notes, *notes, *_left_out(problem)),
            Evidence(log_evidence, 0.0),
            exact=True,
        )
        return Posterior(question.text, value, worlds, f"exact ({method})")

    def _sum(
        self, problem: Problem, progress: Callable[[int], None] | None
    ) -> tuple[dict[Node, np.ndarray], np.ndarray, str, int]:
        tables = self._tables(problem)
        if tables is not None:
            try:
                return *tables.run(progress), "sums of products of tables", 0
            except NoTables:
                pass  # probabilities too far apart for plain numbers; states keep their logs
        found = joint(problem, self._limits, progress, larger=self._larger)
        return found.rows, found.logs, f"{found.most:,} joint states at most", found.most

    @property
    def _limits(self) -> Limits:
        return Limits(self.most_bytes, self.most_states)

    def _larger(self, error: TooManyStates) -> Limits | None:
        engine = self.larger(error) if self.larger is not None else None
        return engine._limits if engine is not None else None

    def _tables(self, problem: Problem) -> Contraction | None:
        """The sum by tables, where it is small enough."""
        tables = Contraction(problem)
        try:
            small = tables.cells * CELL <= self.most_bytes
        except NoTables:
            return None
        return tables if small and tables.operations <= self.most_operations else None


def _losses(
    problem: Problem, flat: Effects, states: int
) -> tuple[tuple[Loss, ...], tuple[str, ...]]:
    """The worlds that die, by cause and whatever was observed, and what could not be said of them.

    Args:
      problem: the question.
      flat: what was observed.
      states: that its answer took at once.
    """
    deaths = [d for d in flat.deaths if d.guard is not False]
    if not deaths:
        return (), ()
    try:
        if states > MANY_STATES:
            raise TooManyStates("the question alone takes many states")
        lost = joint(problem.of_deaths(deaths), DEATHS, in_order=True).lost
    except (TooManyStates, Unsupported):
        note = "how many worlds die of errors was not worked out; none of those that count dies"
        return (), (note,)
    graph = problem.graph
    shares: dict[tuple, tuple[PlotError, float, bool]] = {}
    for death in deaths:
        share = lost.pop(problem.settled(graph.apply("not", death.guard)), 0.0)  # type: ignore[arg-type]
        cause = death.cause
        assert isinstance(cause, PlotError)
        place = cause.message, cause.span
        before = shares.get(place, (cause, 0.0, death.lost))
        shares[place] = before[0], before[1] + share, before[2]
    return tuple(_loss(*found) for found in shares.values() if found[1]), ()


def _left_out(problem: Problem) -> tuple[str, ...]:
    """What the compiled program leaves out of its draws."""
    if all(problem.graph.choices[draw].name != "poisson" for draw in problem.draws):
        return ()
    return (
        f"counts of `poisson` that have a probability below {POISSON_TAIL:g} together count as one",
    )


def _loss(cause: PlotError, share: float, budget: bool) -> Loss:
    return Loss(cause, 0, share, budget)


def _log_sum(logs: np.ndarray) -> float:
    top = float(np.max(logs))
    return top + math.log(math.fsum(np.exp(logs - top)))


def _impossible(losses: Sequence[Loss]) -> ImpossibleEvidence:
    told = "".join(f"; {loss}" for loss in losses)
    return ImpossibleEvidence(
        f"what was observed has probability zero: it holds in no world{told}",
        hint="look for statements that contradict each other or the world model",
    )
