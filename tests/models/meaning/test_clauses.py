"""Sentences of two clauses."""

import pytest

from models.meaning.clauses import Compound, compound

NAMES = ["tom", "sue", "mary"]


@pytest.mark.parametrize(
    ("sentence", "joint", "left", "right"),
    [
        ("Tom is an ogre and Sue is weak.", "and", "Tom is an ogre", "Sue is weak"),
        ("Tom is an ogre, but Sue isn't weak.", "and", "Tom is an ogre", "Sue isn't weak"),
        ("Tom is an ogre; Sue is weak.", "and", "Tom is an ogre", "Sue is weak"),
        ("Tom is an ogre but not lazy.", "and", "Tom is an ogre", "Tom is not lazy"),
        ("Tom is an ogre and beat Sue.", "and", "Tom is an ogre", "Tom beat Sue"),
        ("Either Tom is an ogre or Sue is weak.", "or", "Tom is an ogre", "Sue is weak"),
        ("If Tom is an ogre, Sue is weak.", "if", "Tom is an ogre", "Sue is weak"),
        ("If Tom is an ogre then Sue is weak.", "if", "Tom is an ogre", "Sue is weak"),
        ("Sue is weak if Tom is an ogre.", "if", "Tom is an ogre", "Sue is weak"),
        ("Tom and Sue are ogres and Mary is weak.", "and", "Tom and Sue are ogres", "Mary is weak"),
    ],
)  # fmt: skip
def test_two_clauses(sentence, joint, left, right):
    assert compound(sentence, NAMES) == Compound(joint, left, right)


@pytest.mark.parametrize(
    "sentence",
    [
        "Tom is an ogre.",
        "Tom and Sue are ogres.",
        "Both Tom and Sue are ogres.",
        "Tom, Mary and Sue are ogres.",
        "Tom beat an ogre and Sue.",
        "Is Tom an ogre and Sue weak?",
        "Everyone is an ogre and nobody is weak.",
        "",
    ],
)
def test_one_clause(sentence):
    assert compound(sentence, NAMES) is None


def test_what_they_say_together():
    assert Compound("and", "", "").joined("(a)", "(b)") == "(and (a) (b))"
    assert Compound("if", "", "").joined("(a)", "(b)") == "(or (not (a)) (b))"
