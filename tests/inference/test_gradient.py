"""Chains that follow gradients against exact answers and laws; broken ones are caught."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from blackjax.mcmc.integrators import velocity_verlet
from scipy import stats

from inference import Sequential
from inference.chains import HMC, NUTS, Gradient
from inference.chains import hamiltonian as h
from inference.chains.coordinates import Coordinates
from plot.compiler.values import leaves
from plot.errors import Unsupported
from plot.world import Question, World
from tests.inference.chain_models import CONJUGATE, JOINT, SOURCE, ask
from tests.inference.laws import FAILURE_RATE, Joint, calibration, geweke, near

SHORT = Gradient(chains=32, steps=60, warmup=60, kernel=HMC(leaps=5), start=Sequential(worlds=200))


class TestExactAnswers:
    @pytest.mark.parametrize(
        "name", ["normal", pytest.param("beta-binomial", marks=pytest.mark.slow)]
    )
    def test_conjugate(self, name):
        source, question, mean, sd = CONJUGATE[name]
        found = ask(SHORT, source, question)
        assert near(found.mean, mean) and near(found.sd, sd)
        assert "no divergences" in str(found) and "HMC on 1 rows" in found.method

    def test_finite_choices_uniform_rows_and_walls(self):
        """Against a sum over the choice and an integral over the uniform row, above a wall."""
        source = """
        (define x (gaussian 0 1)) (define u (uniform 0 2)) (define b (if (flip 0.3) 1 -1))
        (condition (> x 0.5)) (condition (= (gaussian (+ x b) 1) u))
        """
        seen = []
        engine = Gradient(chains=64, steps=60, warmup=60, kernel=HMC(leaps=4))
        question = World.from_source(source).ask("(list (> b 0) (> u 1))")
        found = engine.infer(jax.random.key(0), question, seen.append)
        assert seen[-1] == 64 * 60 and seen == sorted(seen)
        x, u = np.meshgrid(np.linspace(0.5, 8, 1501), (np.arange(400) + 0.5) / 200, indexing="ij")
        mass = {}
        for b, share in ((1, 0.3), (-1, 0.7)):
            density = share * stats.norm.pdf(x) * stats.norm.pdf(u - x - b)
            for high in (False, True):
                mass[b > 0, high] = np.trapezoid(density[:, (u[0] > 1) == high].sum(axis=1))
        total = sum(mass.values())
        got = {tuple(row.python): row for row in found.table}
        for key, part in mass.items():
            row = got[key]
            assert abs(row.probability - part / total) < 4.5 * row.standard_error
        text = str(found)
        assert "1 part of the evidence: hard, without a gradient, a wall" in text
        assert "1 finite choice moved by Metropolis" in text

    @pytest.mark.slow
    def test_divergences_are_told(self):
        """A scale that ranges over many powers, which no one step size suits."""
        source = """
        (define s (gaussian 0 1)) (define x (gaussian 0 1))
        (factor (- (* -0.5 (square (/ (- x 1) (exp (* 4 s))))) (* 4 s)))
        """
        found = ask(SHORT, source, "s")
        assert "divergences (" in str(found)
        assert not found.notes[0].startswith("trust")
        assert found.chains is not None and found.chains.statistics["diverging"].any()


class TestErrors:
    def test_evidence_of_finite_choices_alone(self):
        with pytest.raises(Unsupported, match="no continuous draw"):
            ask(SHORT, "(define a (flip)) (define b (flip)) (condition (or a b))", "a")

    @pytest.mark.parametrize(
        "options", [{"chains": 1}, {"steps": 1}, {"warmup": 0}, {"acceptance": 1.0}]
    )
    def test_options_that_make_no_sense(self, options):
        with pytest.raises(ValueError):
            Gradient(**options)


class TestCoordinates:
    def test_the_density_is_that_of_the_rows(self):
        source = "(define x (gaussian 1 2)) (define u (uniform 0 1)) (factor (* x u))"
        coordinates = Coordinates(World.from_source(source).ask("x"))
        assert [row.label for row in coordinates.smooth] == ["gaussian", "uniform"]
        z = np.array([0.5, -1.2], np.float32)
        wanted = (1 + 2 * 0.5) * stats.norm.cdf(-1.2) - (0.5**2 + 1.2**2) / 2
        found = coordinates.log_density(jnp.asarray(z), jnp.zeros(0))
        assert float(found) == pytest.approx(wanted, rel=1e-5)

    def test_there_and_back(self):
        coordinates = Coordinates(World.from_source(SOURCE).ask("mu"))
        rng = np.random.default_rng(0)
        rows = {
            row: (rng.standard_normal(50) if row.op == "normal" else rng.random(50)).astype("f")
            for row in (*coordinates.smooth, *coordinates.held)
        }
        back = coordinates.rows(*coordinates.of_rows(rows))
        for row, lane in rows.items():
            np.testing.assert_allclose(back[row], lane, atol=1e-6)

    def test_uniforms_stay_below_one_and_their_quantiles_finite(self):
        coordinates = Coordinates(World.from_source("(define u (uniform 0 1)) (factor u)").ask("u"))
        points, _ = coordinates.of_rows({coordinates.smooth[0]: np.zeros(2, np.float32)})
        assert np.isfinite(points).all()
        (row,) = coordinates.rows(np.full((2, 1), 9.0, np.float32), np.zeros((2, 0))).values()
        assert (row < 1).all()


COORDINATES = Coordinates(World.from_source(SOURCE).ask("mu"))


def density(z, held):
    """Of the point `[mu, share]`, holding the row of `shifted` and the data `[y, k]`."""
    point = jnp.concatenate([z[:1], held[1:], z[1:]])
    return COORDINATES.log_density(point, held[:1])


def without_prior(z, held):
    """A broken target: it forgets the prior of the point."""
    return density(z, held) + jnp.square(z).sum() / 2 * 0.5


def points(parameters, data):
    """Points and what is held, of rows `[mu, share, shifted]` and data."""
    z = np.stack([parameters[:, 0], stats.norm.ppf(parameters[:, 1])], axis=1)
    return z.astype(np.float32), np.concatenate([parameters[:, 2:], data], axis=1).astype("f")


def parameters(z, held):
    return np.stack([z[..., 0], stats.norm.cdf(z[..., 1]), held[..., 0]], axis=-1)


def step_of(kernel, density):
    step = h.step(kernel, density, 1, velocity_verlet)

    @jax.jit
    @jax.vmap
    def go(key, z, held):
        state, _ = step(key, h.initial(density, z, held), None, jnp.float32(0.5), jnp.ones(2))
        return state.position, state.held

    def run(rng, rows, data):
        keys = jax.random.split(jax.random.key(int(rng.integers(2**31))), len(rows))
        z, held = go(keys, *points(rows, data))
        np.testing.assert_array_equal(held[:, 1:], data)
        return parameters(np.asarray(z), np.asarray(held))

    return run


class TestLaws:
    @pytest.mark.parametrize("kernel", [HMC(leaps=3), NUTS(doublings=3)], ids=lambda k: k.name)
    def test_geweke(self, kernel):
        step = step_of(kernel, density)
        assert geweke(JOINT, step, np.random.default_rng(0), pairs=2000) > FAILURE_RATE

    def test_geweke_catches_a_prior_that_is_forgotten(self):
        step = step_of(HMC(leaps=3), without_prior)
        assert geweke(JOINT, step, np.random.default_rng(0), pairs=2000) < FAILURE_RATE

    def test_geweke_catches_choices_from_a_wrong_distribution(self, monkeypatch):
        def redraw(key, density, held, log, moved):
            new = held.at[0].set(jnp.square(jax.random.uniform(key)))
            better = jnp.log(jax.random.uniform(jax.random.fold_in(key, 1))) < density(new) - log
            return jnp.where(better, new, held), better

        monkeypatch.setattr(h, "redraw", redraw)
        step = step_of(HMC(leaps=3), density)
        assert geweke(JOINT, step, np.random.default_rng(0), pairs=2000) < FAILURE_RATE

    @pytest.mark.parametrize("sound", [True, pytest.param(False, marks=pytest.mark.slow)])
    def test_calibration(self, sound):
        """The warmup included: each chain has data of its own, and begins in the prior."""

        def narrow(z, held):
            return density(z, held) - jnp.square(z).sum()

        def infer(rng, data):
            each = np.repeat(data, 9, axis=0)
            start, held = points(JOINT.prior(rng, len(each)), each)
            key = jax.random.key(int(rng.integers(2**31)))
            target = density if sound else narrow
            draws = h.sample(target, start, held, key, HMC(leaps=4), (30, 4, 2), moved=1)
            last = parameters(draws.points[:, -1], draws.held[:, -1])
            return last.reshape(len(data), 9, 3)

        p = calibration(JOINT, infer, np.random.default_rng(1), replicates=300)
        assert (p > FAILURE_RATE) == sound


# A coin of weight p, or of its square where it is bent, which is thrown some times.
THROWS, BENT = 6, 0.3
BENT_COIN = Joint(
    lambda rng, pairs: np.stack([rng.random(pairs), rng.random(pairs) < BENT], axis=1),
    lambda rng, both: rng.binomial(THROWS, both[:, :1] ** (1 + both[:, 1:])).astype(float),
)


def thrown(heads: int) -> Question:
    """Asks for the weight and whether it is bent, given the number of heads."""
    return World.from_source(f"""
    (define p (uniform 0 1)) (define bent (flip {BENT})) (define weight (if bent (* p p) p))
    (factor (+ (* {heads} (log weight)) (* {THROWS - heads} (log (- 1 weight)))))
    """).ask("(list p (if bent 1 0))")


@pytest.mark.slow
class TestTheEngine:
    """From worlds of the prior to the answer: tempering, warmup, trajectories and choices between."""

    DRAWS, REPLICATES = 19, 400

    def infer(self, rng: np.random.Generator, data: np.ndarray) -> np.ndarray:
        """Of each data set some chains, each of which is one draw; those of like data run together."""
        found = np.empty((len(data), self.DRAWS, 2))
        for heads in np.unique(data):
            sets = np.flatnonzero(data[:, 0] == heads)
            chains = self.DRAWS * len(sets)
            engine = Gradient(
                chains, steps=4, warmup=30, kernel=HMC(leaps=4), thin=2, start=Sequential(20_000)
            )
            key = jax.random.key(int(rng.integers(2**31)))
            answer = engine.infer(key, thrown(int(heads)))
            rows = [answer.worlds.rows[leaf] for leaf in leaves(answer.value)]
            last = np.stack(rows, axis=-1).reshape(chains, 4, 2)[:, -1]
            found[sets] = last.reshape(len(sets), self.DRAWS, 2)
        return found

    def test_the_truth_ranks_uniformly(self):
        rng = np.random.default_rng(3)
        assert calibration(BENT_COIN, self.infer, rng, self.REPLICATES) > FAILURE_RATE

    def test_a_prior_that_is_too_narrow_is_caught(self, monkeypatch):
        whole = Coordinates.log_density

        def broken(self, point, held):
            return whole(self, point, held) - jnp.square(point).sum()

        monkeypatch.setattr(Coordinates, "log_density", broken)
        rng = np.random.default_rng(3)
        assert calibration(BENT_COIN, self.infer, rng, self.REPLICATES) < FAILURE_RATE


@pytest.mark.slow
def test_the_same_seed_gives_the_same_draws():
    z, held = points(*JOINT.draw(np.random.default_rng(0), 8))
    run = partial(h.sample, density, z, held, kernel=HMC(leaps=2), lengths=(5, 4, 1), moved=1)
    one, two = (run(jax.random.key(0)) for _ in range(2))
    np.testing.assert_array_equal(one.points, two.points)
    assert one.points.shape == (8, 4, 2) and one.info.divergent.shape == (8, 4)
