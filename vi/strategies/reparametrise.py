"""Pathwise gradients: the value is a differentiable function of noise."""

from __future__ import annotations

from dataclasses import dataclass

from vi.laws import Law
from vi.sites import Site
from vi.strategies.base import Dual, Rest, Strategy, push_forward, split


@dataclass(frozen=True)
class Reparametrise(Strategy):
    """Derivatives flow through the value (normal, multivariate normal, uniform, ...).

    Gamma, beta and Dirichlet draws are differentiated implicitly, through their distribution
    functions. The rest of the program must be continuous in the value.

    Source: Kingma and Welling 2014; implicitly, Figurnov, Mohamed and Mnih 2018.
    """

    def refusal(self, law: Law) -> tuple[str, str] | None:
        if law.smooth:
            return None
        if law.discrete:
            why = "its values are discrete, so they do not move with the parameters"
            return why, f"use {suggestion(law)}"
        return "no differentiable sampler of it is known", "use Reinforce()"

    def estimate(self, site: Site, primals: tuple, tangents: tuple, rest: Rest) -> Dual:
        _, parameters, moved = split(site, primals, tangents)
        noise = site.law.fresh_noise(parameters)
        value, tangent = push_forward(lambda *p: site.push(noise, p), parameters, moved)
        return rest(value, tangent)


def suggestion(law: Law) -> str:
    """Strategies that have a rule for a law, for a hint."""
    if law.chances is not None:
        return "Enumerate(), MeasureValued() or Reinforce()"
    if law.name == "geometric":
        return "MeasureValued() or Reinforce()"
    if law.moving:
        return "Reparametrise()"
    return "Reparametrise() or Reinforce()" if law.smooth else "Reinforce()"
