"""Names are written with the tokens that their text is split into."""

import numpy as np
import pytest

from inference.tokens import Constraint
from inference.tokens.spelling import OUTSIDE, Spelling, written
from models.words.gguf_file import packaged_gguf, read_gguf
from models.words.tokenizer import build_tokenizer

NAMES = ("june", "juno", "pete", "peter", "tariq", "new-york", "r2")
LARK = """start: "(won '" name ")" | "(any '(" name (" " name)* "))"
name: "june" | "juno" | "pete" | "peter" | "tariq" | "new-york" | "r2"
"""


@pytest.fixture(scope="module")
def tokenizer():
    return build_tokenizer(read_gguf(packaged_gguf()))


def bits(row):
    return [int(t) for t in np.flatnonzero(np.unpackbits(row.view(np.uint8), bitorder="little"))]


def walk(rng, constraint):
    """A word of the grammar, each token drawn among those allowed."""
    matchers, out = constraint.start(1), []
    out += matchers.forced(0)
    while not matchers.stopped(0):
        allowed = bits(matchers.allowed([True])[0])
        token = int(rng.choice(allowed))
        assert matchers.accepts(0, token)
        if token == constraint.tokenizer.eos:
            break
        out += [token, *matchers.take(0, token)]
    return [t for t in out if t != constraint.tokenizer.eos]


def spelled(tokenizer, tokens):
    """Whether the names after a text's quote are split as the text itself is."""
    text = tokenizer.decode(tokens)
    first = text.index("'")
    inside = {i for i in range(first, len(text)) if text[i].isalnum() and text[i - 1].isalnum()}
    ends, own = (
        np.cumsum([len(tokenizer.decode([t])) for t in split])
        for split in (tokens, tokenizer.encode(text))
    )
    return inside & set(ends.tolist()) == inside & set(own.tolist())


def test_random_words_split_names_as_their_text_is(tokenizer):
    rng = np.random.default_rng(3)
    constraint = Constraint(tokenizer, LARK, NAMES)
    words = [walk(rng, constraint) for _ in range(150)]
    assert all(constraint.accepts(w) and spelled(tokenizer, w) for w in words)
    assert {n for w in words for n in NAMES if n in tokenizer.decode(w)} == set(NAMES)


def test_without_names_some_words_are_split_otherwise(tokenizer):
    rng = np.random.default_rng(3)
    constraint = Constraint(tokenizer, LARK)
    assert not all(spelled(tokenizer, walk(rng, constraint)) for _ in range(50))


def test_the_trap_is_closed(tokenizer):
    """`june` is `j`, `une`: `jun` leads to no name that is spelled so."""
    lark = """start: "(won '" ("june" | "pete") ")" """
    jun = tokenizer.encode("(f 'juno")[len(tokenizer.encode("(f '"))]
    assert tokenizer.decode([jun]) == "jun"
    for names, open_ in ((), True), (("june", "pete"), False):
        matchers = Constraint(tokenizer, lark, names).start(1)
        matchers.forced(0)
        assert (jun in bits(matchers.allowed([True])[0])) is open_
        assert matchers.accepts(0, jun) is open_


def test_a_gathered_particle_keeps_its_place(tokenizer):
    lark = """start: "(won '" ("june" | "juno" | "tariq" | "tarin") ")" """
    names = ("june", "juno", "tariq", "tarin")
    matchers = Constraint(tokenizer, lark, names).start(2)
    for particle, first in enumerate(("june", "tariq")):
        start, whole = tokenizer.encode("(won '"), tokenizer.encode(f"(won '{first}")
        done = len(matchers.forced(particle))
        for token in whole[done : len(start) + 1]:
            matchers.take(particle, token)
    masks = matchers.allowed([True, True])
    assert not np.array_equal(masks[0], masks[1])
    assert np.array_equal(matchers.gather([1, 0]).allowed([True, True]), masks[::-1])


def test_a_name_that_is_not_listed_can_be_written_all_the_same(tokenizer):
    spelling = Spelling(tokenizer, ("june",))
    place = spelling.after(OUTSIDE, tokenizer.encode("(won '")[-1])
    other = np.zeros(-(-tokenizer.size // 32), np.int32)
    other[tokenizer.encode("zzz")[0] // 32] = 1 << (tokenizer.encode("zzz")[0] % 32)
    assert np.array_equal(spelling.narrowed(place, other), other)


def test_names_of_all_types():
    assert written({}) == ()
    assert written({"a": ("x",), "b": ("x", "y")}) == ("x", "y")
