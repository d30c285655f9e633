"""Pictures of tables: what counts as one, and what is wrong where something does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from models.worlds.scenes.renderer import SHAPE
from plot.errors import PlotError


class PictureError(PlotError):
    """Something that is no picture of a table."""

    kind = "not a picture"


def checked(picture: object) -> np.ndarray:
    """A picture as float32 `[34, 62, 3]`, channels from 0 to 1 but for noise.

    Args:
      picture: such an array, or one of whole numbers from 0 to 255.

    Raises:
      PictureError: where the size, the type or the values are others.

    >>> checked(np.full((34, 62, 3), 255, np.uint8)).max().item()
    1.0
    """
    try:
        found = np.asarray(picture)
    except (TypeError, ValueError):
        found = np.array(None, object)
    if found.dtype.kind not in "uif":
        raise PictureError(
            f"a picture is an array of numbers, and this is of type {type(picture).__name__}"
            f" ({found.dtype})",
            None,
            "load an image file with matplotlib.image.imread first",
        )
    if found.shape != (*SHAPE, 3):
        said = " x ".join(map(str, found.shape)) or "a single number"
        alpha = found.shape[:2] == SHAPE and found.shape[-1:] == (4,)
        raise PictureError(
            f"a picture of a table is {SHAPE[0]} x {SHAPE[1]} x 3 (rows, columns, red-green-blue), "
            f"and this is {said}",
            None,
            "leave out the fourth channel: picture[..., :3]" if alpha else "scale it to that size",
        )
    if found.dtype.kind in "ui":
        found = found / 255
    found = found.astype(np.float32)
    if not np.isfinite(found).all():
        raise PictureError(
            f"{int((~np.isfinite(found)).sum())} numbers of this picture are not finite",
            None,
            "give each channel of each pixel a number from 0 to 1",
        )
    if found.max() > 3 or found.min() < -2:
        raise PictureError(
            f"channels of a picture go from 0 to 1, and these from {found.min():g} to {found.max():g}",
            None,
            "divide by 255, or give whole numbers",
        )
    return found


def from_file(path: str | Path) -> np.ndarray:
    """The picture in an image file, as `checked` gives it; a fourth channel that hides nothing is left out.

    Args:
      path: of a PNG file, or another that Pillow reads.

    Raises:
      PictureError: where it is no picture of a table.
      OSError: where it cannot be read.
    """
    from matplotlib.image import imread

    try:
        found = imread(str(path))
    except OSError:
        raise
    except (SyntaxError, ValueError) as error:  # what Pillow says of damaged files
        raise PictureError(f"{path} is no image, or a damaged one ({error})") from None
    opaque = 255 if found.dtype.kind == "u" else 1
    if found.ndim == 3 and found.shape[-1] == 4 and (found[..., 3] == opaque).all():
        found = found[..., :3]
    return checked(found)
