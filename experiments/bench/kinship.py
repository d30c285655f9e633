"""A conversation about a family: a belief beside the exact answers, after each of three questions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import jax
import numpy as np

from inference import Belief, Exact, Redraw, Sequential
from inference.exact.problem import Problem
from inference.lanes import Lanes
from models.worlds import load
from plot.posterior import Posterior
from plot.world import World

if TYPE_CHECKING:
    from collections.abc import Callable

    from experiments.common import Experiment

TURNS = (
    (
        "(condition (sister 'blake 'avery))",
        "(condition (and (father 'charlie 'avery) (father 'charlie 'blake)))",
        "(condition (grandfather 'charlie 'dana))",
    ),
    ("(condition (= (how-many (lambda (x) (child x 'blake))) 2))",),
    ("(condition (not (anyone (lambda (x) (sibling x 'dana)))))",),
)
QUESTION = "(query (who (lambda (x) (and (child x 'charlie) (parent x 'dana)))))"
# Single draws alone: once the evidence ties the names to each other, exchanges of names and draws of all
# four at once are seldom accepted.
MOVES, LEAST_MOVES, HARD_MOVES, MOST_WORK = (Redraw(),), 30, 120, 5e9
SENTENCES = sum(map(len, TURNS))
WANTED_SECONDS, WANTED_POINTS, WANTED_UNIQUE = 10, 1, 1000


def measure(run: Experiment) -> None:
    """Ask both, three times; figures go to the run."""
    with run.stage("a family, exactly", total=len(TURNS)) as progress:
        exact, seconds = _timed(lambda: sums(load("kinship"), progress))
    run.figure("kinship_exact_seconds", seconds, wanted=WANTED_SECONDS)
    with run.stage("a family, by a belief", total=SENTENCES) as progress:
        found, seconds = _timed(lambda: beliefs(run, progress))
    answers, belief = found
    run.figure(
        "kinship_belief_seconds", seconds, wanted=WANTED_SECONDS, worlds=belief.particles.worlds
    )
    for turn, (sure, answer) in enumerate(zip(exact, answers, strict=True), start=1):
        row = max(sure.table, key=lambda row: apart(row.value, sure, answer))
        run.figure(
            f"kinship_question_{turn}_percentage_points_off",
            100 * apart(row.value, sure, answer),
            100 * answer.probability(row.value).standard_error,
            wanted=WANTED_POINTS,
            note=f"at the answer {row.python}, of which the probability is {row.probability:.4f}",
        )
    run.figure("kinship_unique_ancestors", belief.particles.ancestors, wanted=WANTED_UNIQUE)
    run.figure("kinship_unique_worlds", unique(belief), wanted=WANTED_UNIQUE)
    log_exact = exact[-1].evidence.log
    evidence = belief.evidence
    run.figure("kinship_log_evidence", evidence.log, evidence.error, exact=log_exact)
    run.section("kinship_exact", [answer.summary() for answer in exact])
    run.section("kinship_belief", [answer.summary() for answer in answers])
    run.section("kinship_sentences", [report.to_json() for report in belief.reports])


def sums(world: World, progress: Callable[[int], None]) -> list[Posterior]:
    """The exact answer to the question after each turn."""
    answers = []
    for turn, sentences in enumerate(TURNS, start=1):
        for sentence in sentences:
            world = world.tell(sentence)
        answers.append(Exact().infer(jax.random.key(0), world.ask(QUESTION)))
        progress(turn)
    return answers


def beliefs(run: Experiment, progress: Callable[[int], None]) -> tuple[list[Posterior], Belief]:
    """The same by a belief, from loading the world on, and the belief at the end."""
    options = Sequential(
        worlds=run.options.worlds,
        least_moves=LEAST_MOVES,
        hard_moves=HARD_MOVES,
        most_work=MOST_WORK,
        moves=MOVES,
    )
    belief = Belief.of(load("kinship"), run.key, options)
    answers = []
    for sentences in TURNS:
        for sentence in sentences:
            belief, _ = belief.tell(sentence)
            progress(len(belief.reports))
        answers.append(belief.ask(QUESTION))
    return answers, belief


def apart(value: object, sure: Posterior, answer: Posterior) -> float:
    """How far a probability is from the exact one."""
    return abs(answer.probability(value).value - sure.probability(value).value)


def unique(belief: Belief) -> int:
    """Worlds with weight that differ in a draw on which the evidence or the question depends."""
    question = belief.world.ask(QUESTION)
    problem, flat = Problem.of(question)
    lanes = Lanes(belief.world.session.graph, problem.draws, flat.clamps)
    particles = belief.particles
    rows = lanes.draw(particles.rows, jax.random.key(0), particles.worlds)
    tiles = lanes.tiles({**particles.rows, **rows}, particles.worlds)
    values = lanes.values(tiles, particles.worlds)
    return len(np.unique(values[:, np.isfinite(particles.log_weights)], axis=1).T)


def _timed[T](work: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    found = work()
    return found, time.perf_counter() - began
