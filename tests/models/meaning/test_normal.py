"""Fragments that mean the same have the same normal form; others do not."""

import pytest

from models.meaning.normal import NormalOptions, normal, same
from plot.reader import read_one

SAME = [
    ("(< (f 'a) 3)", "(> 3 (f 'a))"),
    ("(and p q)", "(and q p)"),
    ("(and p (and q r))", "(and r q p)"),
    ("(not (not p))", "p"),
    ("(not (> (f 'a) 3))", "(<= (f 'a) 3)"),
    ("(not (and p q))", "(or (not q) (not p))"),
    ("(lambda (x) (f x))", "(lambda (z) (f z))"),
    ("(= 1 (f 'a))", "(= (f 'a) 1)"),
    ("(w (list 'a 'b) '(c))", "(w '(a b) '(c))"),
    ("(> (f 'a) 3.0)", "(> (f 'a) 3)"),
    ("(difference p '(a b))", "(difference p '(b a))"),
]
DIFFERENT = [
    ("(> (f 'a) 3)", "(< (f 'a) 3)"),
    ("(> (f 'a) 3)", "(>= (f 'a) 3)"),
    ("(- a b)", "(- b a)"),
    ("(w '(a) '(b))", "(w '(b) '(a))"),
    ("(all (lambda (x) (p x)) l)", "(any (lambda (x) (p x)) l)"),
    ("(condition p)", "(query p)"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_same(a, b):
    assert normal(read_one(a)) == normal(read_one(b))


@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different(a, b):
    assert not same(read_one(a), read_one(b))


def test_teams_are_sets_only_where_asked():
    a, b = read_one("(w '(a b) '(c))"), read_one("(w '(b a) '(c))")
    assert normal(a) != normal(b)
    assert normal(a, NormalOptions(unordered_lists=True)) == normal(
        b, NormalOptions(unordered_lists=True)
    )


@pytest.mark.parametrize("text", [a for pair in SAME for a in pair])
def test_idempotent(text):
    once = normal(read_one(text))
    assert normal(once) == once
