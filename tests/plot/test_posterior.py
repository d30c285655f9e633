"""Posteriors and their arithmetic, against closed forms and deliberately bad weights."""

import json
import math

import jax
import numpy as np
import pytest

from plot.data import Name, from_list, show
from plot.drawing import draw_posterior
from plot.errors import EvaluationError
from plot.posterior import Posterior
from plot.program import Options, run_program
from plot.weights import effective_size, evidence, left_out, moments, normalise, quantile, spread


def posterior(source: str, worlds: int = 50_000, seed: int = 0) -> Posterior:
    return run_program(source, key=jax.random.key(seed), options=Options(worlds=worlds))[-1].result


class TestWeights:
    def test_normalise_survives_weights_that_underflow(self):
        assert normalise(np.array([-2000.0, -2000.0 + math.log(3)])).tolist() == pytest.approx(
            [0.25, 0.75]
        )

    def test_effective_size_of_one_dominant_weight_is_one(self):
        assert effective_size(normalise(np.array([0.0, -50.0, -50.0]))) == pytest.approx(1.0)

    def test_the_error_of_the_evidence_is_that_of_a_binomial_share(self):
        got = evidence(np.zeros(250), 1000)
        assert math.exp(got.log) == pytest.approx(0.25)
        assert got.error == pytest.approx(math.sqrt(0.75 / 0.25 / 1000), rel=2e-3)

    def test_standard_errors_cover_as_often_as_they_say(self):
        """Of 400 weighted samples, the 2 s.e. intervals of mean and sd cover the truth in about 95 %."""
        rng = np.random.default_rng(5)
        hits = np.zeros(2)
        for _ in range(400):
            x = rng.normal(1, 2, 2000)
            weights = normalise(-0.5 * np.square(x) / 8)  # a normal times a normal
            variance = 1 / (1 / 4 + 1 / 8)
            mean, sd = moments(x, weights)
            hits += [
                abs(mean.value - variance / 4) < 2 * mean.standard_error,
                abs(sd.value - math.sqrt(variance)) < 2 * sd.standard_error,
            ]
        # 380 are expected; fewer than 355 or more than 397 has probability below 1e-4.
        assert ((hits >= 355) & (hits <= 397)).all()

    def test_quantiles_at_the_ends_and_with_zero_weights(self):
        x, w = np.array([5.0, 1.0, 9.0]), np.array([0.5, 0.5, 0.0])
        assert [quantile(x, w, q) for q in (0, 0.5, 0.51, 1)] == [1, 1, 5, 5]


class TestPosterior:
    def test_a_normal_comes_out_as_one(self):
        p = posterior("(query (gaussian 50 20))", 200_000)
        assert abs(p.mean.value - 50) < 5 * p.mean.standard_error
        assert abs(p.sd.value - 20) < 5 * p.sd.standard_error
        assert p.mean.standard_error == pytest.approx(20 / math.sqrt(200_000), rel=0.02)
        assert abs(p.quantile(0.975) - (50 + 1.96 * 20)) < 0.5

    def test_values_come_out_in_the_order_of_mass(self):
        p = posterior("(query (multinomial '(a b (1 \"x\" #t)) '(1 5 3)))")
        assert [show(r.value) for r in p.table] == ["b", '(1 "x" #t)', "a"]
        assert p.probability(Name("b")).value == pytest.approx(5 / 9, abs=0.02)
        assert p.probability(from_list([1, "x", True])).value > 0
        assert p.probability(Name("nothing")).value == 0

    def test_functions_are_values_too(self):
        p = posterior("(define (f) 1) (define (g) 2) (query (if (flip 0.9) f g))")
        assert [show(r.value) for r in p.table] == ["#<procedure f>", "#<procedure g>"]

    def test_samples_follow_the_weights(self):
        p = posterior("(define x (flip 0.5)) (factor (if x (log 3) 0)) (query x)")
        drawn = p.sample(jax.random.key(1), 4000)
        assert abs(sum(drawn) / 4000 - 0.75) < 5 * math.sqrt(0.75 * 0.25 / 4000)

    def test_numbers_that_are_not_numbers_are_counted(self):
        p = posterior("(define x (uniform 0 1)) (query (if (< x 0.25) (- (log 0) (log 0)) x))")
        assert abs(p.losses[-1].share - 0.25) < 0.02
        assert not np.isnan(p.mean.value)

    def test_a_question_that_is_never_a_number_is_an_error(self):
        with pytest.raises(EvaluationError, match="not a number in any world"):
            posterior("(define x (uniform 0 1)) (query (* (- (log 0) (log 0)) x))")

    def test_a_table_has_no_mean(self):
        with pytest.raises(EvaluationError, match="not a number"):
            _ = posterior("(query (flip))").mean

    def test_summaries_are_strict_json(self):
        for source in (
            "(query (gaussian 0 1))",
            "(query (list 'a (flip) \"s\" '()))",
            "(query (random-integer 3))",
        ):
            text = json.dumps(posterior(source, 2000).summary(), allow_nan=False)
            assert json.loads(text)["worlds"] == 2000

    def test_a_table_of_numbers_has_quantiles_as_well(self):
        summary = posterior("(query (random-integer 3))", 2000).summary()
        assert {"mean", "sd", "quantiles", "table"} <= summary.keys()

    def test_text_from_programs_is_no_markup(self):
        html = posterior('(query (if (flip) "<script>" \'b))', 100)._repr_html_()
        assert "<script>" not in html and "&lt;script&gt;" in html

    @pytest.mark.parametrize("source", ["(query (gaussian 0 1))", "(query (uniform-draw '(a b)))"])
    def test_pictures_say_what_they_show(self, source):
        axes = draw_posterior(posterior(source, 5000))
        assert axes.get_title() and axes.get_ylabel()
        assert any("n = 5,000 worlds" in text.get_text() for text in axes.texts)


def test_values_as_python_data_in_the_order_of_mass():
    source = """
    (define (double x) (* 2 x))
    (query (multinomial (list (list 'a "s" #t) (pair 'x 1.5) double '()) '(4 3 2 1)))
    """
    table = run_program(source, key=jax.random.key(0))[-1].result.table
    assert [row.python for row in table[:2]] == [["a", "s", True], ("x", 1.5)]
    assert table[2].python.name == "double"
    assert table[3].python == []
    shares = [row.probability for row in table]
    assert shares == sorted(shares, reverse=True)


def test_errors_of_few_families_are_as_large_as_the_errors_are():
    """Eight families of uneven weight, each of which errs on its own."""
    rng = np.random.default_rng(3)
    families = np.repeat(np.arange(8), 50)
    found = []
    for _ in range(400):
        chance = rng.beta(3, 7, 8)[families]
        x = (rng.random(400) < chance).astype(float)
        weights = normalise(rng.normal(0, 0.7, 8)[families])
        mean, _ = moments(x, weights, families)
        near = spread(weights * (x - mean.value), families)  # as if no family pulled the mean
        found.append((mean.value - 0.3, mean.standard_error, near))
    actual, stated, near = np.mean(np.square(found), axis=0)
    assert near < 0.85 * actual < stated < 1.5 * actual
    assert np.allclose(left_out(np.full(10_000, 1e-4)), 1, atol=1e-3)
    assert left_out(np.array([0.0, 1.0])).tolist() == [0.0, 0.0]
