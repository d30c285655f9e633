"""Automatic differentiation of expected values: the derivative of a program that draws.

GenJAX's ADEV primitives, run by an interpreter that cuts a program at its draws. What lies between
two draws is differentiated by JAX as a whole, so that every rule of JAX applies (custom
derivatives, symbolic zeros), and the rest of the program after a draw is handed to its strategy.
Draws in `jax.jit`, `lax.scan` and checkpoints are brought to the top level first.

Source: Lew, Huot, Staton and Mansinghka 2023, "ADEV" (POPL).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import jax.tree_util as jtu
from genjax import adev
from genjax.pjax import (
    PPPrimitive,
    adev_sample_p,
    primitive_bind_params,
    sample_p,
    scan_input_lengths,
    stage,
)
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal
from jax.extend.core.primitives import (
    closed_call_p,
    jit_p,
    remat_p,
    scan_p,
    stop_gradient_p,
)

from vi.errors import ObjectiveError, StrategyError
from vi.sites import Site
from vi.strategies.base import Dual, Rest

Values = list[Any]
INLINED = (jit_p, closed_call_p, remat_p)


def differentiate(program: Callable[..., Any], primals: tuple, tangents: tuple) -> Dual:
    """An unbiased estimate of the value of a program that draws, and of its derivative.

    Args:
      program: pure, of arrays and trees of arrays; returns a scalar.
      primals: its arguments.
      tangents: trees like the arguments, with None where there is no derivative.

    Raises:
      ObjectiveError: where the program returns no scalar, or draws where it cannot be followed.
      StrategyError: where a draw that depends on the parameters has no gradient strategy.
    """
    closed, (_, _, out_tree) = stage(inline(program))(*primals)
    jaxpr = closed.jaxpr
    shapes = [_shaped(v).shape for v in jaxpr.outvars]
    if shapes != [()]:
        found = jtu.tree_unflatten(out_tree(), shapes)
        raise ObjectiveError(
            f"an objective returns one number, and this one returns shapes {found}",
            hint="sum or average what it returns",
        )
    leaves = list(map(_array, jtu.tree_leaves(primals)))
    moved = jtu.tree_leaves(tangents, is_leaf=lambda t: t is None)
    values = dict(zip(jaxpr.invars, leaves, strict=True))
    values |= zip(jaxpr.constvars, map(_array, closed.consts), strict=True)
    slopes = {v: t for v, t in zip(jaxpr.invars, moved, strict=True) if t is not None}
    return _run(jaxpr, 0, values, slopes)


def _run(jaxpr: Jaxpr, start: int, values: dict, slopes: dict) -> Dual:
    """Evaluate from an equation on: up to the next draw, and the rest inside its strategy."""
    stop = start
    while stop < len(jaxpr.eqns) and not _draws(jaxpr.eqns[stop]):
        stop += 1
    values, slopes = _segment(jaxpr, start, stop, values, slopes)
    if stop == len(jaxpr.eqns):
        (out,) = jaxpr.outvars
        return Dual(read(values, out), None if isinstance(out, Literal) else slopes.get(out))
    eqn = jaxpr.eqns[stop]

    rest = _Rest(jaxpr, stop, values, slopes)
    primitive, hidden = PPPrimitive.unwrap(eqn.primitive)
    primals = [read(values, v) for v in eqn.invars]
    tangents = [None if isinstance(v, Literal) else slopes.get(v) for v in eqn.invars]
    if primitive is sample_p:
        if any(t is not None for t in tangents):
            raise StrategyError(
                f"a draw from {hidden.get('name') or 'a distribution'} depends on the parameters"
                " and has no gradient strategy",
                hint="write it as Strategy()(distribution), such as Reinforce()(normal)",
            )
        (value,) = eqn.primitive.bind(*primals, **primitive_bind_params(eqn.primitive, eqn.params))
        return rest(value, None)
    given = hidden["num_consts"]
    primals, tangents = tuple(primals[given:]), tuple(tangents[given:])
    if isinstance(hidden["adev_prim"], Site):
        site = hidden["adev_prim"]
        return site.strategy.estimate(site, primals, tangents, rest)
    return _foreign(hidden, primals, tangents, rest)


@dataclass(frozen=True, eq=False)
class _Rest:
    """What follows a draw; see `vi.strategies.base.Rest`."""

    jaxpr: Jaxpr
    draw: int
    values: dict
    slopes: dict

    def __call__(self, value: Any, tangent: Any) -> Dual:
        slopes = dict(self.slopes) if tangent is None else self.slopes | {self._drawn: tangent}
        return self._run(value, slopes)

    def primal(self, value: Any) -> Any:
        return self._run(value, {}).primal

    @property
    def _drawn(self) -> Any:
        return self.jaxpr.eqns[self.draw].outvars[0]

    def _run(self, value: Any, slopes: dict) -> Dual:
        return _run(self.jaxpr, self.draw + 1, self.values | {self._drawn: value}, slopes)


def _foreign(hidden: dict, primals: tuple, tangents: tuple, rest: Rest) -> Dual:
    """A draw from a distribution of `genjax.adev`, with GenJAX's rule for its gradient."""
    sample_shape = tuple(hidden.get("sample_shape", ()))

    def prepare(value):
        return jnp.broadcast_to(value, sample_shape + jnp.shape(value)) if sample_shape else value

    slopes = [
        jnp.zeros(jnp.shape(p)) if t is None else t for p, t in zip(primals, tangents, strict=True)
    ]
    duals = tuple(adev.Dual(prepare(p), prepare(t)) for p, t in zip(primals, slopes, strict=True))

    def pure(value):
        return [rest.primal(value)]

    def dual(value):
        floating = jnp.issubdtype(jnp.result_type(value.primal), jnp.inexact)
        found = rest(value.primal, value.tangent if floating else None)
        slope = jnp.zeros_like(found.primal) if found.tangent is None else found.tangent
        return adev.Dual(found.primal, slope)

    found = hidden["adev_prim"].prim_jvp_estimate(duals, (pure, dual))
    return Dual(found.primal, found.tangent)


def _segment(jaxpr: Jaxpr, start: int, stop: int, values: dict, slopes: dict) -> tuple[dict, dict]:
    """What lies between draws, with its derivative along the tangents that are not zero."""
    eqns = jaxpr.eqns[start:stop]
    if not eqns:
        return values, slopes
    moving = set(slopes)
    for eqn in eqns:
        if eqn.primitive is not stop_gradient_p and any(_in(v, moving) for v in eqn.invars):
            moving |= {v for v in eqn.outvars if jnp.issubdtype(_shaped(v).dtype, jnp.inexact)}
    later = {v for eqn in jaxpr.eqns[stop:] for v in eqn.invars if not isinstance(v, Literal)}
    later |= {v for v in jaxpr.outvars if not isinstance(v, Literal)}
    made = [v for eqn in eqns for v in eqn.outvars if v in later]
    smooth, still = [v for v in made if v in moving], [v for v in made if v not in moving]
    used = {v for eqn in eqns for v in eqn.invars if not isinstance(v, Literal)}
    active = [v for v in slopes if v in used]

    def piece(*primals):
        inner = values | dict(zip(active, primals, strict=True))
        for eqn in eqns:
            evaluate(eqn, inner)
        return [inner[v] for v in smooth], [inner[v] for v in still]

    if active and smooth:
        primals, tangents = tuple(values[v] for v in active), tuple(slopes[v] for v in active)
        outs, out_slopes, rest = jax.jvp(piece, primals, tangents, has_aux=True)
        slopes = slopes | dict(zip(smooth, out_slopes, strict=True))
    else:
        outs, rest = piece(*(values[v] for v in active))
    kept = values | dict(zip(smooth, outs, strict=True)) | dict(zip(still, rest, strict=True))
    return (
        {v: x for v, x in kept.items() if v in later},
        {v: t for v, t in slopes.items() if v in later},
    )


def _in(variable: Any, variables: set) -> bool:
    return not isinstance(variable, Literal) and variable in variables


def _shaped(variable: Any) -> Any:
    return variable.aval


def _array(value: Any) -> Any:
    return value if isinstance(value, jax.Array) else jnp.asarray(value)


def read(values: dict, variable: Any) -> Any:
    """The value of a variable or a literal."""
    return _array(variable.val) if isinstance(variable, Literal) else values[variable]


def evaluate(eqn: Any, values: dict) -> None:
    """Evaluate an equation of a program, writing what it gives into `values`."""
    found = [read(values, v) for v in eqn.invars]
    outs = eqn.primitive.bind(*found, **primitive_bind_params(eqn.primitive, eqn.params))
    outs = outs if eqn.primitive.multiple_results else [outs]
    values |= zip(eqn.outvars, outs, strict=True)


def inline(program: Callable[..., Any]) -> Callable[..., Any]:
    """The same program with all of its draws at the top level; loops that draw are unrolled."""

    def inlined(*arguments):
        closed, (leaves, _, out_tree) = stage(program)(*arguments)
        outs = _inline(closed, leaves)
        return jtu.tree_unflatten(out_tree(), outs)

    return inlined


def sites(program: Callable[..., Any], arguments: tuple) -> list[tuple]:
    """Address, law, strategy and shape of each draw of a program, in order."""
    closed, _ = stage(inline(program))(*arguments)
    found = []
    for eqn in filter(_draws, closed.jaxpr.eqns):
        _, hidden = PPPrimitive.unwrap(eqn.primitive)
        site, shape = hidden.get("adev_prim"), _shaped(eqn.outvars[0]).shape
        if isinstance(site, Site):
            found.append((site.address, site.law.name, site.strategy, shape))
        else:
            found.append((None, hidden.get("name") or type(site).__name__, None, shape))
    return found


def _inline(closed: ClosedJaxpr, arguments: Values) -> Values:
    jaxpr = closed.jaxpr
    values = dict(zip(jaxpr.invars, arguments, strict=True))
    values |= zip(jaxpr.constvars, map(_array, closed.consts), strict=True)
    for eqn in jaxpr.eqns:
        if _draws(eqn) or not any(map(_jaxpr_draws, _inner(eqn))):
            evaluate(eqn, values)
            continue
        found = [read(values, v) for v in eqn.invars]
        if eqn.primitive is scan_p:
            outs = _unroll(eqn.params, found)
        elif eqn.primitive in INLINED:
            (inner,) = _inner(eqn)
            outs = _inline(inner, found)
        else:
            raise ObjectiveError(
                f"a draw inside `{eqn.primitive}` cannot be followed",
                hint="draw in all cases and choose with `jnp.where`; loops of a known length can be `lax.scan`",
            )
        values |= zip(eqn.outvars, outs, strict=True)
    return [read(values, v) for v in jaxpr.outvars]


def _unroll(params: dict[str, Any], arguments: Values) -> Values:
    """A `lax.scan` that draws, as straight code."""
    consts, carries = scan_input_lengths(params)
    fixed, carry, rows = (
        arguments[:consts],
        arguments[consts : consts + carries],
        arguments[consts + carries :],
    )
    length, kept = params["length"], {}
    order = range(length - 1, -1, -1) if params["reverse"] else range(length)
    for i in order:
        outs = _inline(params["jaxpr"], [*fixed, *carry, *(row[i] for row in rows)])
        carry, kept[i] = outs[:carries], outs[carries:]
    return [*carry, *map(jnp.stack, zip(*(kept[i] for i in range(length)), strict=True))]


def _draws(eqn: Any) -> bool:
    primitive, _ = PPPrimitive.unwrap(eqn.primitive)
    return primitive is adev_sample_p or primitive is sample_p


def _jaxpr_draws(closed: ClosedJaxpr) -> bool:
    return any(map(draws_inside, closed.jaxpr.eqns))


def draws_inside(eqn: Any) -> bool:
    """Whether an equation draws, itself or in a program inside it."""
    return _draws(eqn) or any(map(_jaxpr_draws, _inner(eqn)))


def _inner(eqn: Any) -> Iterator[ClosedJaxpr]:
    """The programs inside an equation."""
    for leaf in jtu.tree_leaves(
        list(eqn.params.values()), is_leaf=lambda x: isinstance(x, ClosedJaxpr | Jaxpr)
    ):
        if isinstance(leaf, ClosedJaxpr):
            yield leaf
        elif isinstance(leaf, Jaxpr):
            yield ClosedJaxpr(leaf, [])
