"""Sequential Monte Carlo over tokens, under a grammar.

The target is the model's distribution over token sequences, restricted to the grammar and
normalised: p(t) / Z for each word t of the grammar, where Z is the probability that the model
writes a word of the grammar. Where llguidance forces bytes, their canonical tokens are the ones
that count. At another temperature the tokens that are free to vary have theirs changed. A reward
twists the target; a narrower proposal (a nucleus) restricts it further.

Each step proposes from the model's next-token distribution masked by the grammar and
multiplies the weight by the probability mass that the mask lets through, before particles are
resampled: the weight does not depend on what is drawn then. Forced tokens go
through the model in one chunk without a look at their probability; at the end one scoring run
over whole sequences gives it and corrects the weights, so that they are proper: the mean weight
is an unbiased estimate of Z. A particle whose mask lets nothing through is dead: its weight is
zero, and the report counts it.

Source: Lew et al. 2023 (Sequential Monte Carlo steering); Loula et al. 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.resampling import effective_size, multinomial, systematic
from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint
from inference.tokens.particles import SmcResult, TokenParticles
from inference.tokens.proposals import Masked, Proposal, model_scores, narrowed, pick
from inference.tokens.rejection import AdaptiveRejection, draw
from inference.tokens.twists import Twist


@dataclass(frozen=True)
class SmcOptions:
    """How to sample.

    Args:
      particles: how many sequences are followed.
      temperature: divides logits; the target changes with it.
      threshold: resample when the effective size falls under this share of the particles; 0 never
        does, which is importance sampling.
      max_tokens: a particle that is longer is cut and dies.
      greedy: take the most probable allowed token instead of a draw (one particle then suffices,
        and weights no longer estimate anything).
      proposal: which of the allowed tokens may be drawn; `AdaptiveRejection` tries tokens one by one
        instead of asking for a mask.
    """

    particles: int = 16
    temperature: float = 1.0
    threshold: float = 0.5
    max_tokens: int = 160
    greedy: bool = False
    proposal: Proposal | AdaptiveRejection = Masked()


def smc(
    key: PRNGKeyArray,
    model: LanguageModel,
    prefix: Any,
    prompt: Sequence[int],
    constraint: Constraint,
    options: SmcOptions = SmcOptions(),
    twist: Twist | None = None,
    retained: Sequence[int] | None = None,
) -> SmcResult:
    """Sample words of a grammar from a language model.

    Args:
      key: random key; the result is a function of it.
      model: gives next-token logits.
      prefix: from `model.prefix`.
      prompt: tokens after the prefix, before the words.
      constraint: the grammar.
      options: how.
      twist: the log of a reward of whole words, and what is expected of it before.
      retained: tokens, without the end token, that the first particle follows and that resampling
        never loses: conditional SMC, for particle Gibbs.

    Raises:
      ValueError: where the retained tokens are no word of the grammar.
    """
    p = TokenParticles.begin(model, prefix, prompt, constraint, options.particles)
    follow = None if retained is None else [*retained, model.tokenizer.eos]
    chunks = [p.matchers.forced(i) for i in range(len(p))]  # the grammar may force a beginning
    if any(chunks):
        p.write(chunks, options.max_tokens)
    while p.live.any():
        key, draw_key, resample_key = jax.random.split(key, 3)
        inside = _look(p, options)
        chosen = _resample(resample_key, p, options, follow is not None)
        if inside is not None and chosen is not None:
            inside = inside[jnp.asarray(chosen)]
        p.write(_extend(draw_key, p, inside, options, follow), options.max_tokens)
        if twist is not None:
            _twist(p, twist)
    reward = "" if twist is None else ", times the reward"
    temperature = "" if options.temperature == 1 else f", at temperature {options.temperature:g}"
    return p.collect("" if options.greedy else options.proposal.target + temperature + reward)


def _look(p: TokenParticles, options: SmcOptions) -> jax.Array | None:
    """What each particle may write next; its mass goes into the weight. None where tokens are tried."""
    proposal = options.proposal
    if isinstance(proposal, AdaptiveRejection):
        return None
    allowed = jnp.asarray(p.matchers.allowed(p.live.tolist()))
    inside, mass = narrowed(p.logits, allowed, options.temperature, proposal)
    mass = np.asarray(mass, np.float64)
    for i in np.flatnonzero(p.live).tolist():
        if np.isfinite(mass[i]):
            p.log_weight[i] += mass[i]
        else:  # the mask lets nothing through
            p.kill(i)
    return inside


def _extend(
    key: PRNGKeyArray,
    p: TokenParticles,
    inside: jax.Array | None,
    options: SmcOptions,
    follow: list[int] | None,
) -> list[list[int]]:
    """A token for each live particle, and the tokens that it forces."""
    if inside is None:
        token, score = _try(key, p, options, follow)
    else:
        drawn, score = pick(key, p.logits, inside, options.greedy)
        token = np.array(drawn)
        if follow is not None and p.live[0]:
            token[0] = _next(follow, p.tokens[0])
            score = model_scores(p.logits, jnp.asarray(token))
        score = np.asarray(score, np.float64)
    chunks: list[list[int]] = []
    for i in range(len(p)):
        if not p.live[i]:
            chunks.append([])
            continue
        p.counted[i] += score[i]
        chunks.append([int(token[i]), *p.matchers.take(i, int(token[i]))])
    return chunks


def _try(
    key: PRNGKeyArray, p: TokenParticles, options: SmcOptions, follow: list[int] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Tokens by adaptive rejection; their weights are estimates of the mass that is allowed."""
    if follow is not None:
        raise ValueError("conditional SMC needs the mass of the mask: take another proposal")
    rng = np.random.default_rng(np.asarray(jax.random.key_data(key)).ravel())
    hot = np.asarray(jax.nn.log_softmax(p.logits.astype(jnp.float32) / options.temperature))
    token = np.zeros(len(p), int)
    for i in np.flatnonzero(p.live).tolist():
        found = draw(rng, hot[i], lambda t, i=i: p.matchers.accepts(i, t))
        p.checks += found.checks
        if found.token is None:
            p.kill(i)
            continue
        token[i] = found.token
        p.log_weight[i] += found.log_weight
    return token, np.asarray(model_scores(p.logits, jnp.asarray(token)), np.float64)


def _next(follow: list[int], written: list[int]) -> int:
    if follow[: len(written)] != written:
        raise ValueError("the retained tokens are not what the grammar lets this sampler write")
    return follow[len(written)]


def _twist(p: TokenParticles, twist: Twist) -> None:
    """Weigh particles by how their twist has changed."""
    for i in range(len(p)):
        if not np.isfinite(p.log_weight[i]):
            continue
        value = twist(p.text(i), bool(p.ended[i]))
        if value == -np.inf:
            p.kill(i)
            p.ended[i] = False
        else:
            p.log_weight[i] += value - p.value[i]
            p.value[i] = value


def _resample(
    key: PRNGKeyArray, p: TokenParticles, options: SmcOptions, conditional: bool
) -> np.ndarray | None:
    """Resample where weights have become uneven; the ancestors, or None."""
    n = options.particles
    if options.greedy or not np.isfinite(p.log_weight).any():
        return None
    if float(effective_size(jnp.asarray(p.log_weight))) >= options.threshold * n:
        return None
    top = p.log_weight.max()
    average = top + np.log(np.exp(p.log_weight - top).mean())
    if conditional:
        ancestors = multinomial(key, p.log_weight, n)
        ancestors[0] = 0
    else:
        ancestors = systematic(key, p.log_weight, n)
    p.gather(ancestors)
    p.log_weight = np.zeros(n)
    p.log_evidence += float(average)
    p.resampled += 1
    return ancestors
