"""What every engine over worlds does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from jaxtyping import PRNGKeyArray

from plot.posterior import Posterior
from plot.world import Question


class Engine(Protocol):
    """Turns a question about a world into a posterior.

    An engine is a frozen dataclass of options: `Importance(worlds=1_000_000)`.
    """

    def infer(
        self, key: PRNGKeyArray, question: Question, progress: Callable[[int], None] | None = None
    ) -> Posterior:
        """The posterior of a question.

        Args:
          key: the seed; the same seed and options give the same answer.
          question: from `World.ask`.
          progress: called with the number of worlds drawn so far.

        Raises:
          ImpossibleEvidence: where no world satisfies what was observed.
        """
        ...
