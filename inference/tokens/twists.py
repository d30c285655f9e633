"""Rewards of sequences and their guesses along the way: what twists a target.

A reward G turns the target p(t) / Z into p(t) G(t) / Z'. What is expected of it before a sequence
is whole, its twist, steers the particles and cancels at the end.

Source: Whiteley and Lee 2014 (twisted particle filters); Zhao et al. 2024 (twists for language models).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@runtime_checkable
class Twist(Protocol):
    """The log of a reward, or of what is expected of it."""

    def __call__(self, text: str, whole: bool) -> float:
        """The log twist of a text; minus infinity ends its particle.

        Args:
          text: what was written so far.
          whole: whether it is complete, so that this is the reward itself.
        """
        ...


@dataclass
class AtBrackets:
    """Looks at a text only where a bracket has been closed, and once.

    Args:
      reward: a twist of texts that end in a closed bracket, or are whole.
      calls: how often it was asked so far.

    >>> twist = AtBrackets(lambda text, whole: -1.0 * text.count("x"))
    >>> twist("(f x", False), twist("(f x)", False), twist("(f x) ", False)
    (0.0, -1.0, -1.0)
    """

    reward: Callable[[str, bool], float]
    calls: int = 0
    _known: dict[tuple[str, bool], float] = field(default_factory=dict, repr=False)

    def __call__(self, text: str, whole: bool) -> float:
        """See `Twist`."""
        seen = text if whole else text[: text.rfind(")") + 1]
        if not seen:
            return 0.0
        at = (seen, whole)
        if at not in self._known:
            self.calls += 1
            self._known[at] = self.reward(seen, whole)
        return self._known[at]
