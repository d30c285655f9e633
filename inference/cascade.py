"""A cascade: hard evidence taken piece after piece, the easiest first.

Worlds that keep the easy pieces are a better place to look for those that keep the hard ones as well
than the prior is; the probability of the evidence is the product of those of the steps.

Source: Kahn and Harris (1951), for splitting; Del Moral, Doucet and Jasra, Sequential Monte Carlo
samplers (2006), for a series of targets that ends where one wants to be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.lanes import Lanes
from inference.pieces import evidence_of, joined, pieces, weight_of
from inference.sequential import Sequential
from inference.smc import through
from plot.backends import Backend
from plot.compiler.graph import Graph
from plot.compiler.values import Effects
from plot.posterior import Posterior
from plot.weights import effective_size, normalise
from plot.world import Question


@dataclass(frozen=True)
class Cascade:
    """Takes the pieces of the evidence one after another, each by a step of sequential Monte Carlo.

    Conditions are split where all of several have to hold. How easy a piece is, is the effective
    share of worlds of the prior that it leaves; those worlds are drawn for that alone, so that the
    order does not depend on the worlds that follow it.

    Args:
      options: how worlds follow a piece; a hard one is tempered.
      pilot: worlds of the prior by which the pieces are ordered.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define a (gaussian 0 1)) (define b (gaussian 0 1))")
    >>> asked = world.tell("(condition (and (> b 3) (> a 0)))").ask("(> a 1)")
    >>> found = Cascade(Sequential(worlds=1000)).infer(jax.random.key(0), asked)
    >>> abs(found.evidence.log + 7.301) < 4 * found.evidence.error
    True
    """

    options: Sequential = Sequential()
    pilot: int = 2000

    def __post_init__(self) -> None:
        if self.pilot < 1:
            raise ValueError(f"pieces are ordered by one world at least, and not by {self.pilot}")

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`.

        Raises:
          Unsupported: where a draw is made anew in each round of a loop.
        """
        graph, effects = question.world.session.graph, evidence_of(question)
        parts = pieces(graph, effects)
        pilot_key = jax.random.fold_in(key, 1)
        easy = ease(graph, parts, effects, pilot_key, self.pilot, self.options.backend)
        order = np.argsort(-easy, kind="stable")
        halts = [joined([parts[i] for i in order[:n]], effects) for n in range(1, len(parts))]
        shares = ", ".join(f"{easy[i]:.2g}" for i in order[:8]) + (" …" if len(order) > 8 else "")
        note = (
            f"{len(parts)} pieces, in the order of the share of the prior they leave: {shares}",
        )
        return through(
            self.options, halts, question, key, progress, "cascade", note if halts else ()
        )


def ease(
    graph: Graph,
    parts: tuple[Effects, ...],
    whole: Effects,
    key: PRNGKeyArray,
    worlds: int,
    backend: Backend | None = None,
) -> np.ndarray:
    """`[pieces]`, the effective share of worlds of the prior that each piece leaves.

    Args:
      graph: where the evidence is.
      parts: its pieces.
      whole: the evidence.
      key: the seed.
      worlds: how many to draw.
      backend: what runs them; chosen by cost where not given.
    """
    if not parts:
        return np.zeros(0)
    lanes = Lanes(graph, tuple(weight_of(graph, p) for p in parts), whole.clamps)
    tiles = lanes.tiles(lanes.draw({}, key, worlds), worlds)
    return np.array([_share(lane) for lane in lanes.values(tiles, worlds, backend)])


def _share(lane: np.ndarray) -> float:
    logs = np.where(np.isfinite(lane), lane, -np.inf)
    return effective_size(normalise(logs)) / len(logs) if np.isfinite(logs).any() else 0.0
