"""A belief in a long conversation: seconds a sentence, ancestors that are left, answers that are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import numpy as np

from inference import Belief, Importance, Sequential
from models.worlds import load

if TYPE_CHECKING:
    from experiments.common import Experiment

PEOPLE = ("john", "mary", "tom", "sue", "ann", "bob", "kim", "lee", "max", "zoe")
SENTENCES = 20
FIRST = 6  # sentences after which worlds of the prior, weighed, still give a good answer
REFERENCE = 20_000_000
WANTED_SECONDS, WANTED_ANCESTORS = 0.3, 1000
WORST_PERCENT = 95


def sentences(seed: int) -> list[str]:
    """Matches of one against one or two against two, among ten people, as anybody might win."""
    rng = np.random.default_rng(seed)
    told = []
    for _ in range(SENTENCES):
        size = int(rng.integers(1, 3))
        order = [PEOPLE[i] for i in rng.permutation(len(PEOPLE))]
        teams = " ".join(f"'({' '.join(order[i : i + size])})" for i in (0, size))
        told.append(f"(condition (won-against {teams}))")
    return told


def measure(run: Experiment) -> None:
    """Tell twenty sentences, once to warm up and once to measure; figures go to the run."""
    options, seed = Sequential(worlds=run.options.worlds), run.options.seed
    belief, early = converse(run, "a conversation", options)
    reports = belief.reports
    seconds = np.array([report.seconds for report in reports])
    run.figure(
        f"seconds_a_sentence_percentile_{WORST_PERCENT}",
        float(np.percentile(seconds, WORST_PERCENT)),
        wanted=WANTED_SECONDS,
        median=float(np.median(seconds)),
    )
    run.figure(
        "unique_ancestors_at_least",
        min(report.ancestors for report in reports),
        wanted=WANTED_ANCESTORS,
        worlds=options.worlds,
    )
    run.figure("log_evidence", belief.evidence.log, standard_error=belief.evidence.error)
    with run.stage("the same by worlds of the prior"):
        question = early.world.ask("(strength 'mary)")
        sure = Importance(worlds=REFERENCE).infer(jax.random.key(seed), question)
    answer = early.ask("(strength 'mary)")
    apart = answer.mean.value - sure.mean.value
    error = float(np.hypot(answer.mean.standard_error, sure.mean.standard_error))
    run.figure(f"mary_after_{FIRST}", answer.mean.value, exact=sure.mean.value)
    run.figure(f"mary_after_{FIRST}_standard_errors_apart", apart / error)
    run.section("sentences", [report.to_json() for report in reports])
    _on_the_processor(run, options)


def converse(run: Experiment, stage: str, options: Sequential) -> tuple[Belief, Belief]:
    """The belief after all sentences, of a second conversation, and after the first few."""
    said, world, seed = sentences(run.options.seed), load("tug_of_war"), run.options.seed
    with run.stage(stage, total=2 * SENTENCES) as progress:
        for turn in range(2):
            belief = early = Belief.of(world, jax.random.key(seed + turn), options)
            for i, sentence in enumerate(said, start=1):
                belief, _ = belief.tell(sentence)
                early = belief if i == FIRST else early
                progress(turn * SENTENCES + i)
    return belief, early


def _on_the_processor(run: Experiment, options: Sequential) -> None:
    """The same without the accelerator, where there is one: JAX has taken it for all the rest."""
    if jax.devices()[0].platform == "cpu":
        run.section("accelerator", "none: all figures are those of the processor")
        return
    before = jax.config.jax_default_device
    jax.config.update("jax_default_device", jax.devices("cpu")[0])
    try:
        belief, _ = converse(run, "a conversation on the processor", options)
    finally:
        jax.config.update("jax_default_device", before)
    seconds = [report.seconds for report in belief.reports]
    run.figure(
        f"processor_seconds_a_sentence_percentile_{WORST_PERCENT}",
        float(np.percentile(seconds, WORST_PERCENT)),
        median=float(np.median(seconds)),
    )
