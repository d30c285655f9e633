"""The exact distribution of a lane program: every way in which its rows can fall, by weight.

A row of uniforms is an interval with a length. Where a comparison or a rounding cuts the interval,
the world splits, and its weight with it. Lanes that nothing reads any more are forgotten, and
worlds that then look the same are one, so that the work follows what has to be remembered and not
the number of choices. All in float64, from the graph itself: no sampling, no back end.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from plot.backends.order import ROWS, Body, Clamps, Order
from plot.compiler.graph import Loop, Node, Operand
from plot.compiler.ops import LOOP_OUT, LOOP_VARIABLE, OPS, UNIFORM

MOST_WORLDS = 40_000
MERGE_AT = 64  # worlds from which on merging pays
_LINEAR = frozenset({"add", "sub", "mul", "div"})
_CUTS = frozenset({"lt", "le", "eq", "floor", "round", "ceil"})


class TooLarge(Exception):
    """The distribution has too many parts to be worked out."""


type Place = int | tuple[int | str, int]


@dataclass
class Line:
    """A number that is `slope * u + start` for the uniform `u` of a row."""

    row: Place
    slope: np.ndarray
    start: np.ndarray


type Lane = np.ndarray | Line


@dataclass(frozen=True)
class Worlds:
    """Kinds of worlds.

    Args:
      rows: float64 `[kinds]` for each node that was asked for.
      mass: `[kinds]`, prior probabilities.
      most: kinds that there were at once, at most.
    """

    rows: dict[Node, np.ndarray]
    mass: np.ndarray
    most: int


def distribution(
    roots: Sequence[Operand],
    clamps: Clamps,
    loops: Sequence[Loop] = (),
    most: int = MOST_WORLDS,
) -> Worlds:
    """Every joint setting of some nodes, with its probability.

    Args:
      roots: what is asked for.
      clamps: draws that were observed, and what they are.
      loops: of the graph.
      most: kinds of worlds at once, at most.

    Raises:
      TooLarge: more kinds of worlds, or a draw whose value itself is asked for.
    """
    return _Split(roots, clamps, loops, most).run()


class _Split:
    """Kinds of worlds, split and merged as the program goes on."""

    def __init__(self, roots: Sequence[Operand], clamps: Clamps, loops: Sequence[Loop], most: int):
        self.order, self.most = Order(roots, clamps, loops), most
        self.roots = roots
        self.mass = np.ones(1)
        self.lanes: dict[Place, Lane] = {}
        self.edges: dict[Place, tuple[np.ndarray, np.ndarray]] = {}  # of each row's interval
        self.seen = 1
        self.rounds = 0
        self.ends: dict[int, list[set[Place]]] = {}  # of each body, what its items read last
        self.last: dict[int, dict[Place, int]] = {}

    def run(self) -> Worlds:
        asked = {place for place in map(self._place, self.order.roots) if place is not None}
        self._body(self.order.body, asked, None)
        rows: dict[Node, np.ndarray] = {}
        for node, root in zip(self.roots, self.order.roots, strict=True):
            if isinstance(node, Node):
                lane = self._read(root)
                if isinstance(lane, Line):
                    raise TooLarge("the value of a continuous draw is asked for")
                rows[node] = np.broadcast_to(lane, self.mass.shape)
        return Worlds(rows, self.mass, self.seen)

    def _place(self, operand: Operand) -> Place | None:
        """Where the lane of an operand is kept; None for a constant."""
        if not isinstance(operand, Node):
            return None
        if operand.op in (LOOP_VARIABLE, LOOP_OUT):
            loop, position = self.order.variable(operand)
            return loop.index, position
        return operand.id

    def _read(self, operand: Operand) -> Lane:
        place = self._place(operand)
        if place is None:
            return np.asarray(operand)
        assert isinstance(operand, Node)
        if place not in self.lanes:
            if operand.op != UNIFORM:
                raise TooLarge("a draw from a normal distribution")
            self._row(place)
        return self.lanes[place]

    def _row(self, place: Place) -> None:
        ones = np.ones(len(self.mass))
        self.rounds += 1
        row = "row", self.rounds
        self.edges[row] = (0 * ones, ones)
        self.lanes[place] = Line(row, ones, 0 * ones)

    def _read_by(self, item: Node | Body) -> set[Place]:
        if isinstance(item, Node):
            operands = self.order.arguments(item)
        else:
            operands = list(self.order.operands(item))
        return {p for p in map(self._place, operands) if p is not None}

    def _body(self, body: Body, after: set[Place], running: Place | None) -> None:
        """Compute a body once; lanes that nothing reads any more, or `after` it, are dropped."""
        if id(body) not in self.ends:
            self.ends[id(body)] = self._last_reads(body)
        ends, whole = self.ends[id(body)], body is self.order.body
        own: set[Place] = set()
        for i, item in enumerate(body.items):
            made = self._loop(item, running) if isinstance(item, Body) else self._make(item)
            own |= made
            gone = {p for p in ends[i] | made if (whole or p in own) and p not in after}
            gone -= {p for p in made if self.last[id(body)].get(p, -1) > i}
            for place in gone:
                self.lanes.pop(place, None)
            if gone:
                self._forget()
            if len(self.mass) > self.most:
                raise TooLarge(f"more than {self.most} kinds of worlds")

    def _last_reads(self, body: Body) -> list[set[Place]]:
        """Of each item, the places that no later item of the body reads."""
        last: dict[Place, int] = {}
        for i, item in enumerate(body.items):
            last.update(dict.fromkeys(self._read_by(item), i))
        self.last[id(body)] = last
        ends: list[set[Place]] = [set() for _ in body.items]
        for place, i in last.items():
            ends[i].add(place)
        return ends

    def _loop(self, body: Body, outer: Place | None) -> set[Place]:
        """Run a loop; the places of its variables."""
        loop = body.loop
        assert loop is not None
        places: list[Place] = [(loop.index, position) for position in body.variables]
        counter, running = (loop.index, body.counter), (loop.index, body.running)
        starts = [self._read(start) for start in self.order.starts(loop, body.variables)]
        self.lanes.update(zip(places, map(self._spread, starts), strict=True))
        if outer is not None:
            self.lanes[running] = self._spread(self.lanes[running]) & self._spread(
                self.lanes[outer]
            )
        nexts = self.order.nexts(loop, body.variables)
        after = {p for p in map(self._place, nexts) if p is not None}
        count = 0
        while count < loop.limit and self._spread(self.lanes[running]).any():
            self.lanes[counter] = self._spread(np.asarray(float(count)))
            self._body(body, after | {running}, running)
            goes = self._spread(self.lanes[running])
            changed = [
                np.where(goes, self._spread(self._read(n)), self._spread(self.lanes[p]))
                for n, p in zip(nexts, places, strict=True)
            ]
            self.lanes.update(zip(places, changed, strict=True))
            inside = {item.id for item in body.items if isinstance(item, Node)}
            for place in inside:
                self.lanes.pop(place, None)
            self._forget()
            count += 1
        self.lanes[counter] = self._spread(np.asarray(float(count)))
        return {*places, counter}

    def _spread(self, lane: Lane) -> np.ndarray:
        if isinstance(lane, Line):
            raise TooLarge("a loop over the value of a continuous draw")
        return np.broadcast_to(lane, self.mass.shape)

    def _make(self, node: Node) -> set[Place]:
        """Compute a node; its place."""
        if node.op in ROWS:
            self._row(node.id)
            return {node.id}
        operands = self.order.arguments(node)
        parts = [self._read(a) for a in operands]
        lines = [p for p in parts if isinstance(p, Line)]
        if not lines:
            self.lanes[node.id] = self._apply(node.op, parts)
        elif node.op in _LINEAR:
            self.lanes[node.id] = self._linear(node.op, parts)
        elif node.op in _CUTS:
            self._cut(node, operands)
        else:
            raise TooLarge(f"`{node.op}` of a continuous draw")
        return {node.id}

    def _apply(self, op: str, parts: Sequence[Lane]) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.broadcast_to(np.asarray(OPS[op].numpy(*parts)), self.mass.shape)

    def _linear(self, op: str, parts: Sequence[Lane]) -> Line:
        a, b = (p if isinstance(p, Line) else np.broadcast_to(p, self.mass.shape) for p in parts)
        if isinstance(a, Line) and isinstance(b, Line):
            raise TooLarge("arithmetic between continuous draws")
        if op in ("mul", "div"):
            line, factor = (a, b) if isinstance(a, Line) else (b, a)
            assert isinstance(line, Line) and isinstance(factor, np.ndarray)
            if op == "div":
                if line is b:
                    raise TooLarge("a number divided by a continuous draw")
                factor = 1 / factor
            return Line(line.row, line.slope * factor, line.start * factor)
        sign = -1 if op == "sub" else 1
        if isinstance(a, Line):
            return Line(a.row, a.slope, a.start + sign * np.asarray(b))
        assert isinstance(b, Line)
        return Line(b.row, sign * b.slope, np.asarray(a) + sign * b.start)

    def _cut(self, node: Node, operands: Sequence[Operand]) -> None:
        """A step function of a row: split every world where it jumps."""
        while True:
            parts = [self._read(a) for a in operands]
            line = next(p for p in parts if isinstance(p, Line))
            if sum(isinstance(p, Line) for p in parts) > 1:
                raise TooLarge("a comparison between continuous draws")
            at = self._jump(node.op, parts, line)
            low, high = self.edges[line.row]
            width = high - low
            inside = (at > low + 1e-12 * width) & (at < high - 1e-12 * width)
            if not inside.any():
                break
            self._split(line.row, at, inside)
        parts = [self._read(a) for a in operands]
        low, high = self.edges[line.row]
        middle = [p.slope * (low + high) / 2 + p.start if isinstance(p, Line) else p for p in parts]
        self.lanes[node.id] = self._apply(node.op, middle)

    def _jump(self, op: str, parts: Sequence[Lane], line: Line) -> np.ndarray:
        """Where in a world's interval the step function jumps first; NaN where nowhere."""
        low, high = self.edges[line.row]
        with np.errstate(all="ignore"):
            if op in ("lt", "le", "eq"):
                other = next(p for p in parts if not isinstance(p, Line))
                return (other - line.start) / line.slope
            ends = np.sort([line.slope * e + line.start for e in (low, high)], axis=0)
            shift = 0.5 if op == "round" else 0.0
            step = np.floor(ends[0] - shift + 1e-9) + 1 + shift
            return np.where(step < ends[1] - 1e-9, (step - line.start) / line.slope, np.nan)

    def _split(self, row: Place, at: np.ndarray, inside: np.ndarray) -> None:
        index = np.concatenate([np.arange(len(self.mass)), np.flatnonzero(inside)])
        if len(index) > 4 * self.most:
            raise TooLarge(f"more than {self.most} kinds of worlds")
        count = len(self.mass)
        low, high = self.edges[row]
        below, above = (at - low) / (high - low), (high - at) / (high - low)
        share = np.where(inside, below, 1.0)
        self._take(index)
        low, high = self.edges[row]
        high = high.copy()
        low = low.copy()
        high[:count] = np.where(inside, at, high[:count])
        low[count:] = at[inside]
        self.edges[row] = low, high
        self.mass[:count] *= share
        self.mass[count:] *= above[inside]

    def _take(self, index: np.ndarray) -> None:
        def pick(values: np.ndarray) -> np.ndarray:
            return values[index] if values.ndim else values

        self.mass = self.mass[index]
        self.seen = max(self.seen, len(self.mass))
        self.edges = {k: (lo[index], hi[index]) for k, (lo, hi) in self.edges.items()}
        self.lanes = {
            k: Line(v.row, pick(v.slope), pick(v.start)) if isinstance(v, Line) else pick(v)
            for k, v in self.lanes.items()
        }

    def _forget(self) -> None:
        """Drop rows that nothing reads, and merge worlds that look the same."""
        rows = {v.row for v in self.lanes.values() if isinstance(v, Line)}
        self.edges = {k: v for k, v in self.edges.items() if k in rows}
        if len(self.mass) < MERGE_AT:
            return
        columns: list[np.ndarray] = []
        for lane in self.lanes.values():
            columns += [lane.slope, lane.start] if isinstance(lane, Line) else [lane]
        for low, high in self.edges.values():
            columns += [low, high]
        shape = self.mass.shape
        if not columns:
            self._merge(np.zeros(shape, int), 1)
            return
        table = np.stack([np.broadcast_to(c, shape).astype(float) for c in columns], axis=1)
        table = np.where(table == 0, 0.0, table)  # one zero
        keys = np.ascontiguousarray(table).view(f"V{8 * table.shape[1]}").reshape(-1)
        _, first, index = np.unique(keys, return_index=True, return_inverse=True)
        if len(first) < len(keys):
            self._merge(index.reshape(-1), len(first), first)

    def _merge(self, index: np.ndarray, count: int, first: np.ndarray | None = None) -> None:
        mass = np.bincount(index, self.mass, minlength=count)
        self._take(np.zeros(1, int) if first is None else first)
        self.mass = mass


def weights(log_weights: np.ndarray, mass: np.ndarray) -> tuple[np.ndarray, float]:
    """Posterior weights of kinds of worlds, and the log evidence.

    Args:
      log_weights: `[kinds]`; minus infinity where a kind is impossible.
      mass: `[kinds]`, prior probabilities.
    """
    unnormalised = np.exp(log_weights) * mass
    total = math.fsum(unnormalised)
    if not total > 0:
        return unnormalised, -math.inf
    return unnormalised / total, math.log(total)
