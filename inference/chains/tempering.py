"""Parallel tempering: chains at several shares of the evidence exchange their states.

Source: Geyer, Markov chain Monte Carlo maximum likelihood (1991); Syed, Bouchard-Cote, Deligiannidis and
Doucet, Non-reversible parallel tempering (2022), for the order of swaps and the choice of shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from inference.chains.metropolis import sweep
from inference.chains.start import Start
from inference.chains.trace import Schedule, Trace, acceptance_note, answer, generator, run
from inference.moves import Acceptance, Drift, Move, Redraw, State
from inference.sequential import Sequential
from inference.targets import Readings, Scale, Way
from plot.backends import Backend
from plot.compiler.ops import NORMAL
from plot.posterior import Posterior
from plot.world import Question

FLATTEST = 5.0  # logit of the largest share below 1 of a ladder that nothing is known of
SELDOM = 0.05  # rate of swaps under which a pair hardly communicates
ROUNDS = 4  # in which a ladder is chosen, each twice as long as the one before
WORLDS = 1000  # by which distances are scaled


@dataclass(frozen=True)
class ParallelTempering:
    """Runs each chain at several shares of the evidence at once, from none to all of it.

    At a share `s` log weights count `s` times, and a world that breaks hard evidence is charged
    `s / (1 - s)` times how far it is from keeping it, as beliefs do. Chains with little evidence go
    from mode to mode, and those with more get there by swaps between neighbours.

    Args:
      chains: how many; each has a replica at every temperature.
      steps: states kept of each, with all of the evidence.
      warmup: steps before the first of them; the shares are chosen in it.
      temperatures: the shares of evidence, rising from 0 to 1, or how many there are.
      adapt: whether the warmup chooses the shares so that all pairs swap equally often.
      moves: made in turn in a sweep of every replica, after which neighbours may swap.
      thin: steps from one kept state to the next.
      start: how the first states are found; a thousand worlds where not given.
      backend: what runs worlds; chosen by cost where not given.

    Raises:
      ValueError: for shares that do not rise from 0 to 1, and as `Metropolis` does.

    >>> import jax
    >>> from plot.world import World
    >>> world = World.from_source("(define x (gaussian 0 1)) (condition (> (abs x) 2))")
    >>> engine = ParallelTempering(chains=20, steps=50, warmup=30, temperatures=4)
    >>> right = engine.infer(jax.random.key(0), world.ask("(> x 0)")).probability()
    >>> abs(right.value - 0.5) < 4 * right.standard_error
    True
    """

    chains: int = 50
    steps: int = 1000
    warmup: int = 200
    temperatures: int | tuple[float, ...] = 8
    adapt: bool = True
    moves: tuple[Move, ...] = (Redraw(), Drift())
    thin: int = 1
    start: Sequential | None = None
    backend: Backend | None = None

    def __post_init__(self) -> None:
        Schedule(self.warmup, self.steps, self.thin).check(self.chains)
        ladder = self.ladder
        if len(ladder) < 2 or ladder[0] != 0 or ladder[-1] != 1 or not (np.diff(ladder) > 0).all():
            raise ValueError(
                f"temperatures are shares of the evidence that rise from 0 (the prior) to 1 (all of "
                f"it), or how many of them there are, 2 or more; these are {self.temperatures}"
            )

    @property
    def ladder(self) -> np.ndarray:
        """The shares that the chains begin with."""
        if not isinstance(self.temperatures, int):
            return np.array(self.temperatures, np.float64)
        inner = np.linspace(-FLATTEST, FLATTEST, max(self.temperatures - 2, 0))
        return np.array([0.0, *(1 / (1 + np.exp(-inner))), 1.0][: max(self.temperatures, 0)])

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """See `Engine.infer`."""
        start_key, run_key, scale_key, answer_key = jax.random.split(key, 4)
        start = Start.of(question, start_key, self.chains, self.start)
        shape, name = (self.chains, self.steps), "parallel tempering"
        lanes = start.way.lanes
        if not lanes.sites:
            nothing = Trace({}, ("the evidence depends on no draw: worlds are those of the prior",))
            return answer(start, nothing, shape, name, answer_key, self.backend)
        prior = start.way.lanes.draw({}, scale_key, WORLDS)
        scale = Scale.of(start.way.read(lanes.tiles(prior, WORLDS), WORLDS, self.backend))
        rng = generator(run_key)
        rows = {**prior, **start.rows}  # of sites that only distances depend on, those of the prior
        rows = {site: row[: self.chains] for site, row in rows.items()}
        normal = np.array([site.op == NORMAL for site in lanes.sites])
        replicas = Replicas(start.way, scale, self.ladder, self.chains, normal, self.backend)
        tiles = lanes.tiles(
            {site: np.tile(row, len(self.ladder)) for site, row in rows.items()}, replicas.worlds
        )
        state = tiles, replicas.target(tiles)
        replicas, state = self._warm(replicas, state, rng)
        kept, _, accepted = run(
            replicas.step(self.moves),
            state,
            Schedule(0, self.steps, self.thin),
            rng,
            replicas.coldest,
            progress,
        )
        trace = Trace(dict(zip(lanes.sites, kept, strict=True)), _notes(replicas, accepted))
        return answer(start, trace, shape, name, answer_key, self.backend)

    def _warm(
        self, replicas: Replicas, state: State, rng: np.random.Generator
    ) -> tuple[Replicas, State]:
        """Run the warmup, choosing the ladder anew after each of its rounds but the last."""
        parts = 2.0 ** np.arange(ROUNDS)
        lengths = np.diff(np.round(np.cumsum([0, *parts]) / parts.sum() * self.warmup)).astype(int)
        for i, length in enumerate(lengths):
            step = replicas.step(self.moves)
            _, state, accepted = run(step, state, Schedule(0, length, 1), rng, replicas.coldest)
            if self.adapt and length >= 2 and i < ROUNDS - 1:
                rates = np.array([a.rate for a in _swaps(accepted)])
                replicas = replicas.at(even(replicas.ladder, 1 - rates))
                state = state[0], replicas.target(state[0])
        return replicas, state


@dataclass(frozen=True, eq=False)
class Replicas:
    """Worlds at each share of the evidence: replica `r` of chain `c` is world `r * chains + c`.

    Args:
      way: from no evidence to all of it.
      scale: of the distances from keeping hard evidence.
      ladder: float64 `[replicas]`, shares of the evidence.
      chains: how many.
      normal: `[rows]`, whether each row that may move is normal; rows past them stay.
      backend: what runs worlds.
    """

    way: Way
    scale: Scale
    ladder: np.ndarray
    chains: int
    normal: np.ndarray
    backend: Backend | None = None

    @property
    def worlds(self) -> int:
        """How many there are."""
        return len(self.ladder) * self.chains

    def at(self, ladder: np.ndarray) -> Replicas:
        """The same at other shares."""
        return replace(self, ladder=ladder)

    def read(self, tiles: np.ndarray) -> list[Readings]:
        """What the lanes say, by replica."""
        found = self.way.read(tiles, self.worlds, self.backend)
        parts = [slice(r * self.chains, (r + 1) * self.chains) for r in range(len(self.ladder))]
        return [
            Readings(found.old[p], found.factors[p], found.broken[:, p], found.distance[:, p])
            for p in parts
        ]

    def target(self, tiles: np.ndarray) -> np.ndarray:
        """`[worlds]`, the log target of each at its own share."""
        reads = zip(self.read(tiles), self.ladder, strict=True)
        return np.concatenate([self.scale.log_target(read, s) for read, s in reads])

    def step(
        self, moves: tuple[Move, ...]
    ) -> Callable[[np.random.Generator, State, int], tuple[State, list[Acceptance]]]:
        """A sweep of every replica, then swaps of the even or of the odd pairs in turn."""
        moved = sweep(moves, self.target, self.normal)

        def step(rng: np.random.Generator, state: State, number: int) -> tuple[State, list]:
            state, accepted = moved(rng, state, number)
            self.refresh(rng, state[0])
            state, swaps = self.swap(rng, state[0], number % 2)
            return state, accepted + swaps

        return step

    def refresh(self, rng: np.random.Generator, tiles: np.ndarray) -> None:
        """Draw the worlds without evidence anew, in place: their target is the prior."""
        tile, place = np.divmod(np.arange(self.chains), tiles.shape[2])
        for row, is_normal in enumerate(self.normal):
            draw = rng.standard_normal if is_normal else rng.random
            tiles[tile, row, place] = draw(self.chains, np.float32)

    def swap(
        self, rng: np.random.Generator, tiles: np.ndarray, parity: int
    ) -> tuple[State, list[Acceptance]]:
        """Exchange the states of neighbours, each with probability min(1, ratio); in place.

        Args:
          rng: of all choices.
          tiles: the states.
          parity: 0 for the pairs (0, 1), (2, 3), …; 1 for (1, 2), (3, 4), ….
        """
        reads, accepted = self.read(tiles), []
        for low in range(parity, len(self.ladder) - 1, 2):
            ratio = self.ratio(low, reads[low], reads[low + 1])
            chosen = np.flatnonzero(np.log1p(-rng.random(self.chains)) < ratio)  # no NaN is below
            a, b = low * self.chains + chosen, (low + 1) * self.chains + chosen
            width, count = tiles.shape[2], len(self.way.lanes.sites)
            one, other = (
                (a // width, slice(count), a % width),
                (b // width, slice(count), b % width),
            )
            tiles[one], tiles[other] = tiles[other], tiles[one]
            accepted.append(Acceptance(f"swap {low}", self.chains, len(chosen)))
        return (tiles, self.target(tiles)), accepted

    def ratio(self, low: int, here: Readings, there: Readings) -> np.ndarray:
        """`[chains]`, log of the joint target after a swap over that before."""
        cold, warm = self.ladder[low + 1], self.ladder[low]
        log = self.scale.log_target
        with np.errstate(invalid="ignore"):
            return log(there, warm) - log(here, warm) + log(here, cold) - log(there, cold)

    def coldest(self, state: State) -> np.ndarray:
        """`[sites, chains]`, the rows of the worlds with all of the evidence."""
        rows = self.way.lanes.rows(state[0], self.worlds)
        return np.stack([row[-self.chains :] for row in rows.values()])


def even(ladder: np.ndarray, rejected: np.ndarray) -> np.ndarray:
    """Shares between which swaps are rejected equally often.

    Rejections add up along the ladder whatever its steps are; the new shares cut their sum into equal
    parts.

    Args:
      ladder: `[replicas]`.
      rejected: `[replicas - 1]`, the rate of each pair.

    >>> even(np.array([0.0, 0.5, 1.0]), np.array([0.2, 0.6])).round(3).tolist()
    [0.0, 0.667, 1.0]
    """
    barrier = np.concatenate([[0.0], np.cumsum(np.maximum(rejected, 1e-3))])
    found = np.interp(np.linspace(0, barrier[-1], len(ladder)), barrier, ladder)
    found[0], found[-1] = 0.0, 1.0
    return found if (np.diff(found) > 0).all() else ladder


def _swaps(accepted: tuple[Acceptance, ...]) -> list[Acceptance]:
    found = [a for a in accepted if a.move.startswith("swap ")]
    return sorted(found, key=lambda a: int(a.move.removeprefix("swap ")))


def _notes(replicas: Replicas, accepted: tuple[Acceptance, ...]) -> tuple[str, ...]:
    swaps = _swaps(accepted)
    moves = [a for a in accepted if not a.move.startswith("swap ")]
    ladder = replicas.ladder
    pairs = ", ".join(
        f"{ladder[i]:.3g} and {ladder[i + 1]:.3g} {a.rate:.0%}" for i, a in enumerate(swaps)
    )
    notes = [acceptance_note(moves), f"swaps accepted between shares of the evidence: {pairs}"]
    least = min((a.rate for a in swaps), default=math.nan)
    if not least >= SELDOM:
        notes.append(
            f"some neighbours swap in {least:.1%} of the tries only: use more temperatures or warmup"
        )
    return tuple(notes)
