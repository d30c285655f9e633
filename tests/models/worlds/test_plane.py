"""Discs and blocks in a plane: conservation, walls, friction, and the world that uses them."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from inference import Importance
from models.worlds import load
from models.worlds.plane.picture import draw, film, sample
from models.worlds.plane.solver import Bodies, Place, path, run, start
from plot.errors import ImpossibleEvidence

KEY = jax.random.key(4)
WORLDS = 64
FREE = Place(gravity=0.0, left=-1e3, right=1e3, bounce=0.0)
FOLDER = Path(__file__).parents[3] / "models" / "worlds"


def two(disc, bounciness=1.0, friction=0.0):
    """Two bodies of drawn masses."""
    mass = jnp.exp(jax.random.normal(KEY, (2, WORLDS)))
    same = jnp.ones((2, WORLDS))
    discs = jnp.array(disc)[:, None] & (same > 0)
    return Bodies(mass, discs, bounciness * same, friction * same[0], same > 0)


@pytest.mark.parametrize("disc", [(True, True), (True, False), (False, True), (False, False)])
def test_elastic_collisions_conserve_momentum_and_energy(disc):
    b = two(disc)
    keys = jax.random.split(KEY, 3)
    x = jnp.array([[0.0], [1.0]]) * jnp.ones((2, WORLDS))
    vx = jnp.array([[1.0], [-1.0]]) * (0.2 + jax.random.uniform(keys[0], (2, WORLDS)))
    s = start(b, FREE, x, vx, jnp.zeros((2, WORLDS)))
    s = s._replace(y=5 + 0.15 * jax.random.uniform(keys[1], (2, WORLDS)))
    after = run(b, FREE, s, 240)
    met = np.asarray(after.met[0])
    assert met.mean() > 0.9
    for before, then in ((s.vx, after.vx), (s.vy, after.vy)):
        change = (b.mass * (then - before)).sum(0)
        np.testing.assert_allclose(change, 0, atol=1e-4)
    energy = (b.mass * (s.vx**2 + s.vy**2)).sum(0)
    np.testing.assert_allclose((b.mass * (after.vx**2 + after.vy**2)).sum(0), energy, rtol=1e-4)
    assert float(jnp.abs(after.vx - s.vx)[:, met].min()) > 0  # something happened


def test_a_head_on_collision_is_that_of_the_textbook():
    b = two((True, True), bounciness=0.4)
    x = jnp.array([[0.0], [1.0]]) * jnp.ones((2, WORLDS))
    vx = jnp.array([[2.0], [0.0]]) * jnp.ones((2, WORLDS))
    s = run(b, FREE, start(b, FREE, x, vx, 0 * vx), 120)
    m, n = np.asarray(b.mass)
    np.testing.assert_allclose(s.vx[1], 1.4 * m * 2 / (m + n), rtol=1e-4)
    np.testing.assert_allclose(s.vx[0], (m - 0.4 * n) * 2 / (m + n), rtol=1e-3, atol=1e-4)
    assert bool(s.hits[0, 1].all())
    assert not bool(s.hits[1, 0].any())


def test_nothing_passes_a_wall_or_the_floor_however_fast():
    place = Place()
    b = two((True, False), bounciness=0.9, friction=0.2)
    keys = jax.random.split(KEY, 2)
    x = jnp.array([[0.0], [1.0]]) * jnp.ones((2, WORLDS))
    vx, vy = (60 * jax.random.normal(k, (2, WORLDS)) for k in keys)
    s = start(b, place, x, vx, vy)
    for _ in range(20):
        s = run(b, place, s, 10)
        assert bool((s.x > place.left + place.size - 1e-3).all())
        assert bool((s.x < place.right - place.size + 1e-3).all())
        assert bool((s.y > place.size - 1e-3).all())
    assert bool(s.wall.any())


def test_a_block_slides_as_far_as_friction_lets_it():
    place = Place(left=-1e3, right=1e3)
    b = two((False, False), friction=0.3)
    x = jnp.array([[0.0], [500.0]]) * jnp.ones((2, WORLDS))
    vx = jnp.array([[2.0], [0.0]]) * jnp.ones((2, WORLDS))
    s = run(b, place, start(b, place, x, vx, 0 * vx), 240)
    exact = 2.0**2 / (2 * 0.3 * place.gravity)
    np.testing.assert_allclose(s.distance[0], exact, atol=2.0 * place.dt)  # a step's way
    assert float(jnp.abs(s.vx).max()) < 1e-5


def test_energy_never_exceeds_that_of_the_start():
    place = Place()
    b = two((True, False), bounciness=0.8, friction=0.2)
    x = jnp.array([[0.0], [0.5]]) * jnp.ones((2, WORLDS))
    vx = jnp.array([[4.0], [0.0]]) * jnp.ones((2, WORLDS))
    s = start(b, place, x, vx, vx / 2)
    first = (b.mass * ((s.vx**2 + s.vy**2) / 2 + place.gravity * s.y)).sum(0)
    for _ in range(18):
        s = run(b, place, s, 10)
        spin = jnp.where(b.disc, s.spin**2 / 2, 0.0)
        kinetic = (s.vx**2 + s.vy**2 + spin) / 2
        energy = (b.mass * (kinetic + place.gravity * s.y)).sum(0)
        assert bool((energy <= first * 1.01).all())
    assert bool((energy < 0.9 * first).all())


def test_a_body_that_is_not_there_touches_nothing():
    b = two((True, True))._replace(there=jnp.array([[True], [False]]) & jnp.ones((2, WORLDS), bool))
    x = jnp.array([[0.0], [1.0]]) * jnp.ones((2, WORLDS))
    vx = jnp.array([[2.0], [0.0]]) * jnp.ones((2, WORLDS))
    s = run(b, FREE, start(b, FREE, x, vx, 0 * vx), 120)
    assert not bool(s.met.any())
    np.testing.assert_allclose(s.vx[0], 2.0)


@pytest.mark.parametrize("name", ["collisions", "plane"])
def test_example_sentences_parse_type_check_and_run(name):
    world = load(name)
    rows = [
        line.split("\t")
        for line in (FOLDER / name / "sentences.tsv").read_text("utf-8").splitlines()
    ]
    assert 15 <= len(rows) <= 30
    for _, fragment in rows:
        if fragment.startswith("(condition"):
            told = world.tell(fragment)
            assert Importance(worlds=2_000).infer(KEY, told.ask("#t")).effective_size > 0
        else:
            assert Importance(worlds=500).infer(KEY, world.ask(fragment)).effective_size > 0


@pytest.mark.parametrize(
    "impossible",
    [
        "(> (push 'green) 6)",
        "(and (hits-wall? 'green) (not (moves? 'green)))",
        "(> (bounciness 'red) 1)",
    ],
)
def test_what_cannot_be_is_impossible(impossible):
    told = load("plane").tell(f"(condition {impossible})")
    with pytest.raises(ImpossibleEvidence):
        Importance(worlds=1_000).infer(KEY, told.ask("(mass 'red)"))


def test_a_path_ends_where_a_run_does():
    b = two((True, False), bounciness=0.6, friction=0.2)
    x = jnp.array([[0.0], [1.0]]) * jnp.ones((2, WORLDS))
    begun = start(b, Place(), x, 2 * jnp.ones((2, WORLDS)), jnp.ones((2, WORLDS)))
    states = path(b, Place(), begun, 6, 5)
    assert states.x.shape == (6, 2, WORLDS)
    ended = run(b, Place(), begun, 30)
    for along, last in zip(states, ended, strict=True):
        np.testing.assert_allclose(along[-1], last, rtol=1e-4, atol=1e-5)


def test_likely_worlds_are_drawn_and_filmed():
    world = load("plane").tell("(condition (and (ball? 'red) (> (mass 'blue) 3.5)))")
    found = sample(world, KEY, worlds=2_000, count=20)
    assert found.count == 20 and bool(found.bodies.disc[0].all())
    assert float(found.bodies.mass[1].min()) > 3.5
    labels = {axes.get_xlabel() for axes in draw(found).axes}
    assert "m from where red begins" in labels and len(labels) == 3
    frames = []
    assert film(found, frames.append)[:4] == b"GIF8"
    assert len(frames) == 45
