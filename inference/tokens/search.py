"""Searches for one good sequence, to compare samplers with: best of many, and beams.

They have no target: their weights are scores, and say nothing of probability.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint
from inference.tokens.particles import Sample, SmcResult, TokenParticles
from inference.tokens.proposals import Masked, narrowed
from inference.tokens.smc import SmcOptions, smc
from inference.tokens.twists import Twist


@dataclass(frozen=True)
class BestOfOptions:
    """How to search.

    Args:
      samples: how many sequences are drawn, each by itself.
      temperature: divides logits.
      max_tokens: a sequence that is longer is given up.
    """

    samples: int = 16
    temperature: float = 1.0
    max_tokens: int = 160


@dataclass(frozen=True)
class BeamOptions:
    """How to search.

    Args:
      width: sequences that are kept.
      max_tokens: a sequence that is longer is given up.
    """

    width: int = 8
    max_tokens: int = 160


def best_of(
    key: PRNGKeyArray,
    model: LanguageModel,
    prefix: Any,
    prompt: Sequence[int],
    constraint: Constraint,
    options: BestOfOptions = BestOfOptions(),
    reward: Twist | None = None,
) -> SmcResult:
    """Draw sequences under the mask, each by itself, and rank them.

    Args:
      key, model, prefix, prompt, constraint: as for `smc`.
      options: how.
      reward: the log of what ranks whole sequences; the model's log probability where not given.
    """
    drawn = smc(
        key,
        model,
        prefix,
        prompt,
        constraint,
        SmcOptions(options.samples, options.temperature, 0.0, options.max_tokens),
    )
    return _ranked(drawn, model, reward)


def beam(
    model: LanguageModel,
    prefix: Any,
    prompt: Sequence[int],
    constraint: Constraint,
    options: BeamOptions = BeamOptions(),
    value: Twist | None = None,
) -> SmcResult:
    """Keep the most probable beginnings under the mask, step by step.

    Along the way the drawn tokens count, and those that the grammar forces do not; in the end
    the whole sequence does.

    Args:
      model, prefix, prompt, constraint: as for `smc`.
      options: how.
      value: the log of a value that is added to each beginning's score, and of whole sequences:
        value-guided search.
    """
    p = TokenParticles.begin(model, prefix, prompt, constraint, 1)
    finished: dict[tuple[int, ...], float] = {}
    width = options.width
    if any(forced := [p.matchers.forced(0)]):
        p.write(forced, options.max_tokens)
    while p.live.any():
        allowed = jnp.asarray(p.matchers.allowed(p.live.tolist()))
        inside = np.asarray(narrowed(p.logits, allowed, 1.0, Masked())[0], np.float64)
        totals = np.where(p.live[:, None], inside + (p.counted + p.value)[:, None], -np.inf)
        flat = np.argpartition(-totals, min(width, totals.size - 1), axis=None)[:width]
        flat = [
            int(f) for f in flat[np.argsort(-totals.ravel()[flat])] if totals.ravel()[f] > -np.inf
        ]
        if not flat:
            break
        rows, tokens = np.unravel_index(flat, totals.shape)
        gained = inside[rows, tokens]
        p.gather(rows)
        p.counted = p.counted + gained
        chunks = [[int(t), *p.matchers.take(i, int(t))] for i, t in enumerate(tokens)]
        p.write(chunks, options.max_tokens)
        for i in range(len(p)):
            if value is not None and np.isfinite(p.log_weight[i]):
                p.value[i] = value(p.text(i), bool(p.ended[i]))
                if p.value[i] == -np.inf:
                    p.kill(i)
            if p.ended[i] and np.isfinite(p.log_weight[i]):
                finished[tuple(p.tokens[i])] = float(p.value[i])
        best = max((s for s in (p.counted + p.value)[p.live]), default=-np.inf)
        if len(finished) >= width and best <= _worst(p, finished, width):
            break
    scores = p.scores(list(finished))
    samples = [
        Sample(t, float(s) + v, float(s), 1, v)
        for (t, v), s in zip(finished.items(), scores, strict=True)
    ]
    samples.sort(key=lambda s: (-s.log_weight, s.tokens))
    return SmcResult(tuple(samples[:width]), -np.inf, 0, p.steps, 0)


def _worst(p: TokenParticles, finished: dict[tuple[int, ...], float], width: int) -> float:
    """The score of the last of the best sequences that are finished."""
    scores = p.scores(list(finished)) + np.array(list(finished.values()))
    return float(np.sort(scores)[-width])


def _ranked(result: SmcResult, model: LanguageModel, reward: Twist | None) -> SmcResult:
    samples = []
    for s in result.samples:
        value = 0.0 if reward is None else reward(model.tokenizer.decode(s.tokens), True)
        score = s.log_probability if reward is None else value
        samples.append(replace(s, log_weight=score, log_reward=value))
    samples.sort(key=lambda s: (-s.log_weight, s.tokens))
    return replace(result, samples=tuple(samples), log_evidence=-np.inf, target="")
