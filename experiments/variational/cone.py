"""The cone: a ring-shaped posterior that a normal guide cannot cover, and guides that can.

x, y ~ normal(0, 10); z ~ normal(x² + y², 0.1 + (x² + y²) / 100); z = 5. Source: PLDI 2024, section 2.
"""

from __future__ import annotations

import math
from typing import Any

from experiments.common import Experiment, command
from experiments.registry import description

DESCRIPTION = description("cone")
PRIOR, OBSERVED = 10.0, 5.0
# Of the table: with several weights the bound is judged by fewer estimates a step, as in the paper.
LARGE = 64


@command("cone")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    from experiments.variational.fitting import curves, fit_all, options_of, table_of, variants_of
    from experiments.variational.problem import Variant

    table = (
        Variant("elbo", reference=-8.08),
        Variant("iwelbo", n=5, estimates=1, reference=-7.79),
        Variant("hvi", reference=-9.75),
        Variant("iwhvi", m=5, reference=-8.18),
        Variant("diwhvi", n=5, m=5, reference=-7.33),
        Variant("diwhvi", n=LARGE, m=LARGE, estimates=1),
    )
    options, asked = options_of("cone", DESCRIPTION, argv)
    with Experiment("cone", options) as run:
        problem = cone()
        results = fit_all(run, problem, variants_of(table, asked), asked["steps"])
        with run.stage("draw"):
            run.save_figure(curves(problem, results), "curves.png")
            run.save_figure(picture(results), "samples.png")
        run.show(table_of(problem, results))
    return 0


def cone() -> Any:
    """The problem: a plain normal guide, and one that draws an angle first."""
    import jax
    import jax.numpy as jnp
    from genjax import gen, normal, uniform

    from experiments.variational.problem import Guide, Problem
    from experiments.variational.starts import Starts
    from vi import Strategy, target

    @gen
    def model():
        x = normal(0.0, PRIOR) @ "x"
        y = normal(0.0, PRIOR) @ "y"
        square = x**2 + y**2
        normal(square, 0.1 + square / 100) @ "z"

    def log_length(key: Any) -> Any:
        """From the prior's scale to a thousandth of it, any order of magnitude as likely."""
        return jax.random.uniform(key, (), minval=math.log(PRIOR / 1_000), maxval=math.log(PRIOR))

    def of_plain(key: Any) -> dict[str, Any]:
        keys = jax.random.split(key, 4)
        x, y = (PRIOR * jax.random.normal(k) for k in keys[:2])
        return {"x": x, "log_sd_x": log_length(keys[2]), "y": y, "log_sd_y": log_length(keys[3])}

    def of_ring(key: Any) -> dict[str, Any]:
        radius, sd = map(log_length, jax.random.split(key))
        return {"log_radius": radius, "log_sd": sd}

    def plain(strategy: Strategy) -> Guide:
        @gen
        def guide(t):
            strategy(normal)(t["x"], jnp.exp(t["log_sd_x"])) @ "x"
            strategy(normal)(t["y"], jnp.exp(t["log_sd_y"])) @ "y"

        return Guide(guide, Starts(of_plain, 32_768))

    def on_a_ring(strategy: Strategy) -> Guide:
        @gen
        def guide(t):
            angle = uniform(0.0, 2 * jnp.pi) @ "angle"
            radius, sd = jnp.exp(t["log_radius"]), jnp.exp(t["log_sd"])
            strategy(normal)(radius * jnp.cos(angle), sd) @ "x"
            strategy(normal)(radius * jnp.sin(angle), sd) @ "y"

        @gen
        def reverse(kept, t):
            uniform(0.0, 2 * jnp.pi) @ "angle"

        return Guide(guide, Starts(of_ring, 512), reverse)

    observed = target(model, {"z": OBSERVED})
    return Problem("cone", observed, ("x", "y"), exact_evidence(), plain, on_a_ring)


def exact_evidence() -> float:
    """Log p(z = 5) by quadrature: s = x² + y² is exponential with mean 200.

    >>> round(exact_evidence(), 4)
    -5.3232
    """
    from scipy.integrate import quad
    from scipy.stats import norm

    def density(s: float) -> float:
        return float(math.exp(-s / 200) / 200 * norm.pdf(OBSERVED, s, 0.1 + s / 100))

    total, _ = quad(density, 0, 30, points=[4, 5, 6], limit=400)
    return math.log(total)


def picture(results: list[Any]) -> Any:
    """Samples of each fitted guide over the posterior's density."""
    import numpy as np
    from matplotlib.figure import Figure

    columns = min(3, len(results))
    rows = -(-len(results) // columns)
    figure = Figure(figsize=(3.6 * columns, 3.7 * rows + 0.4), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False)
    side = np.linspace(-3.2, 3.2, 321)
    x, y = np.meshgrid(side, side)
    square = x**2 + y**2
    scale = 0.1 + square / 100
    log_density = -square / 200 - np.log(scale) - 0.5 * ((OBSERVED - square) / scale) ** 2
    for axes, found in zip(panels.flat, results, strict=False):
        axes.contourf(x, y, np.exp(log_density), levels=12, cmap="Greys")
        axes.scatter(found.samples["x"], found.samples["y"], s=4, alpha=0.5, color="tab:blue")
        axes.set_aspect("equal")
        axes.set_xlim(-3.2, 3.2)
        axes.set_ylim(-3.2, 3.2)
        axes.set_xlabel("x")
        axes.set_ylabel("y")
        inside = np.mean(np.hypot(found.samples["x"], found.samples["y"]) < 3.2)
        count = len(found.samples["x"])
        axes.set_title(
            f"{found.variant.title}: {found.bound:.2f} nats\n{count:,} samples", fontsize=9
        )
        if inside < 1:
            axes.annotate(f"{1 - inside:.1%} outside", (0.02, 0.02), xycoords="axes fraction")
    for axes in list(panels.flat)[len(results) :]:
        axes.set_visible(False)
    figure.suptitle("Samples of the approximate posterior (blue) over the posterior density (grey)")
    return figure
