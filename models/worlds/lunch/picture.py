"""The map of the campus with likely walks: a line's width is the probability that it is walked."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jaxtyping import PRNGKeyArray

from inference import Auto, Engine, Importance
from models.worlds.likely import told_in_words
from models.worlds.lunch.campus import CAMPUS, DIRECTIONS, MOVES, PLACES, STAY, STREETS, Grid
from plot.errors import ImpossibleEvidence
from plot.posterior import Posterior
from plot.world import World, quoted_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENOUGH = 100  # worlds that a picture is drawn from
PANELS = 3  # people that are drawn
LEAST = 0.01  # probability of a move below which it is not drawn
WIDEST = 8.0  # points, of a move that is made for sure
MEANS = ("on foot", "by bike")
COLOURS = ("#cc6633", "#3366aa")
GROUND = {"lawn": "#d8ebcf", "office": "#ffffff", "library": "#777777", "hall": "#777777"}
STREET, PLACE = "#e4e4e4", "#fff2c2"


@dataclass(frozen=True)
class Walks:
    """What is believed about a person's lunch.

    Args:
      person: who.
      moves: the probability of each move, by cell, direction and means.
      goals: the probability of each destination.
      n: worlds that fit what was told.
      worth: how many independent ones those are worth.
    """

    person: str
    moves: dict[tuple[int, int, int], float]
    goals: dict[str, float]
    n: int
    worth: float


def picture(world: World, key: PRNGKeyArray, worlds: int = 20_000) -> Figure:
    """Draw the map with likely walks, given all that was told: a panel for each person spoken of.

    Args:
      world: the lunch world, with all that was told.
      key: the seed.
      worlds: for each answer.

    Raises:
      ImpossibleEvidence: where no world fits what was told.
    """
    from plot.figure import Picture

    engine = _engine(world, key, worlds)
    people = _spoken_of(world)
    walks = [walks_of(world, person, key, engine) for person in people]
    opens = [engine.infer(key, world.ask(f"(query (open? '{place}))")) for place in PLACES]
    chances = [answer.probability(True).value for answer in opens]
    figure = Picture(figsize=(5.4 * len(people), 6.2), layout="constrained")
    for axes, walk in zip(figure.subplots(1, len(people), squeeze=False)[0], walks, strict=True):
        draw_map(axes, CAMPUS, chances)
        draw_walks(axes, CAMPUS, walk)
    figure.suptitle(f"Likely ways to lunch: {told_in_words(len(world.told))}", fontsize=11)
    return figure


def _engine(world: World, key: PRNGKeyArray, worlds: int) -> Engine:
    """Worlds of the prior where enough of them fit what was told; a picture needs no more."""
    prior = Importance(worlds)
    try:
        if prior.infer(key, world.ask("(query #t)")).effective_size >= ENOUGH:
            return prior
    except ImpossibleEvidence:
        pass
    return Auto(worlds=worlds)


def walks_of(world: World, person: str, key: PRNGKeyArray, engine: Engine) -> Walks:
    """The probability of each move of a person, and of each destination."""
    answer = engine.infer(key, world.ask(f"(query (third (lunch-of '{person})))"))
    goals = engine.infer(key, world.ask(f"(query (destination '{person}))"))
    return Walks(
        person,
        _moves(answer),
        {str(row.python): row.probability for row in goals.table},
        answer.worlds.kept,
        answer.effective_size,
    )


def _moves(answer: Posterior) -> dict[tuple[int, int, int], float]:
    found: defaultdict[tuple[int, int, int], float] = defaultdict(float)
    for row in answer.table:
        assert isinstance(row.python, list)
        for code in {int(c) for c in row.python}:  # a walk makes no move twice
            cell, move = divmod(code, MOVES)
            if move != STAY:
                means, direction = divmod(move - 1, len(DIRECTIONS))
                found[cell, direction, means] += row.probability
    return dict(found)


def _spoken_of(world: World) -> list[str]:
    people = world.vocabulary.entities[0].names
    statements = world.trees[len(world.trees) - len(world.told) :]
    named = [n for tree in statements for n in quoted_names(tree) if n in people]
    return list(dict.fromkeys(named))[:PANELS] or [people[0]]


def draw_map(axes: Any, grid: Grid, is_open: list[float]) -> None:
    """The cells, with the names of places and how probably each is open."""
    from matplotlib.patches import Rectangle
    from matplotlib.patheffects import withStroke

    for cell, name in enumerate(grid.cells):
        row, column = grid.place(cell)
        ground = GROUND.get(name, STREET if name in STREETS else PLACE)
        axes.add_patch(
            Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=ground, edgecolor="white")
        )
        label = name
        if name in PLACES:
            label = f"{name}\nopen: {is_open[PLACES.index(name)]:.0%}"
        elif name == "lawn" or name in STREETS:
            label = ""
        colour = "white" if name in ("library", "hall") else "black"
        axes.text(
            *(column, row - 0.31, label),
            ha="center",
            va="center",
            fontsize=7,
            color=colour,
            zorder=5,  # above the walks
            path_effects=[]
            if colour == "white"
            else [withStroke(linewidth=2.5, foreground=ground)],
        )
    axes.set_xlim(-0.5, grid.width - 0.5)
    axes.set_ylim(grid.height - 0.5, -0.5)
    axes.set_aspect("equal")
    named = {
        "northern street": (2, 2, 0.0, 0.36),
        "southern street": (5, 2, 0.0, 0.36),
        "western street": (3.5, 0, -0.36, 0.0),
        "eastern street": (2.5, 4, 0.36, 0.0),
        "lawn": (0, 2, 0.0, 0.36),
    }
    for name, (row, column, right, down) in named.items():
        upright = bool(right)
        axes.text(
            column + right,
            row + down,
            name,
            rotation=90 if upright else 0,
            ha="center",
            va="center",
            fontsize=6.5,
            color="#666666",
        )
    axes.set_xticks(range(grid.width))
    axes.set_yticks(range(grid.height))
    axes.set_xlabel("column, from the west (one step each)", fontsize=8)
    axes.set_ylabel("row, from the north", fontsize=8)
    axes.tick_params(length=0, labelsize=7)
    axes.spines[:].set_visible(False)


def draw_walks(axes: Any, grid: Grid, walks: Walks) -> None:
    """The moves as lines, and a legend that says what widths and colours mean."""
    from matplotlib.lines import Line2D

    for (cell, direction, means), chance in sorted(walks.moves.items(), key=lambda m: -m[1]):
        if chance < LEAST:
            continue
        row, column = grid.place(cell)
        to_row, to_column = grid.place(int(grid.neighbours[direction, cell]))
        side = 0.09 * (1 if means else -1)  # bikes keep right of those who walk
        across, down = -(to_row - row) * side, (to_column - column) * side
        axes.annotate(
            "",
            (to_column + across, to_row + down),
            (column + across, row + down),
            arrowprops={
                "arrowstyle": "-|>",
                "linewidth": max(0.6, WIDEST * chance),
                "color": COLOURS[means],
                "alpha": 0.75,
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 7 + 6 * chance,
            },
        )
    shown = (*zip(MEANS, COLOURS, (0.5, 0.5), strict=True), ("100 %", "black", 1.0))
    handles = [
        Line2D([], [], color=colour, linewidth=WIDEST * width, label=label)
        for label, colour, width in (*shown, ("10 %", "black", 0.1))
    ]
    axes.legend(
        handles=handles,
        title=f"means; probability by width (below {LEAST:.0%} not drawn)",
        ncols=4,
        fontsize=7,
        handlelength=1.6,
        handletextpad=1.2,
        columnspacing=2.4,
        title_fontsize=7,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.1),
        frameon=False,
    )
    goals = ", ".join(
        f"{goal} {f'{chance:.0%}' if chance >= LEAST / 2 else 'below 1%'}"
        for goal, chance in walks.goals.items()
    )
    axes.set_title(
        f"{walks.person.capitalize()} goes to: {goals}\n"
        f"n = {walks.n:,} worlds, worth {walks.worth:,.0f}",
        fontsize=9,
    )
