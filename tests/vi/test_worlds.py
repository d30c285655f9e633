"""Guides for worlds agree with exact answers, say what they softened, and refuse what they cannot do."""

import math
from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import vi
from inference import Belief, Importance, Sequential
from models.worlds import load
from plot.errors import ImpossibleEvidence, Unsupported
from plot.world import World
from vi.fitting import FitOptions
from vi.guides import MeanField
from vi.worlds import Guided, WorldFitOptions, WorldTarget, fit
from vi.worlds.programs import POINT
from vi.worlds.soft import SoftEvidence, comparisons

LINE = """
(define slope (gaussian 0 1)) (define start (gaussian 0 2))
(condition (= (gaussian (+ start slope) 0.5) 1))
(condition (= (gaussian (+ start (* 2 slope)) 0.5) 3))
"""


def quick(steps=400, **more):
    optimiser = optax.adam(optax.cosine_decay_schedule(0.05, steps))
    return WorldFitOptions(fit=FitOptions(steps, optimiser), estimates=8, **more)


def test_a_linear_model_is_fitted_exactly(key):
    """Posterior and evidence of a linear model with normal noise, in closed form."""
    x = np.array([[1.0, 1], [2, 1]])
    prior, noise = np.diag([1.0, 4]), 0.25 * np.eye(2)
    spread = x @ prior @ x.T + noise
    gain = prior @ x.T @ np.linalg.inv(spread)
    y = np.array([1.0, 3])
    mean, covariance = gain @ y, prior - gain @ x @ prior
    exact = -0.5 * (y @ np.linalg.solve(spread, y) + np.linalg.slogdet(2 * math.pi * spread)[1])
    found = fit(World.from_source(LINE).ask("slope"), key=key, options=quick())
    assert not found.softened
    loss, error = found.curve.last()
    assert -loss < exact + 5 * error  # a lower bound
    # The divergence is what the bound lacks; means are off by sqrt(2 divergence) sds at most.
    lacking = exact + loss + 5 * error
    guess, sd = found.guess(worlds=20_000), math.sqrt(covariance[0, 0])
    off = abs(guess.mean.value - mean[0])
    assert off < sd * math.sqrt(2 * lacking) + 5 * guess.mean.standard_error
    assert lacking < 0.1 and abs(guess.sd.value / sd - 1) < 0.1
    answer = found.answer("start", worlds=20_000)
    assert abs(answer.mean.value - mean[1]) < 5 * answer.mean.standard_error
    assert abs(answer.evidence.log - exact) < 5 * answer.evidence.error + 1e-3


CHOICE = """
(define x (gaussian 0 1)) (define which (flip 0.3))
(condition (= (gaussian (if which (+ x 2) (- x 1)) 1) 1.5))
"""


def odds():
    """Of `which`, exactly: given it, the reading is normal with variance 2."""

    def density(mean):
        return math.exp(-((1.5 - mean) ** 2) / 4)

    return 0.3 * density(2), 0.7 * density(-1)


@pytest.mark.parametrize(
    "finite",
    [
        vi.Summed(),
        pytest.param(Guided(vi.Enumerate()), marks=pytest.mark.slow),
        Guided(vi.MeasureValued()),
    ],
    ids=str,
)
def test_finite_choices_are_summed_over_or_guided(finite, key):
    yes, no = odds()
    found = fit(World.from_source(CHOICE), key=key, options=quick(finite=finite))
    answer = found.answer("which", worlds=20_000)
    estimate = answer.probability(True)
    assert abs(estimate.value - yes / (yes + no)) < 5 * estimate.standard_error
    assert (
        abs(answer.evidence.log - math.log((yes + no) / math.sqrt(4 * math.pi)))
        < 5 * answer.evidence.error
    )
    said = "summed over exactly" if isinstance(finite, vi.Summed) else "guided"
    assert said in str(found)


def test_hard_evidence_is_softened_and_said_so_and_answers_weigh_it_as_it_is(key):
    world = World.from_source("(define a (gaussian 0 1)) (define b (gaussian 0 1))")
    world = world.tell("(condition (> a b))")
    found = fit(world.ask("a"), key=key, options=quick())
    (soft,) = found.softened
    assert "(condition (> a b))" in str(soft) and 0 < soft.width < 0.1
    answer = found.answer(worlds=40_000)
    # The larger of two standard normals has mean 1 / sqrt(pi).
    assert abs(answer.mean.value - 1 / math.sqrt(math.pi)) < 5 * answer.mean.standard_error
    assert abs(answer.evidence.log - math.log(0.5)) < 5 * answer.evidence.error
    assert found.answer("(> a b)", worlds=1_000).probability(True).value == 1
    assert any("softened" in note for note in answer.notes)


def test_alternatives_and_denials_are_softened_too(key):
    world = World.from_source("(define a (gaussian 0 1)) (define b (gaussian 0 1))")
    world = world.tell("(condition (or (and (> a 1) (> b 0)) (not (< a 2))))")
    found = fit(world.ask("a"), key=key, options=quick())
    answer = found.answer(worlds=40_000)
    tail = lambda z: 0.5 * math.erfc(z / math.sqrt(2))  # noqa: E731
    exact = 0.5 * tail(1) + 0.5 * tail(2)
    assert abs(answer.evidence.log - math.log(exact)) < 5 * answer.evidence.error
    assert len(found.softened) == 3


@pytest.mark.slow
def test_tug_of_war_comes_out_at_the_reference(key):
    world = load("tug_of_war").tell("(condition (won-against '(tom) '(john)))")
    world = world.tell("(condition (won-against '(john mary) '(tom sue)))")
    for objective in (vi.elbo, partial(vi.iwelbo, n=5)):
        found = fit(world.ask("(strength 'mary)"), objective, key)
        answer, guess = found.answer(), found.guess()
        assert abs(answer.mean.value - 59.36) < 5 * math.hypot(answer.mean.standard_error, 0.02)
        assert abs(answer.sd.value - 18.12) < 5 * answer.sd.standard_error + 0.01
        assert abs(guess.mean.value - 59.36) < 1.5  # a normal family, and softened evidence
        assert len(found.softened) == 2


@pytest.mark.parametrize("finite", [vi.Summed(), Guided(vi.MeasureValued())], ids=str)
def test_a_part_of_the_posterior_that_the_guide_missed_is_in_the_answer(finite, key):
    """The guide of a posterior with two halves alike sits on one of them; the answer has both."""
    world = World.from_source(
        "(define x (gaussian 0 1)) (define side (flip 0.4)) "
        "(condition (= (gaussian (* x x) 0.3) (if side 2.25 2)))"
    )
    options = quick(200, finite=finite, guide=MeanField(1))
    found = fit(world, key=key, options=options)
    side = {POINT: {"mean": jnp.array([1.45]), "scale": jnp.array([-3.0])}}
    narrow = replace(found, fitted=replace(found.fitted, params={**found.fitted.params, **side}))
    assert abs(narrow.guess("x", worlds=2_000).mean.value) > 1.3
    answer = narrow.answer("x", worlds=20_000)
    assert abs(answer.mean.value) < 4.5 * answer.mean.standard_error < 0.4
    sure = Importance(200_000).infer(key, world.ask("side"))
    told, exact = narrow.answer("side", worlds=20_000).probability(True), sure.probability(True)
    apart = np.hypot(told.standard_error, exact.standard_error)
    assert abs(told.value - exact.value) < 4.5 * apart
    logs = answer.evidence.log - sure.evidence.log
    assert abs(logs) < 4.5 * np.hypot(answer.evidence.error, sure.evidence.error)


def test_a_belief_is_fitted_as_its_world(key):
    world = World.from_source("(define x (gaussian 0 1))")
    belief, _ = Belief.of(world, key, Sequential(worlds=500)).tell(
        "(condition (= (gaussian x 1) 2))"
    )
    found = fit(belief, key=key, options=quick(200))
    assert abs(found.answer("x", worlds=5_000).mean.value - 1) < 0.1


@pytest.mark.slow
def test_evidence_on_finite_choices_alone_is_summed_exactly(key):
    """Two flips of one unknown chance, of which one came up at least: beta integrals."""
    world = World.from_source(
        "(define p (uniform 0 1)) (define a (flip p)) (define b (flip p)) (condition (or a b))"
    )
    found = fit(world, key=key, options=quick(200)).answer("(and a b)", 20_000)
    estimate = found.probability(True)
    assert abs(estimate.value - (1 / 3) / (2 / 3)) < 5 * estimate.standard_error
    assert abs(found.evidence.log - math.log(2 / 3)) < 5 * found.evidence.error


def test_what_cannot_be_done_is_refused(key):
    with pytest.raises(Unsupported, match="no continuous draw"):
        fit(World.from_source("(define c (flip 0.5)) (condition c)"), key=key)
    with pytest.raises(ValueError, match="slope, start"):
        fit(World.from_source(LINE), key=key, options=WorldFitOptions(guide=MeanField(5)))
    many = "(define p (uniform 0 1)) (condition (> (sum (map (lambda (i) (if (flip p) 1 0)) (iota 13))) 6))"
    with pytest.raises(Unsupported, match="8,192 ways"):
        fit(World.from_source(many), key=key)
    with pytest.raises(ValueError, match="softness"):
        WorldFitOptions(softness=0)
    impossible = World.from_source(
        "(define x (gaussian 0 1)) (condition (> x 60)) (condition (< x 59))"
    )
    with pytest.raises(ImpossibleEvidence):
        fit(impossible, key=key, options=quick(50)).answer("x", 1_000)


def _compared(target):
    return [node for part in target.parts.values() for node in comparisons(target, part)]


def test_a_module_that_loops_has_a_gradient(key):
    """Along the loops of the collisions, which JAX cannot go back through; beside differences."""
    world = load("collisions").tell("(condition (> (speed-after 'blue) 2))")
    target = WorldTarget(world.ask("(mass 'red)"))
    place = {label: i for i, label in enumerate(target.labels)}
    hard, light, heavy = place["gaussian"], place["mass(red)"], place["mass(blue)"]
    point = jnp.zeros(3).at[hard].set(1.1).at[light].set(-0.7).at[heavy].set(0.4)
    (after,) = [part.args[1] for part in target.parts.values() if part.args[0] == 2]

    @jax.jit
    def speed(point):
        return target.run(point[:, None], lambda *_: jnp.ones(1))(after)[0]

    softened = SoftEvidence(target, dict.fromkeys(_compared(target), 1.0), -1.0).softened
    assert "a comparison with 2 of what gaussian, mass(red), mass(blue), flip decide" in str(
        softened[-1]
    )
    slope = jax.grad(speed)(point)
    around = jnp.eye(3) * 1e-2
    rise = jax.vmap(lambda d: (speed(point + d) - speed(point - d)) / 2e-2)(around)
    assert speed(point) > 0 and jnp.all(jnp.abs(slope) > 0.05)
    assert jnp.allclose(slope, rise, rtol=2e-2, atol=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["collisions", "plane"])
def test_physics_is_fitted(name, key):
    world = load(name).tell("(condition (> (speed-after 'blue) 2))")
    found = fit(world.ask("(mass 'red)"), key=key, options=quick(200))
    answer = found.answer(worlds=10_000)
    sure = Importance(200_000).infer(key, world.ask("(mass 'red)"))
    apart = np.hypot(answer.mean.standard_error, sure.mean.standard_error)
    assert abs(answer.mean.value - sure.mean.value) < 5 * apart
    apart = np.hypot(answer.evidence.error, sure.evidence.error)
    assert abs(answer.evidence.log - sure.evidence.log) < 5 * apart
    assert len(found.softened) >= 2


def test_a_hidden_comparison_is_told(key):
    world = World.from_source(
        "(define x (gaussian 0 1)) (condition (= (gaussian (if (> x 0) 1 -1) 1) 2))"
    )
    found = fit(world, key=key, options=quick(50))
    assert any("have no gradient" in note for note in found.notes)
    target = WorldTarget(world.ask("x"))
    assert target.labels == ("gaussian",) or target.size == 1
