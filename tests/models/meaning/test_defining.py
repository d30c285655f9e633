"""Words that get their meaning from a sentence."""

import pytest

from models.meaning.corpus.tugofwar import shipped
from models.meaning.defining import Definition, definition
from models.meaning.translate import Kind, NotUnderstood, Reading, Readings
from plot.errors import PlotError
from plot.reader import read_one
from plot.vocabulary import Entities, Vocabulary

PEOPLE = Entities("person", "people", ("tom", "mary", "john", "sue"), True)
THINGS = Entities("object", "objects", ("red", "blue"), False)
WORLD = Vocabulary((), (PEOPLE,))


@pytest.mark.parametrize(
    ("sentence", "word", "said"),
    [
        ("A giant is someone who is stronger than 80.", "giant", "Tom is stronger than 80."),
        ("An ogre is a person whose strength is above 90", "ogre", "Tom's strength is above 90."),
        ('"Giant" means someone who beat Tom.', "giant", "Mary beat Tom."),
        ("A *marathoner* is somebody that is never lazy.", "marathoner", "Tom is never lazy."),
        ("A biker is someone with a bike.", "biker", "Tom has a bike."),
        ("Call someone a giant if they are stronger than Tom.", "giant", "Mary is stronger than Tom."),
        ("Let's call people giants if they beat Tom.", "giants", "Mary beat Tom."),
        ("We call somebody a foodie if they like sushi.", "foodie", "Tom likes sushi."),
        ("Call a person a giant when their strength is above 70.", "giant", "Tom's strength is above 70."),
        ("Someone counts as a giant if he or she has beaten Mary.", "giant", "Tom has beaten Mary."),
        ("By a giant I mean someone who is very strong.", "giant", "Tom is very strong."),
        ("Define giant as someone who is very strong.", "giant", "Tom is very strong."),
        ("A loser is someone that Tom beat.", "loser", "Tom beat Mary."),
        ("A fan is someone who loves their bike.", "fan", "Tom loves Tom's bike."),
        ("Call someone a rival of somebody else if they beat them.", "rival", "Tom beat Mary."),
        ("Call someone a rival of another person if the first is stronger than the other one.",
         "rival", "Tom is stronger than Mary."),
    ],
)  # fmt: skip
def test_forms(sentence, word, said):
    found = definition(sentence, WORLD)
    assert found is not None
    assert (found.name, found.sentence) == (word, said)


@pytest.mark.parametrize(
    "sentence",
    [
        "Tom is someone who is very strong.",
        "Tom beat John.",
        "Is a giant someone who is stronger than 80?",
        "Someone is lazy if they are not strong.",
        "Who is someone that Tom beat?",
        "",
    ],
)
def test_what_is_no_definition(sentence):
    assert definition(sentence, WORLD) is None


def test_things_of_another_sort():
    found = definition("Call an object a tank if it is heavier than 4.", Vocabulary((), (THINGS,)))
    assert found is not None and found.sentence == "the red object is heavier than 4."
    assert found.sorts == ("object",)


def test_a_word_that_has_a_meaning_keeps_it():
    with pytest.raises(PlotError, match="has a meaning in this world already"):
        definition("A person is someone who is strong.", shipped())
    with pytest.raises(PlotError, match="is the name of somebody"):
        definition("Call someone a tom if they are strong.", WORLD)


def test_one_name_must_be_left_over():
    closed = Vocabulary((), (Entities("person", "people", ("tom", "mary"), False),))
    with pytest.raises(PlotError, match="one must be left"):
        definition("A giant is someone who beat Tom and Mary.", closed)


def read(*texts: str) -> Readings:
    kinds = [Kind.QUESTION if t.startswith("(query") else Kind.STATEMENT for t in texts]
    shares = [0.5, 0.3, 0.2]
    found = (Reading(k, read_one(t), t, p) for k, t, p in zip(kinds, texts, shares, strict=False))
    return Readings("s", tuple(found), 0.0, 0.0, 0.0)


GIANT = Definition(
    "giant", "giant", ("person",), ("tom",), "Tom is strong.", "someone who is strong"
)


class TestReading:
    def test_a_variable_takes_the_place_of_the_name_also_in_lists(self):
        found = GIANT.read_from(
            read("(condition (> (strength 'tom) 75))", "(condition (won-against '(tom) '(sue)))")
        )
        assert [r.text for r in found.readings] == [
            "(define (giant x) (> (strength x) 75))",
            "(define (giant x) (won-against (list x) '(sue)))",
        ]
        assert sum(r.probability for r in found.readings) == pytest.approx(1)
        assert found.defines is GIANT

    def test_variables_of_the_body_are_not_caught(self):
        found = GIANT.read_from(
            read("(condition (all (lambda (x) (>= (strength 'tom) (strength x))) people))")
        )
        assert found.best.text == (
            "(define (giant y) (all (lambda (x) (>= (strength y) (strength x))) people))"
        )

    def test_questions_and_what_leaves_the_name_out_define_nothing(self):
        texts = ("(query (strength 'tom))", "(condition (> (strength 'sue) 75))")
        with pytest.raises(NotUnderstood, match="makes a giant"):
            GIANT.read_from(read(*texts))
        found = GIANT.read_from(read(*texts, "(condition (> (strength 'tom) 80))"))
        assert len(found.readings) == 1 and found.best.probability == 1
