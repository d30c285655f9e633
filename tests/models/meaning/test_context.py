"""Words that point back to names."""

import pytest

from models.meaning.context import resolve

NAMES = ["alex", "bob", "cara"]


@pytest.mark.parametrize(
    ("sentence", "recent", "said"),
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
        ("They both left.", ["bob"], "Bob both left."),
        ("There is a bike here.", ["bob"], "There is a bike here."),
        ("The theory is his.", ["bob"], "The theory is Bob's."),
        ("He likes pizza.", [], "He likes pizza."),
        ("The other one left.", ["bob"], "The other one left."),
    ],
)
def test_sentences(sentence, recent, said):
    assert resolve(sentence, NAMES, recent).sentence == said


def test_what_was_put_in_is_said():
    assert str(resolve("He saw him.", NAMES, ["bob"])) == "He = Bob, him = Bob"
