"""A network that proposes, aimed at one piece of evidence: which draws it speaks of, and what that compiles to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from plot.compiler.choices import Choice
from plot.compiler.graph import Node
from plot.compiler.ops import NORMAL
from plot.errors import Unsupported
from plot.exports.parameters import log_density as mass
from plot.exports.parameters import value_count
from vi.guides import Amortised, MeanField
from vi.worlds.answer import CHUNK, Proposer
from vi.worlds.programs import MOST_CONFIGURATIONS, Summed, WorldPrograms
from vi.worlds.soft import SoftEvidence, hard_weight
from vi.worlds.target import BELOW_ONE, WorldTarget, uniform_of

type Rows = dict[Node, Float[Array, " worlds"]]

_NORMAL = jax.scipy.stats.norm.logpdf


@dataclass(frozen=True, eq=False)
class Aim:
    """A network's proposal for the evidence of a question.

    Args:
      guide: the network and its family; None for the prior.
      labels: the draw that each coordinate of the guide stands for.
      target: the evidence.
    """

    guide: Amortised | None
    labels: tuple[str, ...]
    target: WorldTarget

    @cached_property
    def proposer(self) -> Proposer:
        """What weighs worlds of the network, with finite choices summed over.

        Raises:
          Unsupported: where there are too many.
        """
        if not self.summable:
            raise Unsupported(
                f"a sum over {self.target.configurations:,} ways in which finite choices can go",
                hint="use SMC, or observe less at a time",
            )
        return Proposer(self._programs, True, self.sample)

    @property
    def summable(self) -> bool:
        """Whether finite choices are few enough to sum over."""
        return self.target.configurations <= MOST_CONFIGURATIONS

    @property
    def notes(self) -> tuple[str, ...]:
        """What is proposed, for the reader of an answer."""
        known = self.target.labels
        proposed = [label for label in self.labels if label in known]
        who = "the prior" if self.guide is None else "the network"
        said = f"{who} proposes {len(proposed)} of {len(known)} continuous draws"
        missing = sorted(set(known) - set(proposed))
        if missing and self.guide is not None:
            return said, f"from the prior: {', '.join(missing)}"
        return (said,)

    def sample(self, key: PRNGKeyArray, given: Any) -> tuple[Array, Array]:
        """A point of the target, and its log density; coordinates that it lacks are weighed as well."""
        own, other = jax.random.split(key)
        found, gain = self._of_network(own, given)
        point = self._point(other, found)
        return point, jnp.sum(_NORMAL(point)) + gain

    def start(
        self, key: PRNGKeyArray, given: Any, worlds: int, plain: int
    ) -> tuple[Rows, Float[Array, " worlds"]]:
        """Worlds of the prior and of the network: their rows, and their log weights for the prior.

        The finite choices of a network's world are drawn given the evidence, where they can be summed
        over. All worlds are weighed as draws from the mixture, so that no weight exceeds `worlds / plain`.

        Args:
          key: the seed.
          given: parameters and observation.
          worlds: how many.
          plain: how many of them are the prior's.

        Source: Veach and Guibas, Optimally combining sampling techniques (1995); Hesterberg, Weighted
        average importance sampling and defensive mixture distributions (1995).
        """
        count = -(-worlds // CHUNK)
        size = -(-worlds // count)
        blocks = []
        for i in range(count):
            of_prior = jnp.arange(i * size, (i + 1) * size) < plain
            block_key = jax.random.fold_in(key, i)
            blocks.append(self._started(block_key, given, of_prior, plain / worlds))
        *rows, logs = (jnp.concatenate(parts)[:worlds] for parts in zip(*blocks, strict=True))
        chosen = [choice.row for choice in self.target.finite] if self.summable else []
        return dict(zip((*self.target.rows, *chosen), rows, strict=True)), logs

    @cached_property
    def _started(self) -> Callable[..., list[Array]]:
        """Rows, then log weights for the prior."""
        return jax.jit(self._start)

    def _start(self, key: PRNGKeyArray, given: Any, of_prior: Array, share: Array) -> list[Array]:
        worlds = len(of_prior)
        keys = jax.random.split(key, 5)
        found, _ = jax.vmap(self._of_network, (0, None))(jax.random.split(keys[0], worlds), given)
        found = jnp.where(of_prior[:, None], jax.random.normal(keys[1], found.shape), found)
        point = jax.vmap(self._point)(jax.random.split(keys[2], worlds), found).T
        gain = jax.vmap(self._gain, (0, None))(found, given)
        pairs = zip(self.target.rows, point, strict=True)
        rows = [x if row.op == NORMAL else uniform_of(x) for row, x in pairs]
        if self.target.finite and self.summable:
            values, gain_of_values = self._choose(keys[3], point, of_prior)
            gain += gain_of_values
            rows += self._rows_of(keys[4], point, values)
        return [*rows, -jnp.logaddexp(jnp.log(share), jnp.log1p(-share) + gain)]

    def _choose(
        self, key: PRNGKeyArray, point: Array, of_prior: Array
    ) -> tuple[Float[Array, "finite worlds"], Float[Array, " worlds"]]:
        """Finite choices, by the prior or given the evidence; log of the second chance over the first."""
        ways = jnp.asarray(self._programs.configurations)

        def of(way: Array) -> tuple[Array, Array]:
            lane, log_mass = self.target.at(
                point, jnp.broadcast_to(way[:, None], (len(way), worlds))
            )
            weight = sum(
                (hard_weight(lane, part) for part in self.target.parts.values()), jnp.zeros(worlds)
            )
            return jnp.broadcast_to(log_mass, (worlds,)), jnp.where(
                jnp.isnan(weight), -jnp.inf, weight
            )

        worlds = point.shape[1]
        log_mass, weight = jax.vmap(of)(ways)
        total = jax.nn.logsumexp(log_mass + weight, axis=0)
        # Where no way fits the evidence, the choices are those of the prior.
        told = jnp.where(total > -jnp.inf, log_mass + weight - total, log_mass)
        chosen = jax.random.categorical(key, jnp.where(of_prior, log_mass, told), axis=0)
        gain = jnp.take_along_axis(told - log_mass, chosen[None], 0)[0]
        return ways[chosen].T, gain

    def _rows_of(self, key: PRNGKeyArray, point: Array, values: Array) -> list[Array]:
        """Uniforms that mean these values of finite choices."""
        given = dict(zip(self.target.finite, values, strict=True))
        found: Rows = {}

        def decide(choice: Choice, parameters: list[Array]) -> Array:
            value, count = given[choice], value_count(choice) or 1
            each = jnp.arange(count)[:, None]
            masses = jnp.exp(mass(choice, each, [p[None] for p in parameters], jnp.float32))
            masses = jnp.broadcast_to(masses, (count, len(value)))
            # `(< u p)` is how a flip comes to be true; other values follow each other upwards.
            before = each > value if choice.name == "flip" else each < value
            low = jnp.sum(jnp.where(before, masses, 0), 0)
            width = jnp.sum(jnp.where(each == value, masses, 0), 0)
            u = jax.random.uniform(jax.random.fold_in(key, len(found)), value.shape)
            found[choice.row] = jnp.minimum(low + width * u, BELOW_ONE)
            return value

        self.target.run(point, decide)
        return [found[choice.row] for choice in self.target.finite]

    def _of_network(
        self, key: PRNGKeyArray, given: Any
    ) -> tuple[Float[Array, " coordinates"], Float[Array, ""]]:
        """The network's coordinates, and their log density over that of the prior."""
        if self.guide is None:
            return jnp.zeros(0), jnp.zeros(())
        found, log = self.guide.distribution(*given).sample_and_log_prob(seed=key)
        return found, log - jnp.sum(_NORMAL(found))

    def _gain(self, found: Array, given: Any) -> Float[Array, ""]:
        """The same log density for coordinates from elsewhere."""
        if self.guide is None:
            return jnp.zeros(())
        return self.guide.log_density(given[0], found, given[1]) - jnp.sum(_NORMAL(found))

    def _point(self, key: PRNGKeyArray, found: Array) -> Float[Array, " size"]:
        """A point of the target, from the prior where the network says nothing."""
        places = {label: i for i, label in enumerate(self.target.labels)}
        shared = [label for label in self.labels if label in places]
        at = np.array([places[label] for label in shared], int)
        inside = np.array([self.labels.index(label) for label in shared], int)
        return jax.random.normal(key, (self.target.size,)).at[at].set(found[inside])

    @cached_property
    def _programs(self) -> WorldPrograms:
        evidence = SoftEvidence(self.target, {}, 0.0)  # only the evidence as it is counts
        return WorldPrograms(evidence, MeanField(max(self.target.size, 1)), Summed())
