"""Problems that gradient steps are measured on, as programs of `vi` and as JAX written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import genjax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

import vi
from experiments.vae.model import Autoencoder
from vi import Enumerate, Reinforce, Reparametrise, maximise, target

START = {"x": 2.0, "log_sd_x": -2.0, "y": 0.0, "log_sd_y": -1.0}
OBSERVED = 5.0
PIXELS, CODE, HIDDEN = 784, 20, 400  # of the autoencoder, as for pictures of 28 by 28
WEIGHTS = (1.0, -1.5, 2.0, 0.5)  # of the switches, whose sum was observed with noise of 1
SUM = 2.3


@dataclass(frozen=True)
class Steps:
    """What a step needs: an estimate of loss and gradient, and where to begin."""

    estimate: Callable[[PRNGKeyArray, Any], tuple[Array, Any]]
    params: Any


@dataclass(frozen=True)
class Compared:
    """An objective that both have.

    Args:
      numpyro: what NumPyro calls it; None where it has none that runs.
      ours: of a target and a guide.
      discrete: whether it is measured on the switches, which have finite choices.
      strategy: at each draw.
    """

    numpyro: str | None
    ours: Callable[[Any, Any], Array]
    discrete: bool = False
    strategy: vi.Strategy = Reparametrise()


PARTICLES = 5  # of the importance-weighted bounds
OBJECTIVES: dict[str, Compared] = {
    "elbo": Compared("Trace_ELBO", vi.elbo),
    "elbo_mean_field": Compared("TraceMeanField_ELBO", vi.elbo),
    "iwelbo": Compared("RenyiELBO(alpha=0)", partial(vi.iwelbo, n=PARTICLES)),
    "renyi": Compared("RenyiELBO(alpha=0.5)", partial(vi.renyi, n=PARTICLES, alpha=0.5)),
    "elbo_reinforce": Compared("TraceGraph_ELBO", vi.elbo, True, Reinforce()),
    "elbo_reinforce_by_parts": Compared("TraceEnum_ELBO", vi.elbo, True, Reinforce()),
    # NumPyro's TraceEnum_ELBO sums over the model's choices; over the guide's, several of which one
    # observation depends on, it fails ("cannot reshape array").
    "elbo_enumerate": Compared(None, vi.elbo, True, Enumerate()),
}


def cone(batch: int, objective: str = "elbo") -> Steps:
    """The cone of the paper, with a normal guide; a bound, averaged over a batch of estimates."""
    chosen = OBJECTIVES[objective]

    @genjax.gen
    def model():
        x = genjax.normal(0.0, 10.0) @ "x"
        y = genjax.normal(0.0, 10.0) @ "y"
        square = x**2 + y**2
        genjax.normal(square, 0.1 + square / 100) @ "z"

    @genjax.gen
    def guide(t):
        chosen.strategy(genjax.normal)(t["x"], jnp.exp(t["log_sd_x"])) @ "x"
        chosen.strategy(genjax.normal)(t["y"], jnp.exp(t["log_sd_y"])) @ "y"

    observed = target(model, {"z": OBSERVED})
    return _of(lambda t: chosen.ours(observed, guide.T(t)), batch, START)


def switches(batch: int, objective: str = "elbo_reinforce") -> Steps:
    """Four switches, of whose weighted sum a noisy reading was taken; a guide of independent flips."""
    chosen = OBJECTIVES[objective]

    @genjax.gen
    def model():
        total = 0.0
        for i, weight in enumerate(WEIGHTS):
            total += weight * (genjax.flip(0.5) @ f"switch {i}")
        genjax.normal(total, 1.0) @ "reading"

    @genjax.gen
    def guide(t):
        for i in range(len(WEIGHTS)):
            chosen.strategy(genjax.flip)(jax.nn.sigmoid(t["logits"][i])) @ f"switch {i}"

    observed = target(model, {"reading": SUM})
    return _of(lambda t: chosen.ours(observed, guide.T(t)), batch, {"logits": jnp.zeros(4)})


def _of(program: Callable[[Any], Array], batch: int, params: Any) -> Steps:
    objective = maximise(program)
    params = jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), params)
    return Steps(lambda k, p: objective.loss_and_gradient(k, p, estimates=batch), params)


def cone_by_hand(batch: int) -> Steps:
    """The same in JAX alone."""
    normal = jax.scipy.stats.norm.logpdf

    def loss(t: Any, key: PRNGKeyArray) -> Array:
        noise_x, noise_y = jax.random.normal(key, (2, batch))
        sd_x, sd_y = jnp.exp(t["log_sd_x"]), jnp.exp(t["log_sd_y"])
        x = t["x"] + sd_x * noise_x
        y = t["y"] + sd_y * noise_y
        square = x**2 + y**2
        log_model = normal(x, 0.0, 10.0) + normal(y, 0.0, 10.0)
        log_model += normal(OBSERVED, square, 0.1 + square / 100)
        return -jnp.mean(log_model - normal(x, t["x"], sd_x) - normal(y, t["y"], sd_y))

    derivative = jax.value_and_grad(loss)
    params = jax.tree.map(lambda x: jnp.asarray(x, jnp.float32), START)
    return Steps(lambda key, t: derivative(t, key), params)


def _pictures(batch: int) -> Array:
    return jnp.asarray(np.random.default_rng(0).random((batch, PIXELS), np.float32))


def vae(batch: int) -> Steps:
    """The autoencoder of `experiments.vae` at 28 by 28 pixels, on a batch of pictures."""
    network, pictures = Autoencoder(PIXELS, CODE, HIDDEN), _pictures(batch)
    objective = network.objective(vi.elbo)
    params = network.init(jax.random.key(0))
    return Steps(lambda key, p: objective.loss_and_gradient(key, p, pictures), params)


def vae_by_hand(batch: int) -> Steps:
    """The same in JAX alone, with the same networks."""
    network, pictures = Autoencoder(PIXELS, CODE, HIDDEN), _pictures(batch)
    derivative = jax.value_and_grad(lambda p, key: network.hand_coded(key, p, pictures))
    return Steps(lambda key, p: derivative(p, key), network.init(jax.random.key(0)))
