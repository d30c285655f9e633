"""Which states ask for what, against a listing of all ways in which random programs can go."""

import itertools
from collections.abc import Iterator

import numpy as np
import pytest

from inference.exact import demand as module
from inference.exact.columns import TRUTHS, Column
from inference.exact.demand import Demand, bits_of, demand, truths_of
from plot.compiler.graph import Graph, Node
from plot.compiler.ops import OPS

KNOWN, DRAWN, DEEP = 4, 3, 14


class Program:
    """A random truth function of some lanes that are known and some draws that are still to come."""

    def __init__(self, seed: int):
        rng = np.random.default_rng(seed)
        graph = Graph()
        coins = [graph.site("uniform", f"u{i}") for i in range(KNOWN + DRAWN)]
        lanes = [graph.apply("lt", coin, 0.5) for coin in coins]
        leaves: list[Node] = [lane for lane in lanes if isinstance(lane, Node)]
        self.known, self.draws = leaves[:KNOWN], leaves[KNOWN:]
        pool, start = list(leaves), len(graph.nodes)
        for _ in range(DEEP):
            op = str(rng.choice(["and", "or", "not", "where"]))
            count = {"not": 1, "where": 3}.get(op, 2)
            chosen = [pool[i] for i in rng.choice(len(pool), count, replace=False)]
            made = graph.apply(op, *chosen)
            if isinstance(made, Node):
                pool.append(made)
        self.root = pool[-1]
        self.computed = [n for n in graph.nodes[start:] if n.op in ("and", "or", "not", "where")]
        self.parts = {n: n.args for n in self.computed} | dict.fromkeys(self.draws, ())
        self.states = np.array(list(itertools.product([False, True], repeat=KNOWN))).T

    def look(self, conditions: bool = True) -> Demand:
        """What all settings of the known lanes ask for."""
        known = {n: Column(row, TRUTHS) for n, row in zip(self.known, self.states, strict=True)}
        ahead = [*self.draws, *self.computed]
        wanted = [self.root] if conditions else []
        count = self.states.shape[1]
        return demand(known, count, ahead, self.parts, set(self.draws), [self.root], wanted)

    def values(self, known: np.ndarray) -> Iterator[np.ndarray]:
        """The root's value `[states]` for each way in which the draws can go."""
        for way in itertools.product([False, True], repeat=DRAWN):
            at: dict = dict(zip(self.known, known, strict=True))
            at |= {d: np.full(known.shape[1], v) for d, v in zip(self.draws, way, strict=True)}
            for node in self.computed:
                at[node] = OPS[node.op].numpy(*[at.get(a, a) for a in node.args])
            yield np.broadcast_to(at[self.root], known.shape[1:])


def asks_too_little(program: Program) -> bool:
    """Whether a lane that is not asked for changes what comes out, or a state that may hold is lost."""
    found = program.look()
    count = program.states.shape[1]
    own = np.array(list(program.values(program.states)))
    if (own.any(axis=0) & ~truths_of(found.hopeful, count)).any():
        return True
    asking = np.array([truths_of(found.of(node), count) for node in program.known])
    for other in program.states.T:
        swapped = np.where(asking, program.states, other[:, None])
        if (np.array(list(program.values(swapped))) != own).any():
            return True
    ways = own.reshape(*[2] * DRAWN, count)
    for axis, draw in enumerate(program.draws):
        differs = (ways.take(0, axis) != ways.take(1, axis)).reshape(-1, count).any(axis=0)
        if (differs & ~truths_of(found.of(draw), count)).any():
            return True
    return False


def test_what_is_not_asked_for_changes_nothing():
    assert not any(asks_too_little(Program(seed)) for seed in range(150))


def test_much_is_not_asked_for():
    """Else the check above says little: leave out what decides nothing, in a good part of the states."""
    spared = lost = 0
    for seed in range(150):
        program = Program(seed)
        found, count = program.look(), program.states.shape[1]
        spared += sum(count - found.of(node).bit_count() for node in program.draws)
        lost += count - found.hopeful.bit_count()
    assert spared > 0.3 * 150 * DRAWN * count and lost > 0.05 * 150 * count


def test_the_check_rings(monkeypatch):
    """Where either part of a conjunction settles it, one of them must be kept."""

    def both_ways(self, node, wanted):
        parts = self.parts[node]
        if node.op not in ("and", "or"):
            return right(self, node, wanted)
        side = 0 if node.op == "and" else 1
        one, other = self.cases(parts[0])[side], self.cases(parts[1])[side]
        return wanted & other, wanted & one

    right = module._Logic.wants
    monkeypatch.setattr(module._Logic, "wants", both_ways)
    assert any(asks_too_little(Program(seed)) for seed in range(150))


@pytest.mark.parametrize("states", [1, 7, 8, 9, 64, 1000])
def test_sets_of_states_come_back(states):
    found = np.random.default_rng(states).random(states) < 0.5
    assert (truths_of(bits_of(found), states) == found).all()
