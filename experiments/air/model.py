"""Attend, infer, repeat: a model of pictures of several objects, and the guide that looks at them.

Source: Eslami et al., Attend, infer, repeat (2016); Lew et al., Probabilistic programming with
programmable variational inference (PLDI 2024), section 8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import genjax
import jax
import jax.numpy as jnp
from flax import nnx
from jaxtyping import Array, PRNGKeyArray

from experiments.air.pictures import Canvas, glimpse, over_windows, place
from experiments.digits import SIDE
from vi import Reparametrise, target
from vi.guides import MLP, Network
from vi.programs import Target
from vi.strategies import Strategy

PRESENT = 0.5  # probability of one object more, before a picture is seen
NEVER = 1e-6  # probability of an object after one that was not there
NOISE = 0.2  # standard deviation of a pixel


class Seen(NamedTuple):
    """What the guide makes of the next object.

    Args:
      chance: log odds that there is one.
      where: mean and sd of its position, `[2]` each, in half rooms from the middle.
    """

    chance: Array
    where: tuple[Array, Array]


class Attention(nnx.Module):
    """Looks at what is not explained yet.

    The place of the next object is the mean of a map over all windows of 8 by 8 pixels; the map is the
    ink of each window, sharpened, and a correction that is learned.
    """

    def __init__(self, canvas: Canvas, rngs: nnx.Rngs):
        self.canvas = canvas
        self.sharpness = nnx.Param(jnp.array(0.3))
        self.spread = nnx.Param(jnp.array(-2.0))
        self.correct = MLP((SIDE * SIDE, 16, 1), rngs, small=True)
        self.judge = MLP((SIDE * SIDE + 2, 32, 1), rngs)

    def __call__(self, rest: Array) -> Seen:
        """`rest`, `[side, side]`: the picture less what was explained."""
        count = self.canvas.room + 1
        first, *others = self.correct.layers
        assert first.bias is not None
        both = jnp.concatenate([jnp.ones((SIDE * SIDE, 1)), first.kernel[...]], 1)
        each = over_windows(both, rest).reshape(count**2, -1)
        ink, x = each[:, 0], each[:, 1:] + first.bias[...]
        for layer in others:
            x = layer(self.correct.activation(x))
        weights = jax.nn.softmax(self.sharpness[...] * ink + x[:, 0])
        grid = jnp.linspace(-1, 1, count)
        weights = weights.reshape(count, count)
        mean = jnp.stack([weights.sum(1) @ grid, weights.sum(0) @ grid])
        sd = jnp.exp(self.spread[...]) * jnp.ones(2)
        seen = glimpse(rest, corner(mean, self.canvas))
        facts = jnp.stack([ink.max() / 10, rest.sum() / 20])
        chance = self.judge(jnp.concatenate([seen.reshape(-1), facts]))[0]
        return Seen(chance, (mean, sd))


def corner(where: Array, canvas: Canvas) -> Array:
    """The corner of an object in pixels, from its place in half rooms from the middle."""
    return (where + 1) * canvas.room / 2


class Networks(nnx.Module):
    """All that is learned: how objects look, and how to see them."""

    def __init__(self, canvas: Canvas, code: int, hidden: int, rngs: nnx.Rngs):
        self.look = Attention(canvas, rngs)
        self.encode = MLP((SIDE * SIDE, hidden, 2 * code), rngs)
        self.decode = MLP((code, hidden, SIDE * SIDE), rngs)

    def what(self, seen: Array) -> tuple[Array, Array]:
        """Mean and sd of the code of an object, from a glimpse of it."""
        mean, raw = jnp.split(self.encode(seen.reshape(-1)), 2)
        return mean, jax.nn.softplus(raw) + 1e-3

    def draw(self, what: Array) -> Array:
        """How an object looks, `[8, 8]`."""
        return jax.nn.sigmoid(self.decode(what) - 2).reshape(SIDE, SIDE)


@dataclass(frozen=True, eq=False)
class Air:
    """Model and guide of pictures of up to some objects.

    Args:
      canvas: size of pictures, and most objects.
      presence: gradient strategy at the choice whether there is one object more.
      code: numbers that say how an object looks.
      hidden: of the networks.
    """

    canvas: Canvas
    presence: Strategy
    code: int = 10
    hidden: int = 64

    @cached_property
    def networks(self) -> Network:
        """The networks as pure functions."""
        return Network(lambda rngs: Networks(self.canvas, self.code, self.hidden, rngs))

    def init(self, key: PRNGKeyArray) -> Any:
        """Parameters to begin with."""
        return self.networks.init(key)

    def target(self, params: Any, picture: Array) -> Target:
        """The model with a picture observed."""
        return target(self._model, {"picture": picture}, params)

    def guide(self, params: Any, picture: Array) -> Any:
        """The guide that looks at a picture."""
        return self._guide.T(params, picture)

    @cached_property
    def _model(self) -> Any:
        canvas, code = self.canvas, self.code

        def model(params: Any) -> None:
            nets = self.networks.module(params)
            picture, before = jnp.zeros((canvas.side, canvas.side)), jnp.array(1.0)
            for i in range(canvas.most):
                there = genjax.flip(_chance(before, PRESENT)) @ f"present {i}"
                where = genjax.normal(jnp.zeros(2), 0.7) @ f"where {i}"
                what = genjax.normal(jnp.zeros(code), 1.0) @ f"what {i}"
                before = there.astype(jnp.float32)
                picture += before * place(nets.draw(what), corner(where, canvas), canvas.side)
            genjax.normal(picture, NOISE) @ "picture"

        return genjax.gen(model)

    @cached_property
    def _guide(self) -> Any:
        canvas = self.canvas
        normal = Reparametrise()(genjax.normal)

        def guide(params: Any, picture: Array) -> None:
            nets = self.networks.module(params)
            rest, before = picture, jnp.array(1.0)
            for i in range(canvas.most):
                seen = nets.look(rest)
                chance = jnp.clip(jax.nn.sigmoid(seen.chance), 1e-4, 1 - 1e-4)
                there = self.presence(genjax.flip)(_chance(before, chance)) @ f"present {i}"
                before = there.astype(jnp.float32)
                # An object that is not there is as the model has it, so that it counts for nothing.
                where = normal(*_either(before, seen.where, (0.0, 0.7))) @ f"where {i}"
                at = corner(where, canvas)
                belief = nets.what(glimpse(rest, at))
                what = normal(*_either(before, belief, (0.0, 1.0))) @ f"what {i}"
                rest = rest - before * place(nets.draw(what), at, canvas.side)

        return genjax.gen(guide)

    def explain(self, params: Any, picture: Array) -> tuple[Array, Array, Array]:
        """The likeliest reading of a picture: number of objects, their corners, the picture drawn again.

        Args:
          picture: `[side, side]`.

        Returns:
          A number, corners `[most, 2]` in pixels (NaN where there is no object), and a picture.
        """
        nets = self.networks.module(params)
        rest, there, corners = picture, jnp.array(1.0), []
        count = jnp.array(0.0)
        for _ in range(self.canvas.most):
            seen = nets.look(rest)
            there = there * (seen.chance > 0)
            at = corner(seen.where[0], self.canvas)
            mean, _ = nets.what(glimpse(rest, at))
            rest = rest - there * place(nets.draw(mean), at, self.canvas.side)
            corners.append(jnp.where(there > 0, at, jnp.nan))
            count = count + there
        return count.astype(jnp.int32), jnp.stack(corners), picture - rest


def _chance(before: Array, chance: Array | float) -> Array:
    return before * chance + (1 - before) * NEVER


def _either(there: Array, seen: tuple[Array, Array], prior: tuple[float, float]) -> tuple:
    return tuple(jnp.where(there > 0, s, p) for s, p in zip(seen, prior, strict=True))


type Objective = Callable[[Target, Any], Array]
