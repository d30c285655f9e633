"""Programs with auxiliary draws as distributions over the choices that matter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from genjax import GFI, Fn, Pytree
from jaxtyping import Array

from vi.errors import GuideError
from vi.particles import Algorithm, Choices, run
from vi.programs import Composite, simulate


def marginal(program: Fn, keep: str | tuple[str, ...], by: Algorithm) -> Marginal:
    """A program, seen through some of its choices; the others are integrated out.

    Drawing from it gives an unbiased estimate of one over the density, and its density at given
    choices is estimated without bias, with any number of particles. In an objective that is a lower
    bound, so is the result: as a guide it gives the bounds of hierarchical inference, in a model
    that of a model with more choices.

    Args:
      program: made with `gen`.
      keep: the addresses that are kept; of one address given as a string, the value alone.
      by: `Importance(particles, proposal)` or `SMC(particles, proposals)` over the other choices.

    Returns:
      A generative function with the arguments of the program; it returns the choices that are kept.

    >>> from genjax import gen, normal
    >>> from vi import Importance, log_density
    >>> @gen
    ... def sum_of_two():
    ...     a = normal(0.0, 1.0) @ "a"
    ...     return normal(a, 1.0) @ "b"
    >>> @gen
    ... def exact(kept):
    ...     normal(kept["b"] / 2, 0.5**0.5) @ "a"
    >>> b = marginal(sum_of_two, ("b",), Importance(1, exact))
    >>> round(float(log_density(b.T(), {"b": 1.0})), 4)  # that of normal(0, sqrt 2)
    -1.5155

    Source: Ranganath, Tran and Blei 2016; Sobolev and Vetrov 2019; PLDI 2024, section 4.
    """
    return Marginal(program, keep, by)


@Pytree.dataclass
class Marginal(Composite):
    """See `marginal`."""

    program: Any = Pytree.static()
    keep: Any = Pytree.static()
    by: Any = Pytree.static()

    def run(self, args: tuple, kwargs: dict, path: str | None) -> tuple[Any, Array, Any]:
        choices, _, _ = simulate(self.program, args, kwargs, path)
        missing = sorted(set(self._addresses) - set(choices))
        if missing:
            raise GuideError(
                f'the marginal keeps "{missing[0]}", at which nothing is drawn',
                hint=f"there are {', '.join(sorted(choices))}",
            )
        kept = {a: choices[a] for a in self._addresses}
        rest = {a: c for a, c in choices.items() if a not in kept}
        found = run(self.by, self.program, kept, args, reference=rest)
        result = self._result(kept)
        return result, found.log_estimate, result

    def weigh(self, choices: Any, args: tuple, kwargs: dict, path: str | None) -> tuple[Array, Any]:
        kept: Choices = {self.keep: choices} if isinstance(self.keep, str) else dict(choices)
        odd = sorted(set(kept) ^ set(self._addresses))
        if odd:
            raise GuideError(
                f'the marginal keeps {", ".join(self._addresses)}, and the choices differ at "{odd[0]}"',
                hint="give the choices that are kept, and no others",
            )
        return run(self.by, self.program, kept, args).log_estimate, choices

    def rewrite(self, change: Callable[[GFI], GFI]) -> Marginal:
        return Marginal(change(self.program), self.keep, self.by.rewrite(change))

    @property
    def _addresses(self) -> tuple[str, ...]:
        return (self.keep,) if isinstance(self.keep, str) else tuple(self.keep)

    def _result(self, kept: Choices) -> Any:
        return kept[self.keep] if isinstance(self.keep, str) else kept
