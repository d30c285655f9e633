"""Attend, infer, repeat: counts the digits of pictures, trained with five estimators of the gradient.

    python -m experiments air --estimator enum --estimator mvd

Source: Lew et al., Probabilistic programming with programmable variational inference (PLDI 2024),
section 8; Eslami et al., Attend, infer, repeat (2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.command import positive
from experiments.common import Experiment, UsageError, command, make_parser, read_options
from experiments.registry import description

if TYPE_CHECKING:
    from experiments.air.training import Setting

DESCRIPTION = description("air")
ESTIMATORS = ("reinforce", "enum", "mvd", "iwae_reinforce", "iwae_mvd")
HELD_OUT = 1_000
ASKED = 0.9  # share of held-out pictures that the best one is to count right


@command("air")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    parser = make_parser("air", f"{DESCRIPTION}; --worlds is the held-out pictures", HELD_OUT)
    parser.add_argument(
        "--estimator",
        action="append",
        choices=ESTIMATORS,
        help="one of them, several times for more",
    )
    parser.add_argument("--steps", type=positive, default=1_000, metavar="N", help="of training")
    parser.add_argument("--batch", type=positive, default=32, metavar="N", help="pictures a step")
    parser.add_argument("--most", type=positive, default=2, metavar="N", help="digits on a picture")
    parser.add_argument(
        "--side", type=positive, default=20, metavar="N", help="pixels of a picture"
    )
    parser.add_argument("--noise", action="store_true", help="measure the noise of the gradients")
    options = read_options(parser, argv)
    with Experiment("air", options) as run:
        setting = _setting(options.extra)
        chosen: Any = options.extra["estimator"] or list(ESTIMATORS)
        learn(run, setting, list(dict.fromkeys(chosen)))
    return 0


def _setting(extra: Any) -> Setting:
    from experiments.air.pictures import Canvas
    from experiments.air.training import Setting

    try:
        return Setting(extra["steps"], extra["batch"], Canvas(extra["side"], extra["most"]))
    except ValueError as error:
        raise UsageError(f"arguments --most and --side: {error}") from error


def learn(run: Experiment, setting: Setting, methods: list[str]) -> None:
    """Train with each estimator, count the objects of held-out pictures, and draw."""
    import jax

    from experiments.air.picture import readings
    from experiments.air.training import judge, starting_share, train
    from vi.fitting import CheckpointError, plot_curves

    train_key, test_key, noise_key = jax.random.split(run.key, 3)
    curves, judged, trained = {}, {}, {}
    shape = f"{setting.steps}x{setting.batch}-{setting.canvas.most}on{setting.canvas.side}"
    for name in methods:
        folder = run.options.out / "checkpoints" / f"{name}-{shape}"
        try:
            with run.stage(f"train with {name}", total=setting.steps) as progress:
                fitted = train(train_key, name, setting, folder, progress)
        except CheckpointError as error:
            raise UsageError(str(error)) from error
        trained[name], curves[name] = fitted, fitted.curve
        with run.stage("count objects"):
            found = judge(test_key, setting.air(name), fitted.params, run.options.worlds)
        judged[name] = found
        share, error = found.right
        run.figure(f"{name}_counted_right", share, error, n=run.options.worlds)
        run.figure(f"{name}_pixel_error", found.error, unit="ink, root mean square")
        mean, loss_error = fitted.curve.last()
        run.figure(f"{name}_bound", -mean, loss_error, unit="nats", note="last tenth of the steps")
        run.figure(
            f"{name}_training_seconds", fitted.seconds, note="compiling included; this run's alone"
        )
        run.show(f"  {name}: {share:.1%} ± {error:.1%} counted right, bound {-mean:.1f}")
    best = max(judged, key=lambda name: judged[name].right[0])
    share, error = judged[best].right
    run.figure("best_counted_right", share, error, reference=ASKED, estimator=best)
    run.figure(
        "always_the_same_count", starting_share(judged[best].counts), note="who does not look"
    )
    if run.options.extra["noise"]:
        with run.stage("noise of gradients"):
            _noise(run, noise_key, setting, trained[best].params)
    with run.stage("draw"):
        run.save_figure(readings(judged[best], best), "readings.png")
        axes: Any = plot_curves(curves, negative=True)
        axes.set_title(f"Bound while training, {setting.batch} pictures a step", fontsize=10)
        run.save_figure(axes.figure, "curves.png")
    run.section("trainings", {name: str(fitted).splitlines() for name, fitted in trained.items()})


def _noise(run: Experiment, key: Any, setting: Setting, params: Any) -> None:
    """The noise of each estimator of the bound's gradient, at the parameters that were learned."""
    from experiments.air.training import estimator
    from vi.fitting import gradient_noise

    for group in (("enum", "mvd", "reinforce"), ("iwae_mvd", "iwae_reinforce")):
        report = gradient_noise(key, {n: estimator(n, setting) for n in group}, params, 100)
        for row in report.rows:
            run.figure(f"{row.name}_gradient_variance", row.variance, n=report.samples)
        run.show(report.table())
