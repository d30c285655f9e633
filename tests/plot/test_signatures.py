"""The table of built-ins: complete, documented, and its examples are true."""

import jax
import numpy as np
import pytest

from plot.data import show
from plot.decode import to_python
from plot.errors import PlotError
from plot.oracle import sample
from plot.oracle.builtins import PRIMITIVES
from plot.outcome import Distribution
from plot.program import run
from plot.reader import read
from plot.signatures import FORMS, SIGNATURES, canonical, help, keyword

FUNCTION_NAMES = [
    "+",
    "-",
    "*",
    "/",
    "mod",
    "round",
    "floor",
    "ceiling",
    "abs",
    "log",
    "exp",
    "expt",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "min",
    "max",
    "sum",
    "prod",
    "mean",
    "variance",
    ">",
    "<",
    ">=",
    "<=",
    "=",
    "soft-equal",
    "and",
    "or",
    "not",
    "all",
    "none",
    "some",
    "any",
    "list",
    "pair",
    "cons",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "rest",
    "car",
    "cdr",
    "cadr",
    "caddr",
    "last",
    "but-last",
    "null?",
    "list?",
    "pair?",
    "length",
    "append",
    "reverse",
    "list-ref",
    "list-elt",
    "take",
    "drop",
    "make-list",
    "repeat",
    "range",
    "iota",
    "zip",
    "unzip",
    "transpose",
    "flatten",
    "sort",
    "unique",
    "position",
    "member",
    "assoc",
    "union",
    "intersection",
    "difference",
    "partition",
    "map",
    "filter",
    "fold",
    "foldl",
    "foldr",
    "for-each",
    "apply",
    "compose",
    "curry",
    "identity",
    "argmax",
    "argmin",
    "count",
    "string-append",
    "string-length",
    "string-slice",
    "string->number",
    "number->string",
    "string->symbol",
    "symbol?",
    "number?",
    "string?",
    "boolean?",
    "boolean->number",
    "gensym",
    "make-gensym",
    "display",
    "hist",
    "density",
    "scatter",
    "barplot",
    "lineplot",
    "flip",
    "uniform",
    "gaussian",
    "beta",
    "gamma",
    "exponential",
    "dirichlet",
    "multinomial",
    "uniform-draw",
    "sample-discrete",
    "random-integer",
    "sample-integer",
    "poisson",
    "binomial",
    "student-t",
    "mem",
    "DPmem",
    "eq?",
    "equal?",
    "eval",
]
FORM_NAMES = [
    "define",
    "lambda",
    "let",
    "let*",
    "letrec",
    "if",
    "cond",
    "case",
    "begin",
    "and",
    "or",
    "quote",
    "condition",
    "factor",
    "query",
    "condition-equal",
    "rejection-query",
    "enumeration-query",
    "mh-query",
    "declare",
    "entities",
]
DOCS = {**SIGNATURES, **{f"form {name}": doc for name, doc in FORMS.items()}}


@pytest.mark.parametrize("name", FUNCTION_NAMES)
def test_every_function_of_the_language_page_is_here(name):
    assert canonical(name) in SIGNATURES
    assert canonical(name.replace("-", "_")) == canonical(name) or name == "-"


@pytest.mark.parametrize("name", FORM_NAMES)
def test_every_form_of_the_language_page_is_here(name):
    assert keyword(name) == name


@pytest.mark.parametrize("name", sorted(DOCS))
def test_examples_evaluate_to_what_they_say(name):
    doc = DOCS[name]
    assert 1 <= len(doc.meaning.splitlines()) <= 4 and doc.meaning.endswith((".", ")"))
    if doc.example is not None:
        value = sample(read(doc.example.program), np.random.default_rng(0)).value
        assert show(value) == doc.example.value


def test_only_what_has_no_value_lacks_an_example():
    bare = {name for name, doc in DOCS.items() if doc.example is None}
    pictures = {"display", "hist", "density", "scatter", "barplot", "lineplot"}
    assert bare == pictures | {"for-each", "error", "form factor", "form declare", "form import"}


def test_aliases_are_unambiguous():
    seen: dict[str, str] = {}
    for signature in SIGNATURES.values():
        for name in (signature.name, *signature.aliases):
            assert seen.setdefault(name, signature.name) == signature.name
            assert canonical(name) == signature.name


def test_the_oracle_has_every_function():
    assert set(PRIMITIVES) == set(SIGNATURES)


def test_help_says_type_aliases_meaning_and_example():
    text = help("foldl")
    for part in ("(-> (-> a b b) b (list a) b)", "also foldl", "From the left", "; => (3 2 1)"):
        assert part in text
    assert "(let* ((name value) ...) body ...)" in help("let*")
    with pytest.raises(KeyError):
        help("nonsense")


@pytest.mark.parametrize(
    ("name", "due"), [("list_ref", "list-ref"), ("is_null", "null?"), ("softeq", "soft-equal")]
)
def test_canonical(name, due):
    assert canonical(name) == due


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("flip", {0, 1, 2}),
        ("gaussian", {0, 1, 2, 3}),
        ("-", {1, 2, 3, 4}),
        ("map", {2, 3, 4}),
        ("all", {1, 2}),
    ],
)
def test_numbers_of_arguments(name, counts):
    assert {n for n in range(5) if SIGNATURES[name].accepts(n)} == counts


@pytest.mark.parametrize("name", sorted(DOCS))
def test_examples_mean_the_same_to_the_compiler(name):
    doc = DOCS[name]
    if doc.example is not None:
        value = run(doc.example.program, key=jax.random.key(0))
        if isinstance(value, Distribution):
            (row,) = value.table
            value = row.value
        assert show(value) == doc.example.value


WRITTEN = sorted(s.name for s in SIGNATURES.values() if s.definition is not None)


@pytest.mark.parametrize("name", WRITTEN)
def test_errors_in_functions_written_in_the_language_are_located_at_the_call(name):
    signature = SIGNATURES[name]
    wrong = " ".join(["(f 'a)"] * len(signature.type.parameters))
    source = f"(define (f x) x)\n(list 1 ({name} {wrong}))"
    if not wrong:
        return
    for work in (
        lambda: run(source, key=jax.random.key(0)),
        lambda: sample(read(source), np.random.default_rng(0)),
    ):
        try:
            work()
        except PlotError as error:
            assert error.span is not None and error.span.source.name == "<program>"
            assert error.span.line == 2


def test_a_gaussian_with_a_covariance():
    source = """
    (define xs (repeat 4000 (lambda () (multivariate-gaussian '(1 2 3)
      '((2 1 0.5) (1 3 -1) (0.5 -1 1.5))))))
    xs
    """
    rows = np.array(to_python(run(source, key=jax.random.key(3))))
    wanted = np.array([[2, 1, 0.5], [1, 3, -1], [0.5, -1, 1.5]])
    spread = np.sqrt((np.outer(np.diag(wanted), np.diag(wanted)) + wanted**2) / len(rows))
    assert (np.abs(np.cov(rows.T) - wanted) < 5 * spread).all()
    assert (np.abs(rows.mean(0) - [1, 2, 3]) < 5 * np.sqrt(np.diag(wanted) / len(rows))).all()
