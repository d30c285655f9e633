"""What a graph records of draws, and the draws at the edges of their parameters."""

import math
import pickle

import jax
import numpy as np
import pytest
from scipy import stats

from plot.compiler.choices import CONTINUOUS
from plot.compiler.densities import LOG_DENSITY, log_density
from plot.compiler.graph import Graph, Node
from plot.compiler.ops import NORMAL
from plot.errors import ParameterError, PlotError, TypeMismatch, Unsupported
from plot.oracle.distributions import MAKERS
from plot.program import Options, run_program
from plot.world import World

DRAWS = [
    ("(gaussian 3 2)", "gaussian", (3, 2)),
    ("(gaussian)", "gaussian", (0, 1)),
    ("(uniform 1 3)", "uniform", (1, 3)),
    ("(exponential 2)", "exponential", (2,)),
    ("(gamma 2 3)", "gamma", (2, 3)),
    ("(beta 2 3)", "beta", (2, 3)),
    ("(student-t 4 1 2)", "student-t", (4, 1, 2)),
    ("(flip 0.3)", "flip", (0.3,)),
    ("(multinomial '(a b c) '(1 0 3))", "discrete", (1, 0, 3)),
    ("(sample-discrete '(1 2))", "discrete", (1, 2)),
    ("(random-integer 6)", "random-integer", (6,)),
    ("(uniform-draw '(a b c))", "random-integer", (3,)),
    ("(binomial 0.3 5)", "binomial", (0.3, 5)),
    ("(poisson 2.5)", "poisson", (2.5,)),
]


def posterior(source: str, worlds: int = 100_000):
    """The result of a program's last query."""
    return run_program(source, key=jax.random.key(3), options=Options(worlds=worlds))[-1].result


def choices(source: str):
    return list(World.from_source(source).session.graph.choices.values())


@pytest.mark.parametrize(("call", "name", "parameters"), DRAWS)
def test_every_draw_is_one_choice(call, name, parameters):
    (choice,) = choices(f"(define x {call})")
    assert (choice.name, choice.parameters) == (name, parameters)
    assert choice.span.text == call
    assert choice.continuous == (name in CONTINUOUS)


def test_a_choice_has_the_label_of_the_memoised_call_and_one_of_its_own():
    source = "(define f (mem (lambda (who) (+ (flip) (gaussian 0 1))))) (f 'tom)"
    source = source.replace("(flip)", "(if (flip) 1 0)")
    assert [c.label for c in choices(source)] == ["f(tom)", "f(tom)#2"]


def test_what_is_certain_is_no_choice():
    source = (
        "(list (flip 1) (random-integer 1) (multinomial '(a b) '(0 2)) (binomial 1 5) (poisson 0))"
    )
    assert choices(f"(define x {source})") == []


def test_a_parameter_can_be_another_choice():
    mu, x = choices("(define mu (gaussian 0 1)) (define x (gaussian mu 2))")
    assert x.parameters == (mu.node, 2)


def test_a_choice_is_plain_data():
    (choice,) = choices("(define x (beta 2 3))")
    again = pickle.loads(pickle.dumps(choice))
    assert (again.name, again.parameters, again.label) == ("beta", (2, 3), "beta")
    assert again.row.op == "uniform"


@pytest.mark.parametrize(
    ("name", "parameters", "oracle", "arguments"),
    [
        ("flip", (0.3,), "flip", (0.3,)),
        ("discrete", (1.0, 0.0, 3.0), "sample-discrete", None),
        ("random-integer", (4,), "random-integer", (4,)),
        ("binomial", (0.3, 5), "binomial", (0.3, 5)),
        ("poisson", (2.5,), "poisson", (2.5,)),
    ],
)
def test_masses_are_those_of_the_oracle(name, parameters, oracle, arguments):
    from plot.data import from_list

    law = MAKERS[oracle][0](*(arguments if arguments else [from_list(parameters)]))
    graph = Graph()
    masses = []
    for value in law.values:
        mass = LOG_DENSITY[name](graph, value, *parameters)
        masses.append(math.exp(mass))
        assert mass == pytest.approx(law.log_mass(value), abs=1e-12)
    assert sum(masses) == pytest.approx(1, abs=1e-12)


def test_a_density_is_made_in_the_graph_of_its_parameters():
    world = World.from_source("(define mu (gaussian 0 1)) (define x (gaussian mu 2))")
    graph = world.session.graph
    x = list(graph.choices.values())[1]
    density = log_density(graph, x, graph.site(NORMAL, "value"))
    assert isinstance(density, Node)


class TestObservation:
    @pytest.mark.parametrize("call", [d[0] for d in DRAWS if d[1] in CONTINUOUS])
    def test_a_continuous_choice_can_be_observed(self, call):
        world = World.from_source(f"(define x {call})").tell("(condition (= x 1.5))")
        assert len(world.effects.clamps) == 1

    def test_a_finite_choice_is_a_condition(self):
        world = World.from_source("(define x (random-integer 6))").tell("(condition (= x 2))")
        assert not world.effects.clamps and len(world.effects.conditions) == 1

    def test_a_choice_of_a_loop_cannot(self):
        world = World.from_source("(define x (gaussian 0 1))")
        (choice,) = world.session.graph.choices.values()
        choice.node.loops = frozenset({0})
        with pytest.raises(Unsupported, match="observing a draw of a loop") as caught:
            world.tell("(condition (= x 1))")
        assert caught.value.span is not None


class TestDirichlet:
    def test_its_parts_have_the_moments_of_their_betas(self):
        found = posterior("(define d (dirichlet '(1 2 3))) (query (third d))")
        assert abs(found.mean.value - 0.5) < 5 * found.mean.standard_error
        assert abs(found.sd.value - math.sqrt(0.25 / 7)) < 5 * found.sd.standard_error
        product = posterior("(define d (dirichlet '(1 2 3))) (query (* (first d) (second d)))")
        assert abs(product.mean.value - 1 * 2 / (6 * 7)) < 5 * product.mean.standard_error

    def test_small_parameters_give_no_world_that_is_not_a_number(self):
        found = posterior("(define d (dirichlet '(0.01 0.01 0.01))) (query (second d))", 20_000)
        assert not found.losses
        assert abs(found.mean.value - 1 / 3) < 5 * found.mean.standard_error
        assert posterior("(query (sum (dirichlet '(0.01 0.01 0.01))))", 2000).sd.value < 1e-6

    def test_an_observed_list_of_another_length_is_an_error(self):
        with pytest.raises(TypeMismatch, match="not of 2 numbers"):
            World.from_source("(dirichlet '(1 1) '(0.2 0.3 0.5))")

    @pytest.mark.parametrize("values", ["(0.2 0.3)", "(1.2 -0.2)"])
    def test_observed_proportions_that_are_none_are_impossible(self, values):
        with pytest.raises(PlotError, match="false in every world"):
            posterior(f"(dirichlet '(1 1) '{values}) (query 1)", 100)

    def test_a_list_of_drawn_length_says_what_to_do(self):
        source = "(define n (if (flip) '(1 1) '(1 1 1))) (define d (dirichlet n))"
        with pytest.raises(Unsupported, match="length is drawn") as caught:
            World.from_source(source)
        assert "as long as it can get" in caught.value.hint

    def test_an_empty_list_is_an_error(self):
        with pytest.raises(ParameterError, match="empty list"):
            World.from_source("(dirichlet '())")


class TestEdges:
    def test_a_gamma_draw_too_small_for_a_lane_is_zero_as_often_as_it_should(self):
        smallest = float(np.finfo(np.float32).tiny)
        for shape in (0.1, 0.01):
            share = stats.gamma.cdf(smallest, shape)
            found = posterior(f"(query (= 0 (gamma {shape} 1)))").probability(True).value
            assert abs(found - share) < 5 * math.sqrt(share * (1 - share) / 100_000) + 1e-3 * share

    def test_the_tails_of_student_t_are_as_heavy_as_they_should_be(self):
        for df, far in ((1, 1e3), (1, 1e4), (0.5, 1e6)):
            share = 2 * stats.t.sf(far, df)
            found = posterior(f"(query (< {far} (abs (student-t {df}))))").probability(True).value
            assert abs(found - share) < 5 * math.sqrt(share * (1 - share) / 100_000)
        assert posterior("(query (> 1e12 (abs (student-t 1))))").probability(True).value == 1

    def test_the_mean_of_a_poisson_draw_may_have_no_bound(self):
        # A Poisson count with a gamma rate is negative binomial: mean 6, variance 6 * (1 + 3).
        found = posterior("(define rate (gamma 2 3)) (query (poisson rate))")
        assert abs(found.mean.value - 6) < 5 * found.mean.standard_error
        assert abs(found.sd.value - math.sqrt(24)) < 5 * found.sd.standard_error
        assert sum(loss.share for loss in found.losses) < 1e-3

    def test_counts_past_the_bound_are_lost_and_reported(self):
        found = posterior("(define rate (gamma 20 10)) (query (poisson rate))", 20_000)
        law = stats.nbinom(20, 1 / 11)
        (loss,) = found.losses
        share = law.sf(256)
        assert loss.budget
        assert abs(loss.share - share) < 5 * math.sqrt(share * (1 - share) / 20_000)

    def test_the_tries_of_a_binomial_draw_may_be_drawn(self):
        found = posterior("(define n (random-integer 4)) (query (list n (binomial 0.3 n)))")
        for n in range(4):
            for k in range(4):
                share = stats.binom.pmf(k, n, 0.3) / 4
                row = [r.probability for r in found.table if _pair(r.value) == (n, k)]
                assert abs(sum(row) - share) <= 5 * math.sqrt(share * (1 - share) / 100_000)

    def test_a_number_of_tries_that_is_not_whole_ends_its_worlds(self):
        found = posterior("(define n (/ (random-integer 4) 2)) (query (binomial 0.3 n))", 20_000)
        assert abs(found.losses[0].share - 0.5) < 0.02

    @pytest.mark.parametrize(("p", "n"), [(0.01, 250), (0.99, 250), (0.5, 200)])
    def test_many_tries(self, p, n):
        found = posterior(f"(query (binomial {p} {n}))")
        assert abs(found.mean.value - p * n) < 5 * found.mean.standard_error
        assert abs(found.sd.value - math.sqrt(n * p * (1 - p))) < 5 * found.sd.standard_error


def _pair(value) -> tuple:
    return value.first, value.rest.first
