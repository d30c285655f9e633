"""Kernels of BlackJAX that follow gradients, as options; the library is imported where one is built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

type Array = Any  # traced by JAX


class Kernel(Protocol):
    """A kernel of BlackJAX that follows gradients."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def build(self, integrator: Any) -> Callable[..., tuple[Any, Any]]:
        """The kernel `(key, state, log density, step size, inverse mass matrix)`."""
        ...

    def ends(self, info: Any) -> tuple[Array, Array]:
        """The log densities at the ends of a trajectory."""
        ...


@dataclass(frozen=True)
class NUTS:
    """Trajectories that double until they turn back.

    Args:
      doublings: of a trajectory at the most.
    """

    doublings: int = 8
    name: str = "NUTS"

    def build(self, integrator: Any) -> Callable[..., tuple[Any, Any]]:
        """See `Kernel`."""
        import blackjax

        return partial(blackjax.nuts.build_kernel(integrator), max_num_doublings=self.doublings)

    def ends(self, info: Any) -> tuple[Array, Array]:
        """See `Kernel`."""
        left, right = info.trajectory_leftmost_state, info.trajectory_rightmost_state
        return left.logdensity, right.logdensity


@dataclass(frozen=True)
class HMC:
    """Trajectories of one length.

    Args:
      leaps: steps of the integrator in a trajectory.
    """

    leaps: int = 16
    name: str = "HMC"

    def build(self, integrator: Any) -> Callable[..., tuple[Any, Any]]:
        """See `Kernel`."""
        import blackjax

        return partial(blackjax.hmc.build_kernel(integrator), num_integration_steps=self.leaps)

    def ends(self, info: Any) -> tuple[Array, Array]:
        """See `Kernel`."""
        return info.proposal.logdensity, info.proposal.logdensity
