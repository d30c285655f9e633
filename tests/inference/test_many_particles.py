"""Ten million particles and worlds: where float32 sums and counts would go wrong."""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from inference import Importance
from inference.resampling import effective_size, multinomial, residual, stratified, systematic
from plot.backends import LaneMachine
from plot.weights import evidence, normalise
from plot.world import World

FEW = 300_000
MANY = pytest.param(10_000_000, marks=pytest.mark.slow)
PATTERN = np.array([1, 0.1, 0, 0.003, 0], np.float32)  # over and over: the last has no weight
WHOLE = 2**24  # whole numbers up to which float32 is exact


def drawn(scheme, n: int) -> tuple[np.ndarray, np.ndarray]:
    """How often each particle was chosen, and how often it is on average."""
    weights = np.resize(PATTERN, n)
    ancestors = np.asarray(scheme(jax.random.key(1), jnp.log(jnp.asarray(weights)), n))
    assert ancestors.shape == (n,)
    assert ancestors.min() >= 0
    assert ancestors.max() < n
    counts = np.bincount(ancestors, minlength=n)
    assert not counts[weights == 0].any()
    return counts, n * weights.astype(float) / weights.sum(dtype=float)


@pytest.mark.parametrize("n", [FEW, MANY])
def test_a_comb_chooses_each_particle_as_often_as_it_is_due(n):
    counts, due = drawn(systematic, n)
    assert np.all(np.floor(due - 1e-6) <= counts)
    assert np.all(counts <= np.ceil(due + 1e-6))
    assert np.abs(np.cumsum(counts) - np.cumsum(due)).max() < 1 + 1e-6


@pytest.mark.parametrize("n", [FEW, MANY])
def test_strata_are_split_between_neighbours_only(n):
    counts, due = drawn(stratified, n)
    assert np.abs(np.cumsum(counts) - np.cumsum(due)).max() < 1 + 1e-6


@pytest.mark.parametrize("n", [FEW, MANY])
def test_what_is_certain_is_not_left_to_chance(n):
    counts, due = drawn(residual, n)
    certain = np.floor(due - 1e-6)
    assert np.all(counts >= certain)
    rest = counts - certain
    for weight in PATTERN[PATTERN > 0]:
        those = np.resize(PATTERN, n) == weight
        wanted = (due - certain)[those].sum()
        assert abs(rest[those].sum() - wanted) < 5 * math.sqrt(wanted)


@pytest.mark.parametrize("n", [FEW, MANY])
def test_particles_are_drawn_independently_of_each_other(n):
    """The share without children is that of a Poisson count: a grid of float32 points would show."""
    counts, due = drawn(multinomial, n)
    for weight in PATTERN[PATTERN > 0]:
        those = np.resize(PATTERN, n) == weight
        total, none = due[those].sum(), math.exp(-due[those][0])
        assert abs(counts[those].sum() - total) < 5 * math.sqrt(total)
        error = math.sqrt(none * (1 - none) / those.sum())
        assert abs((counts[those] == 0).mean() - none) < 5 * error


@pytest.mark.slow
def test_sums_of_weights_go_on_past_what_float32_can_count():
    n = WHOLE + 1000
    assert float(effective_size(jnp.zeros(n))) == pytest.approx(n, rel=1e-6)
    found = evidence(np.zeros(n, np.float32), 2 * n)
    assert found.log == pytest.approx(math.log(0.5), abs=1e-12)
    assert normalise(np.zeros(n, np.float32)).sum() == pytest.approx(1, abs=1e-9)
    running = np.cumsum(np.ones(n, np.float32))
    assert running[-1] == WHOLE, "as float32 would have it"


@pytest.mark.slow
def test_no_world_of_many_is_lost():
    """More worlds than float32 can count, in the report, the evidence and the table."""
    worlds = WHOLE + 12_345
    world = World.from_source("(define n (random-integer 4)) (condition (< n 3))")
    answer = Importance(worlds, LaneMachine()).infer(jax.random.key(0), world.ask("n"))
    p = answer.worlds.kept / worlds
    assert answer.worlds.drawn == worlds
    assert abs(p - 0.75) < 5 * math.sqrt(0.75 * 0.25 / worlds)
    assert answer.effective_size == pytest.approx(answer.worlds.kept, rel=1e-9)
    assert answer.evidence.log == pytest.approx(math.log(p), abs=1e-9)
    for value in range(3):
        count = answer.probability(value).value * answer.worlds.kept
        assert count == pytest.approx(round(count), abs=1e-3)
        assert abs(count / answer.worlds.kept - 1 / 3) < 5 * math.sqrt(2 / 9 / answer.worlds.kept)


@pytest.mark.slow
def test_worlds_that_died_are_counted():
    worlds = WHOLE + 12_345
    world = World.from_source("(define n (random-integer 4))")
    question = world.ask("(if (= n 0) (first '()) n)")
    answer = Importance(worlds, LaneMachine()).infer(jax.random.key(0), question)
    assert sum(loss.worlds for loss in answer.losses) + answer.worlds.kept == worlds
