"""Estimates of integrals over auxiliary choices: importance sampling and sequential Monte Carlo.

Both come plain and conditional: conditional on one particle that is given (the choices that a
program has made itself). Plain, the mean weight is an unbiased estimate of the integral;
conditional on a particle from the normalised target, its reciprocal is one of the reciprocal.

Source: Andrieu, Doucet and Holenstein 2010; Lew, Cusumano-Towner and Mansinghka 2022, "Recursive
Monte Carlo and variational inference with auxiliary variables".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import jax.tree_util as jtu
from genjax import GFI, Fn, categorical
from jax.scipy.special import logsumexp
from jaxtyping import Array

from vi.errors import GuideError
from vi.expectation import independent
from vi.programs import assess, known_part, simulate
from vi.strategies.base import Strategy, strategic
from vi.strategies.reinforce import Reinforce

Choices = dict[str, Any]


@dataclass(frozen=True)
class Importance:
    """Importance sampling of auxiliary choices.

    Args:
      particles: how many.
      proposal: draws all auxiliary choices; its arguments are what is given and the program's own.
    """

    particles: int
    proposal: GFI[Any, Any]

    def __post_init__(self) -> None:
        _positive(self.particles)

    @property
    def steps(self) -> tuple[Callable[..., tuple[GFI, tuple]], ...]:
        """For each step, from (given, earlier, args): the proposal and its arguments."""
        return (lambda given, earlier, args: (self.proposal, (given, *args)),)

    @property
    def ancestors(self) -> Strategy:
        """Nothing is resampled."""
        return Reinforce()

    def rewrite(self, change: Callable[[GFI], GFI]) -> Importance:
        """The same, of changed programs."""
        return Importance(self.particles, change(self.proposal))


@dataclass(frozen=True)
class SMC:
    """Sequential Monte Carlo: auxiliary choices are proposed step by step, and resampled between.

    The target of a step is the program up to its first choice that is not known yet, in the order
    in which it makes them.

    Args:
      particles: how many.
      proposals: one for each step; arguments are what is given, the choices of earlier steps, and
        the program's own.
      ancestors: gradient strategy of the resampling.
    """

    particles: int
    proposals: tuple[GFI[Any, Any], ...]
    ancestors: Strategy = Reinforce()

    def __post_init__(self) -> None:
        _positive(self.particles)

    @property
    def steps(self) -> tuple[Callable[..., tuple[GFI, tuple]], ...]:
        """For each step, from (given, earlier, args): the proposal and its arguments."""

        def step(proposal: GFI) -> Callable[..., tuple[GFI, tuple]]:
            return lambda given, earlier, args: (proposal, (given, earlier, *args))

        return tuple(map(step, self.proposals))

    def rewrite(self, change: Callable[[GFI], GFI]) -> SMC:
        """The same, of changed programs."""
        return SMC(self.particles, tuple(map(change, self.proposals)), self.ancestors)


Algorithm = Importance | SMC


@dataclass(frozen=True)
class Particles:
    """Weighted auxiliary choices.

    Args:
      choices: by address, `[N, ...]`.
      log_densities: of the program, at what was given and these choices, `[N]`.
      log_weights: of the last step, `[N]`.
      log_estimate: log of the estimate of the integral over auxiliary choices.
    """

    choices: Choices
    log_densities: Array
    log_weights: Array
    log_estimate: Array


def run(
    by: Algorithm, program: Fn, given: Choices, args: tuple, reference: Choices | None = None
) -> Particles:
    """Run an algorithm over those choices of a program that are not given.

    Args:
      by: which algorithm.
      program: made with `gen`.
      given: choices that are known.
      args: of the program.
      reference: the particle that is given, for the conditional form.

    Raises:
      GuideError: while tracing, where proposals and the program do not make the same choices.
    """
    count = by.particles
    history: Choices = {}
    before, total = jnp.zeros(count), jnp.array(0.0)
    weights = jnp.zeros(count)
    last = len(by.steps) - 1
    for number, step in enumerate(by.steps):
        if number:
            index = _ancestors(by, weights, number, reference is not None)
            history = jtu.tree_map(lambda x: x[index], history)  # noqa: B023
            before = before[index]
        new, proposed = _extend(step, count, history, given, args, reference)
        twice = sorted(set(new) & (set(history) | set(given)))
        if twice:
            raise GuideError(
                f'a proposal makes a choice at "{twice[0]}", which is known already',
                hint="leave it out of the proposal",
            )
        history = {**history, **new}
        if reference is not None and number == last:
            _same_choices(history, reference)

        def density(row: Choices, whole: bool = number == last) -> Array:
            both = {**given, **row}
            if whole:
                return assess(program, both, args, {}, None)[0]
            return known_part(program, both, args, stop=True)[0]

        after = independent(density, count, history)
        weights = after - before - proposed
        total = total + logsumexp(weights) - jnp.log(count)
        before = after
    return Particles(history, before, weights, total)


def _extend(
    step: Callable[..., tuple[GFI, tuple]],
    count: int,
    history: Choices,
    given: Choices,
    args: tuple,
    reference: Choices | None,
) -> tuple[Choices, Array]:
    """New choices for each particle, and their log densities under the proposal."""

    def one(earlier: Choices) -> tuple[Choices, Array]:
        proposal, its_args = step(given, earlier, args)
        return simulate(proposal, its_args, {}, None)[:2]

    if reference is None:
        return independent(one, count, history)
    first = jtu.tree_map(lambda x: x[0], history)
    proposal, its_args = step(given, first, args)
    assert isinstance(proposal, Fn)
    density, seen = known_part(proposal, reference, its_args)
    kept = {a: jnp.asarray(reference[a])[None] for a in reference if a in seen}
    if count == 1:
        return kept, density[None]
    new, densities = independent(one, count - 1, jtu.tree_map(lambda x: x[1:], history))
    joined = {a: jnp.concatenate([kept[a], new[a]]) for a in kept}
    return joined, jnp.concatenate([density[None], densities])


def _ancestors(by: Algorithm, weights: Array, step: int, conditional: bool) -> Array:
    """Indices of the particles that go on, `[N]`; the given one stays the first."""
    count = by.particles
    rows = count - 1 if conditional else count
    if rows == 0:
        return jnp.zeros(1, jnp.int32)
    logits = jnp.broadcast_to(weights, (rows, count))
    index = strategic(categorical, by.ancestors).draw_at(f"ancestors of step {step + 1}", (logits,))
    return jnp.concatenate([jnp.zeros(1, index.dtype), index]) if conditional else index


def _same_choices(proposed: Choices, reference: Choices) -> None:
    hint = "proposals make the choices that are not kept, each once"
    for address in sorted(set(reference) - set(proposed)):
        raise GuideError(f'no proposal makes the auxiliary choice at "{address}"', hint=hint)
    for address in sorted(set(proposed) - set(reference)):
        message = f'a proposal makes a choice at "{address}", which the program does not have'
        raise GuideError(message, hint=hint)


def _positive(particles: int) -> None:
    if not (isinstance(particles, int) and particles > 0):
        raise GuideError(
            f"{particles!r} particles were asked for", hint="give a whole number above zero"
        )
