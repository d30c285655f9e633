"""Score-function gradients, and the baselines that reduce their variance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp

from vi.errors import ObjectiveError
from vi.laws import Law
from vi.sites import Site
from vi.strategies.base import Dual, Rest, Strategy, add, push_forward, split

ESTIMATES = "estimates"  # the axis of the independent estimates of a step


class Baseline(ABC):
    """What is taken off the value that a score is multiplied with. It must not see the draw."""

    def arguments(self) -> tuple[Any, ...]:
        """Arrays of the program that the baseline is made from."""
        return ()

    def bare(self) -> Baseline:
        """This baseline without its arrays."""
        return self

    @abstractmethod
    def value(self, site: Site, extras: tuple, result: Any) -> Any:
        """The baseline.

        Args:
          site: where the draw is.
          extras: the primals of `arguments`.
          result: what the rest of the program came to in this estimate, which only a baseline made
            of other estimates may use.
        """


@dataclass(frozen=True)
class NoBaseline(Baseline):
    """Nothing is taken off."""

    def value(self, site: Site, extras: tuple, result: Any) -> Any:
        return 0.0


@dataclass(frozen=True)
class Fixed(Baseline):
    """A number, or an array of the program: a running mean, a function of the inputs.

    It must not depend on the draw itself. No gradient flows into it.

    Args:
      of: a scalar.
    """

    of: Any

    def arguments(self) -> tuple[Any, ...]:
        return (jnp.asarray(self.of, jnp.result_type(float)),)

    def bare(self) -> Baseline:
        return Fixed(None)

    def value(self, site: Site, extras: tuple, result: Any) -> Any:
        return extras[0]


@dataclass(frozen=True)
class LeaveOneOut(Baseline):
    """The mean of the other estimates of the same step (at least two are needed).

    Source: Kool, van Hoof and Welling 2019, "Buy 4 REINFORCE samples, get a baseline for free!".
    """

    def value(self, site: Site, extras: tuple, result: Any) -> Any:
        try:
            count = jax.lax.axis_size(ESTIMATES)
        except NameError:
            count = 1
        if count < 2:
            raise ObjectiveError(
                f"the leave-one-out baseline of {site.where} needs other estimates, and there is one",
                hint="ask for at least two estimates a step (`estimates=`), or use Fixed(baseline)",
            )
        return (jax.lax.psum(result, ESTIMATES) - result) / (count - 1)


@dataclass(frozen=True)
class Reinforce(Strategy):
    """The result times the derivative of the log density of the draw; for any distribution.

    Args:
      baseline: what is taken off the result first.

    Source: Williams 1992.
    """

    baseline: Baseline = NoBaseline()

    def refusal(self, law: Law) -> tuple[str, str] | None:
        if law.moving:
            why = "its support moves with the parameters, which a score does not see"
            return why, "use Reparametrise()"
        return None

    def arguments(self) -> tuple[Any, ...]:
        return self.baseline.arguments()

    def bare(self) -> Strategy:
        return replace(self, baseline=self.baseline.bare())

    def estimate(self, site: Site, primals: tuple, tangents: tuple, rest: Rest) -> Dual:
        extras, parameters, moved = split(site, primals, tangents)
        value = jax.lax.stop_gradient(site.fresh(parameters))
        result = rest(value, None)
        _, score = push_forward(lambda *p: site.log_density(value, p), parameters, moved)
        if score is None:
            return result
        weight = result.primal - self.baseline.value(site, extras, result.primal)
        return Dual(result.primal, add(result.tangent, weight * score))
