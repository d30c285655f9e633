"""Static scenes: seconds of inference for a sentence in a warm conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import numpy as np

if TYPE_CHECKING:
    from experiments.common import Experiment

WANTED_SECONDS = 0.5
SENTENCES = (
    "(condition (exists (things '(blue mug))))",
    "(query (number-of everything))",
    "(condition (> (number-of (things '(mug))) (number-of (things '(plate)))))",
    "(query (exists (things '(green box))))",
    "(condition (exists (left-of (things '(mug)) (things '(red)))))",
    "(query (> (number-of (things '(blue))) (number-of (things '(red)))))",
    "(query (number-of (behind (things '(mug)) (things '(plate)))))",
    "(query (kind-of (right-of everything (things '(blue mug)))))",
    "(query (color-of (leftmost everything)))",
    "(condition (not (exists (things '(yellow box)))))",
    "(query (exists (between (things '(bowl)) (things '(mug)) (things '(red)))))",
    "(query (every (things '(mug)) (things '(blue))))",
    "(query (filter (lambda (x) (exists (things (list x 'mug)))) colors))",
    "(query (argmax (lambda (x) (number-of (things (list x)))) kinds))",
    "(query (exists (next-to (things '(glass)) (things '(blue)))))",
    "(query (number-of (in-front-of (things '(small)) (things '(mug)))))",
)


def measure(run: Experiment) -> None:
    """Hold the conversation once to warm up and once to measure; figures go to the run.

    Two engines: worlds of the prior drawn for each question (what the bound is asked of), and a belief
    that is carried along. A sentence is given as its expression; evaluating it is counted in.
    """
    from inference import Importance, Sequential

    worlds = run.options.worlds
    for name, engine in (("drawn_anew", Importance(worlds=worlds)), ("carried_along", Sequential(worlds=worlds))):  # fmt: skip
        seconds = []
        with run.stage(f"scenes: {name}", total=2 * len(SENTENCES)) as progress:
            for turn in range(2):
                seconds = _once(run, engine, turn, progress)
        run.figure(f"scenes_seconds_a_sentence_{name}_median", float(np.median(seconds)), n=len(seconds), worlds=worlds)  # fmt: skip
        run.figure(f"scenes_seconds_a_sentence_{name}_percentile_95", float(np.percentile(seconds, 95)), wanted=WANTED_SECONDS, n=len(seconds), worlds=worlds)  # fmt: skip
        run.section(f"scenes_seconds_{name}", dict(zip(SENTENCES, seconds, strict=True)))


def _once(run: Experiment, engine, turn: int, progress) -> list[float]:
    from experiments.bench.spoken import say
    from models.conversation import Conversation
    from models.meaning.translate import Meaning
    from models.words.model import embedded
    from models.worlds import load

    world = load("scenes")
    meaning = Meaning(embedded(), world.vocabulary)
    talk = Conversation(world, meaning, jax.random.fold_in(run.key, turn), engine)
    seconds = []
    for i, text in enumerate(SENTENCES, start=1):
        seconds.append(say(talk, text).seconds)
        progress(turn * len(SENTENCES) + i)
    return seconds
