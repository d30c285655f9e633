"""Rewards that a world gives at each bracket."""

import math

import jax
import numpy as np
import pytest

from inference import Belief, Sequential
from inference.tokens import SmcOptions
from models.meaning.possible import PossibleWorlds
from models.meaning.translate import Meaning, MeaningOptions
from plot.world import World
from tests.models.meaning.scripted import ScriptedModel

SOURCE = """
(define a (flip 0.5)) (define b (flip 0.5)) (define x (uniform 0 1))
(declare a boolean "a") (declare b boolean "b") (declare x number "x")
"""
WORLD = World.from_source(SOURCE).tell("(condition (not a))")
OPTIONS = PossibleWorlds(worlds=512, ruled_out=0.01)
OUT = math.log(0.01)


@pytest.mark.parametrize(
    ("text", "whole", "value"),
    [
        ("(condition (and (> x 0.5) (", False, 0.0),
        ("(condition (and (> x 2)", False, OUT),
        ("(condition (and (> x 0.5) (< x 0.25)", False, OUT),  # each possible, not both
        ("(condition (not (> x 2)", False, 0.0),  # what is denied need not be possible
        ("(condition (or (> x 2)", False, 0.0),
        ("(condition (or (> x 2) (> x 0.5)))", True, 0.0),
        ("(condition a)", True, OUT),
        ("(condition b)", True, 0.0),
        ("(condition (and b (not b)))", True, OUT),
        ("(query (> x 0.5))", True, 0.0),
        ("(condition (> a", False, 0.0),  # nothing has closed yet
        ("(condition (and (> a 1)", False, -math.inf),
        ("(condition (> a 1))", True, -math.inf),
        ("(query (first '()))", True, OUT),  # an error in every world
        ("(unclear)", True, 0.0),
    ],
)
def test_what_a_world_says(text, whole, value):
    assert OPTIONS.reward(WORLD)(text, whole) == pytest.approx(value)


def test_a_belief_knows_more_than_worlds_of_the_prior():
    rare = World.from_source(SOURCE).tell("(condition (< x 1e-7))")
    # No world of the prior is left: it says nothing against what comes.
    assert OPTIONS.reward(rare)("(condition (> x 0.5))", True) == 0
    options = Sequential(worlds=500)
    belief = Belief.of(World.from_source(SOURCE), jax.random.key(0), options)
    belief, _ = belief.tell("(condition (< x 1e-3))")
    reward = OPTIONS.reward(belief.world, belief)
    assert reward("(condition (> x 0.5))", True) == pytest.approx(OUT)
    assert reward("(condition b)", True) == 0


def test_readings_that_are_ruled_out_lose_and_the_evidence_stays():
    fragments = {"(condition a)": 0.8, "(condition b)": 0.2}
    options = MeaningOptions(smc=SmcOptions(particles=32))
    meaning = Meaning(ScriptedModel(fragments), WORLD.vocabulary, options)
    plain = meaning.translate(jax.random.key(1), "It is so.")
    assert plain.best.text == "(condition a)"
    found = meaning.translate(jax.random.key(1), "It is so.", OPTIONS.reward(WORLD))
    assert found.best.text == "(condition b)"
    shares = {r.text: r.probability for r in found.readings}
    # 0.2 to 0.8 * 0.01, by the model's exact probabilities of the two.
    assert shares["(condition b)"] == pytest.approx(0.2 / (0.2 + 0.008), abs=0.01)
    reward = OPTIONS.reward(WORLD)
    masses = [
        math.exp(meaning.translate(jax.random.key(i), "It is so.", reward).log_evidence)
        for i in range(24)
    ]
    # The mass of the grammar, without the reward: 1 but for the noise of the scripted model.
    error = np.std(masses, ddof=1) / math.sqrt(len(masses))
    assert abs(np.mean(masses) - math.exp(plain.log_evidence)) < 4 * error


def test_options_are_checked():
    with pytest.raises(ValueError, match="above 0"):
        PossibleWorlds(ruled_out=0)
