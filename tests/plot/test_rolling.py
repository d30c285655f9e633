"""Recursion in rounds: calls fused across the arms of an `if`, and loops of the back end."""

import jax
import numpy as np
import pytest

from plot.backends import XLA, LaneMachine, Reference
from plot.compiler import Budget, Effects
from plot.compiler.passes import Passes
from plot.data import show
from plot.program import Options, run_program
from plot.reader import read
from plot.session import Session, run_statement
from plot.vocabulary import Vocabulary

KEY = jax.random.key(1)
UNROLLED = Passes(loops=False)

pytestmark = pytest.mark.filterwarnings("error::plot.program.OracleWarning")


def graph_of(source: str, passes: Passes = Passes()):
    session = Session(passes=passes)
    scope = session.scope()
    with session.machine(Effects()) as m:
        for tree in read(source):
            run_statement(m, tree, scope, Vocabulary())
    return session.graph


def ask(source: str, **options):
    return run_program(source, key=KEY, options=Options(**options))[-1].result


def near(estimate, wanted: float, errors: float = 4.5) -> bool:
    return abs(estimate.value - wanted) < errors * estimate.standard_error


WALK = """
(define (walk x y n)
  (if (= n 0) (list x y)
    (case (uniform-draw '(north south east west))
      ((north) (walk x (+ y 1) (- n 1)))
      ((south) (walk x (- y 1) (- n 1)))
      ((east) (walk (+ x 1) y (- n 1)))
      (else (walk (- x 1) y (- n 1))))))
"""


class TestFusion:
    def test_calls_in_four_arms_grow_by_rounds_not_by_powers(self):
        fused = graph_of(WALK + "(walk 0 0 6)")
        assert len(fused.sites) == 6
        apart = graph_of(WALK + "(walk 0 0 4)", Passes(fusion=False))
        assert len(apart.sites) == 1 + 4 + 16 + 64

    def test_fused_and_apart_mean_the_same(self):
        from plot.oracle import enumerate as enumerate_worlds

        source = WALK + "(query (walk 0 0 3))"
        wanted = {show(v): p for v, p in enumerate_worlds(read(source)).table}
        for passes in (Passes(), Passes(fusion=False)):
            table = ask(source, worlds=50_000, passes=passes).table
            assert {show(r.value) for r in table} == wanted.keys()
            for row in table:
                p = wanted[show(row.value)]
                assert abs(row.probability - p) < 5 * np.sqrt(p * (1 - p) / 50_000)

    def test_like_calls_with_a_recursive_call_inside(self):
        source = """
        (define (word n)
          (if (= n 0) '()
            (if (flip 0.3) (append (word (- n 1)) '(a)) (append (word (- n 1)) '(b)))))
        """
        assert len(graph_of(source + "(word 8)").sites) == 8
        share = ask(source + "(query (count (lambda (x) (eq? x 'a)) (word 8)))").mean
        assert near(share, 8 * 0.3)

    def test_sums_wait_with_what_is_added(self):
        source = """
        (define (score n) (if (= n 0) 1 (if (flip) (+ n (score (- n 1))) (* 2 (score (- n 1))))))
        """
        assert len(graph_of(source + "(score 10)").sites) == 10
        mean = 1.0
        for n in range(1, 11):
            mean = 0.5 * (n + mean) + 0.5 * 2 * mean
        assert near(ask(source + "(query (score 10))").mean, mean)


GEOMETRIC = "(define (wait n) (if (flip 0.05) n (wait (+ n 1))))\n"


class TestLoops:
    @pytest.mark.parametrize("backend", [Reference(), LaneMachine(), XLA()])
    def test_a_walk_until_it_stops(self, backend):
        source = """
        (define (walk x n) (if (flip 0.05) (list x n) (walk (+ x (gaussian 0 1)) (+ n 1))))
        (define end (walk 0 0))
        """
        rounds = ask(source + "(query (second end))", worlds=20_000, backend=backend)
        assert near(rounds.mean, 19)
        assert not rounds.losses  # at depth 100 one world in 170 would be lost
        place = ask(source + "(query (first end))", worlds=20_000, backend=backend)
        assert near(place.mean, 0)
        assert near(place.sd, np.sqrt(19))

    def test_not_in_tail_position(self):
        source = "(define (wait) (if (flip 0.05) 0 (- (* 1 (wait)) -1)))\n(query (wait))"
        assert near(ask(source).mean, 19)
        assert any(
            loop.variables for loop in graph_of(source.replace("(query (wait))", "(wait)")).loops
        )

    def test_names_and_truth_values_in_the_state(self):
        source = """
        (define (step place) (case place ((home) 'road) ((road) (if (flip 0.5) 'shop 'home))
                                         (else (if (flip 0.9) 'home 'road))))
        (define (go place n) (if (flip 0.02) place (go (step place) (+ n 1))))
        (query (go 'home 0))
        """
        chain = np.array([[0, 1, 0], [0.5, 0, 0.5], [0.9, 0.1, 0]])
        wanted = 0.02 * np.linalg.inv(np.eye(3) - 0.98 * chain)[0]
        posterior = ask(source)
        for name, p in zip(("home", "road", "shop"), wanted, strict=True):
            (row,) = [r for r in posterior.table if show(r.value) == name]
            assert abs(row.probability - p) < 4.5 * row.standard_error

    def test_evidence_inside_the_rounds(self):
        # Each round is survived with probability 0.9 by a condition, weighed by e^-0.1 by a factor.
        source = """
        (define (wait n)
          (begin (condition (flip 0.9)) (factor -0.1)
                 (if (flip 0.1) n (wait (+ n 1)))))
        (query (wait 0))
        """
        r = 0.9 * np.exp(-0.1) * 0.9
        posterior = ask(source, worlds=200_000)
        assert near(posterior.mean, r / (1 - r))
        evidence = np.log(0.9 * np.exp(-0.1) * 0.1 / (1 - r))
        assert abs(posterior.evidence.log - evidence) < 4.5 * posterior.evidence.error

    def test_worlds_that_die_in_a_round_are_counted_by_cause(self):
        source = """
        (define (go n) (if (flip 0.1) n (go (+ n (if (flip 0.01) (first '()) 1)))))
        (query (go 0))
        """
        posterior = ask(source)
        died = 0.9 * 0.01 / (1 - 0.9 * 0.99)
        (loss,) = posterior.losses
        assert "`first` of the empty list" in str(loss)
        assert abs(loss.share - died) < 4.5 * np.sqrt(died * (1 - died) / 100_000)

    def test_worlds_past_the_budget_of_rounds_are_lost_and_reported(self):
        source = "(define (wait n) (if (flip 0.001) n (wait (+ n 1))))\n(query (wait 0))"
        posterior = ask(source, budget=Budget(rounds=500))
        (loss,) = posterior.losses
        assert loss.budget
        made = 500 + 23  # rounds before the loop was tried were unrolled
        low, high = 0.999 ** (made + 5), 0.999 ** (made - 5)
        slack = 4.5 * np.sqrt(high * (1 - high) / 100_000)
        assert low - slack < loss.share < high + slack

    def test_a_long_static_recursion_is_one_round(self):
        source = """
        (define (roll x v n)
          (if (= n 0) x (roll (+ x (* 0.01 v)) (- v (* 0.01 (+ (* 3 x) (abs v)))) (- n 1))))
        (define start (gaussian 1 0.2))
        """
        rolled = graph_of(source + "(roll start 0 400)")
        flat = graph_of(source + "(roll start 0 400)", UNROLLED)
        assert len(rolled.nodes) < len(flat.nodes) / 3
        query = "(query (roll start 0 400))"
        a, b = ask(source + query), ask(source + query, passes=UNROLLED)
        assert abs(a.mean.value - b.mean.value) < 1e-5
        assert abs(a.sd.value - b.sd.value) < 1e-5

    def test_loops_inside_loops(self):
        source = """
        (define (inner n) (if (flip 0.2) n (inner (+ n 1))))
        (define (outer total) (if (flip 0.1) total (outer (+ total (inner 0)))))
        (query (outer 0))
        """
        assert near(ask(source).mean, 9 * 4)

    def test_a_memoised_function_in_a_round_belongs_to_the_world(self):
        source = """
        (define luck (mem (lambda (who) (flip 0.5))))
        (define (go n) (if (flip 0.1) n (go (+ n (if (luck 'ann) 1 0)))))
        (define n (go 0))
        """
        assert ask(source + "(condition (not (luck 'ann)))\n(query n)").mean.value == 0
        assert near(ask(source + "(condition (luck 'ann))\n(query n)").mean, 9)

    def test_a_state_that_grows_is_unrolled_and_what_is_lost_is_said(self):
        source = """
        (define (letters so-far) (if (flip 0.05) so-far (letters (pair 'a so-far))))
        (query (length (letters '())))
        """
        posterior = ask(source, worlds=50_000)
        (loss,) = posterior.losses
        assert loss.budget
        lost = 0.95**100
        assert abs(loss.share - lost) < 4.5 * np.sqrt(lost / 50_000)
        kept = np.arange(100)
        p = 0.05 * 0.95**kept
        assert near(posterior.mean, (kept * p).sum() / p.sum())

    def test_loops_and_unrolled_rounds_agree(self):
        source = GEOMETRIC.replace("0.05", "0.3") + "(query (wait 0))"
        a, b = ask(source), ask(source, passes=UNROLLED)
        for result in (a, b):
            assert near(result.mean, 7 / 3)
