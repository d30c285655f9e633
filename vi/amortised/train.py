"""Training a guide on the prior's own samples, so that it proposes latents for any observation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, PRNGKeyArray

from vi.fitting import Checkpoints, Curve, FitOptions, Fitted, Plateau, optimise

type Simulate = Callable[[PRNGKeyArray], tuple[Any, Any]]
type LogDensity = Callable[[Any, Any, Any], Array]


class HasParameters(Protocol):
    """A network, or a guide, of which only this is needed."""

    def init(self, key: PRNGKeyArray, /) -> Any: ...


@dataclass(frozen=True)
class TrainOptions:
    """How to train on simulations.

    Args:
      steps: of the optimiser.
      batch: simulations of a step, drawn anew each time.
      rate: highest learning rate of Adam; it rises over the first twentieth of the steps and falls
        along a cosine.
      clip: largest norm of a gradient.
      stop: when to stop before all steps are done.
      checkpoints: nothing is kept where not given.

    Raises:
      ValueError: for a count below 1.
    """

    steps: int = 2_000
    batch: int = 256
    rate: float = 1e-3
    clip: float = 10.0
    stop: Plateau | None = None
    checkpoints: Checkpoints | None = None
    chunk: int = field(default=50, repr=False)

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1:
            raise ValueError("training takes 1 step and 1 simulation a step, or more")

    def fit(self) -> FitOptions:
        """The same for `optimise`."""
        schedule = optax.warmup_cosine_decay_schedule(
            0.1 * self.rate,
            self.rate,
            max(self.steps // 20, 1),
            max(self.steps, 2),
            0.01 * self.rate,
        )
        optimiser = optax.chain(optax.clip_by_global_norm(self.clip), optax.adam(schedule))
        return FitOptions(
            self.steps, optimiser, stop=self.stop, checkpoints=self.checkpoints, chunk=self.chunk
        )


def train(
    key: PRNGKeyArray,
    simulate: Simulate,
    network: HasParameters,
    log_density: LogDensity,
    options: TrainOptions = TrainOptions(),
    progress: Callable[[int], None] | None = None,
) -> tuple[Any, Curve]:
    """Raise the mean log density that a guide gives to latents of the prior, given what came of them.

    That is the sleep phase of wake-sleep: it minimises the mean divergence of the guide from the
    posterior, over observations of the prior (so it covers the posterior, and never sees its density).

    Source: Hinton, Dayan, Frey and Neal, The wake-sleep algorithm (1995); Le et al., Inference
    compilation and universal probabilistic programming (2017).

    Args:
      key: the seed.
      simulate: from a key to a latent and an observation, any trees of arrays; traced by JAX.
      network: `init(key)` gives the parameters (`vi.guides.Network`, `vi.guides.Amortised`).
      log_density: of `(params, latent, observation)`, the log density of the latent; a scalar.
      options: how.
      progress: called with the number of steps done.

    Returns:
      The parameters, and the curve of the loss (minus the mean log density).

    Raises:
      NotFinite: with the step and the parameter, where a loss is not finite.

    >>> from flax import nnx
    >>> from vi.guides import Amortised, MeanField, Network
    >>> def simulate(key):
    ...     latent, noise = jax.random.normal(key, (2, 1))
    ...     return latent, latent + noise
    >>> guide = Amortised(MeanField(1), Network(lambda r: nnx.Linear(1, 4, rngs=r)), features=4)
    >>> options = TrainOptions(steps=300, rate=0.03)
    >>> params, curve = train(jax.random.key(0), simulate, guide, guide.log_density, options)
    >>> mean = guide.distribution(params, jnp.array([2.0])).mean().item()
    >>> abs(mean - 1) < 0.2
    True
    """
    fitted = _fit(key, simulate, network, log_density, options, progress)
    return fitted.params, fitted.curve


def _fit(
    key: PRNGKeyArray,
    simulate: Simulate,
    network: HasParameters,
    log_density: LogDensity,
    options: TrainOptions,
    progress: Callable[[int], None] | None,
) -> Fitted:
    init_key, run_key = jax.random.split(key)

    def loss(params: Any, key: PRNGKeyArray) -> Array:
        latents, observations = jax.vmap(simulate)(jax.random.split(key, options.batch))
        logs = jax.vmap(log_density, (None, 0, 0))(params, latents, observations)
        return -jnp.mean(logs)

    derivative = jax.value_and_grad(loss)
    return optimise(
        run_key,
        lambda key, params: derivative(params, key),
        network.init(init_key),
        options.fit(),
        progress,
    )
