"""Expressions and answers as English sentences."""

from pathlib import Path

import jax
import pytest

from inference import Exact, Importance
from models.meaning.hedges import HEDGES, hedge
from models.meaning.saying import Speaker
from models.worlds import available, load, phrases, sentences
from plot import run
from plot.world import World

DATA = Path(__file__).parents[2] / "data"


def speaker(name: str) -> Speaker:
    return Speaker(load(name).vocabulary, phrases(name))


@pytest.mark.parametrize(
    ("world", "expression", "said"),
    [
        ("tug_of_war", "(condition (won-against '(john mary) '(tom)))", "John and Mary beat Tom."),
        ("tug_of_war", "(condition (> (strength 'tom) 75))", "The strength of Tom is more than 75."),
        ("tug_of_war", "(query (strength 'mary))", "What is the strength of Mary?"),
        ("kinship", "(condition (sister 'blake 'avery))", "Blake is a sister of Avery."),
        ("kinship", "(condition (anyone (lambda (x) (sister x 'avery))))", "Somebody is a sister of Avery."),
        ("lunch", "(query (destination 'alex))", "Where Alex goes?"),
        ("lunch", "(condition (> (liking 'bob 'sushi) 0))", "How much Bob likes sushi is more than 0."),
        ("tug_of_war", "(condition (= (laziness 'tom) 1))", "The laziness of Tom is 1."),
        ("tug_of_war", "(condition #t)", "It is so."),
        ("lunch", "(condition (not (open? 'sushi)))", "It is not so that sushi is open."),
        ("collisions", "(condition (all (lambda (x) (ball? x)) objects))", "Each of the objects is a ball."),
    ],
)  # fmt: skip
def test_expressions(world, expression, said):
    assert speaker(world).say(expression) == said


@pytest.mark.parametrize("world", [w for w in available() if sentences(w)])
def test_all_that_is_said_of_a_world_can_be_said_back(world):
    speak = speaker(world)
    file = DATA / f"{world}_sentences.tsv"
    lines = file.read_text(encoding="utf-8").splitlines()
    golds = [line.split("\t")[1] for line in lines if "\t" in line]
    for expression in (*(e for _, e in sentences(world)), *golds):
        if expression == "(unclear)":
            continue
        said = speak.say(expression)
        assert not set("()'{}") & set(said.replace("'s", "")), (expression, said)
        assert "lambda" not in said and said[-1] in ".?"


def test_what_has_no_phrase_is_spoken_of_by_its_name():
    world = World.from_source(
        """(entities person people (ann)) (define (big-head? p) (flip 0.5))
        (declare big-head? (-> person boolean) "thinks much of themselves")"""
    )
    assert Speaker(world.vocabulary).say("(condition (big-head? 'ann))") == "Big head holds of Ann."


def test_hedges_follow_their_ranges():
    assert [hedge(p) for p in (1, 0.995, 0.92, 0.7, 0.5, 0.2, 0.05, 0.001, 0)] == [
        "certain",
        *(words for _, words in HEDGES),
        "impossible",
    ]
    for bad in (-0.1, 1.1, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            hedge(bad)


def test_answers_are_hedged_by_their_probability():
    world = World.from_source(
        "(define a (flip 0.93)) (define x (gaussian 50 1)) (define n (uniform-draw '(one two)))"
    )
    speak = Speaker(world.vocabulary, {"a": "it rains", "x": "the heat"})
    key = jax.random.key(0)
    ask = lambda q: Exact().infer(key, world.ask(q))  # noqa: E731
    assert (
        speak.answer("(query a)", ask("(query a)")) == "It is very likely (93.0 %) that it rains."
    )
    heat = Importance(20_000).infer(key, world.ask("(query x)"))
    assert speak.answer("(query x)", heat).startswith("The heat is about 50")
    assert speak.answer("(query n)", ask("(query n)")) == (
        "N: about as likely as not one (50.0 %); otherwise two 50.0 %."
    )


def test_lists_of_people_and_of_things_are_said():
    speak, of_things = speaker("kinship"), speaker("scenes")
    values = ["'()", "'(avery)", "'(avery dana other)", "'(blake other other)", "'(other)", "'(other other)"]  # fmt: skip
    assert [speak.value(run(v, key=jax.random.key(0))) for v in values] == [
        "nobody",
        "Avery",
        "Avery, Dana and 1 other",
        "Blake and 2 others",
        "1 person without a name",
        "2 people without a name",
    ]
    assert of_things.value(run("'()", key=jax.random.key(0))) == "nothing"
    assert of_things.value(run("'(red blue)", key=jax.random.key(0))) == "red and blue"
    assert (speak.value(True), speak.value(2)) == ("yes", "2")
