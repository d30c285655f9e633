"""Moves leave their target as it is; one that does not is caught."""

import math

import jax
import numpy as np
import pytest
from scipy import stats

from inference.lanes import Lanes
from inference.moves import Acceptance, Drift, Redraw, State, Swap
from inference.targets import Scale, Way
from plot.compiler.values import leaves
from plot.world import World

SOURCE = """
(define a (gaussian 0 1))
(define b (uniform -1 2))
(define c (if (flip 0.3) a (* 2 b)))
(condition (> (+ a c) b))
(factor (* -0.5 (abs c)))
"""
WORLDS = 40_000


class Setting:
    """A world, its target, and exact draws from it by rejection."""

    def __init__(self, seed: int):
        self.worlds = 6 * WORLDS
        world = World.from_source(SOURCE)
        graph = world.session.graph
        self.way = Way(graph, None, world.effects.flatten(graph))
        key = jax.random.key(seed)
        rows = self.way.lanes.draw({}, key, 6 * WORLDS)
        logs = self.target(self.way.lanes.tiles(rows, 6 * WORLDS))
        rng = np.random.default_rng(seed)
        kept = np.flatnonzero(np.log(rng.random(len(logs))) < logs)[:WORLDS]  # factors are below 0
        assert len(kept) == WORLDS
        self.worlds = WORLDS
        self.rows = {site: row[kept] for site, row in rows.items()}
        self.lanes = Lanes(graph, tuple(leaves(world.ask("(list a b c)").value)), {})

    def start(self) -> State:
        """Rows in tiles, and their log target."""
        tiles = self.way.lanes.tiles(self.rows, WORLDS)
        return tiles, self.target(tiles)

    @property
    def normal(self) -> np.ndarray:
        return np.array([site.op == "normal" for site in self.way.lanes.sites])

    def target(self, tiles: np.ndarray) -> np.ndarray:
        read = self.way.read(tiles, self.worlds)
        return Scale.of(read).log_target(read, 1.0)

    def moved(self, move, steps: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """The values of `a`, `b` and `c` before and after, `[3, worlds]`."""
        rng, state = np.random.default_rng(seed), self.start()
        for _ in range(steps):
            state, _ = move(rng, state, self.target, self.normal)
        assert state[0].dtype == np.float32
        np.testing.assert_allclose(state[1], self.target(state[0]))
        after = self.way.lanes.rows(state[0], WORLDS)
        return tuple(
            self.lanes.values(self.lanes.tiles(rows, WORLDS), WORLDS) for rows in (self.rows, after)
        )


def unlike(before: np.ndarray, after: np.ndarray) -> float:
    """The least p-value that the values of two settings come from one law."""
    return min(stats.ks_2samp(x, y).pvalue for x, y in zip(before, after, strict=True))


MOVES = [Swap(), Redraw(), Redraw(sites=2), Drift(), Drift(sites=3, least=0.5)]


@pytest.mark.parametrize("move", MOVES, ids=lambda m: f"{m.name}-{m.sites}")
def test_exact_draws_stay_exact(move):
    """Another set of exact draws, moved: its law is still that of the first."""
    before, _ = Setting(1).moved(move, 0, 0)
    start, after = Setting(2).moved(move, 12, 3)
    assert unlike(before, after) > 1e-4
    least = 0.25 if isinstance(move, Swap) else 0.5  # only two rows are alike, and may swap back
    assert (start != after).any(axis=0).mean() > least, "the worlds have moved"


class AlwaysAccepts(Redraw):
    """A broken kernel: it forgets to ask the target."""

    def __call__(self, rng, state: State, target, normal):
        (tiles, _), accepted = super().__call__(rng, state, lambda r: np.zeros(WORLDS), normal)
        return (tiles, target(tiles)), accepted


class Sticks(Drift):
    """A broken kernel: its steps do not leave the prior as it is."""

    def __call__(self, rng, state: State, target, normal):
        tiles = state[0] * np.float32(0.97)
        return super().__call__(rng, (tiles, target(tiles)), target, normal)


@pytest.mark.parametrize("broken", [AlwaysAccepts(), Sticks()])
def test_a_broken_kernel_is_caught(broken):
    before, _ = Setting(1).moved(broken, 0, 0)
    _, after = Setting(2).moved(broken, 3, 3)
    assert unlike(before, after) < 1e-4


def test_rows_stay_where_they_belong():
    setting = Setting(4)
    rng, state = np.random.default_rng(0), setting.start()
    for _ in range(20):
        state, accepted = Drift(least=0.5)(rng, state, setting.target, setting.normal)
        assert 0 < accepted.rate < 1
    for site, row in setting.way.lanes.rows(state[0], WORLDS).items():
        if site.op == "uniform":
            assert row.min() >= 0 and row.max() < 1


def test_rates():
    assert Acceptance("redraw", 200, 50).rate == 0.25
    assert Acceptance("redraw", 0, 0).rate == 0.0
    assert math.isclose(Acceptance("drift", 3, 1).rate, 1 / 3)
