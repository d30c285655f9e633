"""Other strategies for the draws of a program that is already written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

import jax
import jax.tree_util as jtu
from genjax import GFI, Distribution, Fn, const
from genjax.core import Thunk, Vmap, handler_stack

from vi.errors import StrategyError
from vi.programs import Bound, Composite, Target, Unmarked, join
from vi.strategies.base import Strategy, strategic

Choose = Callable[[str, Any], Any]  # (address, distribution) -> distribution


def with_strategies(
    program: GFI[Any, Any],
    by_address: Mapping[str, Strategy] | None = None,
    default: Strategy | None = None,
) -> GFI[Any, Any]:
    """The same program with other gradient strategies; what is not named stays as it is.

    Args:
      program: a guide, or anything else that is made with `gen`.
      by_address: strategies of some addresses; of a program inside, `"outer/inner"`.
      default: the strategy of all others.

    Raises:
      StrategyError: while tracing, for an address at which nothing is drawn.

    >>> from genjax import gen, normal
    >>> from vi import Reinforce, Reparametrise, draw
    >>> @gen
    ... def guide(mean):
    ...     return normal(mean, 1.0) @ "x"
    >>> guides = [with_strategies(guide, default=s) for s in (Reparametrise(), Reinforce())]
    """
    wanted = dict(by_address or {})

    def choose(address: str, distribution: Any) -> Any:
        strategy = wanted.get(address, default)
        return distribution if strategy is None else strategic(distribution, strategy)

    return _rewrite(program, None, choose, wanted)


def frozen(program: Bound) -> Bound:
    """A bound program through whose arguments and draws no gradient flows."""
    args = jtu.tree_map(_stop, program.args)
    if isinstance(program, Target):
        return Target(program.program, args, jtu.tree_map(_stop, program.observed))
    still = with_strategies(program.gen_fn, default=Unmarked())
    return Thunk(still, args, jtu.tree_map(_stop, program.kwargs))


def _stop(leaf: Any) -> Any:
    return jax.lax.stop_gradient(leaf) if isinstance(leaf, jax.Array | float | int) else leaf


def _rewrite(
    program: GFI[Any, Any], path: str | None, choose: Choose, wanted: Mapping[str, Strategy] = {}
) -> Any:
    if isinstance(program, Distribution):
        return choose(path or "", program)
    if isinstance(program, Vmap):
        inner = _rewrite(program.gen_fn, path, choose)
        return Vmap(inner, *(getattr(program, f) for f in _VMAP))
    if isinstance(program, Composite):
        return program.rewrite(lambda part: _rewrite(part, path, choose, wanted))
    if not isinstance(program, Fn):
        return program
    source = program.source.value

    @wraps(source)
    def rewritten(*args: Any, **kwargs: Any) -> Any:
        stack: list[Any] = handler_stack
        handler = _Rewriting(stack[-1], path, choose, set())
        stack.append(handler)
        try:
            result = source(*args, **kwargs)
        finally:
            stack.pop()
        unknown = sorted(a for a in wanted if not any(_covers(s, a) for s in handler.seen))
        if unknown:
            raise StrategyError(
                f'a strategy is given for "{unknown[0]}", at which nothing is drawn',
                hint=f"there are {', '.join(sorted(handler.seen))}",
            )
        return result

    return Fn(source=const(rewritten))


_VMAP = ("in_axes", "axis_size", "axis_name", "spmd_axis_name")


def _covers(seen: str, wanted: str) -> bool:
    return seen == wanted or wanted.startswith(f"{seen}/")


@dataclass
class _Rewriting:
    """Handler: hands on what is drawn, with another strategy."""

    outer: Any
    path: str | None
    choose: Choose
    seen: set[str]

    def __call__(self, address: str, program: GFI, args: tuple, kwargs: dict | None = None) -> Any:
        here = join(self.path, address)
        self.seen.add(here)
        return self.outer(address, _rewrite(program, here, self.choose), args, kwargs or {})
