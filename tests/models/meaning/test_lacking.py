"""Words that a world lacks."""

import jax
import pytest

from models.meaning.lacking import lacking, proposal
from models.meaning.translate import NotUnderstood
from models.worlds import load
from tests.models.meaning.test_translate import BEAT, scripted

TUG, LUNCH = load("tug_of_war").vocabulary, load("lunch").vocabulary


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("Tom is a marathoner.", ("marathoner",)),
        ("Kofi isn't a blicket, is he?", ("blicket",)),
        ("Tom isn't strong, and John beat Mary.", ()),
        ("The sushis are open.", ()),
        ("", ()),
    ],
)
def test_words(sentence, words):
    assert lacking(sentence, LUNCH if "sushi" in sentence else TUG) == words


def test_only_what_something_is_said_to_be_is_proposed():
    assert "`Call someone an ogre if …`" in (proposal("Is Tom an ogre?", TUG) or "")
    assert "`Call someone an ogre if …`" in (proposal("Tom is an ogre.", TUG) or "")
    assert proposal("Tom somersaulted.", TUG) is None
    assert proposal("Tom is strong.", TUG) is None


def test_a_refusal_says_how_to_define_it():
    with pytest.raises(NotUnderstood, match="Call someone a marathoner if"):
        scripted({"(unclear)": 0.95, BEAT: 0.05}).translate(
            jax.random.key(0), "Tom is a marathoner."
        )
