"""Wall times of peers that take turns, so that a busy moment of the machine meets all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True, eq=False)
class Times:
    """Repeated measurements of one thing.

    Args:
      seconds: `[repeats]`, wall time.
      processor: `[repeats]`, processor time of this process, all threads together.
    """

    seconds: np.ndarray
    processor: np.ndarray

    @property
    def median(self) -> float:
        """The median, in seconds."""
        return float(np.median(self.seconds))

    def summary(self) -> dict[str, object]:
        """Median and spread as plain data.

        >>> Times(np.array([1.0, 3.0, 2.0]), np.ones(3)).summary()["median_seconds"]
        2.0
        """
        low, high = np.quantile(self.seconds, [0.25, 0.75])
        return {
            "median_seconds": self.median,
            "quartile_seconds": [float(low), float(high)],
            "fastest_seconds": float(self.seconds.min()),
            "slowest_seconds": float(self.seconds.max()),
            "repeats": len(self.seconds),
            "median_processor_seconds": float(np.median(self.processor)),
            "cores_used": float(np.median(self.processor / self.seconds)),
        }


def take_turns[T](
    contenders: Mapping[str, Callable[[int], T]],
    repeats: int,
    warm_ups: int = 1,
    said: Callable[[int], None] | None = None,
) -> tuple[dict[str, Times], dict[str, T]]:
    """Measure some functions, in turns.

    Args:
      contenders: functions of a round's number (for its seed), by name.
      repeats: rounds that count.
      warm_ups: rounds before them, in which compiling happens.
      said: called with the number of rounds that are done.

    Returns:
      Times by name, and what each function returned last.
    """
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in contenders}
    last: dict[str, T] = {}
    for turn in range(-warm_ups, repeats):
        for name, work in contenders.items():
            wall, processor = time.perf_counter(), time.process_time()
            last[name] = work(warm_ups + turn)
            spent = time.perf_counter() - wall
            if turn >= 0:
                found[name].append((spent, time.process_time() - processor))
        if said is not None:
            said(warm_ups + turn + 1)
    times = {}
    for name, rounds in found.items():
        seconds, processor = np.array(rounds).T
        times[name] = Times(seconds, processor)
    return times, last


@dataclass(frozen=True)
class Ratio:
    """How many times faster one thing is than another, round by round.

    Args:
      value: the median of the rounds.
      quartiles: of the rounds.
      processor: the median ratio of processor times, which other programs disturb less.
    """

    value: float
    quartiles: tuple[float, float]
    processor: float

    def more(self) -> dict[str, Any]:
        """What goes beside the value of a figure."""
        return {"quartiles": self.quartiles, "ratio_of_processor_time": self.processor}


def ratio(peer: Times, ours: Times) -> Ratio:
    """How many times faster ours is than a peer.

    >>> ones = np.ones(2)
    >>> ratio(Times(np.array([2.0, 4.0]), ones), Times(np.array([1.0, 2.0]), ones)).value
    2.0
    """
    low, middle, high = np.quantile(peer.seconds / ours.seconds, [0.25, 0.5, 0.75])
    processor = float(np.median(peer.processor / ours.processor))
    return Ratio(float(middle), (float(low), float(high)), processor)
