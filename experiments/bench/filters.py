"""Beliefs in state space models: evidence beside the exact one, and particles a second beside BlackJAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import jax
import numpy as np

from experiments.bench.filters_blackjax import Answer, filtered, tempered
from experiments.bench.state_space import Model, hidden, linear
from experiments.bench.timing import Times, take_turns
from inference import Belief, Drift, Sequential
from plot.compiler.values import leaves
from plot.world import World

if TYPE_CHECKING:
    from experiments.common import Experiment

WORLDS, SEEDS = 2000, 6
REPEATS = 3
MOVES_EACH, MOVES_TEMPERED = 5, 40
ALWAYS = 1 - 1e-12  # effective share under which worlds are resampled: after each sentence
WANTED_Z = 3.0


def still(worlds: int, threshold: float = 0.5) -> Sequential:
    """A particle filter without moves."""
    return Sequential(worlds, threshold, keep=1e-9, sweeps=0, least_moves=0, hard_moves=0)


def drifting(worlds: int, moves: int, threshold: float = 0.5) -> Sequential:
    """A particle filter with some steps of one row each, after each resampling."""
    return Sequential(
        worlds, threshold, sweeps=0, least_moves=moves, hard_moves=moves, moves=(Drift(),)
    )


def told(model: Model, options: Sequential, seed: int) -> Belief:
    """The belief that is told what was seen, sentence by sentence."""
    belief = Belief.of(World.from_source(model.source), jax.random.key(seed), options)
    for sentence in model.sentences:
        belief, _ = belief.tell(sentence)
    return belief


def at_once(model: Model, options: Sequential, seed: int) -> Belief:
    """The belief that is told all that was seen in one go."""
    world = World.from_source(model.source)
    for sentence in model.sentences:
        world = world.tell(sentence)
    return Belief.of(world, jax.random.key(seed), options)


def answered(belief: Belief, model: Model) -> Answer:
    """The evidence of a belief and the mean of each state."""
    posterior = belief.ask(model.question)
    rows = np.stack([posterior.worlds.rows[leaf] for leaf in leaves(posterior.value)])
    return Answer(belief.evidence.log, rows.astype(np.float64) @ posterior.weights)


def effective(model: Model, answers: Sequence[Answer]) -> float:
    """Independent draws of the posterior that would make errors like these, of means of all states.

    Args:
      model: with the exact means and deviations.
      answers: of some seeds.
    """
    errors = [(answer.means - model.means) / model.sds for answer in answers]
    return 1 / float(np.mean(np.square(errors)))


def measure(run: Experiment) -> None:
    """Run filters with several seeds, then beside BlackJAX; figures go to the run."""
    seed = run.options.seed
    models = (linear(seed), hidden(seed))
    ways: list[tuple[str, Callable[[Model, Sequential, int], Belief], Sequential]] = [
        ("without_moves", told, still(WORLDS)),
        ("with_moves", told, Sequential(WORLDS)),
        ("at_once", at_once, Sequential(WORLDS)),
    ]
    with run.stage("state space models", len(models) * len(ways) * SEEDS) as progress:
        done = 0
        for model in models:
            for name, follow, options in ways:
                found = []
                for i in range(SEEDS):
                    found.append(follow(model, options, seed + i))
                    done += 1
                    progress(done)
                _calibration(run, model, f"{model.name.replace(' ', '_')}_{name}", found)
    _beside_blackjax(run, models[0])


def _calibration(run: Experiment, model: Model, name: str, found: Sequence[Belief]) -> None:
    logs = np.array([belief.evidence.log for belief in found])
    claimed = np.array([belief.evidence.error for belief in found])
    z = (logs - model.log_evidence) / claimed
    seconds = [sum(report.seconds for report in belief.reports) for belief in found]
    run.figure(
        f"{name}_evidence_standard_errors_apart_at_most",
        float(np.abs(z).max()),
        wanted=WANTED_Z,
        exact=model.log_evidence,
        seeds=z.tolist(),
        worlds=WORLDS,
    )
    run.figure(
        f"{name}_evidence_claimed_error_by_actual",
        float(np.sqrt(np.mean(claimed**2)) / np.sqrt(np.mean((logs - model.log_evidence) ** 2))),
        note=f"{len(found)} seeds: good to about {1 / np.sqrt(2 * len(found)):.0%}",
        claimed=float(np.sqrt(np.mean(claimed**2))),
        actual=float(np.sqrt(np.mean((logs - model.log_evidence) ** 2))),
        median_seconds=float(np.median(seconds)),
        resampled=float(np.median([sum(r.resampled for r in b.reports) for b in found])),
    )


def _beside_blackjax(run: Experiment, model: Model) -> None:
    contests: dict[str, tuple[Callable[[int], Answer], Callable[[int], Answer], str]] = {
        "filter_without_moves": (
            lambda i: answered(told(model, still(WORLDS, ALWAYS), i), model),
            filtered(model, WORLDS, 0),
            "resampled (systematically) after each observation, no moves",
        ),
        "filter_with_moves": (
            lambda i: answered(told(model, drifting(WORLDS, MOVES_EACH, ALWAYS), i), model),
            filtered(model, WORLDS, MOVES_EACH),
            f"resampled after each observation, then {MOVES_EACH} Metropolis steps of one noise each",
        ),
        "tempered": (
            lambda i: answered(at_once(model, drifting(WORLDS, MOVES_TEMPERED), i), model),
            tempered(model, WORLDS, MOVES_TEMPERED, 0.5),
            "all observations at once; each step of tempering keeps half of the effective particles, "
            f"then {MOVES_TEMPERED} Metropolis steps of one noise each",
        ),
    }
    with run.stage("state space models beside BlackJAX", len(contests)) as progress:
        for done, (name, (ours, theirs, equal)) in enumerate(contests.items(), start=1):
            answers: dict[str, list[Answer]] = {"ours": [], "blackjax": []}

            def kept(who: str, work: Callable[[int], Answer], i: int, into: dict = answers) -> None:
                into[who].append(work(run.options.seed + i))

            times, _ = take_turns(
                {
                    "ours": lambda i, work=ours, kept=kept: kept("ours", work, i),
                    "blackjax": lambda i, work=theirs, kept=kept: kept("blackjax", work, i),
                },
                REPEATS,
            )
            _contest(run, model, name, times, answers, f"{WORLDS:,} particles, {equal}")
            progress(done)


def _contest(
    run: Experiment,
    model: Model,
    name: str,
    times: dict[str, Times],
    answers: dict[str, list[Answer]],
    equal: str,
) -> None:
    sizes = {who: effective(model, found) for who, found in answers.items()}
    rates = {who: size / times[who].median for who, size in sizes.items()}
    off = {
        who: float(np.mean([a.log_evidence - model.log_evidence for a in found]))
        for who, found in answers.items()
    }
    run.figure(
        f"{name}_ess_a_second_by_blackjax",
        rates["ours"] / rates["blackjax"],
        equal=equal,
        note="effective size by the errors of the means of all states, against the exact means",
        ess_a_second=rates,
        effective_size=sizes,
        log_evidence_too_high_by=off,
        times={who: t.summary() for who, t in times.items()},
    )
    run.figure(
        f"{name}_seconds_by_blackjax", times["ours"].median / times["blackjax"].median, equal=equal
    )
