"""Blocks whose worlds cannot share a graph are run a world at a time."""

import math

import jax
import pytest

from plot.compiler import Budget
from plot.data import show
from plot.errors import ImpossibleEvidence, PlotError
from plot.fallback import OracleAnswer
from plot.program import Options, OracleWarning, run_program

TREE = "(define (tree p) (if (flip p) 1 (+ (tree p) (tree p))))"
KEPT = 5_000  # worlds at which it stops


def outcome(source: str, budget: Budget = Budget(), worlds: int = 20_000):
    options = Options(worlds=worlds, budget=budget)
    with pytest.warns(OracleWarning, match="a world at a time"):
        return run_program(source, key=jax.random.key(0), options=options)[-1]


def answer(source: str, budget: Budget = Budget(), worlds: int = 20_000) -> OracleAnswer:
    found = outcome(source, budget, worlds).result
    assert isinstance(found, OracleAnswer)
    return found


def leaves(n: int, p: float) -> float:
    """The probability that a binary tree has n leaves: Catalan's number of trees, times theirs."""
    return math.comb(2 * n - 2, n - 1) / n * p**n * (1 - p) ** (n - 1)


def near(found: OracleAnswer, probabilities: dict[object, float]) -> bool:
    size = found.run["effective_sample_size"]
    table = {show(row.value): row.probability for row in found.table}
    return all(
        abs(table.get(show(v), 0.0) - p) < 5 * math.sqrt(p * (1 - p) / size)
        for v, p in probabilities.items()
    )


def test_recursion_that_branches():
    found = answer(f"{TREE} (enumeration-query (define n (tree 0.6)) n #t)")
    assert found.run["worlds_kept"] == KEPT
    assert near(found, {n: leaves(n, 0.6) for n in range(1, 8)})
    assert not near(found, {n: leaves(n, 0.65) for n in range(1, 8)})
    assert "unfolds" in found.run["notes"][0]


def test_evidence_is_weighed():
    """Given that a tree has at most three leaves, seen by a witness who is right in 8 of 10."""
    found = answer(f"""
    {TREE}
    (enumeration-query (define n (tree 0.6)) n (condition (flip (if (<= n 3) 0.8 0.2))))
    """)
    prior = {n: leaves(n, 0.6) for n in range(1, 400)}
    evidence = sum(p * (0.8 if n <= 3 else 0.2) for n, p in prior.items())
    assert near(found, {n: prior[n] * (0.8 if n <= 3 else 0.2) / evidence for n in range(1, 6)})
    error = found.run["log_evidence_standard_error"]
    assert abs(found.run["log_evidence"] - math.log(evidence)) < 5 * error


def test_the_world_outside_is_the_same_in_all():
    shown = outcome(f"""
    {TREE}
    (define k (random-integer 1000000))
    (define remembered (mem (lambda (x) (random-integer 1000000))))
    (define first-seen (remembered 1))
    (enumeration-query (define n (tree 0.6)) (list k (remembered 1) (= first-seen (remembered 1))) #t)
    """).result
    (row,) = shown.table
    assert show(row.value).endswith("#t)")


def test_what_does_not_fit_is_told():
    source = f"{TREE} (enumeration-query (define n (tree 0.6)) n (< n 0))"
    with pytest.raises(ImpossibleEvidence):
        run_program(source, key=jax.random.key(0), options=Options(worlds=500))


def test_steps_bound_all_worlds_together():
    found = answer(
        f"{TREE} (enumeration-query (define n (tree 0.6)) n #t)",
        Budget(steps=100_000, wide=2_000, smallest=1e-3),
    )
    assert 200 <= found.run["worlds_kept"] < KEPT
    assert near(found, {n: leaves(n, 0.6) for n in range(1, 4)})


def test_an_error_in_all_worlds_is_the_error():
    source = f"{TREE} (enumeration-query (define n (tree 0.6)) (first n) #t)"
    with pytest.raises(PlotError, match="first"):
        run_program(source, key=jax.random.key(0), options=Options(worlds=500))


def test_functions_made_of_functions_count_their_calls():
    source = "(define (tower f n) (if (= n 0) f (tower (compose f f) (- n 1)))) ((tower abs 60) 1)"
    with pytest.raises(PlotError, match="20,000 evaluation steps"):
        run_program(source, key=jax.random.key(0), options=Options(budget=Budget(steps=20_000)))
