"""Prefixes, suffixes and particles give what one plain forward gives."""

import jax.numpy as jnp
import numpy as np
import pytest

from models.words import decoding

from .conftest import TINY, plain_logits

TOLERANCE = {"rtol": 2e-4, "atol": 2e-4}


def _tokens(count, seed=0):
    return np.random.default_rng(seed).integers(1, TINY.vocabulary, count).tolist()


def _plain(llama, tokens):
    """The logits after a text, by the forward without a cache."""
    return plain_logits(llama, tokens)[-1]


@pytest.mark.parametrize("count", [1, 31, 33, 300])  # within a chunk, over one, over several
def test_a_prefix_and_a_prompt_equal_a_plain_forward(tiny, count):
    world, prompt = _tokens(count), _tokens(9, seed=1)
    prefix = tiny.prefix(world)
    assert prefix.length == count
    for more in ([], prompt):
        state, logits = tiny.start(prefix, more, particles=3)
        assert logits.shape == (3, TINY.vocabulary) and logits.dtype == jnp.float32
        np.testing.assert_allclose(logits[2], _plain(tiny.llama, world + more), **TOLERANCE)
        assert state.used.tolist() == [0, 0, 0]


def test_a_prefix_goes_on_from_another_and_leaves_it_usable(tiny):
    first, second, third = _tokens(40), _tokens(250, seed=1), _tokens(30, seed=2)
    one = tiny.prefix(first)
    _, before = tiny.start(one, particles=1)
    two = tiny.prefix(third, after=tiny.prefix(second, after=one))
    assert (one.length, two.length) == (40, 320)
    assert two.room > one.room
    np.testing.assert_allclose(
        tiny.start(two, particles=1)[1][0], _plain(tiny.llama, first + second + third), **TOLERANCE
    )
    np.testing.assert_array_equal(tiny.start(one, particles=1)[1], before)


def _texts(state_texts, chunk, lengths):
    return [
        text + row[:n] for text, row, n in zip(state_texts, chunk.tolist(), lengths, strict=True)
    ]


def test_particles_of_unequal_lengths(tiny):
    """Chunks of every size, finished particles, resampling: always the plain forward."""
    generator = np.random.default_rng(3)
    world = _tokens(20)
    state, logits = tiny.start(tiny.prefix(world), particles=4)
    texts = [world] * 4
    for size, lengths in [
        (1, [1, 1, 1, 1]),
        (3, [3, 1, 0, 2]),
        (20, [20, 7, 1, 17]),
        (5, [0, 5, 0, 0]),
    ]:
        chunk = generator.integers(1, TINY.vocabulary, (4, size))
        state, logits = tiny.advance(state, chunk, np.array(lengths))
        texts = _texts(texts, chunk, lengths)
        ancestors = generator.integers(0, 4, 4)
        state, logits = tiny.gather(state, ancestors), logits[ancestors]
        texts = [texts[a] for a in ancestors]
        assert state.used.tolist() == [len(text) - 20 for text in texts]
        for row, text in zip(logits, texts, strict=True):
            np.testing.assert_allclose(row, _plain(tiny.llama, text), **TOLERANCE)


def test_a_chunk_equals_its_tokens_one_by_one(tiny):
    world, tail = _tokens(10), np.array([_tokens(12, seed=1), _tokens(12, seed=2)])
    start, _ = tiny.start(tiny.prefix(world), particles=2)
    _, at_once = tiny.advance(start, tail, np.array([12, 12]))
    state = start
    for column in tail.T:
        state, logits = tiny.advance(state, column[:, None], np.array([1, 1]))
    np.testing.assert_allclose(at_once, logits, **TOLERANCE)


def test_states_are_values(tiny):
    start, logits = tiny.start(tiny.prefix(_tokens(10)), particles=2)
    tail = np.array([[5], [6]])
    _, once = tiny.advance(start, tail, np.array([1, 1]))
    tiny.advance(start, tail[::-1], np.array([1, 1]))
    _, again = tiny.advance(start, tail, np.array([1, 1]))
    np.testing.assert_array_equal(once, again)
    state, unmoved = tiny.advance(start, tail, np.array([0, 0]))
    np.testing.assert_allclose(unmoved, logits, rtol=1e-5, atol=1e-6)
    assert state.used.tolist() == [0, 0]


def test_gather_can_change_the_number_of_particles(tiny):
    world = _tokens(10)
    state, _ = tiny.start(tiny.prefix(world), particles=2)
    state, _ = tiny.advance(state, np.array([[5], [6]]), np.array([1, 1]))
    state = tiny.gather(state, np.array([1, 1, 0]))
    _, logits = tiny.advance(state, np.array([[7], [8], [9]]), np.array([1, 1, 1]))
    for row, text in zip(logits, ([6, 7], [6, 8], [5, 9]), strict=True):
        np.testing.assert_allclose(row, _plain(tiny.llama, world + text), **TOLERANCE)


def test_long_suffixes_grow(tiny):
    world = _tokens(5)
    state, _ = tiny.start(tiny.prefix(world), particles=1)
    room, tail = state.room, _tokens(330, seed=1)
    state, logits = tiny.advance(state, np.array([tail]), np.array([330]))
    assert state.room > room
    np.testing.assert_allclose(logits[0], _plain(tiny.llama, world + tail), **TOLERANCE)


def test_what_nobody_says_any_more_makes_room(tiny):
    """Texts that died leave the tree before its buffers grow."""
    world, generator = _tokens(5), np.random.default_rng(0)
    state, _ = tiny.start(tiny.prefix(world), particles=2)
    room, texts = state.room, [world, world]
    for _ in range(30):
        chunk = generator.integers(1, TINY.vocabulary, (2, 12))
        state, logits = tiny.advance(state, chunk, np.array([12, 3]))
        texts = [texts[0] + chunk[0].tolist(), texts[1] + chunk[1, :3].tolist()]
        state, logits, texts = tiny.gather(state, np.ones(2, int)), logits[1:], [texts[1]] * 2
    assert state.room == room and state.used.tolist() == [90, 90]
    np.testing.assert_allclose(logits[0], _plain(tiny.llama, texts[0]), **TOLERANCE)


def test_particles_that_say_the_same_are_run_once(tiny):
    state, _ = tiny.start(tiny.prefix(_tokens(5)), particles=16)
    state, logits = tiny.advance(state, np.array([[7, 8]] * 15 + [[7, 9]]), np.full(16, 2))
    assert len(state.tree) == 1 + 3
    np.testing.assert_array_equal(logits[0], logits[14])
    assert np.abs(logits[0] - logits[15]).max() > 1e-3


def test_scores_go_on_from_what_particles_said(tiny):
    world, texts = _tokens(20), [_tokens(9, seed=1), _tokens(4, seed=2)]
    prefix = tiny.prefix(world)
    state, _ = tiny.start(prefix, particles=1)
    state, _ = tiny.advance(state, np.array([texts[0][:6]]), np.array([6]))
    np.testing.assert_allclose(tiny.score(state, texts), tiny.score(prefix, texts), rtol=1e-5)


def test_scores_are_sums_of_log_probabilities(tiny):
    world, texts = _tokens(20), [_tokens(4, seed=1), _tokens(19, seed=2), []]
    found = tiny.score(tiny.prefix(world), texts)
    for score, text in zip(found, texts, strict=True):
        logits = plain_logits(tiny.llama, world + text).astype(np.float64)
        logs = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        expected = sum(logs[19 + at, token] for at, token in enumerate(text))
        np.testing.assert_allclose(score, expected, rtol=1e-4, atol=1e-3)


def test_a_session_compiles_a_few_kernels_and_then_none(tiny):
    kernels = (decoding._extend, decoding._advance)

    def session(seed):
        generator = np.random.default_rng(seed)
        prefix = tiny.prefix(_tokens(int(generator.integers(10, 60)), seed))
        state, _ = tiny.start(prefix, _tokens(int(generator.integers(3, 30)), seed), particles=5)
        for size in generator.integers(1, 6, 8):
            chunk = generator.integers(1, TINY.vocabulary, (5, size))
            state, _ = tiny.advance(state, chunk, generator.integers(0, size + 1, 5))

    for seed in range(3):
        session(seed)
    before = [kernel._cache_size() for kernel in kernels]
    for seed in range(3, 6):
        session(seed)
    assert [kernel._cache_size() for kernel in kernels] == before


def test_wrong_arguments_are_refused(tiny):
    prefix = tiny.prefix(_tokens(10))
    state, _ = tiny.start(prefix, particles=2)
    with pytest.raises(ValueError, match=r"2 particles take tokens \[2, chunk\]"):
        tiny.advance(state, np.zeros((3, 1), int), np.ones(3, int))
    with pytest.raises(ValueError, match="lengths must lie between 0 and 1"):
        tiny.advance(state, np.zeros((2, 1), int), np.array([1, 2]))
    with pytest.raises(ValueError, match="a prompt needs a token"):
        tiny.start(tiny.prefix([]), particles=2)
    with pytest.raises(ValueError, match="the prefix is empty"):
        tiny.score(tiny.prefix([]), [[1]])
    with pytest.raises(ValueError, match="the prompt has 2049 tokens, and this model's context"):
        tiny.prefix([1] * 2049)
