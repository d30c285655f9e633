"""Waste-free SMC against exact answers; its errors are those of other seeds, however its chains move."""

import math

import jax
import numpy as np
import pytest
from scipy import stats

from inference import WasteFree
from inference.waste_free import _variance
from plot.backends import Reference
from plot.errors import ImpossibleEvidence
from plot.world import World

BACKEND = Reference()
SEEDS = 20
SOURCE = "(define a (gaussian 0 1)) (define b (gaussian 0 1)) (condition (> (- a b) 3))"
LOG = stats.norm.logsf(3 / math.sqrt(2))
MEAN = stats.truncnorm.mean(3 / math.sqrt(2), np.inf, scale=math.sqrt(2)) / 2


@pytest.fixture(scope="module")
def question():
    return World.from_source(SOURCE).ask("a")


@pytest.mark.parametrize(
    "engine",
    [
        WasteFree(resampled=60, steps=5, every=5, backend=BACKEND),  # chains that forget
        WasteFree(resampled=100, steps=3, every=1, backend=BACKEND),  # chains that hardly move
    ],
    ids=["forget", "remember"],
)
def test_errors_are_those_of_other_seeds(engine, question):
    found = [engine.infer(jax.random.key(s), question) for s in range(SEEDS)]
    ratios = np.array([math.exp(f.evidence.log - LOG) for f in found])
    assert abs(ratios.mean() - 1) < 4 * ratios.std(ddof=1) / math.sqrt(len(ratios)) < 0.4
    said = np.mean([f.evidence.error**2 for f in found])
    means = np.array([f.mean.value for f in found])
    assert abs(means.mean() - MEAN) < 4 * means.std(ddof=1) / math.sqrt(len(means))
    # A variance from so many draws of a normal is within these bounds of the true one: chi-square, 1e-4.
    low, high = stats.chi2.ppf([5e-5, 1 - 5e-5], SEEDS - 1) / (SEEDS - 1)
    assert low < ratios.var(ddof=1) / said < high


def test_a_rare_event():
    question = World.from_source("(define a (gaussian 0 1)) (condition (> a 5))").ask("a")
    found = WasteFree(resampled=400, steps=10, backend=BACKEND).infer(jax.random.key(0), question)
    assert abs(found.evidence.log - stats.norm.logsf(5)) < 4.5 * found.evidence.error < 2
    mean = stats.truncnorm.mean(5, np.inf)
    assert abs(found.mean.value - mean) < 4.5 * found.mean.standard_error < 0.3
    assert found.worlds.drawn == 4000
    assert "400 chains of 10 states" in found.report()


def test_variance_of_independent_families_is_that_of_their_mean():
    """A known case: families of one world, and families that all agree."""
    weights = np.array([1.0, 2.0, 3.0, 4.0]) / 10
    wanted = np.var(4 * weights, ddof=1) / 4
    assert math.isclose(_variance(weights, np.arange(4), 4, 0), wanted)
    even = np.full(6, 1 / 6)
    assert math.isclose(_variance(even, np.arange(6) % 3, 3, 0), 0, abs_tol=1e-12)
    assert math.isclose(_variance(even, np.zeros(6, int), 3, 4), 1)


def test_nothing_to_move_and_nothing_to_draw():
    question = World.from_source("(define a (flip 0.5))").ask("1")
    found = WasteFree(resampled=3, steps=2, backend=BACKEND).infer(jax.random.key(0), question)
    assert (
        math.isclose(found.mean.value, 1) and found.evidence.log == 0 and found.evidence.error == 0
    )


def test_progress(question):
    told: list[int] = []
    engine = WasteFree(resampled=50, steps=8, backend=BACKEND)
    engine.infer(jax.random.key(0), question, told.append)
    assert told == [engine.worlds * (i + 1) for i in range(len(told))] and len(told) > 2


def test_evidence_that_no_world_satisfies():
    question = World.from_source("(define a (gaussian 0 1)) (condition (< (* a a) -1))").ask("a")
    with pytest.raises(ImpossibleEvidence):
        WasteFree(resampled=20, steps=5, backend=BACKEND).infer(jax.random.key(0), question)


@pytest.mark.parametrize("options", [{"resampled": 1}, {"steps": 0}, {"every": 0}, {"keep": 1.0}])
def test_options_that_make_no_sense(options):
    with pytest.raises(ValueError):
        WasteFree(**options)
