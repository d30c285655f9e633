"""The experiment about lunch: exact sums, sentences that are misread, figures that say so."""

import jax
import numpy as np
import pytest

from experiments.lunch import converse, read_line, reason, record
from experiments.lunch.dialogue import episodes
from experiments.lunch.exact import EITHER, destinations
from experiments.lunch.minds import Mind, follows_to_pizza, goals
from inference import Importance
from inference.tokens import SmcOptions
from models.conversation import BestReading, Conversation
from models.meaning.translate import Meaning, MeaningOptions
from models.worlds import load
from models.worlds.lunch.goals import Law, goal_chances
from tests.models.meaning.scripted import ScriptedModel

KEY = jax.random.key(7)
SUSHI = "(condition (> (liking 'alex 'sushi) 10))"


class Run:
    """What an experiment records."""

    def __init__(self):
        self.figures = {}

    def figure(self, name, value, error, **more):
        self.figures[name] = (value, error, more)


def meaning(fragment):
    options = MeaningOptions(smc=SmcOptions(particles=4))
    return Meaning(ScriptedModel({fragment: 1.0}), load("lunch").vocabulary, options)


def test_chances_of_all_that_can_be_sum_to_one():
    joint = destinations((EITHER,) * 3, (None, True, None), None)
    assert len(joint) == 4
    assert np.sum(list(joint.values())) == pytest.approx(1)


def test_people_who_do_not_know_what_is_open_by_quadrature_and_by_worlds():
    knows = Mind((Law(True),), 1.0)
    known = goals([knows] * 3, bike=False)
    assert known == pytest.approx(goal_chances([Law(True)] * 3, [True] * 3, False), abs=1e-5)
    assert goals([Mind()] * 3).sum() == pytest.approx(1, abs=1e-6)
    world = load("lunch")
    for statement in ("(not (informed? 'bob))", "(not (saw? 'bob 'alex))", "(> (liking 'bob 'pizza) 0)"):  # fmt: skip
        world = world.tell(f"(condition {statement})")
    found = Importance(30_000).infer(KEY, world.ask("(goes-to? 'bob 'pizza)")).probability(True)
    assert abs(found.value - follows_to_pizza(False)) < 4.5 * found.standard_error


def test_a_sentence_that_is_read_otherwise_is_told_as_it_is_meant_and_said_to_be():
    right = read_line(meaning(SUSHI), KEY, "Alex loves sushi.", SUSHI)
    wrong = read_line(
        meaning("(condition (> (liking 'alex 'sushi) 0))"), KEY, "Alex loves sushi.", SUSHI
    )
    assert right.right and not wrong.right
    assert wrong.readings.best.text == SUSHI
    assert "was read as (condition (> (liking 'alex 'sushi) 0))" in reason([wrong])


def test_figures_say_what_they_were_computed_from():
    episode = episodes()[3]  # C: a walk was seen
    read = [
        read_line(meaning(fragment if i else SUSHI), KEY, sentence, fragment)
        for i, (sentence, fragment) in enumerate((*episode.told, episode.asked))
    ]
    talk = Conversation(
        load("lunch"), meaning(SUSHI), KEY, Importance(10_000), BestReading(), name="lunch"
    )
    answer, run = converse(talk, episode, read), Run()
    record(run, answer)
    value, error, more = run.figures["p_alex_goes_to_sushi_given_bikes_east"]
    assert abs(value - more["exact"]) < 4.5 * error
    assert more["computed_from"] == "intended expressions"
    assert "`Alex knows which places are open.` was read as" in more["note"]
