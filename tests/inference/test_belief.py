"""Beliefs against exact answers: easy evidence, hard evidence, observed numbers, many sentences."""

import math

import jax
import numpy as np
import pytest
from scipy import stats

from inference import Belief, Importance, Sequential
from plot.errors import ImpossibleEvidence, PlotError, Unsupported
from plot.oracle import Budget
from plot.oracle import enumerate as enumerate_worlds
from plot.reader import read
from plot.world import World
from tests.plot.generated import program

KEY = jax.random.key(0)
SMALL = Sequential(worlds=10_000)


def told(source: str, *sentences: str, options: Sequential = SMALL, seed: int = 0) -> Belief:
    belief = Belief.of(World.from_source(source), jax.random.key(seed), options)
    for sentence in sentences:
        belief, _ = belief.tell(sentence)
    return belief


def near(estimate, wanted: float) -> bool:
    return abs(estimate.value - wanted) < 4.5 * estimate.standard_error


class TestExactAnswers:
    COINS = """
    (define a (flip 0.2)) (define b (flip 0.3)) (define n (random-integer 6))
    (define m (if a n (+ n (random-integer 3))))
    """

    def test_finite_choices(self):
        sentences = ["(condition (or a b))", "(condition (> m 2))", "(factor (if b -1 0))"]
        exact = enumerate_worlds(read(self.COINS + "".join(sentences) + "(query (list a b))"))
        belief = told(self.COINS, *sentences)
        table = {str(row.python): row for row in belief.ask("(list a b)").table}
        assert len(table) == len(exact.table)
        posterior = belief.ask("(list a b)")
        for value, p in exact.table:
            assert near(posterior.probability(value), p)
        assert abs(belief.evidence.log - exact.log_evidence) < 4.5 * belief.evidence.error

    @pytest.mark.parametrize("seed", [3000, 3002, 3003, 3004, 3005, 3007, 3010, 3011])
    def test_generated_programs(self, seed):
        """Each line is told as a sentence of a conversation that begins with the definitions."""
        lines = program(seed).split("\n")
        model = [s for s in lines if s.startswith("(define")]
        said = [s for s in lines if s.startswith(("(condition", "(factor"))]
        query = lines[-1].removeprefix("(query ").removesuffix(")")
        exact = enumerate_worlds(read("\n".join(lines)), Budget(executions=5000))
        if exact.lost_mass > 0:
            pytest.skip("too many choices to list")
        belief = told("\n".join(model), *said)
        posterior = belief.ask(query)
        n = posterior.effective_size
        for value, p in exact.table:
            found = posterior.probability(value).value
            assert abs(found - p) < 6 * math.sqrt(p * (1 - p) / min(n, 5000)) + 20 / n
        error = belief.evidence.error
        assert abs(belief.evidence.log - exact.log_evidence) < 5 * error + 1e-6

    def test_rare_comparison(self):
        """The difference of two normals is above 8: one world in 130 million."""
        belief = told(
            "(define a (gaussian 0 1)) (define b (gaussian 0 1))", "(condition (> (- a b) 8))"
        )
        wanted = stats.norm.logsf(8, scale=math.sqrt(2))
        assert abs(belief.evidence.log - wanted) < 4.5 * belief.evidence.error
        assert belief.evidence.error < 0.3
        mean = stats.truncnorm.mean(8 / math.sqrt(2), np.inf, scale=math.sqrt(2))
        assert near(belief.ask("(- a b)").mean, mean)
        assert belief.reports[-1].steps > 5

    @pytest.mark.parametrize("observed", [True, False])
    def test_rare_coincidence(self, observed):
        """Twelve coins show what was said of them: nothing tells how near a world is to that.

        Coins that no world has tossed yet are observed; others have to be found by moves.
        """
        source = "(define c (mem (lambda (i) (flip 0.3)))) (define d (random-integer 3))"
        says = "(condition (and " + " ".join(f"(c {i})" for i in range(12)) + " (= d 1)))"
        tossed = "(factor (if (or " + " ".join(f"(c {i})" for i in range(12)) + " (= d 1)) 0 -9))"
        belief = told(source, *([] if observed else [tossed]), says)
        wanted = 12 * math.log(0.3) - math.log(3)
        assert (belief.evidence.error < 1e-6) == observed
        assert abs(belief.evidence.log - wanted) < 4.5 * belief.evidence.error + 1e-5
        assert belief.ask("(c 3)").probability(True).value == 1.0
        assert near(belief.ask("(c 20)").probability(True), 0.3)

    def test_observed_numbers(self):
        source = "(define mean (gaussian 0 2)) (define (x i) (gaussian mean 1))"
        belief = told(source, *[f"(condition (= (x {i}) {v}))" for i, v in enumerate([1, 3, 2.5])])
        precision = 1 / 4 + 3
        assert near(belief.ask("mean").mean, 6.5 / precision)
        assert near(belief.ask("mean").sd, 1 / math.sqrt(precision))
        wanted = stats.multivariate_normal.logpdf([1, 3, 2.5], np.zeros(3), np.eye(3) + 4)
        assert abs(belief.evidence.log - wanted) < 4.5 * belief.evidence.error

    def test_an_exact_value_of_what_was_told_before(self):
        """The draw was chosen by a comparison, so all evidence is gone through again."""
        source = "(define a (gaussian 0 1)) (define b (gaussian a 1))"
        belief, report = told(source, "(condition (> a 0.5))").tell("(condition (= a 1))")
        assert report.again
        assert near(belief.ask("b").mean, 1.0)
        assert belief.evidence.log == pytest.approx(stats.norm.logpdf(1), abs=1e-4)

    def test_a_question_with_evidence_of_its_own(self):
        belief = told("(define a (gaussian 0 1)) (define b (gaussian 0 1))", "(condition (> a 0))")
        posterior = belief.ask("(rejection-query (> b 0) (> a b))")
        assert near(posterior.probability(True), (1 / 8) / (3 / 8))
        assert near(belief.ask("(> b 0)").probability(True), 0.5)


class TestErrors:
    """Standard errors are those of runs with other seeds."""

    def test_of_means_and_of_the_evidence(self):
        source = "(define a (gaussian 0 1)) (define b (gaussian 0 1)) (define c (gaussian 0 1))"
        sentences = [
            "(condition (> a b))",
            "(condition (> (+ a b) 1))",
            "(condition (> c (+ a 1)))",
        ]
        sure = World.from_source(source)
        for sentence in sentences:
            sure = sure.tell(sentence)
        exact = Importance(worlds=4_000_000).infer(KEY, sure.ask("a"))
        options = Sequential(worlds=1000)
        means, logs = [], []
        for seed in range(24):
            belief = told(source, *sentences, options=options, seed=seed)
            answer = belief.ask("a").mean
            means.append((answer.value - exact.mean.value) / answer.standard_error)
            logs.append((belief.evidence.log - exact.evidence.log) / belief.evidence.error)
        for scores in (np.array(means), np.array(logs)):
            assert abs(scores.mean()) < 4.5 * scores.std() / math.sqrt(len(scores)) + 0.1
            # 24 squares of unit normals sum to less than 61 with probability 0.9999.
            assert 0.4 < np.sqrt(np.square(scores).mean()) < 1.6

    def test_the_evidence_is_unbiased(self):
        source = "(define a (gaussian 0 1)) (define b (gaussian 0 1))"
        ratios = []
        for seed in range(40):
            options = Sequential(worlds=300)
            belief = told(source, "(condition (> (- a b) 3))", options=options, seed=seed)
            ratios.append(math.exp(belief.evidence.log) / stats.norm.sf(3, scale=math.sqrt(2)))
        error = np.std(ratios) / math.sqrt(len(ratios))
        assert abs(np.mean(ratios) - 1) < 4 * error < 0.5


class TestConversation:
    def test_many_sentences_keep_ancestors(self):
        source = "(define s (mem (lambda (p) (gaussian 50 15))))"
        rng = np.random.default_rng(0)
        belief = told(source)
        for _ in range(12):
            a, b = rng.choice(6, 2, replace=False)
            belief, report = belief.tell(
                f"(condition (> (+ (s {a}) (gaussian 0 20)) (+ (s {b}) (gaussian 0 20))))"
            )
            assert report.ancestors > 500
            assert "trust this" in report.verdict
        assert len(belief.reports) == 12

    def test_the_same_seed_gives_the_same_belief(self):
        source, says = "(define a (gaussian 0 1))", "(condition (> a 2.5))"
        one, two, other = (told(source, says, seed=s).ask("a").mean.value for s in (1, 1, 2))
        assert one == two != other

    def test_going_back_is_free(self):
        first = told("(define a (gaussian 0 1))", "(condition (> a 0))")
        answer = first.ask("a").mean
        second, _ = first.tell("(condition (> a 3))")
        assert second.before is first
        assert first.ask("a").mean == answer
        assert second.ask("a").mean.value > 3

    @pytest.mark.parametrize(
        ("sentence", "error"),
        [
            ("(condition (< a -1))", ImpossibleEvidence),
            ("(condition (> a (missing)))", PlotError),
            ("(query a)", PlotError),
        ],
    )
    def test_what_is_refused_costs_nothing(self, sentence, error):
        belief = told("(define a (gaussian 0 1))", "(condition (> a 0))")
        answer = belief.ask("a").mean
        with pytest.raises(error):
            belief.tell(sentence)
        assert belief.ask("a").mean == answer

    def test_few_ancestors_are_told(self):
        options = Sequential(worlds=60)
        belief = told("(define a (gaussian 0 1))", "(condition (> a 2.5))", options=options)
        assert "do not trust" in belief.reports[-1].verdict

    def test_draws_in_loops_are_refused_with_a_reason(self):
        source = "(define (walk n) (if (flip 0.01) n (walk (+ n 1)))) (define n (walk 0))"
        with pytest.raises(Unsupported, match="drawn in a loop"):
            told(source, "(condition (> n 3))")

    @pytest.mark.parametrize("options", [{"worlds": 1}, {"threshold": 0.0}, {"keep": 1.5}])
    def test_options_that_make_no_sense(self, options):
        with pytest.raises(ValueError):
            Sequential(**options)
