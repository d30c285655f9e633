"""The same problems as models and guides of NumPyro, fitted by its SVI."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpyro
import numpyro.distributions as dist
from numpyro.infer import (
    SVI,
    RenyiELBO,
    Trace_ELBO,
    TraceEnum_ELBO,
    TraceGraph_ELBO,
    TraceMeanField_ELBO,
)
from numpyro.optim import Adam

from experiments.bench.vi_problems import OBJECTIVES, OBSERVED, PARTICLES, START, SUM, WEIGHTS


def cone_model() -> None:
    """See `vi_problems.cone`."""
    x = numpyro.sample("x", dist.Normal(0.0, 10.0))
    y = numpyro.sample("y", dist.Normal(0.0, 10.0))
    square = x**2 + y**2
    numpyro.sample("z", dist.Normal(square, 0.1 + square / 100), obs=OBSERVED)


def cone_guide() -> None:
    """See `vi_problems.cone`."""
    t: Any = {name: numpyro.param(name.upper(), value) for name, value in START.items()}
    numpyro.sample("x", dist.Normal(t["x"], jnp.exp(t["log_sd_x"])))
    numpyro.sample("y", dist.Normal(t["y"], jnp.exp(t["log_sd_y"])))


def switches_model() -> None:
    """See `vi_problems.switches`."""
    total = 0.0
    for i, weight in enumerate(WEIGHTS):
        total = total + weight * numpyro.sample(f"switch {i}", dist.Bernoulli(0.5))
    numpyro.sample("reading", dist.Normal(total, 1.0), obs=SUM)


def switches_guide() -> None:
    """See `vi_problems.switches`."""
    logits: Any = numpyro.param("logits", jnp.zeros(4))
    for i in range(len(WEIGHTS)):
        numpyro.sample(f"switch {i}", dist.Bernoulli(logits=logits[i]))


def svi(name: str, batch: int, rate: float) -> SVI:
    """NumPyro's SVI with an objective of `vi_problems.OBJECTIVES`.

    Args:
      name: of the objective.
      batch: estimates that are averaged, batched as one.
      rate: of Adam.
    """
    if OBJECTIVES[name].discrete:
        parts = name == "elbo_reinforce_by_parts"
        loss = TraceEnum_ELBO(batch, 0) if parts else TraceGraph_ELBO(batch)
        return SVI(switches_model, switches_guide, Adam(rate), loss)
    if name == "elbo":
        loss = Trace_ELBO(num_particles=batch, vectorize_particles=True)
    elif name == "elbo_mean_field":
        loss = TraceMeanField_ELBO(num_particles=batch, vectorize_particles=True)
    else:
        return _Averaged(batch, 0.0 if name == "iwelbo" else 0.5, rate)
    return SVI(cone_model, cone_guide, Adam(rate), loss)


class _Averaged(SVI):
    """Renyi's bound has one estimate a step in NumPyro: as many as a batch has, side by side."""

    def __init__(self, batch: int, alpha: float, rate: float):
        inner = RenyiELBO(alpha=alpha, num_particles=PARTICLES)
        super().__init__(cone_model, cone_guide, Adam(rate), _Many(inner, batch))


class _Many:
    """The mean of independent estimates of a loss."""

    can_infer_discrete = False

    def __init__(self, inner: RenyiELBO, batch: int):
        self.inner, self.batch = inner, batch

    def loss(self, key, params, model, guide, *args, **kwargs):
        """As an ELBO of NumPyro."""
        keys = jax.random.split(key, self.batch)
        one = lambda k: self.inner.loss(k, params, model, guide, *args, **kwargs)  # noqa: E731
        return jnp.mean(jax.vmap(one)(keys))

    def loss_with_mutable_state(self, key, params, model, guide, *args, **kwargs):
        """As an ELBO of NumPyro."""
        return {
            "loss": self.loss(key, params, model, guide, *args, **kwargs),
            "mutable_state": None,
        }


def loop(name: str, batch: int, steps: int, rate: float) -> Callable[[int], float]:
    """A function of a seed that takes steps in one compiled loop and returns the mean loss."""
    engine = svi(name, batch, rate)

    @jax.jit
    def run(key):
        state = engine.init(key)

        def step(state, _):
            return engine.update(state)

        return jax.lax.scan(step, state, length=steps)[1].mean()

    return lambda seed: float(run(jax.random.key(seed)))
