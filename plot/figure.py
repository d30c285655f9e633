"""A matplotlib figure that a notebook shows; importing this imports matplotlib."""

from __future__ import annotations

import io

from matplotlib.figure import Figure

DPI = 110  # of what a notebook shows


class Picture(Figure):
    """A figure without a window, that a notebook shows where it ends a cell.

    A plain `matplotlib.figure.Figure` is shown only where pyplot's inline mode has been set up.

    >>> Picture(figsize=(1, 1))._repr_png_()[1:4]
    b'PNG'
    """

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        self.savefig(stream, format="png", dpi=DPI)
        return stream.getvalue()
