"""State space models of a hundred steps, as programs and with their exact answers.

Source: Kalman, A new approach to linear filtering and prediction problems (1960); Rabiner, A tutorial on
hidden Markov models (1989), section III, for the forward and backward probabilities.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

STEPS = 100

# The next state is `KEEPS` times the last one and noise; what is seen is the state and noise.
KEEPS, STATE_NOISE, SEEN_NOISE = 0.9, 0.5, 1.0
FIRST = np.array([0.5, 0.3, 0.2])
NEXT = np.array([[0.8, 0.15, 0.05], [0.1, 0.8, 0.1], [0.05, 0.25, 0.7]])
SHOWN = np.array([[0.7, 0.2, 0.1], [0.2, 0.6, 0.2], [0.1, 0.2, 0.7]])


@dataclass(frozen=True, eq=False)
class Model:
    """A model, what was seen of it, and what follows from that exactly.

    Args:
      name: of the model.
      source: its program, in which `(state t)` and `(seen t)` are numbers.
      seen: what was seen in each step.
      log_evidence: log probability (density) of that.
      means, sds: `[steps]`, of each state given all that was seen.
    """

    name: str
    source: str
    seen: tuple[float, ...]
    log_evidence: float
    means: np.ndarray
    sds: np.ndarray

    @property
    def sentences(self) -> list[str]:
        """What was seen, one sentence a step."""
        return [f"(condition (= (seen {t}) {y:.9g}))" for t, y in enumerate(self.seen)]

    @property
    def question(self) -> str:
        """All states."""
        return "(list " + " ".join(f"(state {t})" for t in range(len(self.seen))) + ")"


LINEAR = f"""
(define state (mem (lambda (t)
  (if (= t 0) (gaussian 0 1) (gaussian (* {KEEPS} (state (- t 1))) {STATE_NOISE})))))
(define (seen t) (gaussian (state t) {SEEN_NOISE}))
"""


def linear(seed: int, steps: int = STEPS) -> Model:
    """A linear model with Gaussian noise, seen once.

    Args:
      seed: of the states and of what is seen of them.
      steps: how many.

    >>> linear(0, steps=3).question
    '(list (state 0) (state 1) (state 2))'
    """
    rng = np.random.default_rng(seed)
    unfolded = unfold(steps)
    seen = unfolded @ rng.standard_normal(steps) + SEEN_NOISE * rng.standard_normal(steps)
    prior = unfolded @ unfolded.T
    gain = np.linalg.solve(prior + SEEN_NOISE**2 * np.eye(steps), prior).T
    sds = np.sqrt(np.diag(prior - gain @ prior))
    return Model("linear", LINEAR, tuple(seen.tolist()), kalman(seen), gain @ seen, sds)


def unfold(steps: int) -> np.ndarray:
    """`[steps, steps]`, the matrix that makes states of standard normals.

    >>> unfold(2).tolist()
    [[1.0, 0.0], [0.9, 0.5]]
    """
    lag = np.subtract.outer(np.arange(steps), np.arange(steps))
    scale = np.where(np.arange(steps) == 0, 1.0, STATE_NOISE)
    return np.where(lag >= 0, KEEPS ** np.maximum(lag, 0) * scale, 0.0)


def kalman(seen: np.ndarray) -> float:
    """Log density of what was seen, by the Kalman filter.

    Args:
      seen: `[steps]`.
    """
    mean, variance, total = 0.0, 1.0, 0.0
    for y in seen:
        spread = variance + SEEN_NOISE**2
        total += float(stats.norm.logpdf(y, mean, math.sqrt(spread)))
        gain = variance / spread
        mean, variance = mean + gain * (y - mean), (1 - gain) * variance
        mean, variance = KEEPS * mean, KEEPS**2 * variance + STATE_NOISE**2
    return total


def _quoted(numbers: np.ndarray) -> str:
    if numbers.ndim > 1:
        return "(" + " ".join(map(_quoted, numbers)) + ")"
    return "(" + " ".join(f"{n:g}" for n in numbers) + ")"


HIDDEN = f"""
(define state (mem (lambda (t)
  (multinomial '(0 1 2)
    (if (= t 0) '{_quoted(FIRST)} (list-ref '{_quoted(NEXT)} (state (- t 1))))))))
(define (seen t) (multinomial '(0 1 2) (list-ref '{_quoted(SHOWN)} (state t))))
"""


def hidden(seed: int, steps: int = STEPS) -> Model:
    """A hidden Markov model of three states and three symbols, seen once.

    Args:
      seed: of the states and of what is seen of them.
      steps: how many.
    """
    rng = np.random.default_rng(seed)
    state, seen = int(rng.choice(3, p=FIRST)), []
    for _ in range(steps):
        seen.append(int(rng.choice(3, p=SHOWN[state])))
        state = int(rng.choice(3, p=NEXT[state]))
    log_evidence, shares = forward_backward(seen)
    means = shares @ np.arange(3)
    sds = np.sqrt(shares @ np.arange(3) ** 2 - means**2)
    return Model("hidden Markov", HIDDEN, tuple(map(float, seen)), log_evidence, means, sds)


def forward_backward(seen: list[int]) -> tuple[float, np.ndarray]:
    """Log probability of the symbols seen, and `[steps, 3]`, that of each state given all of them."""
    filtered, total, now = [], 0.0, FIRST
    for symbol in seen:
        joint = now * SHOWN[:, symbol]
        total += math.log(joint.sum())
        filtered.append(joint / joint.sum())
        now = filtered[-1] @ NEXT
    smoothed = [filtered[-1]]
    for share in reversed(filtered[:-1]):
        smoothed.append(share * (NEXT @ (smoothed[-1] / (share @ NEXT))))
    return total, np.array(smoothed[::-1])
