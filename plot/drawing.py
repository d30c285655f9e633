"""Pictures of posteriors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plot.data import show

if TYPE_CHECKING:
    from plot.posterior import Posterior

BARS = 12  # outcomes shown by name
BINS = 60
COLOUR = "#4477aa"
TRUTHS = {"#t": "yes", "#f": "no"}  # how pictures and tables write truth values


def draw_posterior(posterior: Posterior, axes: Any = None, colour: str = COLOUR) -> Any:
    """Draw a histogram of numbers, or bars for the most probable outcomes.

    Args:
      posterior: what to draw.
      axes: matplotlib axes; a new figure where not given.
      colour: of the bars.

    Returns:
      The axes, labelled with the question, the number of worlds and the effective size.
    """
    if axes is None:
        from plot.figure import Picture

        axes = Picture(figsize=(5, 3), layout="constrained").subplots()
    axes.set_title(posterior.question, fontsize=9)
    if posterior.discrete:
        _bars(posterior, axes, colour)
    else:
        _histogram(posterior, axes, colour)
    axes.annotate(
        f"n = {posterior.worlds.kept:,} worlds (worth {posterior.effective_size:,.0f})",
        (0.99, 0.98),
        xycoords="axes fraction",
        ha="right",
        va="top",
        fontsize=7,
    )
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def named(value: object) -> str:
    """A value as people read it: truth values are yes and no.

    >>> named(True), named("abc")
    ('yes', '"abc"')
    """
    text = show(value)
    return TRUTHS[text] if isinstance(value, bool) else text


def label(value: object, most: int = 24) -> str:
    """The same, cut where it is long.

    Args:
      value: plain data.
      most: letters.

    >>> label(True), label("abcdef", 4)
    ('yes', '"ab…')
    """
    text = named(value)
    return text if len(text) <= most else text[: most - 1] + "…"


def _bars(posterior: Posterior, axes: Any, colour: str) -> None:
    rows = posterior.table[:BARS]
    if posterior.numeric:
        rows = sorted(rows, key=lambda r: float(str(r.value)))
    if all(isinstance(r.value, bool) for r in rows):
        rows = sorted(rows, key=lambda r: not r.value)
    names = [label(r.value) for r in rows]
    places = np.arange(len(rows))
    chances = [r.probability for r in rows]
    errors = [2 * r.standard_error for r in rows]
    axes.bar(places, chances, yerr=errors, color=colour, capsize=3, error_kw={"linewidth": 1})
    turn = sum(map(len, names)) > 60
    axes.set_xticks(places, names, rotation=30 if turn else 0, ha="right" if turn else "center")
    axes.set_ylim(0, min(1.18, max(c + e for c, e in zip(chances, errors, strict=True)) * 1.18))
    axes.set_ylabel("probability (bars: 2 s.e.)")
    left = sum(r.probability for r in posterior.table[BARS:])
    if left:
        axes.set_xlabel(f"{len(posterior.table) - BARS} more outcomes: {left:.3f}")


def _histogram(posterior: Posterior, axes: Any, colour: str) -> None:
    x, weights = posterior.numbers, posterior.weights
    low, high = posterior.quantile(0.001), posterior.quantile(0.999)
    room = 0.05 * (high - low)
    axes.hist(
        x,
        bins=BINS,
        range=(low - room, high + room),
        weights=weights,
        density=True,
        color=colour,
        alpha=0.8,
    )
    mean, sd = posterior.mean, posterior.sd
    axes.axvline(mean.value, ymax=0.88, color="black", linewidth=1)
    axes.set_xlabel(
        f"value (line: mean {mean.value:.4g} ± {mean.standard_error:.1g}, sd {sd.value:.3g})"
    )
    axes.set_ylabel("density")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.12)
