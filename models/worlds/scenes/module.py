"""The module `renderer`: what world models in PLoT call for a picture of their things.

A thing is its number in `KINDS`, `COLORS` and `SIZES` and where it stands; there are twelve of each, of
which the first `count` are there.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from models.worlds.scenes.pictures import checked
from models.worlds.scenes.renderer import NOISE, PLACES, Scene, log_likelihood, render
from plot.errors import TypeMismatch
from plot.modules import Module, ModuleFunction, register

SMALL = (6, 11)  # pixels of a picture that is handed over number by number
SCENE = "number (list number) (list number) (list number) (list number) (list number)"


def _scene(
    count: Array,
    kinds: list[Array],
    colors: list[Array],
    sizes: list[Array],
    across: list[Array],
    away: list[Array],
) -> Scene:
    lists = kinds, colors, sizes, across, away
    if {len(part) for part in lists} != {PLACES}:
        found = ", ".join(str(len(part)) for part in lists)
        raise TypeMismatch(
            f"a scene has {PLACES} places, and these lists are {found} long",
            None,
            "fill up the lists; only the first `count` things are drawn",
        )
    finite = [jnp.stack(part, -1).astype(int) for part in lists[:3]]
    places = [jnp.stack(part, -1).astype(jnp.float32) for part in lists[3:]]
    return Scene(count.astype(int), *finite, *places)


def _rendered(*parts: Array | list[Array]) -> list[Array]:
    pictures = _small(_scene(*parts))  # type: ignore[arg-type]
    return [*pictures.reshape(len(pictures), -1).T]


_small = jax.jit(jax.vmap(lambda scene: render(scene, SMALL)))


def seen(picture: np.ndarray, noise: float = NOISE) -> Module:
    """A module `seen` with a function `fit`: how well a scene explains a picture.

    Args:
      picture: `[34, 62, 3]`.
      noise: standard deviation of each channel of each pixel.

    Returns:
      To be registered; `fit` takes a scene as `render` does and gives the log density of the picture.

    Raises:
      PictureError: where the picture is none of a table.

    >>> seen(np.zeros((34, 62, 3))).functions[0].name
    'fit'
    """
    shown = jnp.asarray(checked(picture))
    fit = jax.jit(jax.vmap(lambda scene: log_likelihood(shown, render(scene), noise)))
    meaning = "log density of the picture that was seen"
    return Module(
        "seen",
        (ModuleFunction("fit", f"(-> {SCENE} number)", meaning, lambda *p: fit(_scene(*p))),),
        public=False,
    )


register(
    Module(
        "renderer",
        (
            ModuleFunction(
                "render",
                f"(-> {SCENE} (list number))",
                f"a picture of {SMALL[0]} x {SMALL[1]} pixels, red, green and blue of each",
                _rendered,
            ),
        ),
        public=False,
    )
)
