"""Every back end against the oracle's exact enumeration, on generated programs."""

import math

import jax
import numpy as np
import pytest
from scipy import stats

from plot.backends import XLA, LaneMachine, Reference, assemble, blocks
from plot.compiler.passes import Passes
from plot.data import show
from plot.errors import BudgetError, ImpossibleEvidence, PlotError, Unsupported
from plot.oracle import Budget
from plot.oracle import enumerate as enumerate_worlds
from plot.program import Options, run_program
from plot.reader import read
from plot.simulate import log_weight
from plot.world import World
from tests.plot.generated import program

WORLDS = 20_000
PROGRAMS = 60
FAILURE_RATE = 1e-9  # of one comparison of one probability, were the program right


def compare(source: str, backend, seed: int, passes: Passes = Passes()) -> int:
    """Check one program; the number of outcomes compared (0 where it is too large to enumerate)."""
    try:
        exact = enumerate_worlds(read(source), Budget(executions=2000))
    except ImpossibleEvidence:
        with pytest.raises(ImpossibleEvidence):
            run_program(
                source,
                key=jax.random.key(seed),
                options=Options(1000, backend=backend, passes=passes),
            )
        return 1
    except BudgetError:
        return 0
    if exact.lost_mass > 0:
        return 0
    options = Options(worlds=WORLDS, backend=backend, passes=passes)
    posterior = run_program(source, key=jax.random.key(seed), options=options)[-1].result
    wanted = {show(value): p for value, p in exact.table}
    found = {show(row.value): row.probability for row in posterior.table}
    assert found.keys() <= wanted.keys(), source
    # The bound of Bernstein for a mean of n indicators, with n the effective number of worlds.
    n, log_rate = posterior.effective_size, math.log(2 / FAILURE_RATE)
    for value, p in wanted.items():
        bound = math.sqrt(2 * p * (1 - p) * log_rate / n) + 2 * log_rate / (3 * n)
        assert abs(found.get(value, 0.0) - p) <= bound, (source, value, p, found.get(value))
    spread = posterior.evidence.error
    assert abs(posterior.evidence.log - exact.log_evidence) <= 6.5 * spread + 1e-6, source
    return len(wanted)


@pytest.mark.parametrize("first", range(0, PROGRAMS, 30))
def test_lane_machine_agrees_with_the_oracle(first):
    machine = LaneMachine()
    compared = [compare(program(seed), machine, seed) for seed in range(first, first + 30)]
    assert sum(n > 0 for n in compared) >= 18  # most programs are small enough to enumerate
    assert machine.compilations <= 12  # padded shapes, not one for each program


def test_numpy_agrees_with_the_oracle():
    compared = [compare(program(seed), Reference(), seed) for seed in range(1000, 1020)]
    assert sum(n > 0 for n in compared) >= 12


def test_xla_agrees_with_the_oracle():
    compared = [compare(program(seed), XLA(), seed) for seed in range(2000, 2012)]
    assert sum(n > 0 for n in compared) >= 7


def test_a_wrong_program_is_caught():
    """The comparison rings: the same test fails where the compiler runs another program."""
    source = "(define x (flip 0.3)) (query x)"
    wrong = "(define x (flip 0.33)) (query x)"
    exact = enumerate_worlds(read(source))
    posterior = run_program(wrong, key=jax.random.key(0), options=Options(worlds=WORLDS))[-1].result
    n, log_rate = posterior.effective_size, math.log(2 / FAILURE_RATE)
    p = exact.probability(True)
    bound = math.sqrt(2 * p * (1 - p) * log_rate / n) + 2 * log_rate / (3 * n)
    assert abs(posterior.probability(True).value - p) > bound


CONTINUOUS = """
(define a (gaussian 1 2))
(define b (uniform -1 3))
(define c (exponential 2))
(define t (student-t 3))
(define d (if (flip 0.4) (max a b) (* c (abs a))))
(define e (sqrt (+ 1 (* d d))))
(define g (gamma 2 3))
(define h (beta 2 5))
(condition (> (+ a c) b))
(factor (- (* 0.1 (mod (floor d) 3)) (/ h 7)))
"""


def test_back_ends_run_the_same_worlds():
    """On the same rows of randomness the three agree to rounding, weights included."""
    question = World.from_source(CONTINUOUS).ask(
        "(list a b c t d e g h (sin a) (expt b 2) (log c))"
    )
    graph = question.world.session.graph
    weight, _ = log_weight(graph, question.effects)
    from plot.compiler.values import leaves

    program = assemble([weight, *leaves(question.value)])
    key = jax.random.key(3)
    runs = [
        np.concatenate([b.values for b in blocks(backend, program, key, 3000)], axis=1)[
            : len(program.outputs)
        ]
        for backend in (Reference(), LaneMachine(), XLA())
    ]
    for other in runs[1:]:
        same = np.isclose(runs[0], other, rtol=2e-4, atol=2e-4)
        # A comparison on the edge may fall either way by rounding, in a world of thousands.
        assert same.mean() > 0.999


def test_more_worlds_begin_with_the_same_worlds():
    question = World.from_source("(define x (gaussian 0 1))").ask("x")
    program = assemble([question.value])
    key = jax.random.key(0)
    few = np.concatenate([b.values for b in blocks(LaneMachine(), program, key, 5000)], axis=1)
    many = np.concatenate([b.values for b in blocks(LaneMachine(), program, key, 200_000)], axis=1)
    np.testing.assert_array_equal(few[0], many[0, :5000])


def test_unsupported_programs_run_by_the_oracle_with_a_warning():
    source = "(define rate 1000)\n(query (< (poisson rate) 1000))"
    with pytest.warns(UserWarning, match="poisson.*2:11"):
        outcome = run_program(source, key=jax.random.key(0))[-1]
    wanted = stats.poisson.cdf(999, 1000)
    assert outcome.result.table[0].probability == pytest.approx(max(wanted, 1 - wanted), rel=1e-6)
    assert issubclass(Unsupported, PlotError)
