"""Grammar-aligned decoding: masked sampling that learns what it has masked.

Masking alone samples each token given that it keeps to the grammar, not given that the whole
sequence will: a beginning that the model can hardly finish is drawn as often as one that it can.
Here a tree of all beginnings that were visited keeps, for each, an upper bound of the probability
that the model goes on to a word of the grammar. Tokens are drawn in proportion to their probability
times that bound; each draw tightens the bounds along its way, and the draws converge to the model's
distribution given the grammar.

Source: Park et al. 2024 (Grammar-Aligned Decoding, algorithm ASAp).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.tokens.base import LanguageModel
from inference.tokens.constraint import Constraint
from inference.tokens.particles import Sample, SmcResult
from inference.tokens.proposals import unpack


@dataclass(frozen=True)
class AsapOptions:
    """How to sample.

    Args:
      samples: how many sequences are drawn, one after the other.
      max_tokens: a sequence that is longer counts as a dead end.
    """

    samples: int = 16
    max_tokens: int = 160


@dataclass
class _Node:
    """A beginning that was visited: what may come next, and how likely it ends well."""

    tokens: np.ndarray  # [allowed]
    mass: np.ndarray  # [allowed] of the model
    bound: np.ndarray  # [allowed] on the probability of ending in the grammar from there
    children: dict[int, _Node] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return float(self.mass @ self.bound)


class Asap:
    """A sampler that gets better with each sample.

    Args:
      model, prefix, prompt, constraint: as for `smc`.
      max_tokens: a sequence that is longer counts as a dead end.
    """

    def __init__(
        self,
        model: LanguageModel,
        prefix: Any,
        prompt: Sequence[int],
        constraint: Constraint,
        max_tokens: int = 160,
    ):
        self.model, self.constraint, self.max_tokens = model, constraint, max_tokens
        whole = model.prefix(list(prompt), after=prefix) if len(prompt) else prefix
        self._begin = model.start(whole, particles=1)
        self._root: _Node | None = None
        self.steps = 0

    @property
    def bound(self) -> float:
        """An upper bound of Z, the probability that the model writes a word of the grammar."""
        return 1.0 if self._root is None else self._root.total

    def draw(self, key: PRNGKeyArray) -> tuple[tuple[int, ...] | None, float, float]:
        """One sequence, and tighter bounds along its way.

        Args:
          key: random key.

        Returns:
          Its tokens without the end, or None for a dead end; the log probability of the model, and
          that with which it was drawn: the ratio is an unbiased estimate of Z.
        """
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)).ravel())
        eos = self.model.tokenizer.eos
        matchers = self.constraint.start(1)
        state, logits = self._begin
        pending: list[int] = []  # written, but not yet run through the model
        path: list[tuple[_Node, int]] = []
        written: list[int] = []
        log_p = log_q = 0.0
        forced = matchers.forced(0)
        node = self._root
        while True:
            if node is None:
                if pending:
                    chunk = np.array([pending], np.int32)
                    state, logits = self.model.advance(state, chunk, np.array([len(pending)]))
                    self.steps, pending = self.steps + 1, []
                node = self._node(logits, matchers, forced)
                if path:
                    parent, at = path[-1]
                    parent.children[int(parent.tokens[at])] = node
                else:
                    self._root = node
            weights = node.mass * node.bound
            if weights.sum() <= 0 or len(written) > self.max_tokens:
                self._learn(path, 0.0)
                return None, -np.inf, log_q
            at = int(rng.choice(len(weights), p=weights / weights.sum()))
            log_p += float(np.log(node.mass[at]))
            log_q += float(np.log(weights[at] / weights.sum()))
            path.append((node, at))
            token = int(node.tokens[at])
            if token == eos:
                self._learn(path, 1.0)
                return tuple(written), log_p, log_q
            written.append(token)
            pending.append(token)
            forced = forced[1:] if forced else matchers.take(0, token)
            node = node.children.get(token)

    def _node(self, logits: jax.Array, matchers: Any, forced: list[int]) -> _Node:
        scores = np.asarray(jax.nn.log_softmax(logits[0].astype(jnp.float32)), np.float64)
        if forced:
            tokens = np.array(forced[:1])
        else:
            words = jnp.asarray(matchers.allowed([True]))
            tokens = np.flatnonzero(np.asarray(unpack(words, logits.shape[1]))[0])
        return _Node(tokens, np.exp(scores[tokens]), np.ones(len(tokens)))

    def _learn(self, path: list[tuple[_Node, int]], found: float) -> None:
        """Pass what the last step came to back along the way."""
        for node, at in reversed(path):
            node.bound[at] = min(node.bound[at], found)
            found = node.total


def asap(
    key: PRNGKeyArray,
    model: LanguageModel,
    prefix: Any,
    prompt: Sequence[int],
    constraint: Constraint,
    options: AsapOptions = AsapOptions(),
) -> SmcResult:
    """Draw sequences by grammar-aligned decoding.

    Args:
      key, model, prefix, prompt, constraint: as for `smc`.
      options: how.

    Returns:
      Distinct sequences with weights that are proper for the model given the grammar: the model's
      probability over that with which each was drawn.
    """
    sampler = Asap(model, prefix, prompt, constraint, options.max_tokens)
    found: dict[tuple[int, ...], tuple[list[float], float]] = {}
    for one in jax.random.split(key, options.samples):
        tokens, log_p, log_q = sampler.draw(one)
        if tokens is not None:
            found.setdefault(tokens, ([], log_p))[0].append(log_p - log_q)
    samples = [
        Sample(tokens, float(np.logaddexp.reduce(weights)), log_p, len(weights))
        for tokens, (weights, log_p) in found.items()
    ]
    samples.sort(key=lambda s: (-s.log_weight, s.tokens))
    total = np.logaddexp.reduce([s.log_weight for s in samples]) if samples else -np.inf
    return SmcResult(
        tuple(samples),
        float(total - np.log(options.samples)),
        options.samples - sum(s.count for s in samples),
        sampler.steps,
        0,
        "the model, given that it writes a word of the grammar",
    )
