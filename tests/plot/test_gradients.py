"""Questions as JAX functions: values, densities and derivatives against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from plot.backends.lax_ops import NUMERIC
from plot.data import Name
from plot.errors import Unsupported
from plot.exports import as_jax
from plot.exports.smooth import SMOOTH
from plot.modules import Module, ModuleFunction, register
from plot.world import World

QUANTILES = {
    "gamma_quantile": (
        special.gammaincinv,
        lambda z, a: stats.gamma.pdf(z, a),
        [(a, u) for a in (0.05, 0.5, 3, 50) for u in (0.01, 0.5, 0.999)],
    ),
    "beta_quantile": (
        special.betaincinv,
        lambda z, a, b: stats.beta.pdf(z, a, b),
        [(a, b, u) for a in (0.1, 0.5, 3, 50) for b in (0.5, 7) for u in (0.01, 0.5, 0.999)],
    ),
    "t_quantile": (
        special.stdtrit,
        lambda z, df: stats.t.pdf(z, df),
        [(df, u) for df in (0.5, 1, 3, 50) for u in (0.01, 0.25, 0.6, 0.999)],
    ),
}


def slope(function, point, argument):
    """A derivative by central differences at two steps, extrapolated: the error is O(step^4)."""

    def central(step):
        up, down = list(point), list(point)
        up[argument] += step
        down[argument] -= step
        return (function(*up) - function(*down)) / (up[argument] - down[argument])

    step = 2e-3 * point[argument]
    return (4 * central(step / 2) - central(step)) / 3


@pytest.fixture
def x64():
    with jax.enable_x64(True):
        yield


class TestQuantiles:
    @pytest.mark.parametrize("name", QUANTILES)
    def test_values(self, name, x64):
        exact, _, points = QUANTILES[name]
        columns = [jnp.array(c, jnp.float64) for c in zip(*points, strict=True)]
        # The beta quantile at one half is taken a step of 1e-8 aside.
        np.testing.assert_allclose(NUMERIC[name](*columns), exact(*np.array(points).T), rtol=1e-6)

    @pytest.mark.parametrize("name", QUANTILES)
    def test_the_derivative_by_the_uniform_is_one_over_the_density(self, name, x64):
        exact, density, points = QUANTILES[name]
        columns = [jnp.array(c, jnp.float64) for c in zip(*points, strict=True)]
        last = len(columns) - 1
        found = jax.grad(lambda *c: SMOOTH[name](*c).sum(), last)(*columns)
        wanted = [1 / density(exact(*p), *p[:-1]) for p in points]
        np.testing.assert_allclose(found, wanted, rtol=1e-6)

    @pytest.mark.parametrize("name", QUANTILES)
    def test_derivatives_by_the_shape_parameters(self, name, x64):
        # The step is 2e-3 of the parameter: the truncation error is about step^4 = 1e-11 of the
        # value, times derivatives that grow as powers of log u / shape; rounding is 1e-13 / 1e-3.
        exact, _, points = QUANTILES[name]
        columns = [jnp.array(c, jnp.float64) for c in zip(*points, strict=True)]
        for argument in range(len(columns) - 1):
            found = jax.grad(lambda *c: SMOOTH[name](*c).sum(), argument)(*columns)
            wanted = np.array([slope(exact, p, argument) for p in points])
            np.testing.assert_allclose(found, wanted, rtol=3e-6, atol=1e-12)


class TestRows:
    def test_an_answer_from_given_rows(self):
        f = as_jax("(define x (gaussian 3 2)) (define p (flip 0.3)) (query (if p x (- x)))")
        assert (f.uniforms, f.normals) == (("flip",), ("gaussian",))
        out = f.of_rows(jnp.array([[0.1, 0.9]]), jnp.array([[1.0, 1.0]]))
        np.testing.assert_allclose(out.value, [5, -5])
        assert out.choices["p"].tolist() == [True, False]
        np.testing.assert_allclose(out.log_prior, stats.norm.logpdf([1, 1]), rtol=1e-6)

    def test_evidence_is_the_weight(self):
        f = as_jax(
            "(define x (gaussian 0 1)) (define y (uniform 0 1)) (condition (> x y))"
            "(condition (= (gaussian x 2) 1)) (query x)"
        )
        out = f.of_rows(jnp.array([[0.5, 0.5]]), jnp.array([[1.0, 0.0]]))
        np.testing.assert_allclose(out.log_weight, [stats.norm.logpdf(1, 1, 2), -np.inf], rtol=1e-6)

    def test_an_observed_draw_is_no_row(self):
        f = as_jax("(define x (gaussian 0 1)) (condition (= x 2)) (query (+ x (gaussian x 1)))")
        assert f.normals == ("gaussian#2",)
        np.testing.assert_allclose(f.of_rows(jnp.zeros((0, 1)), jnp.zeros((1, 1))).value, 4)

    def test_another_number_of_rows_is_an_error(self):
        with pytest.raises(ValueError, match="1 rows of normals are due"):
            as_jax("(query (gaussian 0 1))").of_rows(jnp.zeros((0, 1)), jnp.zeros((2, 1)))

    @pytest.mark.parametrize(
        "draw",
        [
            "(gaussian s s)",
            "(uniform (- s) (* 2 s))",
            "(exponential s)",
            "(gamma s 2)",
            "(beta s 3)",
            "(beta 2 s)",
            "(student-t s 1 s)",
            "(second (dirichlet (list 1 s 2)))",
        ],
    )
    def test_derivatives_through_a_parameter_of_every_draw(self, draw, x64):
        # Truncation is about step^2 times the third derivative, rounding 1e-13 / step.
        f = as_jax(f"(define s (exp (gaussian 0 0.3))) (query {draw})")
        rng = np.random.default_rng(0)
        uniforms = jnp.array(rng.uniform(0.1, 0.9, (len(f.uniforms), 5)))
        normals = jnp.array(rng.normal(size=(len(f.normals), 5)))

        @jax.jit
        def total(z):
            return f.of_rows(uniforms, normals.at[0].set(z)).value

        step = 1e-4
        wanted = (total(normals[0] + step) - total(normals[0] - step)) / (2 * step)
        found = jax.grad(lambda z: total(z).sum())(normals[0])
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)

    def test_the_mean_of_pathwise_derivatives_is_the_derivative_of_the_mean(self):
        # The mean of the first part is a / (a + 5), at a = 2.
        f = as_jax("(define a (gaussian 2 1)) (query (first (dirichlet (list a 2 3))))")
        worlds = 20_000
        uniforms = jax.random.uniform(jax.random.key(0), (len(f.uniforms), worlds))
        slopes = jax.jit(jax.grad(lambda z: f.of_rows(uniforms, z[None]).value.sum()))(
            jnp.zeros(worlds)
        )
        error = slopes.std() / np.sqrt(worlds)
        assert abs(slopes.mean() - 5 / 49) < 5 * error
        assert error < 0.002

    @pytest.mark.parametrize(
        "untaken", ["(sqrt x)", "(log x)", "(/ 1 (- x x))", "(gaussian 0 x)", "(expt x 0.5)"]
    )
    def test_an_arm_that_is_not_taken_has_no_derivative(self, untaken):
        f = as_jax(f"(define x (gaussian 0 1)) (query (if (> x 0) {untaken} (* 3 x)))")
        normals = jnp.full((len(f.normals), 1), -0.5)

        def value(z):
            return f.of_rows(jnp.zeros((0, 1)), normals.at[0, 0].set(z)).value[0]

        assert jax.grad(value)(-0.5) == pytest.approx(3)


MODEL = """
(define mu (gaussian 1 2))
(define p (beta 2 3))
(define coin (flip p))
(define rate (gamma 2 0.5))
(define wait (exponential rate))
(define where (uniform mu (+ mu wait)))
(define odd (student-t 4 mu rate))
(define k (binomial p 4))
(define n (poisson rate))
(define die (random-integer 6))
(define colour (multinomial '(red green blue) (list 1 rate 0)))
(condition (= (gaussian mu 1) 0.5))
(factor (if coin rate 0))
(query (+ where odd k n die (if (eq? colour 'red) 1 0)))
"""
VALUES = {
    "mu": 0.3,
    "p": 0.4,
    "coin": True,
    "rate": 1.5,
    "wait": 0.7,
    "where": 0.8,
    "odd": -0.4,
    "k": 3,
    "n": 2,
    "die": 4,
    "colour": 1,
}


def joint(v: dict) -> float:
    """The log density of the model, from SciPy."""
    return (
        stats.norm.logpdf(v["mu"], 1, 2)
        + stats.beta.logpdf(v["p"], 2, 3)
        + stats.bernoulli.logpmf(v["coin"], v["p"])
        + stats.gamma.logpdf(v["rate"], 2, scale=0.5)
        + stats.expon.logpdf(v["wait"], scale=1 / v["rate"])
        + stats.uniform.logpdf(v["where"], v["mu"], v["wait"])
        + stats.t.logpdf(v["odd"], 4, v["mu"], v["rate"])
        + stats.binom.logpmf(v["k"], 4, v["p"])
        + stats.poisson.logpmf(v["n"], v["rate"])
        + np.log(1 / 6)
        + np.log([1, v["rate"], 0][v["colour"]] / (1 + v["rate"]))
        + stats.norm.logpdf(0.5, v["mu"], 1)
        + (v["rate"] if v["coin"] else 0)
    )


class TestChoices:
    def test_addresses_are_names_of_definitions(self):
        assert set(as_jax(MODEL).choices) == VALUES.keys()

    def test_the_joint_density(self, x64):
        f = as_jax(MODEL)
        out = f.of_choices(VALUES)
        assert float(out.log_density) == pytest.approx(joint(VALUES), abs=1e-10)
        assert float(out.value) == pytest.approx(0.8 - 0.4 + 3 + 2 + 4)

    @pytest.mark.parametrize("name", ["mu", "p", "rate", "wait", "where", "odd"])
    def test_its_derivatives(self, name, x64):
        # The step is 2e-3 of the value, so truncation is about 1e-11 of the fourth derivative.
        f = as_jax(MODEL)
        found = jax.grad(lambda x: f.of_choices({**VALUES, name: x}).log_density)(VALUES[name])
        wanted = slope(lambda x: joint({**VALUES, name: x}), [VALUES[name]], 0)
        assert float(found) == pytest.approx(wanted, rel=1e-7, abs=1e-9)

    def test_values_out_of_the_support_have_no_density(self):
        f = as_jax(MODEL)
        for name, value in (("p", 1.2), ("rate", -1.0), ("where", 9.0), ("k", 5), ("colour", 2)):
            assert f.of_choices({**VALUES, name: value}).log_density == -np.inf

    def test_rows_and_the_choices_made_from_them_say_the_same(self):
        f = as_jax(MODEL)
        u = jax.random.uniform(jax.random.key(0), (len(f.uniforms), 50))
        z = jax.random.normal(jax.random.key(1), (len(f.normals), 50))
        rows = jax.jit(f.of_rows)(u, z)
        again = jax.jit(f.of_choices)(rows.choices)
        # Values pass through the same operations; only where XLA fuses differs.
        np.testing.assert_allclose(rows.value, again.value, rtol=1e-5)
        np.testing.assert_allclose(rows.log_weight, again.log_weight, rtol=1e-5)

    def test_a_draw_in_an_arm_has_its_prior_where_its_parameters_make_no_sense(self):
        f = as_jax("(define s (gaussian 0 1)) (query (if (> s 0) (gaussian 0 s) 0))")
        out = f.of_choices({"s": jnp.array([2.0, -1.0]), "gaussian#2": jnp.array([1.0, 1.0])})
        wanted = stats.norm.logpdf([2, -1]) + stats.norm.logpdf(1, 0, [2, 1])
        np.testing.assert_allclose(out.log_density, wanted, rtol=1e-6)

    def test_a_world_that_dies_has_no_weight(self):
        f = as_jax("(define s (gaussian 0 1)) (query (gaussian 0 s))")
        out = f.of_choices({"s": jnp.array([2.0, -1.0]), "gaussian#2": jnp.array([1.0, 1.0])})
        assert np.isfinite(out.log_density).tolist() == [True, False]

    def test_a_missing_value_is_an_error(self):
        with pytest.raises(KeyError, match="no value for the choice"):
            as_jax(MODEL).of_choices({})

    def test_batches_and_compiles(self):
        f = as_jax(MODEL)
        values = {k: jnp.stack([jnp.asarray(v)] * 3) for k, v in VALUES.items()}
        batched = jax.jit(jax.vmap(f.of_choices))(values).log_density
        np.testing.assert_allclose(batched, f.of_choices(values).log_density, rtol=1e-6)


class TestValues:
    def test_a_list_stays_a_list_and_a_name_is_its_code(self):
        world = World.from_source("(define coin (flip 0.5))")
        question = world.ask("(list (if coin 'a 'b) 3 coin)")
        name, three, coin = (
            as_jax(question).of_rows(jnp.array([[0.1, 0.9]]), jnp.zeros((0, 2))).value
        )
        decode = world.session.atoms.value
        assert [decode(c) for c in name] == [Name("a"), Name("b")]
        assert three == 3 and coin.tolist() == [True, False]

    @pytest.mark.parametrize(
        "answer", ["(if coin 1 'a)", "(if coin '(1) '(1 2))", "(if coin '() '(1))"]
    )
    def test_an_answer_of_drawn_sort_or_length_is_refused(self, answer):
        world = World.from_source("(define coin (flip 0.5))")
        with pytest.raises(Unsupported):
            as_jax(world.ask(answer)).of_rows(jnp.array([[0.1]]), jnp.zeros((0, 1)))

    def test_only_what_matters_is_drawn(self):
        source = "(define f (mem (lambda (x) (gaussian 0 1)))) (define other (f 'a)) (query (f 'b))"
        assert list(as_jax(source).choices) == ["f(b)"]


class TestBeyondTheLanguage:
    def test_a_function_of_a_module_is_called_and_differentiated(self):
        step = ModuleFunction(
            "far", "(-> number number (list number))", "far", lambda x, y: [jnp.hypot(x, y), x * y]
        )
        register(Module("exports-test", (step,)))
        source = "(import exports-test) (define x (gaussian 0 1)) (query (far x 4))"
        f = as_jax(source)
        assert [float(v) for v in f.of_choices({"x": 3.0}).value] == [5, 12]
        assert float(jax.grad(lambda x: f.of_choices({"x": x}).value[0])(3.0)) == pytest.approx(0.6)
        both = jax.jit(jax.vmap(lambda x: f.of_choices({"x": x}).value[1]))(jnp.array([1.0, 2.0]))
        assert both.tolist() == [4, 8]

    def test_a_draw_observed_in_some_worlds_only_is_drawn_in_the_others(self):
        f = as_jax(
            "(define c (flip 0.5)) (define x (gaussian 1 2)) (if c (condition (= x 3)))"
            "(query (+ x 0.5))"
        )
        out = f.of_choices({"c": jnp.array([True, False]), "x": jnp.array([7.0, 7.0])})
        np.testing.assert_allclose(out.value, [3.5, 7.5])
        np.testing.assert_allclose(out.log_weight, [stats.norm.logpdf(3, 1, 2), 0], rtol=1e-6)
        prior = np.log(0.5) + stats.norm.logpdf(7, 1, 2)
        np.testing.assert_allclose(out.log_prior, [prior, prior], rtol=1e-6)
