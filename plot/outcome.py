"""What a top-level expression comes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from jaxtyping import PRNGKeyArray

from plot.data import from_list, show
from plot.decode import to_json
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
      result: plain data, or the distribution of a query.
      block: the keyword of a query block.
      samples: how many samples the block asks for.
    """

    tree: Tree
    kind: str
    result: object
    block: str = "query"
    samples: int = 1

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

    def __str__(self) -> str:
        return str(self.result) if self.kind == "query" else show(self.result)
