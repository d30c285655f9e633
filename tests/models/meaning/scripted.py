"""A language model that writes given fragments with given probabilities, a byte a token."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np

from tests.inference.tokens.toy import ByteTokenizer

NOISE = 1e-4  # of each step's probability goes to all tokens alike


class ScriptedModel:
    """Fragments and their probabilities, whatever the prompt says."""

    def __init__(self, fragments: Mapping[str, float]):
        self.tokenizer = ByteTokenizer()
        self.fragments = {
            (*self.tokenizer.encode(text), self.tokenizer.eos): p / sum(fragments.values())
            for text, p in fragments.items()
        }
        self.prompts: list[str] = []

    def _next(self, past: tuple[int, ...]) -> np.ndarray:
        out = np.zeros(self.tokenizer.size)
        for tokens, p in self.fragments.items():
            if tokens[: len(past)] == past and len(tokens) > len(past):
                out[tokens[len(past)]] += p
        total = out.sum()
        uniform = np.full(self.tokenizer.size, 1 / self.tokenizer.size)
        return uniform if total == 0 else (1 - NOISE) * out / total + NOISE * uniform

    def _logits(self, state):
        return jnp.asarray(np.log(np.stack([self._next(past) for past in state])), jnp.float32)

    def prefix(self, tokens, after=None):
        self.prompts.append(self.tokenizer.decode(tokens))
        return None

    def start(self, prefix, tokens=(), *, particles):
        state = [()] * particles
        return state, self._logits(state)

    def advance(self, state, tokens, lengths):
        state = [
            (*past, *map(int, row[:n])) for past, row, n in zip(state, tokens, lengths, strict=True)
        ]
        return state, self._logits(state)

    def gather(self, state, ancestors):
        return [state[int(a)] for a in ancestors]

    def score(self, prefix, sequences):
        return np.array(
            [sum(np.log(self._next(tuple(s[:i]))[t]) for i, t in enumerate(s)) for s in sequences]
        )
