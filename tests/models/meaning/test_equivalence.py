"""Expressions that say the same of every world are the same."""

import pytest

from models.meaning.equivalence import equivalent
from plot.reader import read_one
from plot.world import World

WORLD = World.from_source(
    """(entities person people (ann bob))
    (define age (mem (lambda (p) (gaussian 40 10))))
    (declare age (-> person number) "years")
    (define (older? a b) (> (age a) (age b)))
    (declare older? (-> person person boolean) "the first is older")"""
)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("(condition (older? 'ann 'bob))", "(condition (> (age 'ann) (age 'bob)))", True),
        ("(condition (older? 'ann 'bob))", "(condition (not (older? 'bob 'ann)))", True),
        ("(condition (older? 'ann 'bob))", "(condition (older? 'bob 'ann))", False),
        ("(query (older? 'ann 'bob))", "(condition (older? 'ann 'bob))", False),
        ("(query (argmax age people))", "(query (argmax (lambda (x) (age x)) people))", True),
        ("(query (age 'ann))", "(query (older? 'ann 'bob))", False),
        ("(query (age 'ann))", "(query (+ 0 (age 'ann)))", True),
        ("(query (age 'ann))", "(query (+ 1 (age 'ann)))", False),
        ("(condition (> (age 'ann) 30))", "(condition (> (age 'ann) 31))", False),
    ],
)
def test_two_expressions(a, b, same):
    assert equivalent(WORLD, read_one(a), read_one(b)) is same


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("(condition (> (risky) 0))", "(condition (>= (risky) 1))", True),
        ("(condition (> (risky) 0))", "(condition (> (risky) 1))", False),
        (
            "(condition (> (risky) 0))",
            "(condition (> n 0.5))",
            False,
        ),  # this one has a value everywhere
    ],
)
def test_worlds_that_have_no_value_must_lack_it_for_both(a, b, same):
    half = World.from_source(
        "(define n (uniform 0 1))(define (risky) (multinomial '(1 2) (list (if (> n 0.5) 1 0) 0)))"
    )
    assert equivalent(half, read_one(a), read_one(b)) is same
