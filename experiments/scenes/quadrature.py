"""What a picture of a few things leaves open, summed rather than sampled.

The things that are seen are pinned down by the picture to a fraction of a millimetre, and what more
there is stands where the picture does not show it. So the posterior is that of the things that are
seen times that of any number of others, each on its own: an integral over the places of the first, and
one over all that a single other thing may be.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from experiments.scenes.exact import MOST, chance_of
from models.worlds.scenes.renderer import (
    COLORS,
    DEPTH,
    KINDS,
    NOISE,
    SHAPE,
    SIZES,
    WIDTH,
    Layer,
    compose,
    layer,
    log_likelihood,
)

DRAWS = 1_000  # of the places of what is seen
CELL = 2.0  # cm, in each of which another thing of every description is tried
FEATURES = len(KINDS) * len(COLORS) * len(SIZES)

type Thing = tuple[str, str, str, float, float]
"""Kind, color, size, centimetres across and away."""
type Others = dict[str, np.ndarray]
"""What another thing may be: kind, color, size (names) and across, away, `[tried]` each."""
type Holds = Callable[[Others], Bool[np.ndarray, " tried"]]


@dataclass(frozen=True, eq=False)
class Sums:
    """What may stand there besides the things that are seen.

    Args:
      seen: how many those are.
      log_evidence: log density of the picture.
      error: standard error of that.
      chances: probabilities of 0, 1, ... other things, `[13 - seen]`.
      others: what was tried.
      weights: probability of each of these, given that there is one, `[tried]`.
    """

    seen: int
    log_evidence: float
    error: float
    chances: Float[np.ndarray, " others"]
    others: Others
    weights: Float[np.ndarray, " tried"]

    def given(self, holds: Holds) -> tuple[float, Float[np.ndarray, " others"]]:
        """The probability that some other thing is such, and the chances of their number given that."""
        missing = (1 - self._share(holds)) ** np.arange(len(self.chances))
        joint = self.chances * (1 - missing)
        return float(joint.sum()), joint / joint.sum()

    def some(self, holds: Holds, told: Holds | None = None) -> float:
        """The probability that some other thing is such, given that some is as told."""
        if told is None:
            return self.given(holds)[0]

        def either(others: Others) -> np.ndarray:
            return holds(others) | told(others)

        chance = self.given(told)[0]
        return (self.given(holds)[0] + chance - self.given(either)[0]) / chance

    def number(self, told: Holds | None = None) -> float:
        """The expected number of things in all, given that some other is as told."""
        chances = self.chances if told is None else self.given(told)[1]
        return self.seen + float(chances @ np.arange(len(chances)))

    def _share(self, holds: Holds) -> float:
        return float(self.weights @ holds(self.others))


def sums(picture: np.ndarray, seen: Sequence[Thing], seed: int = 0) -> Sums:
    """Sum over what may have made a picture.

    Args:
      picture: `[34, 62, 3]`.
      seen: the things that it shows, far enough apart, about where they are.
      seed: of the draws.
    """
    shown = jnp.asarray(picture)
    kind, color, size = (
        jnp.array([names.index(thing[i]) for thing in seen], int)  # type: ignore[arg-type]
        for i, names in enumerate((KINDS, COLORS, SIZES))
    )
    places = jnp.array([thing[3:] for thing in seen], jnp.float32)

    def fit(places: Array) -> Array:
        found = _layers(kind, color, size, places)
        return log_likelihood(shown, compose(found, places[:, 1], jnp.array(len(seen))), NOISE)

    mode, log_integral, error = _integral(jax.jit(fit), places, np.random.default_rng(seed))
    others, logs = _others(shown, _layers(kind, color, size, mode), mode, float(fit(mode)), seed)
    share = float(np.exp(logs).mean())
    n, most = len(seen), MOST - len(seen)
    ratios = [chance_of(n + k) * math.comb(n + k, k) * share**k for k in range(most + 1)]
    chances = np.array(ratios)
    log_seen = log_integral - n * math.log(FEATURES * WIDTH * DEPTH) + math.lgamma(n + 1)
    weights = np.exp(logs)
    return Sums(
        n,
        log_seen + math.log(chances.sum()),
        error,
        chances / chances.sum(),
        others,
        weights / weights.sum(),
    )


def _layers(kind: Array, color: Array, size: Array, places: Array) -> Layer:
    return jax.vmap(partial(layer, shape=SHAPE))(kind, color, size, places[:, 0], places[:, 1])


def _integral(
    fit: Callable[[Array], Array], places: Array, rng: np.random.Generator
) -> tuple[Array, float, float]:
    """The mode, the log integral over places, and its error, by draws from the curvature there."""
    n = places.size

    def flat(x: Array) -> Array:
        return fit(x.reshape(-1, 2))

    slope = jax.jit(jax.grad(flat))
    curvature = jax.jit(jax.hessian(flat))
    x, best = places.ravel(), float(flat(places.ravel()))
    for _ in range(30):
        bend = np.asarray(curvature(x), np.float64)
        # Where the peak is not yet near, the step goes no further than helps.
        step = np.linalg.solve(bend - 1e-3 * np.eye(n), np.asarray(slope(x), np.float64))
        tries = [x - jnp.asarray(scale * step, jnp.float32) for scale in (1, 0.3, 0.1, 0.01)]
        values = [float(flat(t)) for t in tries]
        if max(values) <= best:
            break
        best, x = max(values), tries[int(np.argmax(values))]
    spread = np.linalg.inv(-np.asarray(curvature(x), np.float64))
    root = np.linalg.cholesky(1.3 * spread)
    z = rng.normal(size=(DRAWS, n))
    near = jnp.asarray(np.asarray(x, np.float64) + z @ root.T, jnp.float32)
    logs = np.asarray(jax.jit(partial(jax.lax.map, flat))(near), np.float64)
    logs += 0.5 * (z**2).sum(1) + n / 2 * math.log(2 * math.pi) + np.log(np.diag(root)).sum()
    weights = np.exp(logs - logs.max())
    error = float(weights.std() / weights.mean() / math.sqrt(DRAWS))
    return x.reshape(-1, 2), float(logs.max() + math.log(weights.mean())), error


def _others(
    shown: Array, seen: Layer, places: Array, without: float, seed: int
) -> tuple[Others, np.ndarray]:
    """One more thing of each description in each cell of the table, and what it does to the fit."""
    rng = np.random.default_rng([seed, 1])
    across, away = np.meshgrid(np.arange(0, WIDTH, CELL), np.arange(0, DEPTH, CELL), indexing="ij")
    kinds = np.arange(FEATURES)[:, None, None] + np.zeros_like(across, int)
    shape = (FEATURES, *across.shape)
    across, away = across + CELL * rng.random(shape), away + CELL * rng.random(shape)
    kind, rest = np.divmod(kinds, len(COLORS) * len(SIZES))
    color, size = np.divmod(rest, len(SIZES))
    columns = [a.ravel() for a in (kind, color, size, across, away)]

    def gain(thing: tuple[Array, ...]) -> Array:
        new = layer(*thing, shape=SHAPE)
        both = jax.tree.map(lambda a, b: jnp.concatenate([a, b[None]]), seen, new)
        depths = jnp.append(places[:, 1], thing[4])
        return log_likelihood(shown, compose(both, depths, jnp.array(len(depths))), NOISE) - without

    given = tuple(
        jnp.asarray(c, jnp.int32 if i < 3 else jnp.float32) for i, c in enumerate(columns)
    )
    logs = np.asarray(jax.jit(partial(jax.lax.map, gain))(given), np.float64)
    names = (np.array(KINDS), np.array(COLORS), np.array(SIZES))
    words = [n[np.asarray(c, int)] for n, c in zip(names, columns[:3], strict=True)]
    return dict(
        zip(("kind", "color", "size", "across", "away"), (*words, *columns[3:]), strict=True)
    ), logs
