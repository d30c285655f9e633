"""A belief: weighted worlds that follow sentence after sentence."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import jax
from jaxtyping import PRNGKeyArray

from inference import saved
from inference.answer import answer
from inference.capacity import belief_need, check_memory
from inference.lineage import Lineage
from inference.particles import Particles
from inference.report import Report
from inference.sequential import Sequential, follow
from inference.targets import Way, evidence
from plot.compiler.evidence import rows_observed
from plot.compiler.values import Effects
from plot.posterior import Posterior
from plot.printer import write
from plot.syntax import Tree
from plot.weights import Evidence
from plot.world import World

METHOD = "sequential Monte Carlo"


@dataclass(frozen=True, eq=False)
class Belief:
    """What is believed after some sentences; immutable, so that going back is free.

    Args:
      world: the world model and what it has been told.
      particles: worlds weighted by that.
      options: how it follows what it is told.
      key: the seed; the same sentences give the same belief.
      before: the belief before the last sentence.
      reports: one for each sentence.

    Sentences that were told to it keep their meaning: to tell one again, after an interrupt perhaps,
    draws the same.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define a (gaussian 0 1)) (define b (gaussian 0 1))")
    >>> belief = Belief.of(world, jax.random.key(0), Sequential(worlds=2000))
    >>> belief, report = belief.tell("(condition (> a b))")
    >>> belief.ask("(> a b)").probability().value
    1.0
    """

    world: World
    particles: Particles
    options: Sequential
    key: PRNGKeyArray
    before: Belief | None = None
    reports: tuple[Report, ...] = ()
    _told: dict[str, World] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, world: World, key: PRNGKeyArray, options: Sequential = Sequential()) -> Belief:
        """The belief in a world model and all that it has been told.

        Raises:
          ImpossibleEvidence: where no world satisfies that.
          NotEnoughMemory: where so many worlds do not fit.
        """
        empty = cls(world, Particles.of_prior(options.worlds), options, key)
        particles, report = _follow(empty, None, world, " ".join(world.told))
        return cls(world, particles, options, key, None, (report,) if world.told else ())

    def tell(self, expression: str | Tree) -> tuple[Belief, Report]:
        """The belief after a statement, and what it took to get there.

        Args:
          expression: as for `World.tell`.

        Raises:
          PlotError: located in the expression.
          ImpossibleEvidence: where no world satisfies it together with what was said before.
          NotEnoughMemory: where so many worlds do not fit.
        """
        text = expression if isinstance(expression, str) else write(expression)
        world = self._told.get(text) or self.world.tell(expression)
        self._told[text] = world
        particles, report = _follow(self, self.world.effects, world, world.told[-1])
        reports = (*self.reports, report)
        return Belief(world, particles, self.options, self.key, self, reports), report

    def ask(self, expression: str | Tree) -> Posterior:
        """The answer to a question.

        Args:
          expression: as for `World.ask`; what a query observes counts for this question alone.

        Raises:
          PlotError: located in the expression.
        """
        question = self.world.ask(expression)
        graph = self.world.session.graph
        particles = self.particles
        asked = evidence(graph, question.effects, particles.rows)
        if question.effects is not self.world.effects:
            old = evidence(graph, self.world.effects, particles.rows)
            if asked.clamps != old.clamps:
                particles = replace(
                    particles, lanes=Lineage()
                )  # made of what is observed now, perhaps
            way = Way(graph, old, asked, frozenset(particles.lanes))
            if way.parts or asked.factors != old.factors or asked.clamps != old.clamps:
                particles, _ = follow(self.options, way, particles, self._next_key("ask"))
        verdict = (self.reports[-1].verdict,) if self.reports else ()
        backend = self.options.backend
        return answer(question, asked, particles, self._next_key("rows"), METHOD, backend, verdict)

    def save(self, path: str | Path) -> None:
        """Write it to a file; see `inference.saved.save`."""
        saved.save(self, Path(path))

    @staticmethod
    def load(path: str | Path, options: Sequential | None = None) -> Belief:
        """Read it from a file; see `inference.saved.load`."""
        return saved.load(Path(path), options)

    @property
    def evidence(self) -> Evidence:
        """The probability (density) of all that was said."""
        return self.particles.evidence

    def _next_key(self, use: str) -> PRNGKeyArray:
        number = len(self.world.told) * 4 + ["tell", "again", "ask", "rows"].index(use)
        return jax.random.fold_in(self.key, number)


def _follow(
    belief: Belief, before: Effects | None, world: World, sentence: str
) -> tuple[Particles, Report]:
    begun = time.perf_counter()
    graph = world.session.graph
    particles, key = belief.particles, belief._next_key("tell")
    new = evidence(graph, world.effects, particles.rows)
    old = evidence(graph, before, particles.rows) if before is not None else None
    again = old is not None and bool(rows_observed(graph, new, old) & set(particles.rows))
    if again:
        # A draw that worlds were chosen by has a fixed value now: other worlds would have been chosen.
        particles, old = Particles.of_prior(particles.worlds), None
        new = evidence(graph, world.effects, ())
        key = belief._next_key("again")
    way = Way(graph, old, new, frozenset(particles.lanes))
    check_memory(belief_need(way, particles.rows), particles.worlds, "this belief")
    log_before = belief.particles.evidence.log
    after, progress = follow(belief.options, way, particles, key)
    seconds = time.perf_counter() - begun
    return after, Report.of(sentence, after, progress, log_before, again, seconds)
