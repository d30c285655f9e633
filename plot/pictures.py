"""What programs ask to see: `hist`, `density`, `barplot`, `scatter`, `lineplot`, as text and drawn."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from plot.data import NIL, Pair, is_list, is_number, show, to_list
from plot.drawing import TRUTHS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROWS = 12  # values that a text shows, and bars of a picture
DISTINCT = 20  # numbers that are shown one by one; more are summed up
MOST_BINS = 60
COLOUR = "#4477aa"
PICTURES = ("hist", "density", "barplot", "scatter", "lineplot")


@dataclass(frozen=True)
class Picture:
    """A request for a picture.

    Args:
      kind: one of `PICTURES`.
      arguments: of the call.
    """

    kind: str
    arguments: tuple[object, ...]

    @property
    def title(self) -> str:
        """The text among the arguments, or the kind."""
        texts = [x for x in self.arguments if isinstance(x, str)]
        return texts[0] if texts else self.kind

    @property
    def items(self) -> list[object]:
        """The elements of the first argument; the argument itself where it is no list."""
        if not self.arguments:
            return []
        first = self.arguments[0]
        return to_list(first) if is_list(first) else [first]

    @property
    def points(self) -> list[tuple[object, object]] | None:
        """The picture's pairs, or None where it has others things than pairs.

        A bar plot has a list of labels and a list of heights; the others have a list of pairs.
        """
        items = self.items
        if self.kind == "barplot" and len(items) == 2 and all(map(is_list, items)):
            return list(zip(to_list(items[0]), to_list(items[1]), strict=False))
        found = []
        for item in items:
            if not isinstance(item, Pair):
                return None
            second = item.rest.first if isinstance(item.rest, Pair) else item.rest
            if second is NIL:
                return None
            found.append((item.first, second))
        return found

    @property
    def numbers(self) -> np.ndarray | None:
        """The values as float64 `[n]`, or None where one is no number, or there is none."""
        items = self.items
        if not items or not all(map(is_number, items)):
            return None
        return np.array(items, np.float64)

    @property
    def summed_up(self) -> bool:
        """Whether there are so many different numbers that their distribution is shown."""
        x = self.numbers
        if x is None or not np.isfinite(x).all():
            return False
        return self.kind == "density" or len(np.unique(x)) > DISTINCT

    def shares(self) -> list[tuple[str, float]]:
        """Each different value and its share, the most frequent first."""
        counts = Counter(map(show, self.items))
        total = max(1, counts.total())
        return [(value, count / total) for value, count in counts.most_common()]

    def __str__(self) -> str:
        return "\n".join([f"{self.title}:", *(f"  {line}" for line in self._lines())])

    def _lines(self) -> list[str]:
        if self.kind in ("hist", "density"):
            return self._distribution()
        points = self.points
        if points is None:
            return [show(x, 80) for x in self.arguments if not isinstance(x, str)]
        lines = [f"{show(x, 40)}: {show(y, 40)}" for x, y in points[:ROWS]]
        more = len(points) - ROWS
        return lines + ([f"and {more} more"] if more > 0 else [])

    def _distribution(self) -> list[str]:
        n = f"n = {len(self.items):,}"
        x = self.numbers
        if x is not None and self.summed_up:
            low, middle, high = np.quantile(x, (0.025, 0.5, 0.975))
            sd = x.std(ddof=1) if len(x) > 1 else math.nan
            spread = f"mean {x.mean():.5g} ± {sd / math.sqrt(len(x)):.2g}, sd {sd:.4g}"
            return [f"{spread}, {n}", f"2.5% {low:.4g}, 50% {middle:.4g}, 97.5% {high:.4g}"]
        rows = self.shares()
        lines = [f"{value[:80]}: {share:.4f}" for value, share in rows[:ROWS]]
        rest = math.fsum(share for _, share in rows[ROWS:])
        more = [f"{len(rows) - ROWS} more: {rest:.4f}"] if rest else []
        return [*lines, *more, n]

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw it; returns the matplotlib axes.

        Args:
          axes: where to draw; a new figure where not given.
        """
        if axes is None:
            from plot.figure import Picture

            axes = Picture(figsize=(5, 3), layout="constrained").subplots()
        axes.set_title(self.title, fontsize=9)
        axes.spines[["top", "right"]].set_visible(False)
        points = self.points if self.kind not in ("hist", "density") else None
        if self.kind in ("hist", "density"):
            self._draw_distribution(axes)
        elif points is None or not all(is_number(y) for _, y in points):
            axes.text(0.5, 0.5, "these are no pairs of numbers", ha="center", va="center")
        elif self.kind == "barplot" or not all(is_number(x) for x, _ in points):
            _bars(axes, _in_order([(show(x), float(y)) for x, y in points]), "height")  # type: ignore[arg-type]
        else:
            x, y = (np.array(part, np.float64) for part in zip(*points, strict=True))
            axes.plot(x, y, "-" if self.kind == "lineplot" else ".", color=COLOUR)
            axes.set_xlabel(f"first of each pair (n = {len(points):,})")
            axes.set_ylabel("second")
        return axes

    def _draw_distribution(self, axes: Any) -> None:
        n = f"n = {len(self.items):,}"
        x = self.numbers
        if x is not None and self.summed_up:
            bins = min(MOST_BINS, max(8, math.isqrt(len(x))))
            axes.hist(x, bins=bins, density=True, color=COLOUR, alpha=0.8)
            axes.axvline(x.mean(), color="black", linewidth=1)
            axes.set_xlabel(f"value (line: mean {x.mean():.4g}; {n})")
            axes.set_ylabel("density")
            return
        rows = self.shares()[:ROWS]
        rest = len(self.shares()) - len(rows)
        _bars(axes, _in_order(rows), f"share of {n}", rest)


def _in_order(rows: list[tuple[str, float]]) -> list[tuple[str, float]]:
    """Rows by their values, where all of them are numbers."""
    try:
        return sorted(rows, key=lambda row: float(row[0]))
    except ValueError:
        return rows


def _bars(axes: Any, rows: list[tuple[str, float]], label: str, hidden: int = 0) -> None:
    shown = rows[:ROWS]
    hidden += len(rows) - len(shown)
    names = [TRUTHS.get(n, n if len(n) <= 24 else n[:23] + "…") for n, _ in shown]
    places = np.arange(len(shown))
    axes.bar(places, [height for _, height in shown], color=COLOUR)
    turn = sum(map(len, names)) > 60
    axes.set_xticks(places, names, rotation=30 if turn else 0, ha="right" if turn else "center")
    axes.set_ylabel(label)
    if hidden:
        axes.set_xlabel(f"{hidden} more are not shown")
