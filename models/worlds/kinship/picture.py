"""The most probable family trees, drawn as pedigrees: generations in rows, couples joined, names on them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jaxtyping import PRNGKeyArray

from inference import Auto, Exact, Importance
from models.worlds.kinship.trees import QUESTION, Household, Tree, independent, trees
from plot.errors import ImpossibleEvidence, Unsupported
from plot.posterior import Posterior
from plot.world import World

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = 6
COLUMNS = 3
EXACT = Exact(most_states=3_000_000)  # before evidence, which leaves far fewer
ENOUGH = 300  # worlds that satisfy what was told
SURE = 0.95  # of being a woman, or a man, to be drawn as one
WOMAN, MAN, EITHER, UNNAMED = "#f3c9a5", "#a9cbe8", "#dddddd", "white"
WIDTH, APART, DOWN = 1.0, 0.35, 1.5  # of a person, between households, between generations


@dataclass(frozen=True)
class Place:
    """Where somebody is drawn.

    Args:
      name: empty where there is none.
      x, y: the centre, in widths of a person and generations below the eldest.
    """

    name: str
    x: float
    y: float


def picture(
    world: World,
    key: PRNGKeyArray,
    worlds: int = 50_000,
    progress: Callable[[int], None] | None = None,
    shown: int = SHOWN,
) -> Figure:
    """Draw the most probable family trees, given all that was told.

    Args:
      world: the kinship world.
      key: the seed.
      worlds: that trees are read off.
      progress: called with the number of worlds drawn so far.
      shown: how many trees.

    Raises:
      ImpossibleEvidence: where no family is as it was told.
    """
    from plot.figure import Picture

    names = world.vocabulary.entities[0].names
    posterior = families(world, key, worlds, progress)
    found = trees(posterior, names)[:shown]
    columns = min(COLUMNS, len(found))
    rows = math.ceil(len(found) / columns)
    figure = Picture(figsize=(4.6 * columns, 3.1 * rows + 0.9), layout="constrained")
    rest = 1 - sum(tree.probability for tree in found)
    worth = independent(posterior)
    worth = f"n = {worth:,.0f} independent worlds" if math.isfinite(worth) else "exact"
    told = f"after {len(world.told)} statements" if world.told else "before anything is told"
    figure.suptitle(
        f"The most probable families {told}; all others: {max(rest, 0):.1%} ({worth})",
        fontsize=11,
    )
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, tree in zip(grid.flat, found, strict=False):
        draw(axes, tree)
    for axes in list(grid.flat)[len(found) :]:
        axes.set_visible(False)
    figure.text(
        0.01,
        0.005,
        "circle: woman, square: man, diamond: may be either, small: without a name. Who has no name, links nobody, "
        "and is no partner or child of somebody with a name, is left out.",
        fontsize=7,
    )
    figure.get_layout_engine().set(rect=(0, 0.04, 1, 0.96))  # type: ignore[union-attr]
    return figure


def families(
    world: World,
    key: PRNGKeyArray,
    worlds: int,
    progress: Callable[[int], None] | None = None,
) -> Posterior:
    """What trees are read off: worlds of the prior where enough satisfy what was told, or else exact sums."""
    question = world.ask(QUESTION)
    try:
        found = Importance(worlds).infer(key, question, progress)
        if found.effective_size >= ENOUGH:
            return found
    except ImpossibleEvidence:  # of so few worlds none satisfies it
        pass
    try:
        return EXACT.infer(key, question, progress)
    except Unsupported:
        return Auto(worlds=worlds).infer(key, question, progress)


def draw(axes: Any, tree: Tree) -> None:
    """Draw a tree, with its probability as the title."""
    places: list[Place] = []
    _settle(axes, tree.eldest, 0.0, 0, places)
    for place in places:
        _person(axes, place, tree.women)
    error = f" ± {tree.standard_error:.1%}" if tree.standard_error else ""
    axes.set_title(f"{tree.probability:.1%}{error}", fontsize=10)
    xs = [p.x for p in places]
    middle, reach = (min(xs) + max(xs)) / 2, max((max(xs) - min(xs)) / 2 + 0.8, 2.2)
    axes.set_xlim(middle - reach, middle + reach)
    axes.set_ylim(-2 * DOWN - 0.6, 0.6)
    axes.set_axis_off()


def width(home: Household) -> float:
    """How wide a household is with all that is below it."""
    below = sum(map(width, home.children)) + APART * max(len(home.children) - 1, 0)
    return max(WIDTH * 1.25 * len(home.couple), below)


def _settle(axes: Any, home: Household, left: float, level: int, places: list[Place]) -> float:
    """Place a household and draw its lines; the x of its member."""
    middle, y = left + width(home) / 2, -DOWN * level
    half = 0.62 * (len(home.couple) - 1)
    for i, name in enumerate(home.couple):
        places.append(Place(name, middle - half + 2 * half * i, y))
    if half:
        for shift in (-0.04, 0.04):  # a couple
            axes.plot([middle - half, middle + half], [y + shift] * 2, color="black", linewidth=0.8)
    below = sum(map(width, home.children)) + APART * max(len(home.children) - 1, 0)
    start = middle - below / 2
    tops = []
    for child in home.children:
        tops.append(_settle(axes, child, start, level + 1, places))
        start += width(child) + APART
    if tops:
        bar = y - 0.52 * DOWN
        axes.plot([middle, middle], [y, bar], color="black", linewidth=0.8, zorder=0)
        axes.plot([min(*tops, middle), max(*tops, middle)], [bar, bar], color="black", linewidth=0.8, zorder=0)  # fmt: skip
        for x in tops:
            axes.plot([x, x], [bar, y - DOWN], color="black", linewidth=0.8, zorder=0)
    return middle - half


def _person(axes: Any, place: Place, women: dict[str, float]) -> None:
    if not place.name:
        axes.plot(place.x, place.y, "D", color=UNNAMED, markeredgecolor="black", markersize=8)
        return
    chance = women[place.name]
    shape, colour = ("o", WOMAN) if chance > SURE else ("s", MAN) if chance < 1 - SURE else ("D", EITHER)  # fmt: skip
    size = 26 if shape != "D" else 24
    axes.plot(place.x, place.y, shape, color=colour, markeredgecolor="black", markersize=size)
    axes.text(place.x, place.y, place.name.capitalize(), ha="center", va="center", fontsize=7)
