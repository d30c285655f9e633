"""A particle filter whose particles all differ.

A distribution over token sequences is discrete, so two particles at one place waste one. Each
step here looks at every allowed token of every particle, weighs the sequences that they lead to, keeps
the heaviest as they are, and draws the rest by stratified sampling among the light ones, which all get
one weight: the choice of Fearnhead and Clifford, which is unbiased and of all unbiased ones has the
least variance. The weights are proper: their sum is an unbiased estimate of Z, as `smc`'s mean is.

Source: Fearnhead and Clifford 2003 (On-line inference for hidden Markov models via particle filters,
section 4); Lew et al. 2023 (for language models).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint
from inference.tokens.particles import SmcResult, TokenParticles
from inference.tokens.proposals import Masked, Proposal, narrowed


@dataclass(frozen=True)
class DistinctOptions:
    """How to sample.

    Args:
      particles: the most sequences that are followed.
      temperature: divides logits; the target changes with it.
      max_tokens: a particle that is longer is cut and dies.
      proposal: which of the allowed tokens are looked at.
    """

    particles: int = 16
    temperature: float = 1.0
    max_tokens: int = 160
    proposal: Proposal = Masked()


def distinct_smc(
    key: PRNGKeyArray,
    model: LanguageModel,
    prefix: Any,
    prompt: Sequence[int],
    constraint: Constraint,
    options: DistinctOptions = DistinctOptions(),
) -> SmcResult:
    """Sample different words of a grammar from a language model.

    Args:
      key: random key; the result is a function of it.
      model: gives next-token logits.
      prefix: from `model.prefix`.
      prompt: tokens after the prefix, before the words.
      constraint: the grammar.
      options: how.

    Returns:
      As `smc`, each word once.
    """
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)).ravel())
    p = TokenParticles.begin(model, prefix, prompt, constraint, 1)
    if any(forced := [p.matchers.forced(0)]):
        p.write(forced, options.max_tokens)
    while p.live.any():
        allowed = jnp.asarray(p.matchers.allowed(p.live.tolist()))
        hot = narrowed(p.logits, allowed, options.temperature, options.proposal)[0]
        rows, tokens = np.nonzero(np.isfinite(np.asarray(hot)) & p.live[:, None])
        plain = hot if options.temperature == 1 else _plain(p.logits)
        hotter, plainer = (np.asarray(each)[rows, tokens] for each in (hot, plain))
        _step(rng, p, rows, tokens, hotter, plainer, options)
    p.log_evidence += float(np.log(len(p)))  # weights add up to Z here, and are not averaged
    temperature = "" if options.temperature == 1 else f", at temperature {options.temperature:g}"
    return p.collect(options.proposal.target + temperature)


@jax.jit
def _plain(logits: Float[Array, "particles vocabulary"]) -> Float[Array, "particles vocabulary"]:
    """What the model gives each token at temperature 1."""
    return jax.nn.log_softmax(logits.astype(jnp.float32))


def _step(
    rng: np.random.Generator,
    p: TokenParticles,
    rows: Int[np.ndarray, " candidates"],
    tokens: Int[np.ndarray, " candidates"],
    hot: Float[np.ndarray, " candidates"],
    plain: Float[np.ndarray, " candidates"],
    options: DistinctOptions,
) -> None:
    """Every particle with every token that may follow, of which some are kept."""
    ended = np.flatnonzero(p.ended & np.isfinite(p.log_weight))
    log_weight = np.concatenate([p.log_weight[rows] + hot, p.log_weight[ended]])
    if len(log_weight) == 0:  # the grammar leaves every particle without a way on
        for i in np.flatnonzero(p.live).tolist():
            p.kill(i)
        return
    kept, log_weight = thin(rng, log_weight, options.particles)
    is_new = kept < len(rows)
    parents = np.concatenate([rows, ended])[kept]
    counted = p.counted[parents]
    counted[is_new] += plain[kept[is_new]]
    p.gather(parents)
    p.resampled += int(len(kept) < len(rows) + len(ended))
    p.log_weight, p.counted = log_weight, counted
    chunks: list[list[int]] = []
    for i, (candidate, new) in enumerate(zip(kept.tolist(), is_new.tolist(), strict=True)):
        token = int(tokens[candidate]) if new else 0
        chunks.append([token, *p.matchers.take(i, token)] if new else [])
    p.write(chunks, options.max_tokens)


def thin(
    rng: np.random.Generator, log_weight: Float[np.ndarray, " candidates"], most: int
) -> tuple[np.ndarray, Float[np.ndarray, " kept"]]:
    """Keeps a number of weighted candidates, so that expected weights stay what they were.

    Args:
      rng: source of randomness.
      log_weight: [candidates], finite.
      most: how many may stay.

    Returns:
      [kept], the numbers of those that stay in ascending order, and their new log weights.

    >>> kept, log_weight = thin(np.random.default_rng(0), np.log([0.5, 0.3, 0.1, 0.1]), 3)
    >>> kept[:2].tolist(), np.exp(log_weight).round(2).tolist()
    ([0, 1], [0.5, 0.3, 0.2])

    Source: Fearnhead and Clifford 2003, section 4.
    """
    if len(log_weight) <= most:
        return np.arange(len(log_weight)), log_weight
    top = log_weight.max()
    weight = np.exp(log_weight - top)
    order = np.argsort(-weight, kind="stable")
    light = np.cumsum(weight[order][::-1])[::-1]  # the sum from each on
    sure = 0  # candidates heavier than the weight that the light ones get stay
    while sure < most and weight[order[sure]] * (most - sure) > light[sure]:
        sure += 1
    if sure == most:  # what is left out is too light for a number to hold
        kept = np.sort(order[:most])
        return kept, log_weight[kept]
    each = light[sure] / (most - sure)
    rest = np.sort(order[sure:])
    ends = np.cumsum(weight[rest] / each)
    marks = (rng.uniform() + np.arange(most - sure)) * (ends[-1] / (most - sure))
    drawn = rest[np.searchsorted(ends, marks, side="right").clip(max=len(rest) - 1)]
    drawn = np.unique(drawn)
    kept = np.concatenate([order[:sure], drawn])
    new = np.concatenate([log_weight[order[:sure]], np.full(len(drawn), np.log(each) + top)])
    ranks = np.argsort(kept)
    return kept[ranks], new[ranks]
