"""How the next token is drawn: which tokens of the mask stay, and what that does to the target.

Sources: Holtzman et al. 2020 (nucleus); Meister et al. 2023 (locally typical sampling).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray


@runtime_checkable
class Proposal(Protocol):
    """Which tokens may be drawn, of those that the grammar allows."""

    @property
    def target(self) -> str:
        """What sequences drawn like this, with the mass let through as weights, are proper for."""
        ...

    def keep(
        self, scores: Float[Array, "particles vocabulary"]
    ) -> Bool[Array, "particles vocabulary"]:
        """The tokens that stay.

        Args:
          scores: log probabilities, normalised, minus infinity outside the grammar.
        """
        ...


@dataclass(frozen=True)
class Masked:
    """All tokens that the grammar allows."""

    @property
    def target(self) -> str:
        return "the model, given that it writes a word of the grammar"

    def keep(
        self, scores: Float[Array, "particles vocabulary"]
    ) -> Bool[Array, "particles vocabulary"]:
        """See `Proposal.keep`."""
        return jnp.isfinite(scores)


@dataclass(frozen=True)
class _Share:
    share: float = 0.95

    def __post_init__(self) -> None:
        if not 0 < self.share <= 1:
            raise ValueError(
                f"a share of the mass lies above 0 and at most at 1, and this is {self.share}"
            )


@dataclass(frozen=True)
class Nucleus(_Share):
    """The most probable tokens that together hold a share of the mass, the last of them included.

    Args:
      share: of the mass, above 0 and at most 1.
    """

    @property
    def target(self) -> str:
        return f"the model, given a word of the grammar inside nuclei of {self.share:g} of the mass"

    def keep(
        self, scores: Float[Array, "particles vocabulary"]
    ) -> Bool[Array, "particles vocabulary"]:
        """See `Proposal.keep`.

        >>> import jax.numpy as jnp
        >>> Nucleus(0.7).keep(jnp.log(jnp.array([[0.5, 0.3, 0.2]]))).tolist()
        [[True, True, False]]
        """
        return _first(jnp.exp(scores), -scores, self.share)


@dataclass(frozen=True)
class Typical(_Share):
    """The tokens whose surprise is nearest to the entropy, until they hold a share of the mass.

    Args:
      share: of the mass, above 0 and at most 1.
    """

    @property
    def target(self) -> str:
        return f"the model, given a word of the grammar of locally typical tokens ({self.share:g})"

    def keep(
        self, scores: Float[Array, "particles vocabulary"]
    ) -> Bool[Array, "particles vocabulary"]:
        """See `Proposal.keep`."""
        mass = jnp.exp(scores)
        surprise = jnp.where(jnp.isfinite(scores), -scores, 0.0)
        entropy = jnp.sum(mass * surprise, axis=-1, keepdims=True)
        away = jnp.where(jnp.isfinite(scores), jnp.abs(surprise - entropy), jnp.inf)
        return _first(mass, away, self.share)


def _first(
    mass: Float[Array, "particles vocabulary"],
    order: Float[Array, "particles vocabulary"],
    share: float,
) -> Bool[Array, "particles vocabulary"]:
    """The first tokens of an order until they hold a share of the mass."""
    ranked = jnp.argsort(order, axis=-1, stable=True)
    held = jnp.cumsum(jnp.take_along_axis(mass, ranked, -1), axis=-1)
    before = held - jnp.take_along_axis(mass, ranked, -1)
    kept = jnp.zeros(mass.shape, bool)
    rows = jnp.arange(mass.shape[0])[:, None]
    return kept.at[rows, ranked].set(before < share) & (mass > 0)


def unpack(
    allowed: Int[Array, "particles words"], size: int
) -> Bool[Array, "particles vocabulary"]:
    """Bit masks of 32 tokens a word as truth values."""
    bits = (allowed[:, :, None] >> jnp.arange(32)) & 1
    return bits.reshape(allowed.shape[0], -1)[:, :size].astype(bool)


@partial(jax.jit, static_argnames="proposal")
def narrowed(
    logits: Float[Array, "particles vocabulary"],
    allowed: Int[Array, "particles words"],
    temperature: float | Float[Array, ""],
    proposal: Proposal,
) -> tuple[Float[Array, "particles vocabulary"], Float[Array, " particles"]]:
    """What may be drawn, and how much of the mass that is.

    Args:
      logits: of the model.
      allowed: bit masks of the grammar.
      temperature: divides the logits.
      proposal: which of the allowed tokens stay.

    Returns:
      Log probabilities of the tokens that stay, not normalised, and the log of their sum.
    """
    scores = jax.nn.log_softmax(logits.astype(jnp.float32) / temperature)
    inside = jnp.where(unpack(allowed, logits.shape[1]), scores, -jnp.inf)
    if not isinstance(proposal, Masked):
        total = jax.nn.logsumexp(inside, axis=1, keepdims=True)
        kept = proposal.keep(inside - jnp.where(jnp.isfinite(total), total, 0.0))
        inside = jnp.where(kept, inside, -jnp.inf)
    return inside, jax.nn.logsumexp(inside, axis=1)


@jax.jit
def pick(
    key: PRNGKeyArray,
    logits: Float[Array, "particles vocabulary"],
    inside: Float[Array, "particles vocabulary"],
    greedy: bool | Bool[Array, ""],
) -> tuple[Int[Array, " particles"], Float[Array, " particles"]]:
    """A token for each particle.

    Args:
      key: random key.
      logits: of the model.
      inside: from `narrowed`.
      greedy: the most probable one instead of a draw.

    Returns:
      The tokens, and what the model gives each at temperature 1.
    """
    token = jnp.where(greedy, jnp.argmax(inside, 1), _categorical(key, inside))
    return token, model_scores(logits, token)


_BLOCK = 128  # tokens of which one is drawn at a time


def _categorical(
    key: PRNGKeyArray, inside: Float[Array, "particles vocabulary"]
) -> Int[Array, " particles"]:
    """A draw from each row: a block of tokens first, then one of it; few random numbers are needed."""
    particles, size = inside.shape
    padded = jnp.pad(inside, ((0, 0), (0, -size % _BLOCK)), constant_values=-jnp.inf)
    blocks = padded.reshape(particles, -1, _BLOCK)
    first, second = jax.random.split(key)
    block = jax.random.categorical(first, jax.nn.logsumexp(blocks, axis=2), axis=1)
    rows = jnp.take_along_axis(blocks, block[:, None, None], axis=1)[:, 0]
    return block * _BLOCK + jax.random.categorical(second, rows, axis=1)


@jax.jit
def model_scores(
    logits: Float[Array, "particles vocabulary"], token: Int[Array, " particles"]
) -> Float[Array, " particles"]:
    """The model's log probability of one token for each particle, at temperature 1."""
    plain = logits.astype(jnp.float32)
    chosen = jnp.take_along_axis(plain, token[:, None], 1)[:, 0]
    return chosen - jax.nn.logsumexp(plain, axis=1)
