"""A network that reads who beat whom and proposes worlds: effective worlds with it and without.

    python -m experiments proposals

It is trained on tournaments that the prior makes up, and never sees the evidence that it is judged on.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any

from experiments.command import positive
from experiments.common import Experiment, UsageError, command, make_parser, read_options
from experiments.registry import description

if TYPE_CHECKING:
    from experiments.proposals.exact import Exact, Match
    from plot.posterior import Posterior

DESCRIPTION = description("proposals")
WORLDS = 10_000
REPEATS = 5  # seeds, between whose answers errors are measured
STEPS = 8_000  # of training
COLUMNS = ("mean", "error", "worth", "resampled", "log evidence", "seconds")
PEOPLE = ("tom", "john", "mary", "sue")
MOST_MATCHES = 3
ASKED = "mary"


@dataclass(frozen=True)
class Evidence:
    """Matches that were observed.

    Args:
      matches: winners and losers.
      known: mean of Mary's strength, as it is published.
    """

    matches: tuple[Match, ...]
    known: float | None = None


EVIDENCE = {
    "paper": Evidence(((("tom",), ("john",)), (("john", "mary"), ("tom", "sue"))), known=59.36),
    "underdog": Evidence(
        (
            (("mary",), ("tom", "john")),
            (("mary",), ("tom", "sue")),
            (("mary",), ("john", "sue")),
        )
    ),
    "upset": Evidence(
        ((("sue",), ("mary",)), (("tom",), ("sue", "john")), (("john", "mary"), ("tom",)))
    ),
}


@command("proposals")
def main(argv: list[str]) -> int:
    """Run the experiment.

    Args:
      argv: its command line.

    Returns:
      The exit status.
    """
    parser = make_parser("proposals", DESCRIPTION, WORLDS)
    parser.add_argument("--steps", type=positive, default=STEPS, metavar="N", help="of training")
    parser.add_argument(
        "--repeats", type=positive, default=REPEATS, metavar="N", help="seeds of each engine"
    )
    parser.add_argument(
        "--evidence", action="append", choices=list(EVIDENCE), help="several times for more"
    )
    options = read_options(parser, argv)
    with Experiment("proposals", options) as run:
        compare(run)
    return 0


def simulate(key: Any) -> tuple[Any, Any]:
    """A tournament of the prior.

    Returns:
      The latent `[8]`: strengths, then laziness, in coordinates that are standard normal; and
      matches, `(items [3, 8], present [3])`: who won, who lost.
    """
    import jax
    import jax.numpy as jnp
    from jax.scipy.special import ndtr

    keys = jax.random.split(key, 4)
    people = len(PEOPLE)
    latent = jax.random.normal(keys[0], (2 * people,))
    strength, laziness = 50 + 20 * latent[:people], ndtr(latent[people:])

    def match(key: Any) -> Any:
        order_key, size_key, lazy_key = jax.random.split(key, 3)
        order = jax.random.permutation(order_key, people)
        size = jax.random.randint(size_key, (2,), 1, 3)
        place = jnp.argsort(order)
        first, second = place < size[0], (place >= 2) & (place < 2 + size[1])
        lazy = jax.random.uniform(lazy_key, (people,)) < laziness
        pull = jnp.where(lazy, strength / 2, strength)
        wins = jnp.sum(pull * first) > jnp.sum(pull * second)
        return jnp.concatenate(
            [jnp.where(wins, first, second), jnp.where(wins, second, first)]
        ).astype(jnp.float32)

    items = jax.vmap(match)(jax.random.split(keys[1], MOST_MATCHES))
    count = jax.random.randint(keys[2], (), 1, MOST_MATCHES + 1)
    return latent, (items, jnp.arange(MOST_MATCHES) < count)


def observation(evidence: Evidence) -> tuple[Any, Any]:
    """Matches as the network reads them."""
    import numpy as np

    items = np.zeros((MOST_MATCHES, 2 * len(PEOPLE)), np.float32)
    for i, sides in enumerate(evidence.matches):
        for j, team in enumerate(sides):
            for name in team:
                items[i, j * len(PEOPLE) + PEOPLE.index(name)] = 1
    return items, np.arange(MOST_MATCHES) < len(evidence.matches)


@dataclass(frozen=True, eq=False)
class Asked:
    """What an engine answered, seed by seed.

    Args:
      answers: its posteriors.
      seconds: of each; the first compiles.
      resampled: how often worlds were resampled, in each.
      reference: the exact answer.
    """

    answers: list[Posterior]
    seconds: list[float]
    resampled: list[int]
    reference: Exact

    @property
    def error(self) -> float:
        """Of the mean: root mean square of what it is off the reference."""
        off = [found.mean.value - self.reference.mean for found in self.answers]
        return math.sqrt(sum(x * x for x in off) / len(off))

    @property
    def worth(self) -> float:
        """Independent worlds of the posterior that would err as much as the engine says that it does."""
        return self.reference.sd**2 / self.said

    @property
    def said(self) -> float:
        """The mean squared standard error that the engine states."""
        return sum(found.mean.standard_error**2 for found in self.answers) / len(self.answers)

    @property
    def evidence_error(self) -> float:
        """Of the log evidence: root mean square of what it is off the reference."""
        off = [found.evidence.log - self.reference.log_evidence for found in self.answers]
        return math.sqrt(sum(x * x for x in off) / len(off))

    @property
    def evidence_said(self) -> float:
        """The root mean squared standard error of the log evidence that the engine states."""
        return math.sqrt(sum(f.evidence.error**2 for f in self.answers) / len(self.answers))

    @property
    def times_resampled(self) -> float:
        """The mean over seeds."""
        return sum(self.resampled) / len(self.resampled)

    @property
    def time(self) -> float:
        """Median of the seconds, without the first where there are more."""
        return median(self.seconds[1:] or self.seconds)

    def cells(self) -> tuple[str, ...]:
        """Of the table."""
        first = self.answers[0]
        return (
            f"{first.mean.value:.2f} ± {first.mean.standard_error:.2f}",
            f"{self.error:.2f}",
            f"{self.worth:,.0f}",
            f"{self.times_resampled:.1f}",
            f"{first.evidence.log:.3f} ± {first.evidence.error:.3f}",
            f"{self.time:.2f}",
        )


def compare(run: Experiment) -> None:
    """Train the network, and ask of each evidence with it and without."""
    import jax
    from rich.table import Table

    from experiments.proposals.exact import exact
    from inference import SMC, Sequential
    from vi.amortised import Proposal, ProposedSMC

    train_key, ask_key = jax.random.split(run.key)
    guide, params, curve = _trained(run, train_key)
    labels = (*(f"strength({p})" for p in PEOPLE), *(f"laziness({p})" for p in PEOPLE))
    worlds, repeats = run.options.worlds, run.options.extra["repeats"]
    assert isinstance(repeats, int)
    keys = jax.random.split(ask_key, repeats)
    table = Table(
        title=f"Mary's strength from {worlds:,} worlds (error: root mean square over {repeats} seeds,"
        " beside exact sums; worth: in independent worlds)",
        show_edge=False,
        pad_edge=False,
    )
    for name in ("evidence", "worlds of"):
        table.add_column(name)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    notes, everything = {}, {}
    chosen: Any = run.options.extra["evidence"] or list(EVIDENCE)
    for name in dict.fromkeys(chosen):
        evidence = EVIDENCE[name]
        question = _question(evidence)
        network = Proposal(guide, params, labels, observation(evidence), worlds)
        engines = {
            "network": network,
            "prior": Proposal(None, None, (), None, worlds),
            "network, SMC": ProposedSMC(network, Sequential(worlds=worlds)),
            "prior, SMC": SMC(Sequential(worlds=worlds)),
        }
        with run.stage(f"{name}, summed"):
            began = time.perf_counter()
            reference = exact(evidence.matches, ASKED, PEOPLE)
            summing = time.perf_counter() - began
        found: dict[str, Asked] = everything.setdefault(name, {})
        for who, engine in engines.items():
            with run.stage(f"{name}, worlds of the {who}", total=repeats) as progress:
                found[who] = asked = _ask(engine, keys, question, reference, progress)
            _record(run, f"{name}_{who.replace(', ', '_')}", asked)
            table.add_row(name, who, *asked.cells())
            notes[f"{name}, {who}"] = list(asked.answers[0].notes)
        mean, log = f"{reference.mean:.2f}", f"{reference.log_evidence:.3f}"
        table.add_row(name, "(sums)", mean, "", "", "", log, f"{summing:.2f}")
        table.add_section()
        known = {} if evidence.known is None else {"reference": evidence.known}
        run.figure(f"{name}_exact_mean", reference.mean, reference.mean_error, **known)
        run.figure(
            f"{name}_exact_log_evidence", reference.log_evidence, reference.log_evidence_error
        )
        for kind in ("", ", SMC"):
            ours, theirs = found[f"network{kind}"], found[f"prior{kind}"]
            key = f"{name}{'_smc' if kind else ''}"
            run.figure(f"{key}_times_as_many_independent_worlds", ours.worth / theirs.worth)
            run.figure(
                f"{key}_times_as_many_worlds_for_the_evidence",
                (theirs.evidence_said / ours.evidence_said) ** 2,
                note="by the squares of the standard errors that are stated",
            )
    run.section("answers", notes)
    run.show(table)
    with run.stage("draw"):
        axes: Any = curve.plot(label="minus log density of latents")
        axes.set_title("A network learns to propose tournaments' latents", fontsize=10)
        run.save_figure(axes.figure, "curve.png")
        run.save_figure(_picture(everything, worlds, repeats), "worth.png")


def _trained(run: Experiment, key: Any) -> tuple[Any, Any, Any]:
    """The guide, its parameters and the curve of its loss."""
    from vi.amortised import TrainOptions, train
    from vi.fitting import CheckpointError, Checkpoints
    from vi.guides import Amortised, Flow, Network, SetEncoder

    features, steps = 32, run.options.extra["steps"]
    assert isinstance(steps, int)
    people = len(PEOPLE)
    guide = Amortised(
        Flow(2 * people, layers=3, hidden=48, context=features),
        Network(lambda rngs: _Reader(SetEncoder(2 * people, 64, features, rngs))),
        features,
    )
    kept = Checkpoints(run.options.out / "checkpoints" / f"{steps}")
    options = TrainOptions(steps=steps, batch=128, rate=2e-3, checkpoints=kept)
    try:
        with run.stage("train the network", total=steps) as progress:
            params, curve = train(key, simulate, guide, guide.log_density, options, progress)
    except CheckpointError as error:
        raise UsageError(str(error)) from error
    mean, error = curve.last()
    run.figure("network_log_density", -mean, error, unit="nats", note="of latents, last tenth")
    return guide, params, curve


def _question(evidence: Evidence) -> Any:
    from models.worlds import load

    world = load("tug_of_war")
    for winners, losers in evidence.matches:
        world = world.tell(
            f"(condition (won-against '({' '.join(winners)}) '({' '.join(losers)})))"
        )
    return world.ask(f"(strength '{ASKED})")


def _ask(
    engine: Any, keys: Any, question: Any, reference: Exact, progress: Callable[[int], None]
) -> Asked:
    """The answers of an engine, seed by seed."""
    answers, seconds, resampled = [], [], []
    for i, key in enumerate(keys):
        drawn: list[int] = []
        began = time.perf_counter()
        answers.append(engine.infer(key, question, drawn.append))
        seconds.append(time.perf_counter() - began)
        resampled.append(round(drawn[-1] / answers[-1].worlds.drawn) - 1)
        progress(i + 1)
    return Asked(answers, seconds, resampled, reference)


def _picture(everything: dict[str, dict[str, Asked]], worlds: int, repeats: int) -> Any:
    """What the answers of each engine are worth, beside the errors that were found."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    engines = list(next(iter(everything.values())))
    height = 0.8 / len(engines)
    for i, who in enumerate(engines):
        asked = [found[who] for found in everything.values()]
        places = [j + (i - (len(engines) - 1) / 2) * height for j in range(len(asked))]
        left.barh(places, [a.worth for a in asked], height, color=f"C{i}", label=who)
        right.barh(places, [a.error for a in asked], height, color=f"C{i}")
        said = [math.sqrt(a.said) for a in asked]
        mark = {"label": "standard error that it states"} if i == 0 else {}
        right.plot(said, places, "k|", markersize=8, **mark)
    for axes in (left, right):
        axes.set_yticks(range(len(everything)), list(everything))
        axes.invert_yaxis()
        axes.set_xlim(left=0)
    left.set_xlabel(f"independent worlds, of {worlds:,}")
    right.set_xlabel(f"error of the mean (root mean square of {repeats} seeds)")
    right.legend(fontsize=7, frameon=False)
    figure.legend(
        *left.get_legend_handles_labels(), loc="outside lower center", ncols=4, fontsize=8
    )
    figure.suptitle(
        "Mary's strength, from worlds that a network or the prior proposes", fontsize=11
    )
    return figure


def _record(run: Experiment, name: str, asked: Asked) -> None:
    first, n, exact = asked.answers[0], len(asked.answers), asked.reference
    run.figure(f"{name}_mean", first.mean.value, first.mean.standard_error, exact=exact.mean)
    run.figure(f"{name}_error", asked.error, n=n, note="root mean square, between seeds")
    run.figure(f"{name}_independent_worlds", asked.worth, n=run.options.worlds)
    run.figure(f"{name}_effective_worlds", first.effective_size, n=run.options.worlds)
    run.figure(f"{name}_times_resampled", asked.times_resampled, n=n)
    run.figure(
        f"{name}_log_evidence", first.evidence.log, first.evidence.error, exact=exact.log_evidence
    )
    run.figure(f"{name}_log_evidence_error", asked.evidence_error, n=n, note="as above")
    run.figure(f"{name}_seconds", asked.time, unit="s", note="median of all seeds but the first")
    run.figure(f"{name}_seconds_of_the_first", asked.seconds[0], unit="s", note="it compiles")


def _Reader(encoder: Any) -> Any:
    """A module that reads items and which of them are there, as one observation."""
    from flax import nnx

    class Reader(nnx.Module):
        def __init__(self, encoder: Any):
            self.encoder = encoder

        def __call__(self, observation: Any) -> Any:
            return self.encoder(*observation)

    return Reader(encoder)
