"""Samplers of the posterior of `matches`: ours, WebPPL's single-site Metropolis, NUTS of NumPyro and BlackJAX."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import blackjax
import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import MCMC, NUTS

from experiments.bench.matches import (
    ASKED,
    DEVIATION,
    MATCHES,
    MEAN,
    PEOPLE,
    SOFT,
    Draws,
    log_likelihood,
)
from experiments.bench.webppl import printed
from inference import Drift, Redraw, Sequential
from inference.lanes import Lanes
from inference.particles import Particles
from inference.resampling import systematic
from inference.scan import reached, scan
from inference.sequential import follow
from inference.targets import Scale, Way
from inference.visits import sweep_of
from plot.compiler.values import leaves
from plot.world import World

MOVES = (Redraw(), Drift())


def ours(world: World, chains: int, draws: int, burn: int) -> Callable[[int], Draws]:
    """Single-site Metropolis of many worlds side by side.

    Args:
      world: with the evidence.
      chains: worlds, begun at worlds of the posterior as a belief finds them.
      draws: kept of each, one after each sweep; a sweep is a step for each row of a world.
      burn: sweeps before.

    Returns:
      A function of a seed.
    """
    question = world.ask(f"(strength '{ASKED})")
    graph = world.session.graph
    effects = question.effects.flatten(graph)
    way, clamps = Way(graph, None, effects), effects.clamps
    answer = Lanes(graph, tuple(leaves(question.value)), clamps)
    terms = way.terms(Scale(np.ones(len(way.parts))), step=1.0)  # all evidence, hard where it is
    reach = reached(graph, terms, clamps)
    sites = list(reach)

    def run(seed: int) -> Draws:
        first, choose, go = jax.random.split(jax.random.key(seed), 3)
        found, _ = follow(Sequential(worlds=chains), way, Particles.of_prior(chains), first)
        logs = jnp.asarray(found.log_weights - found.log_weights.max(), jnp.float32)
        chosen = systematic(choose, logs, chains)
        rows = {site: row[chosen] for site, row in found.rows.items()}
        rng, kept = np.random.default_rng(seed), []
        for sweep in range(burn + draws):
            visits = sweep_of(rng, sites, MOVES, sweep)
            plan = scan(graph, terms, clamps, reach, visits, MOVES)
            rows = {**rows, **plan.run(rows, jax.random.fold_in(go, sweep))[0]}
            if sweep >= burn:
                kept.append(answer.values(answer.tiles(rows, chains), chains)[0])
        return Draws(np.stack(kept, axis=1), chains * (burn + draws) * len(sites))

    return run


def numpyro_nuts(chains: int, draws: int, warm_up: int) -> Callable[[int], Draws]:
    """NumPyro's NUTS, in which who was lazy is summed out; chains side by side.

    Args:
      chains: how many.
      draws: kept of each.
      warm_up: draws before, in which it adapts.

    Returns:
      A function of a seed.
    """

    def model() -> None:
        with numpyro.plate("people", len(PEOPLE)):
            strength = numpyro.sample("strength", dist.Normal(MEAN, DEVIATION))
            laziness = numpyro.sample("laziness", dist.Uniform(0.0, 1.0))
        numpyro.factor("matches", log_likelihood(jnp.asarray(strength), jnp.asarray(laziness)))

    @jax.jit  # all of it, or else each run compiles again
    def sample(key: jax.Array) -> jax.Array:
        sampler = MCMC(
            NUTS(model),
            num_warmup=warm_up,
            num_samples=draws,
            num_chains=chains,
            chain_method="vectorized",
            progress_bar=False,
        )
        sampler.run(key)
        strength = sampler.get_samples(group_by_chain=True)["strength"]
        return strength[:, :, PEOPLE.index(ASKED)]

    return lambda seed: Draws(np.asarray(sample(jax.random.key(seed))))


def blackjax_nuts(chains: int, draws: int, warm_up: int) -> Callable[[int], Draws]:
    """BlackJAX's NUTS with window adaptation, on standardised strengths and logits of laziness.

    Args:
      chains: how many, side by side.
      draws: kept of each.
      warm_up: draws before, in which it adapts.

    Returns:
      A function of a seed.
    """

    def target(position: dict[str, jax.Array]) -> jax.Array:
        strength, logit = position["strength"], position["logit"]
        prior = -jnp.sum(strength**2) / 2
        prior += jnp.sum(jax.nn.log_sigmoid(logit) + jax.nn.log_sigmoid(-logit))
        return prior + log_likelihood(MEAN + DEVIATION * strength, jax.nn.sigmoid(logit))

    adaptation: Any = blackjax.window_adaptation(blackjax.nuts, target)

    @jax.jit
    @jax.vmap
    def sample(key: jax.Array) -> jax.Array:
        start, adapt, go = jax.random.split(key, 3)
        both = jax.random.normal(start, (2, len(PEOPLE)))
        (state, found), _ = adaptation.run(adapt, {"strength": both[0], "logit": both[1]}, warm_up)
        kernel = blackjax.nuts(target, **found).step

        def step(state: Any, key: jax.Array) -> tuple:
            state, _ = kernel(key, state)
            return state, state.position["strength"][PEOPLE.index(ASKED)]

        return jax.lax.scan(step, state, jax.random.split(go, draws))[1]

    def run(seed: int) -> Draws:
        found = sample(jax.random.split(jax.random.key(seed), chains))
        return Draws(MEAN + DEVIATION * np.asarray(found))

    return run


PROGRAM = """\
var lost = function(d) { return d > 0 ? -d - Math.log(1 + Math.exp(-d)) : -Math.log(1 + Math.exp(d)); };
var model = function() {
  var strength = mem(function(person) { return gaussian(MEAN, DEVIATION); });
  var laziness = mem(function(person) { return uniform(0, 1); });
  var pull = function(person) {
    return flip(laziness(person)) ? strength(person) / 2 : strength(person);
  };
  var teamPull = function(team) { return sum(map(pull, team)); };
  map(function(match) {
    var behind = teamPull(match[1]) - teamPull(match[0]);
    EVIDENCE
  }, MATCHES);
  return strength('ASKED');
};
var once = function() {
  var began = _.now();
  var found = Infer({method: 'MCMC', samples: SAMPLES, lag: LAG, burn: BURN, model: model});
  return {
    seconds: (_.now() - began) / 1000,
    strength: map(function(s) { return s.value; }, found.params.samples)
  };
};
console.log(JSON.stringify(repeat(TIMES, once)));
"""
SOFTLY, HARD = "factor(lost(behind / SOFT));", "condition(behind < 0);"


def webppl_metropolis(soft: bool, chains: int, draws: int, lag: int, burn: int) -> Draws:
    """WebPPL's single-site Metropolis, one chain after the other, timed from within its program.

    Args:
      soft: whether matches are soft.
      chains: that count; one more comes first and warms node's compiler up.
      draws: kept of each.
      lag: steps from one of them to the next, less one.
      burn: steps before.

    Raises:
      Skipped: where it cannot be run.
    """
    text = PROGRAM.replace("EVIDENCE", SOFTLY if soft else HARD)
    for name, value in {
        "MATCHES": json.dumps(MATCHES),
        "MEAN": MEAN,
        "DEVIATION": DEVIATION,
        "SOFT": SOFT,
        "ASKED": ASKED,
        "SAMPLES": draws,
        "LAG": lag,
        "BURN": burn,
        "TIMES": chains + 1,
    }.items():
        text = text.replace(name, str(value))
    found = printed(text)[1:]
    seconds = sum(run["seconds"] for run in found)
    steps = chains * (burn + draws * (lag + 1))
    return Draws(np.array([run["strength"] for run in found]), steps, seconds)
