"""Pictures of attend-infer-repeat: what the guide sees, and how it learned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.air.training import Judged
from experiments.digits import SIDE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 8


def readings(judged: Judged, method: str) -> Figure:
    """Held-out pictures with the boxes that the guide draws, above what it draws again.

    The last columns are pictures that were counted wrong, where there are any.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    wrong = np.flatnonzero(judged.counts != judged.found)[: SHOWN // 4]
    good = np.flatnonzero(judged.counts == judged.found)
    order = good[np.argsort(-judged.counts[good[:40]], kind="stable")]
    spread = order[np.linspace(0, len(order) - 1, SHOWN - len(wrong)).astype(int)]
    chosen = [*spread, *wrong]
    figure = Figure(figsize=(1.5 * SHOWN, 3.9), layout="constrained")
    share, error = judged.right
    figure.suptitle(
        f"Objects in held-out pictures, guide trained with {method}: "
        f"{share:.1%} ± {error:.1%} counted right (n = {len(judged.counts):,})",
        fontsize=11,
    )
    panels = figure.subplots(2, SHOWN)
    for column, i in enumerate(chosen):
        above, below = panels[:, column]
        above.imshow(judged.pictures[i], cmap="gray_r", vmin=0, vmax=1)
        for at in judged.corners[i]:
            if np.isfinite(at).all():
                box = Rectangle((at[1] - 0.5, at[0] - 0.5), SIDE, SIDE, fill=False, color="tab:red")
                above.add_patch(box)
        mark = "" if judged.counts[i] == judged.found[i] else " (wrong)"
        above.set_title(f"{judged.counts[i]} there,\n{judged.found[i]} seen{mark}", fontsize=8)
        below.imshow(judged.again[i], cmap="gray_r", vmin=0, vmax=1)
    for axes in panels.flat:
        axes.set_xticks([])
        axes.set_yticks([])
    panels[0, 0].set_ylabel("picture and boxes", fontsize=8)
    panels[1, 0].set_ylabel("drawn again", fontsize=8)
    return figure
