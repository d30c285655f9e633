"""Queries inside models: exact tables, one in each world; worlds within worlds where need be."""

import jax
import numpy as np
import pytest

from plot.backends import Reference
from plot.compiler import Budget
from plot.data import show
from plot.errors import EvaluationError, PlotError
from plot.oracle import enumerate as enumerate_worlds
from plot.program import Options, OracleWarning, run, run_program
from plot.reader import read
from plot.simulate import simulate
from plot.world import World

KEY = jax.random.key(0)


def lanes(source: str, *questions: str, worlds: int = 2000) -> list[np.ndarray]:
    """The value of each question, world by world, by the NumPy back end."""
    world = World.from_source(source)
    question = world.ask(f"(list {' '.join(questions)})")
    session = question.world.session
    found = simulate(
        session.graph, session.atoms, question.effects, [question.value], KEY, worlds, Reference()
    )
    out, spine = [], question.value
    while hasattr(spine, "first"):
        lane = found.rows.get(spine.first)
        out.append(np.full(found.kept, spine.first) if lane is None else lane)
        spine = spine.rest
    return out


def exact(source: str) -> dict[str, float]:
    """The oracle's table of a program."""
    return {show(v): p for v, p in enumerate_worlds(read(source)).table}


def shares(source: str, **options) -> dict[str, tuple[float, float]]:
    """The compiler's table: probability and standard error of each outcome."""
    table = run_program(source, key=KEY, options=Options(**options))[-1].result.table
    return {show(row.value): (row.probability, row.standard_error) for row in table}


@pytest.mark.filterwarnings("error::plot.program.OracleWarning")
class TestTables:
    def test_a_table_in_each_world_is_exact_there(self):
        source = """
        (define p (uniform 0 1))
        (define (given p) (enumeration-query
          (define x (flip p)) (define y (flip 0.5)) x (or x y)))
        (define table (given p))
        """
        p, chance, other = lanes(source, "p", "(first (second table))", "(second (second table))")
        wanted = p / (p + (1 - p) / 2)
        np.testing.assert_allclose(np.maximum(chance, other), np.maximum(wanted, 1 - wanted), 2e-6)
        np.testing.assert_allclose(chance + other, 1, 2e-6)

    def test_factors_and_softmax(self):
        source = """
        (define alpha (uniform 0 3))
        (define (choose a) (enumeration-query
          (define act (uniform-draw '(stay go wait))) act
          (factor (* a (case act ((stay) 0) ((go) 1) (else -1))))))
        (define chances (second (choose alpha)))
        """
        alpha, *found = lanes(source, "alpha", *(f"(list-ref chances {i})" for i in range(3)))
        weights = np.exp(np.stack([0 * alpha, alpha, -alpha]))
        np.testing.assert_allclose(np.stack(found), weights / weights.sum(0), rtol=2e-5)

    def test_draws_in_some_worlds_only_count_once(self):
        # Where `early` is false the first flip of the block is not made.
        source = """
        (define early (flip 0.4))
        (define (inner early) (rejection-query
          (define a (if early (flip 0.9) #f)) (define b (flip 0.3))
          (list a b) (or a b)))
        (query (list early (inner early)))
        """
        wanted = exact(source)
        found = shares(source, worlds=50_000)
        assert found.keys() == wanted.keys()
        for value, p in wanted.items():
            assert abs(found[value][0] - p) < 5 * found[value][1]

    def test_both_arrangements_and_lists_of_draws(self):
        source = """
        (define (f) (mh-query 3 1 (define x (random-integer 3)) x (condition (> x 0))))
        (query (sum (f)))
        """
        wanted, found = exact(source), shares(source, worlds=50_000)
        assert found.keys() == wanted.keys() == {"3", "4", "5", "6"}
        for value, p in wanted.items():
            assert abs(found[value][0] - p) < 5 * found[value][1]

    def test_a_memoised_function_draws_in_the_world_that_made_it(self):
        # The evidence of the query must not touch what the world around it has drawn.
        source = """
        (define coin (mem (lambda (who) (flip 0.2))))
        (define (f) (rejection-query (define y (flip 0.5)) y (or y (coin 'a))))
        (define asked (f))
        (query (list (coin 'a) asked))
        """
        wanted, found = exact(source), shares(source, worlds=50_000)
        for value, p in wanted.items():
            assert abs(found[value][0] - p) < 5 * found[value][1]
        heads = sum(p for v, (p, _) in found.items() if v.startswith("(#t"))
        assert abs(heads - 0.2) < 0.01

    def test_mutual_recursion_meets(self):
        source = """
        (define (place) (multinomial '(bar cafe) '(0.55 0.45)))
        (define (anna depth) (rejection-query (define a (place)) a (eq? a (ben (- depth 1)))))
        (define (ben depth) (rejection-query
          (define b (place)) b (or (= depth 0) (eq? b (anna depth)))))
        (enumeration-query (anna 6) #t)
        """
        # Each step of reasoning multiplies by the prior once more: twelve in all.
        bar = 0.55**12 / (0.55**12 + 0.45**12)
        table = run_program(source, key=KEY)[-1].result.table
        assert show(table[0].value) == "bar"
        assert table[0].probability == pytest.approx(bar, rel=1e-9)

    def test_the_same_query_is_worked_out_once(self):
        from plot.compiler import Effects
        from plot.session import Session, run_statement
        from plot.vocabulary import Vocabulary

        session = Session()
        source = "(define (f n) (rejection-query (define x (flip 0.3)) x (or x (= n 1)))) \
            (list (f 1) (f 1) (f 2) (f 1))"
        with session.machine(Effects()) as m:
            scope = session.scope()
            for tree in read(source):
                run_statement(m, tree, scope, Vocabulary())
            assert len(m.tables) == 2

    def test_a_redefinition_is_seen(self):
        source = """
        (define (weight) 0.25)
        (define (f) (enumeration-query (define x (flip (weight))) x #t))
        (define before (first (second (f))))
        (define (weight) 0.125)
        (list before (first (second (f))))
        """
        assert show(run(source, key=KEY)) == "(0.75 0.875)"

    def test_impossible_evidence_ends_the_worlds_that_meet_it(self):
        source = """
        (define n (random-integer 2))
        (define (f) (rejection-query (define x (flip)) x (and x (= n 1))))
        (query (f))
        """
        posterior = run_program(source, key=KEY)[-1].result
        assert posterior.probability(True).value == 1
        (loss,) = posterior.losses
        assert "never holds" in str(loss)
        assert abs(loss.share - 0.5) < 0.01

    def test_what_is_left_out_of_an_endless_query_is_reported(self):
        source = """
        (define (f) (rejection-query (define (go) (if (flip) 0 (+ 1 (go)))) (go) #t))
        (query (f))
        """
        posterior = run_program(source, key=KEY)[-1].result
        assert any("left out" in note for note in posterior.worlds.notes)
        assert abs(posterior.mean.value - 1) < 5 * posterior.mean.standard_error


class TestInnerWorlds:
    SOURCE = """
    (define m (uniform 0 2))
    (define (f) (rejection-query (define x (gaussian m 1)) x (> x 1)))
    (define draw (f))
    """

    def test_continuous_choices_are_sampled_and_the_answer_says_so(self):
        from scipy import integrate, stats

        posterior = run_program(self.SOURCE + "(query draw)", key=KEY)[-1].result
        (note,) = posterior.worlds.notes
        assert "64 inner worlds" in note
        assert "`gaussian` draws from infinitely many values" in note
        wanted = integrate.quad(lambda m: stats.truncnorm.mean(1 - m, np.inf, loc=m) / 2, 0, 2)[0]
        # Rejection among 64 equally good candidates is exact but for worlds in which none fits.
        assert abs(posterior.mean.value - wanted) < 5 * posterior.mean.standard_error

    def test_the_budget_is_an_argument(self):
        options = Options(budget=Budget(particles=3))
        posterior = run_program(self.SOURCE + "(query draw)", key=KEY, options=options)[-1].result
        assert "3 inner worlds" in posterior.worlds.notes[0]
        (loss,) = posterior.losses
        assert loss.budget
        # None of three fits with probability E[Phi(1 - m)^3] over m uniform on (0, 2).
        from scipy import integrate, stats

        none = integrate.quad(lambda m: stats.norm.cdf(1 - m) ** 3 / 2, 0, 2)[0]
        assert abs(loss.share - none) < 5 * np.sqrt(none * (1 - none) / 100_000)

    def test_enumeration_of_continuous_choices_is_refused_with_a_reason(self):
        source = "(define (f) (enumeration-query (define x (gaussian 0 1)) x (> x 0)))\n(query (f))"
        with pytest.warns(OracleWarning, match="not finite"), pytest.raises(PlotError):
            run_program(source, key=KEY)

    def test_a_condition_that_never_holds(self):
        source = "(define (f) (rejection-query (define x (flip)) x (and x (not x))))\n"
        with pytest.raises(PlotError, match="never holds") as caught:
            run(source + "(f)", key=KEY)
        assert caught.value.span is not None
        with pytest.raises(EvaluationError, match="never holds"):
            run(source + "(query (f))", key=KEY)
