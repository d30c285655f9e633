"""Beliefs in state space models: evidence beside the exact one, and particles a second beside BlackJAX."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import jax
import numpy as np

from experiments.bench.filters_blackjax import Answer, filtered, tempered
from experiments.bench.state_space import Model, hidden, linear
from experiments.bench.timing import Times, ratio, take_turns
from inference import Belief, Drift, Sequential
from plot.compiler.values import leaves
from plot.weights import Estimate
from plot.world import World

if TYPE_CHECKING:
    from experiments.common import Experiment

WORLDS, SEEDS = 2000, 6
SIZES = (2000, 20_000, 100_000)
MOST_MOVED = 20_000  # particles that are moved after each observation
REPEATS = {2000: 9, 20_000: 3, 100_000: 3}  # of a contest; one more comes first
TEMPERED, NEW_MODELS = 23, 3
MOVES_EACH, MOVES_TEMPERED = 5, 40
ALWAYS = 1 - 1e-12  # effective share under which worlds are resampled: after each sentence
AT_ONCE = (
    1e-9  # effective share that a sentence may leave: none is tempered, as BlackJAX tempers none
)
WANTED_Z = 3.0


def still(worlds: int, threshold: float = 0.5, keep: float = AT_ONCE) -> Sequential:
    """A particle filter without moves, which tempering would be of no use to."""
    return Sequential(worlds, threshold, keep, sweeps=0, least_moves=0, hard_moves=0)


def drifting(worlds: int, moves: int, threshold: float = 0.5, keep: float = 0.5) -> Sequential:
    """A particle filter with some steps of one row each, after each resampling."""
    return Sequential(
        worlds, threshold, keep, sweeps=0, least_moves=moves, hard_moves=moves, moves=(Drift(),)
    )


def told(model: Model, options: Sequential, seed: int) -> Belief:
    """The belief that is told what was seen, sentence by sentence."""
    belief = Belief.of(World.from_source(model.source), jax.random.key(seed), options)
    for sentence in model.sentences:
        belief, _ = belief.tell(sentence)
    return belief


def together(world: World, model: Model, options: Sequential, seed: int) -> Belief:
    """The belief that is told the same sentences together."""
    return Belief.of(world, jax.random.key(seed), options).tell_all(model.sentences)[0]


def read(model: Model) -> World:
    """The world that was told all that was seen."""
    world = World.from_source(model.source)
    for sentence in model.sentences:
        world = world.tell(sentence)
    return world


def at_once(model: Model, options: Sequential, seed: int) -> Belief:
    """The belief that is told all that was seen in one go."""
    return Belief.of(read(model), jax.random.key(seed), options)


def answered(belief: Belief, model: Model) -> Answer:
    """The evidence of a belief and the mean of each state."""
    posterior = belief.ask(model.question)
    rows = np.stack([posterior.worlds.rows[leaf] for leaf in leaves(posterior.value)])
    return Answer(belief.evidence.log, rows.astype(np.float64) @ posterior.weights)


def effective(model: Model, answers: Sequence[Answer]) -> Estimate:
    """Independent draws of the posterior that would make errors like these, of means of all states.

    Args:
      model: with the exact means and deviations.
      answers: of two seeds or more; their spread gives the standard error.
    """
    errors = np.array([(answer.means - model.means) / model.sds for answer in answers])
    squares = np.square(errors).mean(axis=1)
    size = 1 / float(squares.mean())
    return Estimate(size, size**2 * float(squares.std(ddof=1)) / math.sqrt(len(squares)))


def measure(run: Experiment) -> None:
    """Run filters with several seeds beside exact answers; figures go to the run."""
    seed = run.options.seed
    models = (linear(seed), hidden(seed))
    ways: list[tuple[str, Callable[[Model, Sequential, int], Belief], Sequential]] = [
        ("without_moves", told, still(WORLDS)),
        ("with_moves", told, Sequential(WORLDS)),
        ("told_together_without_moves", _read_and_together, still(WORLDS)),
        ("told_together_with_moves", _read_and_together, Sequential(WORLDS)),
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


def _read_and_together(model: Model, options: Sequential, seed: int) -> Belief:
    return together(World.from_source(model.source), model, options, seed)


def _filters(model: Model, worlds: int, moves: int) -> dict[str, Callable[[int], Answer]]:
    """Ways to filter with equal settings: functions of a seed."""
    options = drifting(worlds, moves, ALWAYS, AT_ONCE) if moves else still(worlds, ALWAYS)
    world = World.from_source(model.source)
    return {
        "told_one_by_one": lambda i: answered(told(model, options, i), model),
        "told_together": lambda i: answered(together(world, model, options, i), model),
        "read_and_told_together": lambda i: answered(_read_and_together(model, options, i), model),
        "blackjax": filtered(model, worlds, moves),
    }


def _tempered(model: Model) -> dict[str, Callable[[int], Answer]]:
    """Ways to take all at once with equal settings; neither counts what it takes to make a program."""
    options, world = drifting(WORLDS, MOVES_TEMPERED), read(model)
    return {
        "ours": lambda i: answered(Belief.of(world, jax.random.key(i), options), model),
        "blackjax": tempered(model, WORLDS, MOVES_TEMPERED, options.keep),
    }


def beside_blackjax(run: Experiment) -> None:
    """Run filters beside BlackJAX, in turns; figures go to the run."""
    model = linear(run.options.seed)
    contests: dict[str, tuple[dict[str, Callable[[int], Answer]], str, int]] = {}
    for worlds in SIZES:
        for moves in (0, MOVES_EACH) if worlds <= MOST_MOVED else (0,):
            how = f"then {moves} Metropolis steps of one noise each" if moves else "no moves"
            contests[f"filter_{'with' if moves else 'without'}_moves_{worlds}"] = (
                _filters(model, worlds, moves),
                f"{worlds:,} particles, resampled (systematically) after each observation, {how}",
                REPEATS[worlds],
            )
    contests["tempered"] = (
        _tempered(model),
        f"{WORLDS:,} particles, all observations at once; each step of tempering keeps half of the "
        f"effective particles, then {MOVES_TEMPERED} Metropolis steps of one noise each",
        TEMPERED,
    )
    with run.stage("state space models beside BlackJAX", len(contests)) as progress:
        for done, (name, (ways, equal, repeats)) in enumerate(contests.items(), start=1):
            answers: dict[str, list[Answer]] = {who: [] for who in ways}

            def kept(who: str, i: int, ways: dict = ways, into: dict = answers) -> None:
                into[who].append(ways[who](run.options.seed + i))

            turns = {who: partial(kept, who) for who in ways}
            times, _ = take_turns(turns, repeats)
            _contest(run, model, name, times, answers, equal)
            progress(done)
    _new_model(run)


def _new_model(run: Experiment) -> None:
    """Seconds from a model that neither has seen to its answer: ours reads it, BlackJAX compiles it."""
    found: dict[str, list[float]] = {"ours": [], "blackjax": []}
    for i in range(NEW_MODELS):
        model = linear(run.options.seed + 1 + i)
        for who, answer in (
            ("ours", _filters(model, WORLDS, 0)["read_and_told_together"]),
            ("blackjax", filtered(model, WORLDS, 0)),
        ):
            begun = time.perf_counter()
            answer(run.options.seed)
            found[who].append(time.perf_counter() - begun)
    run.figure(
        "filter_of_a_new_model_seconds_by_blackjax",
        float(np.median(found["ours"]) / np.median(found["blackjax"])),
        note="first answer: sentences read, planned and followed; functions traced, compiled and run",
        seconds=found,
        particles=WORLDS,
    )


def _contest(
    run: Experiment,
    model: Model,
    name: str,
    times: dict[str, Times],
    answers: dict[str, list[Answer]],
    equal: str,
) -> None:
    sizes = {who: effective(model, found) for who, found in answers.items()}
    rates = {who: size.value / times[who].median for who, size in sizes.items()}
    seeds = len(answers["blackjax"])
    off = {
        who: float(np.mean([a.log_evidence - model.log_evidence for a in found]))
        for who, found in answers.items()
    }
    for who in times:
        if who == "blackjax":
            continue
        label = name if who == "ours" else f"{name}_{who}"
        processor = ratio(times["blackjax"], times[who]).processor
        pair = {who: sizes[who], "blackjax": sizes["blackjax"]}
        spread = math.hypot(*(size.standard_error / size.value for size in pair.values()))
        by_blackjax = rates[who] / rates["blackjax"]
        run.figure(
            f"{label}_ess_a_second_by_blackjax",
            by_blackjax,
            by_blackjax * spread,
            equal=equal,
            by_processor_time=sizes[who].value / sizes["blackjax"].value * processor,
            note="effective size by the errors of the means of all states, against the exact means, over "
            f"{seeds} seeds; the standard error is that of the two sizes",
            ess_a_second={who: rates[who], "blackjax": rates["blackjax"]},
            effective_size={name: size.value for name, size in pair.items()},
            effective_size_standard_error={n: size.standard_error for n, size in pair.items()},
            log_evidence_too_high_by={who: off[who], "blackjax": off["blackjax"]},
            times={peer: times[peer].summary() for peer in (who, "blackjax")},
        )
        run.figure(
            f"{label}_seconds_by_blackjax",
            times[who].median / times["blackjax"].median,
            equal=equal,
            ratio_of_processor_time=1 / processor,
        )
