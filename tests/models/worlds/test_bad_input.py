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
from models.meaning.translate import Kind, Meaning, Reading, Readings
from models.worlds import load
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


def test_a_walk_through_a_wall():
    talk = conversation("lunch")
    with pytest.raises(WalkError, match="through a wall: in row 1, column 2 stands the library"):
        saw_walk(talk.world, "alex", [(1, 0), (1, 1), (1, 2), (1, 3)])
    assert talk.world.told == ()
