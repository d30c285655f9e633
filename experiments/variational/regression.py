"""A Bayesian linear regression: a normal guide with full covariance, and the exact posterior.

y ~ normal(w · (1, x, x²), 0.5), w ~ normal(0, 2). The data are made from the seed, of weights that
are drawn too, so the exact posterior and evidence are those of a multivariate normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from experiments.common import Experiment, command
from experiments.registry import description

DESCRIPTION = description("regression")
POINTS, NOISE, PRIOR = 40, 0.5, 2.0
NAMES = ("intercept", "slope", "curvature")


@command("regression")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    from scipy.stats import norm

    from experiments.variational.fitting import (
        curves,
        fit_all,
        options_of,
        posteriors,
        record_moments,
        table_of,
        variants_of,
    )
    from experiments.variational.problem import Variant

    table = (Variant("elbo"), Variant("elbo-stl"), Variant("iwelbo", n=5))
    options, asked = options_of("regression", DESCRIPTION, argv)
    with Experiment("regression", options) as run:
        data = make_data(options.seed)
        problem = regression(data)
        results = fit_all(run, problem, variants_of(table, asked), asked["steps"])
        mean, sd = data.mean, data.covariance.diagonal() ** 0.5
        panels = []
        for i, name in enumerate(NAMES):
            read = lambda samples, i=i: samples["w"][:, i]  # noqa: E731
            record_moments(run, results, name, read, (float(mean[i]), float(sd[i])))
            panels.append((name, "", read, norm(mean[i], sd[i])))
        with run.stage("draw"):
            run.save_figure(curves(problem, results), "curves.png")
            title = f"Regression on {POINTS} points: guides and the exact posterior"
            run.save_figure(posteriors(results, panels, title), "posterior.png")
        run.show(table_of(problem, results))
    return 0


@dataclass(frozen=True, eq=False)
class Data:
    """Points, and what they imply exactly.

    Args:
      features: 1, x and x², `[points, 3]`.
      y: `[points]`.
      mean: of the posterior, `[3]`.
      covariance: of the posterior, `[3, 3]`.
      evidence: log density of y.
    """

    features: Any
    y: Any
    mean: Any
    covariance: Any
    evidence: float


def make_data(seed: int) -> Data:
    """Draw points from the model, and solve it.

    >>> data = make_data(0)
    >>> data.features.shape, data.covariance.shape
    ((40, 3), (3, 3))
    """
    import numpy as np

    draw = np.random.default_rng(seed)
    x = draw.uniform(-2, 2, POINTS)
    features = np.stack([np.ones(POINTS), x, x**2], 1)
    y = features @ draw.normal(0, PRIOR, 3) + draw.normal(0, NOISE, POINTS)
    covariance = np.linalg.inv(features.T @ features / NOISE**2 + np.eye(3) / PRIOR**2)
    mean = covariance @ features.T @ y / NOISE**2
    spread = NOISE**2 * np.eye(POINTS) + PRIOR**2 * features @ features.T
    _, log_determinant = np.linalg.slogdet(2 * np.pi * spread)
    evidence = -0.5 * float(log_determinant + y @ np.linalg.solve(spread, y))
    return Data(features, y, mean, covariance, evidence)


def regression(data: Data) -> Any:
    """The problem: a multivariate normal guide, made from a lower triangle."""
    import jax.numpy as jnp
    from genjax import gen, multivariate_normal, normal

    from experiments.variational.problem import Guide, Problem
    from vi import Strategy, target

    features = jnp.asarray(data.features, jnp.float32)

    @gen
    def model():
        w = multivariate_normal(jnp.zeros(3), PRIOR**2 * jnp.eye(3)) @ "w"
        normal(features @ w, NOISE) @ "y"

    def plain(strategy: Strategy) -> Guide:
        @gen
        def guide(t):
            factor = jnp.tril(t["lower"], -1) + jnp.diag(jnp.exp(t["log_diagonal"]))
            strategy(multivariate_normal)(t["mean"], factor @ factor.T) @ "w"

        start = {
            "mean": jnp.zeros(3),
            "lower": jnp.zeros((3, 3)),
            "log_diagonal": jnp.full(3, -2.0),
        }
        return Guide(guide, start)

    observed = target(model, {"y": jnp.asarray(data.y, jnp.float32)})
    return Problem("regression", observed, ("w",), data.evidence, plain, rate=1e-2)
