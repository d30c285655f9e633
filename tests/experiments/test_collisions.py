"""The scenes of the experiment: worlds beside quadrature, and both in the order of the reference."""

import math

import jax
import pytest

from experiments.collisions.quadrature import exact
from experiments.collisions.scenes import SCENES, WHAT_IF, WHAT_IF_ASKED, WHAT_IF_EXACT
from inference import Importance
from models.worlds import load


@pytest.mark.parametrize("told", SCENES, ids=lambda told: told.name)
def test_worlds_agree_with_quadrature(told):
    world = load("collisions")
    for said in told.statements:
        world = world.tell(said.meant)
    sure = exact(told.exact)
    answer = Importance(worlds=400_000).infer(jax.random.key(5), world.ask("(speed-after 'blue)"))
    assert abs(answer.mean.value - sure.average) < 4.5 * answer.mean.standard_error
    evidence = math.exp(answer.evidence.log)  # of what was told, and that they collide
    expected = sure.told / 2 * sure.collide
    assert abs(evidence - expected) < 4.5 * expected * answer.evidence.error
    assert abs(sure.below(answer.quantile(0.5)) - 0.5) < 4.5 * 0.5 / answer.effective_size**0.5


def test_the_order_of_the_reference_holds():
    a, b, c = (exact(told.exact).average for told in SCENES)
    assert a > b > c
    heavy = exact(SCENES[0].exact)
    assert heavy.below(2) - heavy.below(1) > 0.85  # most of the mass of A is between 1 and 2


def test_what_would_have_been_agrees_with_quadrature():
    world = load("collisions")
    for said in WHAT_IF:
        world = world.tell(said.meant)
    for (_, said), sure in zip(WHAT_IF_ASKED[::2], exact(WHAT_IF_EXACT).what_if, strict=True):
        answer = Importance(worlds=100_000).infer(jax.random.key(5), world.ask(said.meant))
        share = answer.probability(True)
        assert abs(share.value - sure) < 4.5 * share.standard_error
