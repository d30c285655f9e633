"""Sentences that cannot be true or be read, in conversations: a clear refusal, and all as it was.

Readings are given, so that the tests are about what is said of the world and not about translation.
"""

import jax
import numpy as np
import pytest
from matplotlib.image import imsave
from PIL import Image

from inference.tokens.mentions import UnknownName
from models.conversation import Conversation
from models.meaning.translate import Kind, Meaning, NotUnderstood, Reading, Readings
from models.worlds import load
from models.worlds.kinship.refusing import check
from models.worlds.lunch.seen import WalkError, saw_walk
from models.worlds.scenes.pictures import PictureError
from plot.errors import ImpossibleEvidence, PlotError
from plot.reader import read_one
from tests.models.meaning.scripted import ScriptedModel

KEY = jax.random.key(6)


def conversation(name):
    """A conversation whose translator is not asked."""
    world = load(name)
    return Conversation(world, Meaning(ScriptedModel({"(unclear)": 1.0}), world.vocabulary), KEY, name=name)  # fmt: skip


def said(fragment):
    """A statement's one reading."""
    tree = read_one(fragment)
    return Readings(fragment, (Reading(Kind.STATEMENT, tree, fragment, 1.0),), 0.0, 0.0, 0.0)


def refused(talk, sentence, fragment, *named):
    """Say what cannot be; the error names the sentences, and the conversation is as it was."""
    before = list(talk.turns), talk.world
    with pytest.raises(ImpossibleEvidence) as caught:
        talk.read_as(sentence, said(fragment))
    message = str(caught.value)
    for text in (sentence, *named):
        assert f"`{text}`" in message
    assert (list(talk.turns), talk.world) == before
    return message


@pytest.mark.parametrize(
    ("name", "first", "other", "second"),
    [
        ("collisions", "(condition (block? 'red))", "(condition (> (mass 'red) 2))", "(condition (ball? 'blue))"),
        ("collisions", "(condition (not (moves? 'red)))", "(condition (> (mass 'blue) 2))", "(condition (hits? 'red 'blue))"),
        ("kinship", "(condition (grandparent 'avery 'blake))", "(condition (female 'dana))", "(condition (parent 'blake 'charlie))"),
        ("scenes", "(condition (every (things '(mug)) (things '(blue))))", "(condition (exists (things '(box))))", "(condition (exists (things '(red mug))))"),
    ],
)  # fmt: skip
def test_a_contradiction_names_the_sentence_in_conflict_and_no_other(name, first, other, second):
    talk = conversation(name)
    talk.read_as("the other", said(other))
    talk.read_as("the first", said(first))
    message = refused(talk, "the second", second, "the first")
    assert "the other" not in message
    assert talk.undo().sentence == "the first"  # and without it, it can be said
    talk.read_as("the second", said(second))


@pytest.mark.parametrize(
    ("name", "fragment"),
    [
        ("collisions", "(condition (hits? 'blue 'red))"),
        ("collisions", "(condition (> (distance 'blue) 1.6))"),  # through the wall
        ("kinship", "(condition (parent 'avery 'avery))"),
        ("kinship", "(condition (and (parent 'avery 'blake) (parent 'blake 'avery)))"),
        ("kinship", "(condition (> family-size 26))"),
        ("scenes", "(condition (> (number-of everything) 12))"),
    ],
)  # fmt: skip
def test_what_no_world_can_be_is_refused_on_its_own(name, fragment):
    talk = conversation(name)
    message = refused(talk, "what cannot be", fragment)
    assert "together" not in message.split("satisfies")[0]
    assert f"it was read as `{talk.speaker.say(fragment)}`; it was not added" in message


@pytest.mark.parametrize(
    ("name", "sentence", "says"),
    [
        ("collisions", "The green ball hits the blue ball.", "nothing in this world is green"),
        ("scenes", "There is a purple mug.", "nothing in this world is purple"),
    ],
)
def test_things_and_people_that_do_not_exist(name, sentence, says):
    talk = conversation(name)
    with pytest.raises(UnknownName, match=says) as caught:
        talk.say(sentence)
    assert "known" in str(caught.value.hint)
    assert talk.turns == []


@pytest.mark.parametrize(
    ("name", "fragment", "says"),
    [
        ("collisions", "(condition (ball? 'green))", "green"),
        ("kinship", "(condition (sister 'edgar 'avery))", "edgar"),
        ("scenes", "(condition (exists (things '(fork))))", "fork"),
        ("lunch", "(condition (open? 'thai))", "thai"),
    ],
)
def test_a_reading_that_names_what_does_not_exist(name, fragment, says):
    talk = conversation(name)
    with pytest.raises(PlotError, match=says):
        talk.read_as("a sentence", said(fragment))
    assert talk.turns == []


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (np.zeros((20, 20, 3)), "this is 20 x 20 x 3"),
        (np.zeros((34, 62)), r"this is 34 x 62\b(?! x)"),
        (np.tile([1, 1, 1, 0.5], (34, 62, 1)), "leave out the fourth channel"),
        (None, "is no image, or a damaged one"),
    ],
)
def test_a_picture_that_is_none(wrong, says, tmp_path):
    talk, file = conversation("scenes"), tmp_path / "table.png"
    if wrong is None:
        file.write_text("a table with a mug on it")
    else:
        imsave(file, wrong) if wrong.ndim == 3 else Image.fromarray(wrong.astype(np.uint8)).save(
            file
        )
    talk.read_as("the first", said("(condition (exists (things '(mug))))"))
    before = talk.engine, talk.world, list(talk.turns)
    with pytest.raises((PictureError, OSError), match=says):
        talk.look(file)
    assert (talk.engine, talk.world, talk.turns) == before and not talk.looked


def test_a_picture_of_another_world_and_one_that_is_there(tmp_path):
    file = tmp_path / "table.png"
    imsave(file, np.full((34, 62, 3), 0.8))
    with pytest.raises(PlotError, match="a picture says nothing about lunch"):
        conversation("lunch").look(file)
    talk = conversation("scenes")
    talk.look(file)
    assert talk.looked and talk.engine.picture.shape == (34, 62, 3)
    with pytest.raises(FileNotFoundError):
        talk.look(tmp_path / "none.png")


@pytest.mark.parametrize(("name", "fragment"), [("collisions", "(condition (hits? 'blue 'red))"), ("scenes", "(condition (> (number-of everything) 12))")])  # fmt: skip
def test_what_no_world_can_be_is_blamed_on_no_earlier_sentence(name, fragment):
    first = {"collisions": "(condition (ball? 'red))", "scenes": "(condition (exists (things '(mug))))"}[name]  # fmt: skip
    talk = conversation(name)
    talk.read_as("the first", said(first))
    message = refused(talk, "what cannot be", fragment)
    assert "`what cannot be` cannot be true: " in message and "the first" not in message


def doubtful(best, other, share):
    """Two readings of a statement, the first with a share of the probability."""
    readings = tuple(
        Reading(Kind.STATEMENT, read_one(text), text, p)
        for text, p in ((best, share), (other, 1 - share))
    )
    return Readings("the second", readings, 0.0, 0.0, 0.0)


def test_a_sentence_whose_likeliest_reading_contradicts_is_not_taken_for_something_unlikely():
    talk = conversation("kinship")
    talk.read_as("Blake is Avery's sister.", said("(condition (sister 'blake 'avery))"))
    world, turns = talk.world, list(talk.turns)
    brother, sibling = "(condition (brother 'blake 'avery))", "(condition (sibling 'blake 'avery))"
    with pytest.raises(
        ImpossibleEvidence, match=r"together with `Blake is Avery's sister\.`"
    ) as error:
        talk.read_as("the second", doubtful(brother, sibling, 0.9))
    assert "Blake is a sibling of Avery" in str(error.value.hint)
    assert (talk.world, talk.turns) == (world, turns)
    # Where both are about as probable, what was said tells which of them is meant.
    assert len(talk.read_as("the second", doubtful(sibling, brother, 0.55)).used) == 2


@pytest.mark.parametrize(
    ("name", "sentence", "fragment", "amount"),
    [
        ("scenes", "There are twenty mugs.", "(condition (= (number-of (things '(mug))) 2))", "twenty"),
        ("scenes", "There are minus three plates.", "(condition (<= (number-of (things '(plate))) 3))", "minus three"),
        ("kinship", "Avery has 30 children.", "(condition (= (how-many (lambda (x) (child x 'avery))) 3))", "30"),
    ],
)  # fmt: skip
def test_an_amount_that_is_not_read_is_not_passed_over(name, sentence, fragment, amount):
    world = load(name)
    talk = Conversation(world, Meaning(ScriptedModel({fragment: 1.0}), world.vocabulary), KEY, name=name)  # fmt: skip
    with pytest.raises(NotUnderstood, match=f"this says `{amount}`"):
        talk.say(sentence)
    assert talk.turns == [] and talk.world.told == ()


def test_a_sentence_about_a_walk_through_a_wall():
    talk = conversation("lunch")
    with pytest.raises(WalkError, match=r"`Alex walks through the library\.` cannot be true"):
        talk.say("Alex walks through the library.")
    assert talk.turns == [] and talk.world.told == ()


@pytest.mark.parametrize("name", ["collisions", "plane"])
def test_a_way_through_a_wall(name):
    talk = conversation(name)
    with pytest.raises(ImpossibleEvidence, match="nothing gets through the wall"):
        talk.say("The red ball flew straight through the wall.")
    assert talk.turns == [] and talk.world.told == ()
    with pytest.raises(
        NotUnderstood
    ):  # by a translator who reads nothing: it is let through to him
        talk.say("The red ball was sent into the wall.")


def test_nobody_is_a_relative_of_their_own():
    talk = conversation("kinship")
    for sentence, what in (
        ("Avery is Avery's mother.", "mother"),
        ("Dana is the step-son of Dana", "step-son"),
        ("Blake is married to Blake.", "husband or wife"),
    ):
        with pytest.raises(ImpossibleEvidence, match=f"`{sentence}` .* nobody is their own {what}"):
            talk.say(sentence)
    assert talk.turns == [] and talk.world.told == ()
    for sentence in (
        "Ann is Anna's mother.",
        "Is Avery Avery's mother?",
        "Avery is not Avery's aunt.",
    ):
        check(sentence)


def test_an_interrupt_in_the_middle_of_an_answer_costs_nothing():
    class Interrupted:
        def infer(self, key, question, progress=None):
            raise KeyboardInterrupt

    talk = conversation("scenes")
    talk.read_as("the first", said("(condition (exists (things '(mug))))"))
    before, engine = (list(talk.turns), talk.world), talk.engine
    query = "(query (number-of everything))"
    asked = Readings("how many", (Reading(Kind.QUESTION, read_one(query), query, 1.0),), 0.0, 0.0, 0.0)  # fmt: skip
    talk.engine = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        talk.read_as("how many", asked)
    assert (list(talk.turns), talk.world) == before
    talk.engine = engine
    assert talk.read_as("how many", asked).posterior is not None


def test_a_walk_through_a_wall():
    talk = conversation("lunch")
    with pytest.raises(WalkError, match="through a wall: in row 1, column 2 stands the library"):
        saw_walk(talk.world, "alex", [(1, 0), (1, 1), (1, 2), (1, 3)])
    assert talk.world.told == ()
