"""Fit variants of a problem, judge them, and show how it went."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np
import optax
from genjax import categorical, seed
from rich.table import Table

from experiments.common import Experiment, Options, ResultError, make_parser, positive, read_options
from experiments.variational.problem import (
    OBJECTIVES,
    STRATEGIES,
    Guide,
    Problem,
    Variant,
    guide_of,
    objective_of,
)
from experiments.variational.starts import Starts
from vi import draws, independent, log_densities
from vi.fitting import Curve, Estimates, FitOptions, NotFinite, optimise, plot_curves

PICTURED = 1_000  # samples in a picture
BLOCK = 500  # estimates of a bound that are made at once


@dataclass(frozen=True, eq=False)
class Result:
    """A variant after its fit.

    Args:
      variant: what was fitted.
      start: parameters of the guide before.
      parameters: and after.
      curve: of the loss.
      bound: the mean over fresh samples, in nats.
      error: its standard error.
      samples: of the approximate posterior, by address, `[PICTURED]`.
      seconds: of the fit, compilation included.
    """

    variant: Variant
    start: dict[str, Any]
    parameters: dict[str, Any]
    curve: Curve
    bound: float
    error: float
    samples: dict[str, np.ndarray]
    seconds: float


def options_of(name: str, description: str, argv: list[str]) -> tuple[Options, dict[str, Any]]:
    """The command line of a problem: the shared options, and those of the fit."""
    parser = make_parser(name, description, worlds=5_000)
    parser.add_argument(
        "--objective", choices=["table", *OBJECTIVES], default="table", help="what to fit with"
    )
    parser.add_argument(
        "--strategy", choices=list(STRATEGIES), default="reparametrise", help="at each draw"
    )
    parser.add_argument("-n", type=positive, default=5, help="weights in the bound")
    parser.add_argument("-m", type=positive, default=5, help="particles for the guide's density")
    parser.add_argument("--steps", type=positive, default=5_000, help="steps of Adam")
    parser.add_argument(
        "--estimates", type=positive, default=None, help="of the gradient in a step"
    )
    options = read_options(parser, argv)
    return options, dict(options.extra)


def variants_of(table: tuple[Variant, ...], asked: dict[str, Any]) -> tuple[Variant, ...]:
    """What the command line asks for: the table of the problem, or one variant."""
    if asked["objective"] == "table":
        found = [replace(v, strategy=asked["strategy"]) for v in table]
    else:
        found = [Variant(asked["objective"], asked["strategy"], asked["n"], asked["m"])]
        found = [replace(v, reference=_reference(v, table)) for v in found]
    if asked["estimates"] is not None:
        found = [replace(v, estimates=asked["estimates"]) for v in found]
    return tuple(found)


def _reference(variant: Variant, table: tuple[Variant, ...]) -> float | None:
    return next((v.reference for v in table if v.title == variant.title), None)


def fit_all(
    run: Experiment, problem: Problem, variants: tuple[Variant, ...], steps: int
) -> list[Result]:
    """Fit and judge each variant, and record its bound."""
    results = []
    guides = [guide_of(problem, v) for v in variants]
    for number, (variant, guide) in enumerate(zip(variants, guides, strict=True)):
        key = jax.random.fold_in(run.key, number)
        results.append(_fit(run, problem, guide, variant, steps, key))
        found = results[-1]
        run.figure(
            f"{variant.key}_bound",
            found.bound,
            found.error,
            exact=problem.evidence,
            unit="nats",
            n=run.options.worlds,
            **({} if variant.reference is None else {"reference": variant.reference}),
        )
    run.section(
        "fits",
        [
            {
                "objective": r.variant.title,
                "strategy": r.variant.strategy,
                "estimates": r.variant.estimates,
                "learning_rate": problem.rate,
                "steps": len(r.curve),
                "start": _plain(r.start),
                "parameters": _plain(r.parameters),
                "seconds": r.seconds,
            }
            for r in results
        ],
    )
    return results


def _plain(parameters: dict[str, Any]) -> dict[str, Any]:
    return {name: np.asarray(value).tolist() for name, value in parameters.items()}


def _fit(
    run: Experiment, problem: Problem, guide: Guide, variant: Variant, steps: int, key: Any
) -> Result:
    objective = objective_of(problem, guide, variant, variant.objective)
    judged = OBJECTIVES[variant.objective].bound or variant.objective
    bound = objective_of(problem, guide, variant, judged)
    fit_key, judge_key, picture_key, start_key = jax.random.split(key, 4)
    start = guide.start
    if isinstance(start, Starts):
        objective.check(start.draw(start_key), estimates=variant.estimates)
        with run.stage(f"best of {start.tries:,} starts, {variant.title}"):
            start = start.best(start_key, bound, variant.n * variant.m)
    objective.check(start, estimates=variant.estimates)
    options = FitOptions(steps, optax.adam(problem.rate), chunk=min(500, steps))
    with run.stage(f"fit {variant.title}", total=steps) as progress:
        estimates = Estimates(objective, (), variant.estimates)
        try:
            fitted = optimise(fit_key, estimates, start, options, progress)
        except NotFinite as error:
            raise ResultError(f"{variant.title}: {error}") from error
    with run.stage("judge"):
        values = _values(bound, judge_key, fitted.params, run.options.worlds)
        samples = _samples(problem, guide, variant, fitted.params, picture_key)
    error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
    return Result(
        variant,
        start,
        fitted.params,
        fitted.curve,
        float(values.mean()),
        error or 0.0,
        {address: np.asarray(x) for address, x in samples.items()},
        fitted.seconds,
    )


def _values(bound: Any, key: Any, parameters: Any, count: int) -> np.ndarray:
    """Estimates of a bound, a block at a time."""
    blocks = -(-count // BLOCK)
    make = jax.jit(lambda key: bound.values(key, parameters, estimates=BLOCK))
    found = jax.lax.map(make, jax.random.split(key, blocks))
    return np.asarray(found, np.float64).reshape(-1)[:count]


def _samples(
    problem: Problem, guide: Guide, variant: Variant, parameters: Any, key: Any
) -> dict[str, Any]:
    """Of the guide; where the bound has several weights, one of n draws taken by its weight."""

    def one() -> dict[str, Any]:
        z, log_q = draws(guide.program.T(parameters), variant.n)
        kept = {a: z[a] for a in problem.latents}
        if variant.n == 1:
            return {a: x[0] for a, x in kept.items()}
        if guide.reverse is not None:
            from vi import Importance, marginal

            q = marginal(guide.program, problem.latents, Importance(variant.m, guide.reverse))
            kept, log_q = draws(q.T(parameters), variant.n)
        taken = categorical.sample(log_densities(problem.target, kept) - log_q)
        return {a: x[taken] for a, x in kept.items()}

    return jax.jit(seed(lambda: independent(one, PICTURED)))(key)


def table_of(problem: Problem, results: list[Result]) -> Table:
    """The bounds, for people."""
    table = Table(title=f"Exact log evidence {problem.evidence:.4f} nats", title_justify="left")
    for title in ("objective", "bound (nats)", "± standard error", "paper", "gap", "fit (s)"):
        table.add_column(title, justify="left" if title == "objective" else "right")
    for r in results:
        paper = "" if r.variant.reference is None else f"{r.variant.reference:.2f}"
        gap = problem.evidence - r.bound
        cells = (f"{r.bound:.3f}", f"{r.error:.3f}", paper, f"{gap:.3f}", f"{r.seconds:.1f}")
        table.add_row(r.variant.title, *cells)
    return table


def curves(problem: Problem, results: list[Result]) -> Any:
    """Objectives step by step, with bands, and the exact log evidence."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.8), layout="constrained")
    axes = figure.subplots()
    plot_curves({r.variant.title: r.curve for r in results}, axes, negative=True)
    axes.axhline(problem.evidence, color="black", linestyle="--", linewidth=1)
    axes.annotate(
        f"exact log evidence {problem.evidence:.3f}",
        (0.01, problem.evidence),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        fontsize=8,
    )
    lowest = min(float(np.quantile(-r.curve.losses, 0.2)) for r in results)
    span = max(problem.evidence - lowest, 0.1)
    axes.set_ylim(problem.evidence - 1.1 * span, problem.evidence + 0.2 * span)
    axes.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    axes.set_title(f"{problem.name}: objectives while they are maximised", fontsize=10)
    return figure


def posteriors(results: list[Result], panels: list[tuple[str, str, Any, Any]], title: str) -> Any:
    """Samples of each fit beside exact marginal posteriors.

    Args:
      results: fits.
      panels: for each marginal its label, its unit, what to read off samples, and its exact law
        (of scipy.stats).
      title: of the picture.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(4.4 * len(panels), 6.5), 3.8), layout="constrained")
    for axes, (label, unit, read, law) in zip(
        figure.subplots(1, len(panels), squeeze=False).flat, panels, strict=True
    ):
        side = np.linspace(law.ppf(1e-4), law.ppf(1 - 1e-4), 400)
        axes.plot(side, law.pdf(side), color="black", label="exact posterior")
        for found in results:
            axes.hist(
                read(found.samples),
                bins=30,
                range=(side[0], side[-1]),
                density=True,
                histtype="step",
                label=f"{found.variant.title} ({PICTURED:,} samples)",
            )
        axes.set_xlabel(f"{label}{f' ({unit})' if unit else ''}")
        axes.set_ylabel("density")
        axes.set_ylim(0, 1.75 * law.pdf(law.median()))
        axes.legend(fontsize=7, frameon=False, loc="upper left")
    figure.suptitle(title, fontsize=11)
    return figure


def record_moments(
    run: Experiment, results: list[Result], name: str, read: Any, exact: tuple[float, float]
) -> None:
    """Record the mean and standard deviation of a marginal of each fit, beside the exact ones."""
    for found in results:
        x = np.asarray(read(found.samples), np.float64)
        error, key = x.std(ddof=1) / np.sqrt(len(x)), found.variant.key
        run.figure(f"{key}_{name}_mean", x.mean(), error, exact=exact[0], n=len(x))
        spread = error / np.sqrt(2)  # of a standard deviation, as for a normal law
        run.figure(f"{key}_{name}_sd", x.std(ddof=1), spread, exact=exact[1], n=len(x))
