"""Measures of doubt about readings, compared: which tells right from wrong, and how far they are off.

`python -m experiments translation --doubt` takes them of every sentence that was read.

Sources: Hanley and McNeil 1982 (AUROC); Efron 1979 (the bootstrap); Platt 1999 (scaling).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from plot.weights import Estimate

if TYPE_CHECKING:
    from experiments.common import Experiment
    from models.meaning.translate import Readings

DEFAULT = "confidence"  # what a conversation states and asks back by
# One minus these is a stated probability.
PROBABILITIES = (DEFAULT, "probability of the first reading", "best", "judged by the model")
# What the measures are, where their names alone do not say it.
LABELS = {
    DEFAULT: "stated confidence",
    "best": "probability of the first meaning",
    "meanings": "entropy over meanings",
    "texts": "entropy over texts",
    "kernel": "kernel entropy",
    "margin": "margin",
    "spread": "disagreement in the graph",
    "clusters": "eigenvalues of the graph",
    "surprise": "surprise per token",
    "unclear": "probability of (unclear)",
    "judged by the model": "judged by the untrained model",
}
FOLDS = 10  # of the cross-validation of what turns a measure into a probability
RESAMPLES = 1000


@dataclass(frozen=True)
class Compared:
    """How good one measure of doubt is.

    Args:
      name: of the measure.
      auroc: the probability that a wrong reading has more of it than a right one.
      lead: the AUROC less that of `confidence`, on the same sentences.
      calibration: how far its stated probabilities are off; None where it states none.
      log_loss: in nats, of the probabilities that two fitted numbers make of it, on sentences that they
        were not fitted to; the entropy of right and wrong is what a measure that says nothing comes to.
    """

    name: str
    auroc: Estimate
    lead: Estimate
    calibration: float | None
    log_loss: Estimate


def measures(world: Any, meaning: Any) -> Callable[[Readings], dict[str, float]]:
    """What measures doubt about readings of one world; all are larger where there is more of it.

    Args:
      world: that the sentences are about.
      meaning: its `Meaning`.
    """
    from models.meaning.doubt import doubt
    from models.meaning.prompt import continuation, prefix
    from models.meaning.self_doubt import (
        relevance,
        self_judged,
        token_log_probabilities,
        weighted_surprise,
    )
    from models.words.model import embedded
    from models.words.vectors import mean_embeddings

    model, base = meaning.model, embedded(adapter=False)
    encode = model.tokenizer.encode
    after = model.prefix(encode(prefix(world.vocabulary)))
    asked = base.prefix(encode(prefix(world.vocabulary)))

    def measure(found: Readings) -> dict[str, float]:
        tokens = encode(found.best.text)
        pieces = [model.tokenizer.decode([t]) for t in tokens]
        prompt = model.prefix(encode(continuation(found.sentence)), after=after)
        log_p = token_log_probabilities(model, prompt, tokens)
        matters = relevance(pieces, lambda texts: mean_embeddings(base, texts))
        return {
            DEFAULT: 1 - found.confidence,
            "probability of the first reading": 1 - found.best.probability * (1 - found.unclear),
            **{name.replace("_", " "): v for name, v in asdict(doubt(world, found)).items()},
            "predictive entropy": found.predictive_entropy,
            "relevance-weighted tokens": weighted_surprise(log_p, matters),
            "judged by the model": 1 - self_judged(base, asked, found.sentence, found.best.text),
        }

    return measure


def compared(doubts: Sequence[Mapping[str, float]], correct: np.ndarray) -> list[Compared]:
    """Each measure beside the others, the best first.

    Args:
      doubts: of each sentence, by the names of the measures.
      correct: `[n]`, whether its first reading is right.

    Raises:
      ValueError: where all is right, or all is wrong.
    """
    from inference.calibration import auroc, calibration_error

    values = {name: np.array([d[name] for d in doubts]) for name in doubts[0]}
    rng = np.random.default_rng(0)
    draws = [rng.integers(len(correct), size=len(correct)) for _ in range(RESAMPLES)]
    draws = [d for d in draws if correct[d].any() and not correct[d].all()]
    again = {
        name: np.array([auroc(-v[d], correct[d]).value for d in draws])
        for name, v in values.items()
    }
    out = []
    for name, value in values.items():
        area = auroc(-value, correct)
        lead = area.value - auroc(-values[DEFAULT], correct).value
        spread = float((again[name] - again[DEFAULT]).std())
        stated = np.clip(1 - value, 0, 1)
        off = calibration_error(stated, correct) if name in PROBABILITIES else None
        out.append(Compared(name, area, Estimate(lead, spread), off, _log_loss(value, correct)))
    return sorted(out, key=lambda c: -c.auroc.value)


def _log_loss(doubt: np.ndarray, correct: np.ndarray) -> Estimate:
    """Of probabilities that a logistic curve, fitted to the other folds, makes of a measure's ranks.

    Ranks among the sentences that it is fitted to, so that no measure gains by the scale it happens to have.
    """
    from inference.calibration import fit_scaling

    order = np.random.default_rng(0).permutation(len(correct))
    loss = np.zeros(len(correct))
    for k in range(FOLDS):
        test = order[k::FOLDS]
        train = np.setdiff1d(order, test)
        known = np.sort(doubt[train])

        def scores(of: np.ndarray, known: np.ndarray = known) -> np.ndarray:
            below = np.searchsorted(known, of, "left") + np.searchsorted(known, of, "right")
            return 1 - (below + 1) / (2 * len(known) + 2)

        if correct[train].all() or not correct[train].any():
            return Estimate(float("nan"), float("nan"))
        fitted = fit_scaling(scores(doubt[train]), correct[train])
        stated = np.array([fitted(float(s)) for s in scores(doubt[test])])
        loss[test] = -np.log(np.where(correct[test], stated, 1 - stated))
    return Estimate(float(loss.mean()), float(loss.std(ddof=1) / np.sqrt(len(loss))))


def report_doubts(
    run: Experiment, doubts: Sequence[Mapping[str, float]], correct: np.ndarray
) -> None:
    """Show how well each measure of doubt tells right from wrong.

    Args:
      run: of the experiment.
      doubts, correct: as for `compared`.
    """
    found = compared(doubts, correct)
    n = len(correct)
    table = Table(show_edge=False, pad_edge=False)
    for title in (
        "measure of doubt",
        "AUROC",
        f"less that of {LABELS[DEFAULT]}",
        "log loss",
        "off by",
    ):
        table.add_column(title, justify="left" if "measure" in title else "right")
    for each in found:
        key = each.name.replace(" ", "_").replace("-", "_")
        run.figure(f"auroc_{key}", each.auroc.value, each.auroc.standard_error, n=n)
        run.figure(f"auroc_lead_{key}", each.lead.value, each.lead.standard_error, n=n)
        run.figure(f"log_loss_{key}", each.log_loss.value, each.log_loss.standard_error, n=n)
        if each.calibration is not None:
            run.figure(f"calibration_error_{key}", each.calibration, n=n)
        table.add_row(
            LABELS.get(each.name, each.name),
            f"{each.auroc.value:.3f} ± {each.auroc.standard_error:.3f}",
            "" if each.name == DEFAULT else _signed(each.lead),
            f"{each.log_loss.value:.3f} ± {each.log_loss.standard_error:.3f}",
            "–" if each.calibration is None else f"{each.calibration:.3f}",
        )
    run.show(table)
    with run.stage("draw measures of doubt"):
        run.save_figure(picture(found, n, int(n - correct.sum())), "doubt.png")


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.3f} ± {estimate.standard_error:.3f}"


def picture(found: Sequence[Compared], n: int, wrong: int) -> Any:
    """The AUROC of each measure, the best at the top.

    Args:
      found: the measures, the best first.
      n: sentences.
      wrong: of them read wrong.
    """
    from plot.figure import Picture

    figure = Picture(figsize=(7.6, 4.8), layout="constrained")
    axes = figure.subplots()
    shown = list(found)[::-1]
    for place, each in enumerate(shown):
        default = each.name == DEFAULT
        axes.errorbar(
            each.auroc.value,
            place,
            xerr=each.auroc.standard_error,
            fmt="D" if default else "o",
            color="#aa3377" if default else "#4477aa",
            capsize=3,
        )
    axes.axvline(0.5, color="grey", linewidth=1, linestyle="--")
    axes.set_xlim(right=1.0)
    axes.set_yticks(range(len(shown)), [LABELS.get(e.name, e.name) for e in shown])
    axes.set_xlabel(
        "AUROC: how often it doubts a wrong reading more than a right one (dashed: chance)"
    )
    axes.set_title(
        f"{n} first readings, {wrong} of them wrong; bars: ± 1 standard error", fontsize=10
    )
    axes.spines[["top", "right"]].set_visible(False)
    return figure
