"""The engine that is chosen can be trusted, and the reason is told."""

import math

import jax
import pytest
from scipy import stats

from inference import SMC, Auto, Exact, Importance
from inference.exact import TooManyStates
from plot.world import World

KEY = jax.random.key(0)


def asked(source: str, query: str):
    return World.from_source(source).ask(query)


CASES = {
    "finite": (
        "(define a (flip 0.2)) (define b (flip 0.5)) (condition (or a b))",
        "a",
        Exact,
        1 / 3,
    ),
    "easy": ("(define x (gaussian 0 1)) (condition (> x 0))", "(> x 1)", Importance, 0.3173),
    "hard": ("(define x (gaussian 0 1)) (condition (> x 4))", "(> x 4.2)", SMC, None),
    "many": (
        "(define xs (repeat 40 (lambda () (random-integer 10)))) (condition (> (sum xs) 250))",
        "(> (sum xs) 255)",
        None,
        None,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_right_and_the_reason_is_told(name):
    source, query, engine, wanted = CASES[name]
    question = asked(source, query)
    choice = Auto(worlds=20_000).choose(KEY, question)
    if engine is not None:
        assert isinstance(choice.engine, engine), choice.why
    answer = Auto(worlds=20_000).infer(KEY, question)
    assert any(note.startswith("engine chosen: ") for note in answer.notes)
    if name == "hard":
        wanted = stats.norm.sf(4.2) / stats.norm.sf(4)
    if wanted is not None:
        found = answer.probability(True)
        assert abs(found.value - wanted) <= 4.5 * found.standard_error + 1e-4


FEW_STATES = Exact(most_operations=1, most_states=300)  # where tables are too much, and most states
TOWER = """
(define xs (repeat 9 (lambda () (random-integer 10))))
(condition (> (sum (rest (rest xs))) 61))
"""


def test_improbable_evidence_is_worth_a_larger_sum():
    """Nine digits, of which seven add up to 62 or 63: 8 worlds in 10^7, and few joint states."""
    auto = Auto(exact=FEW_STATES, patient=Exact(most_operations=1), worlds=2000)
    answer = auto.infer(KEY, asked(TOWER, "(list (first xs) (second xs))"))
    assert answer.method.startswith("exact") and math.isclose(answer.evidence.log, math.log(8e-7))
    assert any("few enough joint states" in note for note in answer.notes)


def test_a_larger_sum_goes_on_where_the_small_one_stopped():
    auto = Auto(exact=FEW_STATES, patient=Exact(most_operations=1), worlds=2000)
    made: list[int] = []
    question = asked(TOWER, "(first xs)")
    auto.infer(KEY, question, made.append)
    alone: list[int] = []
    auto.patient.infer(KEY, question, alone.append)
    assert made == alone and made[-1] > 300


def test_larger_limits_are_asked_for_once():
    asked_with = []

    def larger(error):
        asked_with.append(error.message)
        return Exact(most_states=400)

    engine = Exact(most_operations=1, most_states=300, larger=larger)
    with pytest.raises(TooManyStates, match="400 are allowed"):
        engine.infer(KEY, asked(TOWER, "(first xs)"))
    (message,) = asked_with
    assert "300 are allowed" in message


def test_a_larger_sum_that_is_too_large_is_told():
    auto = Auto(exact=FEW_STATES, patient=FEW_STATES, worlds=2000)
    source = "(define xs (repeat 12 (lambda () (random-integer 10)))) (condition (> (sum xs) 92))"
    answer = auto.infer(KEY, asked(source, "(first xs)"))
    assert answer.method.startswith("sequential"), answer.method
    assert any("larger sum was tried" in note for note in answer.notes)


def test_probable_evidence_is_not():
    auto = Auto(exact=FEW_STATES, worlds=2000, patient=Exact(most_operations=1))
    source = "(define xs (repeat 6 (lambda () (random-integer 10)))) (condition (> (first xs) 1))"
    assert "importance" in auto.infer(KEY, asked(source, "(sum xs)")).method


def test_draws_in_a_loop_are_drawn_from_the_prior():
    source = "(define (walk n) (if (flip 0.05) n (walk (+ n 1)))) (define n (walk 0)) (condition (> n 90))"
    choice = Auto(worlds=10_000).choose(KEY, asked(source, "n"))
    assert isinstance(choice.engine, Importance) and choice.engine.worlds > 10_000
    assert "loop" in choice.why


def test_any_engine_can_be_given_in_its_place():
    question = asked("(define a (flip 0.2)) (condition a)", "a")
    assert Importance(worlds=1000).infer(KEY, question).method == "importance weighting"
    assert math.isclose(Exact().infer(KEY, question).evidence.log, math.log(0.2))
