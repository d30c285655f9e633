"""What a gradient strategy is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import jax
from genjax import Const, Distribution, Pytree, const

from vi.errors import StrategyError
from vi.laws import Law, law_of
from vi.sites import Site, bind

if TYPE_CHECKING:
    from jaxtyping import Array


class Dual(NamedTuple):
    """A value and its derivative along one direction of the parameters; None is a zero."""

    primal: Any
    tangent: Any


class Rest(Protocol):
    """The rest of the program after a draw; each run of it makes draws of its own."""

    def __call__(self, value: Any, tangent: Any) -> Dual:
        """Value and derivative, from a value of the draw and its tangent (None where it has none)."""
        ...

    def primal(self, value: Any) -> Any:
        """The value alone. Later draws make no effort for derivatives, so a strategy that asks for it at
        each of many draws costs a program that grows with their square rather than exponentially."""
        ...


@dataclass(frozen=True)
class Strategy(ABC):
    """How the gradient through a draw is estimated. Call it with a distribution of GenJAX.

    >>> from genjax import gen, normal
    >>> from vi import Reparametrise
    >>> @gen
    ... def guide(mean):
    ...     return Reparametrise()(normal)(mean, 1.0) @ "x"

    A strategy of one's own says which laws it has a rule for (`refusal`) and what the value and the
    derivative of the rest of the program come to (`estimate`).
    """

    biased = False  # whether the expected gradient differs from the gradient of the expected value

    def __call__(self, distribution: Distribution[Any]) -> Drawn:
        """The distribution, with this strategy at each draw from it."""
        return strategic(distribution, self)

    @abstractmethod
    def refusal(self, law: Law) -> tuple[str, str] | None:
        """None where there is a rule for a law; else why there is none, and what to use instead."""

    @abstractmethod
    def estimate(self, site: Site, primals: tuple, tangents: tuple, rest: Rest) -> Dual:
        """Value and derivative of the expected result of the rest of the program.

        Args:
          site: where the draw is.
          primals: the arguments of the site.
          tangents: their derivatives, None for zeros.
          rest: the rest of the program; may be called more than once, each time with draws of its
            own, and with None as tangent.
        """

    def arguments(self) -> tuple[Any, ...]:
        """Arrays that go before the parameters: `Site.extras` of them."""
        return ()

    def bare(self) -> Strategy:
        """This strategy without its arrays, as a site keeps it."""
        return self

    def push(self, law: Law, noise: Any, parameters: tuple[Any, ...]) -> Any:
        """The value of a draw from its noise."""
        return law.push(noise, *parameters)

    def log_density(self, law: Law, value: Any, parameters: tuple[Any, ...]) -> Array:
        """Of all draws of a site together."""
        return law.total(value, parameters)


def split(site: Site, primals: tuple, tangents: tuple) -> tuple[tuple, tuple, tuple]:
    """Extras, parameters, and the parameters' tangents."""
    return primals[: site.extras], primals[site.extras :], tangents[site.extras :]


def push_forward(function: Callable[..., Any], primals: tuple, tangents: tuple) -> tuple[Any, Any]:
    """A function of arrays and its derivative, along those tangents that are not zero."""
    active = [i for i, t in enumerate(tangents) if t is not None]
    if not active:
        return function(*primals), None

    def of_active(*values):
        merged = list(primals)
        for i, value in zip(active, values, strict=True):
            merged[i] = value
        return function(*merged)

    return jax.jvp(of_active, tuple(primals[i] for i in active), tuple(tangents[i] for i in active))


def add(*tangents: Any) -> Any:
    """The sum of derivatives; None is a zero."""
    found = [t for t in tangents if t is not None]
    return sum(found[1:], start=found[0]) if found else None


@Pytree.dataclass
class Drawn(Distribution[Any]):
    """A distribution with a gradient strategy: GenJAX's, and it remembers both."""

    _sample: Const[Callable[..., Any]]
    _logpdf: Const[Callable[..., Any]]
    name: Const[Any]
    distribution: Any = Pytree.static()
    strategy: Any = Pytree.static()
    values: tuple = Pytree.field(default=())

    def draw_at(self, address: str | None, arguments: tuple) -> Any:
        """Draw at an address of a program.

        Raises:
          StrategyError: where the strategy has no rule for the distribution.
        """
        law = law_of(self.distribution)
        site = Site(law, self.strategy, address, len(self.values))
        refuse(site)
        return bind(site, *self.values, *law.align(arguments))


def refuse(site: Site) -> None:
    """Raise `StrategyError` where the strategy of a site has no rule for what it draws."""
    reason = site.strategy.refusal(site.law)
    if reason is not None:
        why, instead = reason
        name = type(site.strategy).__name__
        raise StrategyError(f"{name} has no rule for {site.where}: {why}", hint=instead)


def strategic(distribution: Distribution[Any], strategy: Strategy) -> Drawn:
    """A distribution of GenJAX with a gradient strategy (replacing one that it had)."""
    if isinstance(distribution, Drawn):
        distribution = distribution.distribution
    law = law_of(distribution)
    values = strategy.arguments()

    def log_density(value, *parameters):
        return strategy.log_density(law, value, law.align(parameters))

    def sample(*parameters):
        return drawn.draw_at(None, parameters)

    bare = strategy.bare()
    drawn = Drawn(const(sample), const(log_density), const(law.name), distribution, bare, values)
    return drawn
