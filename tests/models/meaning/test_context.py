"""Words that point back to names."""

import pytest

from models.meaning.context import resolve
from models.meaning.given_names import FEMALE, MALE

NAMES = ["alex", "bob", "cara", "tom", "mary", "sue"]


@pytest.mark.parametrize(
    ("sentence", "before", "said"),
    [
        ("He likes pizza.", ["bob", "alex"], "Bob likes pizza."),
        ("Does she have a bike?", ["cara"], "Does Cara have a bike?"),
        ("Alex saw where he went.", ["bob"], "Alex saw where Alex went."),
        ("We saw her walk.", ["cara"], "We saw Cara walk."),
        ("Is her bike fast?", ["cara"], "Is Cara's bike fast?"),
        ("His bike is gone.", ["bob"], "Bob's bike is gone."),
        ("Cara's brother thinks that she is in.", [], "Cara's brother thinks that Cara is in."),
        ("The other one goes to sushi.", ["bob", "alex"], "Alex goes to sushi."),
        ("Bob is in, the other one is not.", ["alex"], "Bob is in, Alex is not."),
        ("There is a bike here.", ["bob"], "There is a bike here."),
        ("The theory is his.", ["bob"], "The theory is Bob's."),
        ("The other one left.", ["bob"], "The other one left."),
        # subjects take up subjects, objects what came last
        ("He is strong.", ["Tom beat Alex."], "Tom is strong."),
        ("Mary beat him.", ["Tom beat Bob."], "Mary beat Bob."),
        ("If Tom beat Bob, he is strong.", [], "If Tom beat Bob, Tom is strong."),
        ("Alex beat Bob, and Cara beat him.", [], "Alex beat Bob, and Cara beat Bob."),
        # neither stands for somebody else of its clause
        ("Tom beat him.", ["Alex is weak."], "Tom beat Alex."),
        ("Tom and Mary beat him.", ["Alex is weak."], "Tom and Mary beat Alex."),
        ("He beat Tom.", ["Tom beat Alex."], "Alex beat Tom."),
        ("Bob's brother saw him.", ["Tom left."], "Bob's brother saw Bob."),
        # he and she
        ("She is lazy.", ["Tom beat Mary."], "Mary is lazy."),
        ("He is lazy.", ["Mary beat Alex.", "Tom won."], "Alex is lazy."),
        ("She is lazy.", ["Alex beat Mary."], "Mary is lazy."),
        # they
        ("They like pizza.", ["Alex left."], "Alex like pizza."),
        ("They are strong.", ["Alex left."], "Alex is strong."),
        ("Are they strong?", ["Alex left."], "Is Alex strong?"),
        ("They're strong.", ["Alex left."], "Alex is strong."),
        ("They won.", ["Tom and Mary beat Bob and Sue."], "Tom and Mary won."),
        ("Cara beat them.", ["Tom and Mary beat Bob and Sue."], "Cara beat Bob and Sue."),
        ("They're strong.", ["Tom, Mary and Sue won."], "Tom, Mary and Sue are strong."),
        ("Their team won.", ["Tom and Mary are strong."], "Tom and Mary's team won."),
        ("If Tom and Mary won, they are strong.", [], "If Tom and Mary won, Tom and Mary are strong."),
        # both
        ("They both left.", ["bob", "alex"], "Alex and Bob both left."),
        ("They both left.", ["Bob saw Alex."], "Bob and Alex both left."),
        ("They are both lazy.", ["Tom beat Mary."], "Tom and Mary are both lazy."),
        ("Are they both lazy?", ["Tom beat Mary."], "Are Tom and Mary both lazy?"),
        ("Both of them are lazy.", ["Tom beat Mary."], "Both Tom and Mary are lazy."),
        ("Neither of them is lazy.", ["Tom beat Mary."], "Neither Tom nor Mary is lazy."),
        ("Sue beat both of them.", ["Tom beat Sue.", "Mary won."], "Sue beat both Mary and Tom."),
        ("Sue beat them both.", ["Tom and Mary won."], "Sue beat both Tom and Mary."),
        ("The two of them won.", ["Tom beat Mary."], "Tom and Mary won."),
        ("Which of them is stronger?", ["Tom beat Mary."], "Which of Tom and Mary is stronger?"),
        ("Both of them are lazy.", ["Tom and Mary beat Sue."], "Both Tom and Mary are lazy."),
    ],
)  # fmt: skip
def test_sentences(sentence, before, said):
    found = resolve(sentence, NAMES, before)
    assert found.sentence == said
    assert not found.lost


@pytest.mark.parametrize(
    ("sentence", "before", "lost"),
    [
        ("He likes pizza.", [], "He"),
        ("She is lazy.", ["Tom won."], "She"),
        ("Alex saw him.", [], "him"),
        ("They both left.", ["Bob won."], "They both"),
        ("They both left.", ["Tom, Mary and Bob won."], "They both"),
        ("Neither of them left.", ["Tom, Mary and Bob won."], "Neither of them"),
    ],
)
def test_words_that_point_back_to_nobody_are_left_and_named(sentence, before, lost):
    found = resolve(sentence, NAMES, before)
    assert (found.sentence, found.lost, found.replaced) == (sentence, (lost,), ())


def test_things_may_be_meant_by_they_and_worlds_without_people_have_nobody_to_lose():
    assert resolve("Are they open?", NAMES, []).lost == ()
    assert resolve("He is red.", [], ["The red one moves."]).lost == ()


def test_what_was_put_in_is_said():
    found = resolve("He saw him.", NAMES, ["Bob left.", "Alex left."])
    assert str(found) == "He = Bob, him = Alex"


def test_no_name_is_of_both():
    assert not MALE & FEMALE
    assert not (MALE | FEMALE) & {"alex", "avery", "blake", "charlie", "dana", "robin", "sam"}
