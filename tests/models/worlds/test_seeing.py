"""Scenes seen in a picture, beside sums over all that may have made it."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.scenes.quadrature import sums
from models.worlds import load
from models.worlds.scenes.looking import Look
from models.worlds.scenes.moves import Scenes, _behind, _log_behind
from models.worlds.scenes.others import ALL, known
from models.worlds.scenes.proposal import Proposal
from models.worlds.scenes.renderer import (
    COLORS,
    KINDS,
    NOISE,
    PLACES,
    SIZES,
    Scene,
    layer,
    near_layer,
    render,
)
from models.worlds.scenes.rows import DRAWS, ROWS
from models.worlds.scenes.seeing import Seeing, SeeingOptions, Seen

KEY = jax.random.key(11)
SURE = 4.5  # standard errors
BOX = ("box", "red", "big", 50.0, 20.0)
BEHIND = "(exists (behind (things '(mug)) (things '(box))))"


def taken(*things):
    """A noisy picture of things."""

    def row(values, dtype):
        return jnp.array([*values, *[0] * (PLACES - len(values))], dtype)

    words = [
        row([names.index(thing[i]) for thing in things], jnp.int32)
        for i, names in enumerate((KINDS, COLORS, SIZES))
    ]
    places = [row([thing[i] for thing in things], jnp.float32) for i in (3, 4)]
    clean = jax.jit(render)(Scene(jnp.array(len(things)), *words, *places))
    return np.asarray(clean + NOISE * jax.random.normal(KEY, clean.shape))


@pytest.mark.slow
def test_a_picture_of_one_thing_beside_sums():
    """The number of things, what hides behind the one, and the evidence; two seeds besides."""
    picture = taken(BOX)
    exact = sums(picture, [BOX])

    def hidden(others):
        return (others["kind"] == "mug") & (others["away"] > BOX[4])

    world = load("scenes")
    told = world.tell(f"(condition {BEHIND})")
    engine = Seeing(picture)
    evidences = []
    for seed in (1, 2):
        key = jax.random.key(seed)
        number = engine.infer(key, world.ask("(number-of everything)"))
        assert not [note for note in number.notes if note.startswith("do not")]
        evidences.append(number.evidence)
        assert abs(number.evidence.log - exact.log_evidence) < SURE * np.hypot(
            number.evidence.error, exact.error
        )
        assert number.evidence.error < 0.6
        assert abs(number.mean.value - exact.number()) < SURE * number.mean.standard_error + 0.01
        behind = engine.infer(key, world.ask(BEHIND)).probability(True)
        assert abs(behind.value - exact.some(hidden)) < SURE * behind.standard_error + 0.005
        heard = engine.infer(key, told.ask("(number-of everything)"))
        assert (
            abs(heard.mean.value - exact.number(hidden)) < SURE * heard.mean.standard_error + 0.01
        )
        gained = heard.evidence.log - number.evidence.log
        error = np.hypot(heard.evidence.error, number.evidence.error) + exact.others_error
        assert abs(gained - np.log(exact.some(hidden))) < SURE * error
        red = engine.infer(key, told.ask("(exists (things '(red mug)))")).probability(True)
        wanted = exact.some(lambda o: (o["kind"] == "mug") & (o["color"] == "red"), hidden)
        assert abs(red.value - wanted) < SURE * red.standard_error + 0.005
    apart = abs(evidences[0].log - evidences[1].log)
    assert apart < 3.5 * np.hypot(evidences[0].error, evidences[1].error)


@pytest.mark.slow
def test_a_net_finds_what_the_prior_does_not():
    """From the prior all runs miss the small glass, in more steps; the notes cannot know, the evidence does."""
    glass = ("glass", "blue", "small", 20.0, 10.0)
    picture = taken(BOX, glass)
    question = load("scenes").ask("(number-of everything)")
    options = SeeingOptions(scenes=32, runs=4)
    net, blind = (
        Seeing(picture, replace(options, network=network)).seen(KEY, question).runs
        for network in (True, False)
    )
    assert np.mean([run.steps for run in net]) < np.mean([run.steps for run in blind])
    sure = sums(picture, [BOX, glass]).log_evidence
    assert all(abs(run.log_evidence - sure) < 5 for run in net)
    assert all(run.log_evidence < sure - 50 for run in blind)


def test_a_proposal_without_a_net_is_the_prior():
    blind = Proposal.blind()
    keys = jax.random.split(KEY, 4_000)
    rows = jax.random.uniform(KEY, (500, ROWS))
    log_density = jax.jit(jax.vmap(Proposal.log_density, (None, 0)))
    assert not np.any(log_density(blind, rows))
    assert np.std(log_density(replace(blind, plain=jnp.float32(0.5)), rows)) > 0.01
    drawn = np.sort(np.asarray(jax.jit(jax.vmap(blind.thing))(keys)), axis=0)
    # Dvoretzky, Kiefer and Wolfowitz, over all draws at once: fails once in 10,000 seeds.
    apart = np.abs(drawn - (np.arange(4_000)[:, None] + 0.5) / 4_000).max()
    assert apart < np.sqrt(np.log(2 * len(DRAWS) / 1e-4) / (2 * 4_000))


def test_notes_say_whether_a_net_proposed():
    nothing = Scenes(jnp.zeros((2, ROWS)), jnp.zeros(2), jnp.zeros(2))
    runs = tuple(Look(nothing, log, np.arange(2), 30, 0.1) for log in (-1.0, -9.0))
    for network, who in ((True, "the net"), (False, "the prior")):
        doubt, said = Seen(runs, 2).notes(SeeingOptions(network=network))
        assert doubt.startswith("do not trust the standard errors") and "worth 1.0" in doubt
        assert f"descend from 4 that {who} proposed" in said


def test_things_that_come_behind_others_have_the_density_that_is_reckoned_with():
    keys = jax.random.split(KEY, 3)
    things = jax.random.uniform(keys[0], (PLACES, len(DRAWS)))
    for count in (0, 3):
        many = jax.random.uniform(keys[1], (40_000, len(DRAWS)))
        log_density = jax.jit(jax.vmap(lambda t, n=count: _log_behind(things, n, t)))
        density = np.exp(log_density(many))
        error = density.std() / np.sqrt(len(density))
        assert abs(density.mean() - 1) <= SURE * error
        drawn = jax.jit(jax.vmap(lambda k, n=count: _behind(things, n, k)))(
            jax.random.split(keys[2], 40_000)
        )

        def such(rows):
            rows = np.asarray(rows)
            return (rows[:, 0] < 0.4) & (rows[:, 3] < 0.5) & (rows[:, 4] > 0.5)

        part, wanted = such(drawn), density * such(many)
        spread = np.hypot(part.std(), np.asarray(wanted).std()) / np.sqrt(len(density))
        assert abs(part.mean() - np.asarray(wanted).mean()) < SURE * spread


def test_other_things_that_are_proposed_have_the_density_that_is_reckoned_with():
    gains = np.asarray(3 * jax.random.normal(KEY, (ALL,)))
    others = known(gains, np.linspace(0.1, 1, 40))
    keys = jax.random.split(KEY, 3)
    many = jax.random.uniform(keys[0], (40_000, len(DRAWS)))
    density = np.exp(jax.jit(jax.vmap(others.log_thing))(many))
    assert abs(density.mean() - 1) <= SURE * density.std() / np.sqrt(len(density))
    drawn = np.asarray(jax.jit(jax.vmap(others.thing))(jax.random.split(keys[1], 40_000)))

    def such(rows):
        rows = np.asarray(rows)
        return (rows[:, 0] > 0.6) & (rows[:, 1] < 0.5) & (rows[:, 3] < 0.5) & (rows[:, 4] > 0.7)

    part, wanted = such(drawn), density * such(many)
    spread = np.hypot(part.std(), wanted.std()) / np.sqrt(len(density))
    assert abs(part.mean() - wanted.mean()) < SURE * spread < 0.02


@pytest.mark.parametrize("wrong", [{"runs": 1}, {"scenes": 1}, {"keep": 1.0}, {"noise": 0.0}])
def test_options_that_cannot_be(wrong):
    with pytest.raises(ValueError, match=r"seeing takes|keeps a share|noise"):
        SeeingOptions(**wrong)


def test_a_thing_drawn_near_where_it_stands_is_drawn_as_on_the_whole_picture():
    keys = jax.random.split(KEY, 5)
    finite = [jax.random.randint(k, (500,), 0, n) for k, n in zip(keys, (5, 4, 2), strict=False)]
    across, away = (
        100 * jax.random.uniform(keys[3], (500,)),
        60 * jax.random.uniform(keys[4], (500,)),
    )
    whole, near = (jax.jit(jax.vmap(draw))(*finite, across, away) for draw in (layer, near_layer))
    assert jnp.abs(whole.cover - near.cover).max() < 1e-4
    inked = whole.cover[..., None] * whole.paint - near.cover[..., None] * near.paint
    assert jnp.abs(inked).max() < 1e-4
