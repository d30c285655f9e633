"""A question as pure JAX functions: of rows of randomness, or of the values of its choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float

from plot.backends.lax_ops import Lane
from plot.compiler.choices import Choice
from plot.compiler.graph import Node, Operand
from plot.compiler.ops import NORMAL, UNIFORM
from plot.exports.lanes import Lanes, Tree, question_of
from plot.exports.parameters import log_density
from plot.exports.sequence import Sequence
from plot.world import Question


class Outcome(NamedTuple):
    """What a question comes to in each world.

    Args:
      value: the answer, `[*batch]`; a list is a list of such, a name is its code.
      choices: `[*batch]` for each address, what was drawn.
      log_weight: `[*batch]`, of what was observed; minus infinity where it does not hold.
      log_prior: `[*batch]`, log density of what the function was given.
    """

    value: Tree
    choices: dict[str, Array]
    log_weight: Array
    log_prior: Array

    @property
    def log_density(self) -> Array:
        """`[*batch]`, of what the function was given together with what was observed."""
        return jnp.where(self.log_weight > -jnp.inf, self.log_prior + self.log_weight, -jnp.inf)


@dataclass(frozen=True, eq=False)
class JaxFunction:
    """A question as functions that JAX compiles, batches and differentiates.

    Draws come out of their rows by quantile functions, so values have derivatives with respect to
    rows and to whatever the parameters depend on: shapes of gamma, beta and Student's t included,
    by implicit differentiation (once; second derivatives of these quantiles are not to be trusted).
    A truth value steps, so what only hangs on a `flip` or a comparison has derivative 0. A
    derivative that does not exist (the root of 0) counts as 0.

    Args:
      lanes: the question's choices and what is computed from them.
    """

    lanes: Lanes

    @cached_property
    def uniforms(self) -> tuple[str, ...]:
        """Labels of the rows of uniforms, in the order in which `of_rows` takes them."""
        return tuple(c.label for c in self._rows(UNIFORM))

    @cached_property
    def normals(self) -> tuple[str, ...]:
        """Labels of the rows of standard normals."""
        return tuple(c.label for c in self._rows(NORMAL))

    @cached_property
    def choices(self) -> dict[str, Choice]:
        """What is drawn, by address, in an order in which it can be drawn."""
        natural = self.lanes.natural.choices
        return {self.lanes.addresses[node]: choice for node, choice in natural.items()}

    def of_rows(
        self, uniforms: Float[Array, "sites ..."], normals: Float[Array, "sites_too ..."]
    ) -> Outcome:
        """The worlds that rows of randomness make.

        Args:
          uniforms: `[len(self.uniforms), *batch]`, from 0 up to, not including, 1.
          normals: `[len(self.normals), *batch]`.

        Raises:
          ValueError: where the number of rows is another.
        """
        given: dict[Node, Array] = {}
        for family, rows in ((UNIFORM, uniforms), (NORMAL, normals)):
            sites = self._rows(family)
            if len(sites) != len(rows):
                raise ValueError(
                    f"{len(sites)} rows of {family}s are due, and these are {len(rows)}"
                )
            given |= {site.node: row for site, row in zip(sites, rows, strict=True)}
        return self._run(self.lanes.by_rows, lambda choice: given[choice.node])

    def of_choices(self, values: Mapping[str, Float[Array, ...]]) -> Outcome:
        """The worlds in which the choices have these values, with their log density.

        Args:
          values: for each address of `choices`, a number or truth value, `[*batch]`; for a choice
            among finitely many, the index.

        Raises:
          KeyError: where an address is missing.
        """
        missing = [a for a in self.choices if a not in values]
        if missing:
            raise KeyError(f"no value for the choice {missing[0]!r}; due are {list(self.choices)}")
        addresses = self.lanes.addresses
        return self._run(self.lanes.natural, lambda choice: values[addresses[choice.node]])

    def _rows(self, family: str) -> list[Choice]:
        rows = [c for n, c in self.lanes.by_rows.choices.items() if n.op == family]
        return sorted(rows, key=lambda c: c.node.id)

    def _run(self, sequence: Sequence, value_of: Callable[[Choice], Lane]) -> Outcome:
        dtype = jnp.result_type(float)
        densities: list[Lane] = []

        def decide(choice: Choice, parameters: list[Lane]) -> Lane:
            value = jnp.asarray(value_of(choice))
            densities.append(log_density(choice, value, parameters, dtype))
            return value

        lane: Callable[[Operand], Lane] = sequence.run(decide, dtype)
        weights = [self.lanes.log_weight(lane, name) for name in self.lanes.evidence]
        addresses = self.lanes.addresses
        return Outcome(
            self.lanes.value(lane),
            {address: lane(node) for node, address in addresses.items()},
            sum(weights, jnp.zeros((), dtype)),
            sum(densities, jnp.zeros((), dtype)),
        )


def as_jax(asked: Question | str) -> JaxFunction:
    """A question as pure functions of what is drawn.

    Args:
      asked: a question of a world, or a program that ends in a question.

    Raises:
      PlotError: where the program is wrong, or has loops whose rounds a draw counts.

    >>> import jax
    >>> f = as_jax("(define mu (gaussian 0 1)) (condition (= (gaussian mu 1) 2)) (query (* 2 mu))")
    >>> f.normals, list(f.choices)
    (('gaussian',), ['mu'])
    >>> jax.grad(lambda mu: f.of_choices({"mu": mu}).log_density)(0.5).item()
    1.0
    """
    return JaxFunction(Lanes(question_of(asked)))
