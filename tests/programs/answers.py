"""Answers in one form, whoever computed them: values with weights, and how far to trust them."""

from __future__ import annotations

import math
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import jax
import numpy as np

from plot import oracle
from plot.backends import Backend
from plot.data import is_number, key
from plot.errors import BudgetError
from plot.outcome import Distribution
from plot.posterior import Posterior
from plot.program import Options, OracleWarning, run_program
from plot.reader import read
from plot.syntax import Tree
from plot.weights import Estimate, effective_size, evidence, moments, normalise, quantile

WORLDS = 20_000
ORACLE_WORLDS = 500
ORACLE_RUNS = (150, 2_000)  # of an enumeration; more where the mass left out is too much
SINGLE, DOUBLE = 1e-4, 1e-9  # relative rounding
NOTHING = 1e-12  # mass that rounding alone may lose


@dataclass(frozen=True, eq=False)
class Found:
    """An answer.

    Args:
      values: plain data.
      weights: `[values]`, sum to one.
      size: the effective number of worlds; infinite where the answer is exact.
      log_evidence: of what was observed.
      log_evidence_error: its standard error.
      lost: the share of worlds that errors or budgets ended.
      rounding: relative, of the numbers in `values`.
    """

    values: Sequence[object]
    weights: np.ndarray
    size: float = math.inf
    log_evidence: float = 0.0
    log_evidence_error: float = 0.0
    lost: float = 0.0
    rounding: float = DOUBLE

    @property
    def exact(self) -> bool:
        return self.size == math.inf

    @cached_property
    def table(self) -> list[tuple[object, float]]:
        """Distinct values and their probabilities."""
        places: dict[object, int] = {}
        values: list[object] = []
        for value in self.values:
            if places.setdefault(key(value), len(values)) == len(values):
                values.append(value)
        index = [places[key(value)] for value in self.values]
        masses = np.bincount(index, self.weights, len(values))
        return [(v, float(p)) for v, p in zip(values, masses, strict=True)]

    @cached_property
    def _numbers(self) -> np.ndarray:
        assert all(is_number(v) for v in self.values), "a mean is expected of what is no number"
        return np.array(self.values, np.float64)

    @cached_property
    def moments(self) -> tuple[Estimate, Estimate]:
        """Mean and standard deviation."""
        return moments(self._numbers, self.weights)

    def quantile(self, share: float) -> float:
        """The value below which a share of the mass lies."""
        return quantile(self._numbers, self.weights, share)


def from_distribution(result: Distribution) -> Found:
    """The answer of a query, from what the package reports of it."""
    said = result.summary()
    lost = math.fsum(entry["share"] for entry in said.get("lost", []))  # type: ignore[union-attr]
    head = {
        "log_evidence": float(said.get("log_evidence", 0.0)),  # type: ignore[arg-type]
        "log_evidence_error": float(said.get("log_evidence_standard_error", 0.0)),  # type: ignore[arg-type]
        "size": float(said.get("effective_sample_size", math.inf)),  # type: ignore[arg-type]
        "lost": lost,
        "rounding": SINGLE,
    }
    if isinstance(result, Posterior) and result.numeric:
        return Found(result.numbers.tolist(), result.weights, **head)
    rows = result.table
    return Found([r.value for r in rows], np.array([r.probability for r in rows]), **head)


def run(text: str, name: str, backend: Backend, worlds: int | None) -> tuple[Found, str]:
    """A program's last outcome on a back end, and why the compiler refused it, if it did."""
    seed = jax.random.key(zlib.crc32(name.encode()))
    options = Options(worlds=worlds or WORLDS, backend=backend)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        outcomes = run_program(text, key=seed, options=options, name=name)
    refused = [str(w.message) for w in caught if issubclass(w.category, OracleWarning)]
    last = [outcome for outcome in outcomes if outcome.kind != "display"][-1]
    if isinstance(last.result, Distribution):
        return from_distribution(last.result), "".join(refused)
    return Found([last.result], np.ones(1), rounding=SINGLE), "".join(refused)


def run_oracle(text: str, name: str, lost: float, worlds: int | None = None) -> Found:
    """A program's answer by the oracle: exact where its choices can be listed, else sampled.

    Args:
      lost: mass that an enumeration may leave out.
      worlds: worlds to sample, where an enumeration is not worth trying.
    """
    trees = read(text, name)
    try:
        for runs in () if worlds else ORACLE_RUNS:
            exact = _enumerated(trees, runs, lost)
            if exact is not None:
                return exact
    except oracle.NotEnumerable:
        pass
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    drawn = oracle.importance(trees, rng, worlds or ORACLE_WORLDS)
    kept = [w for w in drawn.worlds if w.log_weight > -math.inf]
    logs = np.array([w.log_weight for w in kept])
    weights, total = normalise(logs), evidence(logs, len(drawn.worlds))
    return Found(
        [w.value for w in kept],
        weights,
        effective_size(weights),
        total.log,
        total.error,
        drawn.lost_share,
    )


def _enumerated(trees: list[Tree], runs: int, lost: float) -> Found | None:
    """The exact answer, or None where the choices are too many."""
    try:
        exact = oracle.enumerate(trees, oracle.Budget(executions=runs))
    except BudgetError:
        return None
    gone = exact.lost_mass + exact.died
    if gone > lost + NOTHING:
        return None
    values, weights = [v for v, _ in exact.table], np.array([p for _, p in exact.table])
    return Found(values, weights, log_evidence=exact.log_evidence, lost=gone)
