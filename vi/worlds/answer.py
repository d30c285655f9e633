"""Answers from a fitted guide: its worlds, weighted for the evidence as it is, or as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
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

CHUNK = 8_192  # worlds that are weighed at once, at most

type Sample = Callable[[PRNGKeyArray, Any], tuple[Array, Array]]
"""From a key and parameters to a point and its log density."""


@jax.tree_util.register_dataclass
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


@dataclass(frozen=True, eq=False)
class Proposer:
    """Draws worlds of a guide, weighs them and asks them; what is compiled for that is kept.

    Args:
      programs: model and guide.
      weighted: whether worlds are weighed for the evidence as it is; else each weighs the same, as if
        the guide were right.
      sample: another way to draw a point than the guide of the programs.
      plain: share of the worlds that are the prior's, weighed as draws from the mixture: what the guide
        has missed is found by them, if it is not too small. For the guide of the programs only.
    """

    programs: WorldPrograms
    weighted: bool
    sample: Sample | None = None
    plain: float = 0.0
    _asked: dict[tuple[Node, ...], Callable[..., list[Array]]] = field(
        default_factory=dict, init=False, repr=False
    )

    def propose(self, params: Any, key: PRNGKeyArray, worlds: int) -> Drawn:
        """Worlds of the guide.

        Args:
          params: of the guide.
          key: the seed.
          worlds: how many.
        """
        count = -(-worlds // CHUNK)
        size = -(-worlds // count)
        blocks = [self._draw(params, jax.random.fold_in(key, i), size) for i in range(count)]
        if count == 1:
            return blocks[0]
        return jax.tree.map(lambda *parts: jnp.concatenate(parts, -1)[..., :worlds], *blocks)

    def posterior(
        self,
        question: Question,
        drawn: Drawn,
        key: PRNGKeyArray,
        method: str,
        notes: tuple[str, ...],
    ) -> Posterior:
        """What a question comes to in proposed worlds; what only it needs is drawn from the prior.

        Raises:
          ImpossibleEvidence: where none of the worlds has weight.
        """
        from plot.simulate import impossible

        where = self.programs.evidence.target
        logs = np.asarray(drawn.log_weights, np.float64)
        alive = np.isfinite(logs)
        if not alive.any():
            raise impossible(len(logs), ())
        made, wanted = where.answering(question)
        asked = tuple(wanted)
        if asked not in self._asked:
            self._asked[asked] = jax.jit(
                lambda *given: _answers(self.programs, made, wanted, *given)
            )
        lanes = self._asked[asked](drawn.point, drawn.values, key)
        worlds = Worlds(
            {node: np.asarray(x)[alive] for node, x in zip(wanted, lanes, strict=True)},
            logs[alive],
            len(logs),
            (),
            "XLA",
            question.world.session.atoms,
            tuple(where.effects.notes),
        )
        return with_verdict(Posterior(question.text, question.value, worlds, method, notes))

    @cached_property
    def _draw(self) -> Callable[[Any, PRNGKeyArray, int], Drawn]:
        return jax.jit(self._block, static_argnums=2)

    def _block(self, params: Any, key: PRNGKeyArray, worlds: int) -> Drawn:
        programs, weighted = self.programs, self.weighted
        draw_key, finite_key, plain_key = jax.random.split(key, 3)
        keys = jax.random.split(draw_key, worlds)
        points, log_guide = jax.vmap(self.sample or self._of_guide, (0, None))(keys, params)
        plain = round(self.plain * worlds)
        share, of_prior = plain / worlds, jnp.arange(worlds) < plain
        if plain:
            points = jnp.where(
                of_prior[:, None], jax.random.normal(plain_key, points.shape), points
            )
            log_guide = jax.vmap(programs.guide.distribution(params[POINT]).log_prob)(points)
        point = points.T
        log_prior = jnp.sum(jax.scipy.stats.norm.logpdf(point), 0)
        if isinstance(programs.finite, Guided):
            values = _guided(programs, params, finite_key, worlds)
            if plain:
                drawn = _of_prior(programs, point, jax.random.fold_in(plain_key, 1))
                values = jnp.where(of_prior, drawn, values)
            logs = _logs(programs, point, values, weighted)
            log_proposed = _mixed(
                share,
                log_prior + programs.evidence.target.at(point, values)[1],
                log_guide + _log_guided(programs, params, values),
            )
            return Drawn(point, values, _weights(logs + log_prior - log_proposed, weighted))
        ways = jnp.asarray(programs.configurations)
        logs = jax.vmap(
            lambda way: _logs(
                programs, point, jnp.broadcast_to(way[:, None], (len(way), worlds)), weighted
            )
        )(ways)
        logs = jnp.broadcast_to(logs, (len(ways), worlds))
        chosen = jax.random.categorical(finite_key, logs, axis=0)
        gain = log_prior - _mixed(share, log_prior, log_guide)
        return Drawn(point, ways[chosen].T, _weights(logsumexp(logs, axis=0) + gain, weighted))

    def _of_guide(self, key: PRNGKeyArray, params: Any) -> tuple[Array, Array]:
        law: Any = self.programs.guide.distribution(params[POINT])
        return law.sample_and_log_prob(seed=key)


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


def _mixed(share: float, log_prior: Array, log_guide: Array) -> Array:
    """Log density of a mixture in which the prior has a share."""
    if share == 0:
        return log_guide
    return jnp.logaddexp(jnp.log(share) + log_prior, jnp.log1p(-share) + log_guide)


def _logits(programs: WorldPrograms, params: Any) -> list[Array]:
    """Of each finite choice, in the guide."""
    where, found = programs.evidence.target, []
    for choice, count in zip(where.finite, where.counts, strict=True):
        raw = params[choice.label]
        found.append(raw if count > 2 else jnp.stack([jnp.zeros(()), raw]))
    return found


def _guided(programs: WorldPrograms, params: Any, key: PRNGKeyArray, worlds: int) -> Array:
    """Finite choices of the guide, `[finite, worlds]`."""
    values = [
        jax.random.categorical(jax.random.fold_in(key, i), logits, shape=(worlds,))
        for i, logits in enumerate(_logits(programs, params))
    ]
    return jnp.stack(values).astype(jnp.float32) if values else jnp.zeros((0, worlds))


def _log_guided(programs: WorldPrograms, params: Any, values: Array) -> Array:
    """Log probability of finite choices in the guide, `[worlds]`."""
    pairs = zip(_logits(programs, params), values.astype(int), strict=True)
    each = [jax.nn.log_softmax(logits)[value] for logits, value in pairs]
    return sum(each, jnp.zeros(values.shape[1]))


def _of_prior(programs: WorldPrograms, point: Array, key: PRNGKeyArray) -> Array:
    """Finite choices by their own law, `[finite, worlds]`."""
    where, worlds = programs.evidence.target, point.shape[1]
    fresh, found = draw_finite(key, worlds), {}

    def decide(choice, parameters):
        found[choice] = fresh(choice, parameters)
        return found[choice]

    where.run(point, decide)
    values = [found[choice].astype(jnp.float32) for choice in where.finite]
    return jnp.stack(values) if values else jnp.zeros((0, worlds))


def _answers(
    programs: WorldPrograms,
    made: Sequence,
    wanted: list[Node],
    point: Array,
    values: Array,
    key: PRNGKeyArray,
) -> list[Array]:
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
    return [jnp.broadcast_to(lane(node).astype(jnp.float32), (worlds,)) for node in wanted]
