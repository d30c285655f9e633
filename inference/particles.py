"""Weighted worlds with their rows, and where they come from."""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from inference.lineage import Lineage
from plot.compiler.graph import Node
from plot.weights import Evidence, effective_size, normalise


@dataclass(frozen=True, eq=False)
class Particles:
    """Worlds, properly weighted for what has been observed.

    The mean of a function under the weights estimates its posterior mean, and `exp(log_evidence)` is an
    unbiased estimate of the probability (density) of what was observed.

    Args:
      rows: of each site that has mattered, float32 `[worlds]`.
      log_weights: float64 `[worlds]`, since the last resampling.
      families: int `[worlds]`, the world of the prior that each descends from.
      log_evidence: up to the last resampling.
      resamplings: how many there have been that drew ancestors independently.
      lanes: of some draws, the values that these rows give them, float32 `[worlds]`: what is made of
        them later need not begin at the rows.
    """

    rows: Lineage
    log_weights: np.ndarray
    families: np.ndarray
    log_evidence: float = 0.0
    resamplings: int = 0
    lanes: Lineage = field(default_factory=Lineage)

    @classmethod
    def of_prior(cls, worlds: int) -> Particles:
        """Worlds of which nothing has been drawn or observed."""
        return cls(Lineage(), np.zeros(worlds), np.arange(worlds))

    @property
    def worlds(self) -> int:
        """How many there are."""
        return len(self.log_weights)

    @property
    def possible(self) -> bool:
        """Whether any of them has weight."""
        return bool(np.isfinite(self.log_weights).any())

    @property
    def weights(self) -> np.ndarray:
        """`[worlds]` that sum to one."""
        return normalise(self.log_weights)

    @property
    def effective_size(self) -> float:
        """How many equally weighted worlds these are worth, by their weights alone."""
        return effective_size(self.weights) if self.possible else 0.0

    @property
    def ancestors(self) -> int:
        """How many worlds of the prior still have descendants with weight."""
        return len(np.unique(self.families[np.isfinite(self.log_weights)]))

    @cached_property
    def evidence(self) -> Evidence:
        """The evidence, with an error that counts each family as one draw.

        The factor of that estimator takes out what independent draws of ancestors add to the sum of
        squares. Systematic and stratified resampling add next to nothing, so there it is not taken.

        Source: Lee and Whiteley, Variance estimation in the particle filter (2018), equation 3.
        """
        n = self.worlds
        top = float(np.max(self.log_weights))
        log = self.log_evidence + top + math.log(np.exp(self.log_weights - top).mean())
        shares = np.bincount(self.families, self.weights, n)
        spread = 1 - (n / max(n - 1, 1)) ** (self.resamplings + 1) * (
            1 - float(np.square(shares).sum())
        )
        return Evidence(log, math.sqrt(max(spread, 0.0)))

    def weighed(self, increments: np.ndarray) -> Particles:
        """The same worlds with more log weight, `[worlds]`."""
        return replace(self, log_weights=self.log_weights + increments)

    @property
    def held(self) -> Mapping[Node, np.ndarray]:
        """Rows and lanes."""
        return ChainMap(self.rows, self.lanes)  # type: ignore[arg-type]

    def with_rows(self, rows: Mapping[Node, np.ndarray]) -> Particles:
        """The same worlds, with rows drawn or moved; where some have moved, lanes are not kept."""
        moved = any(site in self.rows for site in rows)
        return replace(self, rows=self.rows.updated(rows), lanes=Lineage() if moved else self.lanes)

    def with_lanes(self, lanes: Mapping[Node, np.ndarray]) -> Particles:
        """The same worlds, with more values of draws."""
        return replace(self, lanes=self.lanes.updated(lanes))

    def chosen(self, ancestors: np.ndarray, independent: bool) -> Particles:
        """The worlds that go on after resampling, equally weighted.

        Args:
          ancestors: int, one for each world that goes on.
          independent: whether each was drawn on its own, as in multinomial resampling.
        """
        top = float(np.max(self.log_weights))
        mean = top + math.log(np.exp(self.log_weights - top).mean())
        return Particles(
            self.rows.chosen(ancestors),
            np.zeros(len(ancestors)),
            self.families[ancestors],
            self.log_evidence + mean,
            self.resamplings + independent,
            self.lanes.chosen(ancestors),
        )
