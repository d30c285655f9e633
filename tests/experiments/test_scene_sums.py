"""Sums over what a picture of a table leaves open: their parts, beside pictures drawn whole and known integrals."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.scenes.beside import Around
from experiments.scenes.places import climber, integral, law_around, placings
from models.worlds.scenes.renderer import NOISE, compose, layer, log_likelihood

KEY = jax.random.key(4)
SURE = 4.5  # standard errors


def test_a_thing_more_changes_the_density_as_on_the_whole_picture():
    """Whatever stands behind or before it; of several placings, too."""
    keys = jax.random.split(KEY, 4)
    features = jax.random.randint(keys[0], (24, 3), 0, jnp.array([5, 4, 2]))
    places = jax.random.uniform(keys[1], (24, 2)) * jnp.array([100.0, 60.0])
    things = [(*f, *p) for f, p in zip(features, places, strict=True)]
    one = jax.jit(layer)
    seen = [
        jax.jit(jax.vmap(layer))(*map(jnp.stack, zip(*things[i : i + 3], strict=True)))
        for i in (0, 3)
    ]
    away = places[:6, 1].reshape(2, 3)

    @jax.jit
    def dense(layers, depths, picture):
        return log_likelihood(picture, compose(layers, depths, jnp.array(len(depths))), NOISE)

    noise = NOISE * jax.random.normal(keys[2], (34, 62, 3))
    picture = jax.jit(compose)(seen[0], away[0], jnp.array(3)) + noise
    around = [jax.jit(Around.of)(picture, *given) for given in zip(seen, away, strict=True)]
    both = jax.tree.map(lambda *parts: jnp.stack(parts), *around)
    alone, of_both = [jax.jit(one.gain) for one in around], jax.jit(both.gain)
    changed = 0
    for thing in things[6:]:
        for i in (0, 1):
            joined = jax.tree.map(lambda a, b: jnp.concatenate([a, b[None]]), seen[i], one(*thing))
            whole = dense(joined, jnp.append(away[i], thing[-1]), picture)
            wanted = float(whole - dense(seen[i], away[i], picture))
            scale = 1e-3 * (1 + abs(wanted))
            assert abs(float(alone[i](thing)) - wanted) < scale
            assert abs(float(of_both(thing, jnp.array(i))) - wanted) < scale
            changed += abs(wanted) > 1
    assert changed > 10


def test_integrals_and_placings_of_a_normal_density():
    """The integral, and the mean of what the tail of the density decides, where a second law leads there."""
    scale = jnp.array([0.5, 2.0])

    def fit(x):
        return -0.5 * jnp.sum((x / scale) ** 2)

    rng = np.random.default_rng(1)
    peak, spread = climber(lambda x: x / scale)(jnp.array([0.3, -1.0]))
    assert np.allclose(peak, 0, atol=1e-3) and np.allclose(spread, np.diag(scale**2), rtol=1e-2)
    law, log_integral, error = integral(fit, law_around(peak, spread), rng)
    assert abs(log_integral - math.log(2 * math.pi)) < SURE * error < 0.2
    # The mean of exp(3 x) is exp(4.5 sd^2), of an x that is 3 sd^2 on average under it.
    wanted, found = math.exp(4.5 * 4), {}
    for laws in ([law], [law, law_around(np.array([0.0, 12.0]), spread)]):
        drawn, weights = placings(fit, laws, 600, rng)
        assert math.isclose(weights.mean(), 1)
        parts = weights * np.exp(3 * drawn[:, 1])
        found[len(laws)] = parts.mean(), parts.std() / math.sqrt(600)
    assert abs(found[2][0] - wanted) < SURE * found[2][1] < 0.4 * wanted * SURE
    assert abs(found[1][0] / wanted - 1) > 0.5  # draws of the first law alone miss it
    with pytest.raises(ValueError, match="positive"):
        law_around(np.zeros(2), np.diag([1.0, -1.0])).rvs(1)
