"""Rows of randomness that are handed over: the worlds that they came from, in any order."""

import jax
import numpy as np
import pytest

from plot.backends import (
    XLA,
    Backend,
    LaneMachine,
    Reference,
    assemble,
    blocks,
    tile_width,
    tiled,
    untiled,
)
from plot.compiler.graph import Node
from plot.compiler.ops import NORMAL, UNIFORM
from plot.compiler.values import leaves
from plot.simulate import log_weight
from plot.world import World

SOURCE = """
(define a (gaussian 1 2))
(define b (uniform -1 3))
(define c (if (flip 0.4) a (* b b)))
(define (walk n) (if (flip 0.2) n (walk (+ n (exponential 1)))))
(define d (walk 0))
(condition (> (+ a c) b))
"""
BACKENDS = [Reference(), LaneMachine(), XLA()]


def run(backend: Backend, outputs: list, loops, key, worlds: int, given=(), rows=None):
    program = assemble(outputs, {}, loops, (), given)
    given_rows = None if rows is None else tiled(rows, tile_width(program))
    found = [b.values for b in blocks(backend, program, key, worlds, given_rows)]
    return np.concatenate(found, axis=1)[: len(outputs)]


def parts():
    question = World.from_source(SOURCE).ask("(list a b c)")
    graph = question.world.session.graph
    weight, _ = log_weight(graph, question.effects)
    sites = [n for n in graph.nodes if n.op in (UNIFORM, NORMAL)]
    assert isinstance(weight, Node)
    return graph, sites, [weight, *leaves(question.value)]


def same(a: np.ndarray, b: np.ndarray, backend: Backend) -> bool:
    """Equal to the bit, but where XLA compiles two programs and rounds in its own way in each."""
    if not isinstance(backend, XLA):
        return np.array_equal(a, b)
    return bool(np.isclose(a, b, rtol=2e-4, atol=2e-4).mean() > 0.999)


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.name)
@pytest.mark.parametrize("worlds", [700, 70_000])
def test_rows_that_are_handed_over_make_the_same_worlds(backend, worlds):
    graph, sites, asked = parts()
    key = jax.random.key(5)
    drawn = run(backend, [*sites, *asked], graph.loops, key, worlds)
    rows, values = drawn[: len(sites)], drawn[len(sites) :]
    order = np.random.default_rng(0).permutation(worlds)
    again = run(backend, asked, graph.loops, jax.random.key(6), worlds, sites, rows[:, order])
    assert same(again, values[:, order], backend)


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda b: b.name)
def test_other_rows_are_drawn(backend):
    """Some sites handed over, the others drawn as if nothing were."""
    graph, sites, asked = parts()
    key = jax.random.key(7)
    drawn = run(backend, [*sites, *asked], graph.loops, key, 5000)
    again = run(backend, asked, graph.loops, key, 5000, sites[:2], drawn[:2])
    assert same(again, drawn[len(sites) :], backend)
    moved = run(backend, asked, graph.loops, key, 5000, sites[:2], drawn[:2] * 0.5)
    assert (moved != drawn[len(sites) :]).mean() > 0.2


@pytest.mark.parametrize(("rows", "worlds"), [(1, 1), (3, 4096), (17, 40_000), (64, 5)])
def test_tiles_hold_the_rows(rows, worlds):
    wanted = np.random.default_rng(0).random((rows, worlds), np.float32)
    for width in (256, 4096):
        tiles = tiled(wanted, width)
        np.testing.assert_array_equal(untiled(tiles, rows, worlds), wanted)
        assert tiles.sum() == pytest.approx(wanted.sum(), rel=1e-4), "all else is zero"
