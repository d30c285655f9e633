"""The matches of the bench: what the gradient peers sum out is what the program says."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from experiments.bench.matches import ASKED, MATCHES, PEOPLE, SOFT, Draws, log_likelihood, told
from experiments.bench.posterior_sampling import size
from experiments.bench.samplers import blackjax_nuts, ours
from inference import Importance

KEY = jax.random.key(0)


def test_who_was_lazy_is_summed_out():
    rng = np.random.default_rng(0)
    strength, laziness = rng.normal(50, 20, len(PEOPLE)), rng.random(len(PEOPLE))
    wanted = 0.0
    for winners, losers in MATCHES:
        players, total = [PEOPLE.index(name) for name in (*winners, *losers)], 0.0
        for lazy in itertools.product((False, True), repeat=len(players)):
            p, ahead = 1.0, 0.0
            for k, (player, slack) in enumerate(zip(players, lazy, strict=True)):
                p *= laziness[player] if slack else 1 - laziness[player]
                pull = strength[player] / (2 if slack else 1)
                ahead += pull if k < len(winners) else -pull
            total += p / (1 + math.exp(-ahead / SOFT))
        wanted += math.log(total)
    assert log_likelihood(jnp.asarray(strength), jnp.asarray(laziness)) == pytest.approx(
        wanted, rel=1e-4
    )


def test_the_program_and_the_sum_have_the_same_evidence():
    strength_key, lazy_key = jax.random.split(KEY)
    count = 100_000
    strength = 50 + 20 * jax.random.normal(strength_key, (count, len(PEOPLE)))
    laziness = jax.random.uniform(lazy_key, (count, len(PEOPLE)))
    weights = np.exp(np.asarray(jax.jit(jax.vmap(log_likelihood))(strength, laziness), np.float64))
    error = weights.std() / math.sqrt(count) / weights.mean()
    question = told(soft=True).ask(f"(strength '{ASKED})")
    evidence = Importance(worlds=200_000).infer(KEY, question).evidence
    assert abs(evidence.log - math.log(weights.mean())) < 4.5 * math.hypot(evidence.error, error)


def test_our_chains():
    world = told(soft=False)
    sure = Importance(worlds=300_000).infer(KEY, world.ask(f"(strength '{ASKED})")).mean
    found = ours(world, chains=500, draws=40, burn=5)(0)
    error = found.strength.std() / math.sqrt(size(found, "mean"))
    assert found.steps % (500 * 45) == 0
    apart = abs(found.strength.mean() - sure.value)
    assert apart < 4.5 * math.hypot(error, sure.standard_error)


def test_effective_draws_of_independent_draws():
    draws = Draws(np.random.default_rng(0).normal(size=(4, 1000)))
    assert size(draws) == pytest.approx(4000, rel=0.2)
    stuck = Draws(draws.strength + np.array([[0], [0], [0], [5]]))
    assert size(stuck) < 20


@pytest.mark.slow
def test_nuts():
    found = blackjax_nuts(chains=4, draws=1000, warm_up=500)(0)
    sure = Importance(worlds=1_000_000).infer(KEY, told(True).ask(f"(strength '{ASKED})")).mean
    error = found.strength.std() / math.sqrt(size(found, "mean"))
    apart = abs(found.strength.mean() - sure.value)
    assert apart < 4.5 * math.hypot(error, sure.standard_error)
