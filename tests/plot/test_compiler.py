"""The staged evaluator and its graph: what is one node, what dies, what is lost."""

import math

import jax
import pytest

from plot.compiler import Budget, Effects
from plot.compiler.graph import Graph
from plot.compiler.ops import UNIFORM
from plot.compiler.paths import ROOT, Decision
from plot.compiler.values import is_static
from plot.data import show
from plot.errors import BudgetError, ImpossibleEvidence, PlotError
from plot.program import Options, run, run_program
from plot.world import World
from tests.plot.test_errors import ERRORS, error_of


def ask(source: str, question: str, worlds: int = 20_000):
    """The posterior of a question, by likelihood weighting."""
    outcome = run_program(
        f"{source}\n(query {question})", key=jax.random.key(7), options=Options(worlds=worlds)
    )
    return outcome[-1].result


def close(estimate, wanted: float) -> bool:
    """Within five standard errors."""
    return abs(estimate.value - wanted) <= 5 * estimate.standard_error


class TestGraph:
    def test_equal_expressions_are_one_node(self):
        g = Graph()
        x, y = g.site(UNIFORM, "x"), g.site(UNIFORM, "y")
        assert g.apply("add", x, y) is g.apply("add", y, x)
        assert g.apply("sub", x, y) is not g.apply("sub", y, x)
        assert g.apply("mul", x, 1) is x
        assert g.apply("mul", 2, 3) == 6

    def test_true_and_one_are_not_confused(self):
        g = Graph()
        c = g.apply("lt", g.site(UNIFORM, "x"), 0.5)
        assert g.apply("where", c, 1, 0) is not g.apply("where", c, True, False)
        assert g.apply("where", c, True, False) is c

    def test_zero_times_a_lane_is_kept_since_the_lane_may_be_infinite(self):
        g = Graph()
        x = g.apply("log", g.site(UNIFORM, "x"))
        assert not isinstance(g.apply("mul", 0, x), int)

    def test_functions_of_the_same_finite_choice_are_one_node(self):
        g = Graph()
        c = g.apply("lt", g.site(UNIFORM, "x"), 0.5)
        d = g.apply("lt", g.site(UNIFORM, "y"), 0.5)
        one = g.apply("not", g.apply("and", c, d))
        other = g.apply("or", g.apply("not", c), g.apply("not", d))
        assert one is other

    def test_labels_are_unique(self):
        g = Graph()
        assert [g.site(UNIFORM, "flip").label for _ in range(3)] == ["flip", "flip#2", "flip#3"]

    def test_the_number_of_nodes_is_bounded(self):
        with pytest.raises(BudgetError, match="more than 100 lane operations"):
            World.from_source(
                "(define (f n) (if (= n 0) 0 (+ (gaussian 0 1) (f (- n 1))))) (define x (f 200))",
                budget=Budget(nodes=100),
            )


class TestPaths:
    def test_a_path_decides_what_follows_from_it(self):
        g = Graph()
        c, d = (g.apply("lt", g.site(UNIFORM, s), 0.5) for s in "xy")
        both = g.apply("and", c, d)
        path = ROOT.extend(both, True)
        assert path.decide(c) is Decision.TRUE
        assert path.decide(g.apply("not", d)) is Decision.FALSE
        assert ROOT.decide(c) is Decision.OPEN
        assert path.extend(c, True).decide(g.apply("or", c, d)) is Decision.TRUE

    def test_a_path_narrows_the_values_of_a_finite_choice(self):
        g = Graph()
        n = g.finite("identity", (g.site(UNIFORM, "n"),), [0, 1, 2, 3])
        path = ROOT.extend(g.apply("lt", 1, n), True)
        assert path.support(n) == (2, 3)
        assert path.decide(g.apply("eq", n, 0)) is Decision.FALSE


class TestEvaluation:
    @pytest.mark.parametrize(
        ("source", "wanted"),
        [
            (
                "(let loop ((i 0) (acc '())) (if (= i 3) acc (loop (+ i 1) (cons i acc))))",
                "(2 1 0)",
            ),
            (
                "(define (count-down n) (if (= n 0) 'done (count-down (- n 1)))) (count-down 100000)",
                "done",
            ),
            ("(define (sum-to n) (if (= n 0) 0 (+ n (sum-to (- n 1))))) (sum-to 5000)", "12502500"),
            ("((lambda (a . more) (list a more)) 1 2 3)", "(1 (2 3))"),
            (
                "(letrec ((even (lambda (n) (if (= n 0) #t (odd (- n 1)))))"
                " (odd (lambda (n) (if (= n 0) #f (even (- n 1)))))) (even 7))",
                "#f",
            ),
            ("(list_ref '(a b c) 1)", "b"),
            ("(if '() 'yes 'no)", "yes"),
            ("'(1 . 2)", "(1 . 2)"),
            ("(map + '(1 2) '(10 20))", "(11 22)"),
            ("(sort '(3 1 2) >)", "(3 2 1)"),
            ('(string-append "a" "b")', '"ab"'),
            ("(round 2.5)", "3"),
            ("(apply + 1 '(2 3))", "6"),
            ("(+ 0.1 0.2)", "0.30000000000000004"),
        ],
    )
    def test_static_programs_never_become_lanes(self, source, wanted):
        assert show(run(source, key=jax.random.key(0))) == wanted

    def test_one_world_is_consistent(self):
        for seed in range(8):
            value = run("(define x (flip)) (list x (not x) x)", key=jax.random.key(seed))
            assert show(value) in ("(#t #f #t)", "(#f #t #f)")

    def test_mem_draws_once_for_each_argument(self):
        posterior = ask(
            "(define f (mem (lambda (x) (random-integer 1000000))))", "(= (f 'a) (f 'a))"
        )
        assert posterior.probability(True).value == 1

    def test_mem_of_a_drawn_argument_shares_the_values(self):
        source = "(define f (mem (lambda (x) (gaussian 0 1)))) (define who (uniform-draw '(a b)))"
        posterior = ask(source, "(= (f who) (if (eq? who 'a) (f 'a) (f 'b)))")
        assert posterior.probability(True).value == 1

    def test_lists_of_different_lengths_merge(self):
        posterior = ask("(define xs (if (flip 0.25) '(1 2 3) '(9)))", "(list (length xs) (sum xs))")
        assert {show(r.value) for r in posterior.table} == {"(3 6)", "(1 9)"}
        assert close(posterior.probability(posterior.table[1].value), 0.25)

    def test_a_condition_in_an_arm_binds_there_alone(self):
        source = "(define x (flip)) (define y (flip)) (if x (condition y))"
        posterior = ask(source, "(list x y)")
        assert len(posterior.table) == 3
        assert math.isclose(math.exp(posterior.evidence.log), 0.75, abs_tol=0.02)

    def test_a_condition_inside_a_memoised_call_counts_once_and_where_called(self):
        source = "(define f (mem (lambda (x) (begin (factor -1) (flip))))) (define a (flip 0.5)) (if a (f 1)) (f 2)"
        posterior = ask(source, "a", worlds=100_000)
        assert close(posterior.probability(True), math.exp(-2) / (math.exp(-2) + math.exp(-1)))


class TestLostWorlds:
    def test_a_world_that_divides_by_zero_dies_and_is_counted(self):
        posterior = ask("(define n (random-integer 4))", "(/ 12 n)")
        assert {show(r.value) for r in posterior.table} == {"12", "6", "4"}
        (loss,) = posterior.losses
        assert loss.cause.message == "division by zero" and not loss.budget
        assert abs(loss.share - 0.25) < 5 * math.sqrt(0.25 * 0.75 / 20_000)
        assert loss.cause.span.text == "(/ 12 n)"
        assert "division by zero" in str(posterior)

    def test_a_bad_drawn_parameter_ends_its_worlds(self):
        posterior = ask("(define sd (- (random-integer 3) 1))", "(< (gaussian 0 sd) 0)")
        assert abs(posterior.losses[0].share - 2 / 3) < 0.02

    def test_an_error_in_an_arm_ends_only_the_worlds_that_take_it(self):
        posterior = ask("(define x (flip 0.3))", "(if x (first '()) 1)")
        assert [show(r.value) for r in posterior.table] == ["1"]
        assert abs(posterior.losses[0].share - 0.3) < 0.02

    def test_the_mass_past_the_budget_of_a_random_recursion_is_reported(self):
        source = "(define (g) (if (flip 0.9) (+ 1 (g)) 0)) (query (g))"
        options = Options(worlds=20_000, budget=Budget(depth=10))
        posterior = run_program(source, key=jax.random.key(0), options=options)[-1].result
        (loss,) = posterior.losses
        assert loss.budget and abs(loss.share - 0.9**10) < 5 * math.sqrt(0.35 * 0.65 / 20_000)

    def test_when_all_worlds_die_the_error_itself_is_raised(self):
        with pytest.raises(PlotError, match="division by zero"):
            ask("(define x (flip))", "(if x (/ 1 0) (/ 2 0))")

    @pytest.mark.parametrize(
        "evidence", ["(condition #f)", "(define x (flip)) (condition (and x (not x)))"]
    )
    def test_contradictions_say_so(self, evidence):
        with pytest.raises(ImpossibleEvidence, match="false in every world"):
            ask(evidence, "1")

    def test_evidence_that_no_world_satisfies_is_an_error_and_no_nan(self):
        with pytest.raises(
            ImpossibleEvidence, match=r"none of 20,000 simulated worlds.*below 0.00015"
        ):
            ask("(define x (gaussian 0 1)) (condition (> x 40))", "x")

    def test_an_infinite_weight_is_counted_and_not_used(self):
        posterior = ask("(define x (flip 0.3)) (factor (if x (exp (+ 900 (gaussian 0 1))) 0))", "x")
        assert posterior.probability(False).value == 1
        assert abs(posterior.losses[0].share - 0.3) < 0.02


class TestObservations:
    def test_an_equality_with_a_draw_is_its_density(self):
        posterior = ask(
            "(define mu (gaussian 0 1)) (condition (= (gaussian mu 1) 2))", "mu", 100_000
        )
        assert close(posterior.mean, 1.0) and close(posterior.sd, math.sqrt(0.5))
        log_density = -0.5 * math.log(2 * math.pi * 2) - 2**2 / 4
        assert abs(posterior.evidence.log - log_density) < 5 * posterior.evidence.error

    def test_an_earlier_draw_can_be_observed(self):
        source = "(define a (gaussian 0 1)) (define b (gaussian a 1)) (condition (= b 2))"
        posterior = ask(source, "(+ a b)", 100_000)
        assert close(posterior.mean, 3.0)

    def test_a_memoised_draw_can_be_observed(self):
        source = (
            "(define height (mem (lambda (p) (gaussian 170 10)))) (condition (= (height 'ann) 180))"
        )
        posterior = ask(source, "(> (height 'ann) (height 'bob))", 50_000)
        assert close(posterior.probability(True), 0.5 * (1 + math.erf(1 / math.sqrt(2))))

    def test_a_draw_can_be_observed_in_some_worlds_only(self):
        source = "(define a (gaussian 0 1)) (if (flip) (condition (= a 1)))"
        posterior = ask(source, "a", 100_000)
        density = math.exp(-0.5) / math.sqrt(2 * math.pi)
        assert close(posterior.mean, density / (1 + density))
        assert abs(posterior.evidence.log - math.log((1 + density) / 2)) < 0.01


@pytest.mark.parametrize(("program", "place", "fragment"), ERRORS)
def test_every_error_of_the_table_has_its_kind_and_place_here_too(program, place, fragment):
    wanted = error_of(program)
    with pytest.raises(PlotError) as caught:
        run_program(program, key=jax.random.key(0), options=Options(worlds=100))
    assert type(caught.value) is type(wanted)
    assert caught.value.span == wanted.span


def test_effects_are_copied_not_shared():
    effects = Effects()
    effects.copy().conditions.append(True)
    assert not effects and is_static(3)
