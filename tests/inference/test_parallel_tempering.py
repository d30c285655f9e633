"""Parallel tempering against exact answers and laws, and where plain Metropolis fails."""

import math

import jax
import numpy as np
import pytest
from scipy import special, stats

from inference.chains import Metropolis, ParallelTempering
from inference.chains.tempering import Replicas, even
from inference.moves import Drift, Redraw
from inference.targets import Scale
from plot.errors import ImpossibleEvidence
from tests.inference.chain_models import CONJUGATE, NORMAL_JOINT, Rows, ask
from tests.inference.laws import FAILURE_RATE, alike, calibration, geweke, near

SHORT = ParallelTempering(chains=40, steps=80, warmup=45, temperatures=4)

# All three are near 2, or all near -2, where no move of one of them leads from one to the other.
MODES = """
(define x (gaussian 0 1)) (define y (gaussian 0 1)) (define z (gaussian 0 1))
(define (near m) (* -8 (+ (square (- x m)) (square (- y m)) (square (- z m)))))
(define right (+ (log 0.7) (near 2)))
(define left (+ (log 0.3) (near -2)))
(define top (max right left))
(factor (+ top (log (+ (exp (- right top)) (exp (- left top))))))
"""


class NoRatio(Replicas):
    """A broken kernel: it swaps whatever the ratio is."""

    def ratio(self, low, here, there):
        return np.zeros(self.chains)


class HalfRatio(Replicas):
    """A broken kernel: it forgets what the swap costs the warmer replica, and counts evidence twice."""

    def ratio(self, low, here, there):
        log = self.scale.log_target
        return log(here, self.ladder[low + 1]) - log(there, self.ladder[low + 1])


class TestTwoModes:
    def test_metropolis_stays_where_it_began(self):
        found = ask(Metropolis(chains=40, steps=100, warmup=20), MODES, "(> x 0)")
        assert found.chains is not None
        sides = next(iter(found.worlds.rows.values())).reshape(40, -1)
        assert (sides == sides[:, :1]).all(), "no chain has been on both sides"
        assert found.notes[0].startswith("do not trust this: chains disagree")

    def test_parallel_tempering_goes_from_one_to_the_other(self):
        engine = ParallelTempering(chains=400, steps=40, warmup=30, temperatures=6)
        found = ask(engine, MODES, "(> x 0)")
        sides = next(iter(found.worlds.rows.values())).reshape(400, -1)
        assert (sides != sides[:, :1]).any(axis=1).mean() > 0.3
        assert near(found.probability(), 0.7)
        assert found.probability().standard_error < 0.03

    def test_hard_evidence(self):
        """The product of two normals is above 6: both are large, or both far below 0."""
        source = "(define x (gaussian 0 1)) (define y (gaussian 0 1)) (condition (> (* x y) 6))"
        found = ask(
            ParallelTempering(chains=100, steps=80, warmup=45, temperatures=6), source, "(> x 0)"
        )
        assert near(found.probability(), 0.5)
        assert found.probability().standard_error < 0.06
        # P(xy > 6): the product of two standard normals has density K0(|t|) / pi.
        t = np.linspace(6, 60, 200_001)
        mass = np.trapezoid(special.k0(t) / math.pi, t)
        assert abs(found.evidence.log - math.log(mass)) < 4.5 * found.evidence.error


class TestExactAnswers:
    @pytest.mark.parametrize("name", CONJUGATE)
    def test_conjugate(self, name):
        source, question, mean, sd = CONJUGATE[name]
        found = ask(SHORT, source, question)
        assert near(found.mean, mean) and near(found.sd, sd)

    def test_no_evidence(self):
        found = ask(SHORT, "(define a (gaussian 1 1))", "a")
        assert near(found.mean, 1) and "depends on no draw" in str(found)


def replicas(kind, chains, ladder=(0.0, 0.3, 1.0)):
    """Replicas of a normal mean, given one number in a row that stays."""
    model = Rows(
        "(define mu (gaussian 0 1)) (define y (gaussian 0 1)) (factor (* -0.5 (square (- y mu))))"
    )
    scale, normal = Scale(np.ones(0)), np.array([True])
    return model, kind(model.way, scale, np.array(ladder), chains, normal)


def tempered(rng, y, shares):
    """Exact draws of the mean at each share of the evidence, `[replicas * chains, 1]`."""
    precision = 1 + np.repeat(shares, len(y))[:, None]
    mean = (precision - 1) * np.tile(y, (len(shares), 1)) / precision
    return rng.normal(mean, 1 / np.sqrt(precision)).astype(np.float32)


def step_of(kind):
    def step(rng, mu, y):
        model, found = replicas(kind, len(mu), (0.0, 0.8, 1.0))
        states = tempered(rng, y, found.ladder)
        states[-len(mu) :] = mu
        tiles = model.tiles(states, np.tile(y, (len(found.ladder), 1)))
        state = tiles, found.target(tiles)
        for number in range(2):
            state, _ = found.step((Drift(least=0.1, most=0.5),))(rng, state, number)
        return model.parameters(state[0], found.worlds, 1)[-len(mu) :]

    return step


class TestLaws:
    def test_geweke(self):
        assert geweke(NORMAL_JOINT, step_of(Replicas), np.random.default_rng(0)) > FAILURE_RATE

    @pytest.mark.parametrize("broken", [NoRatio, HalfRatio])
    def test_geweke_catches(self, broken):
        assert geweke(NORMAL_JOINT, step_of(broken), np.random.default_rng(0)) < FAILURE_RATE

    @pytest.mark.parametrize(("kind", "sound"), [(Replicas, True), (NoRatio, False)])
    def test_every_replica_keeps_its_law(self, kind, sound):
        """Exact draws at every share of the evidence, moved and swapped: their laws stay."""
        rng, chains = np.random.default_rng(0), 8000
        y = np.full((chains, 1), 1.5, np.float32)
        model, found = replicas(kind, chains)
        states = tempered(rng, y, found.ladder)
        tiles = model.tiles(states, np.tile(y, (3, 1)))
        state = tiles, found.target(tiles)
        for number in range(4):
            state, _ = found.step((Redraw(), Drift()))(rng, state, number)
        after = model.parameters(state[0], found.worlds, 1).reshape(3, chains)
        fresh = tempered(rng, y, found.ladder).reshape(3, chains)
        assert (alike(after.T, fresh.T) > FAILURE_RATE) == sound

    @pytest.mark.parametrize(("kind", "sound"), [(Replicas, True), (HalfRatio, False)])
    def test_calibration(self, kind, sound):
        """All replicas begin in the prior. (Swaps without a ratio bring draws of the prior, which are
        calibrated: that the data are not heard is for the other laws.)"""

        def infer(rng, data):
            draws = 19
            y = np.repeat(data, draws, axis=0)
            model, found = replicas(kind, len(y), (0.0, 0.8, 1.0))
            everywhere = np.tile(y, (len(found.ladder), 1))
            states = rng.standard_normal((found.worlds, 1))
            tiles = model.tiles(states, everywhere)
            state, step = (tiles, found.target(tiles)), found.step((Drift(least=0.1, most=0.3),))
            for number in range(30):
                state, _ = step(rng, state, number)
            coldest = model.parameters(state[0], found.worlds, 1)[-len(y) :]
            return coldest.reshape(len(data), draws, 1)

        p = calibration(NORMAL_JOINT, infer, np.random.default_rng(1), replicates=1000)
        assert (p > FAILURE_RATE) == sound

    def test_swaps_are_accepted_as_often_as_theory_says(self):
        """The mean of min(1, ratio) over exact draws, by direct simulation."""
        rng, chains = np.random.default_rng(0), 20_000
        y = np.full((chains, 1), 2.0, np.float32)
        model, found = replicas(Replicas, chains, (0.0, 1.0))
        states = tempered(rng, y, found.ladder)
        tiles = model.tiles(states, np.tile(y, (2, 1)))
        (_, logs), (swap,) = found.swap(rng, tiles, 0)
        warm, cold = tempered(rng, y, found.ladder).reshape(2, chains)
        rate = np.exp(np.minimum(0, (np.square(cold - 2) - np.square(warm - 2)) / 2)).mean()
        assert abs(swap.rate - rate) < 4.5 * math.sqrt(2 * 0.25 / chains)
        assert (logs[:chains] == 0).all() and (logs[chains:] <= 0).all()
        exact = stats.norm.logpdf(2.0, scale=math.sqrt(2)) - stats.norm.logpdf(0)
        assert logs[chains:].mean() != pytest.approx(exact)  # states, not evidence


class TestLadder:
    def test_rejections_are_evened_out(self):
        """In the warmup; a ladder of which nearly all communicates badly in one place."""
        bad = (0.0, 0.9, 0.95, 1.0)
        rates = {}
        for adapt in (False, True):
            engine = ParallelTempering(50, 30, 30, bad, adapt)
            source, question, *_ = CONJUGATE["normal"]
            note = next(n for n in ask(engine, source, question).notes if "swaps" in n)
            rates[adapt] = [float(part.split()[-1][:-1]) for part in note.split(",")]
        assert min(rates[True]) > min(rates[False]) + 10

    def test_nothing_rejected_changes_nothing(self):
        ladder = np.array([0.0, 0.25, 1.0])
        assert even(ladder, np.zeros(2)) == pytest.approx(ladder)

    def test_neighbours_that_hardly_swap_are_told(self):
        engine = ParallelTempering(10, 20, 0, (0.0, 1.0), adapt=False)
        assert "use more temperatures" in str(ask(engine, MODES, "x"))

    @pytest.mark.parametrize(
        "options",
        [
            {"temperatures": 1},
            {"temperatures": (0.1, 1.0)},
            {"temperatures": (0.0, 0.5)},
            {"temperatures": (0.0, 0.5, 0.5, 1.0)},
            {"chains": 1},
        ],
    )
    def test_options_that_make_no_sense(self, options):
        with pytest.raises(ValueError):
            ParallelTempering(**options)

    def test_impossible_evidence(self):
        with pytest.raises(ImpossibleEvidence):
            ask(SHORT, "(define a (gaussian 0 1)) (condition (< (* a a) -1))", "a")


def test_the_same_seed_gives_the_same_answer():
    engine = ParallelTempering(chains=10, steps=5, warmup=4, temperatures=3)
    question = Rows().world.ask("mu")
    one, two = (engine.infer(jax.random.key(1), question).mean for _ in range(2))
    assert one == two
