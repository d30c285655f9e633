"""Ping Pong in Church: 20 tournaments, judged by the model and by people.

    python -m experiments ping_pong --data DIR

`DIR` holds the people's ratings as their first author publishes them
(`main_data_experiment_1.csv`); without it the published means are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.common import Experiment, command, make_parser, read_options
from experiments.ping_pong import fit
from experiments.ping_pong.patterns import PATTERNS, Pattern
from experiments.ping_pong.people import Ratings, read_ratings
from experiments.registry import description

if TYPE_CHECKING:
    from rich.table import Table

    from plot.posterior import Posterior
    from plot.world import World

DESCRIPTION = description("ping_pong")
WORLD = Path(__file__).parents[2] / "models" / "worlds" / "ping_pong" / "world.church"
WORLDS = 1_000_000
PUBLISHED_RATERS = 30
ROUNDING = 0.005  # the reference has two decimals
FAR = 4.0  # standard errors, from which a mean is said to differ from the reference

# The reference's figures, by convention.
REFERENCE = {
    "r_raw": 0.990,
    "r_individual_median": 0.923,
    "r_standardised": 0.908,
    "rmse_standardised": 0.163,
}


@dataclass(frozen=True, eq=False)
class Simulation:
    """A's strength in each pattern.

    Args:
      means, errors: float64 `[20]`, posterior means and their standard errors.
      kept: int64 `[20]`, worlds in which the matches came out so.
    """

    means: np.ndarray
    errors: np.ndarray
    kept: np.ndarray

    def distance(self) -> np.ndarray:
        """`[20]`, standard errors from the reference, once its rounding is allowed for."""
        away = np.abs(self.means - [p.model_mean for p in PATTERNS]) - ROUNDING
        return np.maximum(away, 0) / self.errors


@command("ping_pong")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    parser = make_parser("ping_pong", DESCRIPTION, WORLDS)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the people's ratings")
    options = read_options(parser, argv)
    folder = options.extra["data"]
    assert folder is None or isinstance(folder, Path)
    ratings = None if folder is None else read_ratings(folder)
    with Experiment("ping_pong", options) as run:
        simulation = simulate(run, options.worlds)
        fits(run, simulation, ratings)
        draw_picture(run, simulation, ratings)
        run.show(table(simulation, ratings))
        for line in summary(run, ratings):
            run.show(line)
    return 0


def posterior(world: World, pattern: Pattern, seed: int, worlds: int) -> Posterior:
    """A's strength after a pattern's matches.

    Args:
      world: the model, before any match.
      pattern: what happened.
      seed: of the run; each pattern draws its own worlds.
      worlds: how many to draw.
    """
    import jax

    from inference import Importance

    for match in pattern.matches:
        world = world.tell(match.condition())
    key = jax.random.fold_in(jax.random.key(seed), pattern.number)
    return Importance(worlds=worlds).infer(key, world.ask("(query (strength 'a))"))


def simulate(run: Experiment, worlds: int) -> Simulation:
    """Run every pattern and record its mean beside the reference."""
    from plot.world import World

    found = []
    with run.stage("inference", total=len(PATTERNS)) as progress:
        world = World.from_file(WORLD)
        for i, pattern in enumerate(PATTERNS):
            answer = posterior(world, pattern, run.options.seed, worlds)
            found.append((answer.mean.value, answer.mean.standard_error, answer.worlds.kept))
            run.figure(
                f"pattern_{pattern.number:02}_mean",
                answer.mean.value,
                answer.mean.standard_error,
                reference=pattern.model_mean,
                matches=str(pattern),
                worlds_kept=answer.worlds.kept,
            )
            progress(i + 1)
    means, errors, kept = map(np.array, zip(*found, strict=True))
    simulation = Simulation(means, errors, kept)
    run.figure(
        "largest_distance_from_reference",
        float(simulation.distance().max()),
        unit="standard errors, after 0.005 for the rounding of the reference",
        far=[
            p.number for p, d in zip(PATTERNS, simulation.distance(), strict=True) if not d <= FAR
        ],
    )
    return simulation


def people_means(ratings: Ratings | None) -> np.ndarray:
    """`[20]`, mean ratings: of the file, or as published."""
    return (
        np.array([p.people_mean for p in PATTERNS])
        if ratings is None
        else ratings.values.mean(axis=0)
    )


def people_errors(ratings: Ratings) -> np.ndarray:
    """`[20]`, standard errors of the mean ratings."""
    return ratings.values.std(axis=0, ddof=1) / np.sqrt(len(ratings.values))


def fits(run: Experiment, simulation: Simulation, ratings: Ratings | None) -> None:
    """Record the fit to people by each convention that the data allow."""
    generator = np.random.default_rng(run.options.seed)
    model, people = simulation.means, people_means(ratings)

    def record(name: str, by_model, by_ratings, convention: str) -> None:
        error = fit.simulation_error(by_model, model, simulation.errors, generator)
        more = {}
        if ratings is not None:
            more["interval_over_people"] = fit.interval_over_people(
                by_ratings, ratings.values, generator
            )
        run.figure(
            name, by_model(model), error, reference=REFERENCE[name], convention=convention, **more
        )

    record(
        "r_raw",
        lambda m: fit.raw_fit(m, people),
        lambda r: fit.raw_fit(model, r.mean(axis=0)),
        fit.RAW,
    )
    if ratings is None:
        source = f"means of {PUBLISHED_RATERS} people as published (one decimal)"
        absent = "needs individual ratings: give their folder with --data"
        run.section("people", {"source": source, "n": PUBLISHED_RATERS})
        run.section(
            "absent",
            dict.fromkeys(("r_individual_median", "r_standardised", "rmse_standardised"), absent),
        )
        return
    values = ratings.values
    run.section("people", {"source": "individual ratings of --data", "n": len(values)})
    record(
        "r_individual_median",
        lambda m: float(np.median(fit.individual_fits(m, values))),
        lambda r: float(np.median(fit.individual_fits(model, r))),
        fit.INDIVIDUAL,
    )
    for name in ("r", "rmse"):
        record(
            f"{name}_standardised",
            lambda m, name=name: getattr(fit.standardised_fit(m, values), name),
            lambda r, name=name: getattr(fit.standardised_fit(model, r), name),
            fit.STANDARDISED,
        )


def draw_picture(run: Experiment, simulation: Simulation, ratings: Ratings | None) -> None:
    """Draw the model against people."""
    from experiments.ping_pong.picture import draw

    people = people_means(ratings)
    figure = draw(
        simulation.means,
        simulation.errors,
        people,
        None if ratings is None else people_errors(ratings),
        fit.raw_fit(simulation.means, people),
        PUBLISHED_RATERS if ratings is None else len(ratings.values),
    )
    run.save_figure(figure, "model_and_people.png")


def table(simulation: Simulation, ratings: Ratings | None) -> Table:
    """The patterns with both means, for people."""
    from rich.table import Table

    out = Table(
        "no.",
        title="Strength of player A: posterior mean, and what people said",
        title_justify="left",
    )
    out.add_column("matches", no_wrap=True)
    for name in ("model", "s.e.", "reference", "away (s.e.)", "people"):
        out.add_column(name, justify="right")
    rows = zip(
        PATTERNS,
        simulation.means,
        simulation.errors,
        simulation.distance(),
        people_means(ratings),
        strict=True,
    )
    for pattern, mean, error, distance, people in rows:
        out.add_row(
            str(pattern.number),
            str(pattern),
            f"{mean:.3f}",
            f"{error:.4f}",
            f"{pattern.model_mean:.2f}",
            f"{distance:.1f}",
            f"{people:.1f}",
        )
    return out


def summary(run: Experiment, ratings: Ratings | None) -> list[str]:
    """The fits in words."""
    lines = []
    figures = run.figures
    for name in REFERENCE:
        if name in figures:
            entry = figures[name]
            over = entry.get("interval_over_people")
            interval = f", 95 % over people {over[0]:.3f} to {over[1]:.3f}" if over else ""
            lines.append(
                f"{name} = {entry['value']:.4f} "
                f"(s.e. of the simulation {entry['standard_error']:.4f}{interval}; "
                f"reference {entry['reference']:.3f})\n    {entry['convention']}"
            )
    if ratings is None:
        lines.append("fits to individuals need their ratings: give the folder with --data")
    return lines
