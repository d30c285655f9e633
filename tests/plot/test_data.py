"""Values: equality, keys and Church notation."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plot.data import NIL, VOID, Name, Pair, Procedure, from_list, key, same, show, spine, to_list

ATOMS = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([0.5, 1.0, -0.0, 1e300]),
    st.booleans(),
    st.sampled_from(["", "a", "1", "#t"]),
    st.sampled_from(["a", "1", "#t"]).map(Name),
    st.just(NIL),
)
VALUES = st.recursive(ATOMS, lambda inner: st.builds(Pair, inner, inner), max_leaves=8)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "#t"),
        (4, "4"),
        (4.0, "4"),
        (-0.0, "0"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        (float("inf"), "+inf.0"),
        (np.float32(0.1), "0.1"),
        (np.int64(3), "3"),
        (np.bool_(False), "#f"),
        (Name("tom"), "tom"),
        ("tom", '"tom"'),
        (NIL, "()"),
        (from_list([1, from_list([2]), "x"]), '(1 (2) "x")'),
        (Pair(1, 2), "(1 . 2)"),
        (from_list([1, 2], 3), "(1 2 . 3)"),
        (Procedure("f"), "#<procedure f>"),
        (Procedure(), "#<procedure>"),
    ],
)
def test_show(value, text):
    assert show(value) == text


@settings(derandomize=True, max_examples=300)
@given(VALUES, VALUES)
def test_keys_are_equal_exactly_where_values_are(left, right):
    assert (key(left) == key(right)) == same(left, right)
    assert same(left, right) == same(right, left)
    assert same(left, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [(1, True), (0, False), (Name("a"), "a"), (NIL, False), ("1", 1), (NIL, VOID)],
)
def test_different_kinds_are_never_equal(left, right):
    assert not same(left, right)
    assert key(left) != key(right)


def test_long_and_deep_values_need_no_stack():
    flat = from_list(range(100_000))
    deep = NIL
    for _ in range(100_000):
        deep = Pair(deep, NIL)
    other = NIL
    for _ in range(100_000):
        other = Pair(other, NIL)
    assert flat == from_list(range(100_000)) and deep == other
    assert hash(deep) == hash(other)
    assert show(deep).count("(") == 100_001
    assert to_list(pickle.loads(pickle.dumps(flat))) == list(range(100_000))


def test_data_do_not_change():
    pair = Pair(1, NIL)
    for value, field in [(pair, "first"), (Name("a"), "text"), (NIL, "_label")]:
        with pytest.raises(AttributeError):
            setattr(value, field, 2)
    assert spine(pair) == ([1], NIL)
    assert pickle.loads(pickle.dumps((Name("a"), NIL)))[1] is NIL
    with pytest.raises(ValueError, match="not a list"):
        to_list(Pair(1, 2))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (-2.5e-9, "-2.5e-9"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.25e100, "1.25e+100"),
        (5e-324, "5e-324"),
        (-0.0, "0"),
        (1 / 3, "0.3333333333333333"),
        (np.float32(0.1), "0.1"),
        (np.float32(1e-7), "1e-7"),
    ],
)
def test_numbers_print_as_in_javascript(number, text):
    assert show(number) == text
