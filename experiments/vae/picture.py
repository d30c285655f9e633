"""Digits, drawn again and made up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.digits import SIDE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 10


def compare(held_out: np.ndarray, drawn: Mapping[str, tuple[Any, Any]]) -> Figure:
    """Rows of held-out digits, the same drawn from their codes, and digits of codes from the prior.

    Args:
      held_out: `[n, pixels]`.
      drawn: for each objective, the held-out digits drawn again and digits made up.
    """
    from matplotlib.figure import Figure

    rows = [("held-out digits", held_out)]
    for name, (again, made_up) in drawn.items():
        rows += [(f"{name}:\ndrawn again", again), (f"{name}:\nmade up", made_up)]
    figure = Figure(figsize=(0.9 * SHOWN + 1, 1.0 * len(rows) + 0.5), layout="constrained")
    figure.suptitle("A variational autoencoder of handwritten digits (8 by 8 pixels)", fontsize=10)
    for (title, pictures), panels in zip(rows, figure.subplots(len(rows), SHOWN), strict=True):
        for picture, axes in zip(pictures, panels, strict=False):
            axes.imshow(np.asarray(picture).reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1)
            axes.set_xticks([])
            axes.set_yticks([])
        panels[0].set_ylabel(title, fontsize=8, rotation=0, ha="right", va="center")
    return figure
