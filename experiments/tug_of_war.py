"""Tug-of-war: told and asked in English, answered by inference over worlds.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from experiments.common import Experiment, command, make_parser, read_options
from experiments.registry import description

if TYPE_CHECKING:
    from models.conversation import Turn
    from plot.posterior import Posterior
    from plot.weights import Estimate
    from plot.world import World

DESCRIPTION = description("tug_of_war")
WORLDS = 1_000_000

TOLD = ("Tom beat John.", "John and Mary beat Tom and Sue.")


@dataclass(frozen=True)
class Asked:
    """A question of the experiment and the figures that its answer gives.

    Args:
      sentence: in English.
      figures: name, what to read off the answer, and the value of the reference where it has one.
    """

    sentence: str
    figures: tuple[tuple[str, Callable[[Posterior], Estimate], float | None], ...]


def _mean(posterior: Posterior) -> Estimate:
    return posterior.mean


def _sd(posterior: Posterior) -> Estimate:
    return posterior.sd


def _yes(posterior: Posterior) -> Estimate:
    return posterior.probability(True)


# References: an independent Monte Carlo run of the paper's archived definitions.
ASKED = (
    Asked(
        "How strong is Mary?",
        (("mary_strength_mean", _mean, 59.36), ("mary_strength_sd", _sd, 18.12)),
    ),
    Asked("How strong is Tom?", (("tom_strength_mean", _mean, 54.46),)),
    Asked("How strong is John?", (("john_strength_mean", _mean, 46.58),)),
    Asked("How strong is Sue?", (("sue_strength_mean", _mean, 41.62),)),
    Asked("Is Mary stronger than Tom?", (("p_mary_stronger_than_tom", _yes, 0.586),)),
    Asked("Who is the strongest?", ()),
)
REFERENCE_EVIDENCE = 0.166


@command("tug_of_war")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    options = read_options(make_parser("tug_of_war", DESCRIPTION, WORLDS), argv)
    with Experiment("tug_of_war", options) as run:
        talk, before = converse(run)
        for asked, turn in zip(ASKED, talk[len(TOLD) :], strict=True):
            record(run, asked, turn)
        run.section("translations", [translation(turn) for turn in talk])
        run.section(
            "answers", [turn.posterior.summary() for turn in talk if turn.posterior is not None]
        )
        with run.stage("draw"):
            run.save_figure(picture(talk, before), "posteriors.png")
        run.show(transcript(talk))
    return 0


def converse(run: Experiment) -> tuple[list[Turn], list[Posterior]]:
    """Hold the conversation; the turns, and what each question comes to before anything is told."""
    with run.stage("load"):
        import jax

        from inference import Importance
        from models.conversation import BestReading, Conversation
        from models.meaning.translate import Meaning
        from models.words.model import embedded
        from models.worlds import load

        world = load("tug_of_war")
        meaning = Meaning(embedded(), world.vocabulary)
    # The figures are those of one reading for each sentence; its probability is shown beside it.
    engine = Importance(worlds=run.options.worlds)
    talk = Conversation(world, meaning, run.key, engine, BestReading())
    sentences = (*TOLD, *(asked.sentence for asked in ASKED))
    with run.stage("translate and infer", total=len(sentences)) as progress:
        for i, sentence in enumerate(sentences, start=1):
            talk.say(sentence)
            progress(i)
    with run.stage("prior"):
        prior = [
            prior_of(world, turn, jax.random.fold_in(run.key, 1))
            for turn in talk.turns
            if turn.posterior
        ]
    return talk.turns, prior


def prior_of(world: World, turn: Turn, key: Any) -> Posterior:
    """What a question comes to in a world of which nothing has been told."""
    from inference import Importance

    names = turn.readings.new_names
    if names:
        world = world.mention(world.vocabulary.entities[0].type, names)
    return Importance(worlds=100_000).infer(key, world.ask(turn.used[0].tree))


def record(run: Experiment, asked: Asked, turn: Turn) -> None:
    """Read the figures off an answer."""
    assert turn.posterior is not None
    for name, read, reference in asked.figures:
        estimate = read(turn.posterior)
        run.figure(name, estimate.value, estimate.standard_error, reference=reference)
    if asked is ASKED[0]:
        evidence = turn.posterior.evidence
        share = math.exp(evidence.log)
        run.figure(
            "evidence_probability", share, share * evidence.error, reference=REFERENCE_EVIDENCE
        )


def translation(turn: Turn) -> dict[str, object]:
    """A sentence and its readings, for JSON."""
    return {
        "sentence": turn.sentence,
        "expression": turn.used[0].text,
        "probability": turn.sureness,
        "readings": [
            {"expression": r.text, "probability": r.probability} for r in turn.readings.readings
        ],
        "probability_that_it_is_about_something_else": turn.readings.unclear,
        "seconds_translating": turn.readings.seconds,
        "seconds_inferring": turn.seconds,
    }


def transcript(talk: list[Turn]) -> Group:
    """The conversation, for people."""
    table = Table(show_edge=False, pad_edge=False)
    for title in ("sentence", "expression", "sure", "answer (± standard error)"):
        table.add_column(title, overflow="fold", justify="right" if title == "sure" else "left")
    for turn in talk:
        cells = [turn.sentence, turn.used[0].text, f"{turn.sureness:.1%}", answer(turn.posterior)]
        table.add_row(*map(Text, cells))
    last = next(turn.posterior for turn in talk if turn.posterior is not None)
    return Group(table, Text(""), Text(last.report()))


def answer(posterior: Posterior | None) -> str:
    """An answer in one line."""
    from plot.drawing import named

    if posterior is None:
        return "told"
    if posterior.numeric and not posterior.discrete:
        low, high = posterior.quantile(0.025), posterior.quantile(0.975)
        mean = posterior.mean
        return f"{mean.value:.2f} ± {mean.standard_error:.2f}, sd {posterior.sd.value:.1f}, 95 % in {low:.0f} to {high:.0f}"
    rows = posterior.table[:4]
    return ", ".join(f"{named(r.value)} {r.probability:.3f} ± {r.standard_error:.3f}" for r in rows)


def picture(talk: list[Turn], before: list[Posterior]) -> Any:
    """A panel for each question: what was believed before, and what after."""
    from plot.figure import Picture

    turns = [turn for turn in talk if turn.posterior is not None]
    told = " ".join(turn.sentence for turn in talk if turn.posterior is None)
    columns = 3
    figure = Picture(
        figsize=(4.2 * columns, 3.2 * math.ceil(len(turns) / columns) + 0.5), layout="constrained"
    )
    figure.suptitle(f"Told: {told}", fontsize=12)
    panels = figure.subplots(math.ceil(len(turns) / columns), columns, squeeze=False)
    for axes, turn, prior in zip(panels.flat, turns, before, strict=False):
        assert turn.posterior is not None
        turn.posterior.plot(axes)
        outline(axes, prior, turn.posterior)
        axes.set_title(f"{turn.sentence}\n{turn.used[0].text}", fontsize=9)
    for axes in list(panels.flat)[len(turns) :]:
        axes.set_visible(False)
    return figure


def outline(axes: Any, prior: Posterior, posterior: Posterior) -> None:
    """Draw the prior over a panel of `Posterior.plot`."""
    import numpy as np

    from plot.data import same
    from plot.drawing import BINS

    if posterior.discrete:
        rows = (
            posterior.table
            if not posterior.numeric
            else sorted(posterior.table, key=lambda r: float(str(r.value)))
        )
        chances = [
            next((p.probability for p in prior.table if same(p.value, r.value)), 0.0) for r in rows
        ]
        axes.scatter(
            np.arange(len(chances)),
            chances,
            marker="_",
            s=300,
            color="black",
            label="before anything was told",
        )
        top = max(axes.get_ylim()[1], 1.2 * max(chances))
        axes.set_ylim(0, top)
    else:
        axes.set_xlim(prior.quantile(0.001), prior.quantile(0.999))
        axes.hist(
            prior.numbers,
            bins=BINS,
            range=axes.get_xlim(),
            density=True,
            histtype="step",
            color="black",
            label="before anything was told",
        )
    axes.legend(fontsize=7, loc="upper left", frameon=False)
