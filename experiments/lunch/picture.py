"""The answers beside the reference and the exact values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.lunch import Answer

COLUMNS = 4
COLOUR = "#4477aa"


def answers_picture(answers: list[Answer]) -> Figure:
    """A panel for each question: probabilities, exact values, the reference's run where there is one."""
    from matplotlib.figure import Figure

    rows = -(-(len(answers) + 1) // COLUMNS)  # one for the legend
    figure = Figure(figsize=(4 * COLUMNS, 3.1 * rows), layout="constrained")
    panels = figure.subplots(rows, COLUMNS, squeeze=False)
    for axes, answer in zip(panels.flat, answers, strict=False):
        figures = answer.episode.figures
        names = [
            f.value if isinstance(f.value, str) else {True: "yes", False: "no"}[f.value]
            for f in figures
        ]
        found = [answer.estimates[f.name] for f in figures]
        places = range(len(figures))
        axes.bar(
            places,
            [e.value for e in found],
            yerr=[2 * e.standard_error for e in found],
            color=COLOUR,
            alpha=0.8,
            capsize=3,
            label="worlds (bars: 2 s.e.)",
        )
        axes.scatter(places, _given([f.exact for f in figures]), marker="_", s=900, color="black", label="exact")  # fmt: skip
        axes.scatter(
            places,
            _given([f.reference for f in figures]),
            marker="D",
            s=26,
            color="#cc6633",
            zorder=3,
            label="reference (an independent run)",
        )
        axes.set_xticks(places, names)
        axes.set_xlim(-0.5, max(len(figures), 2) - 0.5)
        axes.set_ylim(0, 1.2)
        axes.set_yticks(np.linspace(0, 1, 6))
        axes.set_ylabel("probability")
        source = "" if not answer.misread else "\n(some sentences as meant, not as read)"
        axes.set_title(f"{answer.episode.title}\n{answer.turn.sentence}{source}", fontsize=9)
        axes.annotate(
            f"n = {answer.posterior.worlds.kept:,} worlds (worth {answer.posterior.effective_size:,.0f})",
            (0.99, 0.985),
            xycoords="axes fraction",
            ha="right",
            va="top",
            fontsize=7,
        )
        axes.spines[["top", "right"]].set_visible(False)
    for axes in list(panels.flat)[len(answers) :]:
        axes.set_axis_off()
    handles, labels = panels.flat[0].get_legend_handles_labels()
    spare = list(panels.flat)[len(answers)]
    spare.legend(handles, labels, loc="center", fontsize=9, frameon=False)
    return figure


def _given(values: list[float | None]) -> list[float]:
    """What matplotlib leaves out where there is none."""
    return [math.nan if value is None else value for value in values]
