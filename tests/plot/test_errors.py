"""Error texts and places in one table, so that messages stay good.

Each row: a program, the text of the span (or `line:column`), a part of the message or the hint.
The same rows hold for every evaluator: the checker runs first, then the program.
"""

import random

import numpy as np
import pytest

from plot.check import check
from plot.errors import ImpossibleEvidence, PlotError, ReadError
from plot.oracle import Budget, enumerate, sample
from plot.printer import write
from plot.reader import read
from plot.signatures import FORMS, SIGNATURES
from plot.syntax import Form, Tree, walk

SYNTAX = [
    ("(+ 1 2", "1:1", "never closed"),
    ("(f [a)]", "1:6", "closes the `[`"),
    ("(+ 1 2))", "1:8", "closes nothing"),
    ('(display "abc)', "1:10", "never closed"),
    ("'", "1:1", "nothing after it"),
    ("(list ,x)", "1:7", "means nothing"),
    ("(+ 1a 2)", "1a", "neither a number nor a name"),
    ("(if)", "(if)", "takes two or three parts"),
    ("(if #t 1 2 3)", "(if #t 1 2 3)", "and has 4"),
    ("(define)", "(define)", "needs a name"),
    ("(define x)", "(define x)", "has no value"),
    ("(define x 1 2)", "(define x 1 2)", "more than one value"),
    ("(define (f))", "(define (f))", "has no body"),
    ("(define 3 4)", "3", "a name is due"),
    ("(define if 4)", "if", "cannot be a name of your own"),
    ("(lambda (x))", "(lambda (x))", "parameters and a body"),
    ("(lambda (x x) x)", "(x x)", "occurs twice"),
    ("(lambda (3) 1)", "3", "name of a parameter"),
    ("(let ((x)) x)", "(x)", "a binding `(name value)`"),
    ("(let ((x 1)))", "(let ((x 1)))", "has no body"),
    ("(let x)", "(let x)", "list of bindings"),
    ("(let ((x 1) (x 2)) x)", "(x 2)", "bound twice"),
    ("(cond)", "(cond)", "needs a clause"),
    ("(cond (else 1) (#t 2))", "(else 1)", "must be the last"),
    ("(case 1)", "(case 1)", "a key and a clause"),
    ("(case 1 ((1)))", "((1))", "no body"),
    ("(quote)", "(quote)", "one datum"),
    ("(condition)", "(condition)", "takes one part"),
    ("(condition-equal 1)", "(condition-equal 1)", "takes two parts"),
    (
        "(rejection-query (define x 1))",
        "(rejection-query (define x 1))",
        "no expression to ask for",
    ),
    ("(entities person people tom)", "tom", "a list of names"),
    ("(define f 1) (declare f nonsense)", "nonsense", "is not a type"),
]
NAMES = [
    ("(+ x 1)", "x", "`x` means nothing here"),
    ("(lenght '(1))", "lenght", "did you mean `length`"),
    ("(define (f x) (+ x y)) 1", "y", "means nothing here"),
    ("(let ((x 1) (y x)) y)", "1:16", "means nothing here"),
    ("(define strength 1)\n(+ 1\n   strenth)", "3:4", "did you mean `strength`"),
    ("(entities person people (tom)) (eq? tom 'tom)", "1:37", "write 'tom"),
    ("(list if 1)", "if", "is a keyword"),
    ("(declare f number)", "f", "defined nowhere"),
]
ARITY = [
    ("(mod 1)", "(mod 1)", "`mod` takes 2 arguments, and got 1"),
    ("(flip 0.1 #t 3)", "(flip 0.1 #t 3)", "takes 0 to 2 arguments"),
    ("(-)", "(-)", "at least 1 argument"),
    ("(define (f x y) x) (f 1)", "(f 1)", "`f` takes 2 arguments, and got 1"),
    ("(define (f) (g 1 2)) (define (g x) x) (f)", "(g 1 2)", "`g` takes 1 argument"),
    ("((lambda (x) x))", "((lambda (x) x))", "takes 1 argument, and got 0"),
    ("(define (f x . more) x) (f)", "(f)", "at least 1 argument"),
    ("(let loop ((i 0)) (loop))", "(loop)", "`loop` takes 1 argument"),
    ("(define f (mem (lambda (x) x))) (f 1 2)", "(f 1 2)", "takes 1 argument"),
]
TYPES = [
    ("(+ 1 'tom)", "'tom", "argument 2 of `+` is the symbol tom; a number is due"),
    ('(* 2 "3")', '"3"', 'is the string "3"'),
    ("(+ 1 #t)", "#t", "is the boolean #t"),
    ("(sqrt '(4))", "'(4)", "is the list (4)"),
    ("(= 'a 'b)", "'a", "compare symbols with `eq?`"),
    ("(length 3)", "3", "a list is due"),
    ("(first 3)", "3", "a pair or a list is due"),
    ("(map 3 '(1 2))", "3", "a function is due"),
    ("(string-length 'abc)", "'abc", "a string is due"),
    ("(1 2 3)", "(1 2 3)", "is called, and is no function"),
    ("(define x 4) (x 1)", "(x 1)", "is called, and is no function"),
    ("(sum '(a b))", "'(a b)", "a list of numbers is due"),
    ("(flip 'a)", "'a", "a number is due"),
    ("(define (f x) (+ x 1))\n(f 'a)", "(+ x 1)", "is the symbol a; a number is due"),
    ("(fold (lambda (x acc) (+ x acc)) 0 '(1 a))", "(+ x acc)", "is the symbol a"),
    ("(define (f g) (g 1)) (f 2)", "(g 1)", "is called, and is no function"),
]
PARAMETERS = [
    ("(flip 1.2)", "(flip 1.2)", "`flip` got a probability of 1.2"),
    ("(gaussian 0 -1)", "(gaussian 0 -1)", "standard deviation of -1"),
    ("(define sd 0) (gaussian 0 sd)", "(gaussian 0 sd)", "must be above 0"),
    ("(uniform 2 1)", "(uniform 2 1)", "the bounds 2 and 1"),
    ("(uniform-draw '())", "(uniform-draw '())", "`uniform-draw` got an empty list"),
    ("(multinomial '(a b) '(0 0))", "(multinomial '(a b) '(0 0))", "no positive weight"),
    ("(multinomial '(a b) '(1))", "(multinomial '(a b) '(1))", "2 values and 1 weights"),
    ("(multinomial '(a b) '(1 -1))", "(multinomial '(a b) '(1 -1))", "a weight of -1"),
    ("(random-integer 0)", "(random-integer 0)", "a whole number from 1 on"),
    ("(random-integer 2.5)", "(random-integer 2.5)", "a whole number from 1 on"),
    ("(beta 0 1)", "(beta 0 1)", "`beta` got a parameter of 0"),
    ("(gamma 1 -2)", "(gamma 1 -2)", "a scale of -2"),
    ("(exponential 0)", "(exponential 0)", "a rate of 0"),
    ("(dirichlet '())", "(dirichlet '())", "empty list"),
    ("(poisson -1)", "(poisson -1)", "a rate of -1"),
    ("(binomial 2 3)", "(binomial 2 3)", "a probability of 2"),
    ("(student-t 0)", "(student-t 0)", "degrees of freedom of 0"),
]
RUNNING = [
    ("(/ 1 0)", "(/ 1 0)", "division of 1 by zero"),
    ("(first '())", "(first '())", "`first` of the empty list"),
    ("(second '(1))", "(second '(1))", "no such element"),
    ("(list-ref '(1 2) 2)", "(list-ref '(1 2) 2)", "position 2 in a list of 2"),
    ("(list-elt '(1 2) 0)", "(list-elt '(1 2) 0)", "positions count from 1"),
    ("(log -1)", "(log -1)", "logarithm of -1"),
    ("(sqrt -1)", "(sqrt -1)", "square root of -1"),
    ("(mean '())", "(mean '())", "mean of an empty list"),
    ("(argmax abs '())", "(argmax abs '())", "`argmax` of an empty list"),
    ('(error \'no "way")', '(error \'no "way")', "no way"),
    ("(define (f x)\n  (/ 1 x))\n(f 0)", "(/ 1 x)", "by zero"),
    ("(define (f) (define a b) (define b 1) a) (f)", "1:23", "before its definition"),
]
ERRORS = SYNTAX + NAMES + ARITY + TYPES + PARAMETERS + RUNNING


def error_of(program: str) -> PlotError:
    """The error of a program: of the reader, the checker or the run."""
    with pytest.raises(PlotError) as caught:
        trees = read(program)
        check(trees)
        sample(trees, np.random.default_rng(0))
    return caught.value


def place_fits(error: PlotError, place: str) -> bool:
    """Whether an error is where a row of the table says."""
    assert error.span is not None
    return place in (f"{error.span.line}:{error.span.column}", error.span.text)


@pytest.mark.parametrize(("program", "place", "fragment"), ERRORS)
def test_error(program, place, fragment):
    error = error_of(program)
    assert place_fits(error, place), (error.span, error.span and error.span.text)
    assert fragment in f"{error.message} {error.hint}"
    assert f"{error.kind}: " in str(error) and "^" in str(error)


@pytest.mark.parametrize(("program", "place", "fragment"), ARITY + TYPES + PARAMETERS + RUNNING)
def test_the_oracle_finds_what_the_checker_finds(program, place, fragment):
    """Without the checker: the same sort of error, in the same expression."""
    first = error_of(program)
    with pytest.raises(PlotError) as caught:
        sample(read(program), np.random.default_rng(0))
    assert type(caught.value) is type(first)
    assert caught.value.span is not None and first.span is not None
    assert caught.value.span.start <= first.span.start and first.span.end <= caught.value.span.end


def mutants(count: int) -> list[str]:
    """Programs from random edits of the examples and of the table above."""
    rng = random.Random(0)
    docs = [*SIGNATURES.values(), *FORMS.values()]
    texts = [d.example.program for d in docs if d.example] + [row[0] for row in ERRORS]
    trees: list[Tree] = []
    for text in texts:
        try:
            trees += read(text)
        except ReadError:
            continue
    nodes = [node for tree in trees for node in walk(tree)]

    def mutate(tree: Tree) -> Tree:
        if rng.random() < 0.12:
            return rng.choice(nodes)
        if not isinstance(tree, Form):
            return tree
        items = [mutate(item) for item in tree]
        if items and rng.random() < 0.04:
            items.pop(rng.randrange(len(items)))
        elif rng.random() < 0.04:
            items.insert(rng.randrange(len(items) + 1), rng.choice(nodes))
        return Form(tuple(items))

    return [" ".join(write(mutate(t)) for t in rng.sample(trees, 2)) for _ in range(count)]


def test_nothing_but_located_errors_comes_out_of_random_programs():
    budget = Budget(steps=2_000, tries=20, particles=10, executions=30)
    outcomes = {"fine": 0, "error": 0}
    for text in mutants(1_500):
        trees = read(text)
        for run in (
            lambda t: check(t),
            lambda t: sample(t, np.random.default_rng(0), budget),
            lambda t: enumerate(t, budget),
        ):
            try:
                run(trees)
                outcomes["fine"] += 1
            except PlotError as error:
                outcomes["error"] += 1
                assert error.span is not None or isinstance(error, ImpossibleEvidence), text
                assert error.message in str(error)
    assert min(outcomes.values()) > 500
