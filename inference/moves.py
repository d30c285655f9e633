"""Moves of worlds that leave a target as it is, in the space of their rows of randomness.

There the prior is the same for every program: a row is uniform or standard normal. A proposal from the
prior is accepted by the ratio of likelihoods alone.

Source: Metropolis and others (1953); Wingate, Stuhlmueller and Goodman, Lightweight implementations of
probabilistic programming languages via transformational compilation (2011), for the space.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

type State = tuple[np.ndarray, np.ndarray]  # tiles of rows, log target `[worlds]`
type Proposal = tuple[Any, Any]  # a row, and the log ratio that the prior adds
type Target = Callable[[np.ndarray], np.ndarray]  # of tiles


@dataclass(frozen=True)
class Acceptance:
    """How often a move was proposed and accepted."""

    move: str
    proposed: int
    accepted: int

    @property
    def rate(self) -> float:
        """The share that was accepted."""
        return self.accepted / self.proposed if self.proposed else 0.0


class Move(Protocol):
    """Changes each world on its own, leaving the target invariant."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    @property
    def sites(self) -> int:
        """How many sites of a world move together."""
        ...

    def propose(self, draws: Draws, row: Any, normal: bool) -> Proposal:
        """Where a row may go, and the log ratio of the prior there and here.

        Args:
          draws: fresh randomness; NumPy's, or traced by JAX.
          row: where it is, one number a world.
          normal: whether the row is normal, or else uniform.
        """
        ...

    def __call__(
        self, rng: np.random.Generator, state: State, target: Target, normal: np.ndarray
    ) -> tuple[State, Acceptance]:
        """One step of every world.

        Args:
          rng: of all choices.
          state: rows in tiles, which are changed in place, and their log target.
          target: log target of tiles.
          normal: `[rows]`, whether each row that may move is normal, or else uniform.
        """
        ...


class Draws(Protocol):
    """Fresh rows of randomness, and the functions of arrays that go with them."""

    @property
    def xp(self) -> Any:
        """`numpy` or `jax.numpy`."""
        ...

    def uniform(self) -> Any:
        """A row of uniforms on [0, 1)."""
        ...

    def normal(self) -> Any:
        """A row of standard normals."""
        ...

    def other(self) -> Any:
        """The row, as it was, that comes next among those that move together; after the last, the first."""
        ...


@dataclass(frozen=True)
class Redraw:
    """Metropolis: some sites of each world are drawn anew from the prior.

    Args:
      sites: how many sites of a world move together.
    """

    sites: int = 1
    name: str = "redraw"

    def propose(self, draws: Draws, row: Any, normal: bool) -> Proposal:
        """See `Move`."""
        return (draws.normal() if normal else draws.uniform()), 0.0

    def __call__(
        self, rng: np.random.Generator, state: State, target: Target, normal: np.ndarray
    ) -> tuple[State, Acceptance]:
        """See `Move`."""
        return _metropolis(self, rng, state, target, normal)


@dataclass(frozen=True)
class Drift:
    """Metropolis: some sites of each world take a step from where they are.

    The scale differs from world to world, so that some step fits whatever the target's width is.

    Args:
      sites: how many sites of a world move together.
      least, most: bounds on the scale of a step, whose logarithm is uniform between theirs; the
        scale of a normal row is 1, and a uniform row is a circle of length 1.
    """

    sites: int = 1
    least: float = 0.1
    most: float = 3.0
    name: str = "drift"

    def propose(self, draws: Draws, row: Any, normal: bool) -> Proposal:
        """See `Move`."""
        xp, low, high = draws.xp, math.log(self.least), math.log(self.most)
        scale = xp.exp(low + (high - low) * draws.uniform())
        step = scale * (2 * draws.uniform() - 1) * math.sqrt(3)  # of variance scale squared
        if normal:
            # The difference of the squares' halves, without their cancellation.
            return row + step, -step * (row + step / 2)
        moved = row + step / 3  # a third is about a uniform's deviation
        moved = moved - xp.floor(moved)
        return xp.where(moved >= 1, 0, moved).astype(row.dtype), 0.0  # rounding may make a one

    def __call__(
        self, rng: np.random.Generator, state: State, target: Target, normal: np.ndarray
    ) -> tuple[State, Acceptance]:
        """See `Move`."""
        return _metropolis(self, rng, state, target, normal)


@dataclass(frozen=True)
class Swap:
    """Metropolis: two like rows of each world change places, and with them who is who.

    In a world whose draws choose among members of a structure this exchanges two of them.
    """

    sites: int = 2
    name: str = "swap"

    def propose(self, draws: Draws, row: Any, normal: bool) -> Proposal:
        """See `Move`. Both rows have one prior, so its ratio is one."""
        return draws.other(), 0.0

    def __call__(
        self, rng: np.random.Generator, state: State, target: Target, normal: np.ndarray
    ) -> tuple[State, Acceptance]:
        """See `Move`; rows of two kinds stay where they are."""
        return _metropolis(self, rng, state, target, normal)


@dataclass(frozen=True)
class _Numpy:
    """`Draws` of a generator of NumPy."""

    rng: np.random.Generator
    count: int
    following: np.ndarray
    xp: Any = np

    def other(self) -> np.ndarray:
        return self.following

    def uniform(self) -> np.ndarray:
        return self.rng.random(self.count, np.float32)

    def normal(self) -> np.ndarray:
        return self.rng.standard_normal(self.count, np.float32)


def _metropolis(
    move: Move,
    rng: np.random.Generator,
    state: State,
    target: Target,
    normal: np.ndarray,
) -> tuple[State, Acceptance]:
    tiles, logs = state
    worlds, prior = len(logs), np.zeros(len(logs))
    tile, place = np.divmod(np.arange(worlds), tiles.shape[2])
    # Each world moves its own rows: `together` of them, one after the other round a ring.
    first = rng.integers(len(normal), size=worlds)
    together = min(move.sites, len(normal))
    places = [(first + turn) % len(normal) for turn in range(together)]
    before = [(row, tiles[tile, row, place]) for row in places]
    alike = np.all([normal[row] == normal[first] for row in places], axis=0)
    for turn, (row, old) in enumerate(before):
        following = before[(turn + 1) % together][1]
        new, kind = old.copy(), normal[row]
        for is_normal in (True, False):
            chosen = np.flatnonzero((kind == is_normal) & (alike | (not isinstance(move, Swap))))
            if len(chosen):
                draws = _Numpy(rng, len(chosen), following[chosen])
                new[chosen], ratio = move.propose(draws, old[chosen], is_normal)
                prior[chosen] += ratio
        tiles[tile, row, place] = new
    found = target(tiles)
    with np.errstate(invalid="ignore"):
        ratio = found - logs + prior
    better = np.log1p(-rng.random(worlds)) < ratio  # false where both are minus infinity
    stays = np.flatnonzero(~better)
    for row, old in before:
        tiles[tile[stays], row[stays], place[stays]] = old[stays]
    accepted = Acceptance(move.name, worlds, int(better.sum()))
    return (tiles, np.where(better, found, logs)), accepted
