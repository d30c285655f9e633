"""Keys for the noise of a program: draws of the same kind are made in one call.

A call of JAX's generator costs more than the numbers of a small draw, so noise of the same kind is
drawn at once and cut into the sites that want it. GenJAX's `seed` splits a key at each site.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.tree_util as jtu
from genjax.pjax import PPPrimitive, sample_p, seed, stage
from jaxtyping import PRNGKeyArray

from vi.interpreter import draws_inside, evaluate, read


def seeded(program: Callable[[], Any]) -> Callable[[PRNGKeyArray], Any]:
    """A program without arguments as a function of a key.

    Args:
      program: draws noise; sites whose sampler has an attribute `pool`, `(key, shape) -> array`,
        share a call for each pool.
    """

    def run(key: PRNGKeyArray) -> Any:
        closed, (_, _, out_tree) = stage(program)()
        jaxpr = closed.jaxpr
        sites = [eqn for eqn in jaxpr.eqns if _hidden(eqn) is not None]
        if len(sites) < sum(map(draws_inside, jaxpr.eqns)):
            return seed(program)(key)  # some draw is inside a loop
        pooled: dict[Any, list[Any]] = {}
        for i, eqn in enumerate(sites):
            pool = getattr(_hidden(eqn)["keyful_sampler"], "pool", i)
            pooled.setdefault(pool, []).append(eqn)
        keys = list(jax.random.split(key, len(pooled))) if len(pooled) > 1 else [key][: len(pooled)]
        noise: dict[Any, Any] = {}
        for (pool, eqns), its_key in zip(pooled.items(), keys, strict=True):
            if callable(pool):
                noise |= _cut(pool, eqns, its_key)
        owners = {
            id(eqn): k for (_, eqns), k in zip(pooled.items(), keys, strict=True) for eqn in eqns
        }
        values = dict(zip(jaxpr.constvars, closed.consts, strict=True))
        for eqn in jaxpr.eqns:
            if id(eqn) not in owners:
                evaluate(eqn, values)
            elif eqn.outvars[0] in noise:
                values[eqn.outvars[0]] = noise[eqn.outvars[0]]
            else:
                hidden = _hidden(eqn)
                arguments = [read(values, v) for v in eqn.invars]
                outs = hidden["flat_keyful_sampler"](owners[id(eqn)], *arguments, **hidden)
                values |= zip(eqn.outvars, outs, strict=True)
        return jtu.tree_unflatten(out_tree(), [read(values, v) for v in jaxpr.outvars])

    return run


def _cut(pool: Callable[..., Any], eqns: list[Any], key: PRNGKeyArray) -> dict[Any, Any]:
    """Noise of one kind for all of its sites."""
    shapes = [eqn.outvars[0].aval.shape for eqn in eqns]
    sizes = [math.prod(shape) for shape in shapes]
    # XLA would make the noise again in every loop that reads it.
    flat = jax.lax.optimization_barrier(pool(key, (sum(sizes),)))
    start, cut = 0, {}
    for eqn, shape, size in zip(eqns, shapes, sizes, strict=True):
        cut[eqn.outvars[0]] = flat[start : start + size].reshape(shape)
        start += size
    return cut


def _hidden(eqn: Any) -> Any:
    """The parameters of a random site of PJAX; None for anything else."""
    primitive, hidden = PPPrimitive.unwrap(eqn.primitive)
    return hidden if primitive is sample_p else None
