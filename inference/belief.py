"""A belief: weighted worlds that follow sentence after sentence."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from weakref import WeakKeyDictionary

import jax
from jaxtyping import PRNGKeyArray

from inference import saved
from inference.answer import answer
from inference.capacity import belief_need, check_memory, filter_need
from inference.filtering import USES, Plan, follow_all, plan
from inference.lineage import Lineage
from inference.particles import Particles
from inference.report import Report
from inference.resampling import systematic
from inference.sequential import Sequential, follow
from inference.targets import Way, evidence
from plot.compiler.evidence import rows_observed
from plot.compiler.values import Effects
from plot.posterior import Posterior
from plot.printer import write
from plot.syntax import Tree
from plot.weights import Evidence
from plot.world import Question, World

METHOD = "sequential Monte Carlo"
FEW = 8  # statements that are looked at after one that had to be told on its own


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
    >>> from plot.world import Question, World
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

    def follow(self, world: World) -> Belief:
        """The belief in a later world, taking all at once what that has been told besides.

        Args:
          world: told all that this one has been told, and perhaps more, or given new names and words.

        Raises:
          ImpossibleEvidence, NotEnoughMemory: as for `tell`.
        """
        if world.effects is self.world.effects:
            return replace(self, world=world)
        said = " ".join(world.told[len(self.world.told) :])
        particles, report = _follow(self, self.world.effects, world, said)
        reports = (*self.reports, report)
        return Belief(world, particles, self.options, self.key, self, reports)

    def tell_all(self, expressions: Sequence[str | Tree]) -> tuple[Belief, tuple[Report, ...]]:
        """The belief after many statements, taken one after another by one compiled loop where they can be.

        For observations by the dozen; the answer is that of telling them one by one, but for rounding
        and for which rows moves visit. A statement that has to be tempered, that calls modules or loops,
        or that observes what worlds were chosen by, is told on its own in its turn.

        Args:
          expressions: as for `World.tell`.

        Raises:
          PlotError, ImpossibleEvidence, NotEnoughMemory: as for `tell`; nothing is told then.

        >>> import jax
        >>> from plot.world import Question, World
        >>> world = World.from_source("(define mean (gaussian 0 1)) (define (x i) (gaussian mean 1))")
        >>> belief = Belief.of(world, jax.random.key(0), Sequential(worlds=2000))
        >>> belief, _ = belief.tell_all([f"(condition (= (x {i}) 2))" for i in range(9)])
        >>> abs(belief.ask("mean").mean.value - 1.8) < 0.1
        True
        """
        texts = tuple(e if isinstance(e, str) else write(e) for e in expressions)
        told = _tellings.get(self.world)
        if told is None or told.texts != texts:
            told = _tellings[self.world] = _Telling(texts)
        for text in texts[len(told.worlds) :]:
            told.worlds.append((told.worlds[-1] if told.worlds else self.world).tell(text))
        belief, done, most = self, 0, len(texts)
        while done < len(texts):
            belief, taken = _tell_some(belief, told, done, most)
            if taken < min(most, len(texts) - done):
                belief._told[texts[done + taken]] = told.worlds[done + taken]
                belief, _ = belief.tell(texts[done + taken])
                taken, most = taken + 1, max(FEW, 2 * taken)
            else:
                most *= 2
            done += taken
        reports = belief.reports[len(self.reports) :]
        return replace(belief, before=self, options=self.options), reports

    def ask(self, expression: str | Tree) -> Posterior:
        """The answer to a question.

        Args:
          expression: as for `World.ask`; what a query observes counts for this question alone.

        Raises:
          PlotError: located in the expression.
        """
        return self.answer(self.world.ask(expression))

    def answer(self, question: Question) -> Posterior:
        """The answer to a question of a world that has been told what this one has, and no more.

        Args:
          question: from `World.ask`; what it observes counts for it alone.
        """
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
        number = len(self.world.told) * USES + ["tell", "again", "ask", "rows"].index(use)
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


@dataclass(eq=False)
class _Telling:
    """Some statements, the worlds after them, and the plans to follow them."""

    texts: tuple[str, ...]
    worlds: list[World] = field(default_factory=list)
    plans: dict[tuple, Plan] = field(default_factory=dict)


# The last that was told together to a world: with another seed, the same may be told again.
_tellings: WeakKeyDictionary[World, _Telling] = WeakKeyDictionary()


def _tell_some(belief: Belief, told: _Telling, first: int, most: int) -> tuple[Belief, int]:
    """The belief after as many statements as one compiled loop can take, and how many those are."""
    begun = time.perf_counter()
    options, before = belief.options, belief.particles
    if options.resample is not systematic or options.backend is not None or not before.possible:
        return belief, 0
    moving = bool(options.sweeps or options.least_moves)
    key = first, most, moving, tuple(before.rows), tuple(before.lanes)
    if key not in told.plans:
        following = told.worlds[first : first + most]
        told.plans[key] = plan(belief.world, following, before, moving)
    stages = told.plans[key].stages
    if not stages:
        return belief, 0
    check_memory(filter_need(told.plans[key]), before.worlds, "this belief")
    said = len(belief.world.told)
    after, found = follow_all(options, told.plans[key], before, belief.key, said)
    if not found:
        return belief, 0
    each = (time.perf_counter() - begun) / len(found)
    log, reports = before.evidence.log, list(belief.reports)
    for stage, one in zip(stages, found, strict=False):
        reports.append(one.report(stage.world.told[-1], log, each))
        log = one.evidence
    world = stages[len(found) - 1].world
    return Belief(world, after, options, belief.key, belief, tuple(reports)), len(found)
