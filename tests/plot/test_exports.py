"""GenJAX and NumPyro: the same densities, draws and posteriors as this project's own."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from plot import oracle
from plot.errors import Unsupported
from plot.exports import as_genjax, as_jax, as_numpyro
from plot.program import Options, run_program
from plot.reader import read
from plot.world import World
from tests.plot.test_gradients import MODEL, VALUES, joint

genjax = pytest.importorskip("genjax")
KEY = jax.random.key(5)

MIXTURE = """
(define z (flip 0.3))
(define k (random-integer 3))
(define mu (gaussian (if z 2 (- k 2)) 1))
(condition (= (gaussian mu 1) 0.5))
"""


def mixture() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each setting (z, k), its posterior mass, and the posterior mean of mu given it; the grid."""
    grid = np.array([(z, k) for z in (0, 1) for k in range(3)])
    centre = np.where(grid[:, 0] == 1, 2, grid[:, 1] - 2)
    mass = np.where(grid[:, 0] == 1, 0.3, 0.7) / 3 * stats.norm.pdf(0.5, centre, np.sqrt(2))
    return grid, mass / mass.sum(), (centre + 0.5) / 2


def near(samples: jax.Array, wanted: float, weights: np.ndarray | None = None) -> bool:
    """Whether a weighted mean of independent draws is within five standard errors."""
    x = np.asarray(samples, float)
    w = np.full(len(x), 1 / len(x)) if weights is None else weights / weights.sum()
    mean = (w * x).sum()
    return bool(abs(mean - wanted) <= 5 * np.sqrt((w**2 * (x - mean) ** 2).sum()) + 1e-6)


def many(function, count: int):
    """A GenJAX method run in independent worlds."""
    return jax.jit(genjax.seed(genjax.modular_vmap(function, axis_size=count)))(KEY)


FINITE = """
(define side (random-integer 3))
(define coin (flip (/ (+ side 1) 5)))
(define colour (multinomial '(red green blue) (list 1 side 2)))
(define hits (binomial (if coin 0.7 0.2) 2))
(condition (or coin (> hits 0)))
(factor (if (eq? colour 'green) -1 0.5))
"""


class TestOracle:
    def test_all_settings_of_finite_choices_add_up_to_the_table_of_the_oracle(self):
        source = FINITE + "(query (+ hits (if coin 10 0)))"
        exact = oracle.enumerate(read(source))
        grid = np.array(list(itertools.product(range(3), range(2), range(3), range(3))))
        names = ("side", "coin", "colour", "hits")
        settings = {n: jnp.array(c) for n, c in zip(names, grid.T, strict=True)}
        f, model = as_jax(source), as_genjax(source)
        assert set(f.choices) == set(names)
        own = f.of_choices(settings)
        assessed, values = jax.jit(jax.vmap(model.assess))(settings)
        np.testing.assert_allclose(assessed, own.log_density, atol=1e-4)
        np.testing.assert_allclose(values, own.value)
        mass = np.exp(np.asarray(own.log_density, float))
        assert np.log(mass.sum()) == pytest.approx(exact.log_evidence, abs=1e-5)
        for value, probability in exact.table:
            share = mass[np.asarray(own.value) == value].sum() / mass.sum()
            assert share == pytest.approx(probability, abs=1e-5)


class TestGenJAX:
    def test_one_address_for_each_choice_and_each_part_of_the_evidence(self):
        model = as_genjax(MODEL)
        assert model.evidence == ("alive", "factor", "factor#2")
        trace = genjax.seed(model.simulate)(KEY)
        assert set(trace.get_choices()) == VALUES.keys() | set(model.evidence)

    def test_assess_is_the_joint_density(self):
        density, value = as_genjax(MODEL).assess(VALUES)
        assert float(density) == pytest.approx(joint(VALUES), abs=1e-4)
        assert float(density) == pytest.approx(
            float(as_jax(MODEL).of_choices(VALUES).log_density), abs=1e-4
        )
        assert float(value) == pytest.approx(0.8 - 0.4 + 3 + 2 + 4)

    def test_simulate_draws_from_the_prior(self):
        model, f = as_genjax(MODEL), as_jax(MODEL)
        traces = many(model.simulate, 4000)
        found = traces.get_choices()
        for name, mean in (("mu", 1), ("p", 0.4), ("coin", 0.4), ("rate", 1), ("k", 1.6)):
            assert near(found[name], mean), name
        for name, mean in (("n", 1), ("die", 2.5), ("odd", 1)):
            assert near(found[name], mean), name
        inside = found["where"] - found["mu"]
        assert near(inside / found["wait"], 0.5)
        out = jax.jit(f.of_choices)({name: found[name] for name in f.choices})
        np.testing.assert_allclose(-traces._score, out.log_density, rtol=1e-4, atol=1e-4)

    def test_generate_gives_importance_samples_of_the_posterior(self):
        grid, mass, means = mixture()
        model = as_genjax(MIXTURE + "(query (* 2 mu))")
        traces, log_weights = many(lambda: model.generate(None), 20_000)
        weights = np.exp(np.asarray(log_weights, float))
        assert near(traces.get_choices()["z"], mass[grid[:, 0] == 1].sum(), weights)
        assert near(traces._retval, 2 * (mass * means).sum(), weights)
        own = run_program(MIXTURE + "(query mu)", key=KEY, options=Options(worlds=50_000))[
            -1
        ].result
        assert near(weights, np.exp(own.evidence.log))
        assert abs(own.mean.value - (mass * means).sum()) < 5 * own.mean.standard_error

    def test_generate_weighs_constraints(self):
        model = as_genjax(MIXTURE + "(query mu)")
        trace, weight = genjax.seed(model.generate)(KEY, {"z": jnp.array(True), "mu": 1.0})
        wanted = np.log(0.3) + stats.norm.logpdf(1, 2, 1) + stats.norm.logpdf(0.5, 1, 1)
        assert float(weight) == pytest.approx(wanted, abs=1e-4)
        assert float(trace.get_retval()) == 1

    def test_a_condition_that_does_not_hold_has_no_density(self):
        model = as_genjax("(define x (gaussian 0 1)) (condition (> x 1)) (query x)")
        assert model.assess({"x": 0.5})[0] == -jnp.inf
        assert float(model.assess({"x": 1.5})[0]) == pytest.approx(stats.norm.logpdf(1.5), abs=1e-5)

    def test_update_weighs_the_evidence(self):
        model = as_genjax(MIXTURE + "(query mu)")
        first = {"z": jnp.array(False), "k": jnp.array(1), "mu": jnp.array(0.0)}
        trace, weight = genjax.seed(model.generate)(KEY, first)
        _, change, _ = genjax.seed(model.update)(KEY, trace, {"mu": jnp.array(1.0)})
        wanted = float(model.assess({**first, "mu": jnp.array(1.0)})[0] - weight)
        assert float(change) == pytest.approx(wanted, abs=1e-5)

    def test_hamiltonian_moves_of_genjax_find_the_posterior(self):
        from genjax.inference import chain, hmc

        model = as_genjax("(define mu (gaussian 0 1)) (condition (= (gaussian mu 1) 2)) (query mu)")
        trace = genjax.seed(model.generate)(KEY, {"mu": jnp.array(0.0)})[0]
        moves = chain(lambda t: hmc(t, genjax.sel("mu"), 0.4, 5))
        run = genjax.seed(lambda t: moves(t, n_steps=genjax.const(2000)))
        samples = np.asarray(jax.jit(run)(KEY, trace).traces.get_choices()["mu"])[200:]
        assert chain_near(samples, 1) and chain_near((samples - 1) ** 2, 0.5)

    def test_it_can_stand_inside_another_function(self):
        inner = as_genjax("(define mu (gaussian 0 1)) (factor mu) (query mu)")

        @genjax.gen
        def outer():
            mu = inner() @ "plot"
            return genjax.normal(mu, 1.0) @ "y"

        density, _ = outer.assess({"plot": {"mu": 0.5, "factor": True}, "y": 1.0})
        wanted = stats.norm.logpdf(0.5) + 0.5 + stats.norm.logpdf(1, 0.5)
        assert float(density) == pytest.approx(wanted, abs=1e-5)


def posterior(source: str, samples: int = 1500, values: dict | None = None):
    """NUTS on an exported program: the model, its samples, and the means with their errors."""
    from numpyro.infer import MCMC, NUTS, init_to_uniform, init_to_value

    model = as_numpyro(source)
    start = init_to_value(values=values) if values else init_to_uniform
    kernel = NUTS(model, init_strategy=start)
    mcmc = MCMC(kernel, num_warmup=500, num_samples=samples, progress_bar=False)
    mcmc.run(KEY)
    return model, mcmc.get_samples()


def chain_near(samples: jax.Array, wanted: float, batches: int = 25) -> bool:
    """Whether the mean of one chain is within five standard errors, by the means of its batches."""
    x = np.asarray(samples, float)
    means = x[: len(x) // batches * batches].reshape(batches, -1).mean(1)
    return bool(abs(means.mean() - wanted) < 5 * means.std(ddof=1) / np.sqrt(batches))


class TestNumPyro:
    def test_sites_are_addresses(self):
        from numpyro import handlers

        trace = handlers.trace(handlers.seed(as_numpyro(MODEL), KEY)).get_trace()
        assert set(trace) == VALUES.keys() | {"alive", "factor", "factor#2", "value"}
        assert float(trace["value"]["value"]).is_integer() is False

    def test_the_joint_density(self):
        from numpyro.infer.util import log_density

        values = {k: jnp.asarray(v) for k, v in VALUES.items()}
        found, _ = log_density(as_numpyro(MODEL), (), {}, values)
        assert float(found) == pytest.approx(joint(VALUES), abs=1e-4)

    def test_normal_and_normal(self):
        source = "(define mu (gaussian 0 1)) (condition (= (gaussian mu 1) 2)) (query (* 2 mu))"
        _, samples = posterior(source)
        assert chain_near(samples["mu"], 1) and chain_near(samples["value"], 2)
        assert chain_near((samples["mu"] - 1) ** 2, 0.5)
        own = run_program(source, key=KEY, options=Options(worlds=50_000))[-1].result
        assert abs(own.mean.value - 2) < 5 * own.mean.standard_error

    def test_a_wall_is_stayed_behind(self):
        source = "(define x (gaussian 0 1)) (condition (> x 1)) (query x)"
        _, samples = posterior(source, values={"x": jnp.array(1.5)})
        assert samples["x"].min() > 1
        assert chain_near(samples["x"], stats.truncnorm.mean(1, np.inf))

    def test_nuts_needs_a_first_point_that_satisfies_a_condition(self):
        with pytest.raises(RuntimeError, match="valid initial"):
            posterior("(define x (gaussian 0 1)) (condition (> x 9)) (query x)", 1)


class TestEnumeration:
    def test_beta_and_binomial(self):
        source = "(define p (beta 2 3)) (define k (binomial p 4)) (condition (= k 3)) (query p)"
        _, samples = posterior(source)
        assert chain_near(samples["p"], 5 / 9)

    def test_a_mixture_of_finite_choices(self):
        from numpyro.infer import Predictive

        grid, mass, means = mixture()
        model, samples = posterior(MIXTURE + "(query (* 2 mu))", 2000)
        assert set(samples) == {"mu", "value"}
        assert chain_near(samples["mu"], (mass * means).sum())
        drawn = Predictive(model, samples, infer_discrete=True)(KEY)
        assert chain_near(drawn["z"], mass[grid[:, 0] == 1].sum())
        assert chain_near(drawn["k"], (mass * grid[:, 1]).sum())

    def test_an_answer_that_hangs_on_enumerated_draws_comes_back_with_them(self):
        from numpyro.infer import Predictive

        grid, mass, _ = mixture()
        model, samples = posterior(MIXTURE + "(query (if z 10 k))", 1000)
        assert "value" not in samples
        drawn = Predictive(model, samples, infer_discrete=True)(KEY)
        found = as_jax(MIXTURE + "(query (if z 10 k))").of_choices({**samples, **drawn}).value
        wanted = (mass * np.where(grid[:, 0] == 1, 10, grid[:, 1])).sum()
        assert chain_near(found, wanted)


class TestAddresses:
    def test_draws_without_a_name_have_their_label(self):
        source = "(define f (mem (lambda (w) (gaussian 0 1)))) (query (+ (f 'a) (f 'b) (flip-it)))"
        source = source.replace("(flip-it)", "(gaussian 0 1) (gaussian 0 1)")
        assert set(as_jax(source).choices) == {"f(a)", "f(b)", "gaussian", "gaussian#2"}

    def test_names_that_other_addresses_have_are_not_taken(self):
        source = "(define factor-a 1) (define value (gaussian 0 1)) (query value)"
        assert list(as_jax(source).choices) == ["gaussian"]

    def test_a_name_of_what_is_made_from_a_draw_is_not_that_of_the_draw(self):
        assert list(as_jax("(define tails (not (flip 0.3))) (query tails)").choices) == ["flip"]
        assert list(as_jax("(define x (* 2 (gaussian 0 1))) (query x)").choices) == ["gaussian"]

    def test_a_draw_of_one_of_some_values_has_the_name_of_the_value(self):
        assert list(as_jax("(define who (uniform-draw '(a b))) (query who)").choices) == ["who"]

    def test_a_draw_in_an_arm_is_made_in_every_world(self):
        source = "(define c (flip 0.5)) (define x (if c (gaussian 5 1) 0)) (query x)"
        found = many(as_genjax(source).simulate, 4000).get_choices()
        assert near(found["gaussian"], 5) and near(found["gaussian"][~found["c"]], 5)


class TestRefusals:
    LOOP = """
    (define (walk x n) (if (or (> x 3) (> n 50)) n (walk (+ x (gaussian 0.5 1)) (+ n 1))))
    """

    @pytest.mark.parametrize("export", [as_jax, as_genjax, as_numpyro])
    def test_a_loop_says_what_and_what_to_do(self, export):
        question = World.from_source(self.LOOP).ask("(walk 0 0)")
        if not question.world.session.graph.loops:
            pytest.skip("this recursion is unrolled")
        with pytest.raises(Unsupported, match="loop") as caught:
            made = export(question)
            made.of_rows(jnp.zeros((0, 1)), jnp.zeros((0, 1)))
        assert caught.value.hint

    def test_too_many_values_to_enumerate(self):
        source = "(define n (random-integer 1000)) (query n)"
        with pytest.raises(Unsupported, match="more than 300 values") as caught:
            as_numpyro(source)
        assert "enumerate_finite=False" in caught.value.hint
        from numpyro import handlers

        model = as_numpyro(source, enumerate_finite=False)
        trace = handlers.trace(handlers.seed(model, KEY)).get_trace()
        assert 0 <= int(trace["n"]["value"]) < 1000

    @pytest.mark.parametrize("export", [as_genjax, as_numpyro])
    def test_an_answer_of_drawn_length(self, export):
        with pytest.raises(Unsupported):
            export("(define coin (flip 0.5)) (query (if coin '(1) '(1 2)))")

    def test_a_text_without_a_question(self):
        with pytest.raises(ValueError, match="holds no expression"):
            as_jax("; nothing")
