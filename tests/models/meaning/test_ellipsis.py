"""Sentences that say only what is new."""

import pytest

from models.meaning.ellipsis import filled, without_addition

NAMES = ["tom", "mary", "sue", "red", "blue"]


@pytest.mark.parametrize(
    ("sentence", "before", "said"),
    [
        ("And Mary?", "How strong is Tom?", "How strong is Mary?"),
        ("What about Sue?", "Is Tom stronger than Mary?", "Is Sue stronger than Mary?"),
        ("And mary", "Who beat Tom?", "Who beat Mary?"),
        ("And the blue one?", "How heavy is the red ball?", "How heavy is the blue ball?"),
        ("How about the weather?", "How strong is Tom?", "How about the weather?"),
        ("And Tom?", "How strong is Tom?", "And Tom?"),
        ("And Mary?", "Who is the strongest?", "And Mary?"),
        # After a question, a statement is no echo of it.
        ("Mary is too.", "Is Tom strong?", "Mary is too."),
    ],
)
def test_after_a_question(sentence, before, said):
    assert filled(sentence, NAMES, before, True) == said


@pytest.mark.parametrize(
    ("sentence", "before", "said"),
    [
        ("So did Mary.", "Tom beat John.", "Mary beat John."),
        ("Mary too.", "Tom is very strong.", "Mary is very strong."),
        ("And Mary is, too!", "Tom is very strong.", "Mary is very strong."),
        ("Also Sue.", "Tom is very strong.", "Sue is very strong."),
        ("Mary isn't either.", "Tom isn't strong.", "Mary isn't strong."),
        ("Neither is Mary.", "Tom is not strong.", "Mary is not strong."),
        ("But Mary isn't.", "Tom is strong.", "It is not true that Mary is strong."),
        ("Neither does Mary.", "Tom owns a bike.", "It is not true that Mary owns a bike."),
        ("Mary is strong too.", "Tom is strong.", "Mary is strong too."),
        ("Zoe too.", "Tom is strong.", "Zoe too."),
        ("Mary's too.", "Tom's bike is fast.", "Mary's too."),
        ("So what?", "Tom is strong.", "So what?"),
    ],
)
def test_after_a_statement(sentence, before, said):
    assert filled(sentence, NAMES, before, False) == said


def test_at_the_start_nothing_is_filled_in():
    assert filled("Mary too.", NAMES, None, False) == "Mary too."


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Mary didn't win, either.", "Mary didn't win."),
        ("Mary is strong as well", "Mary is strong"),
        ("Is Mary also strong?", "Is Mary strong?"),
        ("Tom plays as well as Mary.", "Tom plays as well as Mary."),
        ("Too!", "Too!"),
    ],
)
def test_words_of_addition(sentence, said):
    assert without_addition(sentence) == said
