"""Chains that follow the gradient of the evidence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.chains.kernels import NUTS, Kernel
from inference.chains.start import Start
from inference.chains.trace import Schedule, Trace, answer
from inference.sequential import Sequential
from plot.backends import Backend
from plot.compiler.evidence import conjuncts
from plot.errors import ImpossibleEvidence, Unsupported
from plot.posterior import Posterior
from plot.world import Question

if TYPE_CHECKING:
    from inference.chains.coordinates import Coordinates
    from inference.chains.hamiltonian import Draws

MANY_WALLS = 0.3  # share of trajectories that end at one, from which on gradients help little


@dataclass(frozen=True)
class Gradient:
    """Runs chains that follow the gradient of the evidence in the rows of continuous draws.

    Finite choices are moved by Metropolis between the trajectories. Hard evidence has no gradient: it
    is a wall at which trajectories end.

    Args:
      chains: how many, side by side.
      steps: states kept of each.
      warmup: steps in which the step size and the mass matrix are adapted.
      kernel: `NUTS()` or `HMC()`.
      thin: steps from one kept state to the next.
      acceptance: rate that the step size is adapted to.
      start: how the first states are found; a thousand worlds where not given.
      backend: what runs the worlds of the answer; chosen by cost where not given.

    Raises:
      ValueError: as for `Metropolis`, and for a rate that is no share.

    >>> import jax
    >>> from inference.chains import HMC
    >>> from plot.world import World
    >>> world = World.from_source("(define x (gaussian 0 1)) (condition (= (gaussian x 1) 2))")
    >>> engine = Gradient(chains=20, steps=100, warmup=100, kernel=HMC())
    >>> mean = engine.infer(jax.random.key(0), world.ask("x")).mean
    >>> abs(mean.value - 1) < 4 * mean.standard_error
    True
    """

    chains: int = 32
    steps: int = 500
    warmup: int = 300
    kernel: Kernel = NUTS()
    thin: int = 1
    acceptance: float = 0.8
    start: Sequential | None = None
    backend: Backend | None = None

    def __post_init__(self) -> None:
        Schedule(self.warmup, self.steps, self.thin).check(self.chains)
        if self.warmup < 1:
            raise ValueError("the step size is chosen in the warmup, which takes 1 step or more")
        if not 0 < self.acceptance < 1:
            raise ValueError(f"acceptance is a share between 0 and 1, not {self.acceptance}")

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`.

        Raises:
          Unsupported: where the evidence depends on no continuous draw, or on a loop.
        """
        # BlackJAX and the exports take long to import.
        from inference.chains.coordinates import Coordinates
        from inference.chains.hamiltonian import sample

        start_key, run_key, answer_key = jax.random.split(key, 3)
        start = Start.of(question, start_key, self.chains, self.start)
        coordinates = Coordinates(start.question)
        if not coordinates.smooth:
            raise Unsupported(
                "gradients of evidence that depends on no continuous draw",
                hint="use Metropolis, which moves finite choices as well",
            )
        points, held, note = _finite(coordinates, *coordinates.of_rows(start.rows))
        draws = sample(
            coordinates.log_density,
            points,
            held,
            run_key,
            self.kernel,
            (self.warmup, self.steps, self.thin),
            self.acceptance,
            progress=progress,
        )
        trace = Trace(
            coordinates.rows(draws.points, draws.held),
            (*_notes(self, coordinates, draws), *_walls(start, draws), *note),
            {
                "diverging": draws.info.divergent > 0,
                "acceptance_rate": draws.info.acceptance_rate,
            },
        )
        method = f"{self.kernel.name} on {len(coordinates.smooth)} rows"
        shape = self.chains, self.steps
        return answer(start, trace, shape, method, answer_key, self.backend)


def _finite(
    coordinates: Coordinates, points: np.ndarray, held: np.ndarray
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """First states that have a density in JAX too, where rounding differs a little."""
    logs = np.asarray(jax.jit(jax.vmap(coordinates.log_density))(points, held))
    good = np.flatnonzero(np.isfinite(logs))
    if not len(good):
        raise ImpossibleEvidence(
            "no world that the chains could begin at has a density in float32",
            hint="use Metropolis, or observe with more noise",
        )
    if len(good) == len(points):
        return points, held, ()
    chosen = good[np.arange(len(points)) % len(good)]
    lost = len(points) - len(good)
    note = f"{lost} first states without a density in float32 were replaced by others"
    return points[chosen], held[chosen], (note,)


def _notes(options: Gradient, coordinates: Coordinates, draws: Draws) -> tuple[str, ...]:
    info, moved = draws.info, len(coordinates.held)
    rate = f"trajectories accepted at {info.acceptance_rate.mean():.0%}, step {draws.step_size:.2g}"
    if moved:
        rate += (
            f"; {moved} finite choice{'s' * (moved > 1)} moved by Metropolis between, accepted at "
            f"{info.changed.mean():.0%}"
        )
    # Infos are means over the steps between kept states.
    divergent = float(info.divergent.sum()) * options.thin
    share = info.divergent.mean()
    if divergent:
        rate += (
            f"; {divergent:,.0f} divergences ({share:.2%} of the steps): the density bends too sharply "
            "for the step size, and what lies there may be missed; raise acceptance or use Metropolis"
        )
    else:
        rate += "; no divergences"
    return (rate,)


def _walls(start: Start, draws: Draws) -> tuple[str, ...]:
    effects, graph = start.question.effects, start.way.graph
    hard = len(list(conjuncts(graph, effects.conditions)))
    hard += sum(d.guard is not False for d in effects.deaths)
    if not hard:
        return ()
    share = draws.info.wall.mean()
    advice = ", which is slow: compare with Metropolis" if share > MANY_WALLS else ""
    return (
        f"{hard} part{'s' * (hard > 1)} of the evidence: hard, without a gradient, a wall, at which "
        f"{share:.1%} of the trajectories ended{advice}",
    )
