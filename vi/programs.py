"""Programs as objectives see them: something to draw from, with a density.

Objectives work on *bound* programs, that is generative functions of GenJAX with their arguments:
`guide.T(parameters)`, or `target(model, observed, ...)`. `draw` and `log_density` are all they need.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import jax.tree_util as jtu
import numpy as np
from genjax import GFI, Distribution, Fn
from genjax.core import Thunk, Tr, Trace, Vmap, get_choices, handler_stack
from genjax.pjax import modular_vmap
from jaxtyping import Array

from vi.errors import GuideError, ObjectiveError, StrategyError, at
from vi.expectation import independent
from vi.strategies.base import Drawn, Dual, Rest, Strategy, strategic

Choices = Any  # a dict by address, or the value of a distribution


@dataclass(frozen=True)
class Target:
    """An unnormalised density: a model with its arguments and what was observed.

    Args:
      program: the model.
      args: its arguments.
      observed: values by address.
    """

    program: GFI[Any, Any]
    args: tuple
    observed: dict[str, Any]


class Composite(GFI[Any, Any]):
    """A program made of programs whose density is estimated; see `vi.marginal`, `vi.normalise`."""

    @abstractmethod
    def run(self, args: tuple, kwargs: dict, path: str | None) -> tuple[Choices, Array, Any]:
        """Draw: choices, the log of an unbiased estimate of 1 / density negated, a return value."""

    @abstractmethod
    def weigh(
        self, choices: Choices, args: tuple, kwargs: dict, path: str | None
    ) -> tuple[Array, Any]:
        """The log of an unbiased estimate of the density of choices, and a return value."""

    @abstractmethod
    def rewrite(self, change: Callable[[GFI], GFI]) -> Composite:
        """The same, of changed programs."""

    def simulate(self, *args: Any, **kwargs: Any) -> Trace:
        choices, score, result = self.run(args, kwargs, None)
        return Tr(self, (args, kwargs), choices, result, -score)

    def assess(self, x: Choices, *args: Any, **kwargs: Any) -> tuple[Array, Any]:
        return self.weigh(x, args, kwargs, None)

    def generate(self, x: Choices | None, *args: Any, **kwargs: Any) -> tuple[Trace, Array]:
        if x is None:
            return self.simulate(*args, **kwargs), jnp.array(0.0)
        score, result = self.weigh(x, args, kwargs, None)
        return Tr(self, (args, kwargs), x, result, -score), score

    def update(self, tr: Any, x_: Any, *args: Any, **kwargs: Any) -> Any:
        raise self._no("update")

    def regenerate(self, tr: Any, s: Any, *args: Any, **kwargs: Any) -> Any:
        raise self._no("regenerate")

    def merge(self, x: Any, x_: Any, check: Any = None) -> Any:
        raise self._no("merge")

    def filter(self, x: Any, selection: Any) -> Any:
        raise self._no("filter")

    def _no(self, what: str) -> ObjectiveError:
        return ObjectiveError(
            f"{type(self).__name__} has no `{what}`: its density is an estimate",
            hint="draw from it, and assess its density, as objectives do",
        )


Bound = Thunk[Any, Any] | Target


def target(model: GFI[Any, Any], observed: dict[str, Any], *args: Any) -> Target:
    """A model in which something was observed, as an unnormalised density of its other choices.

    >>> from genjax import gen, normal
    >>> @gen
    ... def model():
    ...     x = normal(0.0, 1.0) @ "x"
    ...     normal(x, 1.0) @ "y"
    >>> round(float(log_density(target(model, {"y": 1.0}), {"x": 0.5})), 4)
    -2.0879
    """
    return Target(model, args, observed)


def draw(program: Thunk[Any, Any]) -> tuple[Choices, Array]:
    """Run a program: its choices, and the log density of them (a scalar).

    Raises:
      StrategyError: while tracing, where a strategy has no rule for its distribution.
      ObjectiveError: where it cannot be drawn from, as a target cannot.
    """
    if isinstance(program, Target):
        raise ObjectiveError(
            "a target is a density of what was not observed, and cannot be drawn from",
            hint="draw from the guide, or from normalise(model, Importance(...)).T(observed), a posterior",
        )
    _bound(program)
    choices, score, _ = simulate(program.gen_fn, program.args, program.kwargs, None)
    return choices, score


def draws(program: Thunk[Any, Any], count: int) -> tuple[Choices, Array]:
    """Independent runs side by side: choices with a leading axis, log densities `[count]`."""
    return independent(lambda: draw(program), count)


def log_density(program: Bound, choices: Choices) -> Array:
    """The log density of choices under a program, a scalar.

    Of a target: of these choices together with what was observed.

    Raises:
      GuideError: while tracing, where choices are missing, unknown, or were observed.
    """
    if isinstance(program, Target):
        both = sorted(set(choices) & set(program.observed))
        if both:
            raise GuideError(
                f'the guide makes a choice at "{both[0]}", which was observed',
                hint="leave it out of the guide, or out of what was observed",
            )
        choices = {**choices, **program.observed}
        return assess(program.program, choices, program.args, {}, None)[0]
    _bound(program)
    return assess(program.gen_fn, choices, program.args, program.kwargs, None)[0]


def _bound(program: Any) -> None:
    if not isinstance(program, Thunk):
        raise ObjectiveError(
            f"an objective takes a program with its arguments, and this is a {type(program).__name__}",
            hint="write guide.T(arguments) or target(model, observed, arguments)",
        )


def log_densities(program: Bound, choices: Choices) -> Array:
    """The log density of each of several choices side by side, `[count]`."""
    count = jtu.tree_leaves(choices)[0].shape[0]
    return independent(lambda z: log_density(program, z), count, choices)


def known_part(
    program: Fn, choices: dict[str, Any], args: tuple, stop: bool = False
) -> tuple[Array, set[str]]:
    """The log density of those choices that a program makes, and which these are.

    Args:
      program: made with `gen`.
      choices: by address; those that the program does not make are left alone.
      args: of the program.
      stop: at the first choice that is not there: the density of a prefix of the program.
    """
    handler = _Assess(None, choices, stop=stop)
    with suppress(_Stop):
        _under(handler, program, args, {})
    return handler.score, handler.seen


@dataclass
class _Draw:
    """Handler: makes every choice, and adds up its log density."""

    path: str | None
    score: Array = field(default_factory=lambda: jnp.array(0.0))
    choices: dict[str, Any] = field(default_factory=dict)

    def __call__(self, address: str, program: GFI, args: tuple, kwargs: dict | None = None) -> Any:
        if address in self.choices:
            raise GuideError(
                f'two choices of one program are made at "{address}"',
                hint="give each its own address",
            )
        choice, score, result = simulate(program, args, kwargs or {}, join(self.path, address))
        self.choices[address] = choice
        self.score = self.score + score
        return result


class _Stop(Exception):
    """A prefix of a program ends here."""


@dataclass
class _Assess:
    """Handler: takes every choice from a dictionary, and adds up its log density."""

    path: str | None
    choices: dict[str, Any]
    score: Array = field(default_factory=lambda: jnp.array(0.0))
    seen: set[str] = field(default_factory=set)
    stop: bool = False

    def __call__(self, address: str, program: GFI, args: tuple, kwargs: dict | None = None) -> Any:
        here = join(self.path, address)
        if address in self.seen:
            raise GuideError(
                f'two choices of one program are made at "{here}"', hint="give each its own address"
            )
        if address not in self.choices:
            if self.stop:
                raise _Stop
            raise GuideError(
                f'no choice is made at "{here}", where the program has {_name(program)}',
                hint="add the choice to the guide, or observe it",
            )
        self.seen.add(address)
        score, result = assess(program, self.choices[address], args, kwargs or {}, here)
        self.score = self.score + score
        return result


@contextmanager
def recording() -> Iterator[list[tuple[str, str, bool]]]:
    """Note the distribution, the address and whether the log density is finite, of each choice."""
    found: list[tuple[str, str, bool]] = []
    _recorders.append(found)
    try:
        yield found
    finally:
        _recorders.remove(found)


_recorders: list[list[tuple[str, str, bool]]] = []


def _record(program: GFI, path: str | None, score: Array) -> Array:
    score = jnp.sum(score)
    for found in _recorders:

        def note(finite: Any, found: Any = found) -> None:
            found.append((_name(program), path or "(no address)", bool(np.all(finite))))

        jax.debug.callback(note, jnp.isfinite(score))
    return score


def simulate(
    program: GFI, args: tuple, kwargs: dict, path: str | None
) -> tuple[Choices, Array, Any]:
    """Choices, their log density (a scalar), and the return value."""
    if isinstance(program, Fn):
        handler = _Draw(path)
        result = _under(handler, program, args, kwargs)
        return handler.choices, handler.score, result
    if isinstance(program, Composite):
        return program.run(args, kwargs, path)
    if isinstance(program, Distribution):
        if kwargs:
            raise StrategyError(
                f"{program.name.value}{at(path)} has parameters by name, {sorted(kwargs)}",
                hint="give them by position: GenJAX batches only those",
            )
        drawn = program if isinstance(program, Drawn) else _marked(program)
        value = drawn.draw_at(path, args)
        return value, _record(drawn, path, drawn.logpdf(value, *args)), value
    if isinstance(program, Vmap):
        axes = program.in_axes.value
        choices, scores, result = modular_vmap(
            lambda *args: simulate(program.gen_fn, args, kwargs, path),
            in_axes=axes if isinstance(axes, tuple) else (axes,) * len(args),
            axis_size=program.axis_size.value,
        )(*args)
        return choices, jnp.sum(scores), result
    trace = program.simulate(*args, **kwargs)
    return get_choices(trace), -jnp.sum(trace.get_score()), trace.get_retval()


def assess(
    program: GFI, choices: Choices, args: tuple, kwargs: dict, path: str | None
) -> tuple[Array, Any]:
    """The log density of choices (a scalar), and the return value."""
    if isinstance(program, Fn):
        if not isinstance(choices, dict):
            raise GuideError(
                f"there is one value{at(path)}, where a program makes choices of its own",
                hint="give a dictionary of choices by address",
            )
        handler = _Assess(path, choices)
        result = _under(handler, program, args, kwargs)
        invented = sorted(set(choices) - handler.seen)
        if invented:
            raise GuideError(
                f'a choice is made at "{join(path, invented[0])}", which the program does not have',
                hint="take it out, or marginalise it: vi.marginal(guide, keep, ...)",
            )
        return handler.score, result
    if isinstance(program, Vmap) and isinstance(program.gen_fn, Fn):
        axes = program.in_axes.value
        scores, result = modular_vmap(
            lambda z, *args: assess(program.gen_fn, z, args, kwargs, path),
            in_axes=(0, *(axes if isinstance(axes, tuple) else (axes,) * len(args))),
            axis_size=program.axis_size.value,
        )(choices, *args)
        return jnp.sum(scores), result
    if isinstance(program, Composite):
        return program.weigh(choices, args, kwargs, path)
    if isinstance(program, Distribution) and isinstance(choices, dict):
        raise GuideError(
            f'there are choices inside "{path}", where the program has {_name(program)}',
            hint="make one choice there, from a distribution",
        )
    score, result = program.assess(choices, *args, **kwargs)
    return _record(program, path, score), result


def _under(handler: Any, program: Fn, args: tuple, kwargs: dict) -> Any:
    handler_stack.append(handler)
    try:
        return program.source.value(*args, **kwargs)
    finally:
        handler_stack.pop()


def join(path: str | None, address: str) -> str:
    """The address of a choice inside a program that has an address itself."""
    return address if path is None else f"{path}/{address}"


def _name(program: GFI) -> str:
    if isinstance(program, Distribution):
        return f"a draw from {program.name.value or 'a distribution'}"
    return "a program of its own"


@dataclass(frozen=True)
class Unmarked(Strategy):
    """A draw without a strategy: fine as long as it does not depend on the parameters."""

    def refusal(self, law):
        return None

    def estimate(self, site, primals, tangents, rest: Rest) -> Dual:
        if any(t is not None for t in tangents):
            from vi.strategies.reparametrise import suggestion

            raise StrategyError(
                f"{site.where} depends on the parameters and has no gradient strategy",
                hint=f"write it as Strategy()(distribution), with {suggestion(site.law)}",
            )
        return rest(site.fresh(primals), None)


def _marked(distribution: Distribution) -> Drawn:
    return strategic(distribution, Unmarked())
