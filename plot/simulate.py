"""Worlds drawn from a program, with their weights and what was lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from plot.backends import Backend, assemble, blocks, choose
from plot.compiler.evidence import observed
from plot.compiler.graph import Graph, Node, Operand
from plot.compiler.values import Atoms, Death, Effects, Value, leaves
from plot.errors import ImpossibleEvidence, PlotError, Span
from plot.weights import Evidence


@dataclass(frozen=True)
class Loss:
    """Worlds that have no value, and why.

    Args:
      cause: the error that each of them met.
      worlds: how many; none where all worlds were summed and none drawn.
      share: of all worlds.
      budget: whether a larger budget would have kept them.
    """

    cause: PlotError
    worlds: int
    share: float
    budget: bool

    def __str__(self) -> str:
        place = f" at {self.cause.span!r}" if self.cause.span is not None else ""
        kind = "past a budget" if self.budget else "died"
        count = f"{self.worlds:,} worlds ({self.share:.2%} of all)"
        if not self.worlds:
            count = f"{self.share:.2%} of all worlds"
        return f"{count} {kind}{place}: {self.cause.message}"


@dataclass(frozen=True, eq=False)
class Worlds:
    """The worlds that satisfy what was observed.

    Args:
      rows: float32 `[kept]` for each node that was asked for.
      log_weights: `[kept]`, finite.
      drawn: worlds simulated.
      losses: worlds that died, by cause.
      backend: name of the back end that ran.
      atoms: what the codes of drawn names mean.
      notes: what the model approximates.
      evidence: of what was observed, where the log weights do not say it.
      families: int `[kept]`, worlds of one family come from one draw; none where each is its own.
      exact: whether these are all the ways that things can be, by their probabilities.
    """

    rows: dict[Node, np.ndarray]
    log_weights: np.ndarray
    drawn: int
    losses: tuple[Loss, ...]
    backend: str
    atoms: Atoms
    notes: tuple[str, ...] = ()
    evidence: Evidence | None = None
    families: np.ndarray | None = None
    exact: bool = False

    @property
    def kept(self) -> int:
        return len(self.log_weights)


def log_weight(graph: Graph, effects: Effects) -> tuple[Operand, list[Death]]:
    """A world's log weight as a lane, and the ways in which a world can die."""
    return _weight_of(graph, effects.flatten(graph))


def _weight_of(graph: Graph, flat: Effects) -> tuple[Operand, list[Death]]:
    deaths = [d for d in flat.deaths if d.guard is not False]
    alive = graph.apply("not", graph.any([d.guard for d in deaths]))
    holds = graph.apply("and", alive, graph.all(flat.conditions))
    return graph.apply("where", holds, graph.sum(flat.factors), -math.inf), deaths


def simulate(
    graph: Graph,
    atoms: Atoms,
    effects: Effects,
    values: Sequence[Value],
    key: PRNGKeyArray,
    worlds: int,
    backend: Backend | None = None,
    progress: Callable[[int], None] | None = None,
    enough: int | None = None,
) -> Worlds:
    """Draw worlds and keep those that what was observed leaves possible.

    Args:
      graph, atoms: what the values were evaluated into.
      effects: what was observed.
      values: what to remember of each world.
      key: the seed.
      worlds: how many to draw.
      backend: what runs them; chosen by cost where not given.
      progress: called with the number of worlds drawn so far.
      enough: stop once this many worlds are kept, and reject worlds rather than weigh them where
        what was observed allows it.

    Raises:
      ImpossibleEvidence: where no world is left.
    """
    flat = effects.flatten(graph)
    if enough is None and graph.passes.observations:
        flat = observed(graph, flat)
    weight, deaths = _weight_of(graph, flat)
    if weight == -math.inf:
        raise ImpossibleEvidence(
            "what was observed never holds: it is false in every world, whatever is drawn",
            hint="look for statements that contradict each other or the world model",
        )
    cause: Operand = 0
    for i, death in reversed(list(enumerate(deaths, start=1))):
        cause = graph.apply("where", death.guard, i, cause)
    wanted = list(dict.fromkeys(node for value in values for node in leaves(value)))
    asked = [weight, *([cause] if deaths else []), *wanted]
    program = assemble(asked, flat.clamps, graph.loops, graph.externals)
    backend = backend or choose(program, worlds).backend
    died = np.zeros(len(deaths) + 1, np.int64)
    unreadable = 0
    drawn = kept = 0
    parts: list[np.ndarray] = []
    for block in blocks(backend, program, key, worlds):
        drawn = block.first + block.values.shape[1]
        if deaths:
            died += np.bincount(block.values[1].astype(int), minlength=len(died))
        lane = block.values[0]
        unreadable += int((np.isnan(lane) | (lane == np.inf)).sum())
        part = block.values[:, np.isfinite(lane)]
        parts.append(part)
        kept += part.shape[1]
        if progress is not None:
            progress(drawn)
        if enough is not None and kept >= enough:
            break
    losses = _losses(deaths, died, unreadable, drawn)
    if kept == 0:
        raise impossible(drawn, losses)
    values_kept = np.concatenate(parts, axis=1)
    first = len(asked) - len(wanted)
    rows = {node: values_kept[first + i] for i, node in enumerate(wanted)}
    return Worlds(
        rows,
        values_kept[0].astype(np.float64),
        drawn,
        losses,
        backend.name,
        atoms,
        tuple(flat.notes),
    )


def _losses(deaths: list[Death], died: np.ndarray, unreadable: int, drawn: int) -> tuple[Loss, ...]:
    merged: dict[tuple[str, Span | None], tuple[PlotError, int, bool]] = {}
    for death, count in zip(deaths, died[1:], strict=True):
        assert isinstance(death.cause, PlotError)
        place = death.cause.message, death.cause.span
        before = merged.get(place, (death.cause, 0, death.lost))
        merged[place] = (before[0], before[1] + int(count), death.lost)
    found = [Loss(error, n, n / drawn, lost) for error, n, lost in merged.values() if n]
    if unreadable:
        error = PlotError(
            "the weight came out as not a number (a difference of infinities, or overflow)"
        )
        found.append(Loss(error, unreadable, unreadable / drawn, False))
    return tuple(found)


def impossible(drawn: int, losses: tuple[Loss, ...]) -> ImpossibleEvidence:
    """The error for evidence that no simulated world satisfies."""
    bound = (
        f"its probability is likely below {3 / drawn:.2g}"
        if drawn >= 100
        else "too few were drawn to say more"
    )
    told = "".join(f"; {loss}" for loss in losses)
    return ImpossibleEvidence(
        f"none of {drawn:,} simulated worlds satisfies what was observed ({bound}){told}",
        hint="look for statements that contradict each other, draw more worlds, or observe a range "
        "instead of an exact number: an equality between drawn real numbers has probability zero",
    )


def seed(number: int) -> PRNGKeyArray:
    """The key of a seed."""
    return jax.random.key(number)
