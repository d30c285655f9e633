"""Arithmetic in words."""

import pytest

from models.meaning.arithmetic import arithmetic
from models.worlds import load
from plot.errors import PlotError

NUMBERS = ["strength", "laziness", "speed-after"]


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("strength", "(strength x)"),
        ("their strength minus their laziness", "(- (strength x) (laziness x))"),
        ("twice their strength", "(* 2 (strength x))"),
        ("strength times 3", "(* (strength x) 3)"),
        ("100 minus laziness", "(- 100 (laziness x))"),
        ("their strength divided by their laziness", "(/ (strength x) (laziness x))"),
        ("the sum of their strength and laziness", "(+ (strength x) (laziness x))"),
        ("the average of strength and laziness", "(/ (+ (strength x) (laziness x)) 2)"),
        ("half its speed after plus 1", "(+ (* 0.5 (speed-after x)) 1)"),
        ("strength minus laziness minus 3", "(- (- (strength x) (laziness x)) 3)"),
    ],
)  # fmt: skip
def test_plain_arithmetic(text, expression):
    assert arithmetic(text, NUMBERS, "x") == expression


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "strength plus laziness times 2",
        "how strong they are",
        "their height",
        "strength minus",
    ],
)
def test_what_is_not_plain(text):
    assert arithmetic(text, NUMBERS, "x") is None


def test_it_means_something_in_a_world():
    text = arithmetic("their strength minus 10 times", NUMBERS, "'tom")
    assert text is None
    text = arithmetic("twice their strength minus laziness", NUMBERS, "'tom")
    assert text is not None
    load("tug_of_war").check(f"(query {text})")
    with pytest.raises(PlotError):
        load("lunch").check(f"(query {text})")
