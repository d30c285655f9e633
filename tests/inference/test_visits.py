"""Which rows are visited, and in which order."""

import numpy as np

from inference.visits import in_turn
from plot.compiler.graph import Graph, Node


def rows(count: int) -> list[Node]:
    graph = Graph()
    return [graph.site("normal", f"x{i}") for i in range(count)]


def test_all_rows_have_their_turn_before_one_comes_again():
    ring, rng = rows(7), np.random.default_rng(0)
    places, waiting = list[int](), list[Node]()
    for count in (3, 3, 10, 1, 4):
        order, waiting = in_turn(rng, ring, count, waiting)
        assert len(order) == count
        places += order
    turns = np.array(places).reshape(3, 7)
    assert (np.sort(turns, axis=1) == np.arange(7)).all()
    assert len({tuple(turn) for turn in turns.tolist()}) == 3, "in another order each time"
    assert not waiting


def test_rows_that_the_target_no_longer_reads_lose_their_turn():
    ring, rng = rows(5), np.random.default_rng(0)
    _, waiting = in_turn(rng, ring, 1)
    gone = waiting[0]
    fewer = [row for row in ring if row is not gone]
    order, waiting = in_turn(rng, fewer, 2, waiting)
    assert len(set(order)) == 2 and max(order) < 4 and gone not in waiting


def test_nothing_to_visit():
    assert in_turn(np.random.default_rng(0), [], 0) == ([], [])
