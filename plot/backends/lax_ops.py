"""The JAX meaning of lane operations, on float32 lanes or with truth values as booleans."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
import jax.numpy as jnp
from jax.typing import DTypeLike
from jaxtyping import Array

from plot.compiler.ops import OPS, Kind

type Lane = Array


def _gamma_quantile(shape: Lane, u: Lane) -> Lane:
    from tensorflow_probability.substrates.jax import math as tfp_math

    return tfp_math.igammainv(shape, u)


def _beta_quantile(a: Lane, b: Lane, u: Lane) -> Lane:
    from tensorflow_probability.substrates.jax import math as tfp_math

    # At one half its root finder stops before it has begun; a small step aside it is right.
    step = jnp.maximum(jnp.finfo(u.dtype).eps, 1e-8)
    aside = jnp.where(jnp.abs(u - 0.5) < 1e-9, step, 0).astype(u.dtype)
    return tfp_math.betaincinv(a, b, u + aside)


def _t_quantile(df: Lane, u: Lane) -> Lane:
    from tensorflow_probability.substrates.jax import distributions as tfd

    inside = jnp.maximum(u, jnp.finfo(u.dtype).epsneg)  # a uniform can be 0, the quantile infinite
    return tfd.StudentT(df, jnp.zeros_like(df), jnp.ones_like(df)).quantile(inside)


NUMERIC: dict[str, Callable[..., Lane]] = {
    "add": jnp.add,
    "sub": jnp.subtract,
    "mul": jnp.multiply,
    "div": jnp.divide,
    "min": jnp.minimum,
    "max": jnp.maximum,
    "pow": jnp.power,
    "mod": jnp.mod,
    "rem": jnp.fmod,
    "atan2": jnp.arctan2,
    "floor": jnp.floor,
    "ceil": jnp.ceil,
    "round": lambda x: jnp.floor(x + 0.5),
    "abs": jnp.abs,
    "exp": jnp.exp,
    "log": jnp.log,
    "sqrt": jnp.sqrt,
    "sin": jnp.sin,
    "cos": jnp.cos,
    "tan": jnp.tan,
    "asin": jnp.arcsin,
    "acos": jnp.arccos,
    "atan": jnp.arctan,
    "lgamma": jax.scipy.special.gammaln,
    "identity": lambda x: x,
    "normal_quantile": jax.scipy.special.ndtri,
    "gamma_quantile": _gamma_quantile,
    "beta_quantile": _beta_quantile,
    "t_quantile": _t_quantile,
}
RELATIONS: dict[str, Callable[[Lane, Lane], Lane]] = {
    "lt": jnp.less,
    "le": jnp.less_equal,
    "eq": jnp.equal,
}

STRIPE = 128  # worlds

# Operations that take long to compile; the lane machine holds them in a variant of its own.
HEAVY = frozenset({"gamma_quantile", "beta_quantile", "t_quantile"})


def as_truth(x: Lane) -> Lane:
    """A lane as booleans."""
    return x if x.dtype == jnp.bool_ else x != 0


def as_number(x: Lane, dtype: DTypeLike = jnp.float32) -> Lane:
    """A lane of numbers, truth values as 0 and 1."""
    return x.astype(dtype)


def any_world(lane: Lane) -> Lane:
    """Whether a truth value holds in some world; worlds are a multiple of `STRIPE`.

    Stripe by stripe first: XLA takes several times as long to reduce a whole lane at once on a CPU.
    """
    stripe = jax.lax.reduce_or(as_truth(lane).reshape(-1, STRIPE), axes=(0,))
    return jnp.sum(stripe.astype(jnp.int32)) > 0


def apply_typed(
    name: str,
    *args: Lane,
    dtype: DTypeLike = jnp.float32,
    numeric: Mapping[str, Callable[..., Lane]] = NUMERIC,
) -> Lane:
    """An operation where truth values are booleans (the XLA back end and exports).

    Args:
      dtype: of numbers.
      numeric: the functions from numbers to numbers, where not the usual ones.
    """
    if name in NUMERIC:
        return numeric[name](*[as_number(a, dtype) for a in args])
    if name in RELATIONS:
        return RELATIONS[name](*[as_number(a, dtype) for a in args])
    if name == "where":
        condition, a, b = args
        if a.dtype != b.dtype:
            a, b = as_number(a, dtype), as_number(b, dtype)
        return jnp.where(as_truth(condition), a, b)
    if name == "number":
        return as_number(args[0], dtype)
    truths = [as_truth(a) for a in args]
    return {"not": jnp.logical_not, "and": jnp.logical_and, "or": jnp.logical_or}[name](*truths)


def apply_flat(name: str, a: Lane, b: Lane, c: Lane) -> Lane:
    """An operation where every lane is float32, truth values 0 and 1 (the lane machine)."""
    if name in NUMERIC:
        return NUMERIC[name](*(a, b, c)[: OPS[name].arity])
    if name in RELATIONS:
        return RELATIONS[name](a, b).astype(jnp.float32)
    return _FLAT[name](a, b, c)


_FLAT: dict[str, Callable[[Lane, Lane, Lane], Lane]] = {
    "where": lambda a, b, c: jnp.where(a != 0, b, c),
    "number": lambda a, b, c: a,
    "not": lambda a, b, c: 1 - a,
    "and": lambda a, b, c: a * b,
    "or": lambda a, b, c: jnp.maximum(a, b),
}

assert set(OPS) == NUMERIC.keys() | RELATIONS.keys() | _FLAT.keys()
assert all(OPS[n].result is Kind.BOOLEAN for n in RELATIONS)
