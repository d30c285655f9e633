"""Weighted samples of values and when two of them cannot be of one distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.bench.compiled import Compiled, Table, canon
from plot import oracle
from plot.data import Pair, is_number, spine
from plot.decode import plain
from plot.errors import PlotError
from plot.syntax import Tree

FAILURE_RATE = 1e-9  # of one comparison, were the two the same
FEWEST = 25  # effective worlds; with fewer, nothing can be told
EXPECTED = 9  # hits and misses from which on a standard error means something
MOST_VALUES = 8  # indicators of one component


@dataclass(frozen=True, eq=False)
class Sample:
    """Values with weights that sum to one.

    Args:
      values: plain data.
      weights: float64 `[values]`.
      exact: whether the weights are probabilities and not estimates.
    """

    values: list[object]
    weights: np.ndarray
    exact: bool = False

    @property
    def size(self) -> float:
        """Effective number of independent values."""
        return math.inf if self.exact else float(1 / np.square(self.weights).sum())

    @property
    def telling(self) -> bool:
        return self.size >= FEWEST


@dataclass
class Comparison:
    """How two samples compare.

    Args:
      compared: indicators.
      beyond: of them, further apart than five standard errors.
      wrong: the first that is further apart than Bernstein's bound, in words.
    """

    compared: int = 0
    beyond: int = 0
    wrong: str = ""


def of_table(table: Table) -> Sample:
    """An exact table as a sample, its values as text."""
    return Sample(
        list(table.probabilities), np.array(list(table.probabilities.values())), exact=True
    )


def of_oracle(
    trees: Sequence[Tree], seed: int, worlds: int, budget: oracle.Budget
) -> Sample | None:
    """Worlds of the oracle by their weights; None where none has any."""
    try:
        found = oracle.importance(trees, np.random.default_rng(seed), worlds, budget)
    except PlotError:
        return None
    kept = [w for w in found.worlds if w.log_weight > -math.inf]
    return Sample([w.value for w in kept], _normal(np.array([w.log_weight for w in kept])))


def of_rows(program: Compiled, rows: np.ndarray) -> Sample | None:
    """Worlds of a back end by their weights; None where none has any."""
    logs = rows[0].astype(np.float64)
    kept = np.flatnonzero(np.isfinite(logs))
    if len(kept) == 0:
        return None
    values = [
        plain(
            program.value,
            {node: rows[1 + k, i] for k, node in enumerate(program.parts)},
            program.atoms,
        )
        for i in kept.tolist()
    ]
    return Sample(values, _normal(logs[kept]))


def _normal(logs: np.ndarray) -> np.ndarray:
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def compare(ours: Sample, theirs: Sample) -> Comparison:
    """Compare the probabilities of events that the values suggest."""
    out = Comparison()
    for name, left, right in _indicators(ours, theirs):
        p, q = float(ours.weights @ left), float(theirs.weights @ right)
        out.compared += 1
        middle = min(max((p + q) / 2, 0.0), 1.0)
        allowed = _bound(middle, ours.size) + _bound(middle, theirs.size)
        if abs(p - q) > allowed and not out.wrong:
            out.wrong = f"{name}: {p:.4g}, and {q:.4g} in the oracle (at most {allowed:.2g} apart)"
        sizes = 1 / ours.size + 1 / theirs.size
        error = math.sqrt(middle * (1 - middle) * sizes)
        if min(ours.size, theirs.size) * min(middle, 1 - middle) >= EXPECTED:
            out.beyond += abs(p - q) > 5 * error
    return out


def _bound(p: float, n: float) -> float:
    """How far a mean of n indicators strays from p, but for the failure rate (Bernstein)."""
    if math.isinf(n):
        return 1e-6
    rate = math.log(4 / FAILURE_RATE)
    spread = max(p * (1 - p), 1 / n)
    return math.sqrt(2 * spread * rate / n) + 2 * rate / (3 * n)


def _indicators(ours: Sample, theirs: Sample) -> list[tuple[str, np.ndarray, np.ndarray]]:
    if ours.exact:
        left = [str(v) for v in ours.values]
        return _texts("value", left, [canon(v) for v in theirs.values], theirs.weights)
    ours_by_part, theirs_by_part = (list(map(_parts, s.values)) for s in (ours, theirs))
    width = min(len(v) for v in (*ours_by_part, *theirs_by_part))
    out = []
    for i in range(width):
        a, b = [v[i] for v in ours_by_part], [v[i] for v in theirs_by_part]
        if all(is_number(x) and not isinstance(x, bool) for x in (*a, *b)):
            out += _numbers(f"part {i}", np.array(a, float), np.array(b, float))
        else:
            texts = [canon(x) for x in a], [canon(x) for x in b]
            out += _texts(f"part {i}", texts[0], texts[1], theirs.weights)
    return out


def _parts(value: object) -> list[object]:
    return spine(value)[0] if isinstance(value, Pair) else [value]


def _texts(
    name: str, left: list[str], right: list[str], weights: np.ndarray
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    mass: dict[str, float] = {}
    for text, weight in zip(right, weights, strict=True):
        mass[text] = mass.get(text, 0.0) + float(weight)
    common = sorted(mass, key=lambda t: -mass[t])[:MOST_VALUES]
    a, b = np.array(left, object), np.array(right, object)
    return [(f"{name} is {t}", (a == t).astype(float), (b == t).astype(float)) for t in common]


def _numbers(
    name: str, left: np.ndarray, right: np.ndarray
) -> list[tuple[str, np.ndarray, np.ndarray]]:
    out = []
    for q in (0.1, 0.35, 0.65, 0.9):
        edge = float(np.quantile(left, q))
        if not math.isfinite(edge):
            continue
        edge += 1e-3 * (1 + abs(edge))  # past values that many worlds share
        out.append((f"{name} below {edge:.4g}", (left < edge) * 1.0, (right < edge) * 1.0))
    return out
