"""The picture of the experiment: model against people, a point a pattern."""

from __future__ import annotations

import numpy as np

from experiments.ping_pong.patterns import PATTERNS
from plot.figure import Picture

WON, LOST = "#4477aa", "#cc6677"
# Where the number of a pattern stands beside its point, in points: clear of neighbours and bars.
RIGHT, LEFT = (8, 3), (-8, 3)
LOW_RIGHT, LOW_LEFT = (8, -4), (-8, -4)
PLACES = {
    4: LEFT,
    8: LOW_RIGHT,
    9: LOW_LEFT,
    11: LEFT,
    12: LOW_LEFT,
    13: LOW_RIGHT,
    14: LOW_RIGHT,
    15: LEFT,
    17: LEFT,
    18: LEFT,
    20: LEFT,
}


def draw(
    model: np.ndarray,
    model_errors: np.ndarray,
    people: np.ndarray,
    people_errors: np.ndarray | None,
    r: float,
    raters: int,
) -> Picture:
    """Model means against mean ratings.

    Args:
      model, model_errors: `[20]`, A's mean strength and its standard error.
      people: `[20]`, mean ratings.
      people_errors: `[20]`, their standard errors, where individual ratings are known.
      r: Pearson's correlation of the two.
      raters: how many people rated.
    """
    figure = Picture(figsize=(9, 5.4), layout="constrained")
    axes, key = figure.subplots(1, 2, width_ratios=(3, 1))
    slope, start = np.polyfit(model, people, 1)
    ends = np.array([model.min() - 0.3, model.max() + 0.3])
    axes.plot(ends, start + slope * ends, color="0.75", linewidth=1, zorder=0)
    reverse = np.array([p.reversed for p in PATTERNS])
    for which, colour, label in (
        (~reverse, WON, "odd patterns"),
        (reverse, LOST, "the same, outcomes reversed"),
    ):
        axes.errorbar(
            model[which],
            people[which],
            xerr=2 * model_errors[which],
            yerr=None if people_errors is None else 2 * people_errors[which],
            fmt="o",
            markersize=4,
            linewidth=0.8,
            color=colour,
            label=label,
        )
    for pattern, x, y in zip(PATTERNS, model, people, strict=True):
        offset = PLACES.get(pattern.number, RIGHT)
        axes.annotate(
            str(pattern.number),
            (x, y),
            offset,
            textcoords="offset points",
            fontsize=8,
            ha="center",
            va="center",
        )
    axes.set_xlabel("model: posterior mean of A's strength (prior mean 10, sd 3)")
    axes.set_ylabel("people: mean rating of A's strength (-50 to 50)")
    bars = "of the model (within the points)" if people_errors is None else "of both"
    axes.set_title(
        f"Player A after three matches: r = {r:.3f} over {len(model)} patterns\n"
        f"n = {raters} people; bars are 2 standard errors {bars}",
        fontsize=10,
    )
    axes.legend(frameon=False, loc="upper left", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    key.axis("off")
    lines = [f"{p.number:>2}  {p}" for p in PATTERNS]
    key.text(
        0,
        1,
        "patterns (A>B: A beat B)\n\n" + "\n".join(lines),
        va="top",
        fontsize=8,
        family="monospace",
    )
    return figure
