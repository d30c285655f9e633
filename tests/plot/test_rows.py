"""Rows of randomness: the right distributions, and independent across sites, tiles and seeds."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from plot.backends.rows import normal_row, tile_key, uniform_row

WIDTH = 4096
FAILURE_RATE = 1e-6


def rows(draw, seed: int, tile: int, sites: list[int]) -> np.ndarray:
    cipher = tile_key(jax.random.key(seed), jnp.int32(tile))
    return np.stack([np.asarray(draw(cipher, jnp.int32(s), WIDTH), np.float64) for s in sites])


@pytest.mark.parametrize(
    ("draw", "cdf"), [(uniform_row, stats.uniform.cdf), (normal_row, stats.norm.cdf)]
)
def test_the_distribution_is_right(draw, cdf):
    x = np.concatenate([rows(draw, 1, tile, list(range(8))).ravel() for tile in range(8)])
    assert stats.kstest(x, cdf).pvalue > FAILURE_RATE
    assert np.isfinite(x).all()
    # The test rings: the same numbers a little shifted are refused.
    assert stats.kstest(x + 0.02, cdf).pvalue < FAILURE_RATE


def test_uniforms_lie_in_the_half_open_interval():
    x = rows(uniform_row, 0, 0, list(range(64)))
    assert x.min() >= 0 and x.max() < 1


def test_rows_are_uncorrelated():
    """Between sites, tiles, seeds, and neighbouring worlds (both words of one block)."""
    a = rows(normal_row, 1, 0, [3, 4])
    others = [
        a[1],
        rows(normal_row, 1, 1, [3])[0],
        rows(normal_row, 2, 0, [3])[0],
        np.roll(a[0], 1),
    ]
    others.append(np.roll(a[0], WIDTH // 2))
    bound = stats.norm.isf(FAILURE_RATE / 2) / math.sqrt(WIDTH)
    for other in others:
        assert abs(np.corrcoef(a[0], other)[0, 1]) < bound


def test_a_row_depends_on_its_seed_site_and_tile_alone():
    alone = rows(uniform_row, 5, 2, [7])[0]
    among = rows(uniform_row, 5, 2, [1, 9, 7])[2]
    np.testing.assert_array_equal(alone, among)


def test_other_generators_of_jax_serve_as_seeds():
    cipher = tile_key(jax.random.key(0, impl="rbg"), jnp.int32(0))
    assert cipher.shape == (2,)
