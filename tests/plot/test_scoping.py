"""Keywords that a program binds are names of its own there, and nowhere else."""

import jax
import numpy as np
import pytest

from plot.data import show
from plot.errors import PlotError
from plot.oracle import sample
from plot.printer import write
from plot.program import Options, run
from plot.reader import read

OPTIONS = Options(worlds=1000)

PROGRAMS = [
    ("(define (f condition) (if (eq? condition 'a) 1 2)) (f 'a)", "1"),
    ("(define factor 3) (* factor 2)", "6"),
    ("(define (query x) (+ x 1)) (query 3)", "4"),
    ("(map (lambda (query) (second query)) '((condition 1) (query 2)))", "(1 2)"),
    ("(let ((factor 2) (import 3)) (* factor import))", "6"),
    ("(let* ((factor 2) (case (+ factor 1))) case)", "3"),
    ("(let loop ((factor 3)) (if (= factor 0) 'done (loop (- factor 1))))", "done"),
    ("(define (f case) (case 1)) (f (lambda (x) (+ x 5)))", "6"),
    ("(define (f case) (lambda (x) (case x))) ((f list) 2)", "(2)"),
    ("(define (f x) (define factor (* 2 x)) (+ factor 1)) (f 4)", "9"),
    ("(define (f . factor) factor) (f 1 2)", "(1 2)"),
    ("(define (f condition) condition) (define x (flip)) (condition x) (list x (f 7))", "(#t 7)"),
    ("(rejection-query (define factor (flip)) factor (condition factor))", "#t"),
]


@pytest.mark.parametrize(("source", "value"), PROGRAMS)
def test_a_bound_keyword_is_a_variable(source, value):
    assert show(run(source, key=jax.random.key(0), options=OPTIONS)) == value
    drawn = [sample(read(source), np.random.default_rng(i)) for i in range(20)]
    assert {show(w.value) for w in drawn if w.log_weight == 0} == {value}


@pytest.mark.parametrize(("source", "_"), PROGRAMS)
def test_printing_and_reading_back_gives_the_same_tree(source, _):
    trees = read(source)
    assert [t for tree in trees for t in read(write(tree))] == trees


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("(define if 3)", 9),
        ("(lambda (lambda) 1)", 10),
        ("(let ((define 1)) 1)", 8),
        ("(define (f factor) 1) factor", 23),
        ("(define (f factor) factor) (factor)", 28),
    ],
)
def test_other_keywords_and_other_places_stay_what_they_are(source, column):
    with pytest.raises(PlotError) as caught:
        run(source, key=jax.random.key(0), options=OPTIONS)
    assert caught.value.span is not None and caught.value.span.column == column
