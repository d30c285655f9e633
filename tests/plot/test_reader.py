"""The reader and the printer: round trip, spans, and errors for everything malformed."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plot.errors import ReadError
from plot.printer import write
from plot.reader import MAX_NESTING, read, read_one
from plot.syntax import Form, Literal, Symbol, walk

LETTERS = "abcxyzABC"
NAMES = st.one_of(
    st.sampled_from(
        ["+", "-", "*", "/", "<=", "=", "list-ref", "null?", "set!", "->x", "a.b", "..."]
    ),
    st.builds(
        str.__add__, st.sampled_from(LETTERS), st.text(LETTERS + "0123_-?!<>=*/+.", max_size=6)
    ),
)
LITERALS = st.one_of(
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(max_size=8),
)
TREES = st.recursive(
    st.one_of(NAMES.map(Symbol), LITERALS.map(Literal)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=5).map(lambda items: Form(tuple(items))),
        inner.map(lambda item: Form((Symbol("quote"), item))),
    ),
    max_leaves=25,
)


@settings(derandomize=True, max_examples=400)
@given(TREES)
def test_round_trip(tree):
    text = write(tree)
    assert read_one(text) == tree
    assert write(read_one(text)) == text


@settings(derandomize=True, max_examples=200)
@given(TREES, st.sampled_from([" ", "\n", " ; note ) (\n", "\t\n "]))
def test_every_span_reads_back_as_its_node(tree, space):
    text = space + write(tree).replace(" ", space)
    try:
        whole = read(text)
    except ReadError:  # a space within a string became something else
        return
    for node in (n for t in whole for n in walk(t)):
        assert node.span is not None
        assert 0 <= node.span.start < node.span.end <= len(text)
        if node != Symbol("quote"):  # a quote mark is a name of its own
            assert read_one(node.span.text) == node


def test_brackets_comments_and_lines():
    tree = read_one("; first\n[f (g 'x) ; note\n   #t]")
    assert tree == Form(
        (Symbol("f"), Form((Symbol("g"), Form((Symbol("quote"), Symbol("x"))))), Literal(True))
    )
    last = tree[2].span
    assert (last.line, last.column, last.end_line, last.end_column) == (3, 4, 3, 6)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1", Literal(1)),
        ("-2.50", Literal(-2.5)),
        (".5e2", Literal(50.0)),
        ("true", Literal(True)),
        ("#f", Literal(False)),
        ('"a\\"b\\n"', Literal('a"b\n')),
        ("-", Symbol("-")),
        ("is_null", Symbol("is_null")),
        ("()", Form(())),
    ],
)
def test_atoms(text, tree):
    assert read_one(text) == tree


def test_numbers_and_booleans_are_different_literals():
    assert len({Literal(1), Literal(1.0), Literal(True), Literal("1")}) == 4


GOOD = [
    "(define (f x) (if (> x 0) (f (- x 1)) 'done))",
    '(string-append "a (b" "c;d")',
    "(let ((x 1) [y '(2 3)]) (+ x y))",
    "(condition (= (strength 'tom) 1.5e3))",
]
NOISE = [*list("()[]'\"`,#{}|\\;"), "1x", "1e999", "'", " ", "\n", "é", "\x00", "#x", '"']


def malformed(count: int) -> list[str]:
    """Texts that the reader refuses, from random edits of good ones."""
    rng = random.Random(0)
    found: list[str] = []
    while len(found) < count:
        text = rng.choice(GOOD)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(text) + 1)
            if rng.random() < 0.4 and text:
                text = text[:at] + text[at + 1 :]
            else:
                text = text[:at] + rng.choice(NOISE) + text[at:]
        try:
            read(text)
        except Exception as error:  # any kind: the test says which one is right
            assert isinstance(error, ReadError), (text, error)
            found.append(text)
    return found


def test_malformed_texts_give_located_read_errors_and_nothing_else():
    texts = malformed(2_000)
    for text in texts:
        with pytest.raises(ReadError) as caught:
            read(text)
        span = caught.value.span
        assert span is not None and 0 <= span.start <= span.end <= len(text)
        assert caught.value.message and "\n" in str(caught.value)


def test_deep_nesting_is_an_error_and_not_a_crash():
    assert write(read_one("(" * MAX_NESTING + ")" * MAX_NESTING)).count("(") == MAX_NESTING
    with pytest.raises(ReadError, match="nested more than"):
        read("(" * 100_000)
