"""A network that reads who beat whom and proposes worlds: effective worlds with it and without.

    python -m experiments proposals

It is trained on tournaments that the prior makes up, and never sees the evidence that it is judged on.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.command import positive
from experiments.common import Experiment, UsageError, command, make_parser, read_options
from experiments.registry import description

if TYPE_CHECKING:
    from plot.posterior import Posterior

DESCRIPTION = description("proposals")
WORLDS = 100_000
PEOPLE = ("tom", "john", "mary", "sue")
MOST_MATCHES = 3
ASKED = "mary"

type Match = tuple[tuple[str, ...], tuple[str, ...]]  # winners, losers


@dataclass(frozen=True)
class Evidence:
    """Matches that were observed.

    Args:
      matches: winners and losers.
      reference: mean of Mary's strength, where it is known.
    """

    matches: tuple[Match, ...]
    reference: float | None = None


EVIDENCE = {
    "paper": Evidence(((("tom",), ("john",)), (("john", "mary"), ("tom", "sue"))), reference=59.36),
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
    parser.add_argument("--steps", type=positive, default=2_000, metavar="N", help="of training")
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


def compare(run: Experiment) -> None:
    """Train the network, and ask of each evidence with it and without."""
    import jax
    from rich.table import Table

    from inference import SMC, Sequential
    from models.worlds import load
    from vi.amortised import Proposal, ProposedSMC, TrainOptions, train
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
    train_key, ask_key = jax.random.split(run.key)
    kept = Checkpoints(run.options.out / "checkpoints" / f"{steps}")
    options = TrainOptions(steps=steps, batch=128, rate=2e-3, checkpoints=kept)
    try:
        with run.stage("train the network", total=steps) as progress:
            params, curve = train(train_key, simulate, guide, guide.log_density, options, progress)
    except CheckpointError as error:
        raise UsageError(str(error)) from error
    mean, error = curve.last()
    run.figure("network_log_density", -mean, error, unit="nats", note="of latents, last tenth")
    labels = (*(f"strength({p})" for p in PEOPLE), *(f"laziness({p})" for p in PEOPLE))
    table = Table(title=f"Mary's strength from {run.options.worlds:,} proposed worlds")
    for name in ("evidence", "worlds of the"):
        table.add_column(name)
    for name in ("mean", "effective worlds", "probability of evidence", "seconds"):
        table.add_column(name, justify="right")
    for name, evidence in EVIDENCE.items():
        world = load("tug_of_war")
        for winners, losers in evidence.matches:
            world = world.tell(
                f"(condition (won-against '({' '.join(winners)}) '({' '.join(losers)})))"
            )
        question = world.ask(f"(strength '{ASKED})")
        worlds = run.options.worlds
        network = Proposal(guide, params, labels, observation(evidence), worlds)
        options = Sequential(worlds=worlds)
        engines = {
            "network": network,
            "prior": Proposal(None, None, (), None, worlds),
            "network, then SMC": ProposedSMC(network, options),
            "prior, then SMC": SMC(options),
        }
        answers: dict[str, Posterior] = {}
        for who, engine in engines.items():
            with run.stage(f"{name}, worlds of the {who}"):
                began = time.perf_counter()
                found = engine.infer(ask_key, question)
                seconds = time.perf_counter() - began
            answers[who] = found
            _record(run, f"{name}_{who.replace(', then', '').replace(' ', '_')}", found, evidence)
            table.add_row(
                name,
                who,
                f"{found.mean.value:.2f} ± {found.mean.standard_error:.2f}",
                f"{found.effective_size:,.0f}",
                f"{math.exp(found.evidence.log):.4f} ± {found.evidence.error:.1%}",
                f"{seconds:.1f}",
            )
        for kind in ("", ", then SMC"):
            ours, theirs = answers[f"network{kind}"], answers[f"prior{kind}"]
            key = f"{name}{'_smc' if kind else ''}_times_as_many_effective_worlds"
            run.figure(key, ours.effective_size / theirs.effective_size)
    run.show(table)
    with run.stage("draw"):
        axes: Any = curve.plot(label="minus log density of latents")
        axes.set_title("A network learns to propose tournaments' latents", fontsize=10)
        run.save_figure(axes.figure, "curve.png")


def _record(run: Experiment, name: str, found: Posterior, evidence: Evidence) -> None:
    mean, more = found.mean, {}
    if evidence.reference is not None:
        more = {"reference": evidence.reference}
    run.figure(f"{name}_mean", mean.value, mean.standard_error, **more)
    run.figure(f"{name}_effective_worlds", found.effective_size, n=run.options.worlds)
    run.figure(f"{name}_log_evidence", found.evidence.log, found.evidence.error)


def _Reader(encoder: Any) -> Any:
    """A module that reads items and which of them are there, as one observation."""
    from flax import nnx

    class Reader(nnx.Module):
        def __init__(self, encoder: Any):
            self.encoder = encoder

        def __call__(self, observation: Any) -> Any:
            return self.encoder(*observation)

    return Reader(encoder)
