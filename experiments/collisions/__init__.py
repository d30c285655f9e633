"""Collisions on a line: speeds after the collision, and what would have been, told in English.

Source: "From Word Models to World Models" (arXiv 2306.12672), section 3.2, dynamic scenes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.collisions.quadrature import Exact, exact
from experiments.collisions.scenes import (
    COLLIDE,
    SCENES,
    SPEED,
    WHAT_IF,
    WHAT_IF_ASKED,
    WHAT_IF_EXACT,
    Said,
    Told,
)
from experiments.common import Experiment, command, make_parser, read_options
from experiments.registry import description

if TYPE_CHECKING:
    from experiments.collisions.dialogue import Dialogue
    from plot.posterior import Posterior

DESCRIPTION = description("collisions")
WORLDS = 1_000_000
PARTS = 10  # into which worlds are split to see how far a mode is off
PLANE_WORLDS = 20_000
PLANE_TOLD = (
    "(condition (and (ball? 'red) (block? 'blue) (ball? 'green)))",
    "(condition (> (push 'red) 6))",
    "(condition (hits? 'red 'blue))",
)
PLANE_ASKED = (
    ("plane_p_green_hits_a_wall", "(query (hits-wall? 'green))"),
    ("plane_p_green_would_hit_a_wall_without_blue", "(query (hits-wall-without? 'green 'blue))"),
)
GRID, MOST = 400, 20_000  # points of a density, and worlds that it is estimated from


@dataclass(frozen=True)
class Outcome:
    """A scene that has been told and asked about."""

    told: Told
    dialogue: Dialogue
    exact: Exact

    @property
    def speed(self) -> Posterior:
        """Blue's speed after the collision."""
        return self.dialogue.answers[0]


@command("collisions")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    from experiments.collisions.report import panels, transcript
    from models.worlds.collisions.picture import film, picture

    options = read_options(make_parser("collisions", DESCRIPTION, WORLDS), argv)
    with Experiment("collisions", options) as run:
        outcomes, what_if = converse(run)
        for outcome in outcomes:
            record(run, outcome)
        order(run, outcomes)
        # What was told says that blue gets to the wall, and alone it would stay where it is.
        would, kept = exact(WHAT_IF_EXACT).what_if
        sure = dict(zip((name for name, _ in WHAT_IF_ASKED), (would, 1.0, kept), strict=True))
        for (name, said), answer in zip(WHAT_IF_ASKED, what_if.answers, strict=True):
            share = answer.probability(True)
            about = {"told": [s.sentence for s in WHAT_IF], "asked": said.sentence}
            run.figure(name, share.value, share.standard_error, exact=sure[name], source=what_if.source, **about)  # fmt: skip
        dialogues = [*(o.dialogue for o in outcomes), what_if]
        run.section("sentences", [_plain(d) for d in dialogues])
        with run.stage("draw"):
            run.save_figure(panels(outcomes), "speeds.png")
            world = outcomes[0].dialogue.world
            run.save_figure(picture(world, run.key), "paths.png")
            run.save_picture(film(world, run.key), "film.gif")
        plane(run)
        run.show(transcript(dialogues))
    return 0


def plane(run: Experiment) -> None:
    """Three bodies between walls: what is likely where red is launched hard and hits blue."""
    from inference import Auto
    from models.worlds import load
    from models.worlds.plane import picture as drawing

    world = load("plane")
    for statement in PLANE_TOLD:
        world = world.tell(statement)
    with run.stage("a plane: infer"):
        for name, asked in PLANE_ASKED:
            share = Auto(worlds=PLANE_WORLDS).infer(run.key, world.ask(asked)).probability(True)
            why = "no exact value: three bodies bounce, and no formula says where they end up"
            run.figure(name, share.value, share.standard_error, worlds=PLANE_WORLDS, note=why, told=PLANE_TOLD, asked=asked)  # fmt: skip
    with run.stage("a plane: draw"):
        found = drawing.sample(world, run.key, PLANE_WORLDS)
        run.save_figure(drawing.draw(found), "plane.png")
        run.save_picture(drawing.film(found), "plane.gif")


def converse(run: Experiment) -> tuple[list[Outcome], Dialogue]:
    """Tell the scenes and ask."""
    with run.stage("load"):
        from experiments.collisions.dialogue import converse as talk
        from inference import Importance
        from models.meaning.translate import Meaning
        from models.words.model import embedded
        from models.worlds import load

        world = load("collisions")
        meaning = Meaning(embedded(), world.vocabulary)
    engine = Importance(worlds=run.options.worlds)
    sentences = [[*told.statements, *questions(told)] for told in SCENES]
    sentences.append([*WHAT_IF, *(said for _, said in WHAT_IF_ASKED)])
    done = 0
    dialogues = []
    with run.stage("translate and infer", total=sum(map(len, sentences))) as progress:

        def said() -> None:
            nonlocal done
            done += 1
            progress(done)

        for scene in sentences:
            dialogues.append(talk(world, meaning, run.key, engine, scene, said))
    with run.stage("quadrature"):
        exacts = [exact(told.exact) for told in SCENES]
    scenes = zip(SCENES, dialogues[:-1], exacts, strict=True)
    return [Outcome(*scene) for scene in scenes], dialogues[-1]


def questions(told: Told) -> list[Said]:
    """What a scene is asked."""
    kind = "ball" if told.exact.balls else "block"
    return [Said(said.sentence.format(kind=kind), said.meant) for said in (SPEED, COLLIDE)]


def record(run: Experiment, outcome: Outcome) -> None:
    """The figures of a scene, beside exact values and references."""
    told, speed, sure = outcome.told, outcome.speed, outcome.exact
    name = f"{told.name}_speed_of_blue_after_collision"
    source = {"source": outcome.dialogue.source, "unit": "m/s", "told": told.title}
    found = speed.mean
    run.figure(f"{name}_mean", found.value, found.standard_error, exact=sure.average, **source)
    mode, error = mode_of(speed)
    reference: dict[str, object] = {"reference": told.references["mode"]}
    if told.note:
        reference["note"] = told.note
    run.figure(f"{name}_mode", mode, error, exact=sure.mode, **reference, **source)
    for end, percent in (("low", 1), ("high", 99)):
        more: dict[str, object] = {}
        share = percent / 100
        if end in told.references:
            more["reference"] = told.references[end]
        run.figure(
            f"{name}_percentile_{percent}",
            speed.quantile(share),
            sure.error_of_quantile(share, speed.effective_size),
            exact=sure.quantile(share),
            **more,
            **source,
        )
    if told.name == "scene_a":
        inside = (speed.numbers > 1) & (speed.numbers < 2)
        share = float(np.sum(speed.weights * inside) / np.sum(speed.weights))
        error = math.sqrt(share * (1 - share) / speed.effective_size)
        between = sure.below(2) - sure.below(1)
        run.figure(
            "scene_a_p_speed_of_blue_between_1_and_2",
            share,
            error,
            exact=between,
            source=source["source"],
        )
    hits = outcome.dialogue.answers[1].probability(True)
    run.figure(
        f"{told.name}_p_red_hits_blue",
        hits.value,
        hits.standard_error,
        exact=sure.collide,
        source=source["source"],
    )


def order(run: Experiment, outcomes: list[Outcome]) -> None:
    """Whether the scenes stand in the order of the reference: by mean, and by exact mode."""
    for what, part in (("mean", "value"), ("mode", "exact")):
        values = [
            run.figures[f"{o.told.name}_speed_of_blue_after_collision_{what}"][part]
            for o in outcomes
        ]
        holds = all(a > b for a, b in pairwise(values))
        name = "order_a_b_c_holds_by_" + ("mean" if part == "value" else "exact_mode")
        run.figure(name, float(holds), reference=1.0)


def mode_of(speed: Posterior) -> tuple[float, float]:
    """The mode of a kernel estimate, and its standard error from parts of the worlds."""
    from scipy.stats import gaussian_kde

    def best(values: np.ndarray, weights: np.ndarray) -> float:
        low, high = np.quantile(values, (0.001, 0.999))
        points = np.linspace(low, high, GRID)
        estimate = gaussian_kde(values, weights=weights)(points)
        return float(points[np.argmax(estimate)])

    kept = np.flatnonzero(speed.weights > 0)[:MOST]
    values, weights = speed.numbers[kept], speed.weights[kept]
    parts = [best(values[i::PARTS], weights[i::PARTS]) for i in range(PARTS)]
    return best(values, weights), float(np.std(parts, ddof=1) / math.sqrt(PARTS))


def _plain(dialogue: Dialogue) -> list[dict[str, Any]]:
    """A dialogue for JSON."""
    return [
        {
            "sentence": line.said.sentence,
            "read_as": line.read,
            "meant": line.said.meant,
            "right": line.right,
            "probability": line.sureness,
            "seconds_inferring": line.seconds,
        }
        for line in dialogue.lines
    ]
