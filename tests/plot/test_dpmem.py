"""`DPmem` and Chinese restaurants: against the oracle, closed forms, and with a drawn concentration."""

import math

import jax
import pytest

from plot.compiler import Budget
from plot.data import show
from plot.errors import PlotError
from plot.program import Options, run_program
from plot.world import World
from tests.plot.test_drawn_lists import MACHINE, agree, deaths

WORLDS = 20_000


def ask(source: str, worlds: int = WORLDS, budget: Budget = Budget()):
    options = Options(worlds=worlds, backend=MACHINE, budget=budget)
    return run_program(source, key=jax.random.key(3), options=options)[-1].result


def close(estimate, wanted: float) -> bool:
    return abs(estimate.value - wanted) <= 5 * estimate.standard_error


TOSSES = "(define f (DPmem 0.7 (lambda (k) (random-integer 2))))"


@pytest.mark.parametrize(
    "program",
    [
        f"{TOSSES} (query (list (f 1) (f 1) (f 1)))",
        f"{TOSSES} (query (list (f 1) (f 2) (f 1) (f 2)))",
        f"{TOSSES} (define a (if (flip 0.3) (f 1) 5)) (query (list a (f 1) (f 1)))",
        f"{TOSSES} (define a (if (flip) (f 1) (+ 2 (f 1)))) (query (list a (f 1)))",
        f"{TOSSES} (define k (random-integer 2)) (query (list (f k) (f 1) (f k)))",
        f"{TOSSES} (condition (= (f 1) 1)) (condition (= (f 1) 1)) (query (f 1))",
        f"{TOSSES} (define g (mem (lambda (i) (f 1)))) (query (list (g 0) (g 1) (g 0)))",
        f"{TOSSES} (define g (mem (lambda (i) (f 1)))) (query (list (if (flip) (g 0) 7) (f 1)))",
        "(define f (DPmem (if (flip) 0.2 5) flip)) (query (list (f) (f) (f)))",
        "(define c (DPmem 1 (lambda () (uniform-draw '(a b c)))))"
        " (define d (DPmem 2 (lambda () (c)))) (query (list (d) (d) (c)))",
        "(define f (DPmem 1 (lambda () (begin (factor -1) (flip))))) (query (list (f) (f)))",
        "(define f (DPmem 1 (lambda () (begin (factor -2) (flip)))))"
        " (define a (if (flip) (f) 'none)) (query (list a (f)))",
        "(define f (DPmem (- (random-integer 3) 1) (lambda () 1))) (query (f))",
    ],
)
def test_agrees_with_the_oracle(program):
    agree(program)


def test_the_number_of_tables_has_its_mean():
    """New values of a call have probability c / (c + n - 1): the mean number is their sum."""
    calls, concentration = 8, 1.5
    source = f"""
    (define f (DPmem {concentration} (lambda () (uniform 0 1))))
    (define values (repeat {calls} f))
    (query (length (unique values)))"""
    wanted = sum(concentration / (concentration + i) for i in range(calls))
    assert close(ask(source).mean, wanted)


def test_partitions_have_the_probabilities_of_ewens():
    """Of four guests: c^tables times the product of (size - 1)!, over c (c+1) (c+2) (c+3)."""
    c = 0.8
    source = f"""
    (define f (DPmem {c} (lambda () (gaussian 0 1))))
    (define values (repeat 4 f))
    (define (size v) (count (lambda (w) (= v w)) values))
    (query (sort (map size (unique values))))"""
    whole = c * (c + 1) * (c + 2) * (c + 3)
    ways = {
        "(4)": c * 6,
        "(1 3)": 4 * c**2 * 2,
        "(2 2)": 3 * c**2,
        "(1 1 2)": 6 * c**3,
        "(1 1 1 1)": c**4,
    }
    posterior = ask(source)
    assert {show(r.value) for r in posterior.table} <= ways.keys()
    for row in posterior.table:
        assert abs(row.probability - ways[show(row.value)] / whole) <= 5 * row.standard_error


def test_a_restaurant_by_hand_is_the_same_law():
    """The second customer sits down at the table of the first with probability 1 / (1 + c)."""
    source = """
    (define c 2)
    (define (chances counts k)
      (map (lambda (n i) (if (> n 0) n (if (= i k) c 0))) counts '(0 1 2)))
    (define (join counts)
      (let* ((tables (count (lambda (n) (> n 0)) counts))
             (k (sample-discrete (chances counts tables))))
        (update-list counts k (+ 1 (list-ref counts k)))))
    (query (join (join (join '(0 0 0)))))"""
    agree(source)


def test_sticks_broken_by_recursion_lose_what_is_past_the_budget():
    source = """
    (define stick (mem (lambda (i) (uniform 0 1))))
    (define (pick i) (if (flip (stick i)) i (pick (+ i 1))))
    (query (pick 0))"""
    posterior = ask(source, budget=Budget(depth=12))
    assert abs(deaths(posterior) - 0.5**12) < 5 * math.sqrt(0.5**12 / WORLDS)
    assert all(loss.budget for loss in posterior.losses)
    assert close(posterior.probability(0), 0.5 / (1 - 0.5**12))


def test_a_cluster_is_learned_from_what_is_observed():
    """Two observations near each other are of one cluster, with the weight of Bayes' rule."""
    source = """
    (define place (DPmem 1 (lambda () (uniform-draw '(-1 1)))))
    (define a (place)) (define b (place))
    (condition (= (gaussian a 1) 0.9)) (condition (= (gaussian b 1) 0.9))
    (query (= a b))"""
    near, far = math.exp(-0.5 * 0.1**2), math.exp(-0.5 * 1.9**2)
    same = 0.5 * (near**2 + far**2) / 2 + 0.5 * (near + far) ** 2 / 4 * (
        (near**2 + far**2) / (near + far) ** 2
    )
    whole = 0.5 * (near**2 + far**2) / 2 + 0.5 * (near + far) ** 2 / 4
    assert close(ask(source).probability(True), same / whole)


def test_it_remembers_between_statements():
    world = World.from_source("(define f (DPmem 1 (lambda () (gaussian 0 1))))")
    told = world.tell("(define a (f))").tell("(define b (f))")
    question = told.ask("(= a b)")
    assert question.value is not True and question.value is not False


def test_a_concentration_must_be_positive():
    with pytest.raises(PlotError, match=r"concentration.*positive"):
        ask("(define f (DPmem 0 (lambda () 1))) (query (f))")
