"""A problem, and the objectives that a guide can be fitted to it with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from genjax import Fn

import vi
from experiments.errors import UsageError
from experiments.variational.starts import Starts
from vi import Objective, Strategy, Target, maximise

STRATEGIES: dict[str, Strategy] = {
    "reparametrise": vi.Reparametrise(),
    "reinforce": vi.Reinforce(),
    "leave-one-out": vi.Reinforce(vi.LeaveOneOut()),
    "measure-valued": vi.MeasureValued(),
}


@dataclass(frozen=True)
class Guide:
    """A family to fit.

    Args:
      program: a function of the parameters.
      start: where its parameters begin, or how that is found.
      reverse: of a family with auxiliary choices, what proposes them from the others.
    """

    program: Fn
    start: dict[str, Any] | Starts
    reverse: Fn | None = None


@dataclass(frozen=True)
class Problem:
    """A posterior to approximate.

    Args:
      name: of the experiment.
      target: the model and what was observed.
      latents: addresses of the posterior.
      evidence: exact log evidence, in nats.
      guide: the plain family, whose draws have a strategy.
      auxiliary: the family with auxiliary choices, where there is one.
      rate: learning rate of Adam.
    """

    name: str
    target: Target
    latents: tuple[str, ...]
    evidence: float
    guide: Callable[[Strategy], Guide]
    auxiliary: Callable[[Strategy], Guide] | None = None
    rate: float = 1e-3


@dataclass(frozen=True)
class Variant:
    """One fit: an objective, a strategy, and numbers of particles.

    Args:
      objective: a name in `OBJECTIVES`.
      strategy: a name in `STRATEGIES`.
      n: weights in the bound.
      m: particles for the density of the guide.
      estimates: independent estimates of the gradient in a step.
      reference: the paper's value, where it has one.
    """

    objective: str
    strategy: str = "reparametrise"
    n: int = 1
    m: int = 1
    estimates: int = 64
    reference: float | None = None

    @property
    def title(self) -> str:
        """For people: the objective, its numbers, and a strategy that is not the usual one."""
        counts = [f"n={self.n}"] if "n" in OBJECTIVES[self.objective].counts else []
        counts += [f"m={self.m}"] if "m" in OBJECTIVES[self.objective].counts else []
        usual = self.strategy == "reparametrise"
        return " ".join([self.objective.upper(), *counts, *([] if usual else [self.strategy])])

    @property
    def key(self) -> str:
        """For figures: `iwelbo_n5`."""
        return self.title.lower().replace("=", "").replace(" ", "_").replace("-", "_")


@dataclass(frozen=True)
class Kind:
    """A kind of objective.

    Args:
      of: the objective's value, from the target, the guide with its arguments, and the variant.
      counts: which numbers of particles it has.
      auxiliary: whether it is for guides with auxiliary choices.
      bound: the bound that a fit is judged by, where that is another one.
    """

    of: Callable[..., Any]
    counts: str = ""
    auxiliary: bool = False
    bound: str | None = None


OBJECTIVES: dict[str, Kind] = {
    "elbo": Kind(lambda p, q, v: vi.elbo(p, q)),
    "elbo-stl": Kind(lambda p, q, v: vi.elbo_stl(p, q)),
    "iwelbo": Kind(lambda p, q, v: vi.iwelbo(p, q, v.n), "n"),
    "iwelbo-dreg": Kind(lambda p, q, v: vi.iwelbo_dreg(p, q, v.n), "n"),
    "vimco": Kind(lambda p, q, v: vi.vimco(p, q, v.n), "n"),
    "renyi": Kind(lambda p, q, v: vi.renyi(p, q, v.n, alpha=0.5), "n", bound="iwelbo"),
    "wake": Kind(lambda p, q, v: vi.wake_guide(p, q, v.n), "n", bound="iwelbo"),
    "hvi": Kind(lambda p, q, r, keep, v: vi.hvi(p, q, keep, r), auxiliary=True),
    "iwhvi": Kind(lambda p, q, r, keep, v: vi.iwhvi(p, q, keep, r, v.m), "m", auxiliary=True),
    "diwhvi": Kind(
        lambda p, q, r, keep, v: vi.diwhvi(p, q, keep, r, v.n, v.m), "nm", auxiliary=True
    ),
}


def guide_of(problem: Problem, variant: Variant) -> Guide:
    """The family that a variant fits.

    Raises:
      UsageError: where the problem has none of the kind that the objective needs.
    """
    strategy = STRATEGIES[variant.strategy]
    if not OBJECTIVES[variant.objective].auxiliary:
        return problem.guide(strategy)
    if problem.auxiliary is None:
        plain = ", ".join(name for name, kind in OBJECTIVES.items() if not kind.auxiliary)
        raise UsageError(
            f"argument --objective: {variant.objective} is for guides with auxiliary draws, and"
            f" {problem.name} has none; use one of {plain}"
        )
    return problem.auxiliary(strategy)


def objective_of(problem: Problem, guide: Guide, variant: Variant, name: str) -> Objective:
    """The objective of a name, for the parameters of a guide."""
    kind = OBJECTIVES[name]

    @maximise
    def objective(parameters: Any) -> Any:
        p, q = problem.target, guide.program.T(parameters)
        if kind.auxiliary:
            return kind.of(p, q, guide.reverse, problem.latents, variant)
        return kind.of(p, q, variant)

    return objective
