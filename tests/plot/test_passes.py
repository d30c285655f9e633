"""Each optimisation alone off, and all off: generated programs keep the meaning that they have."""

import dataclasses
import math

import jax
import numpy as np
import pytest

from plot.backends import LaneMachine, Reference
from plot.compiler.passes import Passes
from plot.data import show
from plot.errors import ImpossibleEvidence
from plot.oracle import enumerate as enumerate_worlds
from plot.program import Options, run_program
from plot.reader import read
from plot.world import World
from tests.plot.generated import program
from tests.plot.test_agreement import compare

NAMES = [field.name for field in dataclasses.fields(Passes)]
NONE = Passes(**dict.fromkeys(NAMES, False))
SAME_DRAWS = ["sharing", "algebra"]  # which leave the draws of a program as they are


def without(name: str) -> Passes:
    return dataclasses.replace(Passes(), **{name: False})


@pytest.mark.parametrize("name", NAMES)
def test_without_a_pass_programs_agree_with_the_oracle(name):
    machine, seeds = LaneMachine(), range(5000, 5015)
    compared = [compare(program(seed), machine, seed, without(name)) for seed in seeds]
    assert sum(n > 0 for n in compared) >= 8


def test_without_all_passes_programs_agree_with_the_oracle():
    machine, seeds = LaneMachine(), range(5100, 5120)
    compared = [compare(program(seed), machine, seed, NONE) for seed in seeds]
    assert sum(n > 0 for n in compared) >= 11


@pytest.mark.parametrize("name", SAME_DRAWS)
def test_a_pass_that_draws_nothing_changes_no_world(name):
    """World by world: the same values with the same weights, with it and without."""
    compared = 0
    for seed in range(5200, 5212):
        tables = []
        for passes in (Passes(), without(name)):
            options = Options(worlds=2000, backend=Reference(), passes=passes)
            try:
                posterior = run_program(program(seed), key=jax.random.key(seed), options=options)[
                    -1
                ].result
            except ImpossibleEvidence:
                tables.append({})
                continue
            tables.append({show(row.value): row.probability for row in posterior.table})
        assert tables[0].keys() == tables[1].keys(), program(seed)
        for value, p in tables[0].items():
            assert tables[1][value] == pytest.approx(p, abs=1e-6), program(seed)
        compared += len(tables[0])
    assert compared > 30


def test_squares_are_products_and_the_same_both_ways_round():
    world = World.from_source("(define a (gaussian 0 1)) (define b (gaussian 0 1))", cache=False)
    texts = "(expt (- a b) 2)", "(expt (- b a) 2)", "(expt a 1)", "a"
    square, back, first, a = (world.ask(text).value for text in texts)
    assert square is back and square.op == "mul" and first is a
    # Cubes stay powers: a product of three may be rounded otherwise.
    assert world.ask("(expt a 3)").value.op == "pow"


def test_squares_are_what_they_were():
    source = "(define a (gaussian 0 1)) (query (expt (- 0.3 a) 2))"
    rows = []
    for passes in (Passes(), without("algebra")):
        options = Options(worlds=1000, backend=Reference(), passes=passes)
        posterior = run_program(source, key=jax.random.key(0), options=options)[-1].result
        rows.append(posterior.numbers)
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-6)


class TestObservations:
    """Conditions on the value of a finite draw set the draw and weigh the world."""

    MARBLES = """
    (define bag (uniform-draw '(0.1 0.5 0.9)))
    (define (marble) (if (flip bag) 'blue 'red))
    (condition (equal? (repeat 12 marble) '(blue blue blue blue blue red blue blue blue red blue blue)))
    (query bag)
    """

    def posterior(self, source, passes=Passes(), worlds=20_000):
        options = Options(worlds=worlds, passes=passes)
        return run_program(source, key=jax.random.key(0), options=options)[-1].result

    def test_every_world_counts(self):
        posterior = self.posterior(self.MARBLES)
        likelihoods = {p: p**10 * (1 - p) ** 2 for p in (0.1, 0.5, 0.9)}
        total = sum(likelihoods.values())
        assert posterior.worlds.kept == 20_000
        for p, likelihood in likelihoods.items():
            wanted = likelihood / total
            error = math.sqrt(wanted * (1 - wanted) / posterior.effective_size)
            assert abs(posterior.probability(p).value - wanted) < 5 * error + 1e-6
        assert abs(posterior.evidence.log - math.log(total / 3)) < 4.5 * posterior.evidence.error

    def test_without_it_few_worlds_are_left(self):
        left = self.posterior(self.MARBLES, without("observations")).worlds.kept
        assert left < 1000  # the evidence is 0.008

    @pytest.mark.parametrize(
        ("condition", "evidence"),
        [
            ("a", 0.2),
            ("(not a)", 0.8),
            ("(and a (not b))", 0.2 * 0.7),
            ("(not (or a b))", 0.8 * 0.7),
            ("(equal? (list a b) '(#t #f))", 0.2 * 0.7),
            ("(= (+ d d) 4)", 0.5),
            ("(eq? s 'v)", 0.25),
            ("(and a a)", 0.2),
            ("(and (or a b) (not a))", 0.8 * 0.3),
            ("(= (+ d (if a 10 0)) 13)", 0.3 * 0.2),
        ],
    )
    def test_the_evidence_of_draws_is_exact(self, condition, evidence):
        source = f"""
        (define a (flip 0.2)) (define b (flip 0.3))
        (define d (multinomial '(1 2 3) '(0.2 0.5 0.3))) (define s (uniform-draw '(u v w x)))
        (condition {condition})
        (query (list a b d s))
        """
        posterior = self.posterior(source)
        assert posterior.evidence.log == pytest.approx(math.log(evidence), abs=1e-5)
        exact = {show(v): p for v, p in enumerate_worlds(read(source)).table}
        found = {show(row.value): row.probability for row in posterior.table}
        assert found.keys() == exact.keys()
        assert max(abs(found[v] - p) for v, p in exact.items()) < 5 * 0.5 / math.sqrt(20_000)

    @pytest.mark.parametrize(
        ("condition", "evidence"),
        [
            ("(or a b)", 1 - 0.8 * 0.7),
            ("(eq? a b)", 0.2 * 0.3 + 0.8 * 0.7),
            ("(> d 1)", 0.8),
            ("(and (or (> d 1) a) (or (> d 1) b))", 1 - 0.2 * (1 - 0.2 * 0.3)),
        ],
    )
    def test_other_conditions_stay_conditions(self, condition, evidence):
        source = f"""
        (define a (flip 0.2)) (define b (flip 0.3))
        (define d (multinomial '(1 2 3) '(0.2 0.5 0.3)))
        (condition {condition})
        (query a)
        """
        posterior = self.posterior(source)
        assert posterior.worlds.kept < 20_000
        assert abs(posterior.evidence.log - math.log(evidence)) < 4.5 * posterior.evidence.error

    def test_a_draw_that_is_set_twice_differently_is_impossible(self):
        source = (
            "(define d (random-integer 3)) (condition (= d 1)) (condition (= (* 2 d) 4)) (query d)"
        )
        with pytest.raises(ImpossibleEvidence):
            self.posterior(source)

    def test_a_draw_whose_probability_is_drawn(self):
        """Observed through the weight, the answer is the conjugate one: Beta(1 + 7, 1 + 1)."""
        source = """
        (define p (uniform 0 1))
        (condition (equal? (repeat 8 (lambda () (flip p))) '(#t #t #t #f #t #t #t #t)))
        (query p)
        """
        posterior = self.posterior(source)
        assert posterior.worlds.kept == 20_000
        assert abs(posterior.mean.value - 8 / 10) < 5 * posterior.mean.standard_error
        assert abs(posterior.evidence.log + math.log(72)) < 4.5 * posterior.evidence.error
        assert not np.isnan(posterior.mean.standard_error)
