"""SMC over tokens against exact answers on a table model."""

import jax
import numpy as np
import pytest

from inference.tokens import Constraint, SmcOptions, smc
from tests.inference.tokens.exact import CASES, assert_proper, exact
from tests.inference.tokens.toy import ToyModel

RUNS = 100


@pytest.mark.parametrize(("pattern", "lark"), CASES)
def test_weights_are_proper_and_frequencies_right(pattern, lark):
    model = ToyModel(3)
    constraint = Constraint(model.tokenizer, lark)
    options = SmcOptions(particles=6, threshold=0.7)
    keys = jax.random.split(jax.random.key(0), RUNS)
    results = [smc(key, model, None, [], constraint, options) for key in keys]
    assert_proper(results, *exact(model, pattern), options.particles)


def test_same_key_same_result():
    model = ToyModel(1)
    constraint = Constraint(model.tokenizer, CASES[0][1])
    first, second = (smc(jax.random.key(5), model, None, [], constraint) for _ in range(2))
    assert first == second


def test_identical_outputs_are_merged_and_log_probability_is_the_models():
    model = ToyModel(2)
    result = smc(
        jax.random.key(0),
        model,
        None,
        [],
        Constraint(model.tokenizer, CASES[1][1]),
        SmcOptions(particles=32),
    )
    assert len({s.tokens for s in result.samples}) == len(result.samples)
    assert sum(s.count for s in result.samples) + result.dead == 32
    for sample in result.samples:
        assert sample.log_probability == pytest.approx(
            model.log_probability(sample.tokens), abs=1e-4
        )


def test_greedy_takes_the_likeliest_way():
    model = ToyModel(4)
    result = smc(
        jax.random.key(0),
        model,
        None,
        [],
        Constraint(model.tokenizer, CASES[1][1]),
        SmcOptions(particles=1, greedy=True),
    )
    scores = np.asarray(model.table)[model.tokenizer.encode("c")[0]]
    assert result.samples[0].tokens[1] == int(scores[1] > scores[0])


def test_dead_particles_are_counted():
    model = ToyModel(0)
    # The model never writes what the grammar asks for.
    model.table = model.table.at[:, 2].set(-np.inf)
    result = smc(
        jax.random.key(0),
        model,
        None,
        [],
        Constraint(model.tokenizer, 'start: ("a" | "b") "c"\n'),
        SmcOptions(particles=5),
    )
    assert result.dead == 5
    assert result.samples == ()
    assert result.log_evidence == -np.inf


def test_a_word_that_is_too_long_dies():
    model = ToyModel(0)
    model.table = model.table.at[:, 5].set(-50.0)
    constraint = Constraint(model.tokenizer, "start: /[ab]+/\n")
    result = smc(
        jax.random.key(0), model, None, [], constraint, SmcOptions(particles=3, max_tokens=4)
    )
    assert result.dead == 3


def test_a_bad_grammar_is_refused():
    with pytest.raises(ValueError, match="not well formed"):
        Constraint(ToyModel().tokenizer, "start: nothing\n")
