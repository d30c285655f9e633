"""The JAX meaning of lane operations, on float32 lanes or with truth values as booleans."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array

from plot.compiler.ops import OPS, Kind

type Lane = Array


def _gamma_quantile(shape: Lane, u: Lane) -> Lane:
    from tensorflow_probability.substrates.jax import math as tfp_math

    return tfp_math.igammainv(shape, u)


def _beta_quantile(a: Lane, b: Lane, u: Lane) -> Lane:
    from tensorflow_probability.substrates.jax import math as tfp_math

    return tfp_math.betaincinv(a, b, u)


def _t_quantile(df: Lane, u: Lane) -> Lane:
    """Student's t by the beta quantile: t² / (df + t²) is beta(1/2, df/2) distributed."""
    away = jnp.abs(2 * u - 1)
    share = _beta_quantile(jnp.full_like(df, 0.5), df / 2, away)
    return jnp.sign(u - 0.5) * jnp.sqrt(df * share / (1 - share))


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

# Operations that take long to compile; the lane machine holds them in a variant of its own.
HEAVY = frozenset({"gamma_quantile", "beta_quantile", "t_quantile"})


def as_truth(x: Lane) -> Lane:
    """A lane as booleans."""
    return x if x.dtype == jnp.bool_ else x != 0


def as_number(x: Lane) -> Lane:
    """A lane as float32, truth values as 0 and 1."""
    return x.astype(jnp.float32)


def apply_typed(name: str, *args: Lane) -> Lane:
    """An operation where truth values are booleans (the XLA back end)."""
    if name in NUMERIC:
        return NUMERIC[name](*map(as_number, args))
    if name in RELATIONS:
        return RELATIONS[name](*map(as_number, args))
    if name == "where":
        condition, a, b = args
        if a.dtype != b.dtype:
            a, b = as_number(a), as_number(b)
        return jnp.where(as_truth(condition), a, b)
    if name == "number":
        return as_number(args[0])
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
