"""The operations of lane nodes, with their NumPy meaning (back ends add a JAX one)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from scipy import special


class Kind(Enum):
    """What a lane holds: a number (float32) or a truth value."""

    NUMBER = "number"
    BOOLEAN = "boolean"


@dataclass(frozen=True)
class Op:
    """One operation: its name, how many operands it takes, and what it computes."""

    name: str
    arity: int
    numpy: Callable[..., np.ndarray]
    result: Kind = Kind.NUMBER
    commutes: bool = False


def _half_up(x: np.ndarray) -> np.ndarray:
    return np.floor(np.asarray(x) + 0.5)


def _number(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, dtype=float)


_NUMERIC = [
    Op("add", 2, np.add, commutes=True),
    Op("sub", 2, np.subtract),
    Op("mul", 2, np.multiply, commutes=True),
    Op("div", 2, np.divide),
    Op("min", 2, np.minimum, commutes=True),
    Op("max", 2, np.maximum, commutes=True),
    Op("pow", 2, np.power),
    Op("mod", 2, np.mod),
    Op("rem", 2, np.fmod),
    Op("atan2", 2, np.arctan2),
    Op("floor", 1, np.floor),
    Op("ceil", 1, np.ceil),
    Op("round", 1, _half_up),
    Op("abs", 1, np.abs),
    Op("exp", 1, np.exp),
    Op("log", 1, np.log),
    Op("sqrt", 1, np.sqrt),
    Op("sin", 1, np.sin),
    Op("cos", 1, np.cos),
    Op("tan", 1, np.tan),
    Op("asin", 1, np.arcsin),
    Op("acos", 1, np.arccos),
    Op("atan", 1, np.arctan),
    Op("lgamma", 1, special.gammaln),
    Op("number", 1, _number),
    Op("identity", 1, np.asarray),  # a finite variable that stands for what it is made of
    Op("where", 3, np.where),
    # Quantile functions: the last operand is the uniform that the draw is made from.
    Op("normal_quantile", 1, special.ndtri),
    Op("gamma_quantile", 2, lambda a, u: special.gammaincinv(a, u)),
    Op("beta_quantile", 3, lambda a, b, u: special.betaincinv(a, b, u)),
    Op("t_quantile", 2, lambda df, u: special.stdtrit(df, u)),
]
_TRUTH = [
    Op("lt", 2, np.less, Kind.BOOLEAN),
    Op("le", 2, np.less_equal, Kind.BOOLEAN),
    Op("eq", 2, np.equal, Kind.BOOLEAN, commutes=True),
    Op("not", 1, np.logical_not, Kind.BOOLEAN),
    Op("and", 2, np.logical_and, Kind.BOOLEAN, commutes=True),
    Op("or", 2, np.logical_or, Kind.BOOLEAN, commutes=True),
]

OPS: dict[str, Op] = {op.name: op for op in [*_NUMERIC, *_TRUTH]}

# Rows of randomness, not operations: one value a world, drawn by the back end.
UNIFORM, NORMAL = "uniform", "normal"

# Rows that a loop draws anew in each round: arguments are the site and the loops' counters.
LOOP_UNIFORM, LOOP_NORMAL = "loop_uniform", "loop_normal"
LOOP_ROWS = {UNIFORM: LOOP_UNIFORM, NORMAL: LOOP_NORMAL}

# A call of a module's function: its arguments in a bundle, the call (arguments are the function's
# position in `Graph.externals` and a bundle), and one of its results (the call and a position).
BUNDLE, EXTERNAL, PART = "bundle", "external", "part"

# A loop's variable in a round, and after the last: arguments are the loop and its variable.
LOOP_VARIABLE, LOOP_OUT = "loop_variable", "loop_out"
