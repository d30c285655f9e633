"""A variational autoencoder of handwritten digits.

python -m experiments vae --objective elbo --objective iwelbo
"""

from __future__ import annotations

from typing import Any

from experiments.command import positive
from experiments.common import Experiment, UsageError, command, make_parser, read_options
from experiments.registry import description

DESCRIPTION = description("vae")
OBJECTIVES = ("elbo", "iwelbo")
PARTICLES = 5  # of iwelbo
RATE, BATCH = 2e-3, 64
DRAWS = 1_000  # codes for each held-out picture, in the estimate of its log probability


@command("vae")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    what = f"{DESCRIPTION}; --worlds is the codes drawn for each held-out picture"
    parser = make_parser("vae", what, DRAWS)
    parser.add_argument(
        "--objective", action="append", choices=OBJECTIVES, help="one of them, or both by two"
    )
    parser.add_argument("--steps", type=positive, default=3_000, metavar="N", help="of training")
    parser.add_argument("--code", type=positive, default=10, metavar="N", help="numbers of a code")
    parser.add_argument("--hidden", type=positive, default=128, metavar="N", help="of a network")
    options = read_options(parser, argv)
    with Experiment("vae", options) as run:
        chosen: Any = options.extra["objective"] or list(OBJECTIVES)
        learn(run, list(dict.fromkeys(chosen)))
    return 0


def learn(run: Experiment, names: list[str]) -> None:
    """Train with each objective, judge on held-out digits, and draw."""
    from functools import partial

    import jax
    import jax.numpy as jnp
    import optax

    from experiments import digits
    from experiments.vae.model import Autoencoder
    from experiments.vae.picture import compare
    from vi import elbo, iwelbo
    from vi.fitting import (
        CheckpointError,
        Checkpoints,
        Estimates,
        FitOptions,
        optimise,
        plot_curves,
    )

    extra: Any = run.options.extra
    steps, code, hidden = extra["steps"], extra["code"], extra["hidden"]
    bounds = {"elbo": elbo, "iwelbo": partial(iwelbo, n=PARTICLES)}
    train, held_out = (d.pictures.reshape(len(d.pictures), -1) for d in digits.load())
    vae = Autoencoder(train.shape[1], code, hidden)
    init_key, train_key, test_key, made_key = jax.random.split(run.key, 4)
    shown = jnp.asarray(held_out)
    curves, drawn, bits = {}, {}, {}
    optimiser = optax.adam(optax.cosine_decay_schedule(RATE, steps, 0.05))
    for name in names:
        objective = vae.objective(bounds[name])
        kept = Checkpoints(run.options.out / "checkpoints" / f"{name}-{steps}x{code}x{hidden}")
        options = FitOptions(steps, optimiser, checkpoints=kept)
        estimator = _Batches(objective, jnp.asarray(train))
        try:
            with run.stage(f"train with {name}", total=steps) as progress:
                fitted = optimise(train_key, estimator, vae.init(init_key), options, progress)
        except CheckpointError as error:
            raise UsageError(str(error)) from error
        curves[name] = fitted.curve
        with run.stage("judge"):
            for judge, bound in (
                ("elbo", elbo),
                ("log_probability", partial(iwelbo, n=run.options.worlds)),
            ):
                tested = Estimates(vae.objective(bound), (shown[:1],))
                values = jax.jit(
                    lambda key, params, pictures, o=tested.objective: jax.lax.map(
                        lambda kx: o.value(kx[0], params, kx[1][None]),
                        (jax.random.split(key, len(pictures)), pictures),
                    )
                )(test_key, fitted.params, shown)
                mean, error = float(values.mean()), float(values.std() / len(values) ** 0.5)
                run.figure(
                    f"{name}_held_out_{judge}", mean, error, unit="nats a picture", n=len(shown)
                )
                run.show(f"  trained with {name}: held-out {judge} {mean:.2f} ± {error:.2f} nats")
            again = vae.again(fitted.params, shown)
            run.figure(
                f"{name}_pixel_error",
                float(jnp.sqrt(jnp.mean((again - shown) ** 2))),
                unit="ink, root mean square",
            )
        run.figure(f"{name}_training_seconds", fitted.seconds, note="compiling included")
        drawn[name] = (again, vae.made_up(made_key, fitted.params, 10))
        bits[name] = str(fitted).splitlines()
    run.figure(
        "mean_picture_pixel_error",
        float(jnp.sqrt(jnp.mean((train.mean(0) - shown) ** 2))),
        unit="ink, root mean square",
        note="who always draws the mean digit",
    )
    run.section("trainings", bits)
    with run.stage("draw"):
        run.save_figure(compare(held_out, drawn), "digits.png")
        axes: Any = plot_curves(curves, negative=True)
        axes.set_title(f"Bound on {BATCH} digits a step", fontsize=10)
        run.save_figure(axes.figure, "curves.png")


class _Batches:
    """The loss and gradient of pictures drawn for each step."""

    def __init__(self, objective: Any, pictures: Any):
        self.objective, self.pictures = objective, pictures

    def __call__(self, key: Any, params: Any) -> Any:
        key, batch = self._batch(key)
        return self.objective.loss_and_gradient(key, params, batch)

    def explain(self, key: Any, params: Any) -> object:
        """Why a loss is not finite."""
        key, batch = self._batch(key)
        return self.objective.explain(key, params, batch)

    def _batch(self, key: Any) -> Any:
        import jax

        which, key = jax.random.split(key)
        index = jax.random.randint(which, (BATCH,), 0, len(self.pictures))
        return key, self.pictures[index]
