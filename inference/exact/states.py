"""Joint states of the draws, one draw after another, merged where nothing tells them apart any more.

A state is a setting of the lanes that are still to be read, with its probability. A draw is made only
in states in which something still asks for it: as a lazy interpreter would, but for all states at once.
Evidence is taken as early as it can be. The work follows what has to be remembered (the path width of
the program), less all that the evidence and the branches that are taken rule out.

Source: Boutilier and others, Context-specific independence in Bayesian networks (1996); Darwiche,
Modeling and Reasoning with Bayesian Networks (2009), chapter 6, for sums in a given order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.exact.columns import (
    TRUTHS,
    Column,
    apply,
    combined,
    grouped,
    joined,
    keys,
    merged_logs,
)
from inference.exact.demand import demand, truths_of
from inference.exact.problem import SAMPLED, Problem
from inference.exact.schedule import Round, Step, schedule
from inference.exact.ways import Screen, Ways
from plot.compiler.graph import Node, Operand
from plot.errors import Unsupported

BESIDES = 16  # bytes of a state besides its columns: its log probability, and a key when merging
CROWDED = 0.75  # share of states that have weight, under which the others are dropped at once
FEW = 512  # states that a draw may make without a look at which ask for it
BLOCK = 2**25  # bytes of the states that are worked on at once


class TooManyStates(Unsupported):
    """More joint states than were allowed."""


@dataclass(frozen=True)
class Limits:
    """How large a sum may get.

    Args:
      bytes: of the states that are kept at once.
      states: that are made in all.
    """

    bytes: int
    states: int


type Larger = Callable[[TooManyStates], Limits | None]


@dataclass(frozen=True, eq=False)
class Joint:
    """The joint distribution of some nodes and the evidence.

    Args:
      rows: `[states]` for each node.
      logs: `[states]`, log probabilities; none where no world has any.
      lost: the probability that went with each piece of the evidence, where that is taken in order.
      most: states that were kept at once, at most.
    """

    rows: dict[Node, np.ndarray]
    logs: np.ndarray
    lost: dict[Node, float]
    most: int


def joint(
    problem: Problem,
    limits: Limits,
    progress: Callable[[int], None] | None = None,
    in_order: bool = False,
    larger: Larger | None = None,
) -> Joint:
    """The joint distribution of a problem's answer and its evidence.

    Args:
      problem: what is asked.
      limits: how large it may get.
      progress: called with the number of states that have been made.
      in_order: whether the evidence is taken in the order in which it is listed.
      larger: asked once, where that is too little, for limits within which to go on.

    Raises:
      TooManyStates: where that is too little.
      Unsupported: as for `Problem.nodes`.
    """
    return _Sum(problem, limits, progress, in_order, larger).run()


@dataclass(frozen=True, eq=False)
class States:
    """Some states.

    Args:
      columns: of each node that is still to be read.
      logs: `[states]`, log probabilities.
    """

    columns: dict[Node, Column]
    logs: np.ndarray
    _families: dict[tuple[Node, ...], tuple[np.ndarray, int]] = field(
        default_factory=dict, init=False, repr=False
    )

    def take(self, index: np.ndarray) -> States:
        """Some of them."""
        return States({n: c.take(index) for n, c in self.columns.items()}, self.logs[index])

    def merged(self) -> States:
        """Those that nothing tells apart made one."""
        own = Children(self, np.arange(len(self.logs)), {}, self.logs)
        return own.merged(list(self.columns))

    def families(self, kept: tuple[Node, ...]) -> tuple[np.ndarray, int]:
        """Integers `[states]` that tell apart the states that differ in what is kept, and their bound."""
        found = self._families.get(kept)
        if found is None:
            columns = [self.columns[node] for node in kept]
            found = self._families[kept] = keys(columns, len(self.logs))
        return found

    @property
    def width(self) -> int:
        """Bytes of a state."""
        return sum(column.codes.itemsize for column in self.columns.values()) + BESIDES


@dataclass(eq=False)
class Children:
    """States that came from others, whose columns are copied only where they are read.

    Args:
      parents: the states that they came from.
      index: `[states]`, the parent of each.
      columns: what has been made of them, or copied from the parents.
      logs: `[states]`, log probabilities.
    """

    parents: States
    index: np.ndarray
    columns: dict[Node, Column]
    logs: np.ndarray

    def column(self, node: Node) -> Column:
        """The column of a node."""
        found = self.columns.get(node)
        if found is None:
            found = self.columns[node] = self.parents.columns[node].take(self.index)
        return found

    def keep(self, places: np.ndarray) -> None:
        """Drop all but some of them."""
        old = self.parents.columns
        self.columns = {n: c.take(places) for n, c in self.columns.items() if n not in old}
        self.index, self.logs = self.index[places], self.logs[places]

    def merged(self, kept: Sequence[Node]) -> States:
        """The states that remain, those that nothing tells apart made one.

        Args:
          kept: the nodes of their parents that are still to be read.
        """
        new = {n: c for n, c in self.columns.items() if n not in self.parents.columns}
        old = {n: self.parents.columns[n] for n in kept}
        families, distinct = self.parents.families(tuple(kept))
        made = [(c.codes, len(c.values)) for c in new.values()]
        key, _ = combined([(families[self.index], distinct), *made], len(self.logs))
        first, group = grouped(key)
        logs, places = self.logs, self.index
        if len(first) < len(key):
            logs = merged_logs(group, len(first), logs)
            new = {n: c.take(first) for n, c in new.items()}
            places = places[first]
        return States({**{n: c.take(places) for n, c in old.items()}, **new}, logs)


class _Sum:
    def __init__(
        self,
        problem: Problem,
        limits: Limits,
        progress: Callable[[int], None] | None,
        in_order: bool,
        larger: Larger | None,
    ):
        self.problem, self.limits, self.progress = problem, limits, progress
        self.larger = larger
        self.choices = problem.graph.choices
        self.rounds, self.in_order = schedule(problem, in_order), in_order
        self.ahead = [_from(self.rounds, i) for i in range(len(self.rounds))]
        self.arguments = {node: problem.arguments(node) for node in problem.nodes}
        self.conditions = {problem.settled(c) for c in problem.conditions}
        self.factors = [problem.settled(f) for f in problem.factors]
        self.lost: dict[Node, float] = {}
        self.most = self.made = 1

    def run(self) -> Joint:
        constant = sum(float(f) for f in self.factors if not isinstance(f, Node))
        if False in self.conditions or not constant < np.inf:
            return Joint({}, np.zeros(0), self.lost, self.most)
        states = States({}, np.full(1, constant))
        for i, round in enumerate(self.rounds):
            states = self.play(states, i) if round.draw is not None else self.begin(states, round)
            if not len(states.logs):
                return Joint({}, states.logs, self.lost, self.most)
        states = states.merged()
        rows = {
            node: self._final(states, self.problem.settled(node)) for node in self.problem.answer
        }
        return Joint(rows, states.logs, self.lost, self.most)

    def _final(self, states: States, operand: Operand) -> np.ndarray:
        if isinstance(operand, Node):
            return states.columns[operand].plain
        return np.full(len(states.logs), operand)

    def begin(self, states: States, round: Round) -> States:
        """What needs no draw."""
        made = Children(states, np.zeros(1, int), {}, states.logs)
        self.follow(made, round.steps)
        return made.merged(())

    def play(self, states: States, i: int) -> States:
        """A round: draw in the states that ask for it, and compute what follows."""
        round = self.rounds[i]
        assert round.draw is not None
        draw, every = round.draw, np.ones(len(states.logs), bool)
        ways = self.ways(states, draw, every) if len(states.logs) <= FEW else None
        if ways is None or ways.sizes.sum() > FEW:
            screen = self.screen(states, round)
            if screen is not None and not (hopeful := screen.hopeful).all():
                states = states.take(np.flatnonzero(hopeful))
            # Each will be followed, with few exceptions: better now than after a look at all of them.
            self._afford_states(draw, self.made + len(states.logs))
            states, asked = self.sift(states, i)
            if not len(states.logs):
                return states
            ways = self.ways(states, draw, asked, self.screen(states, round))
        gone = {*round.drops, *(node for step in round.steps for node in step.drops)}
        kept = [node for node in states.columns if node not in gone]
        parts, size = [], 0
        for made in self.draw(states, round, ways):
            self.follow(made, round.steps[ways.done :])
            parts.append(made.merged(kept if len(made.logs) else ()))
            size += parts[-1].width * len(parts[-1].logs)
            self._afford(draw, size, lambda limits: limits.bytes, "bytes of joint states")
        found = _together([p for p in parts if len(p.logs)] or parts[:1])
        self.most = max(self.most, len(found.logs))
        return found

    def sift(self, states: States, i: int) -> tuple[States, np.ndarray]:
        """The states that may still meet the evidence, and which of them ask for the next draw.

        What a state does not ask for is made alike, and those that nothing tells apart are made one.
        """
        draw, count = self.rounds[i].draw, len(states.logs)
        assert draw is not None
        ahead, weighed = self.ahead[i]
        conditions = () if self.in_order else [n for n in weighed if n in self.conditions]
        wanted = (*self.problem.asked, *weighed)
        found = demand(
            states.columns, count, ahead, self.arguments, self.choices, wanted, conditions
        )
        columns = {}
        for node, column in states.columns.items():
            own = found.of(node)
            alike = own != found.all
            columns[node] = column.canonical(truths_of(own, count)) if alike else column
        # Whether the draw is made tells states apart, too.
        columns[draw] = Column(truths_of(found.of(draw), count), TRUTHS)
        states = States(columns, states.logs)
        if found.hopeful != found.all:
            (places,) = np.nonzero(truths_of(found.hopeful, count))
            states = states.take(places)
        states = states.merged()
        return states, states.columns.pop(draw).truths

    def follow(self, states: Children, steps: Sequence[Step]) -> None:
        """Compute and weigh."""
        for step in steps:
            node = step.node
            if not step.weighs:
                parts = [
                    states.column(p) if isinstance(p, Node) else p for p in self.arguments[node]
                ]
                states.columns[node] = apply(node.op, node.kind, parts, len(states.logs))
            else:
                self.take_in(states, node)
            for gone_by in step.drops:
                states.columns.pop(gone_by, None)
            if not len(states.logs):
                return
        alive = np.isfinite(states.logs)
        if not alive.all():
            states.keep(np.flatnonzero(alive))

    def take_in(self, states: Children, node: Node) -> None:
        """Weigh states with a piece of evidence."""
        weighed = self.weigh(node, states.column(node), states.logs)
        alive = np.isfinite(weighed)
        gone = np.isfinite(states.logs) & ~alive
        if gone.any():
            share = float(np.exp(states.logs[gone]).sum())
            self.lost[node] = self.lost.get(node, 0.0) + share
        states.logs = weighed
        if np.count_nonzero(alive) < CROWDED * len(weighed):
            states.keep(np.flatnonzero(alive))

    def weigh(self, node: Node, column: Column, logs: np.ndarray) -> np.ndarray:
        """Log probabilities with a piece of evidence."""
        if node in self.conditions:
            logs = np.where(column.truths, logs, -np.inf)
        for _ in range(self.factors.count(node)):
            weights = column.plain.astype(float)
            # What is not a number, or is infinite, is no weight: such a world has none.
            logs = logs + np.where(weights < np.inf, weights, -np.inf)
        return logs

    def draw(self, states: States, round: Round, ways: Ways) -> Iterator[Children]:
        """The states after a draw, some at a time; it is made in those that ask for it."""
        node = round.draw
        assert node is not None
        repeats = ways.sizes
        self.made += int(repeats.sum())
        self._afford_states(node, self.made)
        for block in _blocks(repeats, states.width + 1):
            counts = repeats[block]
            index = np.repeat(block, counts)
            within = np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)
            way = ways.starts[index] + within
            columns = ways.following(way)
            if node not in round.drops:
                columns[node] = ways.column(way, node.kind)
            logs = states.logs[index] + ways.logs[way]
            yield Children(states, index, columns, logs)
        if self.progress is not None:
            self.progress(self.made)

    def screen(self, states: States, round: Round) -> Screen | None:
        """What the evidence of a round says of states before its draw is made."""
        if self.in_order or round.draw is None or round.draw in round.drops:
            return None
        choice, columns = self.choices[round.draw], states.columns
        count = len(states.logs)
        return Screen.of(choice, round.steps, columns, count, self.arguments, self.weigh)

    def ways(
        self, states: States, node: Node, asked: np.ndarray, screen: Screen | None = None
    ) -> Ways:
        """The ways in which a draw can go in each state."""
        columns = states.columns
        parts = [columns[p] if isinstance(p, Node) else p for p in self.arguments[node]]
        return Ways.of(self.choices[node], parts, asked, screen)

    def _afford_states(self, node: Node, made: int) -> None:
        self._afford(node, made, lambda limits: limits.states, "joint states")

    def _afford(self, node: Node, wanted: int, most: Callable[[Limits], int], what: str) -> None:
        if wanted <= most(self.limits):
            return
        choice = self.choices[node]
        error = TooManyStates(
            f"an exact answer takes {wanted:,} {what} when it comes to `{choice.label}`, and "
            f"{most(self.limits):,} are allowed",
            choice.span,
            f"allow more, or {SAMPLED}",
        )
        larger, self.larger = self.larger and self.larger(error), None
        if larger is None:
            raise error
        self.limits = larger
        self._afford(node, wanted, most, what)


def _from(rounds: Sequence[Round], i: int) -> tuple[list[Node], list[Node]]:
    """The nodes that are drawn or computed from a round on, and those that are weighed."""
    ahead, weighed = [], []
    for round in rounds[i:]:
        if round.draw is not None:
            ahead.append(round.draw)
        for step in round.steps:
            (weighed if step.weighs else ahead).append(step.node)
    return ahead, weighed


def _blocks(repeats: np.ndarray, width: int) -> Iterator[np.ndarray]:
    """Positions of states in runs that become blocks of a bounded size."""
    most = max(BLOCK // width, 1)
    place = (np.cumsum(repeats) - 1) // most
    edges = np.flatnonzero(np.diff(place)) + 1
    yield from np.split(np.arange(len(repeats)), edges)


def _together(parts: Iterable[States]) -> States:
    parts = list(parts)
    if len(parts) == 1:
        return parts[0]
    nodes = parts[0].columns
    columns = {node: joined([p.columns[node] for p in parts]) for node in nodes}
    return States(columns, np.concatenate([p.logs for p in parts]))
