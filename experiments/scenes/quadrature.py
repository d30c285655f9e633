"""What a picture of a few things leaves open, summed rather than sampled.

The things that are seen are pinned down by the picture to a fraction of a millimetre, and what more
there is stands where the picture does not show it. So the posterior is that of the things that are
seen times that of any number of others: an integral over the places of the first, and one over all that a
single other thing may be, beside any of those places. Several others do to the fit what each does on its own, but for those that
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

from experiments.scenes.beside import FEATURES, Around, Tried, parts_of, promising, tried
from experiments.scenes.exact import MOST, chance_of
from experiments.scenes.places import climber, integral, law_around, placings
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

PLACINGS = 600  # of what is seen, beside which other things are tried
SETS, LARGEST = 2_000, 3  # drawn sets of other things; things in one

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
      variances: of these, but for what they are divided by, `[tried]`.
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
    variances: Float[np.ndarray, " tried"]
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

    def some_error(self, holds: Holds, told: Holds | None = None) -> float:
        """About the standard error of `some`, from what is known of one other thing."""
        such = holds(self.others)
        if told is None:  # how probable it is that there is any is unsure, too
            unsure = math.sqrt(float(self.variances @ such)) / float(self.weights @ such)
            return self.some(holds) * unsure
        said = told(self.others)
        total = float(self.weights @ said)
        share = float(self.weights @ (said & such)) / total
        return math.sqrt(float(np.square((such - share) * said) @ self.variances)) / total

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

    def layers(places: Array) -> Layer:
        one = partial(layer, shape=SHAPE)
        return jax.vmap(one)(kind, color, size, places[:, 0], places[:, 1])

    def clean(places: Array, *more: Array) -> Array:
        """The picture without noise, with one thing more where its kind, color, size and place are given."""
        drawn, away = layers(places), places[:, 1]
        if more:
            one = jax.tree.map(lambda part: part[None], near_layer(*more))  # type: ignore[arg-type]
            drawn = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), drawn, one)
            away = jnp.append(away, more[-1])
        return compose(drawn, away, jnp.array(len(away)))

    def fit(x: Array) -> Array:
        return log_likelihood(shown, clean(x.reshape(-1, 2)), NOISE)

    def off(x: Array) -> Array:
        return (shown - clean(x.reshape(-1, 2))).ravel() / NOISE

    def off_with(x: Array, described: tuple[Array, ...]) -> Array:
        return (shown - clean(x[:-2].reshape(-1, 2), *described, x[-2], x[-1])).ravel() / NOISE

    def around(places: Array) -> Around:
        return Around.of(shown, layers(places), places[:, 1])

    rng = np.random.default_rng(seed)
    peak, spread = climber(off)(places.ravel())
    law, log_integral, error = integral(fit, law_around(peak, spread), rng)
    mode = jnp.asarray(peak.reshape(-1, 2), jnp.float32)
    at_mode, laws, climbed = jax.jit(around)(mode), [law], climber(off_with)
    for thing in promising(at_mode, seed):
        peak, spread = climbed(jnp.concatenate([mode.ravel(), jnp.stack(thing[3:])]), thing[:3])
        laws.append(law_around(peak[:-2], spread[:-2, :-2]))
    drawn, weights = placings(fit, laws, PLACINGS, rng)
    drawn = jnp.asarray(drawn.reshape(-1, *places.shape), jnp.float32)
    found = tried(at_mode, jax.jit(jax.vmap(around))(drawn), weights, seed)
    together = _together(shown, layers(mode), mode, found)
    weights = found.volumes * found.fits
    share, unsure = float(weights.sum()), math.sqrt(float(found.variances.sum()))
    kinds, colors, sizes, across, away = found.columns
    others = {
        "kind": np.array(KINDS)[kinds],
        "color": np.array(COLORS)[colors],
        "size": np.array(SIZES)[sizes],
        "across": across,
        "away": away,
    }
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
        math.hypot(error, expected * unsure / share),
        unsure / share,
        chances / chances.sum(),
        others,
        weights / share,
        found.variances / share**2,
        together,
        tuple(factors),
    )


def _together(
    shown: Array, seen: Layer, places: Array, found: Tried
) -> Callable[[np.ndarray], np.ndarray]:
    """What sets of other things do to the fit together, as `Sums.together`."""
    around = Around.of(shown, seen, places[:, 1])
    without = log_likelihood(shown, around.without, NOISE)
    alone = jax.jit(partial(jax.lax.map, around.gain))

    def gain(things: tuple[Array, ...]) -> Array:
        """Of some things together, each part `[things]`."""
        new = jax.vmap(lambda *thing: near_layer(*thing))(*things)
        both = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), seen, new)
        depths = jnp.append(places[:, 1], things[-1])
        return log_likelihood(shown, compose(both, depths, jnp.array(len(depths))), NOISE) - without

    gains = jax.jit(partial(jax.lax.map, gain))

    def together(sets: np.ndarray) -> np.ndarray:
        both = gains(parts_of([c[sets] for c in found.columns]))
        each = alone(parts_of([c[sets.ravel()] for c in found.columns]))
        return np.asarray(both, np.float64) - np.asarray(each, np.float64).reshape(sets.shape).sum(
            1
        )

    return together
