"""Animated GIFs of likely worlds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def gif(
    figure: Figure,
    frames: int,
    draw: Callable[[int], None],
    a_second: int,
    progress: Callable[[int], None] | None = None,
) -> bytes:
    """The contents of an animated GIF.

    Args:
      figure: on which each frame is drawn.
      frames: how many.
      draw: changes the figure to that of a frame, by its number.
      a_second: frames.
      progress: called with the number of frames drawn.
    """
    from matplotlib.animation import PillowWriter

    writer = PillowWriter(fps=a_second)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "film.gif"
        with writer.saving(figure, str(file), dpi=80):
            for i in range(frames):
                draw(i)
                writer.grab_frame()
                if progress is not None:
                    progress(i + 1)
        return file.read_bytes()
