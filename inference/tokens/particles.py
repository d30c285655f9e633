"""Token sequences that grow side by side: what every sampler over tokens keeps of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint, Matchers


@dataclass(frozen=True)
class Sample:
    """A distinct finished sequence.

    Args:
      tokens: without the end token.
      log_weight: log of the summed weights of its particles.
      log_probability: what the model gives it, end token included, not restricted.
      count: how many particles ended here.
      log_reward: the log of the reward it was weighted by, 0 where there is none.
    """

    tokens: tuple[int, ...]
    log_weight: float
    log_probability: float
    count: int
    log_reward: float = 0.0


@dataclass(frozen=True)
class SmcResult:
    """What came out.

    Args:
      samples: distinct sequences, heaviest first.
      log_evidence: the estimate of log Z, minus infinity where every particle died.
      dead: particles that ended without a word of the grammar.
      steps: forward passes through the model.
      resampled: how often particles were resampled.
      target: what the weights are proper for, in words; empty for a search, which has none.
      checks: tokens that were tried one by one against the grammar.
    """

    samples: tuple[Sample, ...]
    log_evidence: float
    dead: int
    steps: int
    resampled: int
    target: str = ""
    checks: int = 0


@dataclass
class TokenParticles:
    """Particles on the host and in the model.

    Args:
      model: gives next-token logits.
      matchers: where each stands in the grammar.
      state, logits: where each stands in the model; `logits` `[particles, vocabulary]`.
      tokens: what each has written.
      log_weight: `[particles]`.
      counted: `[particles]`, log probability of the tokens that were drawn, forced ones left out.
      value: `[particles]`, the log twist of each so far.
      live: `[particles]`, goes on.
      ended: `[particles]`, wrote the end token.
    """

    model: LanguageModel
    matchers: Matchers
    state: Any
    logits: Float[Array, "particles vocabulary"]
    tokens: list[list[int]]
    log_weight: np.ndarray
    counted: np.ndarray
    value: np.ndarray
    live: np.ndarray
    ended: np.ndarray
    log_evidence: float = 0.0
    resampled: int = 0
    steps: int = 0
    checks: int = field(default=0)

    @classmethod
    def begin(
        cls,
        model: LanguageModel,
        prefix: Any,
        prompt: Sequence[int],
        constraint: Constraint,
        count: int,
    ) -> TokenParticles:
        """Particles that have written nothing yet.

        Args:
          model: gives next-token logits.
          prefix: from `model.prefix`.
          prompt: tokens after the prefix.
          constraint: the grammar.
          count: how many.
        """
        whole = model.prefix(list(prompt), after=prefix) if len(prompt) else prefix
        state, logits = model.start(whole, particles=count)
        return cls(
            model,
            constraint.start(count),
            state,
            logits,
            [[] for _ in range(count)],
            log_weight=np.zeros(count),
            counted=np.zeros(count),
            value=np.zeros(count),
            live=np.ones(count, bool),
            ended=np.zeros(count, bool),
        )

    def __len__(self) -> int:
        return len(self.tokens)

    def text(self, particle: int) -> str:
        """What a particle has written."""
        return self.model.tokenizer.decode(self.tokens[particle])

    def write(self, chunks: Sequence[Sequence[int]], limit: int) -> None:
        """Give each particle its next tokens; the end token ends it, too many kill it.

        Args:
          chunks: for each particle, tokens that its matcher has taken already.
          limit: the most tokens.
        """
        eos = self.model.tokenizer.eos
        lengths = []
        for i, chunk in enumerate(chunks):
            ends = bool(chunk) and chunk[-1] == eos
            self.tokens[i] += chunk[:-1] if ends else chunk
            if ends:
                self.ended[i], self.live[i] = True, False
            elif self.live[i] and len(self.tokens[i]) > limit:
                self.kill(i)
            lengths.append(len(chunk) if self.live[i] else 0)
        if any(lengths):
            padded = np.zeros((len(self), max(lengths)), np.int32)
            for i, chunk in enumerate(chunks):
                padded[i, : lengths[i]] = chunk[: lengths[i]]
            self.state, self.logits = self.model.advance(
                self.state, padded, np.array(lengths, np.int32)
            )
            self.steps += 1

    def kill(self, particle: int) -> None:
        """End a particle without a word: its weight is zero."""
        self.live[particle], self.log_weight[particle] = False, -np.inf

    def gather(self, ancestors: Sequence[int] | np.ndarray) -> None:
        """Replace each particle by a copy of its ancestor; the number may change."""
        index = np.asarray(ancestors)
        self.matchers = self.matchers.gather(index.tolist())
        self.tokens = [list(self.tokens[a]) for a in index]
        for name in ("log_weight", "counted", "value", "live", "ended"):
            setattr(self, name, getattr(self, name)[index])
        self.state, self.logits = (
            self.model.gather(self.state, index),
            self.logits[jnp.asarray(index)],
        )

    def scores(self, sequences: Sequence[Sequence[int]]) -> np.ndarray:
        """`[sequences]`, what the model gives each, the end token included."""
        if not sequences:
            return np.zeros(0)
        eos = self.model.tokenizer.eos
        whole: list[Sequence[int]] = [[*tokens, eos] for tokens in sequences]
        return np.asarray(self.model.score(self.state, whole), np.float64)

    def collect(self, target: str) -> SmcResult:
        """Merge identical outputs and give each its exact probability.

        Args:
          target: what the weights are proper for.
        """
        groups: dict[tuple[int, ...], list[int]] = {}
        for i in range(len(self)):
            if self.ended[i] and np.isfinite(self.log_weight[i]):
                groups.setdefault(tuple(self.tokens[i]), []).append(i)
        samples = []
        scored = zip(groups.items(), self.scores(list(groups)), strict=True)
        for (tokens, members), score in scored:
            if not np.isfinite(score):  # a forced token that the model never writes
                continue
            weights = [
                self.log_weight[i] + self.log_evidence + float(score) - self.counted[i]
                for i in members
            ]
            total = float(np.logaddexp.reduce(weights))
            reward = float(self.value[members[0]])
            samples.append(Sample(tokens, total, float(score), len(members), reward))
        samples.sort(key=lambda s: (-s.log_weight, s.tokens))
        total = (
            float(np.logaddexp.reduce([s.log_weight for s in samples])) - np.log(len(self))
            if samples
            else -np.inf
        )
        dead = len(self) - sum(s.count for s in samples)
        return SmcResult(
            tuple(samples), float(total), dead, self.steps, self.resampled, target, self.checks
        )
