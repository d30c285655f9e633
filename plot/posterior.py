"""A posterior: the distribution of a value over weighted worlds, and how far to trust it."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import PRNGKeyArray

from plot.compiler.values import Value
from plot.data import same, show
from plot.decode import numbers, outcomes, to_json, to_python
from plot.drawing import named
from plot.errors import EvaluationError, PlotError
from plot.simulate import Loss, Worlds
from plot.weights import (
    Estimate,
    Evidence,
    draw,
    effective_size,
    evidence,
    left_out,
    moments,
    normalise,
    quantile,
)

if TYPE_CHECKING:
    import pandas as pd
    from xarray import DataTree

LARGEST_LOG = math.log(sys.float_info.max)
QUANTILES = (0.025, 0.25, 0.5, 0.75, 0.975)
MOST_ROWS = 40  # distinct numbers up to which a table is shown as well


@dataclass(frozen=True)
class Row:
    """One outcome of a table: plain data, its probability and the standard error of that."""

    value: object
    probability: float
    standard_error: float

    @property
    def python(self) -> object:
        """The value as Python's own data: lists, tuples for pairs, text for names."""
        return to_python(self.value)


@dataclass(frozen=True)
class Chains:
    """Markov chains whose states are the worlds of a posterior, one chain after the other.

    Args:
      count: how many, all of one length.
      effective_size: independent draws that the states are worth.
      statistics: `[chains, draws]` each, of how the states came about, by ArviZ's names.
    """

    count: int
    effective_size: float
    statistics: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Posterior:
    """What a question comes to, over the worlds that remain.

    Args:
      question: the expression that was asked, as text.
      value: what it evaluated to.
      worlds: the worlds that remain.
      method: how they were found, `importance weighting`.
      notes: what was approximated or assumed.
      chains: where the worlds are states of chains.
    """

    question: str
    value: Value
    worlds: Worlds
    method: str
    notes: tuple[str, ...] = ()
    chains: Chains | None = None

    def __post_init__(self) -> None:
        drop = self._missing
        if drop.any() and drop.all():
            raise EvaluationError(f"`{self.question}` is not a number in any world that remains")

    @cached_property
    def _raw(self) -> np.ndarray | None:
        return numbers(self.value, self.worlds.rows, self.worlds.kept)

    @cached_property
    def _missing(self) -> np.ndarray:
        """`[kept]`, where a number came out as NaN."""
        return np.zeros(self.worlds.kept, bool) if self._raw is None else np.isnan(self._raw)

    @property
    def numeric(self) -> bool:
        """Whether the value is a number in every world."""
        return self._raw is not None

    @cached_property
    def weights(self) -> np.ndarray:
        """`[worlds]` that sum to one."""
        return normalise(self.worlds.log_weights[~self._missing])

    @cached_property
    def numbers(self) -> np.ndarray:
        """`[worlds]`, the value in each.

        Raises:
          EvaluationError: where the value is no number.
        """
        if self._raw is None:
            raise EvaluationError(f"`{self.question}` is not a number; ask for its table")
        return self._raw[~self._missing]

    @cached_property
    def losses(self) -> tuple[Loss, ...]:
        """Worlds that have no value, by cause."""
        count = int(self._missing.sum())
        if not count:
            return self.worlds.losses
        error = PlotError("the answer came out as not a number")
        return (*self.worlds.losses, Loss(error, count, count / self.worlds.drawn, False))

    @cached_property
    def evidence(self) -> Evidence:
        """The probability (density) of what was observed, by its logarithm."""
        return self.worlds.evidence or evidence(self.worlds.log_weights, self.worlds.drawn)

    @cached_property
    def effective_size(self) -> float:
        """How many independent, equally weighted worlds these are worth."""
        return self.chains.effective_size if self.chains else effective_size(self.weights)

    @cached_property
    def _families(self) -> np.ndarray | None:
        families = self.worlds.families
        return None if families is None else families[~self._missing]

    @cached_property
    def _moments(self) -> tuple[Estimate, Estimate]:
        mean, sd = moments(self.numbers, self.weights, self._families)
        if self.worlds.exact:
            return Estimate(mean.value, 0.0), Estimate(sd.value, 0.0)
        return mean, sd

    @property
    def mean(self) -> Estimate:
        """The mean, with its standard error."""
        return self._moments[0]

    @property
    def sd(self) -> Estimate:
        """The standard deviation, with its standard error."""
        return self._moments[1]

    def quantile(self, share: float) -> float:
        """The value below which this share of the mass lies."""
        if not 0 <= share <= 1:
            raise ValueError(f"a share lies between 0 and 1, and this is {share}")
        return quantile(self.numbers, self.weights, share)

    @cached_property
    def table(self) -> list[Row]:
        """Every outcome with its probability, the most probable first."""
        found = outcomes(self.value, self.worlds.rows, self.worlds.kept, self.worlds.atoms)
        index = found.index[~self._missing]
        share = np.bincount(index, self.weights, len(found.values))
        share /= share.sum()  # one, but for rounding
        error = self._errors(index, share)
        order = sorted(np.flatnonzero(share), key=lambda i: (-share[i], show(found.values[i])))
        return [Row(found.values[i], float(share[i]), float(error[i])) for i in order]

    def _errors(self, index: np.ndarray, share: np.ndarray) -> np.ndarray:
        """The standard errors of the shares of outcomes, `[outcomes]`.

        Args:
          index: `[worlds]`, the outcome of each.
          share: `[outcomes]`.
        """
        if self.worlds.exact:
            return np.zeros(len(share))
        weights, parts = self.weights, self.weights
        if self._families is not None:
            # The worlds of one family that have one outcome count as one.
            pairs = self._families * len(share) + index
            places, first, at = np.unique(pairs, return_index=True, return_inverse=True)
            parts = np.bincount(at, weights, len(places))
            shares = np.bincount(self._families, weights)
            index, family = index[first], self._families[first]
            scale = left_out(shares)
            parts, weights = parts * scale[family], shares * scale
            crossed = weights[family]
        else:
            crossed = weights
        squares = np.bincount(index, np.square(parts), len(share))
        across = np.bincount(index, parts * crossed, len(share))
        total = float(np.sum(np.square(weights)))
        return np.sqrt(np.maximum(squares - 2 * share * across + share**2 * total, 0))

    @cached_property
    def discrete(self) -> bool:
        """Whether a table says more than quantiles do."""
        return not self.numeric or len(np.unique(self.numbers)) <= MOST_ROWS

    def probability(self, value: object = True) -> Estimate:
        """How probable an outcome is."""
        for row in self.table:
            if same(row.value, value):
                return Estimate(row.probability, row.standard_error)
        return Estimate(0.0, 0.0)

    def sample(self, key: PRNGKeyArray, count: int) -> list[object]:
        """Independent draws of the value.

        Args:
          key: the seed.
          count: how many.
        """
        drawn = np.flatnonzero(~self._missing)[draw(key, self.weights, count)]
        rows = {node: row[drawn] for node, row in self.worlds.rows.items()}
        found = outcomes(self.value, rows, count, self.worlds.atoms)
        return [found.values[i] for i in found.index]

    def summary(self) -> dict[str, object]:
        """The result as plain data for JSON: `mean`, `sd`, `quantiles` of numbers, `table` of others."""
        out: dict[str, object] = {"question": self.question}
        if self.numeric:
            out |= {
                "mean": self.mean.value,
                "mean_standard_error": self.mean.standard_error,
                "sd": self.sd.value,
                "sd_standard_error": self.sd.standard_error,
                "quantiles": {f"{q:g}": self.quantile(q) for q in QUANTILES},
            }
        if self.discrete:
            out["table"] = [
                {
                    "value": to_json(r.value),
                    "probability": r.probability,
                    "standard_error": r.standard_error,
                }
                for r in self.table
            ]
        return out | {
            "method": self.method,
            "worlds": self.worlds.drawn,
            "worlds_kept": self.worlds.kept,
            "effective_sample_size": self.effective_size,
            "log_evidence": self.evidence.log,
            "log_evidence_standard_error": self.evidence.error,
            "lost": [
                {
                    "cause": loss.cause.message,
                    "worlds": loss.worlds,
                    "share": loss.share,
                    "budget": loss.budget,
                }
                for loss in self.losses
            ],
            "notes": [*self.worlds.notes, *self.notes],
            "backend": self.worlds.backend,
        }

    def to_pandas(self) -> pd.DataFrame:
        """The value and the weight in each world; see `plot.tables.to_pandas`."""
        from plot.tables import to_pandas

        return to_pandas(self)

    def to_arviz(self, key: PRNGKeyArray | None = None, draws: int | None = None) -> DataTree:
        """As ArviZ takes it; see `plot.tables.to_arviz`."""
        from plot.tables import to_arviz

        return to_arviz(self, key, draws)

    def _headline(self) -> str:
        if not self.numeric:
            return ""
        mean, sd = self.mean, self.sd
        marks = ", ".join(f"{q:.1%} {self.quantile(q):.4g}" for q in QUANTILES)
        return f"mean {mean.value:.5g} ± {mean.standard_error:.2g}, sd {sd.value:.5g}\nquantiles: {marks}"

    def _rows(self, most: int = 20) -> list[str]:
        if not self.discrete:
            return []
        lines = [
            f"{show(r.value)}: {r.probability:.4f} ± {r.standard_error:.1g}"
            for r in self.table[:most]
        ]
        rest = sum(r.probability for r in self.table[most:])
        return lines + ([f"{len(self.table) - most} more: {rest:.4f}"] if rest else [])

    def report(self) -> str:
        """How the answer was found, in one line and one more for each loss or note."""
        observed = ""
        if self.evidence.log != 0:
            log, e = self.evidence.log, self.evidence.error
            p = f"{math.exp(log):.4g} " if log < LARGEST_LOG else ""
            error = "" if self.worlds.exact else f" ± {e:.2g}"
            observed = f"; evidence has probability (or density) {p}(log {log:.4f}{error})"
        kept = f"{self.worlds.kept:,} outcomes"
        if not self.worlds.exact:
            kept = (
                f"{self.worlds.kept:,} of {self.worlds.drawn:,} worlds remain, "
                f"worth {self.effective_size:,.0f}"
            )
        head = f"{self.method}: {kept}{observed}"
        return "\n".join([head, *map(str, self.losses), *self.worlds.notes, *self.notes])

    def __str__(self) -> str:
        parts = [f"{self.question}", self._headline(), *self._rows(), self.report()]
        return "\n".join(p for p in parts if p)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(named(r.value))}</td><td>{r.probability:.4f}</td><td>± {r.standard_error:.1g}</td></tr>"
            for r in (self.table[:20] if self.discrete else [])
        )
        head = escape(self._headline()).replace("\n", "<br>")
        return (
            f"<div><code>{escape(self.question)}</code><br>{head}<table>{rows}</table>"
            f"<small>{escape(self.report())}</small></div>".replace("\n", "<br>")
        )

    def plot(self, axes: object = None) -> object:
        """Draw the distribution; returns the matplotlib axes.

        Args:
          axes: where to draw; a new figure where not given.
        """
        from plot.drawing import draw_posterior

        return draw_posterior(self, axes)


def as_church(posterior: Posterior) -> tuple[Sequence[object], Sequence[float]]:
    """A distribution as Church writes it: the values, and their probabilities."""
    return [r.value for r in posterior.table], [r.probability for r in posterior.table]
