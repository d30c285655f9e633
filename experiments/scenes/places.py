"""Where things that a picture shows may stand: the mode, an integral, and places to go on from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy import stats
from scipy.special import logsumexp

ROUNDS, DRAWS = 3, 4_000  # of draws, each from a law that is fitted to those before
DEGREES = 5  # of freedom of their t distribution

type Fit = Callable[[Array], Array]
"""Log density of a picture, of places as one vector."""
type Law = Any  # of scipy: a frozen multivariate t distribution


def climber(off: Callable[..., Array]) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """A function from a point `[n]` to the mode beside it and about the inverse of the curvature there.

    Args:
      off: by how many standard deviations each pixel is off, of a point and of what else that function
        is given.

    Source: Nocedal and Wright, Numerical optimization (2006), section 10.3, on Gauss and Newton's method.
    """
    off, slopes = jax.jit(off), jax.jit(jax.jacfwd(off))

    def climbed(start: Array, *given: Any) -> tuple[np.ndarray, np.ndarray]:
        # What a picture does not mind at all, where something hidden stands, is held a little.
        ridge = 1e-3 * np.eye(len(start))

        def worst(x: Array) -> float:
            return float(jnp.sum(off(x, *given) ** 2))

        def bent(x: Array) -> tuple[np.ndarray, np.ndarray]:
            slope = np.asarray(slopes(x, *given), np.float64)
            return slope, slope.T @ slope + ridge

        x, least = start, worst(start)
        for _ in range(30):
            slope, bend = bent(x)
            step = np.linalg.solve(bend, slope.T @ np.asarray(off(x, *given), np.float64))
            # Where the peak is not yet near, the step goes no further than helps.
            tries = [x - jnp.asarray(scale * step, jnp.float32) for scale in (1, 0.3, 0.1, 0.01)]
            values = [worst(t) for t in tries]
            if min(values) >= least:
                break
            least, x = min(values), tries[int(np.argmin(values))]
        spread = np.linalg.inv(bent(x)[1])
        return np.asarray(x, np.float64), (spread + spread.T) / 2

    return climbed


def law_around(centre: np.ndarray, spread: np.ndarray) -> Law:
    """A t distribution of places.

    Args:
      centre: `[n]`.
      spread: `[n, n]`, positive definite.
    """
    law: Any = stats.multivariate_t
    return law(centre, spread, DEGREES)


def integral(fit: Fit, law: Law, rng: np.random.Generator) -> tuple[Law, float, float]:
    """The law of places, the log integral over them, and its error.

    Args:
      fit: log density of the picture.
      law: to begin with.
      rng: of the draws.

    Source: Bugallo et al., Adaptive importance sampling (2017).
    """
    weights, logs = np.ones(0), np.zeros(0)
    for _ in range(ROUNDS):
        near = law.rvs(DRAWS, random_state=rng)
        logs = _fits(fit, near) - law.logpdf(near)
        weights = np.exp(logs - logs.max())
        spread = np.cov(near, rowvar=False, aweights=weights)
        law = law_around(np.average(near, 0, weights), spread)
    error = float(weights.std() / weights.mean() / math.sqrt(DRAWS))
    return law, float(logs.max() + math.log(weights.mean())), error


def placings(
    fit: Fit, laws: Sequence[Law], count: int, rng: np.random.Generator
) -> tuple[Float[np.ndarray, "count n"], Float[np.ndarray, " count"]]:
    """Places and their weights, one on average, under the posterior.

    Half of them come from the first law, the rest from the others: those of places where something else
    stands that explains the picture, too, so that weights times such an explanation stay bounded.

    Source: Owen and Zhou, Safe and effective importance sampling (2000).
    """
    shares = np.array([1.0, *(1 / (len(laws) - 1) for _ in laws[1:])])
    shares /= shares.sum()
    counts = np.diff(np.round(count * np.cumsum(shares)).astype(int), prepend=0)
    drawn = np.concatenate(
        [law.rvs(n, random_state=rng).reshape(n, -1) for law, n in zip(laws, counts, strict=True)]
    )
    logs = np.stack([law.logpdf(drawn) for law in laws])
    logs = _fits(fit, drawn) - logsumexp(logs + np.log(shares)[:, None], axis=0)
    weights = np.exp(logs - logs.max())
    return drawn, weights / weights.mean()


def _fits(fit: Fit, places: np.ndarray) -> np.ndarray:
    many = jax.jit(partial(jax.lax.map, fit))
    return np.asarray(many(jnp.asarray(places, jnp.float32)), np.float64)
