"""The loop: estimate a gradient, take a step, look at the loss."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Array, PRNGKeyArray

from vi.fitting.checkpoints import Keeper
from vi.fitting.curve import Curve
from vi.fitting.errors import NotFinite
from vi.fitting.options import FitOptions

HINT = "; lower the learning rate, or clip gradients (optax.clip_by_global_norm)"

type Explain = Callable[[PRNGKeyArray, Any], object]


class Estimator(Protocol):
    """An estimate of a loss and of its gradient, a pure function of a key and the parameters."""

    def __call__(self, key: PRNGKeyArray, params: Any, /) -> tuple[Array, Any]: ...


@dataclass(frozen=True, eq=False)
class Fitted:
    """Parameters after a fit, and how it went.

    Args:
      params: as they are after the last step.
      curve: loss and size of the gradient at each step.
      stopped: why it ended.
      seconds: of this run; what was done before it resumed is not in them.
      resumed: the steps that a checkpoint had.
    """

    params: Any
    curve: Curve
    stopped: str
    seconds: float
    resumed: int = 0
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        mean, error = self.curve.last()
        head = f"{len(self.curve):,} steps in {self.seconds:.1f} s, {self.stopped}"
        if self.resumed:
            head += f" (resumed at step {self.resumed:,})"
        return "\n".join([head, f"loss over the last tenth: {mean:.5g} ± {error:.2g}", *self.notes])


def loss_and_gradient(loss: Callable[[PRNGKeyArray, Any], Array]) -> Estimator:
    """The estimator of a loss whose own derivative estimates that of its mean.

    >>> value, gradient = loss_and_gradient(lambda key, x: x**2)(jax.random.key(0), 3.0)
    >>> value.item(), gradient.item()
    (9.0, 6.0)
    """
    derivative = jax.value_and_grad(lambda params, key: loss(key, params))
    return lambda key, params: derivative(params, key)


def optimise(
    key: PRNGKeyArray,
    estimator: Estimator,
    params: Any,
    options: FitOptions = FitOptions(),
    progress: Callable[[int], None] | None = None,
    explain: Explain | None = None,
) -> Fitted:
    """Take steps down the estimated gradient of a loss.

    Step number `i` uses the key folded with `i`, so a fit that was interrupted and resumed comes to
    the same numbers as one that was not.

    Args:
      key: the seed.
      estimator: of the loss and its gradient.
      params: any tree of float arrays; where to begin.
      options: how.
      progress: called with the number of steps done, after each chunk.
      explain: why a loss is not finite, from the key and the parameters of its step (an error of
        `Objective.explain`, or text); None where it does not know.

    Raises:
      NotFinite: where a loss or gradient is not finite, with the step and the address.
      CheckpointError: where the folder holds another fit.

    >>> noisy = loss_and_gradient(lambda key, x: (x - 2 - jax.random.normal(key)) ** 2)
    >>> fitted = optimise(jax.random.key(0), noisy, 0.0, FitOptions(500, optax.adam(0.05)))
    >>> abs(fitted.params.item() - 2) < 0.5
    True
    """
    began = time.perf_counter()
    params = jax.tree.map(_strong, params)
    state = (params, jax.tree.map(_strong, options.optimiser.init(params)))
    keeper = None if options.checkpoints is None else Keeper(options.checkpoints, key, state)
    done, losses, norms = 0, np.zeros(0, np.float32), np.zeros(0, np.float32)
    try:
        kept = keeper.newest() if keeper is not None else None
        if kept is not None:
            done, state, losses, norms = kept
        resumed, stopped = done, "all steps done"
        run = partial(_chunk, estimator, options.optimiser, options.accumulate, options.chunk)
        try:
            while done < options.steps:
                if options.stop is not None and options.stop.reached(losses):
                    stopped = f"at rest: no progress in {options.stop.steps:,} steps"
                    break
                # Up to a multiple of the chunk, so that looks at the loss fall on the same steps.
                goal = min((done // options.chunk + 1) * options.chunk, options.steps)
                state, count, more_losses, more_norms = run(state, key, done, goal - done)
                taken = int(count)
                losses = np.concatenate([losses, np.asarray(more_losses)[:taken]])
                norms = np.concatenate([norms, np.asarray(more_norms)[:taken]])
                before, done = done, done + taken
                if done < goal:
                    value = float(np.asarray(more_losses)[taken])
                    raise _not_finite(key, estimator, state[0], done, value, options, explain)
                if keeper is not None and keeper.due(before, done):
                    keeper.save(done, state, losses, norms)
                if progress is not None:
                    progress(done)
        except KeyboardInterrupt:
            if keeper is not None:
                keeper.save(done, state, losses, norms)
            raise
        if keeper is not None:
            keeper.save(done, state, losses, norms)
    finally:
        if keeper is not None:
            keeper.close()
    seconds = time.perf_counter() - began
    return Fitted(state[0], Curve(losses, norms), stopped, seconds, resumed)


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _chunk(
    estimator: Estimator,
    optimiser: optax.GradientTransformation,
    accumulate: int,
    size: int,
    state: tuple[Any, Any],
    key: PRNGKeyArray,
    first: Array,
    count: Array,
) -> tuple[tuple[Any, Any], Array, Array, Array]:
    """Some steps; ends before the first that is not finite, whose loss is the last that is written."""

    def going(carry: Any) -> Array:
        _, i, ok, _, _ = carry
        return ok & (i < count)

    def step(carry: Any) -> Any:
        (params, inner), i, _, losses, norms = carry
        loss, gradient = _estimate(
            estimator, accumulate, jax.random.fold_in(key, first + i), params
        )
        norm = optax.tree.norm(gradient)
        ok = jnp.isfinite(loss) & jnp.isfinite(norm)
        updates, new_inner = optimiser.update(gradient, inner, params)
        new = (optax.apply_updates(params, updates), new_inner)
        kept = jax.tree.map(lambda a, b: jnp.where(ok, a, b), new, (params, inner))
        written = losses.at[i].set(loss), norms.at[i].set(norm)
        return kept, i + ok, ok, *written

    empty = jnp.zeros(size, jnp.float32)
    begin = (state, jnp.zeros((), jnp.int32), jnp.ones((), jnp.bool_), empty, empty)
    state, taken, _, losses, norms = jax.lax.while_loop(going, step, begin)
    return state, taken, losses, norms


def _strong(x: Any) -> Array:
    """An array whose type is its own: one that came of a Python number would be compiled for twice."""
    x = jnp.asarray(x)
    return jax.lax.convert_element_type(x, x.dtype) if not _is_key(x) else x


def _is_key(x: Array) -> bool:
    return jnp.issubdtype(x.dtype, jax.dtypes.prng_key)


def _estimate(
    estimator: Estimator, accumulate: int, key: PRNGKeyArray, params: Any
) -> tuple[Array, Any]:
    if accumulate == 1:
        return estimator(key, params)

    def add(total: Any, inner: PRNGKeyArray) -> tuple[Any, None]:
        return jax.tree.map(jnp.add, total, estimator(inner, params)), None

    first, *_ = keys = jax.random.split(key, accumulate)
    total, _ = jax.lax.scan(add, estimator(first, params), keys[1:])
    return jax.tree.map(lambda x: x / accumulate, total)


def _not_finite(
    key: PRNGKeyArray,
    estimator: Estimator,
    params: Any,
    done: int,
    value: float,
    options: FitOptions,
    explain: Explain | None,
) -> NotFinite:
    """The error of the step after `done`, computed once more to find where it comes from."""
    inner = jax.random.fold_in(key, done)
    keys = [inner] if options.accumulate == 1 else list(jax.random.split(inner, options.accumulate))
    explain = explain or getattr(estimator, "explain", None)
    for each in keys:
        reason = None if explain is None else explain(each, params)
        if reason is not None:
            return NotFinite(done + 1, value, str(reason))
    for path, leaf in jax.tree_util.tree_leaves_with_path(params):
        if not bool(jnp.isfinite(leaf).all()):
            return NotFinite(done + 1, value, f"the parameter {_name(path)} is not finite{HINT}")
    for each in keys:
        for path, leaf in jax.tree_util.tree_leaves_with_path(estimator(each, params)[1]):
            if not bool(jnp.isfinite(leaf).all()):
                where = f"the gradient by the parameter {_name(path)}"
                return NotFinite(done + 1, value, f"{where} is not finite{HINT}")
    return NotFinite(done + 1, value, f"no gradient shows why{HINT}")


def _name(path: Any) -> str:
    return jax.tree_util.keystr(path, simple=True, separator=".") or "(the only one)"
