"""Sequential Monte Carlo over tokens, under a grammar.

The target is the model's distribution over token sequences, at the chosen temperature,
restricted to the grammar and normalised: p(t) / Z for each word t of the grammar, where Z is
the probability that the model writes a word of the grammar. Where llguidance forces bytes,
their canonical tokens are the ones that count.

Each step proposes from the model's next-token distribution masked by the grammar and
multiplies the weight by the probability mass that the mask lets through, so that weights are
proper: the mean weight is an unbiased estimate of Z. Forced tokens are proposed with certainty
and weigh their own probability; they go through the model in one chunk. A particle whose mask
lets nothing through is dead: its weight is zero, and the report counts it.

Source: Lew et al. 2023 (Sequential Monte Carlo steering); Loula et al. 2025.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray

from inference.resampling import effective_size, systematic
from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint, Matchers

CHUNKS = (1, 4, 8, 16)


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
    log_probability: np.ndarray  # [particles]
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
    state, logits = model.start(prefix, list(prompt), particles=n)
    p = _Particles(
        constraint.start(n), [[] for _ in range(n)], np.zeros(n), np.zeros(n), np.ones(n, bool), np.zeros(n, bool)
    )
    steps = 0
    waiting = [p.matchers.forced(i) for i in range(n)]  # the grammar may force a beginning
    forced_first = bool(waiting[0])
    while p.live.any():
        key, draw, pick = jax.random.split(key, 3)
        if forced_first:
            first = np.array([w[0] for w in waiting])
            scores = np.asarray(_score(logits, jnp.asarray(first), options.temperature), np.float64)
            p.log_weight += scores
            p.log_probability += scores
            chunks = waiting
            forced_first = False
        else:
            allowed = p.matchers.allowed(p.live.tolist())
            token, mass, score = _propose(draw, logits, jnp.asarray(allowed), options.temperature, options.greedy)
            token, mass, score = np.asarray(token), np.asarray(mass, np.float64), np.asarray(score, np.float64)
            chunks = []
            for i in range(n):
                if not p.live[i]:
                    chunks.append([])
                    continue
                p.log_weight[i] += mass[i]
                if not np.isfinite(mass[i]):  # the mask lets nothing through
                    p.live[i] = False
                    chunks.append([])
                    continue
                p.log_probability[i] += score[i]
                chunks.append([int(token[i]), *p.matchers.take(i, int(token[i]))])
        lengths = _settle(p, chunks, eos, options.max_tokens)
        state, logits, scores, passes = _advance(model, state, chunks, lengths, logits)
        steps += passes
        p.log_weight += scores
        p.log_probability += scores
        p.live &= ~p.ended
        if p.live.any():
            state, logits = _resample(pick, model, state, logits, p, options)
    return _collect(p, steps)


def _settle(p: _Particles, chunks: list[list[int]], eos: int, limit: int) -> list[int]:
    """Append chunks to the particles; the end token ends them. Gives the lengths to run."""
    lengths = []
    for i, chunk in enumerate(chunks):
        body = chunk
        if chunk and chunk[-1] == eos:
            p.ended[i] = True
            body = chunk[:-1]
        p.tokens[i] += body
        if len(p.tokens[i]) > limit and not p.ended[i]:
            p.live[i] = False
            p.log_weight[i] = -np.inf
        # The end token's own probability is scored as part of the chunk.
        lengths.append(len(chunk) if p.live[i] and chunk != [eos] else 0)
    return lengths


def _advance(
    model: LanguageModel, state: Any, chunks: list[list[int]], lengths: list[int], logits: Array
) -> tuple[Any, Array, np.ndarray, int]:
    """Run chunks through the model, sixteen tokens at a time; scores all but each first token."""
    n, scores, done, passes = len(chunks), np.zeros(len(chunks)), 0, 0
    longest = max(lengths)
    while done < longest:
        size = next((c for c in CHUNKS if c >= longest - done), CHUNKS[-1])
        tokens, part = np.zeros((n, size), np.int32), np.zeros(n, np.int32)
        first = np.zeros(n, np.int32)
        for i, chunk in enumerate(chunks):
            piece = chunk[done : min(done + size, lengths[i])]
            tokens[i, : len(piece)], part[i] = piece, len(piece)
            first[i] = piece[0] if piece else 0
        if done:
            scores += np.where(part > 0, np.asarray(_score(logits, jnp.asarray(first), 1.0), np.float64), 0.0)
        state, fresh, within = model.advance(state, jnp.asarray(tokens), jnp.asarray(part))
        scores += np.where(part > 1, np.asarray(within, np.float64), 0.0)
        logits = jnp.where((jnp.asarray(part) > 0)[:, None], fresh, logits)
        done, passes = done + size, passes + 1
    return state, logits, scores, passes


def _resample(
    key: PRNGKeyArray, model: LanguageModel, state: Any, logits: Array, p: _Particles, options: SmcOptions
) -> tuple[Any, Array]:
    n = options.particles
    if options.greedy or not np.isfinite(p.log_weight).any():
        return state, logits
    if float(effective_size(jnp.asarray(p.log_weight))) >= options.threshold * n:
        return state, logits
    top = p.log_weight.max()
    average = top + np.log(np.exp(p.log_weight - top).mean())
    ancestors = np.asarray(systematic(key, jnp.asarray(p.log_weight, jnp.float32), n))
    p.matchers = p.matchers.gather(ancestors.tolist())
    p.tokens = [list(p.tokens[a]) for a in ancestors]
    p.log_probability, p.live, p.ended = p.log_probability[ancestors], p.live[ancestors], p.ended[ancestors]
    p.log_weight = np.zeros(n)
    p.log_evidence += float(average)
    p.resampled += 1
    index = jnp.asarray(ancestors)
    return model.gather(state, index), logits[index]


def _collect(p: _Particles, steps: int) -> SmcResult:
    """Merge identical outputs."""
    n = len(p.tokens)
    weights: dict[tuple[int, ...], list[float]] = {}
    probability: dict[tuple[int, ...], float] = {}
    dead = 0
    for i in range(n):
        if not p.ended[i] or not np.isfinite(p.log_weight[i]):
            dead += 1
            continue
        tokens = tuple(p.tokens[i])
        weights.setdefault(tokens, []).append(p.log_weight[i] + p.log_evidence)
        probability[tokens] = float(p.log_probability[i])
    samples = [
        Sample(t, float(np.logaddexp.reduce(w)), probability[t], len(w)) for t, w in weights.items()
    ]
    samples.sort(key=lambda s: (-s.log_weight, s.tokens))
    total = float(np.logaddexp.reduce([s.log_weight for s in samples])) - np.log(n) if samples else -np.inf
    return SmcResult(tuple(samples), total, dead, steps, p.resampled)


@jax.jit
def _score(
    logits: Float[Array, "particles vocabulary"], token: Int[Array, " particles"], temperature: float
) -> Float[Array, " particles"]:
    return jnp.take_along_axis(jax.nn.log_softmax(logits / temperature), token[:, None], 1)[:, 0]


@jax.jit
def _propose(
    key: PRNGKeyArray,
    logits: Float[Array, "particles vocabulary"],
    allowed: Int[Array, "particles words"],
    temperature: float,
    greedy: bool,
) -> tuple[Int[Array, " particles"], Float[Array, " particles"], Float[Array, " particles"]]:
    """A masked draw: the tokens, the log mass that the mask lets through, the tokens' log probability."""
    bits = (allowed[:, :, None] >> jnp.arange(32)) & 1
    mask = bits.reshape(allowed.shape[0], -1)[:, : logits.shape[1]].astype(bool)
    scores = jax.nn.log_softmax(logits.astype(jnp.float32) / temperature)
    inside = jnp.where(mask, scores, -jnp.inf)
    mass = jax.nn.logsumexp(inside, axis=1)
    token = jnp.where(greedy, jnp.argmax(inside, 1), jax.random.categorical(key, inside, axis=1))
    return token, mass, jnp.take_along_axis(scores, token[:, None], 1)[:, 0]
