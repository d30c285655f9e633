"""Estimated densities against exact ones: a chain of three flips with two observations of each."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from genjax import flip, gen, normal, seed

from tests.vi.exact import ERRORS, unbiased
from vi import (
    SMC,
    Enumerate,
    GuideError,
    Importance,
    Reinforce,
    draw,
    log_density,
    marginal,
    maximise,
    normalise,
    target,
)

SAMPLES = 4_000
Y = {"y1": True, "y2": False, "y3": True}


def stay(z):
    return jnp.where(z, 0.8, 0.3)


def see(z):
    return jnp.where(z, 0.9, 0.25)


@gen
def chain():
    z1 = flip(0.6) @ "z1"
    flip(see(z1)) @ "y1"
    z2 = flip(stay(z1)) @ "z2"
    flip(see(z2)) @ "y2"
    z3 = flip(stay(z2)) @ "z3"
    flip(see(z3)) @ "y3"


@gen
def all_at_once(given):
    for i in (1, 2, 3):
        flip(jnp.where(given[f"y{i}"], 0.7, 0.4)) @ f"z{i}"


def step(i):
    @gen
    def proposal(given, earlier):
        before = earlier[f"z{i - 1}"] if i > 1 else True
        flip(0.5 * stay(before) + 0.5 * jnp.where(given[f"y{i}"], 0.7, 0.3)) @ f"z{i}"

    return proposal


STEPS = tuple(step(i) for i in (1, 2, 3))
ALGORITHMS = [
    pytest.param(Importance(1, all_at_once), id="importance-1", marks=pytest.mark.slow),
    pytest.param(Importance(4, all_at_once), id="importance-4"),
    pytest.param(SMC(1, STEPS), id="smc-1", marks=pytest.mark.slow),
    pytest.param(SMC(3, STEPS), id="smc-3"),
]


def exact_joint(z, y):
    p = 1.0
    for i, (a, b) in enumerate(zip(z, y, strict=True)):
        chance = 0.6 if i == 0 else float(stay(z[i - 1]))
        p *= (chance if a else 1 - chance) * (float(see(a)) if b else 1 - float(see(a)))
    return p


def exact_marginal(y):
    return sum(exact_joint(z, y) for z in itertools.product([True, False], repeat=3))


def many(program, samples=SAMPLES, key=0):
    """Independent runs of a program without a key, `[samples]`."""
    run = jax.jit(jax.vmap(seed(program)))
    return jax.tree.map(np.asarray, run(jax.random.split(jax.random.key(key), samples)))


def near(values, exact):
    """Whether a mean is within the allowed standard errors; a NaN is not."""
    error = values.std() / np.sqrt(len(values))
    return abs(values.mean() - exact) <= ERRORS * error + 1e-6


@pytest.mark.parametrize("by", ALGORITHMS)
def test_densities_are_estimated_without_bias(by):
    """Of given choices: the density. Of drawn ones: one over it (the sum over all is their number)."""
    program = marginal(chain, ("y1", "y2", "y3"), by)
    found = many(lambda: jnp.exp(log_density(program.T(), Y)))
    exact = exact_marginal((True, False, True))
    assert near(found, exact)
    if by.particles > 1:
        assert found.std() > 0
    y, log_q = many(lambda: draw(program.T()))
    assert near(np.exp(-log_q), 8)
    mine = np.all([y[f"y{i}"] == Y[f"y{i}"] for i in (1, 2, 3)], axis=0)
    assert near(np.exp(-log_q) * mine, 1)
    assert near(mine.astype(float), exact)


@pytest.mark.parametrize("by", ALGORITHMS[1:])
def test_posteriors_know_their_own_density(by):
    """The density of what `normalise` draws, estimated at given choices, is its frequency."""
    program = normalise(chain, by)
    z, log_q = many(lambda: draw(program.T(Y)))
    assert near(np.exp(-log_q), 8)
    one = {"z1": True, "z2": False, "z3": True}
    drawn = np.all([z[a] == v for a, v in one.items()], axis=0).astype(float)
    density = many(lambda: jnp.exp(log_density(program.T(Y), one)), key=1)
    gap = drawn.mean() - density.mean()
    error = np.sqrt((drawn.var() + density.var()) / SAMPLES)
    assert abs(gap) <= ERRORS * error


@pytest.mark.slow
def test_posteriors_converge():
    """With many particles, draws follow the exact posterior."""
    z, _ = many(lambda: draw(normalise(chain, SMC(40, STEPS)).T(Y)), 4_000)
    drawn = (z["z1"] & ~z["z2"] & z["z3"]).astype(float)
    y = (True, False, True)
    exact = exact_joint((True, False, True), y) / exact_marginal(y)
    assert near(drawn, exact)


def test_a_biased_density_is_caught():
    """The log of an unbiased estimate is below the log of the density: the check tells them apart."""
    program = marginal(chain, ("y1", "y2", "y3"), Importance(2, all_at_once))
    logs = many(lambda: log_density(program.T(), Y))
    assert not near(logs, np.log(exact_marginal((True, False, True))))


def test_marginals_inside_programs():
    """In a model and in a guide, as a choice at one address; its density is exact with a good proposal."""

    @gen
    def noisy():
        a = normal(0.0, 1.0) @ "a"
        normal(a, 1.0) @ "b"

    @gen
    def exact(kept):
        normal(kept["b"] / 2, 0.5**0.5) @ "a"

    b = marginal(noisy, "b", Importance(3, exact))

    @gen
    def model():
        x = b() @ "x"
        normal(x, 1.0) @ "y"

    found = log_density(target(model, {"y": 0.7}), {"x": 0.2})
    wanted = -0.5 * (0.2**2 / 2 + 0.5**2) - 0.5 * np.log(2) - np.log(2 * np.pi)
    assert float(found) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.slow
def test_gradients_through_sequential_monte_carlo_are_unbiased():
    """The bound of a model's evidence by SMC, resampling included, against a sum over all runs."""

    @gen
    def pair(t):
        z1 = flip(jax.nn.sigmoid(t)) @ "z1"
        flip(see(z1)) @ "y1"
        z2 = flip(jnp.where(z1, 0.8, jax.nn.sigmoid(-t))) @ "z2"
        flip(see(z2)) @ "y2"

    def proposal(i):
        @gen
        def one(given, earlier, t):
            Reinforce()(flip)(jax.nn.sigmoid(0.5 * t) if i == 1 else 0.6) @ f"z{i}"

        return one

    by = SMC(2, (proposal(1), proposal(2)), ancestors=Enumerate())
    data = {"y1": True, "y2": False}
    objective = maximise(lambda t: log_density(marginal(pair, ("y1", "y2"), by).T(t), data))

    def exact(t):
        def log_weights(first, second):
            p1 = jnp.where(first, jax.nn.sigmoid(t), jax.nn.sigmoid(-t)) * see(first)
            q1 = jnp.where(first, jax.nn.sigmoid(0.5 * t), jax.nn.sigmoid(-0.5 * t))
            chance = jnp.where(first, 0.8, jax.nn.sigmoid(-t))
            p2 = jnp.where(second, chance, 1 - chance) * (1 - see(second))
            q2 = jnp.where(second, 0.6, 0.4)
            return p1 / q1, q1, p2 / q2, q2

        total = 0.0
        flips = [False, True]
        for a, b in itertools.product(flips, repeat=2):
            w = [log_weights(jnp.array(z), True)[0] for z in (a, b)]
            chance = log_weights(jnp.array(a), True)[1] * log_weights(jnp.array(b), True)[1]
            share = [w[0] / (w[0] + w[1]), w[1] / (w[0] + w[1])]
            for i, j in itertools.product([0, 1], repeat=2):
                for c, d in itertools.product(flips, repeat=2):
                    two = [
                        log_weights(jnp.array((a, b)[k]), jnp.array(z)) for k, z in ((i, c), (j, d))
                    ]
                    mass = chance * share[i] * share[j] * two[0][3] * two[1][3]
                    estimate = (w[0] + w[1]) / 2 * (two[0][2] + two[1][2]) / 2
                    total = total + mass * jnp.log(estimate)
        return total

    assert unbiased(objective, 0.4, exact)


def test_marginals_teach():
    with pytest.raises(GuideError, match='keeps "w", at which nothing is drawn'):
        draw(marginal(chain, ("w",), Importance(2, all_at_once)).T())
    with pytest.raises(GuideError, match='no proposal makes the auxiliary choice at "z2"'):
        draw(marginal(chain, ("y1", "y2", "y3"), SMC(2, STEPS[:1])).T())
    with pytest.raises(GuideError, match="0 particles"):
        Importance(0, all_at_once)
    with pytest.raises(GuideError, match='the choices differ at "y3"'):
        log_density(
            marginal(chain, ("y1", "y2", "y3"), SMC(2, STEPS)).T(), {"y1": True, "y2": True}
        )
