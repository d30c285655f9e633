"""From weighted rows of randomness to the answer of a question."""

from __future__ import annotations

import numpy as np
from jaxtyping import PRNGKeyArray

from inference.lanes import Lanes
from inference.particles import Particles
from plot.backends import Backend
from plot.compiler.values import Effects, leaves
from plot.errors import ImpossibleEvidence
from plot.posterior import Posterior
from plot.simulate import Loss, Worlds, log_weight, simulate
from plot.weights import Evidence
from plot.world import Question


def answer(
    question: Question,
    effects: Effects,
    particles: Particles,
    key: PRNGKeyArray,
    method: str,
    backend: Backend | None = None,
    notes: tuple[str, ...] = (),
    losses: tuple[Loss, ...] = (),
    evidence: Evidence | None = None,
) -> Posterior:
    """The value of a question in worlds whose rows are held.

    Rows that only the question needs are drawn from the prior.

    Args:
      question: what was asked.
      effects: what was observed, flat; the worlds are weighted for it.
      particles: the worlds.
      key: the seed of rows that are missing.
      method: how the worlds were found.
      backend: what runs them; chosen by cost where not given.
      notes: what was approximated or assumed.
      losses: worlds that died, by cause.
      evidence: of what was observed, where the particles do not say it.
    """
    session = question.world.session
    wanted = tuple(dict.fromkeys(leaves(question.value)))
    lanes = Lanes(session.graph, wanted, effects.clamps)
    rows = {**particles.rows, **lanes.draw(particles.rows, key, particles.worlds)}
    alive = np.isfinite(particles.log_weights)
    values = np.zeros((0, particles.worlds), np.float32)
    if wanted:
        values = lanes.values(lanes.tiles(rows, particles.worlds), particles.worlds, backend)
    worlds = Worlds(
        dict(zip(wanted, values[:, alive], strict=True)),
        particles.log_weights[alive],
        particles.worlds,
        losses,
        backend.name if backend else "chosen by cost",
        session.atoms,
        tuple(effects.notes),
        evidence or particles.evidence,
        particles.families[alive],
    )
    return Posterior(question.text, question.value, worlds, method, notes)


def lost(
    question: Question,
    effects: Effects,
    key: PRNGKeyArray,
    worlds: int,
    backend: Backend | None = None,
) -> tuple[Loss, ...]:
    """What worlds of the prior die of, which later have no weight; hard evidence left aside.

    Args:
      question: what was asked.
      effects: what was observed, flat.
      key: the seed.
      worlds: of the prior, to look at.
      backend: what runs them; chosen by cost where not given.

    Raises:
      ImpossibleEvidence: where all of them die, or none has weight.
    """
    if not effects.deaths and not effects.factors:
        return ()
    session = question.world.session
    apart = Effects(factors=effects.factors, deaths=effects.deaths, clamps=effects.clamps)
    if log_weight(session.graph, apart)[0] == 0:
        return ()
    return simulate(session.graph, session.atoms, apart, (), key, worlds, backend).losses


def proper(effects: Effects) -> str:
    """The note that says what worlds are properly weighted for."""
    parts = len(effects.conditions) + len(effects.factors) + bool(effects.deaths)
    if not parts:
        return "properly weighted for the prior over rows of randomness: nothing was observed"
    what = f"{parts} pieces of evidence" if parts > 1 else "the evidence"
    return f"properly weighted for the posterior over rows of randomness given {what}"


def never() -> ImpossibleEvidence:
    """The error for evidence that is false whatever is drawn."""
    return ImpossibleEvidence(
        "what was observed never holds: it is false in every world, whatever is drawn",
        hint="look for statements that contradict each other or the world model",
    )
