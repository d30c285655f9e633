"""Each objective under each kind of strategy, against sums over all that its draws can be."""

from __future__ import annotations

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from genjax import flip, gen

from tests.vi.exact import ERRORS, deviations, line, unbiased
from tests.vi.small import (
    OBSERVED,
    POINT,
    PRIORS,
    Coins,
    Kinds,
    Plane,
    Shift,
    coins,
    coins_guide,
    kinds,
    kinds_guide,
    log_flip,
    plane,
    plane_guide,
    shift,
    shift_guide,
)
from vi import (
    Enumerate,
    Importance,
    MeasureValued,
    Reinforce,
    Reparametrise,
    chi_square,
    cubo,
    diwhvi,
    elbo,
    elbo_stl,
    forward_kl,
    frozen,
    hvi,
    iwelbo,
    iwelbo_dreg,
    iwhvi,
    maximise,
    minimise,
    normalise,
    renyi,
    reverse_kl,
    sleep,
    symmetric_kl,
    target,
    vimco,
    wake_guide,
    wake_model,
    with_strategies,
)
from vi.objectives.bounds import log_mean


def table(space, t):
    """Log p and log q of every point, and the mass that q has there, `[K]`."""
    log_p = jax.vmap(lambda z: space.log_p(t, z))(space.points)
    log_q = jax.vmap(lambda z: space.log_q(t, z))(space.points)
    return log_p, log_q, space.weights * jnp.exp(log_q)


def expect(space, t, of_one):
    log_p, log_q, mass = table(space, t)
    return jnp.sum(mass * of_one(log_p - log_q))


def expect_two(space, t, of_two):
    """Over two independent points, of their two log weights `[2, K, K]`."""
    log_p, log_q, mass = table(space, t)
    w = log_p - log_q
    pair = jnp.stack(jnp.broadcast_arrays(w[:, None], w[None, :]))
    return jnp.sum(mass[:, None] * mass[None, :] * of_two(pair))


def kl(space, t):
    """KL of the normalised p to q."""
    log_p, log_q, _ = table(space, t)
    p = space.weights * jnp.exp(log_p)
    return jnp.sum(p / p.sum() * (log_p - jnp.log(p.sum()) - log_q))


BOUNDS = {
    "elbo": (elbo, lambda s, t: expect(s, t, lambda w: w)),
    "stl": (elbo_stl, lambda s, t: expect(s, t, lambda w: w)),
    "iwelbo": (lambda p, q: iwelbo(p, q, 2), lambda s, t: expect_two(s, t, log_mean)),
    "vimco": (lambda p, q: vimco(p, q, 2), lambda s, t: expect_two(s, t, log_mean)),
    "dreg": (lambda p, q: iwelbo_dreg(p, q, 2), lambda s, t: expect_two(s, t, log_mean)),
    "renyi": (
        lambda p, q: renyi(p, q, 2, alpha=0.5),
        lambda s, t: expect_two(s, t, lambda w: 2 * log_mean(0.5 * w)),
    ),
    "cubo": (
        lambda p, q: cubo(p, q, 2),
        lambda s, t: expect_two(s, t, lambda w: 0.5 * log_mean(2 * w)),
    ),
    "chi square": (chi_square, lambda s, t: expect(s, t, lambda w: jnp.exp(2 * w))),
}
MODELS = {
    "coins": (coins, coins_guide, Coins, (Enumerate(), MeasureValued(), Reinforce())),
    "kinds": (kinds, kinds_guide, Kinds, (Enumerate(), MeasureValued(), Reinforce())),
    "shift": (shift, shift_guide, Shift, (Reparametrise(), MeasureValued(), Reinforce())),
    "plane": (plane, plane_guide, Plane, (Reparametrise(), Reinforce())),
}
# Where a strategy makes the same draws as another, one of the two is enough for every day.
DAILY = {
    ("coins", "Enumerate"): ("elbo",),
    ("coins", "MeasureValued"): ("iwelbo",),
    ("coins", "Reinforce"): ("stl", "vimco"),
    ("kinds", "Enumerate"): ("renyi",),
    ("kinds", "MeasureValued"): (),
    ("kinds", "Reinforce"): (),
    ("shift", "Reparametrise"): ("chi square", "dreg"),
    ("shift", "MeasureValued"): (),
    ("shift", "Reinforce"): ("renyi",),
    ("plane", "Reparametrise"): (),
    ("plane", "Reinforce"): ("iwelbo",),
}


def pairs():
    for model, (_, _, _, strategies) in MODELS.items():
        for strategy, name in itertools.product(strategies, BOUNDS):
            if name == "dreg" and not isinstance(strategy, Reparametrise):
                continue  # it reparametrises all draws
            daily = name in DAILY[model, type(strategy).__name__]
            yield pytest.param(
                model,
                strategy,
                name,
                id=f"{model}-{type(strategy).__name__}-{name}",
                marks=() if daily else pytest.mark.slow,
            )


@pytest.mark.parametrize(("model", "strategy", "name"), list(pairs()))
def test_gradients_of_bounds_are_unbiased(model, strategy, name):
    program, guide, space, _ = MODELS[model]
    of, exact = BOUNDS[name]
    by = with_strategies(guide, default=strategy)

    @maximise
    def objective(t):
        model = target(program, OBSERVED, t)
        return of(frozen(model) if name == "dreg" else model, by.T(t))

    def expected(t):
        if name == "dreg":
            t = t | {"m": jax.lax.stop_gradient(t["m"])}
        return exact(space, t)

    assert unbiased(objective, POINT, lambda t: expected(t))


def test_the_check_catches_an_objective_that_forgets_the_density_of_the_guide():
    objective = maximise(lambda t: elbo(target(coins, OBSERVED, t), frozen(coins_guide.T(t))))
    found = deviations(objective, POINT, lambda t: BOUNDS["elbo"][1](Coins, t), value_too=False)
    assert found.max() > 2 * ERRORS


@pytest.mark.parametrize(
    "model",
    ["coins", *(pytest.param(m, marks=pytest.mark.slow) for m in ("kinds", "shift", "plane"))],
)
def test_wake_phases(model):
    """The model's: the bound with q kept. The guide's: normalised weights of two kept draws."""
    program, reader, space, _ = MODELS[model]
    hold = jax.lax.stop_gradient

    def kept(t):
        return t | {"a": hold(t["a"]), "b": hold(t["b"])}

    def of_guide(t):
        log_p, log_q, mass = jax.tree.map(hold, table(space, t))
        moving = table(space, t)[1]
        w = log_p - log_q
        share = jax.nn.sigmoid(w[:, None] - w[None, :])
        value = share * moving[:, None] + (1 - share) * moving[None, :]
        return jnp.sum(mass[:, None] * mass[None, :] * value)

    of_model = maximise(lambda t: wake_model(target(program, OBSERVED, t), reader.T(t), 2))
    assert unbiased(of_model, POINT, lambda t: expect_two(space, kept(t), log_mean))
    guide = maximise(lambda t: wake_guide(target(program, OBSERVED, t), reader.T(t), 2))
    assert unbiased(guide, POINT, of_guide)


@pytest.mark.slow
def test_sleep_phase():
    """Data and latents from the model; the guide reads the data."""

    @gen
    def reader(t, data):
        Reinforce()(flip)(jax.nn.sigmoid(t["a"] + t["b"] * data["y"])) @ "c"
        Reinforce()(flip)(jax.nn.sigmoid(t["b"] - t["a"] * data["y"])) @ "d"

    objective = maximise(lambda t: sleep(coins.T(t), ("y",), lambda data: reader.T(t, data)))
    ys = line(-5, 7, 400)

    def exact(t):
        still = jax.lax.stop_gradient(t)

        def at(y):
            p = jax.vmap(lambda z: jnp.exp(Coins.log_p(still, z, y)))(Coins.points)
            q = jax.vmap(
                lambda z: log_flip(z[0], t["a"] + t["b"] * y) + log_flip(z[1], t["b"] - t["a"] * y)
            )(Coins.points)
            return jnp.sum(p * q)

        return jnp.sum(ys.weights * jax.vmap(at)(ys.points))

    assert unbiased(objective, POINT, exact)


def divergence_pairs():
    for model, (_, _, _, strategies) in MODELS.items():
        for strategy in strategies:
            daily = (model, strategy) in (("coins", Reinforce()), ("shift", Reparametrise()))
            yield pytest.param(
                model,
                strategy,
                id=f"{model}-{type(strategy).__name__}",
                marks=() if daily else pytest.mark.slow,
            )


@pytest.mark.parametrize(("model", "strategy"), list(divergence_pairs()))
def test_divergences(model, strategy):
    """Between two programs of the same choices: the prior and the guide."""
    program, space = PRIORS[model]
    prior = with_strategies(program, default=strategy)
    guide = with_strategies(MODELS[model][1], default=strategy)

    def backward(t):
        return -expect(space, t, lambda w: w)

    exact = {
        forward_kl: lambda t: kl(space, t),
        reverse_kl: backward,
        symmetric_kl: lambda t: kl(space, t) + backward(t),
    }
    for of, expected in exact.items():
        objective = minimise(lambda t, of=of: of(prior.T(t), guide.T(t)))
        assert unbiased(objective, POINT, expected)


@pytest.mark.slow
def test_hierarchical_bounds():
    """A guide with an auxiliary flip, a reverse kernel with parameters of its own; all summed."""

    @gen
    def guide(t):
        aux = Enumerate()(flip)(jax.nn.sigmoid(t["a"])) @ "aux"
        c = Enumerate()(flip)(jax.nn.sigmoid(jnp.where(aux, t["b"], -1.0))) @ "c"
        Enumerate()(flip)(jax.nn.sigmoid(jnp.where(aux, 0.5 + c, t["a"]))) @ "d"

    @gen
    def reverse(kept, t):
        Enumerate()(flip)(jax.nn.sigmoid(t["b"] * kept["c"] - 0.3)) @ "aux"

    def log_joint(t, aux, z):
        c, d = z
        return (
            log_flip(aux, t["a"])
            + log_flip(c, jnp.where(aux == 1, t["b"], -1.0))
            + log_flip(d, jnp.where(aux == 1, 0.5 + c, t["a"]))
        )

    def log_reverse(t, aux, z):
        return log_flip(aux, t["b"] * z[0] - 0.3)

    def outcomes(t, m):
        """Log weight and mass of every world: what is kept, its auxiliary, m - 1 from reverse."""
        for z in itertools.product([0, 1], [0, 1]):
            for aux in itertools.product([0, 1], repeat=m):
                ratios = [log_joint(t, a, z) - log_reverse(t, a, z) for a in aux]
                mass = log_joint(t, aux[0], z) + sum(log_reverse(t, a, z) for a in aux[1:])
                yield Coins.log_p(t, z) - log_mean(jnp.stack(ratios)), jnp.exp(mass)

    def exact(m):
        return lambda t: sum(mass * w for w, mass in outcomes(t, m))

    def exact_doubly(t):
        w, mass = map(jnp.stack, zip(*outcomes(t, 2), strict=True))
        pair = jnp.stack(jnp.broadcast_arrays(w[:, None], w[None, :]))
        return jnp.sum(mass[:, None] * mass[None, :] * log_mean(pair))

    keep = ("c", "d")
    p = lambda t: target(coins, OBSERVED, t)  # noqa: E731
    one = maximise(lambda t: hvi(p(t), guide.T(t), keep, reverse))
    assert unbiased(one, POINT, exact(1), samples=8)
    several = maximise(lambda t: iwhvi(p(t), guide.T(t), keep, reverse, m=2))
    assert unbiased(several, POINT, exact(2), samples=8)

    sampled = with_strategies(guide, default=Reinforce())
    sampled_reverse = with_strategies(reverse, default=Reinforce())
    doubly = maximise(lambda t: diwhvi(p(t), sampled.T(t), keep, sampled_reverse, n=2, m=2))
    assert unbiased(doubly, POINT, exact_doubly)


def test_the_bound_of_a_normalised_model_is_the_importance_weighted_one():
    """ELBO of p and its own `normalise` with n particles equals IWELBO with n."""

    @gen
    def proposal(observed, t):
        Reinforce()(flip)(jax.nn.sigmoid(t["a"])) @ "c"
        Reinforce()(flip)(jax.nn.sigmoid(t["b"])) @ "d"

    class Same(Coins):
        @staticmethod
        def log_q(t, z):
            return log_flip(z[0], t["a"]) + log_flip(z[1], t["b"])

    q = normalise(coins, Importance(2, proposal))
    objective = maximise(lambda t: elbo(target(coins, OBSERVED, t), q.T(OBSERVED, t)))
    assert unbiased(objective, POINT, lambda t: expect_two(Same, t, log_mean))


def test_bounds_are_ordered():
    """ELBO < IWELBO < evidence < CUBO; the divergences are positive."""
    evidence = float(jnp.log(jnp.sum(jnp.exp(table(Coins, POINT)[0]))))
    found = {name: float(exact(Coins, POINT)) for name, (_, exact) in BOUNDS.items()}
    assert found["elbo"] < found["iwelbo"] < evidence
    assert 0.5 * np.log(found["chi square"]) > evidence
