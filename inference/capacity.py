"""How many worlds fit: the memory that a question or a belief takes, told before it is taken.

Estimates are of the most that is alive at once, as if every world were kept. They count the arrays that
grow with the number of worlds, a block of worlds in flight on each core, and no more: what JAX itself and
compiled code take is there already, or is the same for any number of worlds.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import psutil

from inference.filtering import Plan
from inference.targets import Way
from plot.backends.base import TILES, WIDTHS, available_cores, padded
from plot.compiler.graph import Node
from plot.compiler.values import leaves
from plot.errors import PlotError
from plot.simulate import log_weight
from plot.world import Question

FLOAT32, FLOAT64 = 4, 8
ANSWER = (
    8 * FLOAT64
)  # a world, while an answer is worked out: weights, numbers, their order, products
MOVE = 28 * FLOAT64  # a world of a belief: log weights, places, proposals, their targets
SPARED = 0.1  # share of what is available that is left to others
WIDEST = WIDTHS[0][1]


class NotEnoughMemory(PlotError):
    """So many worlds do not fit into memory."""

    kind = "not enough memory"


@dataclass(frozen=True)
class Need:
    """Memory that grows with the number of worlds.

    Args:
      each: bytes for each world, at the most that is alive at once.
      fixed: bytes whatever their number.

    >>> need = Need(each=100, fixed=1000)
    >>> need.of(50), need.fits(6000)
    (6000, 50)
    """

    each: int
    fixed: int

    def of(self, worlds: int) -> int:
        """Bytes for so many worlds."""
        return self.fixed + self.each * worlds

    def share(self, kept: float) -> Need:
        """Where only this share of the worlds is kept."""
        return Need(math.ceil(self.each * kept), self.fixed)

    def fits(self, available: int) -> int:
        """How many worlds fit into so many bytes."""
        return max(0, (available - self.fixed) // self.each)


def question_need(question: Question) -> Need:
    """What drawing worlds for a question and answering it takes, a world.

    The blocks that are kept and the same as one array are alive together; then the latter and what an
    answer is worked out from.

    Args:
      question: from `World.ask`.

    >>> from plot.world import World
    >>> question_need(World.from_source("(define a (gaussian 0 1))").ask("a")).each
    80
    """
    graph = question.world.session.graph
    _, deaths = log_weight(graph, question.effects)
    outputs = 1 + bool(deaths) + len(dict.fromkeys(leaves(question.value)))
    kept = FLOAT32 * outputs
    return Need(kept + FLOAT64 + max(kept, ANSWER), _in_flight(outputs))


def belief_need(way: Way, rows: Collection[Node] = ()) -> Need:
    """What following a sentence takes, for each world of a belief.

    The belief before stays, so its rows are not counted again; a resampled copy of all rows and kept
    lanes is, and the rows in tiles, as they are handed to the back end.

    Args:
      way: from the old evidence to the new.
      rows: that the worlds have already.
    """
    sites = len({*rows, *way.news.sites} - way.held)
    count = sites + len(way.held) + len(way.kept)
    outputs = 2 + 2 * len(way.parts)
    each = FLOAT32 * (3 * count + padded(sites) + 2 * outputs) + MOVE
    return Need(each, _in_flight(outputs + padded(sites)))


def filter_need(plan: Plan) -> Need:
    """What following many sentences at once takes, for each world of a belief.

    Args:
      plan: of the sentences.
    """
    descent = 0 if plan.moving else len(plan.stages)
    each = FLOAT32 * (2 * padded(plan.count) + descent) + MOVE
    return Need(each, each * WIDEST)


def available_bytes() -> int:
    """Memory that can still be taken: of the machine, and of the control group this runs in."""
    free = psutil.virtual_memory().available
    return max(0, min([free, *(limit - used for limit, used in _groups())]))


def room() -> int:
    """Bytes of them that worlds may take."""
    return int(available_bytes() * (1 - SPARED))


def check_memory(need: Need, worlds: int, what: str, most: int | None = None) -> None:
    """Refuse what does not fit, before anything is drawn.

    Args:
      need: of what is to be run.
      worlds: how many are wanted.
      what: what they are for, `this question`.
      most: bytes that they may take; `room` where not given.

    Raises:
      NotEnoughMemory: with the number of worlds that do fit.

    >>> check_memory(Need(100, 0), 1000, "this question", most=50_000)
    Traceback (most recent call last):
    ...
    inference.capacity.NotEnoughMemory: not enough memory: 1,000 worlds of this question take about ...
    """
    most = room() if most is None else most
    if need.of(worlds) <= most:
        return
    fits = need.fits(most)
    raise NotEnoughMemory(
        f"{worlds:,} worlds of {what} take about {_gib(need.of(worlds))} "
        f"({need.each:,} bytes each), and {_gib(most)} can be had",
        hint=f"about {fits:,} worlds fit" if fits else "no world fits: free some memory first",
    )


def _gib(count: int) -> str:
    return f"{count / 2**30:.3g} GiB"


def _in_flight(lanes: int) -> int:
    """Bytes of the blocks that are computed ahead: what comes out, and its copy in another order."""
    blocks = 2 * available_cores() + 1
    return 2 * blocks * TILES * WIDEST * lanes * FLOAT32


def _groups(root: Path = Path("/sys/fs/cgroup")) -> list[tuple[int, int]]:
    """Limits and use of memory of the control groups that can be read, in either version."""
    found = []
    for limit, used, stat, cache in (
        ("memory.max", "memory.current", "memory.stat", "inactive_file"),
        (
            "memory/memory.limit_in_bytes",
            "memory/memory.usage_in_bytes",
            "memory/memory.stat",
            "total_inactive_file",
        ),
    ):
        try:
            most = (root / limit).read_text().strip()
            now = int((root / used).read_text())
            lines = (root / stat).read_text().splitlines()
        except (OSError, ValueError):
            continue
        counts = dict(line.split() for line in lines)
        if most != "max":
            found.append((int(most), now - int(counts.get(cache, 0))))
    return found
