"""The weight of a coin that fell heads six times in ten: a beta guide, and the exact posterior.

The weight ~ beta(10, 10), so the posterior is beta(16, 14). Source: the coin of PLDI 2024, and of
Pyro's tutorial on variational inference.
"""

from __future__ import annotations

from typing import Any

from experiments.common import Experiment, command
from experiments.registry import description

DESCRIPTION = description("coin")
PRIOR, HEADS, TAILS = (10.0, 10.0), 6, 4


@command("coin")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
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

    table = (Variant("elbo"), Variant("iwelbo", n=5), Variant("renyi", n=5))
    options, asked = options_of("coin", DESCRIPTION, argv)
    with Experiment("coin", options) as run:
        problem, law = coin(), posterior()
        results = fit_all(run, problem, variants_of(table, asked), asked["steps"])
        read = lambda samples: samples["weight"]  # noqa: E731
        record_moments(run, results, "weight", read, (float(law.mean()), float(law.std())))
        with run.stage("draw"):
            run.save_figure(curves(problem, results), "curves.png")
            title = f"A coin with {HEADS} heads and {TAILS} tails: guides and the exact posterior"
            panels = [("chance of heads", "", read, law)]
            run.save_figure(posteriors(results, panels, title), "posterior.png")
        run.show(table_of(problem, results))
    return 0


def posterior() -> Any:
    """The exact posterior of the weight."""
    from scipy.stats import beta

    return beta(PRIOR[0] + HEADS, PRIOR[1] + TAILS)


def exact_evidence() -> float:
    """Log probability of the tosses, in their order.

    >>> round(exact_evidence(), 4)
    -7.0694
    """
    from scipy.special import betaln

    return float(betaln(PRIOR[0] + HEADS, PRIOR[1] + TAILS) - betaln(*PRIOR))


def coin() -> Any:
    """The problem: a beta guide, reparametrised implicitly or by scores."""
    import jax.numpy as jnp
    from genjax import beta, flip, gen

    from experiments.variational.problem import Guide, Problem
    from vi import Strategy, target

    tosses = jnp.arange(HEADS + TAILS) < HEADS

    @gen
    def model():
        weight = beta(*PRIOR) @ "weight"
        flip(jnp.full(tosses.shape, weight)) @ "tosses"

    def plain(strategy: Strategy) -> Guide:
        @gen
        def guide(t):
            strategy(beta)(jnp.exp(t["log_a"]), jnp.exp(t["log_b"])) @ "weight"

        return Guide(guide, {"log_a": 2.0, "log_b": 2.0})

    observed = target(model, {"tosses": tosses})
    return Problem("coin", observed, ("weight",), exact_evidence(), plain)
