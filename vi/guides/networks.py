"""Flax modules as pure functions of plain parameters, and a few that guides are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, PRNGKeyArray

type Activation = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class Network:
    """A Flax NNX module as a pure function: parameters are a plain dictionary of arrays.

    Args:
      make: builds the module; called with its random streams.

    >>> network = Network(lambda rngs: nnx.Linear(2, 3, rngs=rngs))
    >>> params = network.init(jax.random.key(0))
    >>> network(params, jnp.ones(2)).shape
    (3,)
    """

    make: Callable[[nnx.Rngs], nnx.Module]

    @cached_property
    def _graph(self) -> Any:
        return nnx.split(nnx.eval_shape(lambda: self.make(nnx.Rngs(0))))[0]

    def init(self, key: PRNGKeyArray) -> dict[str, Any]:
        """New parameters."""
        return nnx.to_pure_dict(nnx.split(self.make(nnx.Rngs(key)))[1])

    def module(self, params: Any) -> Any:
        """The module with these parameters."""
        return nnx.merge(self._graph, params)

    def __call__(self, params: Any, *inputs: Any) -> Any:
        """Run the module."""
        return self.module(params)(*inputs)


class MLP(nnx.Module):
    """Layers, each a linear map and an activation; the last is linear.

    Args:
      sizes: numbers of the input, of each hidden layer, and of the output.
      rngs: random streams.
      activation: between layers.
      small: start the last layer near 0.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        rngs: nnx.Rngs,
        activation: Activation = jax.nn.gelu,
        small: bool = False,
    ):
        pairs = list(pairwise(sizes))
        near_zero = nnx.initializers.normal(1e-3)
        usual = nnx.initializers.lecun_normal()
        self.layers = nnx.List(
            [
                nnx.Linear(
                    a,
                    b,
                    kernel_init=near_zero if small and i == len(pairs) - 1 else usual,
                    rngs=rngs,
                )
                for i, (a, b) in enumerate(pairs)
            ]
        )
        self.activation = activation

    def __call__(self, x: Array) -> Array:
        """`[..., sizes[0]]` to `[..., sizes[-1]]`."""
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        return last(x)


class SetEncoder(nnx.Module):
    """Reads a set of items, in whatever order: each is embedded, and the embeddings are summed.

    Source: Zaheer et al., Deep sets (2017).

    Args:
      item: numbers of an item.
      hidden: of the layers.
      out: numbers of the result.
      rngs: random streams.
    """

    def __init__(self, item: int, hidden: int, out: int, rngs: nnx.Rngs):
        self.embed = MLP((item, hidden, hidden), rngs)
        self.read = MLP((hidden, hidden, out), rngs)

    def __call__(self, items: Array, present: Array | None = None) -> Array:
        """`[out]` from items `[items, item]` and `[items]`, which of them are there (all, where not given)."""
        embedded = self.embed(items)
        if present is not None:
            embedded = jnp.where(present[:, None], embedded, 0)
        return self.read(jax.nn.gelu(embedded.sum(0)))


class MaskedLinear(nnx.Module):
    """A linear map some of whose weights are always 0.

    Args:
      mask: bool `[inputs, outputs]`, which weights there are.
      rngs: random streams.
      small: start near 0.
    """

    def __init__(self, mask: np.ndarray, rngs: nnx.Rngs, small: bool = False):
        init = nnx.initializers.normal(1e-3) if small else nnx.initializers.lecun_normal()
        self.kernel = nnx.Param(init(rngs.params(), mask.shape))
        self.bias = nnx.Param(jnp.zeros(mask.shape[1]))
        # A tuple, so that it is part of the module's structure and not of its parameters.
        self.mask = tuple(tuple(bool(x) for x in row) for row in mask)

    def __call__(self, x: Array) -> Array:
        """`[..., inputs]` to `[..., outputs]`."""
        return x @ jnp.where(jnp.array(self.mask), self.kernel[...], 0) + self.bias[...]
