"""What a top-level expression comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from jaxtyping import PRNGKeyArray

from plot.data import from_list, show, to_list
from plot.decode import to_json
from plot.pictures import PICTURES, Picture
from plot.posterior import Posterior
from plot.printer import write
from plot.syntax import Tree


@runtime_checkable
class Distribution(Protocol):
    """The answer of a query: by the compiler's worlds or by the oracle."""

    @property
    def table(self) -> list: ...

    def sample(self, key: PRNGKeyArray, count: int) -> list[object]: ...

    def summary(self) -> dict[str, object]: ...


@dataclass(frozen=True)
class Outcome:
    """The value of a top-level expression.

    Args:
      tree: the expression.
      kind: `value`, `query` or `display`.
      result: plain data, or the distribution of a query; what a display was given.
      block: the keyword of a query block.
      samples: how many samples the block asks for.
      picture: what a program asks to see.
    """

    tree: Tree
    kind: str
    result: object
    block: str = "query"
    samples: int = 1
    picture: Picture | None = None

    @classmethod
    def shown(cls, tree: Tree, name: str, arguments: object) -> Outcome:
        """The outcome of a call of `display` or of one that asks for a picture.

        Args:
          tree: the top-level expression.
          name: what is called.
          arguments: the list of its arguments.
        """
        values = to_list(arguments)
        picture = Picture(name, tuple(values)) if name in PICTURES else None
        result = values[0] if len(values) == 1 else arguments
        return cls(tree, "display", result, picture=picture)

    def as_value(self, key: PRNGKeyArray) -> object:
        """What Church gives: a sample, a list of samples, (values probabilities), or a distribution."""
        if self.kind != "query" or self.block == "query":
            return self.result
        distribution: Distribution = self.result  # type: ignore[assignment]
        if self.block == "rejection-query":
            return distribution.sample(key, 1)[0]
        if self.block == "mh-query":
            return from_list(distribution.sample(key, self.samples))
        rows = distribution.table
        return from_list(
            [from_list([r.value for r in rows]), from_list([r.probability for r in rows])]
        )

    def to_json(self) -> dict[str, object]:
        """The outcome as plain data for JSON."""
        head: dict[str, object] = {"expression": write(self.tree), "kind": self.kind}
        if self.kind == "query":
            return head | self.result.summary()  # type: ignore[attr-defined]
        return head | {"value": to_json(self.result), "text": show(self.result)}

    @property
    def drawable(self) -> bool:
        """Whether there is a picture of it."""
        return self.picture is not None or isinstance(self.result, Posterior)

    def plot(self, axes: Any = None) -> Any:
        """Draw a distribution or a picture that the program asks for; returns the matplotlib axes.

        Args:
          axes: where to draw; a new figure where not given.

        Raises:
          ValueError: where there is nothing to draw.
        """
        if self.picture is not None:
            return self.picture.plot(axes)
        if not isinstance(self.result, Posterior):
            raise ValueError(f"{self} is one value: there is nothing to draw")
        return self.result.plot(axes)

    def __str__(self) -> str:
        if self.picture is not None:
            return str(self.picture)
        if self.kind == "query" or (isinstance(self.result, str) and self.kind == "display"):
            return str(self.result)
        return show(self.result)
