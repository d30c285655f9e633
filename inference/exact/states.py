"""Joint states of the draws, one draw after another, merged where nothing tells them apart any more.

A state is a setting of the lanes that are still to be read, with its probability. A draw is made only
in states in which something still asks for it: as a lazy interpreter would, but for all states at once.
Evidence is taken as early as it can be. The work follows what has to be remembered (the path width of
the program), less all that the evidence and the branches that are taken rule out.

Source: Boutilier and others, Context-specific independence in Bayesian networks (1996); Darwiche,
Modeling and Reasoning with Bayesian Networks (2009), chapter 6, for sums in a given order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from inference.exact.columns import TRUTHS, Column, apply, joined, keys, merged_logs, narrow
from inference.exact.laws import law, outcomes
from inference.exact.problem import SAMPLED, Problem
from inference.exact.schedule import Round, Step, schedule
from plot.compiler.graph import Node, Operand
from plot.compiler.ops import Kind
from plot.errors import Unsupported

BESIDES = 16  # bytes of a state besides its columns: its log probability, and a key when merging
CROWDED = 0.75  # share of states that have weight, under which the others are dropped at once
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


@dataclass(frozen=True, eq=False)
class Joint:
    """The joint distribution of some nodes and the evidence.

    Args:
      rows: `[states]` for each node.
      logs: `[states]`, log probabilities; none where no world has any.
      lost: the probability that went with each piece of the evidence.
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
) -> Joint:
    """The joint distribution of a problem's answer and its evidence.

    Args:
      problem: what is asked.
      limits: how large it may get.
      progress: called with the number of states that have been made.
      in_order: whether the evidence is taken in the order in which it is listed.

    Raises:
      TooManyStates: where that is too little.
      Unsupported: as for `Problem.nodes`.
    """
    return _Sum(problem, limits, progress, in_order).run()


type Need = np.ndarray | bool  # which states ask for a node


def _either(a: Need, b: Need) -> Need:
    if a is True or b is True:
        return True
    return b if a is False else a if b is False else a | b


def _both(a: Need, b: np.ndarray) -> Need:
    return b if a is True else a if a is False else a & b


@dataclass(frozen=True, eq=False)
class States:
    """Some states.

    Args:
      columns: of each node that is still to be read.
      logs: `[states]`, log probabilities.
    """

    columns: dict[Node, Column]
    logs: np.ndarray

    def take(self, index: np.ndarray) -> States:
        """Some of them."""
        return States({n: c.take(index) for n, c in self.columns.items()}, self.logs[index])

    def merged(self) -> States:
        """Those that nothing tells apart made one."""
        key, _ = keys(list(self.columns.values()), len(self.logs))
        _, first, index = np.unique(key, return_index=True, return_inverse=True)
        if len(first) == len(key):
            return self
        logs = merged_logs(index.reshape(-1), len(first), self.logs)
        return States({n: c.take(first) for n, c in self.columns.items()}, logs)

    @property
    def width(self) -> int:
        """Bytes of a state."""
        return sum(column.codes.itemsize for column in self.columns.values()) + BESIDES


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways in which a draw can go, those that are possible in equal settings together.

    Args:
      values: that it can take.
      codes, logs: `[ways]`, the position among the values, and the log probability.
      starts, sizes: `[states]`, the first way of each, and how many.
    """

    values: np.ndarray
    codes: np.ndarray
    logs: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    def column(self, way: np.ndarray, drawn: np.ndarray, kind: Kind) -> Column:
        """What was drawn in each state; alike where it was not."""
        codes = np.where(drawn, self.codes[way], 0)
        if kind is Kind.BOOLEAN:
            return Column(codes.astype(bool), TRUTHS)
        return Column(narrow(codes, len(self.values)), self.values)


class _Sum:
    def __init__(
        self,
        problem: Problem,
        limits: Limits,
        progress: Callable[[int], None] | None,
        in_order: bool,
    ):
        self.problem, self.limits, self.progress = problem, limits, progress
        self.choices = problem.graph.choices
        self.rounds = schedule(problem, in_order)
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
            if round.draw is None:
                states = self.follow(states, round.steps)
            else:
                states = self.play(states, i)
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

    def play(self, states: States, i: int) -> States:
        """A round: make alike what no state asks for, draw, and compute what follows."""
        round = self.rounds[i]
        assert round.draw is not None
        needs = self.needs(states, i)
        states = States({n: _alike(c, needs, n) for n, c in states.columns.items()}, states.logs)
        need = needs.get(round.draw, False)
        if isinstance(need, np.ndarray):
            states = States({**states.columns, round.draw: Column(need, TRUTHS)}, states.logs)
        states = states.merged()
        asked = np.full(len(states.logs), need) if isinstance(need, bool) else None
        if asked is None:
            asked = states.columns.pop(round.draw).truths
        parts, size = [], 0
        for made in self.draw(states, round, asked):
            parts.append(self.follow(made, round.steps).merged())
            size += parts[-1].width * len(parts[-1].logs)
            self._afford(round.draw, size, self.limits.bytes, "bytes of joint states")
        found = _together([p for p in parts if len(p.logs)] or parts[:1])
        self.most = max(self.most, len(found.logs))
        return found

    def follow(self, states: States, steps: Sequence[Step]) -> States:
        """Compute and weigh."""
        columns, logs = states.columns, states.logs
        for step in steps:
            node = step.node
            if not step.weighs:
                parts = [columns[p] if isinstance(p, Node) else p for p in self.arguments[node]]
                columns[node] = apply(node.op, node.kind, parts, len(logs))
            else:
                weighed = self.weigh(node, columns[node], logs)
                alive = np.isfinite(weighed)
                gone = np.isfinite(logs) & ~alive
                if gone.any():
                    share = float(np.exp(logs[gone]).sum())
                    self.lost[node] = self.lost.get(node, 0.0) + share
                logs = weighed
                if np.count_nonzero(alive) < CROWDED * len(logs):
                    columns, logs = self._living(columns, logs)
            for gone_by in step.drops:
                del columns[gone_by]
            if not len(logs):
                break
        return States(*self._living(columns, logs))

    def _living(
        self, columns: dict[Node, Column], logs: np.ndarray
    ) -> tuple[dict[Node, Column], np.ndarray]:
        """The states that have weight."""
        (index,) = np.nonzero(np.isfinite(logs))
        if len(index) == len(logs):
            return columns, logs
        kept = States(columns, logs).take(index)
        return kept.columns, kept.logs

    def weigh(self, node: Node, column: Column, logs: np.ndarray) -> np.ndarray:
        """Log probabilities with a piece of evidence."""
        if node in self.conditions:
            logs = np.where(column.truths, logs, -np.inf)
        for _ in range(self.factors.count(node)):
            weights = column.plain.astype(float)
            # What is not a number, or is infinite, is no weight: such a world has none.
            logs = logs + np.where(weights < np.inf, weights, -np.inf)
        return logs

    def needs(self, states: States, i: int) -> dict[Node, Need]:
        """Which states ask for each node in a round and later, as far as what is known says."""
        needs: dict[Node, Need] = dict.fromkeys(self.problem.asked, True)
        known = states.columns
        for round in reversed(self.rounds[i:]):
            for step in reversed(round.steps):
                if step.weighs:
                    needs[step.node] = True
                else:
                    self._ask(needs, known, step.node)
            if round.draw is not None:
                self._ask(needs, known, round.draw)
        return needs

    def _ask(self, needs: dict[Node, Need], known: Mapping[Node, Column], node: Node) -> None:
        asked = needs.get(node, False)
        if asked is False:
            return
        parts = self.arguments[node]
        for i, part in enumerate(parts):
            if isinstance(part, Node):
                own = _asked(node.op, parts, i, known, asked) if node not in self.choices else asked
                needs[part] = _either(needs.get(part, False), own)

    def draw(self, states: States, round: Round, asked: np.ndarray) -> Iterator[States]:
        """The states after a draw, some at a time; it is made in those that ask for it."""
        node = round.draw
        assert node is not None
        ways = self.ways(states, node)
        repeats = np.where(asked, ways.sizes, 1)
        self.made += int(repeats.sum())
        self._afford(node, self.made, self.limits.states, "joint states")
        for dropped in round.drops:
            states.columns.pop(dropped, None)
        for block in _blocks(repeats, states.width + 1):
            counts = repeats[block]
            index = np.repeat(block, counts)
            within = np.arange(len(index)) - np.repeat(np.cumsum(counts) - counts, counts)
            way = ways.starts[index] + within
            drawn = asked[index]
            made = states.take(index)
            if node not in round.drops:
                made.columns[node] = ways.column(way, drawn, node.kind)
            yield States(made.columns, made.logs + np.where(drawn, ways.logs[way], 0.0))
        if self.progress is not None:
            self.progress(self.made)

    def ways(self, states: States, node: Node) -> Ways:
        """The ways in which a draw can go in each state."""
        choice, count = self.choices[node], len(states.logs)
        parts = [states.columns[p] if isinstance(p, Node) else p for p in self.arguments[node]]
        key, _ = keys([p for p in parts if isinstance(p, Column)], count)
        _, first, setting = np.unique(key, return_index=True, return_inverse=True)
        parameters = [
            p.take(first).plain if isinstance(p, Column) else np.full(len(first), float(p))
            for p in parts
        ]
        values = outcomes(choice, parameters)
        shares = law(choice, values, parameters)
        position, codes = np.nonzero(shares)  # in the order of settings
        sizes = np.bincount(position, minlength=len(first))
        starts = np.cumsum(sizes) - sizes
        setting = setting.reshape(-1)
        logs = np.log(shares[position, codes])
        return Ways(values, codes, logs, starts[setting], sizes[setting])

    def _afford(self, node: Node, wanted: int, most: int, what: str) -> None:
        if wanted > most:
            choice = self.choices[node]
            raise TooManyStates(
                f"an exact answer takes {wanted:,} {what} when it comes to `{choice.label}`, and "
                f"{most:,} are allowed",
                choice.span,
                f"allow more, or {SAMPLED}",
            )


def _alike(column: Column, needs: Mapping[Node, Need], node: Node) -> Column:
    need = needs.get(node, False)
    if need is True:
        return column
    return column.canonical(np.broadcast_to(need, column.codes.shape))


def _asked(
    op: str, parts: Sequence[Operand], i: int, known: Mapping[Node, Column], asked: Need
) -> Need:
    """Which states ask for an operand of an operation that some ask for."""
    other = parts[0] if op == "where" and i > 0 else parts[1 - i] if op in ("and", "or") else None
    if not isinstance(other, Node) or other not in known:
        return asked
    truths = known[other].truths
    positive = op == "and" or (op == "where" and i == 1)
    return _both(asked, truths if positive else ~truths)


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
