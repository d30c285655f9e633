"""The exact distribution of a lane program: every way in which its rows can fall, by weight.

A row of uniforms is an interval with a length. Where a comparison or a rounding cuts the interval,
the world splits, and its weight with it. Lanes that nothing reads any more are forgotten, and
worlds that then look the same are one, so that the work follows what has to be remembered and not
the number of choices. All in float64, from the graph itself: no sampling, no back end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plot.backends.program import Clamps, clamped, schedule
from plot.compiler.graph import Node, Operand
from plot.compiler.ops import OPS, UNIFORM

MOST_WORLDS = 40_000
MERGE_AT = 64  # worlds from which on merging pays
_LINEAR = frozenset({"add", "sub", "mul", "div"})
_CUTS = frozenset({"lt", "le", "eq", "floor", "round", "ceil"})


class TooLarge(Exception):
    """The distribution has too many parts to be worked out."""


@dataclass
class Line:
    """A number that is `slope * u + start` for the uniform `u` of a row."""

    row: int
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


def distribution(roots: Sequence[Operand], clamps: Clamps, most: int = MOST_WORLDS) -> Worlds:
    """Every joint setting of some nodes, with its probability.

    Args:
      roots: what is asked for.
      clamps: draws that were observed, and what they are.
      most: kinds of worlds at once, at most.

    Raises:
      TooLarge: more kinds of worlds, or a draw whose value itself is asked for.
    """
    return _Split(roots, clamps, most).run()


class _Split:
    """Kinds of worlds, split and merged as the program goes on."""

    def __init__(self, roots: Sequence[Operand], clamps: Clamps, most: int):
        self.clamps, self.most = clamps, most
        self.order = schedule(roots, clamps)
        self.wanted = list(dict.fromkeys(r for r in roots if isinstance(r, Node)))
        self.ends: Mapping[int, list[int]] = self._last_reads()
        self.mass = np.ones(1)
        self.lanes: dict[int, Lane] = {}
        self.edges: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # of each row's interval
        self.seen = 1

    def _last_reads(self) -> dict[int, list[int]]:
        last: dict[int, int] = {}
        for i, node in enumerate(self.order):
            last[node.id] = i
            for operand in node.args:
                operand = clamped(operand, self.clamps)
                if isinstance(operand, Node):
                    last[operand.id] = i
        for node in self.wanted:
            place = clamped(node, self.clamps)
            if isinstance(place, Node):
                last[place.id] = len(self.order)
        ends: dict[int, list[int]] = {}
        for node, i in last.items():
            ends.setdefault(i, []).append(node)
        return ends

    def run(self) -> Worlds:
        for i, node in enumerate(self.order):
            self._make(node)
            gone = self.ends.get(i, [])
            for place in gone:
                self.lanes.pop(place, None)
            if gone:
                self._forget()
            if len(self.mass) > self.most:
                raise TooLarge(f"more than {self.most} kinds of worlds")
        rows: dict[Node, np.ndarray] = {}
        for node in self.wanted:
            lane = self._read(clamped(node, self.clamps))
            if isinstance(lane, Line):
                raise TooLarge("the value of a continuous draw is asked for")
            rows[node] = np.broadcast_to(lane, self.mass.shape)
        return Worlds(rows, self.mass, self.seen)

    def _read(self, operand: Operand) -> Lane:
        operand = clamped(operand, self.clamps)
        return self.lanes[operand.id] if isinstance(operand, Node) else np.asarray(operand)

    def _make(self, node: Node) -> None:
        if node.op == UNIFORM:
            row = node.id
            ones = np.ones(len(self.mass))
            self.edges[row] = (0 * ones, ones)
            self.lanes[node.id] = Line(row, ones, 0 * ones)
            return
        if node.op not in OPS:
            raise TooLarge(f"`{node.op}` has no finite distribution")
        parts = [self._read(a) for a in node.args]
        lines = [p for p in parts if isinstance(p, Line)]
        if not lines:
            self.lanes[node.id] = self._apply(node.op, parts)
        elif node.op in _LINEAR:
            self.lanes[node.id] = self._linear(node.op, parts)
        elif node.op in _CUTS:
            self._cut(node)
        else:
            raise TooLarge(f"`{node.op}` of a continuous draw")

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

    def _cut(self, node: Node) -> None:
        """A step function of a row: split every world where it jumps."""
        while True:
            parts = [self._read(a) for a in node.args]
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
        parts = [self._read(a) for a in node.args]
        low, high = self.edges[line.row]
        middle = [
            p.slope * (low + high) / 2 + p.start if isinstance(p, Line) else p for p in parts
        ]
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

    def _split(self, row: int, at: np.ndarray, inside: np.ndarray) -> None:
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
