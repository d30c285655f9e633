"""The oracle against closed forms and hand-made enumerations."""

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from plot.data import Name, show
from plot.errors import (
    BudgetError,
    EvaluationError,
    ImpossibleEvidence,
    ParameterError,
    UnboundError,
)
from plot.oracle import Budget, NotEnumerable, enumerate, importance, sample
from plot.reader import read

LOOP = "(define (loop n) (if (= n 0) 'done (loop (- n 1)))) (loop 100000)"
DEEP = "(define (f n) (if (= n 0) 0 (+ 1 (f (- n 1))))) (f {})"


def rng(seed=0):
    return np.random.default_rng(seed)


def value(program, **budget):
    return show(sample(read(program), rng(), Budget(**budget)).value)


def exact(program, **budget):
    return enumerate(read(program), Budget(**budget))


def table(program):
    return {show(v): pytest.approx(p) for v, p in exact(program).table}


# ---- evaluation


@pytest.mark.parametrize(
    ("program", "shown"),
    [
        ("(if '() 'yes 'no)", "yes"),
        ("(if 0 'yes 'no)", "yes"),
        ("(list (if #f 1))", "(#<void>)"),
        ('(list \'a "a" (eq? \'a "a") (equal? "a" "a"))', '(a "a" #f #t)'),
        ("(equal? 1 #t)", "#f"),
        ("(case 'lawn (('lawn) 1) (else 2))", "1"),
        ("(case 3 ((1 2) 'low) ((3) 'high))", "high"),
        ("(cond ((member 2 '(1 2 3))) (else 0))", "(2 3)"),
        ("((lambda (a . more) (list a more)) 1 2 3)", "(1 (2 3))"),
        ("((lambda all all) 1 2)", "(1 2)"),
        ("(define (f) (define a 1) (define (g) (+ a 1)) (g)) (f)", "2"),
        ("(define x 1) (define (f) x) (let ((x 2)) (f))", "1"),
        ("(let ((list 3) (+ *)) (+ list 2))", "6"),
        ("(define (sum a b) (- a b)) (sum 5 2)", "3"),
        (
            "(letrec ((ev? (lambda (n) (or (= n 0) (od? (- n 1)))))"
            " (od? (lambda (n) (and (> n 0) (ev? (- n 1)))))) (ev? 101))",
            "#f",
        ),
        ("(let* ((x 1) (x (+ x 1))) x)", "2"),
        ("'(a 'b (c . d) [1 \"s\" #t])", '(a (quote b) (c . d) (1 "s" #t))'),
        ("(begin)", "#<void>"),
        ("(and)", "#t"),
        ("(or)", "#f"),
        ("(and 1 #f (error 'never))", "#f"),
        ("(list_ref '(a b) 1)", "b"),
        (
            "(sort '((2 b) (1 a) (2 a)) (lambda (x y) (< (first x) (first y))))",
            "((1 a) (2 b) (2 a))",
        ),
        ("(map list '(1 2 3) '(a b))", "((1 a) (2 b))"),
        ("(foldr (lambda (x acc) (cons (* 2 x) acc)) '() '(1 2))", "(2 4)"),
        ("(range 0.5 3)", "(0.5 1.5 2.5)"),
        ("(expt 2 100000)", "+inf.0"),
        ("(* 10000000000 10000000000)", "100000000000000000000"),
        ("(let ((x 5)) (eval '(+ 1 2)))", "3"),
        (
            "(entities person people (tom mary) open) (map (lambda (p) (eq? p 'mary)) people)",
            "(#f #t)",
        ),
        ("car", "#<procedure car>"),
        ("(define (f x) x) (list f (lambda (x) x))", "(#<procedure f> #<procedure>)"),
        ("(define x 4) (display x) (query (* x 2)) (condition #t)", "8"),
    ],
)
def test_evaluation(program, shown):
    assert value(program) == shown


def test_tail_calls_need_no_depth():
    assert value(LOOP, depth=50) == "done"
    mutual = """(define (a n) (cond ((= n 0) 'end) (else (b (- n 1)))))
                (define (b n) (and #t (a n))) (a 30000)"""
    assert value(mutual, depth=50) == "end"
    assert value("(let go ((i 0)) (if (< i 30000) (begin 1 (go (+ i 1))) i))", depth=50) == "30000"
    assert (
        value("(define (f n) (if (= n 0) 0 (apply f (list (- n 1))))) (f 30000)", depth=50) == "0"
    )


def test_deep_recursion_works_or_ends_in_a_located_error():
    assert value(DEEP.format(10_000)) == "10000"
    for program, budget in [
        (DEEP.format(5_000), {"depth": 1_000}),
        ("(define (f) (f)) (f)", {"steps": 5_000}),
    ]:
        with pytest.raises(BudgetError) as caught:
            value(program, **budget)
        assert caught.value.span is not None and caught.value.span.text in ("(f)", "(= n 0)")


# ---- exact enumeration


def test_two_causes():
    program = "(define a (flip 0.1)) (define b (flip 0.2)) (condition (or a b)) (list a b)"
    joint = {
        (a, b): (0.1 if a else 0.9) * (0.2 if b else 0.8)
        for a, b in product([True, False], repeat=2)
    }
    evidence = 1 - joint[False, False]
    result = exact(program)
    assert result.log_evidence == pytest.approx(math.log(evidence))
    assert result.lost_mass == 0
    assert {show(v): p for v, p in result.table} == {
        f"(#{'t' if a else 'f'} #{'t' if b else 'f'})": pytest.approx(p / evidence)
        for (a, b), p in joint.items()
        if a or b
    }


def test_geometric_reports_what_it_did_not_follow():
    program = "(define (count) (if (flip 0.25) 0 (+ 1 (count)))) (count)"
    result = exact(program, executions=20)
    assert len(result.table) == 19  # one run followed the longest path until it was too improbable
    assert result.lost_mass == pytest.approx(0.75**19)
    for k, p in result.table:
        assert p * math.exp(result.log_evidence) == pytest.approx(0.25 * 0.75**k)
    rare = exact(program, smallest=1e-3)
    assert rare.lost_mass + math.exp(rare.log_evidence) == pytest.approx(1)
    assert 0 < rare.lost_mass < 1e-2


def test_endless_recursion_is_lost_mass():
    program = "(define (spin) (spin)) (if (flip 0.25) (spin) 1)"
    result = exact(program, steps=1_000)
    assert result.lost_mass == pytest.approx(0.25)
    assert result.table == [(1, 1.0)]


@pytest.mark.parametrize(
    ("program", "law"),
    [
        ("(binomial 0.3 4)", {k: stats.binom.pmf(k, 4, 0.3) for k in range(5)}),
        ("(poisson 2)", {k: stats.poisson.pmf(k, 2) for k in range(12)}),
        ("(random-integer 3)", dict.fromkeys(range(3), 1 / 3)),
        ("(sample-discrete '(1 0 3))", {0: 0.25, 2: 0.75}),
        ("(multinomial '(a b a) '(1 2 1))", {Name("a"): 0.5, Name("b"): 0.5}),
        ("(uniform-draw '(a b b))", {Name("a"): 1 / 3, Name("b"): 2 / 3}),
        (
            "(sum (map (lambda (i) (if (flip 0.5) 1 0)) '(1 2 3)))",
            {k: math.comb(3, k) / 8 for k in range(4)},
        ),
    ],
)
def test_finite_distributions(program, law):
    result = exact(program)
    for outcome, p in law.items():
        assert result.probability(outcome) == pytest.approx(p, abs=1e-12)
    assert result.lost_mass < 1e-12


def test_mem_keeps_values_by_argument():
    program = (
        "(define f (mem (lambda (x) (flip 0.5)))) (list (eq? (f '(1)) (f '(1))) (eq? (f 1) (f 2)))"
    )
    assert table(program) == {"(#t #t)": 0.5, "(#t #f)": 0.5}
    assert table("(define f (mem (lambda (x) (flip)))) (eq? (f 1) (f 1.0))") == {"#t": 1}
    assert table('(define f (mem (lambda (x) (flip)))) (eq? (f \'a) (f "a"))') == {
        "#t": 0.5,
        "#f": 0.5,
    }


@pytest.mark.parametrize("concentration", [0.5, 1, 3])
def test_dp_mem_seats_customers(concentration):
    program = f"(define f (DPmem {concentration} (lambda () (random-integer 4)))) (= (f) (f))"
    again = 1 / (1 + concentration)
    assert exact(program).probability(True) == pytest.approx(again + (1 - again) / 4)


def test_factors_and_conditioned_draws_weigh():
    result = exact("(define x (flip 0.5)) (factor (if x (log 3) 0)) x")
    assert result.probability(True) == pytest.approx(0.75)
    assert result.log_evidence == pytest.approx(math.log(2))
    observed = exact("(define x (flip 0.5)) (flip (if x 0.9 0.3) #t) x")
    assert observed.probability(True) == pytest.approx(0.75)
    assert table("(factor (log 0.5)) (multinomial '(a b) '(1 3) 'b)") == {"b": 1}
    assert exact("(multinomial '(a b) '(1 3) 'b)").log_evidence == pytest.approx(math.log(0.75))


@pytest.mark.parametrize(
    "evidence",
    [
        "(condition (= x 1.5))",
        "(condition (= 1.5 x))",
        "(condition-equal x 1.5)",
        "(condition (and #t (equal? x 1.5)))",
        "(condition (= (gaussian mean 2) 1.5))",
        "(define y (gaussian mean 2)) (define z 1.5) (condition (= y z))",
        "(define f (mem (lambda (k) (gaussian mean 2)))) (condition (= (f 'a) 1.5))",
        "(define (noisy m) (gaussian m 2)) (condition (= (noisy mean) 1.5))",
        "(gaussian mean 2 1.5)",
    ],
)
def test_equality_with_a_continuous_draw_is_a_density(evidence):
    program = f"(define mean (if (flip 0.3) 1 4)) (define x (gaussian mean 2)) {evidence} mean"
    low, high = 0.3 * stats.norm.pdf(1.5, 1, 2), 0.7 * stats.norm.pdf(1.5, 4, 2)
    result = exact(program)
    assert result.probability(1) == pytest.approx(low / (low + high))
    assert result.log_evidence == pytest.approx(math.log(low + high))


def test_two_continuous_draws_observed():
    program = """(define mean (if (flip 0.5) 0 1)) (define (obs) (gaussian mean 1))
                 (condition (= (obs) 0.5)) (condition (= (obs) 2)) mean"""
    weights = {m: stats.norm.pdf(0.5, m) * stats.norm.pdf(2, m) for m in (0, 1)}
    assert exact(program).probability(1) == pytest.approx(weights[1] / sum(weights.values()))
    with pytest.raises(ImpossibleEvidence):
        exact("(define x (gaussian 0 1)) (condition (= x 1)) (condition (= x 2)) 1")


@pytest.mark.parametrize(
    ("draw", "law", "at"),
    [
        ("(uniform 1 3)", stats.uniform(1, 2), 2),
        ("(gaussian 1 2)", stats.norm(1, 2), 0.5),
        ("(beta 2 3)", stats.beta(2, 3), 0.3),
        ("(gamma 2 3)", stats.gamma(2, scale=3), 4),
        ("(exponential 2)", stats.expon(scale=0.5), 0.7),
        ("(student-t 3 1 2)", stats.t(3, 1, 2), 0.2),
    ],
)
def test_densities_and_draws_agree(draw, law, at):
    assert exact(f"(condition (= {draw} {at})) 1").log_evidence == pytest.approx(law.logpdf(at))
    draws = [world.value for world in importance(read(draw), rng(3), 400).worlds]
    assert stats.kstest(draws, law.cdf).pvalue > 1e-4


def test_dirichlet_density():
    law = stats.dirichlet([1, 2, 3])
    result = exact("(dirichlet '(1 2 3) '(0.2 0.3 0.5))")
    assert result.log_evidence == pytest.approx(law.logpdf([0.2, 0.3, 0.5]))


def test_enumeration_refuses_only_what_it_cannot_do():
    assert table("(define x (gaussian 0 1)) (define y (flip 0.5)) (list y)") == {
        "(#t)": 0.5,
        "(#f)": 0.5,
    }
    with pytest.raises(NotEnumerable, match="gaussian") as caught:
        exact("(define x (gaussian 0 1)) (> x 0)")
    assert caught.value.span is not None and caught.value.span.text == "(gaussian 0 1)"
    with pytest.raises(NotEnumerable):
        exact("(list (uniform 0 1))")


# ---- worlds that die


def test_a_runtime_error_after_a_draw_ends_that_world():
    result = exact("(if (flip 0.25) (first '()) 1)")
    assert result.table == [(1, 1.0)]
    assert result.died == pytest.approx(0.25)
    assert isinstance(result.cause, EvaluationError)
    program = "(define p (if (flip 0.25) 1.2 0.5)) (flip p)"
    dead = exact(program)
    assert dead.died == pytest.approx(0.25) and isinstance(dead.cause, ParameterError)
    worlds = importance(read(program), rng(), 200)
    assert 0.1 < worlds.lost_share < 0.4
    assert all(w.value is None and w.log_weight == -math.inf for w in worlds.worlds if w.cause)


def test_errors_that_no_draw_decides_are_raised():
    for program in ["(first '())", "(if (flip) (first '()) (first '()))"]:
        with pytest.raises(EvaluationError):
            exact(program)
    with pytest.raises(UnboundError):
        sample(read("(define x (flip)) nope"), rng())
    with pytest.raises(ImpossibleEvidence):
        exact("(define x (flip)) (condition (and x (not x))) x")
    with pytest.raises(ImpossibleEvidence):
        importance(read("(condition #f) 1"), rng(), 10)


# ---- queries within queries

CHOICE = """
(define (choose bias)
  (rejection-query (define a (if (flip bias) 'left 'right)) a (flip (if (eq? a 'left) 0.9 0.3))))
"""


def test_a_block_is_a_draw_from_its_conditional_distribution():
    assert exact(CHOICE + "(choose 0.5)").probability(Name("left")) == pytest.approx(0.75)
    both = CHOICE + "(define b (if (flip) 0.5 0.2)) (condition (eq? (choose b) 'left)) b"
    high, low = 0.75, 0.2 * 0.9 / (0.2 * 0.9 + 0.8 * 0.3)
    assert exact(both).probability(0.5) == pytest.approx(high / (high + low))
    drawn = importance(read(CHOICE + "(if (eq? (choose 0.5) 'left) 1 0)"), rng(1), 600)
    assert abs(drawn.mean() - 0.75) < 5 * math.sqrt(0.75 * 0.25 / 600)


@pytest.mark.parametrize("kind", ["query", "rejection-query"])
def test_both_arrangements_of_a_block(kind):
    bare = f"(list ({kind} (define x (flip 0.5)) (define y (flip 0.5)) x (or x y)))"
    statements = (
        f"(list ({kind} (define x (flip 0.5)) (define y (flip 0.5)) (condition (or x y)) x))"
    )
    assert table(bare) == table(statements) == {"(#t)": 2 / 3, "(#f)": 1 / 3}


def test_soft_evidence_within_a_block():
    program = "(list (query (define x (flip 0.5)) (factor (if x (log 3) 0)) x))"
    assert table(program) == {"(#t)": 0.75, "(#f)": 0.25}
    branch = "(if (query (define x (flip 0.5)) (if x (begin (factor (log 3)) x) x)) 1 0)"
    drawn = importance(read(f"(+ 0 {branch})"), rng(2), 400)
    assert abs(drawn.mean() - 0.75) < 5 * math.sqrt(0.75 * 0.25 / 400)


def test_continuous_block_with_soft_evidence():
    program = (
        "(query (define x (gaussian 0 1)) (gaussian x 1 2) (condition (= (gaussian x 1) 2)) x)"
    )
    nested = read(f"(list {program})".replace("(gaussian x 1 2) ", ""))
    values = [sample(nested, rng(s), Budget(particles=300)).value for s in range(60)]
    mean = np.mean([v.first for v in values])
    assert abs(mean - 1) < 5 * math.sqrt(0.5 / 60) + 0.05


def test_enumeration_query_gives_values_and_probabilities():
    program = (
        "(define t (enumeration-query (define x (flip 0.2)) x (or x (flip 0.5)))) (map first t)"
    )
    assert sample(read(program), rng()).value.rest.first == pytest.approx(0.4 / 0.6)


def test_mh_query_gives_a_list_of_draws():
    program = "(define s (mh-query 2 10 (define x (flip 0.5)) x #t)) s"
    assert table(program) == {f"(#{a} #{b})": 0.25 for a, b in product("tf", repeat=2)}
    assert value("(length (mh-query 30 1 (define x (gaussian 0 1)) x (> x 1)))") == "30"


def test_evidence_within_a_block_leaves_the_outer_world_alone():
    program = """(define x (mem (lambda (k) (flip 0.5))))
                 (define r (rejection-query (define y (flip 0.9)) y (or y (x 'a)))) (x 'a)"""
    assert table(program) == {"#t": 0.5, "#f": 0.5}
    drawn = importance(read(program.replace("(x 'a)", "(if (x 'a) 1 0)", 2)), rng(4), 400)
    assert abs(drawn.mean() - 0.5) < 5 * 0.5 / math.sqrt(400)


def test_nested_reasoning_two_deep():
    program = """
    (define (speaker state depth)
      (rejection-query
        (define word (uniform-draw '(some all)))
        word
        (eq? state (listener word depth))))
    (define (listener word depth)
      (rejection-query
        (define state (uniform-draw '(2 3)))
        state
        (if (= depth 0)
            (if (eq? word 'all) (= state 3) #t)
            (eq? word (speaker state (- depth 1))))))
    (listener 'some 1)"""
    literal = {("some", 2): 0.5, ("some", 3): 0.5, ("all", 3): 1.0, ("all", 2): 0.0}
    speak = {
        state: literal["some", state] / (literal["some", state] + literal["all", state])
        for state in (2, 3)
    }
    assert exact(program).probability(2) == pytest.approx(speak[2] / (speak[2] + speak[3]))


def test_a_condition_that_never_holds():
    with pytest.raises(EvaluationError, match="never holds"):
        exact("(list (rejection-query (flip) #f))")
    rare = read("(list (query (define x (gaussian 0 1)) x (> x 99)))")
    cause = sample(rare, rng(), Budget(tries=50, particles=50)).cause
    assert isinstance(cause, BudgetError) and "held in none" in cause.message


# ---- sampling


def test_importance_of_a_conjugate_pair():
    program = "(define x (gaussian 0 1)) (define y (gaussian x 1)) (condition (= y 2)) x"
    result = importance(read(program), rng(), 3_000)
    weights = result.weights()
    values = np.array([w.value for w in result.worlds])
    error = math.sqrt(np.sum(weights**2 * (values - 1) ** 2))
    assert abs(result.mean() - 1) < 5 * error < 0.3
    assert result.log_evidence == pytest.approx(stats.norm.logpdf(2, 0, math.sqrt(2)), abs=0.1)


def test_sampling_agrees_with_enumeration():
    program = """
    (define kind (mem (lambda (k) (multinomial '(a b c) '(1 2 3)))))
    (define (walk n) (if (or (= n 3) (eq? (kind n) 'a)) n (walk (+ n 1))))
    (condition (not (eq? (kind 1) (kind 2)))) (list (walk 0) (kind 2))"""
    law = exact(program)
    drawn = importance(read(program), rng(5), 3_000)
    kept = sum(w.log_weight == 0 for w in drawn.worlds)
    assert abs(kept / 3_000 - math.exp(law.log_evidence)) < 5 * math.sqrt(0.25 / 3_000)
    found = {show(v): p for v, p in drawn.table()}
    for v, p in law.table:
        assert abs(found.get(show(v), 0) - p) < 5 * math.sqrt(p * (1 - p) / kept) + 1e-9


def test_the_same_seed_gives_the_same_world():
    program = read("(list (gaussian 0 1) (gamma 2 1) (query (define x (beta 1 2)) x (> x 0.2)))")
    assert show(sample(program, rng(7)).value) == show(sample(program, rng(7)).value)
    assert show(sample(program, rng(7)).value) != show(sample(program, rng(8)).value)
