"""Rows of worlds that are resampled again and again, put in order only when they are read.

A filter resamples after each observation, and seldom looks at old states: so each row stays as it was
written, and who descends from whom is kept beside it. Beliefs that follow each other share both.

Source: Jacob, Murray and Rubenthaler, Path storage in the particle filter (2015), for the paths as a tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from plot.compiler.graph import Node


class Lineage(Mapping[Node, np.ndarray]):
    """Rows by node, each `[worlds]`, in the order of the worlds that there are now.

    Args:
      rows: of some nodes, `[worlds]`.

    >>> from plot.compiler.graph import Graph
    >>> site = Graph().site("normal", "x")
    >>> before = Lineage({site: np.array([1.0, 2.0, 3.0])})
    >>> before.chosen(np.array([2, 2, 0]))[site].tolist(), before[site].tolist()
    ([3.0, 3.0, 1.0], [1.0, 2.0, 3.0])
    """

    def __init__(self, rows: Mapping[Node, np.ndarray] | None = None):
        # Of each node its row, and how many resamplings there had been when it was written.
        self._rows: dict[Node, tuple[np.ndarray, int]] = {
            n: (r, 0) for n, r in (rows or {}).items()
        }
        self._ancestors: tuple[np.ndarray, ...] = ()
        self._descent: list[np.ndarray] = []  # through the last resampling, the last two, ...

    @classmethod
    def of(
        cls, rows: Mapping[Node, tuple[np.ndarray, int]], ancestors: Sequence[np.ndarray]
    ) -> Lineage:
        """Rows that were written at different times.

        Args:
          rows: of each node its row, and how many resamplings there had been when it was written.
          ancestors: of each resampling, as for `chosen`.
        """
        return cls()._with(dict(rows), tuple(ancestors))

    def _with(
        self, rows: dict[Node, tuple[np.ndarray, int]], ancestors: tuple[np.ndarray, ...]
    ) -> Lineage:
        oldest = min((written for _, written in rows.values()), default=len(ancestors))
        found = Lineage()
        found._rows = {n: (r, w - oldest) for n, (r, w) in rows.items()} if oldest else rows
        found._ancestors = ancestors[oldest:]
        return found

    def chosen(self, ancestors: np.ndarray) -> Lineage:
        """After a resampling.

        Args:
          ancestors: int `[worlds]`, of each world, which of those before it descends from.
        """
        return self._with(self._rows, (*self._ancestors, ancestors.astype(np.int32)))

    def updated(self, rows: Mapping[Node, np.ndarray]) -> Lineage:
        """With these rows, new or in the place of others."""
        now = len(self._ancestors)
        return self._with({**self._rows, **{n: (r, now) for n, r in rows.items()}}, self._ancestors)

    def __getitem__(self, node: Node) -> np.ndarray:
        row, written = self._rows[node]
        since = len(self._ancestors) - written
        while len(self._descent) < since:
            earlier = self._ancestors[-1 - len(self._descent)]
            self._descent.append(earlier[self._descent[-1]] if self._descent else earlier)
        return row[self._descent[since - 1]] if since else row

    def __contains__(self, node: object) -> bool:
        return node in self._rows

    def __iter__(self) -> Iterator[Node]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
