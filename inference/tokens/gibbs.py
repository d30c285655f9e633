"""Particle Gibbs over tokens: repeated SMC around one kept sequence.

Source: Andrieu, Doucet and Holenstein 2010; for language models Puri et al. 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint
from inference.tokens.particles import Sample, SmcResult
from inference.tokens.smc import SmcOptions, smc
from inference.tokens.twists import Twist


@dataclass(frozen=True)
class GibbsOptions:
    """How to sample.

    Args:
      smc: of each sweep.
      sweeps: how many, the first without a kept sequence.
    """

    smc: SmcOptions = SmcOptions(particles=8)
    sweeps: int = 4


def particle_gibbs(
    key: PRNGKeyArray,
    model: LanguageModel,
    prefix: Any,
    prompt: Sequence[int],
    constraint: Constraint,
    options: GibbsOptions = GibbsOptions(),
    twist: Twist | None = None,
) -> SmcResult:
    """Sample words of a grammar by a chain whose every step leaves the target as it is.

    Args:
      key, model, prefix, prompt, constraint, twist: as for `smc`.
      options: how.

    Returns:
      Samples weighed by the average of the sweeps' normalised weights; the evidence is that of the
      first sweep, which is unbiased.
    """
    kept: tuple[int, ...] | None = None
    shares: dict[tuple[int, ...], float] = {}
    seen: dict[tuple[int, ...], Sample] = {}
    first: SmcResult | None = None
    steps = resampled = dead = done = 0
    for _ in range(options.sweeps):
        key, run_key, pick_key = jax.random.split(key, 3)
        result = smc(run_key, model, prefix, prompt, constraint, options.smc, twist, kept)
        first = first or result
        steps, resampled, dead = steps + result.steps, resampled + result.resampled, result.dead
        if not result.samples:
            continue
        done += 1
        logs = np.array([s.log_weight for s in result.samples])
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        for sample, weight in zip(result.samples, weights, strict=True):
            shares[sample.tokens] = shares.get(sample.tokens, 0.0) + float(weight)
            seen[sample.tokens] = sample
        place = int(jax.random.choice(pick_key, len(weights), p=jax.numpy.asarray(weights)))
        kept = result.samples[place].tokens
    assert first is not None
    n = options.smc.particles
    samples = [
        Sample(
            t,
            float(np.log(share / done) + np.log(n) + first.log_evidence),
            seen[t].log_probability,
            seen[t].count,
            seen[t].log_reward,
        )
        for t, share in shares.items()
    ]
    samples.sort(key=lambda s: (-s.log_weight, s.tokens))
    return SmcResult(
        tuple(samples), first.log_evidence, dead, steps, resampled, first.target, first.checks
    )
