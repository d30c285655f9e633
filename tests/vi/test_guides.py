"""Guides are normalised, say the density of what they draw, and reach what their family can."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from vi.fitting import FitOptions, loss_and_gradient, optimise
from vi.guides import (
    MLP,
    Amortised,
    Autoregressive,
    Flow,
    FullRank,
    Hierarchical,
    LowRank,
    MeanField,
    Network,
    SetEncoder,
    draw,
    log_density,
)

PLANE = [
    MeanField(2),
    FullRank(2),
    LowRank(2, 1),
    Hierarchical(shared=1, groups=1, each=1),
    Flow(2, layers=2, hidden=8),
    Autoregressive(2, hidden=8),
]


def shaken(guide, key):
    """Parameters away from where they begin."""
    params = guide.init(key)
    leaves, structure = jax.tree.flatten(params)
    keys = jax.random.split(key, len(leaves))
    moved = [x + 0.2 * jax.random.normal(k, x.shape) for x, k in zip(leaves, keys, strict=True)]
    return jax.tree.unflatten(structure, moved)


@pytest.mark.parametrize("guide", PLANE, ids=lambda g: type(g).__name__)
def test_densities_integrate_to_one_and_are_those_of_the_draws(guide, key):
    params = shaken(guide, key)
    side = jnp.linspace(-10, 10, 501)
    grid = jnp.stack(jnp.meshgrid(side, side), -1).reshape(-1, 2)
    logs = jax.jit(jax.vmap(lambda x: log_density(guide, params, x)))(grid)
    density, cell = np.exp(np.asarray(logs, float)), float(side[1] - side[0]) ** 2
    assert abs(density.sum() * cell - 1) < 5e-3
    points, said = jax.jit(jax.vmap(lambda k: draw(guide, k, params)))(jax.random.split(key, 4_000))
    again = jax.vmap(lambda x: log_density(guide, params, x))(points)
    assert np.allclose(said, again, atol=2e-3)
    # The draws have the moments of the density, to 5 standard errors.
    mean = density @ np.asarray(grid) * cell
    error = np.asarray(points).std(0) / np.sqrt(4_000)
    assert np.all(np.abs(np.asarray(points).mean(0) - mean) < 5 * error + 5e-3)


MEAN = jnp.array([1.0, -1.0, 0.5])
FACTOR = jnp.array([[1.0, 0, 0], [0.8, 0.5, 0], [-0.5, 0, 0.7]])


def normal_target(x):
    z = jax.scipy.linalg.solve_triangular(FACTOR, x - MEAN, lower=True)
    return -0.5 * z @ z - jnp.log(jnp.diag(FACTOR)).sum() - 1.5 * jnp.log(2 * jnp.pi)


def gap(guide, target, key, steps, rate=0.02):
    """How far the bound is from the log evidence, 0; and its standard error."""

    def loss(key, params):
        points, logs = jax.vmap(lambda k: draw(guide, k, params))(jax.random.split(key, 32))
        return jnp.mean(logs - jax.vmap(target)(points))

    optimiser = optax.adam(optax.cosine_decay_schedule(rate, steps))
    fitted = optimise(key, loss_and_gradient(loss), guide.init(key), FitOptions(steps, optimiser))
    points, logs = jax.vmap(lambda k: draw(guide, k, fitted.params))(jax.random.split(key, 4_000))
    found = np.asarray(logs - jax.vmap(target)(points), float)
    return found.mean(), found.std() / np.sqrt(len(found))


@pytest.mark.parametrize(
    "guide",
    [FullRank(3), Hierarchical(shared=1, groups=2, each=1)],
    ids=lambda g: type(g).__name__,
)
def test_a_family_that_holds_the_target_reaches_it(guide, key):
    divergence, error = gap(guide, normal_target, key, 800)
    assert -5 * error <= divergence < 0.01


def test_independent_normals_miss_by_what_they_must(key):
    """The best have the precision's diagonal; the divergence that is left is known exactly."""
    divergence, error = gap(MeanField(3), normal_target, key, 800)
    precision = jnp.linalg.inv(FACTOR @ FACTOR.T)
    least = 0.5 * (jnp.log(jnp.diag(precision)).sum() - jnp.linalg.slogdet(precision)[1])
    assert abs(divergence - float(least)) < 5 * error + 0.02
    assert least > 0.2


def banana(x):
    return -0.5 * x[0] ** 2 - 0.5 * ((x[1] - x[0] ** 2) / 0.5) ** 2 - jnp.log(0.5 * 2 * jnp.pi)


@pytest.mark.slow
def test_flows_bend_where_normals_cannot(key):
    straight, _ = gap(FullRank(2), banana, key, 500)
    for guide in (Flow(2, layers=2), Autoregressive(2)):
        bent, _ = gap(guide, banana, key, 700)
        assert bent < straight / 4


def test_an_autoregressive_guide_never_looks_ahead(key):
    guide = Autoregressive(4, hidden=16, context=2)
    params = shaken(guide, key)
    context = jnp.ones(2)

    def back(x):
        return guide.distribution(params, context).bijector.inverse(x)

    slopes = jax.jacobian(back)(jax.random.normal(key, (4,)))
    assert np.allclose(np.triu(slopes, 1), 0)
    assert np.any(np.abs(np.tril(slopes, -1)) > 1e-3)


def test_sets_are_read_in_any_order_and_absent_items_not_at_all(key):
    network = Network(lambda rngs: SetEncoder(3, 8, 5, rngs))
    params = network.init(key)
    items = jax.random.normal(key, (4, 3))
    present = jnp.array([True, True, True, False])
    found = network(params, items, present)
    assert np.allclose(found, network(params, items[jnp.array([2, 0, 1, 3])], present), atol=1e-6)
    assert np.allclose(found, network(params, items.at[3].set(99.0), present), atol=1e-6)
    assert not np.allclose(found, network(params, items, jnp.ones(4, bool)))


def test_an_encoder_of_another_size_is_refused():
    network = Network(lambda rngs: MLP((2, 4), rngs))
    with pytest.raises(ValueError, match="the family reads 3"):
        Amortised(Flow(2, context=3), network, features=4)


@pytest.mark.slow
def test_a_flow_with_a_context_answers_each_observation(key):
    from vi.amortised import TrainOptions, train

    def simulate(key):
        latent = jax.random.normal(key, (2,))
        noise = 0.5 * jax.random.normal(jax.random.fold_in(key, 1))
        return latent, (latent.sum() + noise)[None]

    guide = Amortised(
        Flow(2, 2, hidden=16, context=8), Network(lambda r: nnx.Linear(1, 8, rngs=r)), 8
    )
    options = TrainOptions(steps=600, batch=64, rate=5e-3)
    params, curve = train(key, simulate, guide, guide.log_density, options)
    # The exact entropy of the latents given the observation: 2 standard normals, one sum seen.
    covariance = np.eye(2) - np.ones((2, 2)) / 2.25
    exact = 0.5 * np.linalg.slogdet(2 * np.pi * np.e * covariance)[1]
    loss, error = curve.last()
    assert -5 * error < loss - exact < 0.1
    drawn = jax.vmap(lambda k: guide.draw(k, params, jnp.array([1.5]))[0])(
        jax.random.split(key, 4000)
    )
    assert abs(float(drawn.sum(1).mean()) - 2 * 1.5 / 2.25) < 0.15
