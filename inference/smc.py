"""Sequential Monte Carlo that answers one question, from the prior to all of its evidence.

Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers (2006).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.answer import answer, lost, proper
from inference.particles import Particles
from inference.pieces import evidence_of
from inference.report import Report, by_move
from inference.sequential import Progress, Sequential, follow
from inference.targets import Way
from plot.compiler.graph import Graph
from plot.compiler.values import Effects
from plot.posterior import Posterior
from plot.world import Question

UNBIASED = (
    "the steps towards hard evidence were chosen by the worlds themselves: the evidence is unbiased "
    "but for a bias of order 1/worlds"
)


@dataclass(frozen=True)
class SMC:
    """Takes worlds of the prior to the posterior step by step, resampling and moving them.

    Properly weighted for the posterior; the evidence comes with an error that counts worlds of one
    ancestor as one draw.

    Args:
      options: how the worlds follow the evidence.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define a (gaussian 0 1)) (condition (> a 4))")
    >>> answer = SMC(Sequential(worlds=1000)).infer(jax.random.key(0), world.ask("a"))
    >>> abs(answer.mean.value - 4.226) < 5 * answer.mean.standard_error
    True
    """

    options: Sequential = Sequential()

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`.

        Raises:
          Unsupported: where a draw is made anew in each round of a loop.
        """
        return through(self.options, (), question, key, progress, "sequential Monte Carlo")


def through(
    options: Sequential,
    between: Sequence[Effects],
    question: Question,
    key: PRNGKeyArray,
    progress: Callable[[int], None] | None,
    method: str,
    notes: tuple[str, ...] = (),
    start: Particles | None = None,
) -> Posterior:
    """The answer of worlds that go through some evidence on their way to all of it.

    Args:
      options: how they go.
      between: what is observed at each halt, flat, each with all that was before.
      question: what was asked.
      key: the seed.
      progress: as for `Engine.infer`.
      method: what to call this.
      notes: more to say.
      start: as for `walk`.

    Raises:
      ImpossibleEvidence: where no world that was found satisfies what was observed.
    """
    way_key, rows_key, lost_key = jax.random.split(key, 3)
    effects = evidence_of(question)
    losses = lost(question, effects, lost_key, options.worlds, options.backend)
    graph = question.world.session.graph
    halts = (*between, effects)
    particles, done = walk(options, halts, graph, way_key, progress, start)
    report = Report.of(question.text, particles, done, 0.0, False, 0.0)
    said = [proper(effects), *notes]
    if done.steps > len(halts):
        said.append(UNBIASED)
    if done.resampled:
        moves = ", ".join(f"{a.move} {a.rate:.0%}" for a in by_move(done.acceptances))
        said.append(
            f"{done.steps} steps, {done.resampled} times resampled; moves accepted: {moves}"
        )
    return answer(
        question,
        effects,
        particles,
        rows_key,
        method,
        options.backend,
        (*said, report.verdict),
        losses,
    )


def walk(
    options: Sequential,
    halts: Sequence[Effects],
    graph: Graph,
    key: PRNGKeyArray,
    progress: Callable[[int], None] | None = None,
    start: Particles | None = None,
) -> tuple[Particles, Progress]:
    """Particles from the prior through some evidence, each halt with all that was before.

    Args:
      options: how they go.
      halts: what is observed at each, flat.
      graph: where that is.
      key: the seed.
      progress: told how many worlds have been drawn or resampled.
      start: particles that are properly weighted for the prior, some of whose rows were proposed; the
        prior's own where not given.

    Raises:
      ImpossibleEvidence: where no world that was found satisfies a halt.
    """
    particles, before = start or Particles.of_prior(options.worlds), None
    following = telling(options, progress) if progress is not None else options
    total = Progress()
    for i, halt in enumerate(halts):
        way = Way(graph, before, halt)
        particles, done = follow(following, way, particles, jax.random.fold_in(key, i))
        total.steps += done.steps
        total.resampled += done.resampled
        total.acceptances += done.acceptances
        before = halt
    return particles, total


def telling(options: Sequential, progress: Callable[[int], None]) -> Sequential:
    """The same options, that tell of each resampling."""
    drawn = options.worlds
    progress(drawn)

    def resample(key: PRNGKeyArray, log_weights: np.ndarray, count: int) -> np.ndarray:
        nonlocal drawn
        drawn += count
        progress(drawn)
        return options.resample(key, log_weights, count)

    return replace(options, resample=resample)
