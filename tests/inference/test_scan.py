"""Scans of compiled Metropolis visits leave their target as it is; one that does not is caught."""

from dataclasses import dataclass

import jax
import numpy as np
import pytest
from scipy import stats

from inference import Belief, Sequential
from inference import kernel as kernels
from inference.lanes import Lanes
from inference.moves import Drift, Redraw, Swap
from inference.scan import reached, scan
from inference.targets import Scale, Way
from inference.visits import blocks
from plot.backends.joining import Piece, joined
from plot.compiler.values import leaves
from plot.modules import Module, ModuleFunction, register
from plot.world import World

SOURCE = """
(define a (gaussian 0 1))
(define b (uniform -1 2))
(define c (if (flip 0.3) a (* 2 b)))
(define d (gaussian a 1))
(condition (> (+ a c) b))
(condition (< d 2))
(factor (* -0.5 (abs c)))
(factor (* -0.1 (* d d)))
"""
LOOP = """
(define x (gaussian 0 1))
(define (far n sum) (if (= n 0) sum (far (- n 1) (+ (* 0.9 sum) x))))
(define y (far 200 0))
(condition (> y 3))
(factor (* -0.1 (abs y)))
"""
WORLDS = 20_000


@dataclass(frozen=True)
class Careless(Drift):
    """A broken kernel: it forgets what the prior says of a step."""

    def propose(self, draws, row, normal):
        return super().propose(draws, row, normal)[0], 0.0


@dataclass(frozen=True)
class Lopsided(Drift):
    """A broken kernel: its steps go one way more often than the other."""

    def propose(self, draws, row, normal):
        new, ratio = super().propose(draws, row, normal)
        return new - draws.xp.float32(0.1) * normal, ratio


MOVES = {
    "redraw": [Redraw()],
    "drift": [Drift()],
    "both": [Redraw(), Drift()],
    "swaps": [Redraw(), Swap(), Swap()],
    "blocks": [Redraw(sites=2), Drift(sites=3, least=0.5)],
}
BROKEN = [Careless(), Lopsided()]
ALL = (Redraw(), Drift(), Swap(), *MOVES["blocks"], *BROKEN)  # one kernel is compiled for all


class Setting:
    """A world, its target, and exact draws from it by rejection."""

    def __init__(self, source: str, asked: str, seed: int):
        world = World.from_source(source)
        self.graph = world.session.graph
        effects = world.effects.flatten(self.graph)
        self.clamps = effects.clamps
        way = Way(self.graph, None, effects)
        rows = way.lanes.draw({}, jax.random.key(seed), 12 * WORLDS)
        read = way.read(way.lanes.tiles(rows, 12 * WORLDS), 12 * WORLDS)
        self.terms = way.terms(Scale.of(read), 1.0)
        logs = Scale.of(read).log_target(read, 1.0)
        rng = np.random.default_rng(seed)
        kept = np.flatnonzero(np.log(rng.random(len(logs))) < logs)[:WORLDS]  # factors are below 0
        assert len(kept) == WORLDS
        self.rows = {site: row[kept] for site, row in rows.items()}
        reach = reached(self.graph, self.terms, self.clamps)
        self.reach = reach
        self.lanes = Lanes(self.graph, tuple(leaves(world.ask(asked).value)), self.clamps)

    def values(self, rows) -> np.ndarray:
        """What was asked for, `[asked, worlds]`."""
        return self.lanes.values(self.lanes.tiles(rows, WORLDS), WORLDS)

    def moved(self, moves, sweeps: int, seed: int, reach=None) -> np.ndarray:
        """The same after some visits."""
        reach = reach or self.reach
        rng, ring = np.random.default_rng(seed), list(reach)
        firsts = [(i % len(ring), moves[i % len(moves)]) for i in range(sweeps * len(ring))]
        visits = blocks(rng, ring, firsts, np.ones(len(ring)))
        plan = scan(self.graph, self.terms, self.clamps, reach, visits, ALL)
        rows, accepted = plan.run(self.rows, jax.random.key(seed))
        assert len(accepted) == len(visits)
        assert all(0 < one.rate <= 1 for one in accepted)
        for site, row in rows.items():
            assert row.dtype == np.float32 and np.isfinite(row).all()
            if site.op == "uniform":
                assert row.min() >= 0 and row.max() < 1
        return self.values({**self.rows, **rows})


def unlike(before: np.ndarray, after: np.ndarray) -> float:
    """The least p-value that the values of two settings come from one law."""
    return min(stats.ks_2samp(x, y).pvalue for x, y in zip(before, after, strict=True))


@pytest.fixture(scope="module")
def two() -> tuple[Setting, Setting]:
    return tuple(Setting(SOURCE, "(list a b c d)", seed) for seed in (1, 2))  # type: ignore[return-value]


@pytest.mark.parametrize("name", MOVES)
def test_exact_draws_stay_exact(two, name):
    one, other = two
    before, start = one.values(one.rows), other.values(other.rows)
    after = other.moved(MOVES[name], 6, 3)
    assert unlike(before, after) > 1e-4
    assert (start != after).any(axis=0).mean() > 0.5, "the worlds have moved"


def test_through_a_loop():
    """The code of a visit may jump: a loop over many rounds reads the row that moves."""
    one, other = (Setting(LOOP, "(list x y)", seed) for seed in (1, 2))
    before, after = one.values(one.rows), other.moved([Drift()], 10, 0)
    assert unlike(before, after) > 1e-4
    assert (after[1] > 3).all()


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_kernel_is_caught(two, broken):
    one, other = two
    assert unlike(one.values(one.rows), other.moved([broken], 6, 3)) < 1e-4


@pytest.mark.parametrize("forgotten", range(4))
def test_a_forgotten_term_is_caught(two, forgotten):
    """Each term matters to some row: visits that leave it out sample something else."""
    one, other = two
    reach = {s: [t for t in terms if t != forgotten] for s, terms in other.reach.items()}
    reach = {site: terms for site, terms in reach.items() if terms}
    assert unlike(one.values(one.rows), other.moved([Redraw(), Drift()], 6, 3, reach)) < 1e-4


def test_a_visit_computes_only_what_it_reaches(two):
    setting = two[0]
    # Of four terms, `a` is in all; `b` and the flip in those of `c`, and the noise of `d` in its two.
    assert [len(terms) for terms in setting.reach.values()] == [4, 2, 2, 2]


def test_pieces_keep_the_rows_they_read(two):
    """A register of a row is never written by code: the next piece reads it again."""
    setting = two[0]
    nodes = [term.node for term in setting.terms]
    lanes = [Lanes(setting.graph, (node,), setting.clamps) for node in nodes]
    pieces = [Piece.of(one.program) for one in lanes]
    sites = sorted({s for one in lanes for s in one.sites}, key=lambda n: n.id)
    places = [[sites.index(s) for s in one.sites] for one in lanes]
    code = joined(pieces, places, len(sites), 2)
    assert code.steps[:, 4].min() >= code.kept_at + 2
    assert [end - first for first, end in code.ranges] == [len(p.steps) for p in pieces]


def test_the_same_whatever_the_number_of_worlds(two):
    setting = two[0]
    visits = [([site], Drift()) for site in setting.reach]
    plan = scan(setting.graph, setting.terms, setting.clamps, setting.reach, visits, ALL)
    all_rows, _ = plan.run(setting.rows, jax.random.key(5))
    some = {site: row[:777] for site, row in setting.rows.items()}
    some_rows, accepted = plan.run(some, jax.random.key(5))
    for site, row in some_rows.items():
        np.testing.assert_array_equal(row, all_rows[site][:777])
    assert all(one.proposed == 777 and one.accepted <= 777 for one in accepted)


def test_nothing_is_compiled_for_another_sentence():
    world = World.from_source("(define s (mem (lambda (p) (gaussian 50 15))))")
    belief = Belief.of(world, jax.random.key(0), Sequential(worlds=2000, threshold=0.9))
    belief, first = belief.tell("(condition (> (s 'a) (s 'b)))")
    before = kernels.compilations()
    belief, second = belief.tell("(condition (> (s 'b) (+ (s 'c) 3)))")
    assert first.resampled and second.resampled
    assert kernels.compilations() == before


def test_modules_are_moved_by_their_back_end():
    """The interpreter cannot hold foreign code: the moves that compute all of the target serve."""
    twice = ModuleFunction("twice", "(-> number number)", "two times", lambda x: 2 * x)
    register(Module("scan-test", (twice,)))
    world = World.from_source("(import scan-test) (define a (gaussian 0 1))")
    belief = Belief.of(world, jax.random.key(0), Sequential(worlds=4000))
    belief, report = belief.tell("(condition (> (twice a) 3))")
    assert report.resampled
    mean = belief.ask("a").mean
    assert abs(mean.value - stats.truncnorm.mean(1.5, np.inf)) < 4.5 * mean.standard_error
