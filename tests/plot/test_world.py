"""Worlds that grow by statements, and stay as they were where one is refused."""

import jax
import pytest

from experiments.bench.compilations import counted
from inference import Importance, Rejection
from plot.backends import LaneMachine
from plot.errors import FormError, PlotError, TypeMismatch, UnboundError, Unsupported
from plot.world import World

SOURCE = """
(entities person people (tom john) open)
(define strength (mem (lambda (person) (gaussian 50 20))))
(declare strength (-> person number) "how strong a person is")
(define (beats a b) (> (+ (strength a) (gaussian 0 5)) (+ (strength b) (gaussian 0 5))))
(declare beats (-> person person boolean) "a beats b in a match")
"""


def answer(world: World, question: str, worlds: int = 20_000):
    return Importance(worlds=worlds).infer(jax.random.key(0), world.ask(question))


def test_telling_leaves_the_old_world_alone():
    world = World.from_source(SOURCE)
    told = world.tell("(condition (beats 'tom 'john))")
    assert (world.told, told.told) == ((), ("(condition (beats 'tom 'john))",))
    assert abs(answer(world, "(strength 'tom)").mean.value - 50) < 1
    assert answer(told, "(strength 'tom)").mean.value > 58
    # Going back and asking again gives the very same number.
    first = answer(told, "(strength 'tom)").mean
    world.tell("(condition (beats 'john 'tom))")
    assert answer(told, "(strength 'tom)").mean == first


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("(condition (beats 'tom))", PlotError),
        ("(condition (beats '(tom) 'john))", TypeMismatch),
        ("(condition (strong 'tom))", UnboundError),
        ("(strength 'tom)", FormError),
        ("(condition (beats 'tom 'john)", PlotError),
        ("(condition (> (/ 1 0) 2))", PlotError),
        ("(define broken (first '()))", PlotError),
    ],
)
def test_a_refused_statement_costs_nothing(statement, error):
    world = World.from_source(SOURCE).tell("(condition (beats 'tom 'john))")
    before = answer(world, "(strength 'tom)", 2000).mean
    with pytest.raises(error):
        world.tell(statement)
    assert answer(world, "(strength 'tom)", 2000).mean == before
    assert len(world.told) == 1


def test_new_names_join_an_open_world():
    world = World.from_source(SOURCE)
    later = world.tell("(condition (beats 'ann 'tom))")
    assert later.vocabulary.entities[0].names == ("tom", "john", "ann")
    assert answer(later, "(length people)").table[0].value == 3
    assert answer(world, "(length people)").table[0].value == 2


def test_a_closed_world_takes_no_new_names():
    world = World.from_source(SOURCE.replace(" open)", ")"))
    with pytest.raises(PlotError, match="ann"):
        world.tell("(condition (beats 'ann 'tom))")


def test_definitions_extend_the_world():
    world = World.from_source(SOURCE).tell("(define (strong? p) (> (strength p) 70))")
    p = answer(world.tell("(condition (strong? 'tom))"), "(strength 'tom)")
    assert p.quantile(0.001) > 70
    with pytest.raises(PlotError):
        world.tell("(condition (strong? 'tom 'john))")


def test_a_new_sentence_in_a_warm_conversation_compiles_nothing():
    machine = LaneMachine()
    world = World.from_source(SOURCE).tell("(condition (beats 'tom 'john))")
    engine = Importance(worlds=100_000, backend=machine)
    engine.infer(jax.random.key(0), world.ask("(strength 'tom)"))
    with counted() as counter:
        told = world.tell(
            "(condition (or (beats 'john 'ann) (> (strength 'ann) (* 1.2 (strength 'tom)))))"
        )
        engine.infer(jax.random.key(0), told.ask("(argmax strength people)"))
        told = told.tell("(condition (not (beats 'tom 'ann)))")
        engine.infer(jax.random.key(0), told.ask("(> (strength 'ann) 60)"))
    assert counter.count == 0


def test_rejection_and_importance_agree():
    world = World.from_source(SOURCE).tell("(condition (beats 'tom 'john))")
    question = world.ask("(strength 'tom)")
    a = Importance(worlds=100_000).infer(jax.random.key(1), question)
    b = Rejection(accepted=20_000).infer(jax.random.key(2), question)
    spread = (a.mean.standard_error**2 + b.mean.standard_error**2) ** 0.5
    assert abs(a.mean.value - b.mean.value) < 5 * spread
    assert b.worlds.kept >= 20_000 and b.method == "rejection"


def test_rejection_refuses_evidence_by_degree():
    world = World.from_source(SOURCE).tell("(factor (/ (strength 'tom) 10))")
    with pytest.raises(Unsupported, match="Importance"):
        Rejection().infer(jax.random.key(0), world.ask("(strength 'tom)"))


def test_few_worlds_are_called_rough():
    world = World.from_source(SOURCE).tell("(condition (> (strength 'tom) 90))")
    assert "rough" in str(answer(world, "(strength 'tom)", 500))


def test_impossible_options_are_refused():
    with pytest.raises(ValueError, match="at least one world"):
        Importance(worlds=0)
