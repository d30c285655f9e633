"""A picture for any world model: what each public function of one name comes to, name by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

from jaxtyping import PRNGKeyArray

from inference import Auto
from models.worlds.likely import told_in_words
from plot.errors import PlotError
from plot.posterior import Posterior
from plot.printer import write
from plot.reader import read_one
from plot.syntax import Form, Symbol
from plot.types import BOOLEAN, NUMBER, Entity, Function
from plot.vocabulary import Entry
from plot.world import World

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = 8
NAMES = 12
COLOUR = "#4477aa"


@dataclass(frozen=True)
class Panel:
    """One function and its answers.

    Args:
      entry: the function, or the number or truth value.
      names: whose values they are.
      answers: one for each name.
    """

    entry: Entry
    names: tuple[str, ...]
    answers: tuple[Posterior, ...]


def picture(
    world: World,
    key: PRNGKeyArray,
    worlds: int = 50_000,
    progress: Callable[[int], None] | None = None,
) -> Figure:
    """Draw what is believed of each name.

    Args:
      world: with all that was told.
      key: the seed.
      worlds: for each answer, where it is not exact.
      progress: called with the number of functions that were asked about so far.

    Raises:
      PlotError: where nothing public is a number or a truth value of one name.
    """
    from plot.figure import Picture

    panels = []
    for entry, names in _askable(world):
        texts = [_expression(entry.name, name) for name in names]
        answers = tuple(Auto(worlds=worlds).infer(key, world.ask(t)) for t in texts)
        panels.append(Panel(entry, names, answers))
        if progress is not None:
            progress(len(panels))
    if not panels:
        raise PlotError("nothing public in this world is a number or a truth value of one name")
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    height = 1.1 + 0.32 * max(len(p.names) for p in panels)
    figure = Picture(figsize=(5.2 * columns, height * rows + 0.6), layout="constrained")
    figure.suptitle(f"What is believed: {told_in_words(len(world.told))}", fontsize=11)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, panel in zip(grid.flat, panels, strict=False):
        _draw(axes, panel)
    for axes in list(grid.flat)[len(panels) :]:
        axes.set_visible(False)
    return figure


def _askable(world: World) -> list[tuple[Entry, tuple[str, ...]]]:
    sorts = {s.type: s.names for s in world.vocabulary.entities}
    out = []
    for entry in world.vocabulary.entries:
        if entry.type in (NUMBER, BOOLEAN):
            out.append((entry, ("",)))
        elif (
            isinstance(entry.type, Function)
            and entry.type.result in (NUMBER, BOOLEAN)
            and len(entry.type.parameters) == 1
            and isinstance(sort := entry.type.parameters[0], Entity)
            and sorts.get(sort.name)
        ):
            out.append((entry, sorts[sort.name][:NAMES]))
    return out[:PANELS]


def _expression(function: str, name: str) -> Any:
    if not name:
        return Symbol(function)
    return Form((Symbol(function), read_one(f"'{name}")))


def _draw(axes: Any, panel: Panel) -> None:
    labels = [name or write(Symbol(panel.entry.name)) for name in panel.names]
    places = list(range(len(labels)))[::-1]
    if panel.answers[0].numeric:
        for y, answer in zip(places, panel.answers, strict=True):
            low, first, middle, third, high = (
                answer.quantile(q) for q in (0.025, 0.25, 0.5, 0.75, 0.975)
            )
            axes.plot([low, high], [y, y], color=COLOUR, linewidth=1.2)
            axes.plot([first, third], [y, y], color=COLOUR, linewidth=5, solid_capstyle="butt")
            axes.plot([middle], [y], "o", color="white", markeredgecolor=COLOUR, markersize=5)
        axes.set_xlabel("value: median, middle half, 95 % of the worlds", fontsize=8)
    else:
        chances = [answer.probability(True) for answer in panel.answers]
        axes.barh(
            places,
            [c.value for c in chances],
            xerr=[2 * c.standard_error for c in chances],
            color=COLOUR,
            capsize=2,
            height=0.6,
        )
        axes.set_xlim(0, 1)
        axes.set_xlabel("probability (± 2 standard errors)", fontsize=8)
    axes.set_yticks(places, labels)
    axes.set_ylim(-0.6, len(labels) - 0.4)
    axes.set_title(fill(f"{panel.entry.name}: {panel.entry.meaning}", 62), fontsize=8)
    least = min(a.effective_size for a in panel.answers)
    exact = all(a.worlds.exact for a in panel.answers)
    worth = "exact" if exact else f"worlds worth at least {least:,.0f}"
    axes.annotate(worth, (0.99, 0.02), xycoords="axes fraction", ha="right", fontsize=7)
    axes.spines[["top", "right"]].set_visible(False)
