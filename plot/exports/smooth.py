"""Lane operations whose derivatives are finite wherever they are asked for.

Both arms of an `if` are computed in every world, so an arm that is not taken can stand at the root
of a negative number. Its derivative, not a number, would spread through the sum over arms; here it
counts as 0. In an arm that is taken, the value itself tells: it is infinite or not a number.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from plot.backends.lax_ops import NUMERIC, Lane


def steady(function: Callable[..., Lane]) -> Callable[..., Lane]:
    """An elementwise function with each derivative that is not finite replaced by 0.

    >>> root = steady(jnp.sqrt)
    >>> [float(jax.grad(root)(x)) for x in (4.0, -1.0)]
    [0.25, 0.0]
    """

    @jax.custom_jvp
    def run(*args: Lane) -> Lane:
        return function(*args)

    @run.defjvp
    def derivative(primals: tuple[Lane, ...], tangents: tuple[Lane, ...]) -> tuple[Lane, Lane]:
        value, linear = jax.linearize(function, *primals)
        change = jnp.zeros_like(value)
        for i, tangent in enumerate(tangents):
            basis = [jnp.full_like(x, i == j) for j, x in enumerate(primals)]
            slope = linear(*basis)
            change = change + jnp.where(jnp.isfinite(slope), slope, 0) * tangent
        return value, change

    def aligned(*args: Lane) -> Lane:
        return run(*jnp.broadcast_arrays(*args))

    return aligned


# Of these the derivatives are finite wherever the operands are.
_PLAIN = frozenset(
    {"add", "sub", "floor", "ceil", "round", "identity", "sin", "cos", "atan", "abs"}
)

SMOOTH: dict[str, Callable[..., Lane]] = {
    name: function if name in _PLAIN else steady(function) for name, function in NUMERIC.items()
}
