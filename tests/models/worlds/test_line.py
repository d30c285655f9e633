"""Two objects on a line: conserved quantities, an independent integration, and exact figures."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from inference import Importance
from models.worlds import load
from models.worlds.collisions.line import (
    END,
    GAP,
    GRAVITY,
    PUSH,
    WALL,
    Bodies,
    elastic,
    run,
    slide,
    start,
)
from plot.errors import ImpossibleEvidence

WORLDS = 2000
KEY = jax.random.key(20230622)
BALL, BLOCK = (0.02, 0.01), (0.05, 0.02)


def bodies(static, kinetic, worlds=WORLDS, least=0.0):
    """Bodies of the prior; a least mass keeps what is compared with steps of time well behaved."""
    keys = jax.random.split(KEY, 3)
    red, blue, push = (jnp.abs(5 + 3 * jax.random.normal(k, (worlds,))) for k in keys)
    mass = jnp.stack([red, blue]) + least
    same = jnp.full((worlds,), 1.0)
    return Bodies(mass, push, static * same, kinetic * same, jnp.ones((2, worlds), bool))


def test_momentum_and_energy_are_conserved_in_elastic_collisions():
    keys = jax.random.split(KEY, 2)
    mass = jnp.exp(3 * jax.random.normal(keys[0], (2, WORLDS)))
    before = 5 * jax.random.normal(keys[1], (2, WORLDS))
    after = elastic(mass, before)
    scale = (mass * jnp.abs(before)).sum(0)
    assert float(jnp.max(jnp.abs((mass * (after - before)).sum(0)) / scale)) < 1e-5
    energy = (mass * before**2).sum(0)
    assert float(jnp.max(jnp.abs((mass * (after**2 - before**2)).sum(0)) / energy)) < 1e-5
    assert bool(((before[0] > before[1]) == (after[0] < after[1])).all())


def test_the_collision_of_a_run_conserves_momentum_and_energy():
    b = bodies(*BALL)
    s = run(b)
    met = np.isfinite(np.asarray(s.met))
    assert met.mean() > 0.85
    red, blue = np.asarray(b.mass)
    u, (v, w) = np.asarray(s.before)[0], np.asarray(s.after)
    np.testing.assert_allclose((red * v**2 + blue * w**2)[met], (red * u**2)[met], rtol=1e-4)
    # red goes on or comes back: its speed has no sign here
    forth, back = red * v + blue * w - red * u, -red * v + blue * w - red * u
    assert (np.minimum(abs(forth), abs(back))[met] < 1e-4 * (red * u)[met]).all()


def test_without_friction_momentum_is_that_of_the_push():
    b = bodies(0.0, 0.0, least=1.0)
    s = run(b, until=0.8)
    free = ~np.asarray(s.wall.any(0))
    lasted = np.minimum(np.asarray(s.met), min(PUSH, 0.8))
    total = np.asarray((b.mass * s.v).sum(0))
    assert free.sum() > 500
    np.testing.assert_allclose(total[free], (np.asarray(b.push) * lasted)[free], rtol=1e-4)


@pytest.mark.parametrize("friction", [BALL, BLOCK])
def test_small_steps_of_time_agree(friction):
    """Semi-implicit Euler in float64, written anew; its error is that of its step."""
    static, kinetic = friction
    b = bodies(static, kinetic, 60, least=0.5)
    s = run(b)
    mass, push, dt = np.asarray(b.mass, float), np.asarray(b.push, float), 2e-4
    x, v = np.array([[-GAP], [0.0]]) * np.ones((2, 60)), np.zeros((2, 60))
    path, wall, met = np.zeros((2, 60)), np.zeros((2, 60), bool), np.zeros(60, bool)
    for k in range(round(END / dt)):
        force = np.stack([np.where((k * dt < PUSH) & ~met, push, 0.0), np.zeros(60)])
        moving = v != 0
        goes = moving | (force > static * mass * GRAVITY)
        brake = kinetic * GRAVITY * np.where(moving, np.sign(v), 1.0)
        new = v + dt * np.where(goes, force / mass - brake, 0.0)
        v = np.where(wall | (moving & (new * v < 0) & (force == 0)), 0.0, new)
        path += np.abs(v) * dt
        x += v * dt
        hit = (x[0] >= x[1]) & (v[0] > v[1])
        met |= hit
        centre = (mass * v).sum(0) / mass.sum(0)
        rebound = np.where(wall.any(0), np.where(wall, 0.0, -v), 2 * centre - v)
        v = np.where(hit, rebound, v)
        wall |= x >= WALL
        v = np.where(wall, 0.0, v)
    close = np.abs(path - np.asarray(s.distance)) < 5e-3 * (1 + path)
    assert close.mean() > 0.97  # a push that only just reaches blue or the wall may go either way
    assert (met == np.isfinite(np.asarray(s.met))).mean() > 0.97


def test_an_object_alone_slides_as_far_as_friction_lets_it():
    b = bodies(*BLOCK)._replace(there=jnp.array([[True], [False]]) & jnp.ones((2, WORLDS), bool))
    s = run(b)
    acceleration = np.asarray(b.push / b.mass[0]) - 0.02 * GRAVITY
    acceleration[np.asarray(b.push / b.mass[0]) <= 0.05 * GRAVITY] = 0
    far = acceleration * PUSH**2 / 2 + (acceleration * PUSH) ** 2 / (2 * 0.02 * GRAVITY)
    np.testing.assert_allclose(s.distance[0], np.minimum(far, GAP + WALL), rtol=2e-3, atol=1e-4)
    assert not np.asarray(s.distance[1]).any()


def test_a_world_does_not_depend_on_the_others():
    b = bodies(*BALL, worlds=16)
    together = run(b)
    for i in (0, 7, 15):
        alone = run(jax.tree.map(lambda lane, i=i: lane[..., i : i + 1], b))
        for one, many in zip(alone, together, strict=True):
            np.testing.assert_array_equal(one[..., 0], many[..., i])


def test_all_worlds_are_followed_to_the_end():
    b = bodies(*BALL, worlds=100_000)
    ended = slide(*b.mass, b.push, b.static, b.kinetic, b.there[0], b.there[1])[-1]
    assert bool((ended == 1).all())
    assert float(start(b).time[0]) == 0


def test_counterfactual_worlds_share_their_randomness():
    world = load("collisions")
    alike = world.ask("(or (hits? 'red 'blue) (= (distance-without 'red 'blue) (distance 'red)))")
    assert Importance(worlds=20_000).infer(KEY, alike).probability(True).value == pytest.approx(1)
    caused = world.ask("(and (moves? 'blue) (= (distance-without 'blue 'red) 0))")
    moved = world.ask("(moves? 'blue)")
    first, second = (
        Importance(worlds=20_000).infer(KEY, q).probability(True) for q in (caused, moved)
    )
    assert first.value == second.value  # in each and every world


@pytest.mark.parametrize(
    "impossible",
    [
        "(hits? 'blue 'red)",
        "(> (push 'blue) 6)",
        "(and (ball? 'red) (block? 'blue))",
        "(and (hits? 'red 'blue) (not (moves? 'blue)))",
        "(and (hits-wall? 'red) (not (moves? 'red)))",
        "(> (distance 'blue) 1.51)",  # through the wall
        "(hits-wall-without? 'blue 'red)",
        "(and (not (hits? 'red 'blue)) (> (speed-after 'blue) 1))",
    ],
)
def test_what_cannot_be_is_impossible(impossible):
    world = load("collisions").tell(f"(condition {impossible})")
    with pytest.raises(ImpossibleEvidence):
        Importance(worlds=5_000).infer(KEY, world.ask("(mass 'red)"))


def test_speeds_are_of_worlds_in_which_they_collide():
    world = load("collisions").tell("(condition (block? 'red))")
    asked = Importance(worlds=20_000).infer(KEY, world.ask("(speed-after 'blue)"))
    hits = Importance(worlds=20_000).infer(KEY, world.ask("(hits? 'red 'blue)"))
    assert min(asked.numbers[asked.weights > 0]) > 0
    blocks = math.exp(asked.evidence.log)
    error = hits.probability(True).standard_error
    assert abs(blocks / 0.5 - hits.probability(True).value) < 5 * (error + 2 * asked.evidence.error)
