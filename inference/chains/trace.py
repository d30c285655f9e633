"""Running a kernel, keeping states, and the answer that the kept states give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.chains.start import Start
from inference.diagnostics import diagnose
from inference.lanes import Lanes
from inference.moves import Acceptance
from inference.report import by_move
from plot.backends import Backend
from plot.compiler.graph import Node
from plot.compiler.values import Effects, leaves
from plot.errors import PlotError
from plot.posterior import Chains, Posterior
from plot.simulate import Worlds, log_weight

FEW_CHAINS = 16  # fewer are a small sample of chains, by which standard errors are estimated

type Step[S] = Callable[[np.random.Generator, S, int], tuple[S, list[Acceptance]]]


@dataclass(frozen=True)
class Schedule:
    """How long chains run.

    Args:
      warmup: steps that are not kept.
      steps: states of each chain that are kept.
      thin: steps from one of them to the next.
    """

    warmup: int
    steps: int
    thin: int

    def check(self, chains: int) -> None:
        """Refuse what makes no sense.

        Raises:
          ValueError: where no diagnosis of the chains would be possible.
        """
        if chains < 2:
            raise ValueError(
                f"{chains} chain cannot be compared with others; R-hat needs two, and standard "
                f"errors {FEW_CHAINS} or more"
            )
        if self.steps < 4:
            raise ValueError(
                f"R-hat splits chains of four states or more, and {self.steps} are kept"
            )
        if self.warmup < 0 or self.thin < 1:
            raise ValueError("warmup is 0 steps or more, and thin is 1 or more")


@dataclass(frozen=True, eq=False)
class Trace:
    """States that chains went through.

    Args:
      rows: float32 `[chains, steps]` of each site.
      notes: how the chains went.
      statistics: `[chains, steps]` each, by ArviZ's names.
    """

    rows: Mapping[Node, np.ndarray]
    notes: tuple[str, ...]
    statistics: Mapping[str, np.ndarray] = field(default_factory=dict)


def run[S](
    step: Step[S],
    state: S,
    schedule: Schedule,
    rng: np.random.Generator,
    rows: Callable[[S], np.ndarray],
    progress: Callable[[int], None] | None = None,
) -> tuple[np.ndarray, S, tuple[Acceptance, ...]]:
    """Run all chains side by side.

    Args:
      step: `(rng, state, number of the step) -> state, acceptances`.
      state: where they begin.
      schedule: how long.
      rng: of all choices.
      rows: `[sites, chains]` of what is kept of a state.
      progress: called with the number of states kept so far.

    Returns:
      The rows that were kept, `[sites, chains, steps]`; the last state; acceptances after the warmup.
    """
    kept, accepted = [], []
    for i in range(schedule.warmup + schedule.steps * schedule.thin):
        state, found = step(rng, state, i)
        past = i - schedule.warmup
        if past < 0:
            continue
        accepted += found
        if past % schedule.thin == schedule.thin - 1:
            kept.append(rows(state))
            if progress is not None:
                progress(len(kept) * kept[-1].shape[1])
    out = np.stack(kept, axis=2) if kept else np.zeros((0, 0, 0), np.float32)
    return out, state, by_move(accepted)


def generator(key: PRNGKeyArray) -> np.random.Generator:
    """NumPy's generator of a key."""
    return np.random.default_rng(np.asarray(jax.random.key_data(key)).tolist())


def acceptance_note(accepted: Sequence[Acceptance]) -> str:
    """The rates of moves, in words."""
    return "moves accepted: " + ", ".join(f"{a.move} {a.rate:.0%}" for a in accepted)


def answer(
    start: Start,
    trace: Trace,
    shape: tuple[int, int],
    method: str,
    key: PRNGKeyArray,
    backend: Backend | None = None,
) -> Posterior:
    """The posterior that kept states give; what the evidence does not depend on is drawn for each.

    Args:
      start: where the chains began.
      trace: where they went.
      shape: chains, and states kept of each.
      method: what to call it.
      key: the seed.
      backend: what runs worlds.
    """
    question, (chains, steps) = start.question, shape
    count = chains * steps
    session, effects = question.world.session, question.effects
    wanted = tuple(dict.fromkeys(leaves(question.value)))
    weight, _ = log_weight(session.graph, effects)
    lanes = Lanes(session.graph, (weight, *wanted), effects.clamps)
    rows = {site: row.reshape(count) for site, row in trace.rows.items()}
    rows |= lanes.draw(rows, key, count)
    values = lanes.values(lanes.tiles(rows, count), count, backend)
    families = np.repeat(np.arange(chains), steps)
    worlds = Worlds(
        dict(zip(wanted, values[1:], strict=True)),
        np.zeros(count),
        count,
        (),
        backend.name if backend else "chosen by cost",
        session.atoms,
        tuple(effects.notes),
        start.evidence,
        families,
    )
    statistics = {**trace.statistics, "log_weight": values[0].reshape(shape)}
    found = Chains(chains, float(count), statistics)
    posterior = Posterior(question.text, question.value, worlds, method, (), found)
    diagnosis = diagnose(posterior)
    notes = [diagnosis.verdict, *trace.notes, start.note]
    notes.append(f"standard errors are those of {chains:,} chains that count as one draw each")
    if chains < FEW_CHAINS:
        notes[-1] += ": rough, so few they are"
    notes += _deaths(effects)
    broken = int((~np.isfinite(values[0])).sum())
    if broken:
        notes.append(
            f"{broken:,} of the states break the evidence, by rounding alone: see log_weight"
        )
    found = replace(found, effective_size=diagnosis.effective_size)
    return replace(posterior, notes=tuple(notes), chains=found)


def _deaths(effects: Effects) -> list[str]:
    """Why worlds die that chains therefore do not visit, and cannot count."""
    causes = [d.cause for d in effects.deaths if d.guard is not False]
    places = [f" ({c.span!r})" if isinstance(c, PlotError) and c.span else "" for c in causes]
    found = [
        f"worlds are left out that meet an error{p}: {c.args[0]}"
        for c, p in zip(causes, places, strict=True)
    ]
    return list(dict.fromkeys(found))
