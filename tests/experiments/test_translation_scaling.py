"""What accuracy against cost is made of: the count of tokens, and the comparison at equal cost."""

import jax
import numpy as np
import pytest

from experiments.translation_scaling import (
    PARTICLES,
    STYLES,
    Counting,
    Found,
    _at_equal_cost,
    picture,
    searches,
)
from inference.tokens import Constraint
from tests.inference.tokens.exact import CASES
from tests.inference.tokens.toy import ToyModel


class _Case:
    prefix = None
    prompt: tuple[int, ...] = ()

    def __init__(self, model):
        self.constraint = Constraint(model.tokenizer, CASES[1][1])


def test_tokens_that_texts_have_in_common_are_counted_once():
    """Words `cac` and `cbc`: `c`, `ca`, `cac`, `cb` and `cbc` are run at the most."""
    model, case = ToyModel(3), _Case(ToyModel(3))
    counts = {}
    for name, search in searches(1.0).items():
        counting = Counting(model)
        result = search(jax.random.key(0), counting, case, 8)
        assert result.samples
        counts[name] = len(counting.said)
        begun = {(2,), (2, 0), (2, 1)}
        words = {s.tokens for s in result.samples}
        assert counting.said <= begun | words | {(2, 0, 2), (2, 1, 2)}
    assert max(counts.values()) <= 5 and min(counts.values()) >= 3


def _found(shares, costs):
    """Ten sentences of which a share is right, for each method and size."""
    keys = [(m, s) for m in STYLES for s in (1, 2, 4)]
    return [
        {k: Found(i < round(10 * shares(*k)), True, True, costs(*k)) for k in keys}
        for i in range(10)
    ]


def test_methods_of_one_curve_are_level_at_equal_cost():
    level = _found(lambda m, s: 0.2 * s, lambda m, s: 10 * s)
    assert _at_equal_cost(level, PARTICLES[0], "beam search", (1, 2, 4))[0] == pytest.approx(0)
    better = _found(lambda m, s: 0.2 * s + 0.2 * (m in PARTICLES), lambda m, s: 10 * s)
    gap, error = _at_equal_cost(better, PARTICLES[0], "beam search", (1, 2, 4))
    assert gap == pytest.approx(0.2) and error > 0
    dearer = _found(lambda m, s: 0.2 * s, lambda m, s: 10 * s * (1 + (m in PARTICLES)))
    assert _at_equal_cost(dearer, PARTICLES[0], "beam search", (1, 2, 4))[0] < -0.1


def test_the_figure_names_every_method():
    found = _found(lambda m, s: 0.2 * s, lambda m, s: 10 * s)
    axes = picture(found, (1, 2, 4), 1.0).axes
    assert [t.get_text() for t in axes[1].get_legend().get_texts()] == list(STYLES)
    assert np.isfinite(axes[0].dataLim.get_points()).all()
