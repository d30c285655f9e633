"""What the net is good for: the same picture looked at from the prior, with as many scenes."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from plot.errors import ImpossibleEvidence
from plot.weights import effective_size

if TYPE_CHECKING:
    from experiments.common import Experiment
    from experiments.scenes.quadrature import Sums
    from models.worlds.scenes.seeing import Seen
    from plot.world import Question

CLOSE = 1.0  # nats from the sums within which the evidence of a run that found the scene lies
NAMES = {"seen": "from the net", "seen_without_the_net": "from the prior"}


def compare(
    run: Experiment,
    picture: np.ndarray,
    scenes: int,
    key: Any,
    question: Question,
    exact: Sums,
    seen: Seen,
) -> None:
    """Look at a picture from the prior, and record how either start fares; figures go to the run.

    Args:
      run: of the experiment.
      picture: of the table.
      scenes: of each run.
      key: the seed of the runs from the net.
      question: of which the world was told nothing.
      exact: the sums.
      seen: what the net's runs found.
    """
    from models.worlds.scenes.seeing import Seeing, SeeingOptions

    engine = Seeing(picture, SeeingOptions(scenes=scenes, network=False))
    found: dict[str, Seen] = {"seen": seen}
    with run.stage("the picture, without the net"):
        began = time.perf_counter()
        try:
            found["seen_without_the_net"] = engine.seen(key, question)
        except ImpossibleEvidence as error:
            run.figure("seen_without_the_net_runs_close", 0.0, note=error.message)
        seconds = time.perf_counter() - began
    run.figure("seen_without_the_net_seconds", seconds, unit="s")
    if "seen_without_the_net" in found:
        other = found["seen_without_the_net"]
        doubt = _doubt(other)
        run.figure(
            "seen_without_the_net_log_evidence",
            other.evidence.log,
            None if doubt else other.evidence.error,
            exact=exact.log_evidence,
            exact_standard_error=exact.error,
            note=doubt,
        )
        worth(run, "seen_without_the_net", other)
    for name, one in found.items():
        _record(run, name, one, exact)
    run.save_figure(_picture(found, exact, scenes), "net.png")


def worth(run: Experiment, name: str, seen: Seen) -> None:
    """Record what runs and the draws that they descend from are worth."""
    run.figure(f"{name}_runs_worth", seen.worth, n=seen.tried)
    ancestry = seen.ancestry
    run.figure(f"{name}_ancestors_worth", effective_size(ancestry), n=len(ancestry))


def _record(run: Experiment, name: str, seen: Seen, exact: Sums) -> None:
    """How hard it was to find scenes, and how many runs did."""
    logs = np.array([one.log_evidence for one in seen.runs])
    steps = [one.steps for one in seen.runs]
    run.figure(f"{name}_steps", float(np.mean(steps)), n=len(steps), note="mean over the runs")
    run.figure(
        f"{name}_runs_close",
        float(np.sum(np.abs(logs - exact.log_evidence) < CLOSE)),
        n=seen.tried,
        note=f"runs whose log evidence is within {CLOSE:g} of the sums",
    )
    run.figure(f"{name}_worst_log_evidence", float(logs.min()), exact=exact.log_evidence)


def _doubt(seen: Seen) -> str:
    """Where the standard error of runs says nothing, as one of them outweighs all others."""
    from models.worlds.scenes.seeing import FEW

    if seen.worth >= FEW:
        return ""
    return f"no standard error: the runs are worth {seen.worth:.1f} by their evidence"


def _picture(found: dict[str, Seen], exact: Sums, scenes: int) -> Any:
    """Where each run ended, and after how many steps."""
    from plot.figure import Picture

    figure = Picture(figsize=(6, 3.8), layout="constrained")
    axes = figure.subplots()
    most, least, last = 1.0, 0.0, 0
    for (name, seen), mark in zip(found.items(), "o^", strict=False):
        lacking = [exact.log_evidence - one.log_evidence for one in seen.runs]
        steps = [one.steps for one in seen.runs]
        most, least, last = max(most, *lacking), min(least, *lacking), max(last, *steps)
        label = f"{NAMES[name]}: {len(steps)} runs worth {seen.worth:.1f}"
        axes.plot(steps, lacking, mark, label=label, alpha=0.7)
    axes.axhline(0, color="0.6", linewidth=0.8)
    axes.text(0.01, -0.04, "sums", transform=axes.get_yaxis_transform(), fontsize=7)
    axes.set_yscale("symlog", linthresh=1)
    ticks = [-1, 0, *(10**k for k in range(math.ceil(math.log10(most)) + 1))]
    axes.set_yticks(ticks, map(str, ticks), minor=False)
    axes.minorticks_off()
    axes.set_ylim(2 * most, min(1.2 * least, -1))
    axes.set_xlim(0, 1.1 * last)
    axes.set_xlabel("steps from the start to the posterior")
    axes.set_ylabel("log evidence: nats below the sums")
    axes.legend(fontsize=8, frameon=False, loc="lower left")
    axes.set_title(f"Runs of {scenes} scenes led to one picture", fontsize=10)
    return figure
