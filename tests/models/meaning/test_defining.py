"""Words that get their meaning from a sentence."""

from dataclasses import replace

import pytest

from models.meaning.corpus.tugofwar import shipped
from models.meaning.defining import Definition, definition
from models.meaning.translate import Kind, NotUnderstood, Reading, Readings
from models.worlds import load
from plot.errors import PlotError
from plot.reader import read_one
from plot.vocabulary import Entities, Vocabulary

PEOPLE = Entities("person", "people", ("tom", "mary", "john", "sue"), True)
THINGS = Entities("object", "objects", ("red", "blue"), False)
WORLD = Vocabulary((), (PEOPLE,))
PULLERS = load("tug_of_war").vocabulary
LUNCH = load("lunch").vocabulary


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


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Call a person's clout their strength minus their laziness.",
         "What is Tom's strength minus Tom's laziness?"),
        ("Let's call someone's clout twice their strength.", "What is twice Tom's strength?"),
        ("A person's clout is their strength minus laziness.",
         "What is Tom's strength minus Tom's laziness?"),
        ("The clout of a person is strength divided by 2.", "What is Tom's strength divided by 2?"),
        ("By clout we mean strength times 3.", "What is Tom's strength times 3?"),
        ("Define clout as 100 minus laziness.", "What is 100 minus Tom's laziness?"),
        ("Define someone's clout as how strong they are.", "How strong is Tom?"),
        ("Call someone's clout how many people they beat.", "How many people does Tom beat?"),
        ("Clout means their strength plus Tom's.", "What is John's strength plus Tom's?"),
    ],
)  # fmt: skip
def test_words_for_numbers(sentence, said):
    found = definition(sentence, PULLERS)
    assert found is not None
    assert (found.name, found.sentence, found.result) == ("clout", said, "asked")


@pytest.mark.parametrize(
    "sentence",
    [
        "Someone's strength is above 80.",
        "A person's strength is twice their laziness.",
        "Somebody's brother is Tom.",
        "Define the winner as Tom.",
        "Everyone's favourite is Tom.",
    ],
)
def test_what_is_no_definition_of_a_number(sentence):
    assert definition(sentence, PULLERS) is None


def test_a_number_that_has_a_meaning_keeps_it():
    with pytest.raises(PlotError, match="has a meaning in this world already"):
        definition("Call a person's strength twice their laziness.", PULLERS)


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


class TestReadingNumbers:
    clout = Definition("clout", "clout", ("person",), ("tom",), "?", "", "asked")

    def test_the_type_is_that_of_the_first_reading_that_has_one(self):
        found = self.clout.read_from(
            read(
                "(query (- (strength 'tom) (laziness 'tom)))",
                "(query (> (strength 'tom) 3))",
                "(query (strength 'tom))",
            ),
            PULLERS,
        )
        assert [r.text for r in found.readings] == [
            "(define (clout x) (- (strength x) (laziness x)))",
            "(define (clout x) (strength x))",
        ]
        assert found.defines is not None and found.defines.result == "number"
        assert str(found.defines.entry.type) == "(-> person number)"

    def test_a_word_may_stand_for_a_thing(self):
        haunt = replace(self.clout, places=("alex",))
        text = "(query (argmax (lambda (x) (liking 'alex x)) places))"
        found = haunt.read_from(read(text), LUNCH)
        assert found.defines is not None and str(found.defines.entry.type) == "(-> person place)"

    def test_plain_arithmetic_needs_no_reading(self):
        found = definition("Call someone's clout twice their strength plus laziness.", PULLERS)
        assert (
            found is not None and found.plain == "(query (+ (* 2 (strength 'tom)) (laziness 'tom)))"
        )
        [reading] = found.plainly(PULLERS).readings
        assert reading.text == "(define (clout x) (+ (* 2 (strength x)) (laziness x)))"
        vague = definition("Call someone's clout how strong they are.", PULLERS)
        assert vague is not None and vague.plain is None

    def test_statements_are_no_number(self):
        with pytest.raises(NotUnderstood, match="makes a clout"):
            self.clout.read_from(read("(condition (> (strength 'tom) 75))"), PULLERS)
