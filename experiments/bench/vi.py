"""Gradient steps of `vi` beside JAX written by hand, NumPyro's SVI, and Pyro where it is installed.

A step is a gradient estimate and an update of Adam. Each contender takes some hundred steps (fewer of the
large ones) in one compiled loop; contenders take turns, and a ratio is the median over rounds of one run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import optax
from rich.table import Table

from experiments.bench.timing import Times, ratio, take_turns
from experiments.bench.vi_problems import Steps, cone, cone_by_hand, switches, vae, vae_by_hand
from experiments.common import Experiment

BATCHES = (64, 128, 256, 512, 1_024)
MOST_OF_HAND_CODED = 1.10  # what a step may cost, in steps of JAX written by hand
RATE = 1e-3


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Args:
      batches: estimates of the cone, pictures of the autoencoder.
      repeats: rounds that count.
      cone_steps, vae_steps: of a round at batch 64; at larger ones fewer, in proportion.
    """

    batches: tuple[int, ...] = BATCHES
    repeats: int = 9
    cone_steps: int = 2_000
    vae_steps: int = 60


QUICK = Sizes((64, 1_024), 5, 1_000, 20)
RIGHT = ("batch", "vi", "NumPyro", "times faster")  # columns of numbers
PARTS = ("hand", "numpyro", "air")


def loop(steps: Steps, count: int) -> Callable[[int], Any]:
    """A function of a seed that takes steps of Adam and returns the mean loss."""
    optimiser = optax.adam(RATE)

    @jax.jit
    def run(key: Any, params: Any) -> Any:
        def step(state: Any, key: Any) -> Any:
            params, inner = state
            loss, gradient = steps.estimate(key, params)
            updates, inner = optimiser.update(gradient, inner, params)
            return (optax.apply_updates(params, updates), inner), loss

        state = (params, optimiser.init(params))
        _, losses = jax.lax.scan(step, state, jax.random.split(key, count))
        return losses.mean()

    return lambda seed: float(run(jax.random.key(seed), steps.params))


def measure(run: Experiment, sizes: Sizes, parts: tuple[str, ...] = PARTS) -> None:
    """Run the benchmark.

    Args:
      run: takes the figures.
      sizes: how much is measured.
      parts: of `PARTS`.
    """
    if "hand" in parts:
        by_hand(run, sizes)
    if "numpyro" in parts:
        beside_numpyro(run, sizes)
    if "air" in parts:
        from experiments.bench.vi_air import measure as measure_air

        measure_air(run, sizes.repeats)


def by_hand(run: Experiment, sizes: Sizes) -> None:
    """The cone and the autoencoder beside JAX written by hand, by batch."""
    table = Table(title="milliseconds a gradient step, beside JAX written by hand")
    for name in ("problem", "batch", "vi", "by hand", "ratio (quartiles)", "asked"):
        table.add_column(name, justify="left" if name == "problem" else "right")
    pairs = {
        "cone": (cone, cone_by_hand, sizes.cone_steps),
        "vae": (vae, vae_by_hand, sizes.vae_steps),
    }
    for problem, (ours, theirs, steps) in pairs.items():
        for batch in sizes.batches:
            count = max(steps * 64 // batch, 4)
            with run.stage(f"{problem}, batch {batch}", total=sizes.repeats + 1) as progress:
                contenders = {"vi": loop(ours(batch), count), "hand": loop(theirs(batch), count)}
                times, _ = take_turns(contenders, sizes.repeats, said=progress)
            found = ratio(times["vi"], times["hand"])
            name = f"{problem}_{batch}"
            for who in contenders:
                run.figure(
                    f"{name}_{who}_milliseconds_a_step",
                    1e3 * times[who].median / count,
                    n=sizes.repeats,
                )
            run.figure(
                f"{name}_ratio_to_hand_coded", found.value, asked=MOST_OF_HAND_CODED, **found.more()
            )
            low, high = found.quartiles
            cells = [problem, f"{batch:,}"]
            cells += [f"{1e3 * times[w].median / count:.4g}" for w in contenders]
            cells += [f"{found.value:.3f} ({low:.3f} to {high:.3f})", f"{MOST_OF_HAND_CODED:.2f}"]
            table.add_row(*cells)
    run.show(table)


def beside_numpyro(run: Experiment, sizes: Sizes) -> None:
    """Every objective of NumPyro's SVI, beside the same of ours."""
    from experiments.bench import vi_numpyro as peer
    from experiments.bench.vi_problems import OBJECTIVES

    table = Table(title="milliseconds a gradient step, beside NumPyro's SVI")
    for name in (
        "problem",
        "objective",
        "NumPyro's name",
        "batch",
        "vi",
        "NumPyro",
        "times faster",
    ):
        table.add_column(name, justify="right" if name in RIGHT else "left")
    batch = 64
    for name, objective in OBJECTIVES.items():
        problem = switches if objective.discrete else cone
        steps = sizes.cone_steps // 2
        contenders = {"vi": loop(problem(batch, name), steps)}
        if objective.numpyro is not None:
            contenders["numpyro"] = peer.loop(name, batch, steps, RATE)
        with run.stage(f"NumPyro, {name}", total=sizes.repeats + 1) as progress:
            times, last = take_turns(contenders, sizes.repeats, said=progress)
        for who in contenders:
            run.figure(
                f"{name}_{who}_milliseconds_a_step",
                1e3 * times[who].median / steps,
                n=sizes.repeats,
            )
            run.figure(f"{name}_{who}_mean_loss", float(np.mean(last[who])), unit="nats")
        cells = [f"{1e3 * times[w].median / steps:.4g}" for w in contenders]
        if objective.numpyro is not None:
            found = ratio(times["numpyro"], times["vi"])
            run.figure(f"{name}_times_faster_than_numpyro", found.value, asked=1.0, **found.more())
            cells.append(_spread(times["numpyro"], times["vi"]))
        else:
            cells += ["cannot", ""]
        where = "switches" if objective.discrete else "cone"
        table.add_row(where, name, objective.numpyro or "", f"{batch}", *cells)
    run.show(table)


def _spread(peer: Times, ours: Times) -> str:
    found = ratio(peer, ours)
    low, high = found.quartiles
    return f"{found.value:.2f} ({low:.2f} to {high:.2f})"
