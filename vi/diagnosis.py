"""Where a value that is not finite comes from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import jax.tree_util as jtu
from jaxtyping import PRNGKeyArray

from vi.errors import LossError

if TYPE_CHECKING:
    from vi.expectation import Objective


def explain(
    objective: Objective, key: PRNGKeyArray, parameters: Any, data: tuple[Any, ...]
) -> LossError:
    """The error that says why an estimate is not finite, naming parameters or addresses."""
    broken = [
        jtu.keystr(path)
        for path, leaf in jtu.tree_leaves_with_path(parameters)
        if not bool(jnp.all(jnp.isfinite(leaf)))
    ]
    if broken:
        return LossError(
            f"the parameter {broken[0]} is not finite",
            hint="a step was too large: lower the learning rate, or clip gradients (optax.clip_by_global_norm)",
        )
    from vi.programs import recording

    # Under a name of its own, as a program that was traced before is not traced again and records nothing.
    afresh = replace(objective, program=lambda *given: objective.program(*given))
    with recording() as found:
        value, gradient = afresh.value_and_gradient(key, parameters, *data)
        jax.block_until_ready(value)
        jax.effects_barrier()
    bad = [(name, address) for name, address, finite in found if not finite]
    if bad:
        name, address = bad[0]
        return LossError(
            f'the log density of {name} at "{address}" is not finite',
            hint="keep the guide inside the support of the model, and scales above zero",
        )
    if bool(jnp.isfinite(value)):
        leaves = jtu.tree_leaves_with_path(gradient)
        names = [jtu.keystr(p) for p, g in leaves if not bool(jnp.all(jnp.isfinite(g)))]
        if names:
            return LossError(
                f"the gradient in the parameter {names[0]} is not finite, though the value is {float(value):.4g}",
                hint="look for a square root, a logarithm or a division at zero",
            )
        return LossError(
            "the estimate is finite with this key and these parameters",
            hint="pass the key and the parameters of the step that failed",
        )
    return LossError(
        "the value is not finite, though every log density of its draws is",
        hint="look for a division by zero or a logarithm of zero in the objective itself",
    )
