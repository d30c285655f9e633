"""Walks that were seen, cell by cell, as evidence; a walk through a wall is refused."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from models.worlds.lunch.campus import BUILDINGS, CAMPUS, DIRECTIONS, MOVES, STAY, Grid
from plot.errors import PlotError
from plot.world import World

type Cell = tuple[int, int]
"""Row and column, from the north-west corner."""


class WalkError(PlotError):
    """A walk that nobody can have made."""

    kind = "impossible walk"


def codes(walk: Sequence[Cell], by_bike: bool, grid: Grid = CAMPUS) -> tuple[int, ...]:
    """The moves of a walk as the planner numbers them.

    Args:
      walk: the cells, one after another.
      by_bike: how.
      grid: the map.

    Raises:
      WalkError: a step leaves the map, is no step, or leads through a wall.

    >>> codes([(2, 0), (2, 1)], by_bike=False)
    (93,)
    """
    if len(walk) < 2:
        raise WalkError(
            "a walk has two cells at least", None, "say where it began and where it led"
        )
    for cell in walk:
        _check_on_map(cell, grid)
    return tuple(
        _code(number, a, b, by_bike, grid) for number, (a, b) in enumerate(pairwise(walk), start=1)
    )


def _check_on_map(cell: Cell, grid: Grid) -> None:
    row, column = cell
    if not (0 <= row < grid.height and 0 <= column < grid.width):
        raise WalkError(
            f"the walk leaves the map: there is no row {row}, column {column}",
            None,
            f"rows are 0 to {grid.height - 1} from the north, columns 0 to {grid.width - 1} from the west",
        )
    if (name := grid.rows[row][column]) in BUILDINGS:
        raise WalkError(
            f"the walk leads through a wall: in row {row}, column {column} stands the {name}",
            None,
            "go round it; models/worlds/lunch/campus.py shows the map",
        )


def _code(number: int, a: Cell, b: Cell, by_bike: bool, grid: Grid) -> int:
    cell, to = a[0] * grid.width + a[1], b[0] * grid.width + b[1]
    for d, direction in enumerate(DIRECTIONS):
        if grid.neighbour(cell, direction) == to:
            return cell * MOVES + STAY + 1 + by_bike * len(DIRECTIONS) + d
    raise WalkError(
        f"step {number} of the walk leads from row {a[0]}, column {a[1]} to row {b[0]}, column {b[1]}, "
        "which is not next to it",
        None,
        "a step leads north, south, east or west to the next cell",
    )


def saw_walk(world: World, person: str, walk: Sequence[Cell], by_bike: bool = False) -> World:
    """The lunch world in which a person was seen to make these moves, perhaps on a longer way.

    Args:
      world: the lunch world, with anything told to it before.
      person: who.
      walk: the cells, one after another.
      by_bike: on foot, or by bike.

    Raises:
      WalkError: where nobody can walk so; the world stays as it was.

    >>> from models.worlds import load
    >>> saw_walk(load("lunch"), "alex", [(2, 0), (1, 0), (1, 1)]).told[-1]
    "(condition (and (made-move? 'alex 91) (made-move? 'alex 48)))"
    """
    moves = [f"(made-move? '{person} {code})" for code in codes(walk, by_bike)]
    return world.tell(f"(condition {moves[0] if len(moves) == 1 else f'(and {" ".join(moves)})'})")
