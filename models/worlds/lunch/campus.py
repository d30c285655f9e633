"""The campus: streets, lawn, buildings and places on a grid, and what moves cost.

    row 0   western  lawn     lawn     lawn     sushi
    row 1   western  lawn     library  lawn     eastern
    row 2   office   northern northern northern eastern
    row 3   western  lawn     hall     lawn     eastern
    row 4   western  lawn     lawn     lawn     vegetarian
    row 5   pizza    southern southern southern eastern

The map, the length of the break and the rule for ties are ours: the archived model of the paper does
not run as published. Chosen so that the figures of an independent run come out (docs/lunch.md).

Source: "From Word Models to World Models" (arXiv 2306.12672), section 3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

PLACES = ("sushi", "vegetarian", "pizza")
STREETS = ("northern", "southern", "eastern", "western")
WAYS = (*STREETS, "lawn")
DIRECTIONS = ("north", "south", "east", "west")
STEPS = {"north": (-1, 0), "south": (1, 0), "east": (0, 1), "west": (0, -1)}
BUILDINGS = ("library", "hall")
STAY = 0  # moves: stay, then on foot in each direction, then by bike in each
MOVES = 1 + 2 * len(DIRECTIONS)

MAP = """
western lawn     lawn     lawn     sushi
western lawn     library  lawn     eastern
office  northern northern northern eastern
western lawn     hall     lawn     eastern
western lawn     lawn     lawn     vegetarian
pizza   southern southern southern eastern
"""


@dataclass(frozen=True)
class Grid:
    """A map with its costs; cells are numbered row by row.

    Args:
      rows: what lies in each cell: a street, lawn, the office, a place or a building (a wall).
      break_length: steps of a lunch break.
      on_foot, by_bike, by_bike_on_lawn: what a move costs.
      closed: what a step at a closed place pays.
    """

    rows: tuple[tuple[str, ...], ...]
    break_length: int = 22
    on_foot: float = 0.2
    by_bike: float = 0.01
    by_bike_on_lawn: float = 1.0
    closed: float = -10.0

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.rows)

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.rows[0])

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """What lies in each cell."""
        return tuple(name for row in self.rows for name in row)

    def at(self, name: str) -> int:
        """The cell of the office or of a place."""
        return self.cells.index(name)

    def place(self, cell: int) -> tuple[int, int]:
        """Row and column of a cell."""
        return divmod(cell, self.width)

    def neighbour(self, cell: int, direction: str) -> int | None:
        """The cell in a direction; None past the edge or where a building stands."""
        row, column = self.place(cell)
        down, right = STEPS[direction]
        row, column = row + down, column + right
        if not (0 <= row < self.height and 0 <= column < self.width):
            return None
        return None if self.rows[row][column] in BUILDINGS else row * self.width + column

    @cached_property
    def neighbours(self) -> np.ndarray:
        """`[4, cells]`: the cell in each direction, or the cell itself where no move is possible."""
        found = [
            [c if (n := self.neighbour(c, d)) is None else n for c in range(len(self.cells))]
            for d in DIRECTIONS
        ]
        return np.array(found)

    @cached_property
    def possible(self) -> np.ndarray:
        """`[4, cells]`: whether a move is possible."""
        return self.neighbours != np.arange(len(self.cells))

    @cached_property
    def lines(self) -> dict[str, frozenset[int]]:
        """The cells of each street's line, with the corners and the places at it."""
        found = {}
        for street in STREETS:
            own = [self.place(c) for c, name in enumerate(self.cells) if name == street]
            if not own:
                continue
            rows, columns = {r for r, _ in own}, {c for _, c in own}
            whole = (
                [next(iter(rows)) * self.width + c for c in range(self.width)]
                if len(rows) == 1
                else [r * self.width + next(iter(columns)) for r in range(self.height)]
            )
            found[street] = frozenset(whole)
        return found

    @cached_property
    def on_way(self) -> np.ndarray:
        """`[ways, 4, cells]`: whether the move from a cell in a direction goes along a way.

        Along a street: from one cell of its line to another. Over the lawn: into or out of a cell of it.
        """
        found = np.zeros((len(WAYS), *self.neighbours.shape), bool)
        for d in range(len(DIRECTIONS)):
            for c in range(len(self.cells)):
                if not self.possible[d, c]:
                    continue
                to = int(self.neighbours[d, c])
                for w, way in enumerate(STREETS):
                    line = self.lines.get(way, frozenset())
                    found[w, d, c] = c in line and to in line
                found[-1, d, c] = "lawn" in (self.cells[c], self.cells[to])
        return found

    @cached_property
    def bike_costs(self) -> np.ndarray:
        """`[4, cells]`: what the move costs by bike."""
        return np.where(self.on_way[-1], self.by_bike_on_lawn, self.by_bike)


CAMPUS = Grid(tuple(tuple(line.split()) for line in MAP.strip().splitlines()))
