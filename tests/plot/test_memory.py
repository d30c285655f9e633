"""`mem` with drawn arguments: the same argument has the same value, whatever drew it."""

import math

import jax
import numpy as np
import pytest

from plot.data import to_list
from plot.program import Options, run_program

MEMO = "(define f (mem (lambda (k) (flip))))"


def rows(source: str, worlds: int = 20_000) -> list[tuple[list, float]]:
    options = Options(worlds=worlds)
    posterior = run_program(source, key=jax.random.key(2), options=options)[-1].result
    return [(to_list(row.value), row.probability) for row in posterior.table]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("(floor (* 3 (uniform 0 1)))", "1"),
        ("1", "(floor (* 3 (uniform 0 1)))"),
        ("(floor (gaussian 0 1))", "(floor (gaussian 0 1))"),
        ("(poisson 3)", "(poisson 3)"),
        ("(sum (repeat 40 (lambda () (random-integer 3))))", "(+ 38 (random-integer 4))"),
    ],
)
def test_equal_arguments_have_equal_values(x, y):
    table = rows(f"{MEMO} (define x {x}) (define y {y}) (query (list (= x y) (f x) (f y)))")
    same = sum(p for (equal, a, b), p in table if equal)
    assert 0.01 < same < 0.99
    assert not [p for (equal, a, b), p in table if equal and a != b]
    apart = sum(p for (equal, a, b), p in table if not equal and a != b)
    assert abs(apart - (1 - same) / 2) < 5 * 0.5 / math.sqrt(20_000)


def test_a_walk_in_a_loop_finds_what_it_saw():
    """A place that a walk comes back to has its colour still: the variance says so."""
    source = """
    (define colour (mem (lambda (place) (flip))))
    (define (walk place n hits)
      (if (= n 0)
          hits
          (walk (+ place (if (flip) 1 -1)) (- n 1) (+ hits (if (colour place) 1 0)))))
    (query (list (walk 0 60 0)))
    """
    table = rows(source)
    values, p = np.array([v[0] for v, _ in table], float), np.array([p for _, p in table])
    mean = p @ values
    variance = p @ (values - mean) ** 2
    rng = np.random.default_rng(3)
    steps = np.cumsum(rng.choice([-1, 1], (20_000, 59)), axis=1)
    places = np.concatenate([np.zeros((20_000, 1), int), steps], axis=1) + 60
    hits = np.take_along_axis(rng.random((20_000, 121)) < 0.5, places, axis=1).sum(axis=1)
    error = hits.var() * math.sqrt(4 / 20_000)  # of two variances of near normal samples
    assert abs(variance - hits.var()) < 5 * error
    assert variance > 60 / 4 * 2  # colours drawn anew at each step would give 15


def test_conditions_in_the_body_count_once_for_each_argument():
    """The body of `g` weighs its world by a half for each argument that it is called with."""
    source = """
    (define g (mem (lambda (k) (condition (flip 0.5)) k)))
    (define x (floor (* 2 (uniform 0 1)))) (define y (floor (* 2 (uniform 0 1))))
    (query (list (= (g x) (g y))))
    """
    table = {v[0]: p for v, p in rows(source, 50_000)}
    assert abs(table[True] - 2 / 3) < 5 * math.sqrt(2 / 9 / 18_000)


def test_continuous_arguments_are_told_apart():
    source = f"{MEMO} (query (list (eq? (f (gaussian 0 1)) (f (gaussian 0 1)))))"
    table = {v[0]: p for v, p in rows(source)}
    assert abs(table[True] - 0.5) < 5 * 0.5 / math.sqrt(20_000)
