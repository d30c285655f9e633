"""Who decides random choices: a generator, or an enumeration that replays prefixes."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np

from plot.errors import Span
from plot.oracle.distributions import NEVER, Continuous, Finite
from plot.oracle.values import Drawn, Lost, Rejected, Unset
from plot.prefix import Prefix, likeliest, positions


class Chooser(ABC):
    """Decides the random choices of a world."""

    @abstractmethod
    def index(self, probabilities: Sequence[float]) -> int:
        """The position of the choice taken."""

    @abstractmethod
    def continuous(self, law: Continuous) -> object | None:
        """A continuous draw, or None where its value stays open."""

    @abstractmethod
    def fork(self) -> Callable[[], Chooser] | None:
        """A maker of equal choosers that are independent of this one, or None if it can't draw."""


class RandomChooser(Chooser):
    """Forward sampling.

    Args:
      rng: the generator of all draws.
    """

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def index(self, probabilities: Sequence[float]) -> int:
        u = self.rng.random() * math.fsum(probabilities)
        last = 0
        for i, p in enumerate(probabilities):
            if p > 0:
                last = i
                if u < p:
                    return i
                u -= p
        return last

    def continuous(self, law: Continuous) -> object:
        return law.draw(self.rng)

    def fork(self) -> Callable[[], Chooser]:
        seed = int(self.rng.integers(2**63))
        return lambda: RandomChooser(np.random.default_rng(seed))


class EnumeratingChooser(Chooser):
    """Takes the choices of a prefix, then the most probable ones, and notes the others.

    Args:
      prefix: positions to take first; branches share their parts, for they can be long and many.
      mass: prior probability of the prefix.
      smallest: a path of less probability is given up.
      most: others that can be taken later, at most.
    """

    def __init__(self, prefix: Prefix, mass: float, smallest: float, most: int):
        self.prefix, self.mass, self.smallest = positions(prefix), mass, smallest
        self.most = most
        self.count = 0
        self.taken: Prefix = None
        self.branches: list[tuple[float, Prefix]] = []
        self.cut = 0.0  # mass of tails that a distribution does not list, and of others too many

    def index(self, probabilities: Sequence[float]) -> int:
        at = self.count
        self.count += 1
        if at < len(self.prefix):
            self.taken = self.taken, self.prefix[at]
            return self.prefix[at]
        best = max(range(len(probabilities)), key=probabilities.__getitem__)
        for i, p in enumerate(probabilities):
            if i != best and self.mass * p >= self.smallest:
                self.branches.append((self.mass * p, (self.taken, i)))
            elif i != best:
                self.cut += self.mass * p
        self.cut += self.mass * max(0.0, 1 - math.fsum(probabilities))
        if len(self.branches) > 2 * self.most:
            self.branches, others = likeliest(self.branches, self.most)
            self.cut += others
        self.mass *= probabilities[best]
        self.taken = self.taken, best
        if self.mass < self.smallest:
            raise Lost
        return best

    def continuous(self, law: Continuous) -> None:
        return None

    def fork(self) -> None:
        return None


class Scope:
    """The choices and the weight of one world, or of one run of a nested query.

    Args:
      chooser: who decides.
      clamps: values that continuous sites must take, by site.
    """

    def __init__(self, chooser: Chooser, clamps: dict[int, float]):
        self.chooser, self.clamps = chooser, clamps
        self.log_weight = 0.0
        self.lost = 0.0  # mass that nested queries lost, as shares of this world
        self.sites = 0
        self.random = False  # whether anything has been drawn
        self.closed = False

    def index(self, probabilities: Sequence[float]) -> int:
        """A finite choice; one with a single possibility is none."""
        certain = [i for i, p in enumerate(probabilities) if p > 0]
        if len(certain) == 1:
            return certain[0]
        self.random = True
        return self.chooser.index(probabilities)

    def draw(self, law: Finite | Continuous, span: Span | None) -> object:
        """A draw from a distribution."""
        if isinstance(law, Finite):
            return law.values[self.index(law.probabilities)]
        self.random = True
        site = self.sites
        self.sites += 1
        value = self.chooser.continuous(law)  # drawn even where clamped: replays stay in step
        if site in self.clamps:
            value = self.clamps[site]
            self.weigh(law.log_density(value))
        if value is None:
            return Unset(site, self, span, law.name)
        return Drawn(value, site, self) if isinstance(value, float | int) else value

    def observe(self, law: Finite | Continuous, value: object) -> object:
        """Condition a draw on its value."""
        self.weigh(law.log_mass(value) if isinstance(law, Finite) else law.log_density(value))
        return value

    def weigh(self, amount: float) -> None:
        """Add to the log weight.

        Raises:
          Rejected: where no weight is left.
        """
        self.log_weight += amount
        if self.log_weight == NEVER:
            raise Rejected
