"""What samples of expressions say together: surprise, evidence, and samples put side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from inference.tokens.particles import Sample, SmcResult
from models.meaning.self_doubt import predictive_entropy


def mean_surprise(result: SmcResult) -> float:
    """Minus the log probability of a sample, on average by their weights; 0 where there is none."""
    if not result.samples:
        return 0.0
    weights = np.array([s.log_weight for s in result.samples])
    shares = np.exp(weights - np.logaddexp.reduce(weights))
    return predictive_entropy([s.log_probability for s in result.samples], shares.tolist())


def joined(found: SmcResult, more: Sequence[Sample]) -> SmcResult:
    """What was sampled, and further sequences that were not."""
    known = {s.tokens for s in found.samples}
    return replace(found, samples=(*found.samples, *(s for s in more if s.tokens not in known)))


def plain_evidence(result: SmcResult) -> float:
    """The log evidence of the grammar alone, whatever reward the samples were weighted by."""
    if all(s.log_reward == 0 for s in result.samples):
        return result.log_evidence
    number = result.dead + sum(s.count for s in result.samples)
    weights = [s.log_weight - s.log_reward for s in result.samples]
    return float(np.logaddexp.reduce(weights)) - math.log(number)
