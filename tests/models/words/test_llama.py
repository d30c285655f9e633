"""The decoder's parts against plain arithmetic."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from models.words.attention import attend
from models.words.cross_entropy import token_losses
from models.words.llama import LlamaConfig, matmul, rotary, rotate

from .conftest import TINY, plain_logits


def _plain_attention(q, k, v, mask):
    each = q.shape[2] // k.shape[2]
    k, v = (jnp.repeat(x.astype(jnp.float32), each, axis=2) for x in (k, v))
    scores = jnp.einsum("bthd,bshd->bhts", q, k) / q.shape[-1] ** 0.5
    scores = jnp.where(mask[:, None], scores, -1e30)
    return jnp.einsum("bhts,bshd->bthd", jax.nn.softmax(scores), v)


def _draws(time, batch=2, heads=6, groups=2, width=8, dtype=jnp.float32):
    keys = jax.random.split(jax.random.key(time), 4)
    shapes = [(batch, time, heads, width)] + [(batch, time, groups, width)] * 2
    q, k, v = (jax.random.normal(key, shape) for key, shape in zip(keys, shapes, strict=False))
    mask = jax.random.bernoulli(keys[3], 0.5, (batch, time, time)) | jnp.eye(time, dtype=bool)
    return q, k.astype(dtype), v.astype(dtype), mask


@pytest.mark.parametrize("time", [5, 128])  # all heads together; one at a time
def test_attention_and_its_gradient(time):
    q, k, v, mask = _draws(time)
    np.testing.assert_allclose(
        jax.jit(attend)(q, k, v, mask), _plain_attention(q, k, v, mask), atol=2e-6, rtol=1e-5
    )
    weights = jax.random.normal(jax.random.key(9), q.shape)
    slopes = [
        jax.jit(jax.grad(lambda *a, f=f: jnp.sum(f(*a, mask) * weights), argnums=(0, 1, 2)))(
            q, k, v
        )
        for f in (attend, _plain_attention)
    ]
    for ours, plain in zip(*slopes, strict=True):
        np.testing.assert_allclose(ours, plain, atol=2e-5, rtol=1e-4)


def test_one_mask_for_all_rows():
    q, k, v, mask = _draws(128)
    one = mask[:1]
    np.testing.assert_allclose(
        attend(q, k, v, one), _plain_attention(q, k, v, one), atol=2e-6, rtol=1e-5
    )


def test_attention_in_bfloat16_stays_near():
    q, k, v, mask = _draws(128, dtype=jnp.bfloat16)
    error = jnp.abs(attend(q, k, v, mask) - _plain_attention(q, k, v, mask)).max()
    assert error < 0.03


@pytest.mark.parametrize("vocabulary", [50, 5000])  # one block; several, the last one part empty
def test_token_losses_and_their_gradient(vocabulary):
    keys = jax.random.split(jax.random.key(vocabulary), 3)
    states, table = (
        jax.random.normal(keys[0], (7, 16)),
        jax.random.normal(keys[1], (vocabulary, 16)),
    )
    targets = jax.random.randint(keys[2], (7,), 0, vocabulary)

    def plain(states):
        logs = jax.nn.log_softmax(states @ table.T)
        return -jnp.take_along_axis(logs, targets[:, None], axis=1)[:, 0]

    np.testing.assert_allclose(
        token_losses(states, table, targets), plain(states), rtol=2e-5, atol=2e-5
    )
    pull = jnp.arange(7.0)
    ours = jax.jit(jax.grad(lambda s: jnp.sum(token_losses(s, table, targets) * pull)))(states)
    np.testing.assert_allclose(
        ours, jax.grad(lambda s: jnp.sum(plain(s) * pull))(states), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_products_in_bfloat16_sum_in_float32(rows):
    x = jax.random.normal(jax.random.key(0), (rows, 1, 64))
    weight = jax.random.normal(jax.random.key(1), (32, 64)).astype(jnp.bfloat16)
    exact = np.asarray(x.astype(jnp.bfloat16), np.float64) @ np.asarray(weight, np.float64).T
    found = matmul(x, weight)
    assert found.dtype == jnp.float32
    np.testing.assert_allclose(found, exact, rtol=1e-5, atol=1e-5)


def test_turned_products_depend_on_distance_alone():
    q, k = jax.random.normal(jax.random.key(0), (2, 1, 1, 1, TINY.head_width))

    def turned(x, at):
        cos, sin = rotary(jnp.array([[at]]), TINY)
        return rotate(x, cos[0], sin[0])

    def product(at, other):
        return jnp.sum(turned(q, at) * turned(k, other))

    np.testing.assert_allclose(product(3, 10), product(103, 110), rtol=1e-3)
    assert abs(product(3, 10) - product(3, 11)) > 1e-3


def test_no_token_sees_what_follows(llama):
    tokens = jax.random.randint(jax.random.key(0), (1, 12), 0, TINY.vocabulary)
    changed = tokens.at[0, 8].set((tokens[0, 8] + 1) % TINY.vocabulary)
    before, after = (plain_logits(llama, each) for each in (tokens[0], changed[0]))
    np.testing.assert_array_equal(before[:8], after[:8])
    assert jnp.abs(before[8:] - after[8:]).max() > 1e-3


def test_heads_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="5 heads of 8 do not split among 2"):
        LlamaConfig(1, 8, 8, 5, 2, 8, 10)
