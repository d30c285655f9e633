"""Pictures of tables: what hides what, rows and densities of the proposal, scenes found again."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from inference import Importance
from inference.lanes import Lanes
from models.worlds import load
from models.worlds.scenes.hearing import told_by
from models.worlds.scenes.module import SMALL, seen
from models.worlds.scenes.picture import content_of
from models.worlds.scenes.pictures import PictureError, checked
from models.worlds.scenes.proposal import Proposal, simulate, trained
from models.worlds.scenes.renderer import NOISE, PLACES, SHAPE, Scene, log_likelihood, render
from models.worlds.scenes.rows import ROWS, decode
from models.worlds.scenes.seeing import Seeing, SeeingOptions, sites_of
from models.worlds.scenes.words import listed
from plot import run
from plot.compiler.values import leaves
from plot.data import to_list
from plot.errors import TypeMismatch, Unsupported
from plot.modules import register
from plot.world import World

KEY = jax.random.key(3)
drawn = jax.jit(render)
MUG, PLATE, GLASS, BOX = 0, 1, 3, 4


def scene(*things):
    """A scene of things: kind, color, size, across, away."""
    padded = [*things, *[(0, 0, 0, 0.0, 0.0)] * (PLACES - len(things))]
    columns = list(zip(*padded, strict=True))
    finite = [jnp.array(c, jnp.int32) for c in columns[:3]]
    return Scene(jnp.array(len(things)), *finite, *(jnp.array(c, jnp.float32) for c in columns[3:]))


class TestRenderer:
    def test_near_things_hide_far_ones(self):
        box, behind, before = (
            (BOX, 0, 0, 50.0, 20.0),
            (MUG, 1, 1, 50.0, 26.0),
            (MUG, 1, 1, 50.0, 6.0),
        )
        alone = drawn(scene(box))
        assert jnp.abs(drawn(scene(box, behind)) - alone).max() < 0.02
        assert jnp.abs(drawn(scene(box, before)) - alone).max() > 0.4

    def test_the_order_of_places_does_not_matter(self):
        things = [(BOX, 0, 0, 50.0, 20.0), (MUG, 1, 1, 46.0, 15.0), (PLATE, 2, 0, 55.0, 30.0)]
        assert jnp.allclose(drawn(scene(*things)), drawn(scene(*things[::-1])), atol=1e-6)

    def test_what_is_not_there_is_not_drawn(self):
        one = scene((MUG, 1, 1, 46.0, 15.0))
        moved = one._replace(across=one.across.at[5].set(70.0), away=one.away.at[5].set(30.0))
        assert jnp.array_equal(drawn(one), drawn(moved))

    def test_a_batch_is_one_after_another(self):
        rows = jax.random.uniform(KEY, (3, ROWS))
        batch = jax.jit(jax.vmap(lambda r: render(decode(r))))(rows)
        assert batch.shape == (3, *SHAPE, 3)
        assert jnp.allclose(batch[1], drawn(decode(rows[1])), atol=1e-5)
        assert batch.min() >= 0 and batch.max() <= 1

    def test_its_derivative_is_that_of_finite_differences(self):
        shown = scene((MUG, 1, 0, 50.0, 15.0))
        ramp = jnp.arange(SHAPE[1]) / SHAPE[1]

        def brightness(across):
            moved = shown._replace(across=shown.across.at[0].set(across))
            return jnp.sum(render(moved)[..., 2] * ramp)

        slope, steps = jax.jit(
            lambda x: (jax.grad(brightness)(x), brightness(x + 0.1) - brightness(x - 0.1))
        )(50.0)
        assert abs(slope) > 0.01
        assert slope.item() == pytest.approx(steps.item() / 0.2, rel=0.02)


def test_rows_make_the_scenes_that_the_world_makes_of_them():
    world = load("scenes")
    sites = sites_of(world)
    asked = world.ask("(list how-many (across 4) (away 11) (number-of (things '(big red mug))) (number-of (things '(glass))))")  # fmt: skip
    lanes = Lanes(world.session.graph, tuple(leaves(asked.value)), {})
    rows = np.asarray(jax.random.uniform(KEY, (500, ROWS)))
    tiles = lanes.tiles({site: rows[:, i] for i, site in enumerate(sites)}, 500)
    count, across, away, red_mugs, glasses = lanes.values(tiles, 500)
    found = decode(jnp.asarray(rows))
    there = np.arange(PLACES) < np.asarray(found.count)[:, None]
    red = (found.kind == MUG) & (found.color == 0) & (found.size == 0)
    assert np.array_equal(count, found.count)
    assert np.allclose(across, found.across[:, 4], atol=1e-4)
    assert np.allclose(away, found.away[:, 11], atol=1e-4)
    assert np.array_equal(red_mugs, (np.asarray(red) & there).sum(1))
    assert np.array_equal(glasses, (np.asarray(found.kind == GLASS) & there).sum(1))


@pytest.fixture(scope="module")
def proposal():
    _, picture = jax.jit(simulate)(jax.random.key(5))
    return jax.jit(lambda p: Proposal.of(trained(), p).__dict__)(picture)


class TestProposal:
    def test_its_density_sums_to_one(self, proposal):
        things = jax.random.uniform(KEY, (60_000, 5))
        density = np.exp(jax.jit(jax.vmap(Proposal(**proposal).log_thing))(things))
        error = density.std() / np.sqrt(len(density))
        assert abs(density.mean() - 1) < 4.5 * error < 0.45

    def test_its_draws_have_that_density(self, proposal):
        made = Proposal(**proposal)

        def one(key):
            thing = made.thing(key)
            return thing, made.log_thing(thing)

        things, logs = jax.jit(jax.vmap(one))(jax.random.split(KEY, 30_000))
        inside = (things[:, 3] < 0.5) & (things[:, 0] < 0.4)  # of the prior's mass, a fifth
        shares = np.where(inside, np.exp(-logs), 0)
        error = shares.std() / np.sqrt(len(shares))
        assert abs(shares.mean() - 0.2) < 4.5 * error < 0.1

    def test_whole_scenes_too_and_it_knows_more_than_the_prior(self):
        def one(key):
            rows, picture = simulate(key)
            made = Proposal.of(trained(), picture)
            return made.log_density(rows), made.draw(key), jnp.exp(made.count)

        logs, rows, chances = jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(99), 96))
        assert logs.mean() - 4.5 * logs.std() / np.sqrt(len(logs)) > 20
        assert rows.min() >= 0 and rows.max() < 1
        counts = np.asarray(decode(rows).count)
        expected = np.asarray(chances) @ np.arange(PLACES + 1)
        spread = np.asarray(chances) @ np.arange(PLACES + 1) ** 2 - expected**2
        assert abs(counts.mean() - expected.mean()) < 4.5 * np.sqrt(spread.mean() / len(counts))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (np.zeros((20, 20, 3)), "34 x 62 x 3 .* this is 20 x 20 x 3"),
        (np.zeros((*SHAPE, 4)), "34 x 62 x 3"),
        (3.0, "a single number"),
        ("mug.png", "of type str"),
        (None, "of type NoneType"),
        ([[1, 2], [3]], "array of numbers"),
        (np.full((*SHAPE, 3), np.nan), "not finite"),
        (np.full((*SHAPE, 3), 200.0), "from 0 to 1"),
        (np.zeros((*SHAPE, 3), bool), "of type ndarray"),
    ],
)
def test_what_is_no_picture_is_refused(wrong, says):
    with pytest.raises(PictureError, match=says):
        checked(wrong)


class TestSeeing:
    def test_another_world(self):
        engine = Seeing(np.zeros((*SHAPE, 3)))
        with pytest.raises(Unsupported, match="static scenes"):
            engine.infer(KEY, load("tug_of_war").ask("(strength 'tom)"))

    def test_what_was_told_is_weighed_as_the_world_weighs_it(self):
        world = load("scenes").tell(
            "(condition (exists (left-of (things '(mug)) (things '(red)))))"
        )
        sites = sites_of(world)
        rows = jax.random.uniform(KEY, (400, ROWS))
        logs = told_by(world.ask("how-many"), sites)(np.asarray(rows))
        asked = load("scenes")
        lanes_of = asked.ask("(exists (left-of (things '(mug)) (things '(red))))")
        sites = sites_of(asked)
        lanes = Lanes(asked.session.graph, tuple(leaves(lanes_of.value)), {})
        held = lanes.values(lanes.tiles({s: np.asarray(rows[:, i]) for i, s in enumerate(sites)}, 400), 400)[0]  # fmt: skip
        assert np.array_equal(np.isfinite(logs), held > 0.5) and 50 < held.sum() < 350

    @pytest.mark.slow
    def test_under_much_noise_it_agrees_with_worlds_of_the_prior(self):
        noise = 2.0
        shown = scene((BOX, 0, 0, 50.0, 20.0), (PLATE, 2, 0, 20.0, 30.0))
        picture = np.asarray(drawn(shown) + NOISE * jax.random.normal(KEY, (*SHAPE, 3)))
        world = load("scenes")
        engine = Seeing(picture, SeeingOptions(scenes=32, noise=noise))
        rows = jax.random.uniform(jax.random.key(8), (6000, ROWS))
        likelihood = jax.jit(
            lambda r: log_likelihood(jnp.asarray(picture), render(decode(r)), noise)
        )
        logs = np.asarray(jax.lax.map(likelihood, rows, batch_size=200), np.float64)
        weights = np.exp(logs - logs.max())
        weights /= weights.sum()
        found = decode(rows)
        there = np.arange(PLACES) < np.asarray(found.count)[:, None]
        boxes = ((np.asarray(found.kind) == BOX) & there).sum(1)
        for question, values in (
            ("(number-of everything)", np.asarray(found.count)),
            ("(number-of (things '(box)))", boxes),
        ):
            ours = engine.infer(KEY, world.ask(question))
            mean = weights @ values
            error = np.sqrt(weights**2 @ (values - mean) ** 2)
            total = np.hypot(error, ours.mean.standard_error)
            assert abs(ours.mean.value - mean) < 4 * total, question
            assert total < 0.6
        evidence = ours.evidence
        direct = logs.max() + np.log(np.exp(logs - logs.max()).mean())
        spread = np.sqrt((weights**2).sum())
        assert abs(evidence.log - direct) < 4 * np.hypot(evidence.error, spread)

    @pytest.mark.slow
    def test_it_finds_what_a_picture_shows(self):
        shown = scene((BOX, 0, 0, 50.0, 20.0), (MUG, 1, 1, 20.0, 10.0), (PLATE, 2, 0, 82.0, 30.0))
        picture = drawn(shown) + NOISE * jax.random.normal(jax.random.key(5), (*SHAPE, 3))
        engine = Seeing(np.asarray(picture), SeeingOptions(scenes=32, runs=4))
        told = load("scenes").tell("(condition (= (number-of everything) 3))")
        parts = ["big red box", "small blue mug", "big green plate"]
        assert content_of(shown) == tuple(sorted(parts))
        question = " ".join(f"(= (number-of (things '({p}))) 1)" for p in parts)
        found = engine.infer(KEY, told.ask(f"(and {question})"))
        assert found.probability(True).value > 0.95
        assert "given a picture" in " ".join(found.notes)


def test_things_in_words():
    assert listed(["big red glass", "big red glass"]) == "2 big red glasses"


class TestInTheLanguage:
    LISTS = "(define (all x) (make-list 12 x))"

    def test_a_program_renders(self):
        found = run(
            f"(import renderer) {self.LISTS}"
            f" (render 1 (all {BOX}) (all 2) (all 0) (all 50) (all 20))",
            key=KEY,
        )
        wanted = render(scene((BOX, 2, 0, 50.0, 20.0)), SMALL)
        assert np.allclose(to_list(found), np.asarray(wanted).ravel(), atol=1e-4)

    def test_a_program_weighs_worlds_by_a_picture(self):
        register(seen(np.asarray(drawn(scene((BOX, 2, 0, 30.0, 20.0)))), noise=2.0))
        world = World.from_source(
            f"(import seen) {self.LISTS} (define there (uniform 0 100))"
            f" (factor (fit 1 (all {BOX}) (all 2) (all 0) (all there) (all 20)))"
        )
        found = Importance(worlds=500).infer(KEY, world.ask("there"))
        assert abs(found.mean.value - 30) < 4.5 * found.mean.standard_error
        assert found.sd.value < 15

    def test_a_list_that_is_too_short(self):
        with pytest.raises(TypeMismatch, match="12 places"):
            run("(import renderer) (render 1 '(0) '(0) '(0) '(0) '(0))", key=KEY)
