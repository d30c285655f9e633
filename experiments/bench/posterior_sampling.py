"""The same posterior by several samplers: steps a second, effective draws a second, and whether they agree."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from arviz_stats.base.array import array_stats

from experiments.bench.matches import ASKED, Draws, told
from experiments.bench.npm import Skipped
from experiments.bench.samplers import blackjax_nuts, numpyro_nuts, ours, webppl_metropolis
from experiments.bench.timing import take_turns
from inference import Importance

if TYPE_CHECKING:
    from experiments.common import Experiment

REPEATS = 3
CHAINS, DRAWS, BURN = 2000, 200, 20  # ours
NUTS_CHAINS, NUTS_DRAWS, WARM_UP = 4, 1000, 500
WEBPPL = {"draws": 1000, "lag": 19, "burn": 2000}  # each of as many chains as there are repeats
REFERENCE = 4_000_000
WANTED_STEPS = 100.0  # times WebPPL's


def measure(run: Experiment) -> None:
    """Sample, once to warm up and some times to measure, in turns; figures go to the run."""
    seed = run.options.seed
    gradient: dict[str, Callable[[int], Draws]] = {
        "numpyro_nuts": numpyro_nuts(NUTS_CHAINS, NUTS_DRAWS, WARM_UP),
        "blackjax_nuts": blackjax_nuts(NUTS_CHAINS, NUTS_DRAWS, WARM_UP),
    }
    for kind, soft, others in (("soft", True, gradient), ("hard", False, {})):
        world = told(soft)
        metropolis = {"ours": ours(world, CHAINS, DRAWS, BURN)}
        contenders = {**metropolis, **others}
        with run.stage(f"{kind} matches", total=REPEATS + 1) as progress:
            times, last = take_turns(
                {name: lambda i, work=work: work(seed + i) for name, work in contenders.items()},
                REPEATS,
                said=progress,
            )
        seconds = {name: times[name].median for name in contenders}
        try:
            with run.stage(f"{kind} matches in WebPPL"):
                found = webppl_metropolis(soft, REPEATS, **WEBPPL)
            last["webppl"], seconds["webppl"] = found, found.seconds or 0.0
        except Skipped as skipped:
            run.section(f"{kind}_webppl_left_out", str(skipped))
        with run.stage(f"{kind} matches by worlds of the prior"):
            question = world.ask(f"(strength '{ASKED})")
            sure = Importance(worlds=REFERENCE).infer(jax.random.key(seed), question)
        means = {"importance": (sure.mean.value, sure.mean.standard_error)}
        for name, draws in last.items():
            means[name] = _one(run, f"{kind}_{name}", draws, seconds[name])
        _agreement(run, kind, means)
        _ratios(run, kind, last, seconds)


def size(draws: Draws, method: str = "bulk") -> float:
    """Effective draws, of split chains, by ArviZ."""
    found: Any = array_stats.ess(draws.strength.astype(np.float64), method=method)
    return float(found)


def _one(run: Experiment, name: str, draws: Draws, seconds: float) -> tuple[float, float]:
    values = draws.strength.astype(np.float64)
    r_hat: Any = array_stats.rhat(values)
    mean, error = float(values.mean()), float(values.std() / np.sqrt(size(draws, "mean")))
    run.figure(
        f"{name}_ess_a_second",
        size(draws) / seconds,
        effective_size=size(draws),
        r_hat=float(r_hat),
        chains=values.shape[0],
        draws=values.shape[1],
        seconds=seconds,
    )
    if draws.steps:
        run.figure(f"{name}_single_site_steps_a_second", draws.steps / seconds, steps=draws.steps)
    run.figure(f"{name}_{ASKED}", mean, error)
    return mean, error


def _agreement(run: Experiment, kind: str, means: dict[str, tuple[float, float]]) -> None:
    apart = {
        f"{a} and {b}": abs(means[a][0] - means[b][0]) / float(np.hypot(means[a][1], means[b][1]))
        for a, b in itertools.combinations(means, 2)
    }
    run.figure(
        f"{kind}_standard_errors_apart_at_most", max(apart.values()), pairs=apart, wanted=3.5
    )


def _ratios(run: Experiment, kind: str, last: dict[str, Draws], seconds: dict[str, float]) -> None:
    for name in last:
        if name == "ours":
            continue
        rate = size(last["ours"]) / seconds["ours"] / (size(last[name]) / seconds[name])
        run.figure(f"{kind}_ess_a_second_by_{name}", rate)
    if "webppl" in last:
        ours, theirs = (last[name].steps / seconds[name] for name in ("ours", "webppl"))
        run.figure(f"{kind}_steps_a_second_by_webppl", ours / theirs, wanted=WANTED_STEPS)
