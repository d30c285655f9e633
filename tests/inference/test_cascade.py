"""A cascade: the order of its pieces, hard conjunctions against exact answers, and what it says."""

import math

import jax
import pytest
from scipy import stats

from inference import SMC, Cascade, Importance, Rejection, Sequential
from inference.cascade import ease
from inference.pieces import evidence_of, joined, pieces
from plot.backends import Reference
from plot.errors import ImpossibleEvidence, Unsupported
from plot.simulate import log_weight
from plot.world import World

BACKEND = Reference()
OPTIONS = Sequential(worlds=1000, backend=BACKEND)
KEY = jax.random.key(0)
SOURCE = "(define a (gaussian 0 1)) (define b (gaussian 0 1)) (define c (gaussian 0 1))"
RARE = "(condition (and (> a 2) (> b 2) (> c 1.95)))"
PROBABILITY = stats.norm.sf(2) ** 2 * stats.norm.sf(1.95)  # 1.3e-5


class TestPieces:
    def pieces(self, source: str):
        question = World.from_source(source).ask("1")
        graph, effects = question.world.session.graph, evidence_of(question)
        return graph, effects, pieces(graph, effects)

    def test_all_that_there_is(self):
        text = SOURCE + "(define n (random-integer 4)) (factor (* -1 (abs a)))"
        text += "(condition (and (> a 0) (or (> b 0) (> c 0)))) (condition (> (/ 1 n) 0.4))"
        _, effects, found = self.pieces(text)
        assert [len(p.conditions) for p in found] == [0, 1, 1, 1, 0]
        assert [len(p.deaths) for p in found] == [len(effects.deaths), 0, 0, 0, 0]
        assert len(found[-1].factors) == 1

    def test_together_they_weigh_what_the_whole_does(self):
        graph, effects, found = self.pieces(SOURCE + RARE + "(factor (* -1 (abs a)))")
        assert log_weight(graph, joined(found, effects))[0] is log_weight(graph, effects)[0]

    def test_ease_is_the_share_of_the_prior_that_is_left(self):
        graph, effects, found = self.pieces(SOURCE + "(condition (and (> a 1) (> b 0)))(factor a)")
        shares = ease(graph, found, effects, KEY, 20_000, BACKEND)
        # A factor of a keeps (E exp a)² / E exp 2a of the prior, whose tail makes it noisy.
        for share, exact, error in zip(
            shares, (stats.norm.sf(1), 0.5, math.exp(-1)), (0.003, 0.0036, 0.02), strict=True
        ):
            assert abs(share - exact) < 4 * error


class TestTheEngine:
    def asked(self, *told: str, source: str = SOURCE, asked: str = "(+ a b)"):
        world = World.from_source(source)
        for sentence in told:
            world = world.tell(sentence)
        return world.ask(asked)

    def test_a_rare_conjunction(self):
        """As probable as one world in 77,000; as many draws of the prior find a dozen of them."""
        question = self.asked(RARE)
        found = Cascade(OPTIONS).infer(KEY, question)
        assert abs(found.evidence.log - math.log(PROBABILITY)) < 4.5 * found.evidence.error
        mean = 2 * stats.norm.pdf(2) / stats.norm.sf(2)
        assert abs(found.mean.value - mean) < 4.5 * found.mean.standard_error < 0.3
        plain = Rejection(accepted=10**6, at_most=200_000, backend=BACKEND).infer(KEY, question)
        assert abs(plain.evidence.log - math.log(PROBABILITY)) < 4.5 * plain.evidence.error
        assert plain.evidence.error > 1.5 * found.evidence.error

    def test_the_order_is_said(self):
        note = Cascade(OPTIONS).infer(KEY, self.asked("(condition (and (> a 2) (> b 0)))")).notes[1]
        shares = [float(x) for x in note.split(": ")[1].split(", ")]
        assert note.startswith("2 pieces") and shares == sorted(shares, reverse=True)
        assert abs(shares[0] - 0.5) < 0.05 and abs(shares[1] - stats.norm.sf(2)) < 0.015

    def test_factors_and_densities_are_pieces_too(self):
        told = (
            "(condition (= (gaussian a 1) 2))",
            "(condition (> b 1.5))",
            "(factor (* -2 (abs c)))",
        )
        question = self.asked(*told)
        found = Cascade(OPTIONS).infer(KEY, question)
        exact = Importance(400_000, BACKEND).infer(KEY, question)
        error = math.hypot(found.evidence.error, exact.evidence.error)
        assert abs(found.evidence.log - exact.evidence.log) < 4.5 * error < 0.5
        error = math.hypot(found.mean.standard_error, exact.mean.standard_error)
        assert abs(found.mean.value - exact.mean.value) < 4.5 * error < 0.5

    def test_progress(self):
        told = []
        Cascade(OPTIONS).infer(KEY, self.asked(RARE), told.append)
        assert told == [OPTIONS.worlds * (i + 1) for i in range(len(told))] and len(told) > 3

    @pytest.mark.parametrize("engine", [Cascade(OPTIONS), SMC(OPTIONS)])
    def test_worlds_that_die_are_counted(self, engine):
        source = "(define n (random-integer 4)) (define x (/ 1 n))"
        found = engine.infer(KEY, self.asked("(condition (> x 0.3))", source=source, asked="n"))
        assert abs(found.losses[0].share - 1 / 4) < 0.06
        assert found.probability(0).value == 0

    @pytest.mark.parametrize("engine", [Cascade(OPTIONS), SMC(OPTIONS)])
    @pytest.mark.parametrize(
        ("told", "error"),
        [
            ("(condition (and (> a 1) (< (* a a) 0.5)))", ImpossibleEvidence),
            ("(condition (> 1 2))", ImpossibleEvidence),
        ],
    )
    def test_what_never_holds(self, engine, told, error):
        with pytest.raises(error):
            engine.infer(KEY, self.asked(told))

    def test_draws_in_loops_are_refused_with_a_reason(self):
        source = "(define (walk n) (if (flip 0.01) n (walk (+ n 1)))) (define n (walk 0))"
        with pytest.raises(Unsupported, match="drawn in a loop"):
            Cascade(OPTIONS).infer(KEY, self.asked("(condition (> n 3))", source=source, asked="n"))

    def test_options_that_make_no_sense(self):
        with pytest.raises(ValueError, match="one world at least"):
            Cascade(pilot=0)
