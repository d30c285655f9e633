"""What a picture of a few things leaves open, summed rather than sampled.

The things that are seen are pinned down by the picture to a fraction of a millimetre, and what more
there is stands where the picture does not show it. So the posterior is that of the things that are
seen times that of any number of others: an integral over the places of the first, and one over all that a
single other thing may be. Several others do to the fit what each does on its own, but for those that
explain the same pixels; by how much that is less is averaged over drawn pairs and threes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int
from scipy.ndimage import maximum_filter

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
    near_layer,
)

DRAWS = 4_000  # of the places of what is seen
CELL = 2.0  # cm, in each of which another thing of every description is tried
REFINED, FINER = (
    1_250,
    4,
)  # cells around which a thing fits best, and parts of their sides that are tried
BATCH = 20_000  # things tried in one call
SETS, LARGEST = 2_000, 3  # drawn sets of other things; things in one
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
      others_error: relative standard error of the sum over what one other thing may be.
      chances: probabilities of 0, 1, ... other things, `[13 - seen]`.
      others: what was tried.
      weights: probability of each of these, given that there is one, `[tried]`.
      together: of sets of these `[sets, things]`, how much better (or worse) they make the fit than each
        of them on its own; logs `[sets]`.
      factors: means of that over drawn sets, by the number of things.
    """

    seen: int
    log_evidence: float
    error: float
    others_error: float
    chances: Float[np.ndarray, " others"]
    others: Others
    weights: Float[np.ndarray, " tried"]
    together: Callable[[Int[np.ndarray, "sets things"]], Float[np.ndarray, " sets"]]
    factors: tuple[float, ...]

    def given(self, holds: Holds) -> tuple[float, Float[np.ndarray, " others"]]:
        """The probability that some other thing is such, and the chances of their number given that."""
        such = holds(self.others)
        share = float(self.weights @ such)
        some = 1 - (1 - share) ** np.arange(len(self.chances))
        for things in range(2, min(LARGEST + 1, len(self.chances))) if share > 0 else ():
            # Each set with one such thing at least is met once for each such thing in it.
            sets = _sets(self.weights, things, such)
            fits = np.exp(self.together(sets)) / such[sets].sum(1)
            some[things] = min(things * share * fits.mean() / self.factors[things], 1)
        joint = self.chances * some
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


def _sets(
    weights: np.ndarray, things: int, first: np.ndarray | None = None
) -> Int[np.ndarray, "sets things"]:
    """Sets of other things drawn by their weights; the first from some of them, where given."""
    drawn = np.random.default_rng(things).random((things, SETS))
    columns = []
    for i, even in enumerate(drawn):
        chances = weights * first if first is not None and i == 0 else weights
        upto = np.cumsum(chances)
        columns.append(np.minimum(np.searchsorted(upto, even * upto[-1]), len(weights) - 1))
    return np.stack(columns, 1)


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
    layers = _layers(kind, color, size, mode)
    others, weights, off, together = _others(shown, layers, mode, float(fit(mode)), seed)
    share = float(weights.sum())
    n, most = len(seen), MOST - len(seen)
    ratios = [chance_of(n + k) * math.comb(n + k, k) * share**k for k in range(most + 1)]
    factors = [1.0, 1.0]
    for things in range(2, LARGEST + 1):
        factors.append(float(np.exp(together(_sets(weights / share, things))).mean()))
    factors += [factors[-1]] * len(ratios)  # of more things there is next to no chance
    chances = np.array(ratios) * factors[: len(ratios)]
    log_seen = log_integral - n * math.log(FEATURES * WIDTH * DEPTH) + math.lgamma(n + 1)
    expected = float(chances @ np.arange(len(chances))) / chances.sum()
    return Sums(
        n,
        log_seen + math.log(chances.sum()),
        math.hypot(error, expected * off / share),
        off / share,
        chances / chances.sum(),
        others,
        weights / share,
        together,
        tuple(factors),
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
) -> tuple[Others, Float[np.ndarray, " tried"], float, Callable[[np.ndarray], np.ndarray]]:
    """One more thing of each description in each cell of the table, and its share of the posterior.

    A thing may fit in a few millimetres only, so cells in or beside which one was found to fit best are
    tried again in parts.

    Returns:
      What was tried; the volume of each times how much better (or worse) it makes the fit; the
      standard error of the sum of these; and what sets of them do together, as `Sums.together`.
    """
    rng = np.random.default_rng([seed, 1])
    grid = FEATURES, math.ceil(WIDTH / CELL), math.ceil(DEPTH / CELL)
    coarse = np.indices(grid).reshape(3, -1)
    volume = 1 / coarse.shape[1]

    def gain(things: tuple[Array, ...]) -> Array:
        """Of some things together, each part `[things]`."""
        new = jax.vmap(lambda *thing: near_layer(*thing))(*things)
        both = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), seen, new)
        depths = jnp.append(places[:, 1], things[-1])
        return log_likelihood(shown, compose(both, depths, jnp.array(len(depths))), NOISE) - without

    gains = jax.jit(partial(jax.lax.map, gain))

    def tried(
        cells: np.ndarray, corners: np.ndarray, side: float
    ) -> tuple[list[np.ndarray], np.ndarray]:
        """Things somewhere in squares, and how they change the fit."""
        across, away = corners + side * rng.random(corners.shape)
        kind, rest = np.divmod(cells, len(COLORS) * len(SIZES))
        columns = [kind, *np.divmod(rest, len(SIZES)), across, away]
        parts = [
            gains(_parts([c[i : i + BATCH, None] for c in columns]))
            for i in range(0, len(cells), BATCH)
        ]  # fmt: skip
        return columns, np.exp(np.concatenate(parts).astype(np.float64))

    columns, fits = tried(coarse[0], CELL * coarse[1:], CELL)
    around = maximum_filter(fits.reshape(grid), (1, 3, 3)).ravel()
    best = np.sort(np.argsort(around)[-REFINED:])
    part = np.stack(np.meshgrid(np.arange(FINER), np.arange(FINER))).reshape(2, 1, -1)
    corners = CELL * (coarse[1:, best, None] + part / FINER)
    finer, fine = tried(np.repeat(coarse[0, best], FINER**2), corners.reshape(2, -1), CELL / FINER)
    rest = np.delete(np.arange(coarse.shape[1]), best)
    columns = [np.concatenate([c[rest], f]) for c, f in zip(columns, finer, strict=True)]
    weights = volume * np.concatenate([fits[rest], fine / FINER**2])
    spread = fine.reshape(-1, FINER**2).std(1, ddof=1) / FINER
    kind, color, size, across, away = columns
    others = {
        "kind": np.array(KINDS)[kind],
        "color": np.array(COLORS)[color],
        "size": np.array(SIZES)[size],
        "across": across,
        "away": away,
    }
    with np.errstate(divide="ignore"):
        alone = np.log(np.concatenate([fits[rest], fine]))

    def together(sets: np.ndarray) -> np.ndarray:
        found = gains(_parts([c[sets] for c in columns]))
        return np.asarray(found, np.float64) - alone[sets].sum(1)

    return others, weights, float(volume * np.sqrt(np.sum(spread**2))), together


def _parts(columns: list[np.ndarray]) -> tuple[Array, ...]:
    """Kinds, colors and sizes as whole numbers, places as others."""
    return tuple(jnp.asarray(c, jnp.int32 if i < 3 else jnp.float32) for i, c in enumerate(columns))
