"""Programs made at random: the engines agree, spoilt ones end in an error, and both checks ring."""

from __future__ import annotations

import pytest

from experiments.bench import agreement, random_programs
from experiments.bench.agreement import enumerated, judge, rows_differ
from experiments.bench.batches import rows_of
from experiments.bench.compiled import Table, compiled, exact_table
from experiments.bench.fuzz import endings
from experiments.bench.generated import malformed
from experiments.bench.samples import Sample, compare
from plot.backends import LaneMachine, Reference
from plot.simulate import seed


def test_engines_agree_on_generated_programs():
    verdicts = judge(range(20_000, 20_040), LaneMachine(), xla=False)
    assert [v for v in verdicts if v.outcome == "disagreement"] == []
    outcomes = [v.outcome for v in verdicts]
    assert outcomes.count("exact") >= 10 and outcomes.count("statistical") >= 5


@pytest.mark.slow
def test_engines_agree_on_more_generated_programs():
    verdicts = judge(range(30_000, 30_300), LaneMachine())
    assert [v for v in verdicts if v.outcome == "disagreement"] == []


def test_workers_are_replaced(monkeypatch):
    monkeypatch.setattr(random_programs, "BATCH", 1)
    monkeypatch.setattr(random_programs, "WORKER_BATCHES", 1)
    verdicts = list(random_programs.judged(range(2), 1))
    assert [v.seed for v in verdicts] == [0, 1]
    assert not [v for v in verdicts if v.outcome == "disagreement"]


def test_a_wrong_table_is_found(monkeypatch):
    """The comparison rings: the compiler is given a program with another number in it."""
    monkeypatch.setattr(agreement, "program", lambda seed: "(define x (flip 0.3)) (query x)")
    monkeypatch.setattr(
        agreement, "compiled", lambda source: compiled(source.replace("0.3", "0.30001"))
    )
    (verdict,) = judge([0], LaneMachine(), xla=False)
    assert verdict.outcome == "disagreement"
    assert "0.30001" in verdict.detail or "0.69999" in verdict.detail


def test_the_exact_table_is_that_of_the_program():
    table = exact_table(
        compiled("(define n (random-integer 4)) (condition (< n 3)) (query (> n 1))")
    )
    assert table.probabilities == pytest.approx({"#t": 1 / 3, "#f": 2 / 3})
    wanted = enumerated("(define n (random-integer 4)) (condition (< n 3)) (query (> n 1))")
    assert isinstance(wanted, Table)
    assert wanted.probabilities == pytest.approx(table.probabilities)
    assert wanted.log_evidence == pytest.approx(table.log_evidence)


def test_rows_that_differ_are_found():
    program = compiled("(query (list (flip 0.3) (random-integer 9)))")
    ours = rows_of(LaneMachine(), [program], seed(1))[0]
    assert rows_differ(ours, rows_of(Reference(), [program], seed(1))[0], exactly=True) == ""
    other = ours.copy()
    other[-1, 17] += 1
    assert "lane 2 in 1 of" in rows_differ(ours, other, exactly=True)


def test_samples_of_two_laws_are_told_apart():
    import numpy as np

    rng = np.random.default_rng(0)
    weights = np.full(4000, 1 / 4000)
    draws = [[float(x) for x in rng.normal(mean, 1, 4000)] for mean in (0, 0, 0.5)]
    same, like, other = (Sample(list(values), weights) for values in draws)
    assert compare(same, like).wrong == ""
    assert "below" in compare(same, other).wrong


def broken(seed: int) -> str:
    """A program for the watchdog: fine, wrong, endless, or too large."""
    return (
        "(query (flip))",
        "(query (flip 2))",
        "(define (f n) (f (+ n 1))) (f 0)",
        '(define (f s) (f (string-append s s))) (f "ab")',
        "(",
    )[seed % 5]


def test_each_ending_is_told():
    ended = {e.seed: e for e in endings(range(5), broken)}
    assert [ended[i].kind for i in range(5)] == ["value", *["error"] * 4]
    assert [ended[i].error for i in (1, 2, 3, 4)] == [
        "ParameterError",
        "BudgetError",
        "BudgetError",
        "ReadError",
    ]
    assert not any(e.bad for e in ended.values())


def test_an_endless_program_counts_as_hung(monkeypatch):
    monkeypatch.setattr("experiments.bench.fuzz.LIMIT", 0.5)
    (ended,) = endings([2], broken)
    assert ended.kind == "hang" and ended.bad


def test_malformed_programs_end_in_an_error():
    ended = list(endings(range(400_000, 400_060), malformed))
    assert len(ended) == 60 and [e for e in ended if e.bad] == []
    assert sum(e.kind == "error" for e in ended) > 30
