"""Sequential Monte Carlo over tokens, under a grammar.

The target is the model's distribution over token sequences, restricted to the grammar and
normalised: p(t) / Z for each word t of the grammar, where Z is the probability that the model
writes a word of the grammar. Where llguidance forces bytes, their canonical tokens are the ones
that count. At another temperature the tokens that are free to vary have theirs changed.

Each step proposes from the model's next-token distribution masked by the grammar and
multiplies the weight by the probability mass that the mask lets through. Forced tokens go
through the model in one chunk without a look at their probability; at the end one scoring run
over whole sequences gives it and corrects the weights, so that they are proper: the mean weight
is an unbiased estimate of Z. A particle whose mask lets nothing through is dead: its weight is
zero, and the report counts it.

Source: Lew et al. 2023 (Sequential Monte Carlo steering); Loula et al. 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from inference.resampling import effective_size, systematic
from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint, Matchers

BATCHES = (1, 4, 8, 16)


@dataclass(frozen=True)
class SmcOptions:
    """How to sample.

    Args:
      particles: how many sequences are followed.
      temperature: divides logits; the target changes with it.
      threshold: resample when the effective size falls under this share of the particles.
      max_tokens: a particle that is longer is cut and dies.
      greedy: take the most probable allowed token instead of a draw (one particle then suffices,
        and weights no longer estimate anything).
    """

    particles: int = 16
    temperature: float = 1.0
    threshold: float = 0.5
    max_tokens: int = 160
    greedy: bool = False


@dataclass(frozen=True)
class Sample:
    """A distinct finished sequence.

    Args:
      tokens: without the end token.
      log_weight: log of the summed weights of its particles.
      log_probability: what the model gives it, end token included, not restricted.
      count: how many particles ended here.
    """

    tokens: tuple[int, ...]
    log_weight: float
    log_probability: float
    count: int


@dataclass(frozen=True)
class SmcResult:
    """What came out.

    Args:
      samples: distinct sequences, heaviest first.
      log_evidence: the estimate of log Z, minus infinity where every particle died.
      dead: particles that ended without a word of the grammar.
      steps: forward passes through the model.
      resampled: how often particles were resampled.
    """

    samples: tuple[Sample, ...]
    log_evidence: float
    dead: int
    steps: int
    resampled: int


@dataclass
class _Particles:
    """The host's side of the particles."""

    matchers: Matchers
    tokens: list[list[int]]
    log_weight: np.ndarray  # [particles]
    counted: np.ndarray  # [particles] log probability of the drawn tokens, temperature 1
    live: np.ndarray  # [particles]
    ended: np.ndarray  # [particles] wrote the end token
    log_evidence: float = 0.0
    resampled: int = field(default=0)


def smc(
    key: PRNGKeyArray,
    model: LanguageModel,
    prefix: Any,
    prompt: Sequence[int],
    constraint: Constraint,
    options: SmcOptions = SmcOptions(),
) -> SmcResult:
    """Sample words of a grammar from a language model.

    Args:
      key: random key; the result is a function of it.
      model: gives next-token logits.
      prefix: from `model.prefix`.
      prompt: tokens after the prefix, before the words.
      constraint: the grammar.
      options: how.
    """
    n, eos = options.particles, model.tokenizer.eos
    prompt_prefix = model.prefix(list(prompt), after=prefix) if len(prompt) else prefix
    state, logits = model.start(prompt_prefix, particles=n)
    p = _Particles(
        constraint.start(n),
        [[] for _ in range(n)],
        np.zeros(n),
        np.zeros(n),
        np.ones(n, bool),
        np.zeros(n, bool),
    )
    steps = 0
    chunks = [p.matchers.forced(i) for i in range(n)]  # the grammar may force a beginning
    while p.live.any():
        key, draw, pick = jax.random.split(key, 3)
        if not any(chunks):
            chunks = _extend(draw, logits, p, options)
        lengths = _settle(p, chunks, eos, options.max_tokens)
        if any(lengths):
            tokens = np.zeros((n, max(lengths)), np.int32)
            for i, chunk in enumerate(chunks):
                tokens[i, : lengths[i]] = chunk[: lengths[i]]
            state, logits = model.advance(state, tokens, np.array(lengths, np.int32))
            steps += 1
        chunks = []
        if p.live.any():
            state, logits = _resample(pick, model, state, logits, p, options)
    return _collect(p, model, prompt_prefix, steps)


def _extend(
    key: PRNGKeyArray, logits: Array, p: _Particles, options: SmcOptions
) -> list[list[int]]:
    """A drawn token for each live particle, and the tokens that it forces."""
    allowed = p.matchers.allowed(p.live.tolist())
    token, mass, score = _propose(
        key, logits, jnp.asarray(allowed), options.temperature, options.greedy
    )
    token, mass, score = (
        np.asarray(token),
        np.asarray(mass, np.float64),
        np.asarray(score, np.float64),
    )
    chunks: list[list[int]] = []
    for i in range(len(p.tokens)):
        if p.live[i] and not np.isfinite(mass[i]):  # the mask lets nothing through
            p.live[i], p.log_weight[i] = False, -np.inf
        if not p.live[i]:
            chunks.append([])
            continue
        p.log_weight[i] += mass[i]
        p.counted[i] += score[i]
        chunks.append([int(token[i]), *p.matchers.take(i, int(token[i]))])
    return chunks


def _settle(p: _Particles, chunks: list[list[int]], eos: int, limit: int) -> list[int]:
    """Append chunks to the particles; the end token ends them. Gives how much of each to run."""
    lengths = []
    for i, chunk in enumerate(chunks):
        ends = bool(chunk) and chunk[-1] == eos
        p.tokens[i] += chunk[:-1] if ends else chunk
        if ends:
            p.ended[i], p.live[i] = True, False
        elif p.live[i] and len(p.tokens[i]) > limit:
            p.live[i], p.log_weight[i] = False, -np.inf
        lengths.append(len(chunk) if p.live[i] else 0)
    return lengths


def _resample(
    key: PRNGKeyArray,
    model: LanguageModel,
    state: Any,
    logits: Array,
    p: _Particles,
    options: SmcOptions,
) -> tuple[Any, Array]:
    n = options.particles
    if options.greedy or not np.isfinite(p.log_weight).any():
        return state, logits
    if float(effective_size(jnp.asarray(p.log_weight))) >= options.threshold * n:
        return state, logits
    top = p.log_weight.max()
    average = top + np.log(np.exp(p.log_weight - top).mean())
    ancestors = systematic(key, p.log_weight, n)
    p.matchers = p.matchers.gather(ancestors.tolist())
    p.tokens = [list(p.tokens[a]) for a in ancestors]
    p.counted, p.live, p.ended = p.counted[ancestors], p.live[ancestors], p.ended[ancestors]
    p.log_weight = np.zeros(n)
    p.log_evidence += float(average)
    p.resampled += 1
    return model.gather(state, ancestors), logits[jnp.asarray(ancestors)]


def _collect(p: _Particles, model: LanguageModel, prefix: Any, steps: int) -> SmcResult:
    """Merge identical outputs and give each its exact probability."""
    n, eos = len(p.tokens), model.tokenizer.eos
    groups: dict[tuple[int, ...], list[int]] = {}
    for i in range(n):
        if p.ended[i] and np.isfinite(p.log_weight[i]):
            groups.setdefault(tuple(p.tokens[i]), []).append(i)
    whole = [[*tokens, eos] for tokens in groups]
    size = next((c for c in BATCHES if c >= len(whole)), len(whole))  # few shapes, few compilations
    scores = np.asarray(model.score(prefix, whole + [[]] * (size - len(whole)))) if whole else []
    samples = []
    for (tokens, members), score in zip(groups.items(), scores, strict=False):
        if not np.isfinite(score):  # a forced token that the model never writes
            continue
        weights = [p.log_weight[i] + p.log_evidence + float(score) - p.counted[i] for i in members]
        samples.append(
            Sample(tokens, float(np.logaddexp.reduce(weights)), float(score), len(members))
        )
    samples.sort(key=lambda s: (-s.log_weight, s.tokens))
    total = (
        float(np.logaddexp.reduce([s.log_weight for s in samples])) - np.log(n)
        if samples
        else -np.inf
    )
    dead = n - sum(s.count for s in samples)
    return SmcResult(tuple(samples), float(total), dead, steps, p.resampled)


@jax.jit
def _propose(
    key: PRNGKeyArray,
    logits: Float[Array, "particles vocabulary"],
    allowed: Int[Array, "particles words"],
    temperature: float | Float[Array, ""],
    greedy: bool | Bool[Array, ""],
) -> tuple[Int[Array, " particles"], Float[Array, " particles"], Float[Array, " particles"]]:
    """A masked draw: tokens, log mass that the mask lets through, log probability at temperature 1."""
    bits = (allowed[:, :, None] >> jnp.arange(32)) & 1
    mask = bits.reshape(allowed.shape[0], -1)[:, : logits.shape[1]].astype(bool)
    scores = jax.nn.log_softmax(logits.astype(jnp.float32) / temperature)
    inside = jnp.where(mask, scores, -jnp.inf)
    mass = jax.nn.logsumexp(inside, axis=1)
    token = jnp.where(greedy, jnp.argmax(inside, 1), jax.random.categorical(key, inside, axis=1))
    plain = jax.nn.log_softmax(logits.astype(jnp.float32))
    return token, mass, jnp.take_along_axis(plain, token[:, None], 1)[:, 0]
