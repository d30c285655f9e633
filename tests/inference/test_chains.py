"""Metropolis chains against exact answers and laws; broken ones are caught."""

import jax
import numpy as np
import pytest
from scipy import stats

from inference import Sequential
from inference.chains import Metropolis
from inference.chains.metropolis import sweep
from inference.chains.trace import generator
from inference.moves import Drift, Redraw
from plot.errors import ImpossibleEvidence, Unsupported
from plot.oracle import enumerate as enumerate_worlds
from plot.reader import read
from tests.inference.chain_models import CONJUGATE, JOINT, Rows, ask, posterior_draws
from tests.inference.laws import FAILURE_RATE, calibration, geweke, near

SHORT = Metropolis(chains=100, steps=100, warmup=30)
QUICK = Sequential(worlds=200)


class Narrow(Redraw):
    """A broken move: it proposes from a normal that is too narrow, and does not correct for it."""

    def __call__(self, rng, state, target, normal):
        return super().__call__(Shrunk(rng), state, target, normal)


class Shrunk:
    """A generator whose normals have standard deviation 0.5."""

    def __init__(self, rng):
        self.rng = rng

    def __getattr__(self, name):
        return getattr(self.rng, name)

    def standard_normal(self, *args):
        return np.float32(0.5) * self.rng.standard_normal(*args)


class Forgets(Drift):
    """A broken move: it forgets the prior's ratio, as if normal rows were flat."""

    def __call__(self, rng, state, target, normal):
        def without(tiles):
            prior = np.square(tiles[: -(-len(state[1]) // tiles.shape[2]), : len(normal)])
            flat = (prior * normal[:, None]).sum(axis=1).reshape(-1)[: len(state[1])] / 2
            return target(tiles) + flat

        (tiles, _), accepted = super().__call__(rng, (state[0], without(state[0])), without, normal)
        return (tiles, target(tiles)), accepted


class TestExactAnswers:
    @pytest.mark.parametrize("name", CONJUGATE)
    def test_conjugate(self, name):
        source, question, mean, sd = CONJUGATE[name]
        found = ask(SHORT, source, question)
        assert near(found.mean, mean) and near(found.sd, sd)
        assert 0 < found.mean.standard_error < 0.05 * sd * 2

    def test_finite_choices_and_hard_evidence(self):
        source = """
        (define a (flip 0.2)) (define b (flip 0.3)) (define n (random-integer 6))
        (define m (if a n (+ n (random-integer 3))))
        (condition (or a b)) (condition (> m 2)) (factor (if b -1 0))
        """
        exact = enumerate_worlds(read(source + "(query (list a b))"))
        found = ask(SHORT, source, "(list a b)")
        for value, p in exact.table:
            assert near(found.probability(value), p)
        assert abs(found.evidence.log - exact.log_evidence) < 4.5 * found.evidence.error

    def test_rare_comparison(self):
        """One world in ten thousand: the chains begin where tempering has led."""
        source = "(define a (gaussian 0 1)) (define b (gaussian 0 1)) (condition (> (+ a b) 5))"
        found = ask(SHORT, source, "(+ a b)")
        exact = stats.truncnorm(5 / np.sqrt(2), np.inf, scale=np.sqrt(2))
        assert near(found.mean, exact.mean()) and near(found.sd, exact.std())
        assert any("steps of tempering" in note for note in found.notes)

    def test_what_the_evidence_does_not_reach_is_drawn_anew(self):
        source = "(define a (gaussian 0 1)) (define b (gaussian 5 2)) (condition (> a 0))"
        found = ask(SHORT, source, "b")
        assert near(found.mean, 5) and near(found.sd, 2)
        assert found.effective_size > 0.9 * 10_000

    @pytest.mark.parametrize("question", ["a", "1", "'name"])
    def test_no_evidence(self, question):
        found = ask(SHORT, "(define a (gaussian 1 1))", question)
        assert question != "a" or near(found.mean, 1)
        assert "depends on no draw" in str(found) and found.worlds.kept == 10_000


def step_of(moves):
    model = Rows()

    def step(rng, parameters, data):
        tiles = model.tiles(parameters, data)
        worlds = len(parameters)

        def target(tiles):
            return model.way.arrived(tiles, worlds)

        normal = np.array([site.op == "normal" for site in model.way.end.sites])[:3]
        state, _ = sweep(moves, target, normal)(rng, (tiles, target(tiles)), 0)
        assert np.array_equal(model.tiles(parameters, data)[:, 3:5], state[0][:, 3:5])
        return model.parameters(state[0], worlds, 3)

    return step


class TestLaws:
    @pytest.mark.parametrize("moves", [(Redraw(), Drift()), (Redraw(sites=2), Drift(sites=3))])
    def test_geweke(self, moves):
        assert geweke(JOINT, step_of(moves), np.random.default_rng(0)) > FAILURE_RATE

    @pytest.mark.parametrize("broken", [Narrow(), Forgets()], ids=lambda b: type(b).__name__)
    def test_geweke_catches(self, broken):
        p = geweke(JOINT, step_of((Redraw(), broken)), np.random.default_rng(0))
        assert p < FAILURE_RATE

    @pytest.mark.parametrize(
        ("moves", "sound"), [((Redraw(), Drift()), True), ((Narrow(),), False)]
    )
    def test_calibration(self, moves, sound):
        # (The draws of a flat prior, that `Forgets` makes, are calibrated: so is any location family.)
        infer = posterior_draws(JOINT, step_of(moves), sweeps=25)
        p = calibration(JOINT, infer, np.random.default_rng(1), replicates=1000)
        assert (p > FAILURE_RATE) == sound


class TestReport:
    def test_chains_that_agree_are_trusted(self):
        source, question, *_ = CONJUGATE["beta-binomial"]
        found = ask(Metropolis(chains=50, steps=400, warmup=30), source, question)
        verdict = found.notes[0]
        assert verdict.startswith("trust this") and "R-hat 1.00" in verdict
        assert 400 < found.effective_size <= 20_000
        assert found.chains is not None and found.chains.count == 50
        assert "moves accepted: redraw" in str(found) and "begin at worlds" in str(found)

    def test_worlds_that_would_die_are_told(self):
        found = ask(SHORT, "(define x (gaussian 0 1)) (factor (* 0.1 x))", "(log x)")
        assert found.numbers.shape == (10_000,)
        (note,) = [note for note in found.notes if "meet an error" in note]
        assert "log" in note

    def test_few_chains_and_few_steps_are_told(self):
        source, question, *_ = CONJUGATE["normal"]
        found = ask(Metropolis(chains=4, steps=10, warmup=5), source, question)
        assert not found.notes[0].startswith("trust this")
        assert "rough, so few they are" in str(found)

    @pytest.mark.slow
    def test_standard_errors_cover(self):
        """Errors of 16 runs in units of their standard errors have the spread of a unit normal."""
        source, question, mean, _ = CONJUGATE["normal"]
        engine = Metropolis(chains=40, steps=20, warmup=10, start=QUICK)
        scores = []
        for seed in range(16):
            found = ask(engine, source, question, seed)
            scores.append((found.mean.value - mean) / found.mean.standard_error)
        # 16 squares of unit normals sum to between 2.8 and 46 in all but 2 of 10,000 cases.
        assert 2.8 < np.square(scores).sum() < 46

    def test_kept_states_and_progress(self):
        seen = []
        engine = Metropolis(chains=20, steps=5, warmup=3, thin=2)
        question = Rows().world.ask("mu")
        found = engine.infer(jax.random.key(0), question, seen.append)
        assert seen == [20, 40, 60, 80, 100] and found.worlds.kept == 100

    def test_the_same_seed_gives_the_same_answer(self):
        source, question, *_ = CONJUGATE["normal"]
        engine = Metropolis(chains=20, steps=5, warmup=3)
        one, two, other = (ask(engine, source, question, s).mean.value for s in (1, 1, 2))
        assert one == two != other
        assert generator(jax.random.key(3)).random() == generator(jax.random.key(3)).random()


class TestErrors:
    @pytest.mark.parametrize(
        ("source", "error", "says"),
        [
            ("(define a (flip)) (condition (and a (not a)))", ImpossibleEvidence, "never|no world"),
            (
                "(define a (gaussian 0 1)) (condition (< (* a a) -1))",
                ImpossibleEvidence,
                "no world",
            ),
            (
                "(define (walk n) (if (flip 0.01) n (walk (+ n 1)))) (condition (> (walk 0) 3))",
                Unsupported,
                "drawn in a loop",
            ),
        ],
    )
    def test_what_cannot_be_run(self, source, error, says):
        with pytest.raises(error, match=says):
            ask(Metropolis(chains=10, steps=4, start=QUICK), source, "1")

    @pytest.mark.parametrize("options", [{"chains": 1}, {"steps": 3}, {"warmup": -1}, {"thin": 0}])
    def test_options_that_make_no_sense(self, options):
        with pytest.raises(ValueError):
            Metropolis(**options)
