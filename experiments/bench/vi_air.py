"""Gradient steps of attend-infer-repeat with five estimators, beside Pyro's where it is there."""

from __future__ import annotations

from functools import partial
from typing import Any

from rich.table import Table

from experiments.air.training import METHODS, Setting, estimator
from experiments.bench import vi_pyro as peer
from experiments.bench.timing import ratio, take_turns
from experiments.common import Experiment

BATCH, STEPS = 64, 5


def measure(run: Experiment, repeats: int) -> None:
    """Time the five estimators, in turns, from the same parameters."""
    import jax

    from experiments.bench.vi import RATE, Steps, loop

    setting = Setting(batch=BATCH)
    params = setting.air("enum").init(jax.random.key(0))
    table = Table(title=f"attend, infer, repeat: milliseconds a gradient step of {BATCH} pictures")
    for name in ("estimator", "vi", "Pyro", "times faster (quartiles)", "mean loss", "Pyro's"):
        table.add_column(name, justify="left" if name == "estimator" else "right")
    for name in METHODS:
        contenders = {"vi": loop(Steps(estimator(name, setting), params), STEPS)}
        if peer.present() and name not in peer.CANNOT:
            contenders["pyro"] = peer.loop(name, setting, params, STEPS, RATE)
        with run.stage(f"attend, infer, repeat: {name}", total=repeats + 1) as progress:
            times, last = take_turns(contenders, repeats, said=progress)
        milliseconds = {who: 1e3 * found.median / STEPS for who, found in times.items()}
        figure = partial(run.figure, n=repeats)
        figure(f"air_{name}_milliseconds_a_step", milliseconds["vi"])
        cells = [f"{milliseconds['vi']:.3g}", "cannot" if name in peer.CANNOT else "", "", "", ""]
        cells[3] = f"{last['vi']:.1f}"
        if "pyro" in times:
            found = ratio(times["pyro"], times["vi"])
            low, high = found.quartiles
            figure(f"air_{name}_pyro_milliseconds_a_step", milliseconds["pyro"])
            more: dict[str, Any] = found.more()
            if name in peer.LEAVES_OUT:
                more["note"] = peer.LEAVES_OUT[name]
            figure(f"air_{name}_times_faster_than_pyro", found.value, asked=1.0, **more)
            figure(f"air_{name}_pyro_mean_loss", last["pyro"], unit="nats")
            cells[1:3] = (
                f"{milliseconds['pyro']:.3g}",
                f"{found.value:.1f} ({low:.1f} to {high:.1f})",
            )
            cells[4] = f"{last['pyro']:.1f}"
        figure(f"air_{name}_mean_loss", last["vi"], unit="nats")
        table.add_row(name, *cells)
    run.show(table)
    if peer.present():
        run.show(*(f"{name}: {what}" for name, what in peer.LEAVES_OUT.items()))
    if not peer.present():
        run.show(f"Pyro is not installed here; to measure it as well: {peer.HOW}")
