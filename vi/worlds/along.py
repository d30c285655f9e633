"""Derivatives of modules' functions that loop until they are done: taken along the loop, not back through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from plot.backends.lax_ops import Lane

type Function = Callable[..., Sequence[Lane]]


def along(function: Function) -> Function:
    """The same function of lanes, which can be differentiated backwards even if it loops.

    JAX cannot go back through a `while_loop`, and can go along it. So all partial derivatives are taken
    forwards, which costs a run for each argument; what is summed up from them is linear, and JAX can
    go back through that. A function that does not loop is left as it is.

    Args:
      function: from lanes `[worlds]` to lanes `[worlds]`, each world on its own.

    >>> def halved(x):
    ...     return [jax.lax.while_loop(lambda y: jnp.any(y > 1), lambda y: y / 2, x)]
    >>> jax.grad(lambda x: along(halved)(x)[0].sum())(jnp.array([12.0, 3.0])).tolist()
    [0.0625, 0.0625]
    """

    def numbers(*lanes: Lane) -> tuple[Lane, ...]:
        return tuple(jnp.asarray(lane, jnp.float32) for lane in function(*lanes))

    whole = jax.custom_jvp(numbers)

    @whole.defjvp
    def _(lanes: tuple[Lane, ...], pushes: tuple[Any, ...]) -> tuple[Any, Any]:
        smooth = [i for i, x in enumerate(lanes) if jnp.issubdtype(x.dtype, jnp.floating)]

        def of(*moved: Lane) -> tuple[Lane, ...]:
            given = dict(zip(smooth, moved, strict=True))
            return numbers(*(given.get(i, lane) for i, lane in enumerate(lanes)))

        at = [lanes[i] for i in smooth]
        one_of_each = [
            jnp.stack([jnp.full_like(x, float(i == j)) for j in range(len(at))])
            for i, x in enumerate(at)
        ]
        results, slopes = jax.vmap(lambda *t: jax.jvp(of, at, list(t)), out_axes=(None, 0))(
            *one_of_each
        )
        rise = [
            sum((s[j] * pushes[i] for j, i in enumerate(smooth)), jnp.zeros_like(s[0]))
            for s in slopes
        ]
        return results, tuple(rise)

    def chosen(*lanes: Lane) -> Sequence[Lane]:
        return (whole if _loops(jax.make_jaxpr(function)(*lanes)) else function)(*lanes)

    return chosen


def _loops(program: Any) -> bool:
    """Whether a loop runs until something holds, at any depth."""
    inner = getattr(program, "jaxpr", program)
    for step in inner.eqns:
        if step.primitive.name == "while":
            return True
        for value in step.params.values():
            parts = value if isinstance(value, (tuple, list)) else (value,)
            if any(hasattr(getattr(p, "jaxpr", p), "eqns") and _loops(p) for p in parts):
                return True
    return False
