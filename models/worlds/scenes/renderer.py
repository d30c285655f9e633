"""A picture of a table from what stands on it: batched, differentiable, near things before far ones.

Seen from the front and a little above: `across` runs along the picture, `away` up it. Each kind of
thing is drawn as a few smooth shapes; edges are soft over a pixel, so pictures have derivatives with
respect to places.
"""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

PLACES = 12
COLORS = ("red", "blue", "green", "yellow")
KINDS = ("mug", "plate", "bowl", "glass", "box")
SIZES = ("big", "small")
WIDTH, DEPTH = 100.0, 60.0  # of the table, in centimetres
LEFT, RIGHT, BOTTOM, TOP = -12.0, 112.0, -6.0, 62.0  # edges of the picture
RISE = 0.55  # how much higher a thing appears for each centimetre that it is away
SHAPE = (34, 62)  # pixels: two centimetres each
NOISE = 0.08  # standard deviation of a channel of a pixel
# How far from its foot a thing can be seen on the picture, in centimetres: beyond, it covers pixels by less
# than one part in 10,000.
BESIDE, BELOW, ABOVE = 33.0, 6.0, 26.0

_PAINT = np.array(
    [(0.84, 0.20, 0.18), (0.16, 0.36, 0.80), (0.16, 0.62, 0.30), (0.95, 0.78, 0.12)], np.float32
)
_CLOTH, _WALL = np.array([0.80, 0.74, 0.66], np.float32), np.array([0.93, 0.93, 0.92], np.float32)
_SCALE = np.array([1.0, 0.58], np.float32)
# Half widths and heights of the bodies, in centimetres, at full size; by kind.
_HALF = np.array([6.0, 11.0, 9.0, 4.2, 11.0], np.float32)
_HIGH = np.array([12.0, 4.4, 8.5, 17.0, 19.0], np.float32)


class Scene(NamedTuple):
    """What stands on a table; all arrays have the same leading axes.

    Args:
      count: int `[...]`, things at places 0 to count - 1.
      kind, color, size: int `[..., 12]`, indices into `KINDS`, `COLORS` and `SIZES`.
      across, away: float `[..., 12]`, centimetres from the left and from the front edge.
    """

    count: Int[Array, ...]
    kind: Int[Array, "... places"]
    color: Int[Array, "... places"]
    size: Int[Array, "... places"]
    across: Float[Array, "... places"]
    away: Float[Array, "... places"]


class Layer(NamedTuple):
    """What one thing puts on a picture.

    Args:
      cover: how far it covers each pixel, 0 to 1.
      paint: its color there.
    """

    cover: Float[Array, "height width"]
    paint: Float[Array, "height width 3"]


def render(scene: Scene, shape: tuple[int, int] = SHAPE) -> Float[Array, "height width 3"]:
    """The picture of one scene; `jax.vmap` makes pictures of many.

    Args:
      scene: without leading axes.
      shape: height and width in pixels.

    Returns:
      Red, green and blue from 0 to 1, the top row first.

    >>> empty = Scene(0, *(jnp.zeros(12, int) for _ in range(3)), *(jnp.zeros(12) for _ in range(2)))
    >>> render(empty).shape
    (34, 62, 3)

    Source: the scenes of arXiv 2306.12672, section 3.2; compositing after Porter and Duff (1984).
    """
    return compose(layers(scene, shape), scene.away, scene.count)


def layers(scene: Scene, shape: tuple[int, int] = SHAPE) -> Layer:
    """What each thing puts on the picture; arrays of `Layer` with one more axis of 12 in front."""
    things = scene.kind, scene.color, scene.size, scene.across, scene.away
    return jax.vmap(partial(layer, shape=shape))(*things)


def compose(
    layers: Layer,
    away: Float[Array, " places"],
    count: Int[Array, ""],
    instead: tuple[Int[Array, ""], Layer] | None = None,
) -> Float[Array, "height width 3"]:
    """Layers one over another, the farthest first, on the empty table.

    Args:
      layers: of the things, one more axis in front.
      away: centimetres from the front edge.
      count: how many of the things are there, the first ones.
      instead: of one of the things, its place and another layer to take.

    Source: Porter and Duff, Compositing digital images (1984).
    """
    places, height, width = layers.cover.shape
    y = TOP - (TOP - BOTTOM) * (jnp.arange(height) + 0.5) / height
    edge = _step(RISE * DEPTH + 4 - y, _soft(width))[:, None, None]
    background = jnp.broadcast_to(_CLOTH * edge + _WALL * (1 - edge), (height, width, 3))

    def over(picture: Array, place: Array) -> Array:
        cover, paint = layers.cover[place], layers.paint[place]
        if instead is not None:
            other, new = instead
            cover = jnp.where(place == other, new.cover, cover)
            paint = jnp.where(place == other, new.paint, paint)
        return picture * (1 - cover[..., None]) + paint * cover[..., None]

    def follow(picture: Array, place: Array) -> tuple[Array, None]:
        return jax.lax.cond(place < count, over, lambda picture, _: picture, picture, place), None

    there = jnp.arange(places) < count
    return jax.lax.scan(follow, background, jnp.argsort(jnp.where(there, -away, jnp.inf)))[0]


def body(scene: Scene, place: int) -> tuple[float, float, float, float]:
    """Left, bottom, width and height of a thing in the picture's plane, in centimetres; no leading axes."""
    kind, scale = int(scene.kind[place]), float(_SCALE[int(scene.size[place])])
    wide, high = 2 * scale * float(_HALF[kind]), scale * float(_HIGH[kind])
    return float(scene.across[place]) - wide / 2, RISE * float(scene.away[place]), wide, high


def log_likelihood(
    picture: Float[Array, "height width 3"],
    clean: Float[Array, "height width 3"],
    noise: float | Array = NOISE,
) -> Float[Array, ""]:
    """Log density of a picture given its scene's clean one: normal noise on each channel of each pixel.

    >>> grey = jnp.full((2, 2, 3), 0.5)
    >>> bool(log_likelihood(grey, grey) > log_likelihood(grey, grey + 0.1))
    True
    """
    off = (picture - clean) / noise
    return -0.5 * jnp.sum(off**2) - picture.size * jnp.log(noise * jnp.sqrt(2 * jnp.pi))


def _step(inside: Array, soft: Array | float) -> Array:
    """1 well inside an edge, 0 well outside."""
    return jax.nn.sigmoid(3 * inside / soft)


def _box(x: Array, y: Array, half: Array, low: Array | float, high: Array) -> Array:
    """Distance into an upright rectangle; negative outside."""
    return jnp.minimum(half - jnp.abs(x), jnp.minimum(y - low, high - y))


def _oval(x: Array, y: Array, half: Array, tall: Array) -> Array:
    """About the distance into an ellipse."""
    return (1 - jnp.sqrt((x / half) ** 2 + (y / tall) ** 2 + 1e-6)) * jnp.minimum(half, tall)


def _soft(width: int) -> float:
    """Half a pixel, in centimetres."""
    return (RIGHT - LEFT) / width / 2


def layer(
    kind: Int[Array, ""],
    color: Int[Array, ""],
    size: Int[Array, ""],
    across: Float[Array, ""],
    away: Float[Array, ""],
    shape: tuple[int, int] = SHAPE,
) -> Layer:
    """What a thing puts on a picture; arguments as in `Scene`."""
    height, width = shape
    down, along = jnp.arange(height), jnp.arange(width)
    return _part(kind, color, size, across, away, shape, down, along)


def near_layer(
    kind: Int[Array, ""],
    color: Int[Array, ""],
    size: Int[Array, ""],
    across: Float[Array, ""],
    away: Float[Array, ""],
    shape: tuple[int, int] = SHAPE,
) -> Layer:
    """The same, worked out where the thing can be seen only: three times as fast, off by 1e-4 at most."""
    part, corner = near_part(kind, color, size, across, away, shape)
    return Layer(
        jax.lax.dynamic_update_slice(jnp.zeros(shape), part.cover, corner),
        jax.lax.dynamic_update_slice(jnp.zeros((*shape, 3)), part.paint, (*corner, 0)),
    )


def near_part(
    kind: Int[Array, ""],
    color: Int[Array, ""],
    size: Int[Array, ""],
    across: Float[Array, ""],
    away: Float[Array, ""],
    shape: tuple[int, int] = SHAPE,
) -> tuple[Layer, tuple[Array, Array]]:
    """What a thing puts on the part of a picture where it can be seen, and that part's first row and column."""
    height, width = shape
    tall, wide = (TOP - BOTTOM) / height, (RIGHT - LEFT) / width  # of a pixel
    rows = min(height, math.ceil((ABOVE + BELOW) / tall) + 1)
    columns = min(width, math.ceil(2 * BESIDE / wide) + 1)
    first_row = jnp.floor((TOP - RISE * away - ABOVE) / tall).astype(jnp.int32)
    first_column = jnp.floor((across - BESIDE - LEFT) / wide).astype(jnp.int32)
    corner = jnp.clip(first_row, 0, height - rows), jnp.clip(first_column, 0, width - columns)
    down, along = corner[0] + jnp.arange(rows), corner[1] + jnp.arange(columns)
    return _part(kind, color, size, across, away, shape, down, along), corner


def _part(
    kind: Array,
    color: Array,
    size: Array,
    across: Array,
    away: Array,
    shape: tuple[int, int],
    down: Array,
    along: Array,
) -> Layer:
    """What a thing puts on some rows and columns of a picture."""
    height, width = shape
    xs = LEFT + (RIGHT - LEFT) * (along + 0.5) / width
    ys = TOP - (TOP - BOTTOM) * (down + 0.5) / height
    scale = jnp.asarray(_SCALE)[size]
    x = (xs[None, :] - across) / scale
    y = (ys[:, None] - RISE * away) / scale
    soft = _soft(width) / scale
    half, high = jnp.asarray(_HALF)[kind], jnp.asarray(_HIGH)[kind]
    body = _box(x, y, half, 0.0, high)
    rim = 0.22 * half  # half height of the round opening as it is seen
    opening = _oval(x, y - high, half, rim)
    foot = _oval(x, y, half, rim)
    pot = jnp.maximum(jnp.maximum(body, foot), opening)
    ring = jnp.sqrt((x - half - 0.5) ** 2 + ((y - 0.5 * high) * 0.8) ** 2 + 1e-6)
    handle = jnp.minimum(1.3 - jnp.abs(ring - 3.0), x - half + 0.3)
    taper = _box(x, y, half * (0.72 + 0.28 * y / high), 0.0, high)
    # The box shows its top as a sheared lid.
    lid = _box(x - 0.45 * (y - 0.72 * high), y, half, 0.72 * high, high)
    front = _box(x, y, half, 0.0, 0.72 * high)
    flat = _oval(x, y - 0.5 * high, half, 0.5 * high)
    hollow = jnp.minimum(_oval(x, y - high, half, high * 1.02), high - y)
    bowl = jnp.maximum(hollow, opening)
    covers = jnp.stack(
        [jnp.maximum(pot, handle), flat, bowl, jnp.maximum(taper, opening), jnp.maximum(front, lid)]
    )
    cover = _step(covers[kind], soft)
    # Light: an opening is dark, the well of a plate and the lid of a box are pale, a glass shines.
    inner = _oval(x, y - 0.5 * high, 0.62 * half, 0.31 * high)
    shine = _box(x + 0.45 * half, y - 0.3 * high, 0.13 * half, 0.0, 0.45 * high)
    dark, pale = -0.42, 0.5
    lights = jnp.stack(
        [
            dark * _step(opening - 0.3, soft),
            pale * _step(inner, soft),
            dark * _step(opening - 0.3, soft),
            pale * _step(shine + 0.4, soft) + 0.28 - 0.35 * _step(opening, soft),
            0.55 * pale * _step(lid, soft),
        ]
    )
    light = lights[kind] - 0.12 * jnp.tanh(x / half)
    paint = jnp.asarray(_PAINT)[color]
    bright, deep = jnp.clip(light, 0, 1)[..., None], jnp.clip(-light, 0, 1)[..., None]
    return Layer(cover, (paint * (1 - bright) + bright) * (1 - deep))
