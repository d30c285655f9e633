"""The ways in which a draw can go in each joint state, less those that break the evidence at once.

What the evidence reads takes few settings beside all that a state remembers. So it is worked out once
for each setting and each value of the draw, and only states that pass are made at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.exact.columns import TRUTHS, Column, apply, grouped, keys, narrow
from inference.exact.laws import law, outcomes
from inference.exact.schedule import Step
from plot.compiler.choices import Choice
from plot.compiler.graph import Node, Operand
from plot.compiler.ops import Kind

MOST_VALUES = 64  # of a draw whose values are looked at one by one
WORTH = 8  # states for each setting that is worked out beforehand, at least
AT_ONCE = 2**24  # truth values that are looked at at once

type Arguments = Mapping[Node, Sequence[Operand]]
type Weigh = Callable[[Node, Column, np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Ways:
    """The ways in which a draw can go.

    Args:
      values: that it can take.
      codes, logs: `[ways]`, the position among the values, and the log probability.
      starts, sizes: `[states]`, the first way of each, and how many.
      cells: `[ways]`, where in `columns` each stands.
      columns: what follows from the draw, as far as it has been worked out.
      done: how many steps of the round that is.
    """

    values: np.ndarray
    codes: np.ndarray
    logs: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    cells: np.ndarray | None = None
    columns: Mapping[Node, Column] = field(default_factory=dict)
    done: int = 0

    @classmethod
    def of(
        cls,
        choice: Choice,
        parameters: Sequence[Column | float],
        asked: np.ndarray,
        screen: Screen | None = None,
    ) -> Ways:
        """All that are possible; a state that does not ask for the draw has one, of no consequence.

        Args:
          choice: the draw.
          parameters: of its distribution.
          asked: `[states]`.
          screen: which of them break no evidence; all where not given.
        """
        key, _ = keys([p for p in parameters if isinstance(p, Column)], len(asked))
        first, setting = grouped(key)
        settings = [
            p.take(first).plain if isinstance(p, Column) else np.full(len(first), float(p))
            for p in parameters
        ]
        values = outcomes(choice, settings)
        shares = law(choice, values, settings)
        if screen is not None:
            return screen.passing(values, shares, setting, asked)
        position, codes = np.nonzero(shares)  # in the order of settings
        sizes = np.bincount(position, minlength=len(first))
        starts = np.cumsum(sizes) - sizes
        return cls(
            values,
            np.append(codes, 0),
            np.append(np.log(shares[position, codes]), 0.0),
            np.where(asked, starts[setting], len(codes)),
            np.where(asked, sizes[setting], 1),
        )

    def column(self, way: np.ndarray, kind: Kind) -> Column:
        """What was drawn."""
        return _drawn(self.codes[way], self.values, kind)

    def following(self, way: np.ndarray) -> dict[Node, Column]:
        """What follows from the draw, as far as it has been worked out."""
        if self.cells is None:
            return {}
        cell = self.cells[way]
        return {node: column.take(cell) for node, column in self.columns.items()}


@dataclass(frozen=True, eq=False)
class Screen:
    """What follows from each value of a draw in each setting of what the first evidence reads.

    Args:
      setting: `[states]`.
      logs: `[settings, values]`, what the evidence adds.
      columns: `[settings * values]`, what has been computed and is read later.
      done: how many steps of the round that is.
    """

    setting: np.ndarray
    logs: np.ndarray
    columns: Mapping[Node, Column]
    done: int

    @classmethod
    def of(
        cls,
        choice: Choice,
        steps: Sequence[Step],
        columns: Mapping[Node, Column],
        states: int,
        arguments: Arguments,
        weigh: Weigh,
    ) -> Screen | None:
        """None where there is no evidence that reads so few settings that it pays.

        Args:
          choice: the draw.
          steps: that follow.
          columns: of the states.
          states: how many there are.
          arguments: of each node.
          weigh: log probabilities with a piece of evidence.
        """
        draw = choice.node
        if draw.table is None or draw.table.variables != (draw,):
            return None
        values, found = outcomes(choice, ()), None
        if len(values) > MOST_VALUES:
            return None
        for done, step in enumerate(steps, start=1):
            if step.weighs:
                read = _read(steps[:done], columns, arguments)
                settings = _settings([columns[n] for n in read], states)
                if settings is None:
                    break
                found = done, read, *settings
        if found is None:
            return None
        done, read, first, setting = found
        cells = len(first) * len(values)
        index = np.repeat(first, len(values))
        known = {node: columns[node].take(index) for node in read}
        codes = np.tile(np.arange(len(values)), len(first))
        known[draw] = _drawn(codes, values, draw.kind)
        logs, gone = np.zeros(cells), {draw, *read}
        for step in steps[:done]:
            node = step.node
            if step.weighs:
                logs = weigh(node, known[node], logs)
            else:
                parts = [known[p] if isinstance(p, Node) else p for p in arguments[node]]
                known[node] = apply(node.op, node.kind, parts, cells)
            gone.update(step.drops)
        kept = {node: column for node, column in known.items() if node not in gone}
        return cls(setting, logs.reshape(-1, len(values)), kept, done)

    @property
    def hopeful(self) -> np.ndarray:
        """`[states]`, whether some value of the draw meets the evidence."""
        return np.isfinite(self.logs).any(axis=1)[self.setting]

    def passing(
        self, values: np.ndarray, shares: np.ndarray, setting: np.ndarray, asked: np.ndarray
    ) -> Ways:
        """The ways that meet the evidence.

        Args:
          values: that the draw can take.
          shares: `[laws, values]`, probabilities.
          setting: `[states]`, the law of each.
          asked: `[states]`; the others have the first value, with probability one.
        """
        alive, possible = np.isfinite(self.logs), shares > 0
        states, codes = [], []
        rows = max(AT_ONCE // len(values), 1)
        for start in range(0, len(asked), rows):
            part = slice(start, start + rows)
            may = possible[setting[part]]
            may[~asked[part]] = np.arange(len(values)) == 0
            state, code = np.nonzero(alive[self.setting[part]] & may)
            states.append(state + start)
            codes.append(code)
        state, code = np.concatenate(states), np.concatenate(codes)
        sizes, read = np.bincount(state, minlength=len(asked)), self.setting[state]
        share = np.where(asked[state], shares[setting[state], code], 1.0)
        return Ways(
            values,
            code,
            np.log(share) + self.logs[read, code],
            np.cumsum(sizes) - sizes,
            sizes,
            cells=read * len(values) + code,
            columns=self.columns,
            done=self.done,
        )


def _settings(columns: Sequence[Column], states: int) -> tuple[np.ndarray, np.ndarray] | None:
    """A state of each setting of some columns, and the setting of each state; None where it does not pay."""
    key, bound = keys(columns, states)
    if bound > max(states, MOST_VALUES):
        return None
    some = np.full(bound, -1)
    some[key] = np.arange(states)
    (there,) = np.nonzero(some >= 0)
    if len(there) * WORTH > states:
        return None
    place = np.empty(bound, int)
    place[there] = np.arange(len(there))
    return some[there], place[key]


def _read(
    steps: Iterable[Step], columns: Mapping[Node, Column], arguments: Arguments
) -> list[Node]:
    """The columns that steps read."""
    nodes = [p for s in steps for p in ((s.node,) if s.weighs else arguments[s.node])]
    return [n for n in dict.fromkeys(nodes) if isinstance(n, Node) and n in columns]


def _drawn(codes: np.ndarray, values: np.ndarray, kind: Kind) -> Column:
    if kind is Kind.BOOLEAN:
        return Column(codes.astype(bool), TRUTHS)
    return Column(narrow(codes, len(values)), values)
