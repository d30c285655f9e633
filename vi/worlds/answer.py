"""Answers from a fitted guide: its worlds, weighted for the evidence as it is, or as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp
from jaxtyping import Array, PRNGKeyArray

from inference.importance import with_verdict
from plot.compiler.graph import Node
from plot.exports.sequence import Sequence
from plot.posterior import Posterior
from plot.simulate import Worlds
from plot.world import Question
from vi.worlds.programs import POINT, Guided, WorldPrograms
from vi.worlds.soft import draw_finite, hard_weight

CHUNK = 8_192  # worlds that are weighed at once


@dataclass(frozen=True, eq=False)
class Drawn:
    """Worlds that a guide proposes.

    Args:
      point: `[size, worlds]`.
      values: `[finite, worlds]`, indices of the finite choices.
      log_weights: `[worlds]`, of prior and evidence over guide.
    """

    point: Array
    values: Array
    log_weights: Array


def propose(
    programs: WorldPrograms,
    params: Any,
    key: PRNGKeyArray,
    worlds: int,
    weighted: bool,
    sample: Callable[[PRNGKeyArray], tuple[Array, Array]] | None = None,
) -> Drawn:
    """Worlds of the guide.

    Args:
      worlds: how many.
      weighted: for the evidence as it is; else each weighs the same, as if the guide were right.
      sample: another way to draw a point and its log density.
    """
    whole = jax.jit(
        lambda key, size=min(worlds, CHUNK): _block(programs, params, key, size, weighted, sample)
    )
    blocks = []
    for i in range(-(-worlds // CHUNK)):
        blocks.append(whole(jax.random.fold_in(key, i)))
    point = jnp.concatenate([b.point for b in blocks], 1)[:, :worlds]
    values = jnp.concatenate([b.values for b in blocks], 1)[:, :worlds]
    logs = jnp.concatenate([b.log_weights for b in blocks])[:worlds]
    return Drawn(point, values, logs)


jax.tree_util.register_dataclass(Drawn, ["point", "values", "log_weights"], [])


def _block(
    programs: WorldPrograms,
    params: Any,
    key: PRNGKeyArray,
    worlds: int,
    weighted: bool,
    sample: Callable[[PRNGKeyArray], tuple[Array, Array]] | None,
) -> Drawn:
    draw_key, finite_key = jax.random.split(key)
    law: Any = None if sample is not None else programs.guide.distribution(params[POINT])
    drawing = sample or (lambda k: law.sample_and_log_prob(seed=k))
    points, log_guide = jax.vmap(drawing)(jax.random.split(draw_key, worlds))
    point = points.T
    log_prior = jnp.sum(jax.scipy.stats.norm.logpdf(point), 0)
    if isinstance(programs.finite, Guided):
        values, log_finite = _guided(programs, params, finite_key, worlds)
        logs = _logs(programs, point, values, weighted)
        return Drawn(point, values, _weights(logs + log_prior - log_guide - log_finite, weighted))
    ways = jnp.asarray(programs.configurations)
    logs = jax.vmap(
        lambda way: _logs(
            programs, point, jnp.broadcast_to(way[:, None], (len(way), worlds)), weighted
        )
    )(ways)
    logs = jnp.broadcast_to(logs, (len(ways), worlds))
    chosen = jax.random.categorical(finite_key, logs, axis=0)
    total = logsumexp(logs, axis=0)
    return Drawn(point, ways[chosen].T, _weights(total + log_prior - log_guide, weighted))


def _weights(logs: Array, weighted: bool) -> Array:
    return logs if weighted else jnp.zeros_like(logs)


def _logs(programs: WorldPrograms, point: Array, values: Array, hard: bool) -> Array:
    """Log mass of finite choices and the weight of the evidence, as it is or softened."""
    where = programs.evidence.target
    lane, log_mass = where.at(point, values)
    if not hard:
        return log_mass + programs.evidence.log_weight(lane)
    weights = [hard_weight(lane, part) for part in where.parts.values()]
    total = log_mass + sum(weights, jnp.zeros(()))
    return jnp.where(jnp.isnan(total), -jnp.inf, total)


def _guided(
    programs: WorldPrograms, params: Any, key: PRNGKeyArray, worlds: int
) -> tuple[Array, Array]:
    where = programs.evidence.target
    values, total = [], jnp.zeros(worlds)
    for i, (choice, count) in enumerate(zip(where.finite, where.counts, strict=True)):
        raw = params[choice.label]
        logits = raw if count > 2 else jnp.stack([jnp.zeros(()), raw])
        value = jax.random.categorical(jax.random.fold_in(key, i), logits, shape=(worlds,))
        values.append(value.astype(jnp.float32))
        total = total + jax.nn.log_softmax(logits)[value]
    return jnp.stack(values) if values else jnp.zeros((0, worlds)), total


def posterior(
    programs: WorldPrograms,
    question: Question,
    drawn: Drawn,
    key: PRNGKeyArray,
    method: str,
    notes: tuple[str, ...],
) -> Posterior:
    """What a question comes to in proposed worlds; what only the question needs is drawn from the prior.

    Raises:
      ImpossibleEvidence: where none of the worlds has weight.
    """
    from plot.simulate import impossible

    where = programs.evidence.target
    made, wanted = where.answering(question)
    logs = np.asarray(drawn.log_weights, np.float64)
    alive = np.isfinite(logs)
    if not alive.any():
        raise impossible(len(logs), ())
    kept = jnp.asarray(np.flatnonzero(alive))
    lanes = _answers(programs, made, wanted, drawn.point[:, kept], drawn.values[:, kept], key)
    worlds = Worlds(
        dict(zip(wanted, lanes, strict=True)),
        logs[alive],
        len(logs),
        (),
        "XLA",
        question.world.session.atoms,
        tuple(where.effects.notes),
    )
    return with_verdict(Posterior(question.text, question.value, worlds, method, notes))


def _answers(
    programs: WorldPrograms,
    made: Sequence,
    wanted: list[Node],
    point: Array,
    values: Array,
    key: PRNGKeyArray,
) -> list[np.ndarray]:
    where, worlds = programs.evidence.target, point.shape[1]
    rows = dict(zip(where.rows, point, strict=True))
    given = {c.node: v for c, v in zip(where.finite, values, strict=True)}
    fresh = draw_finite(key, worlds)
    for i, node in enumerate(made.choices):
        if node.op in ("normal", "uniform") and node not in rows:
            rows[node] = jax.random.normal(jax.random.fold_in(key, 1_000 + i), (worlds,))

    def decide(choice, parameters):
        value = given.get(choice.node)
        return fresh(choice, parameters) if value is None else value

    lane = where._run(made, rows, decide)
    return [np.broadcast_to(np.asarray(lane(node), np.float32), (worlds,)) for node in wanted]
