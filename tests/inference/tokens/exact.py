"""What samplers over tokens are compared with: enumeration on a table model."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from tests.inference.tokens.toy import ToyModel, words

# Text patterns and the Lark grammars that mean the same; `c` is forced after the third letter.
CASES = [
    (r"[ab]{1,3}c", 'start: /[ab]{1,3}/ "c"\n'),
    (r"(ca|cb)c", 'start: "c" ("a" | "b") "c"\n'),
    (r"c(a|b)?cc?", 'start: "c" ("a" | "b")? "c" "c"?\n'),
]


def exact(
    model: ToyModel, pattern: str, reward: Callable[[str], float] = lambda text: 0.0
) -> tuple[dict[tuple[int, ...], float], float]:
    """The model's distribution over the words of a pattern, times a reward, and its log total."""
    found = {
        t: model.log_probability(t) + reward(model.tokenizer.decode(t))
        for t in words(lambda s: re.fullmatch(pattern, s), 4)
    }
    total = float(np.logaddexp.reduce(list(found.values())))
    return {t: float(np.exp(lp - total)) for t, lp in found.items()}, total


def assert_proper(results, truth, log_z, particles, sigmas=4.5):
    """Weights of many runs are unbiased for the evidence and for each word's share of it.

    Args:
      results: of independent runs.
      truth, log_z: from `exact`.
      particles: of each run.
      sigmas: standard errors that an average may be off: 4.5 for a dozen comparisons of a test come
        to a failure in about ten thousand.
    """
    z, runs = np.exp(log_z), len(results)
    evidence = np.array([np.exp(r.log_evidence) for r in results])
    assert abs(evidence.mean() - z) <= sigmas * evidence.std() / np.sqrt(runs) + 1e-6 * z
    for tokens, share in truth.items():
        if share * runs * particles < 20:  # too few to be normal; they are part of the evidence
            continue
        values = np.array(
            [
                sum(np.exp(s.log_weight) for s in r.samples if s.tokens == tokens) / particles
                for r in results
            ]
        )
        error = values.std() / np.sqrt(runs)
        assert abs(values.mean() - share * z) <= sigmas * error + 1e-3 * z, tokens
    assert {s.tokens for r in results for s in r.samples} <= set(truth)
