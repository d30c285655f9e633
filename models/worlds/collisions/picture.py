"""Pictures of what is believed of a collision: paths with their spread, speeds, and a film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from models.worlds.collisions.line import END, WALL, Bodies, State, path
from models.worlds.film import gif
from models.worlds.likely import likely, told_in_words
from plot.world import World

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {"red": "#bb3333", "blue": "#3355bb"}
DRAWN = 400  # worlds of a picture
FRAMES = 10  # a second of a film
SHOWN = 40  # of which are drawn one by one
WHAT = "(list (mass 'red) (mass 'blue) (push 'red) static-friction kinetic-friction)"


@dataclass(frozen=True)
class Sample:
    """Likely worlds, equally weighted.

    Args:
      bodies: what there is in each.
      balls: share of the worlds in which they are balls.
      effective: how many independent worlds the belief is worth.
      told: how many statements it rests on.
    """

    bodies: Bodies
    balls: float
    effective: float
    told: int


def sample(world: World, key: PRNGKeyArray, worlds: int = 50_000, count: int = DRAWN) -> Sample:
    """Draw likely worlds, given all that was told.

    Args:
      world: of collisions, with what was told.
      key: the seed.
      worlds: that inference draws.
      count: how many are kept.

    Raises:
      ImpossibleEvidence: where no world fits what was told.
    """
    lanes, effective = likely(world, key, WHAT, worlds, count)
    red, blue, push, static, kinetic = lanes
    there = jnp.ones((2, count), bool)
    bodies = Bodies(jnp.stack([red, blue]), push, static, kinetic, there)
    balls = float((kinetic < 0.015).mean())
    return Sample(bodies, balls, effective, len(world.told))


def picture(world: World, key: PRNGKeyArray, worlds: int = 50_000) -> Figure:
    """Draw where the objects go and how fast they are after the collision.

    Args:
      world: of collisions, with what was told.
      key: the seed.
      worlds: that inference draws.

    Raises:
      ImpossibleEvidence: where no world fits what was told.
    """
    from plot.figure import Picture

    found = sample(world, key, worlds)
    times = np.linspace(0, END, 101)
    states = path(found.bodies, jnp.asarray(times[1:], jnp.float32))
    figure = Picture(figsize=(10, 4.2), layout="constrained")
    figure.suptitle(_title(found), fontsize=11)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    _paths(left, times, states, found)
    _speeds(right, states)
    return figure


def _title(found: Sample) -> str:
    return (
        f"What is believed ({told_in_words(found.told)}): {DRAWN} likely worlds, balls in {found.balls:.0%} of them; "
        f"worth {found.effective:,.0f} independent worlds"
    )


def _paths(axes: Any, times: np.ndarray, states: State, found: Sample) -> None:
    from models.worlds.collisions.line import start

    first = np.asarray(start(found.bodies).x)[None]
    places = np.concatenate([first, np.asarray(states.x)])
    for k, (name, colour) in enumerate(COLOURS.items()):
        low, middle, high = np.quantile(places[:, k], (0.05, 0.5, 0.95), axis=1)
        axes.plot(times, places[:, k, :SHOWN], color=colour, linewidth=0.4, alpha=0.35)
        axes.fill_between(times, low, high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(times, middle, color=colour, linewidth=2, label=f"{name}: median, 5 to 95 %")
    axes.axhline(WALL, color="black", linewidth=2)
    axes.annotate("wall", (0, WALL), xytext=(4, -11), textcoords="offset points")
    axes.set_ylim(min(max(np.quantile(places, 0.01), -1.5), -0.5), WALL + 0.15)
    axes.set_xlim(0, END)
    axes.set_xlabel("seconds since the push")
    axes.set_ylabel("place (m from where blue begins)")
    axes.set_title(f"Paths; {SHOWN} worlds as thin lines", fontsize=10)
    axes.legend(fontsize=8, loc="lower right")


def _speeds(axes: Any, states: State) -> None:
    met = np.isfinite(np.asarray(states.met[-1]))
    axes.set_title(f"Speed just after the collision ({met.mean():.0%} collide)", fontsize=10)
    axes.set_xlabel("m/s (the last bar holds the fastest 0.5 % too)")
    axes.set_ylabel("share of the worlds that collide")
    if not met.any():
        axes.annotate("no collision", (0.5, 0.5), xycoords="axes fraction", ha="center")
        return
    speeds = np.asarray(states.after[-1])[:, met]
    top = float(np.quantile(speeds, 0.995)) or 1.0
    bins = np.linspace(0, top, 31).tolist()
    for k, (name, colour) in enumerate(COLOURS.items()):
        weights = np.full(met.sum(), 1 / met.sum())
        inside = np.minimum(speeds[k], top)
        axes.hist(inside, bins, weights=weights, color=colour, alpha=0.45, label=name)
    axes.legend(fontsize=8)


def film(
    world: World,
    key: PRNGKeyArray,
    worlds: int = 50_000,
    progress: Callable[[int], None] | None = None,
) -> bytes:
    """An animated GIF: the likely worlds laid over each other, second by second.

    Args:
      world: of collisions, with what was told.
      key: the seed.
      worlds: that inference draws.
      progress: called with the number of frames drawn.

    Returns:
      The contents of the file.

    Raises:
      ImpossibleEvidence: where no world fits what was told.
    """
    from plot.figure import Picture

    found = sample(world, key, worlds)
    times = np.arange(1, 5 * FRAMES + 1) / FRAMES  # the first five seconds
    places = np.asarray(path(found.bodies, jnp.asarray(times, jnp.float32)).x)
    figure = Picture(figsize=(7, 1.9), layout="constrained")
    axes: Any = figure.subplots()
    axes.set_xlim(min(-0.6, float(np.quantile(places, 0.02))), WALL + 0.1)
    axes.set_ylim(-0.5, 1.5)
    axes.set_yticks([])
    axes.set_xlabel("m from where blue begins")
    axes.axvline(WALL, color="black", linewidth=3)
    marker = "o" if found.balls >= 0.5 else "s"
    rng = np.random.default_rng(0)
    height = rng.uniform(0, 1, SHOWN)
    drawn = [
        axes.plot([], [], marker, color=colour, alpha=0.35, markersize=7, linestyle="none")[0]
        for colour in COLOURS.values()
    ]

    def draw(i: int) -> None:
        axes.set_title(
            f"{SHOWN} likely worlds, one a row (black: the wall), after {times[i]:.1f} s",
            fontsize=9,
        )
        for k, points in enumerate(drawn):
            points.set_data(places[i, k, :SHOWN], height)

    return gif(figure, len(times), draw, FRAMES, progress)
