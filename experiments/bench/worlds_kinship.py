"""Seconds of inference a sentence about a family, in a warm conversation, by the engines that answer it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import jax
import numpy as np

from inference import Auto, Belief, Exact, Importance, Sequential
from models.conversation.conflict import impossible
from models.worlds import load
from plot.errors import ImpossibleEvidence, Unsupported

if TYPE_CHECKING:
    from experiments.common import Experiment

# A conversation: statements, and questions after each of them.
TALK = (
    "(condition (sister 'blake 'avery))",
    "(query (how-many (lambda (x) (child x 'blake))))",
    "(condition (and (father 'charlie 'avery) (father 'charlie 'blake)))",
    "(query (anyone (lambda (x) (brother x 'avery))))",
    "(condition (grandfather 'charlie 'dana))",
    "(query (who (lambda (x) (and (child x 'charlie) (parent x 'dana)))))",
    "(query (relation 'avery 'dana))",
    "(condition (= (how-many (lambda (x) (child x 'blake))) 2))",
    "(query (who (lambda (x) (and (child x 'charlie) (parent x 'dana)))))",
    "(query (how-many (lambda (x) (sibling x 'dana))))",
    "(condition (not (anyone (lambda (x) (sibling x 'dana)))))",
    "(query (who (lambda (x) (and (child x 'charlie) (parent x 'dana)))))",
    "(query (female 'dana))",
    "(query (mother 'avery 'dana))",
)
WANTED_SECONDS, WORST_PERCENT, WARM_UPS = 0.5, 95, 1


def measure(run: Experiment) -> None:
    """Hold the conversation by each engine, once to warm up and once to measure; figures go to the run."""
    worlds = run.options.worlds
    engines: dict[str, Callable[[int], list[float]]] = {
        "exact": lambda seed: asked(Exact(), seed),
        "worlds_of_the_prior": lambda seed: asked(Importance(worlds), seed),
        "chosen_by_cost": lambda seed: asked(Auto(worlds=worlds), seed),
        "belief": lambda seed: told(Sequential(worlds=worlds), seed),
    }
    for name, hold in engines.items():
        with run.stage(f"a family, {name}", total=1 + WARM_UPS) as progress:
            seconds: list[float] = []
            for turn in range(1 + WARM_UPS):
                seconds = hold(run.options.seed)
                progress(turn + 1)
        measured = [s for s in seconds if np.isfinite(s)]
        run.figure(
            f"kinship_{name}_seconds_a_sentence_percentile_{WORST_PERCENT}",
            float(np.percentile(measured, WORST_PERCENT)),
            median=float(np.median(measured)),
            wanted=WANTED_SECONDS,
            sentences=len(measured),
            sentences_without_an_answer=len(seconds) - len(measured),
            worlds=worlds,
        )


def asked(engine: Exact | Importance | Auto, seed: int) -> list[float]:
    """Seconds of each sentence where questions are answered anew; NaN where the engine has no answer."""
    world, seconds = load("kinship"), []
    for sentence in TALK:
        began = time.perf_counter()
        if not sentence.startswith("(query"):
            world = world.tell(sentence)
            impossible(world, jax.random.key(seed))  # what a conversation does with a statement
            seconds.append(time.perf_counter() - began)
            continue
        try:
            str(engine.infer(jax.random.key(seed), world.ask(sentence)))
            seconds.append(time.perf_counter() - began)
        except (ImpossibleEvidence, Unsupported):
            seconds.append(float("nan"))
    return seconds


def told(options: Sequential, seed: int) -> list[float]:
    """Seconds of each sentence, statements included, for a belief that follows them."""
    belief, seconds = Belief.of(load("kinship"), jax.random.key(seed), options), []
    for sentence in TALK:
        began = time.perf_counter()
        if sentence.startswith("(query"):
            str(belief.ask(sentence))
        else:
            belief, _ = belief.tell(sentence)
        seconds.append(time.perf_counter() - began)
    return seconds
