"""Resampling: right on average, and safe where weights are zero, skewed or many."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from inference.resampling import effective_size, multinomial, residual, stratified, systematic

SCHEMES = [systematic, stratified, residual, multinomial]
SKEWED = np.log(np.array([0.9, 0.05, 0.03, 0.02]))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_children_are_proportional_to_weights(scheme):
    keys = jax.random.split(jax.random.key(0), 4000)
    drawn = np.stack([scheme(key, SKEWED, 4) for key in keys])
    counts = np.stack([(drawn == i).sum(1) for i in range(4)], 1)
    error = counts.std(0) / np.sqrt(len(counts))
    assert np.all(np.abs(counts.mean(0) - 4 * np.exp(SKEWED)) <= 4.5 * error + 1e-9)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("place", [0, 3, 6])
def test_zero_weights_have_no_children(scheme, place):
    weights = jnp.full(7, -jnp.inf).at[place].set(0.0)
    for seed in range(20):
        assert set(scheme(jax.random.key(seed), weights, 50).tolist()) == {place}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_indices_stay_in_range_where_float32_sums_fall_short(scheme):
    n = 100_000
    weights = jax.random.normal(jax.random.key(1), (n,)) * 5
    ancestors = np.asarray(scheme(jax.random.key(2), weights.at[-1].set(-jnp.inf), n))
    assert ancestors.min() >= 0
    assert ancestors.max() <= n - 2
    assert np.all(np.diff(ancestors) >= 0)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_weights_far_from_one(scheme):
    low = scheme(jax.random.key(0), jnp.asarray(SKEWED) - 1000, 10)
    high = scheme(jax.random.key(0), jnp.asarray(SKEWED) + 1000, 10)
    assert low.tolist() == high.tolist()


def test_effective_size():
    assert float(effective_size(jnp.zeros(8))) == pytest.approx(8)
    assert float(effective_size(jnp.array([5.0, -jnp.inf]))) == pytest.approx(1)
    assert float(effective_size(jnp.full(3, -jnp.inf))) == 0
