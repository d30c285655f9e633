"""Pictures of what is believed of bodies in a plane: their paths, how far and high they get, a film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from models.worlds.film import gif
from models.worlds.likely import likely, told_in_words
from models.worlds.plane.module import AT, PLACE, SECONDS, scene
from models.worlds.plane.solver import Bodies, State, path
from plot.world import World

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = {"red": "#bb3333", "blue": "#3355bb", "green": "#338844"}
DRAWN = 300  # worlds of a picture
SHOWN = 30  # of which are drawn one by one
FILMED = 12
HIGHEST, FILMED_TO = 3.0, 1.1  # m, up to which is drawn
FRAMES = 15  # a second of a film
WHAT = (
    "(append (map mass objects) (map (lambda (x) (if (ball? x) 1 0)) objects)"
    " (map bounciness objects) (list the-push angle friction))"
)


@dataclass(frozen=True)
class Sample:
    """Likely worlds, equally weighted.

    Args:
      bodies: what there is in each.
      begun: how they begin.
      effective: how many independent worlds the belief is worth.
      told: how many statements it rests on.
    """

    bodies: Bodies
    begun: State
    effective: float
    told: int

    @property
    def count(self) -> int:
        """How many these are."""
        return self.bodies.mass.shape[1]

    def states(self) -> State:
        """Fifteen times a second, to the end; arrays `[frames, bodies, worlds]`."""
        steps = round(1 / PLACE.dt / FRAMES)
        return path(self.bodies, PLACE, self.begun, round(SECONDS * FRAMES), steps)


def sample(world: World, key: PRNGKeyArray, worlds: int = 20_000, count: int = DRAWN) -> Sample:
    """Draw likely worlds, given all that was told.

    Args:
      world: of bodies in a plane, with what was told.
      key: the seed.
      worlds: that inference draws.
      count: how many are kept.

    Raises:
      ImpossibleEvidence: where no world fits what was told.
    """
    lanes, effective = likely(world, key, WHAT, worlds, count)
    mass, disc, bounciness = lanes[:3], lanes[3:6] > 0.5, lanes[6:9]
    there = jnp.ones((3, count), bool)
    push, angle, friction = lanes[9], lanes[10], lanes[11]
    bodies, begun = scene([*mass], [*disc], [*bounciness], push, angle, friction, [*there])
    return Sample(bodies, begun, effective, len(world.told))


def picture(world: World, key: PRNGKeyArray, worlds: int = 20_000) -> Figure:
    """Draw the paths of likely worlds, and how far and how high the bodies get.

    Args:
      world: of bodies in a plane, with what was told.
      key: the seed.
      worlds: that inference draws.

    Raises:
      ImpossibleEvidence: where no world fits what was told.
    """
    return draw(sample(world, key, worlds))


def draw(found: Sample) -> Figure:
    """Draw likely worlds."""
    from plot.figure import Picture

    states = found.states()
    figure = Picture(figsize=(11, 5.2), layout="constrained")
    figure.suptitle(
        f"What is believed ({told_in_words(found.told)}): {found.count} likely worlds; worth {found.effective:,.0f} "
        "independent worlds",
        fontsize=11,
    )
    panels = figure.subplot_mosaic([["paths", "paths"], ["far", "high"]], height_ratios=[1.25, 1])
    _paths(panels["paths"], found, states)
    last = jax.tree.map(lambda lane: np.asarray(lane[-1]), states)
    _spread(panels["far"], last.distance, "metres moved in 3 seconds")
    _spread(panels["high"], last.top, "greatest height of the lowest point (m)")
    return figure


def _paths(axes: Axes, found: Sample, states: State) -> None:
    x = np.concatenate([np.asarray(found.begun.x)[None], np.asarray(states.x)])
    y = np.concatenate([np.asarray(found.begun.y)[None], np.asarray(states.y)])
    for k, (name, colour) in enumerate(COLOURS.items()):
        axes.plot(x[:, k, :SHOWN], y[:, k, :SHOWN], color=colour, linewidth=0.6, alpha=0.4)
        axes.plot([], [], color=colour, label=name)
        axes.plot(AT[k], PLACE.size, "o", color=colour, markersize=9, markeredgecolor="black")
    # A few that fly far up would press all others to the floor.
    most = float(np.quantile(y[:, :, :SHOWN].max((0, 1)), 0.9))
    _room(axes, float(y[:, :, :SHOWN].max()), float(np.clip(round(1.3 * most, 1), 0.6, HIGHEST)))
    axes.set_title(
        f"Paths of the centres; {SHOWN} worlds, dots: where they begin; black: floor and walls",
        fontsize=10,
    )
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)


def _room(axes: Axes, top: float, highest: float = HIGHEST) -> None:
    axes.set_xlim(PLACE.left - 0.03, PLACE.right + 0.03)
    axes.set_ylim(-0.03, min(max(top + 0.1, 0.6), highest))
    axes.axhline(0, color="black", linewidth=2)
    for wall in (PLACE.left, PLACE.right):
        axes.axvline(wall, color="black", linewidth=3)
    axes.set_xlabel("m from where red begins")
    axes.set_ylabel("height (m)" if top < highest else f"height (m), cut at {highest:g}")


def _spread(axes: Axes, values: np.ndarray, label: str) -> None:
    top = float(np.quantile(values, 0.99)) or 1.0
    bins = np.linspace(0, top, 31).tolist()
    for k, (name, colour) in enumerate(COLOURS.items()):
        weights = np.full(values.shape[1], 1 / values.shape[1])
        axes.hist(
            np.minimum(values[k], top), bins, weights=weights, color=colour, alpha=0.45, label=name
        )
    axes.set_xlabel(f"{label}\n(the last bar holds the highest 1 % too)")
    axes.set_ylabel(f"share of {values.shape[1]} worlds")
    axes.legend(fontsize=7, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def film(found: Sample, progress: Callable[[int], None] | None = None) -> bytes:
    """An animated GIF: a few likely worlds laid over each other, in real time.

    Args:
      found: from `sample`.
      progress: called with the number of frames drawn.

    Returns:
      The contents of the file.
    """
    from plot.figure import Picture

    states, filmed = found.states(), min(FILMED, found.count)
    x, y = np.asarray(states.x), np.asarray(states.y)
    figure = Picture(figsize=(6.5, 4.2), layout="constrained")
    axes: Any = figure.subplots()
    _room(axes, float(y.max()), FILMED_TO)
    axes.set_aspect("equal")
    shapes = [
        [_shape(colour, bool(found.bodies.disc[k, w])) for w in range(filmed)]
        for k, colour in enumerate(COLOURS.values())
    ]
    for row in shapes:
        for one in row:
            axes.add_patch(one)

    def drawn(i: int) -> None:
        axes.set_title(
            f"{filmed} likely worlds, floor and walls black, after {(i + 1) / FRAMES:.1f} s",
            fontsize=9,
        )
        for k, row in enumerate(shapes):
            for w, one in enumerate(row):
                corner = PLACE.size * (not found.bodies.disc[k, w])
                centre = float(x[i, k, w]) - corner, float(y[i, k, w]) - corner
                one.set(**{"xy" if corner else "center": centre})

    return gif(figure, len(x), drawn, FRAMES, progress)


def _shape(colour: str, disc: bool) -> Any:
    from matplotlib.patches import Circle, Rectangle

    style = {"facecolor": colour, "alpha": 0.25, "edgecolor": "black", "linewidth": 0.5}
    if disc:
        return Circle((0, 0), PLACE.size, **style)
    return Rectangle((0, 0), 2 * PLACE.size, 2 * PLACE.size, **style)
