"""Objectives: programs whose expected value is to be made large or small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import jax.tree_util as jtu
from genjax.pjax import modular_vmap
from jaxtyping import Array, PRNGKeyArray

from vi.errors import LossError
from vi.interpreter import differentiate, inline, sites
from vi.seeding import seeded
from vi.strategies.base import Strategy
from vi.strategies.reinforce import ESTIMATES

Tree = Any


@dataclass(frozen=True)
class Drawing:
    """A draw of an objective.

    Args:
      address: in its program; None where it has none.
      law: the name of the distribution.
      strategy: how its gradient is estimated; None for a plain draw or one with a rule of GenJAX.
      shape: of all that is drawn there.
    """

    address: str | None
    law: str
    strategy: Strategy | None
    shape: tuple[int, ...]

    @property
    def biased(self) -> bool:
        """Whether gradients through it are biased; of rules of GenJAX, none are."""
        return self.strategy is not None and self.strategy.biased


@dataclass(frozen=True)
class Objective:
    """The expected value of a program that draws, as a function of its first argument.

    Made by `maximise` or `minimise`. All methods are pure and can be compiled with `jax.jit`; the
    program itself runs only while JAX traces. Its other arguments are data, the same for all
    estimates.

    Args:
      program: `(parameters, *data) -> scalar`; draws with gradient strategies.
      sign: 1 where the value is to be made small, -1 where large.
    """

    program: Callable[..., Any]
    sign: int

    def value(self, key: PRNGKeyArray, parameters: Tree, *data: Tree, estimates: int = 1) -> Array:
        """The mean of independent unbiased estimates of the expected value.

        >>> import jax
        >>> from genjax import normal
        >>> from vi import Reparametrise, maximise
        >>> @maximise
        ... def objective(mean):
        ...     return -(Reparametrise()(normal).sample(mean, 1.0) ** 2)
        >>> bool(abs(objective.value(jax.random.key(0), 1.0, estimates=10_000) + 2) < 0.1)
        True
        """
        return jnp.mean(self.values(key, parameters, *data, estimates=estimates))

    def values(self, key: PRNGKeyArray, parameters: Tree, *data: Tree, estimates: int) -> Array:
        """Independent unbiased estimates of the expected value, `[estimates]`."""

        def one() -> Array:
            return self._dual(parameters, None, data).primal

        return seeded(_side_by_side(one, estimates))(key)

    def value_and_gradient(
        self, key: PRNGKeyArray, parameters: Tree, *data: Tree, estimates: int = 1
    ) -> tuple[Array, Tree]:
        """An unbiased estimate of the expected value and of its gradient in the parameters.

        Args:
          key: of all draws.
          parameters: a tree of arrays of floating-point numbers.
          data: further arguments of the program.
          estimates: independent estimates that are averaged, batched as one.

        Returns:
          The value, and a tree like the parameters. Unbiased where no strategy is marked as biased.

        Raises:
          StrategyError, GuideError, ObjectiveError: while JAX traces, before anything is computed.
        """

        return jax.value_and_grad(
            lambda parameters: self.surrogate(key, parameters, *data, estimates=estimates)
        )(parameters)

    def surrogate(
        self, key: PRNGKeyArray, parameters: Tree, *data: Tree, estimates: int = 1
    ) -> Array:
        """The same value, whose derivative by JAX in the parameters is the estimate of the gradient.

        So it can be batched with `jax.vmap` over keys and data, each with an expected value of its own,
        and averaged before it is differentiated.
        """

        @jax.custom_jvp
        def mean(parameters, key, data):
            return self.value(key, parameters, *data, estimates=estimates)

        @mean.defjvp
        def _(primals, tangents):
            parameters, key, data = primals

            def one():
                found = self._dual(parameters, tangents[0], data)
                slope = jnp.zeros_like(found.primal) if found.tangent is None else found.tangent
                return found.primal, slope

            values, slopes = seeded(_side_by_side(one, estimates))(key)
            return jnp.mean(values), jnp.mean(slopes)

        return mean(parameters, key, data)

    def loss_and_gradient(
        self, key: PRNGKeyArray, parameters: Tree, *data: Tree, estimates: int = 1
    ) -> tuple[Array, Tree]:
        """The same, with the sign that an optimiser of Optax makes small."""
        # The sign goes in before the derivative: afterwards it would be a pass over all gradients.
        return jax.value_and_grad(
            lambda parameters: (
                self.sign * self.surrogate(key, parameters, *data, estimates=estimates)
            )
        )(parameters)

    def check(self, parameters: Tree, *data: Tree, estimates: int = 2) -> None:
        """Trace the objective and its gradient without computing anything.

        Raises:
          StrategyError: a strategy without a rule for its draw, or a draw without a strategy.
          GuideError: choices that a guide lacks or invents.
          ObjectiveError: no scalar, or a draw where it cannot be followed.
        """
        jax.eval_shape(
            lambda key: self.value_and_gradient(key, parameters, *data, estimates=estimates),
            jax.random.key(0),
        )

    def drawings(self, parameters: Tree, *data: Tree) -> list[Drawing]:
        """What is drawn where, and by which strategy; nothing is computed.

        >>> from genjax import flip
        >>> from vi import StraightThrough
        >>> of_flip = maximise(lambda p: StraightThrough()(flip).sample(p))
        >>> [(d.law, d.biased) for d in of_flip.drawings(0.3)]
        [('flip', True)]
        """
        return [Drawing(*found) for found in sites(self.program, (parameters, *data))]

    def explain(self, key: PRNGKeyArray, parameters: Tree, *data: Tree) -> LossError:
        """Why a value or a gradient is not finite: the error to raise, naming the address."""
        from vi.diagnosis import explain

        return explain(self, key, parameters, data)

    def _dual(self, parameters: Tree, tangents: Tree, data: tuple):
        still = jtu.tree_map(lambda _: None, (parameters, *data))
        moved = still if tangents is None else (tangents, *still[1:])
        return differentiate(self.program, (parameters, *data), moved)


def maximise(program: Callable[..., Any]) -> Objective:
    """An objective to be made large, such as a lower bound.

    Args:
      program: `(parameters, *data) -> scalar`.
    """
    return Objective(program, -1)


def minimise(program: Callable[..., Any]) -> Objective:
    """An objective to be made small, such as a divergence or an upper bound.

    Args:
      program: `(parameters, *data) -> scalar`.
    """
    return Objective(program, 1)


def independent(program: Callable[..., Tree], count: int, *rows: Tree) -> Tree:
    """Results of independent runs of a program that draws, side by side: a leading axis `[count]`.

    All runs are one batch, also for gradient strategies.

    Args:
      program: draws; gets one of the rows.
      count: of runs.
      rows: trees of arrays `[count, ...]`.
    """
    axes = (0,) * len(rows)
    return modular_vmap(inline(program), in_axes=axes, axis_size=count)(*rows)


def _side_by_side(one: Callable[[], Tree], count: int) -> Callable[[], Tree]:
    if count == 1:  # an axis of one in front of every array keeps XLA from its fastest products
        return lambda: jtu.tree_map(lambda x: x[None], one())
    return modular_vmap(one, in_axes=(), axis_size=count, axis_name=ESTIMATES)
