"""How far to trust an answer: convergence of chains, and tails of weights.

Source: Vehtari, Gelman, Simpson, Carpenter and Buerkner, Rank-normalization, folding, and localization: an
improved R-hat (2021); Vehtari, Simpson, Gelman, Yao and Gabry, Pareto smoothed importance sampling (2024).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from plot.compiler.values import leaves
from plot.posterior import Posterior
from plot.weights import effective_size, normalise

R_HAT, R_HAT_BAD = (
    1.01,
    1.1,
)  # Vehtari and others 2021, section 4; Gelman and Rubin 1992 for the second
ENOUGH, TOO_FEW = 400, 100  # effective draws: Vehtari and others 2021, section 4
PARETO_K, PARETO_K_BAD = 0.7, 1.0  # Vehtari and others 2024, section 3.2.4; at 1 there is no mean
TAIL = (0.05, 0.95)  # quantiles whose effective size is that of the tails
FEW = 12  # distinct values up to which each is looked at for itself
RARE = 0.01  # share under which a value is not


FEWEST_WEIGHTS = 25  # of which a fifth, the tail, are five


@dataclass(frozen=True)
class Diagnosis:
    """How far to trust an answer; for each number the worst of all lanes that were looked at.

    Args:
      effective_size: independent draws that those at hand are worth: of chains the bulk.
      r_hat: rank-normalised, split and folded; None without chains.
      tail_size: effective draws in the tails; None without chains.
      error: Monte Carlo standard error of the mean of an answer that is a number.
      pareto_k: shape of the tail of the weights, None where they have none or are too few.
      draws: how many there are.
      worst: the lane that is diagnosed worst.
    """

    effective_size: float
    r_hat: float | None = None
    tail_size: float | None = None
    error: float | None = None
    pareto_k: float | None = None
    draws: int = 0
    worst: str = ""

    @property
    def trusted(self) -> bool:
        """Whether every diagnostic is within the thresholds of the literature."""
        return not self.warnings

    @property
    def heavy(self) -> bool:
        """Whether weights have so heavy a tail that their mean may not be trusted."""
        # Fewer than 2,200 draws bear a lighter tail only.
        return self._k > self._most_k

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is out of the thresholds, in words."""
        found = []
        of = f" ({self.worst})" if self.worst else ""
        if self.r_hat is not None and not self.r_hat <= R_HAT:
            found.append(f"chains disagree{of}: R-hat is {self.r_hat:.4g}, above {R_HAT}")
        if self.heavy:
            found.append(
                f"few weights dominate: Pareto k is {self._k:.2f}, above {self._most_k:.2g}"
            )
        if not self._least_size >= ENOUGH:
            found.append(
                f"all draws are worth {max(self._least_size, 0):,.0f}, fewer than {ENOUGH}{of}"
            )
        return tuple(found)

    @property
    def verdict(self) -> str:
        """One line: whether to trust the answer, and why."""
        bad = (
            (self.r_hat is not None and not self.r_hat <= R_HAT_BAD)
            or self._k >= PARETO_K_BAD
            or not self._least_size >= TOO_FEW
        )
        if bad:
            return f"do not trust this: {'; '.join(self.warnings)} [{self}]"
        if self.warnings:
            return f"use more {self._more}: {'; '.join(self.warnings)} [{self}]"
        return f"trust this: {self}"

    @property
    def _more(self) -> str:
        return "worlds" if self.r_hat is None else "steps"

    @property
    def _k(self) -> float:
        return -math.inf if self.pareto_k is None else self.pareto_k

    @property
    def _most_k(self) -> float:
        return min(1 - 1 / math.log10(max(self.draws, 11)), PARETO_K)

    @property
    def _least_size(self) -> float:
        return min(self.effective_size, math.inf if self.tail_size is None else self.tail_size)

    def __str__(self) -> str:
        parts = [f"{self.draws:,} draws are worth {self.effective_size:,.0f}"]
        if self.tail_size is not None:
            parts[0] += f" (bulk) and {self.tail_size:,.0f} (tails)"
        if self.r_hat is not None:
            parts.append(f"R-hat {self.r_hat:.4g}")
        if self.pareto_k is not None:
            parts.append(f"Pareto k {self.pareto_k:.2f}")
        if self.error is not None:
            parts.append(f"Monte Carlo error of the mean {self.error:.2g}")
        return ", ".join(parts)


def diagnose(posterior: Posterior) -> Diagnosis:
    """The diagnosis of an answer, by its chains where it has some, or else by its weights.

    Args:
      posterior: of any engine.

    >>> import jax
    >>> from inference.importance import Importance
    >>> from plot.world import World
    >>> world = World.from_source("(define x (gaussian 0 1)) (condition (= (gaussian x 1) 1))")
    >>> diagnose(Importance(worlds=10_000).infer(jax.random.key(0), world.ask("x"))).trusted
    True
    """
    if posterior.chains is not None:
        lanes = _lanes(posterior, posterior.chains.count)
        weight = posterior.chains.statistics.get("log_weight")
        return of_chains(lanes | ({"the log weight": weight} if weight is not None else {}))
    families = posterior.worlds.families
    return of_weights(posterior.worlds.log_weights, families)


def of_chains(lanes: dict[str, np.ndarray]) -> Diagnosis:
    """The diagnosis of chains by some functions of their states.

    Lanes that are the same in every state say nothing, and are left out.

    Args:
      lanes: `[chains, draws]` each, by a name for it; the first is what the answer is about.

    >>> rng = np.random.default_rng(0)
    >>> of_chains({"x": rng.normal(size=(4, 500))}).trusted
    True
    >>> of_chains({"x": rng.normal(size=(4, 500)) + [[0], [0], [0], [5]]}).trusted
    False
    """
    first = next(iter(lanes.values()))
    draws = first.size
    r_hat, bulk, tail = [1.0], [float(draws)], [float(draws)]
    names, error = [""], None
    for name, lane in lanes.items():
        for part, label in _whole(lane, name):
            if part.min() == part.max():
                continue
            names.append(label)
            with np.errstate(all="ignore"):  # chains that stand still have no variance
                r_hat.append(_bad(_number(_arviz().rhat(part)), math.inf))
                bulk.append(_bad(_number(_arviz().ess(part, method="bulk")), 0.0))
                tail.append(_bad(_number(_arviz().ess(part, method="tail", prob=TAIL)), 0.0))
    if np.isfinite(first).all() and first.min() < first.max():
        error = _number(_arviz().mcse(first, method="mean"))
    at = int(np.argmax(r_hat)) if max(r_hat) > R_HAT else int(np.argmin(np.minimum(bulk, tail)))
    return Diagnosis(min(bulk), max(r_hat), min(tail), error, None, draws, names[at])


def of_weights(log_weights: np.ndarray, families: np.ndarray | None = None) -> Diagnosis:
    """The diagnosis of weighted worlds.

    Args:
      log_weights: `[worlds]`, finite.
      families: int `[worlds]`; the worlds of one family come from one draw.

    >>> of_weights(np.zeros(1000)).trusted
    True
    >>> heavy = of_weights(np.log(np.random.default_rng(0).pareto(0.8, 10_000)))
    >>> heavy.pareto_k > 1, heavy.verdict[:12]
    (True, 'do not trust')
    """
    weights = normalise(log_weights)
    size = effective_size(weights)
    if families is not None:
        shares = np.bincount(families, weights)
        size = min(size, effective_size(shares))
    return Diagnosis(size, pareto_k=_pareto_k(log_weights), draws=len(log_weights))


def _pareto_k(log_weights: np.ndarray) -> float | None:
    if len(log_weights) < FEWEST_WEIGHTS:  # no tail to speak of
        return None
    """None where the largest weights are equal, and so bounded, or too few to say."""
    if np.ptp(log_weights) == 0:
        return None
    try:
        k = _number(_arviz().psislw(-np.asarray(log_weights, np.float64))[1])
    except ValueError:
        return None
    return k if np.isfinite(k) else None


def _lanes(posterior: Posterior, chains: int) -> dict[str, np.ndarray]:
    """What an answer consists of, `[chains, draws]` each."""
    rows = posterior.worlds.rows
    found = {}
    for i, node in enumerate(dict.fromkeys(leaves(posterior.value))):
        lane = rows[node].astype(np.float64).reshape(chains, -1)
        name = posterior.question if i == 0 else f"part {i + 1} of {posterior.question}"
        values, counts = np.unique(lane, return_counts=True)
        if posterior.numeric or len(values) > FEW:
            found[name] = lane
            continue
        kept = [v for v, n in zip(values, counts, strict=True) if n >= RARE * lane.size]
        for value in kept[1:] if len(values) == 2 else kept:
            found[name if len(values) == 2 else f"{name} is its value {value:g}"] = lane == value
    return found or {posterior.question: np.zeros((chains, posterior.worlds.kept // chains))}


def _whole(lane: np.ndarray, name: str) -> Iterator[tuple[np.ndarray, str]]:
    """A lane as numbers, and apart from it where it is none."""
    lane = np.asarray(lane, np.float64)
    missing = np.isnan(lane)
    if missing.any():
        yield missing.astype(np.float64), f"whether {name} is a number"
        lane = np.where(missing, 0.0 if missing.all() else np.nanmedian(lane), lane)
    finite = np.isfinite(lane)
    if not finite.all():
        # Ranks are all that counts: what is infinite stands past all else.
        edge = np.abs(lane[finite]).max(initial=1.0) * 2
        lane = np.clip(lane, -edge, edge)
    yield lane, name


@cache
def _arviz() -> Any:
    from arviz_stats.base.array import BaseArray  # takes a second or two

    return BaseArray()


def _number(found: Any) -> float:
    return float(np.asarray(found))


def _bad(number: float, worst: float) -> float:
    return worst if math.isnan(number) else number
