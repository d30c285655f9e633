"""Each strategy at each distribution that it has a rule for, against sums and integrals."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import pytest
from genjax import beta, categorical, dirichlet, flip, gamma, multivariate_normal, normal, uniform
from genjax import distributions as gd

from tests.vi.exact import ERRORS, Grid, deviations, line, unbiased, whole
from vi import (
    Enumerate,
    Fixed,
    GumbelSoftmax,
    LeaveOneOut,
    MeasureValued,
    Reinforce,
    Reparametrise,
    StraightThrough,
    maximise,
)
from vi.laws import law_of


def smooth(x, t):
    return jnp.sin(1.3 * x) + 0.3 * x**2 * t["b"] + t["a"]


def step(x, t):
    return jnp.where(x > 0.3, 2.0, -1.0) * t["b"]


def number(x, t):
    x = jnp.asarray(x, jnp.float32)
    return jnp.sin(2.0 + x) * t["b"] + x * x


LAWS = {
    "normal": (normal, lambda t: (t["a"], jnp.exp(t["b"])), line(-12, 12), smooth),
    "uniform": (uniform, lambda t: (t["a"] - 1, t["a"] + jnp.exp(t["b"])), None, smooth),
    "exponential": (gd.exponential, lambda t: (jnp.exp(t["a"]),), line(0, 30, 4_000), smooth),
    "laplace": (gd.laplace, lambda t: (t["a"], jnp.exp(t["b"])), line(-30, 30, 4_000), smooth),
    "log normal": (gd.log_normal, lambda t: (t["a"], 0.5), line(0, 40, 8_000), smooth),
    "gamma": (
        gamma,
        lambda t: (2 + jnp.exp(t["a"]), jnp.exp(t["b"])),
        line(0, 40, 8_000),
        smooth,
    ),
    "beta": (
        beta,
        lambda t: (2 + jnp.exp(t["a"]), 2 + jnp.exp(t["b"])),
        line(0, 1, 4_000),
        smooth,
    ),
    "flip": (flip, lambda t: (jax.nn.sigmoid(t["a"]),), whole(False, True), number),
    "bernoulli": (gd.bernoulli, lambda t: (t["a"] * t["b"],), whole(0, 1), number),
    "categorical": (
        categorical,
        lambda t: (jnp.stack([t["a"], 2 * t["b"], t["a"] * t["b"]]),),
        whole(0, 1, 2),
        number,
    ),
    "geometric": (gd.geometric, lambda t: (t["a"],), whole(*map(float, range(80))), number),
}
POINT = {"a": 0.4, "b": 0.7}
DAILY = [
    *((name, Reparametrise()) for name in ("normal", "uniform", "gamma")),
    *((name, Reinforce()) for name in ("normal", "categorical")),
    ("flip", Enumerate()),
    ("categorical", Enumerate(parallel=False)),
    *((n, MeasureValued()) for n in ("flip", "categorical", "geometric", "normal")),
    ("normal", Reinforce(Fixed(1.5))),
    ("categorical", Reinforce(LeaveOneOut())),
]
OTHERS = [
    *((name, Reparametrise()) for name in ("exponential", "laplace", "log normal", "beta")),
    *((name, Reinforce()) for name in LAWS if name not in ("uniform", "normal", "categorical")),
    *((name, Enumerate()) for name in ("bernoulli", "categorical")),
    ("bernoulli", MeasureValued()),
]
SLOW = pytest.mark.slow
PAIRS = [*DAILY, *(pytest.param(*pair, marks=SLOW) for pair in OTHERS)]


def case(name, strategy, result=None):
    """An objective with one draw, and the same as a sum."""
    distribution, parameters, grid, default = LAWS[name]
    result = result or default

    @maximise
    def objective(t):
        return result(strategy(distribution).sample(*parameters(t)), t)

    def exact(t):
        values = parameters(t)
        if name == "uniform":  # its support moves: integrate over the unit interval
            low, high = values
            unit = jnp.linspace(0, 1, 2001)
            each = jax.vmap(lambda u: result(low + (high - low) * u, t))(unit)
            return jnp.trapezoid(each, unit)
        density = lambda z: law_of(distribution).log_density(z, *values)  # noqa: E731
        return grid.expect(density, lambda z: result(z, t))

    return objective, exact


@pytest.mark.parametrize(("name", "strategy"), PAIRS, ids=lambda x: str(x))
def test_gradients_are_unbiased(name, strategy):
    estimates = 4 if "LeaveOneOut" in str(strategy) else 1
    assert unbiased(*_with_point(case(name, strategy)), estimates=estimates)


def _with_point(pair):
    objective, exact = pair
    return objective, POINT, exact


@pytest.mark.parametrize("strategy", [Reinforce(), MeasureValued()], ids=str)
def test_results_need_not_be_continuous(strategy):
    assert unbiased(*_with_point(case("normal", strategy, step)))


@pytest.mark.parametrize(
    ("name", "strategy", "result"),
    [
        ("flip", StraightThrough(), number),
        ("flip", GumbelSoftmax(0.5, hard=True), number),
        ("normal", Reparametrise(), step),
    ],
    ids=["straight through", "Gumbel", "a step"],
)
def test_bias_is_caught(name, strategy, result):
    """The same check rings for biased strategies, and for a strategy where it does not belong."""
    found = deviations(*_with_point(case(name, strategy, result)), 60_000, value_too=False)
    assert found.max() > 2 * ERRORS
    assert strategy.biased == (name == "flip")


@SLOW
def test_relaxations_of_a_categorical_draw_are_biased_but_near():
    """Their gradients point the right way; the check tells them from unbiased ones."""
    worth = jnp.array([0.0, 1.0, 4.0])

    def of(strategy):
        @maximise
        def objective(t):
            z = strategy(categorical).sample(jnp.stack([t["a"], 2 * t["b"], t["a"] * t["b"]]))
            return jnp.dot(z, worth) ** 2

        return objective

    def exact(t):
        logits = jnp.stack([t["a"], 2 * t["b"], t["a"] * t["b"]])
        return jnp.dot(jax.nn.softmax(logits), worth**2)

    for strategy in (StraightThrough(), GumbelSoftmax(0.5), GumbelSoftmax(0.5, hard=True)):
        objective = of(strategy)
        assert deviations(objective, POINT, exact, value_too=False).max() > 2 * ERRORS
        _, found = objective.value_and_gradient(jax.random.key(0), POINT, estimates=2_000)
        wanted = jax.grad(exact)(POINT)
        assert all(jnp.sign(found[k]) == jnp.sign(wanted[k]) for k in POINT)


@pytest.mark.parametrize("strategy", [Reparametrise(), Reinforce(), Reinforce(Fixed(1.0))], ids=str)
def test_gradients_of_a_multivariate_normal(strategy):
    """Quadratic results have exact answers, in the mean and in the covariance."""

    @maximise
    def objective(t):
        x = strategy(multivariate_normal).sample(t["m"], t["l"] @ t["l"].T)
        return x[0] * x[1] + 0.5 * x[1] ** 2

    def exact(t):
        m, cov = t["m"], t["l"] @ t["l"].T
        return cov[0, 1] + m[0] * m[1] + 0.5 * (cov[1, 1] + m[1] ** 2)

    point = {"m": jnp.array([0.3, -0.5]), "l": jnp.array([[1.0, 0.0], [0.4, 0.8]])}
    assert unbiased(objective, point, exact, samples=20_000)


def test_gradients_of_vectors():
    """A site of many draws, and multivariate ones: quadratic results have exact answers."""
    mean, factor = jnp.array([0.3, -0.5]), jnp.array([[1.0, 0.0], [0.4, 0.8]])

    @maximise
    def of_normals(t):
        x = Reparametrise()(multivariate_normal).sample(t["m"], t["l"] @ t["l"].T)
        y = MeasureValued()(normal).sample(t["m"], jnp.array([1.0, 2.0]))
        z = Reinforce()(normal).sample(t["m"], 1.0)
        return x[0] * x[1] + y[0] * y[1] + jnp.sum(y**2) + z[0] * z[1]

    def exact(t):
        m, cov = t["m"], t["l"] @ t["l"].T
        return cov[0, 1] + 3 * m[0] * m[1] + jnp.sum(m**2) + 5.0

    assert unbiased(of_normals, {"m": mean, "l": factor}, exact, samples=20_000)


@SLOW
def test_implicit_gradients_of_shares():
    """A Dirichlet draw: quadratic results have exact answers."""

    @maximise
    def of_shares(t):
        x = Reparametrise()(dirichlet).sample(jnp.exp(t))
        return x[0] * x[1] + x[2] ** 2

    def exact_shares(t):
        a = jnp.exp(t)
        n = jnp.sum(a)
        return (a[0] * a[1] + a[2] * (a[2] + 1)) / (n * (n + 1))

    assert unbiased(of_shares, jnp.array([0.1, 0.5, 0.9]), exact_shares, samples=2_000)


@pytest.mark.parametrize(
    "discrete",
    [
        pytest.param(Enumerate(), id="parallel"),
        pytest.param(Enumerate(parallel=False), id="one by one", marks=SLOW),
        pytest.param(MeasureValued(), id="measure-valued", marks=SLOW),
    ],
)
def test_any_mixture_in_one_program(discrete):
    """A draw that depends on draws of other kinds, under all strategies at once."""
    spread = line(-12, 12, 401)

    @maximise
    def objective(t):
        b = discrete(flip).sample(jax.nn.sigmoid(t["a"]))
        x = Reparametrise()(normal).sample(jnp.where(b, t["a"], -t["b"]), 1.0)
        c = Reinforce(Fixed(0.5))(flip).sample(jax.nn.sigmoid(x + t["b"]))
        y = MeasureValued()(normal).sample(t["b"] * c, 1 + b)
        return jnp.cos(x) * y**2 + c * t["a"]

    def exact(t):
        def given(b):
            def of_x(x):
                p = jax.nn.sigmoid(x + t["b"])
                second = (1 + b) ** 2 + p * t["b"] ** 2
                return jnp.cos(x) * second + p * t["a"]

            loc = jnp.where(b == 1, t["a"], -t["b"])
            return spread.expect(lambda x: law_of(normal).log_density(x, loc, 1.0), of_x)

        p = jax.nn.sigmoid(t["a"])
        return p * given(1.0) + (1 - p) * given(0.0)

    assert unbiased(objective, POINT, exact, samples=20_000)


def test_draws_in_loops_and_compiled_functions_are_followed():
    """A scan is unrolled, a `jit` is opened, and functions with rules of their own are kept."""

    @maximise
    def objective(t):
        def body(carry, _):
            x = jax.jit(lambda c: Reparametrise()(normal).sample(c + t["a"], t["b"]))(carry)
            return x, jax.nn.relu(Reinforce()(normal).sample(t["a"], 1.0))

        last, each = jax.lax.scan(body, 0.0, None, length=3)
        return last**2 + jnp.sum(each)

    def exact(t):
        positive = line(-12, 12, 4000).expect(
            lambda x: law_of(normal).log_density(x, t["a"], 1.0), jax.nn.relu
        )
        return 9 * t["a"] ** 2 + 3 * t["b"] ** 2 + 3 * positive

    assert unbiased(objective, POINT, exact)


def test_phantoms_of_many_draws_do_not_multiply():
    """A phantom's run wants no derivative, so it has no phantoms of its own."""

    def size(draws):
        @maximise
        def objective(t):
            heads = [MeasureValued()(flip)(jax.nn.sigmoid(t)) for _ in range(draws)]
            return sum(number(h, {"b": 1.0}) for h in heads)

        found = jax.make_jaxpr(objective.value_and_gradient)(jax.random.key(0), 0.3)
        return found.pretty_print().count("\n")

    assert size(12) < 5 * size(6)  # 2^6 times as many, were they to multiply


def test_a_leave_one_out_baseline_reduces_variance():
    key, samples = jax.random.key(1), 2000

    def spread(strategy):
        objective, _ = case("categorical", strategy, lambda x, t: 10 + number(x, t))
        run = jax.jit(lambda key: objective.value_and_gradient(key, POINT, estimates=8)[1]["a"])
        return float(jnp.std(jax.lax.map(run, jax.random.split(key, samples))))

    assert spread(Reinforce(LeaveOneOut())) < 0.2 * spread(Reinforce())


@SLOW
def test_grids_are_exact():
    """The check that everything rests on: densities sum to one."""
    for name, (distribution, parameters, grid, _) in LAWS.items():
        if isinstance(grid, Grid):
            values = parameters(POINT)
            density = lambda z, d=distribution, v=values: law_of(d).log_density(z, *v)  # noqa: E731
            assert abs(grid.expect(density, lambda z: 1.0) - 1) < 1e-4, name
