"""Gradient steps of attend-infer-repeat with five estimators, and Pyro's where it is installed."""

from __future__ import annotations

from importlib.util import find_spec

from rich.table import Table

from experiments.air.training import METHODS, Setting, estimator
from experiments.bench.timing import ratio, take_turns
from experiments.common import Experiment

BATCH, STEPS = 64, 5


def measure(run: Experiment, repeats: int) -> None:
    """Time the five estimators, in turns, and Pyro's two where torch and pyro-ppl are there."""
    import jax

    from experiments.bench.vi import Steps, loop

    setting = Setting(batch=BATCH)
    params = setting.air("enum").init(jax.random.key(0))
    contenders = {}
    for name in METHODS:
        contenders[name] = loop(Steps(estimator(name, setting), params), STEPS)
    missing = [name for name in ("torch", "pyro") if find_spec(name) is None]
    if missing:
        run.show(
            f"Pyro is left out: {' and '.join(missing)} not installed "
            "(uv run --with torch --with pyro-ppl python -m experiments bench vi --only air)"
        )
    else:
        from experiments.bench.vi_pyro import pyro_steps

        contenders |= {
            f"pyro_{name}": pyro_steps(name, BATCH, STEPS) for name in ("reinforce", "enum")
        }
    run.section("pyro", {"measured": not missing, "missing": missing})
    with run.stage("attend, infer, repeat", total=repeats + 1) as progress:
        times, _ = take_turns(contenders, repeats, said=progress)
    table = Table(title=f"attend, infer, repeat: milliseconds a gradient step of {BATCH} pictures")
    for name in ("estimator", "milliseconds", "beside Pyro"):
        table.add_column(name, justify="left" if name == "estimator" else "right")
    for name in contenders:
        run.figure(f"air_{name}_milliseconds_a_step", 1e3 * times[name].median / STEPS, n=repeats)
        peer = times.get(f"pyro_{name}")
        beside = ""
        if peer is not None:
            found = ratio(peer, times[name])
            run.figure(f"air_{name}_times_faster_than_pyro", found.value, **found.more())
            beside = f"{found.value:.1f} times faster"
        table.add_row(name, f"{1e3 * times[name].median / STEPS:.3g}", beside)
    run.show(table)
