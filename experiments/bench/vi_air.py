"""Gradient steps of attend-infer-repeat with five estimators."""

from __future__ import annotations

from rich.table import Table

from experiments.air.training import METHODS, Setting, estimator
from experiments.bench.timing import take_turns
from experiments.common import Experiment

BATCH, STEPS = 64, 5


def measure(run: Experiment, repeats: int) -> None:
    """Time the five estimators, in turns."""
    import jax

    from experiments.bench.vi import Steps, loop

    setting = Setting(batch=BATCH)
    params = setting.air("enum").init(jax.random.key(0))
    contenders = {}
    for name in METHODS:
        contenders[name] = loop(Steps(estimator(name, setting), params), STEPS)
    with run.stage("attend, infer, repeat", total=repeats + 1) as progress:
        times, _ = take_turns(contenders, repeats, said=progress)
    table = Table(title=f"attend, infer, repeat: milliseconds a gradient step of {BATCH} pictures")
    for name in ("estimator", "milliseconds"):
        table.add_column(name, justify="left" if name == "estimator" else "right")
    for name in contenders:
        run.figure(f"air_{name}_milliseconds_a_step", 1e3 * times[name].median / STEPS, n=repeats)
        table.add_row(name, f"{1e3 * times[name].median / STEPS:.3g}")
    run.show(table)
    run.show("Pyro has no part in this: its attend-infer-repeat is not measured here")
