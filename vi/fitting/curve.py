"""The loss of a fit, step by step, with error bands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BAND = 1.96  # standard errors on either side


class Windows(NamedTuple):
    """Means over windows of steps; each `[windows]`.

    Args:
      step: in the middle of each.
      mean: of the loss.
      error: standard error of the mean; the noise of different steps is independent, and what the
        loss falls within a window makes the error larger, never smaller.
    """

    step: np.ndarray
    mean: np.ndarray
    error: np.ndarray


@dataclass(frozen=True, eq=False)
class Curve:
    """What a fit went through.

    Args:
      losses: `[steps]`, the estimate of the loss at each step, before the step.
      norms: `[steps]`, of the gradient estimate.

    >>> curve = Curve(np.array([4.0, 2.0, 1.0, 1.0]), np.ones(4))
    >>> curve.windows(2).mean.tolist()
    [3.0, 1.0]
    """

    losses: np.ndarray
    norms: np.ndarray

    def __len__(self) -> int:
        return len(self.losses)

    def windows(self, count: int = 50) -> Windows:
        """The curve as that many windows of equal length; what does not fill one goes to the first."""
        size = max(len(self) // max(count, 1), 1)
        groups = np.split(self.losses, np.arange(len(self) % size + size, len(self), size))
        ends = np.cumsum([len(g) for g in groups])
        step = ends - np.array([len(g) for g in groups]) / 2
        mean = np.array([g.mean() for g in groups])
        error = np.array([g.std(ddof=1) / np.sqrt(len(g)) if len(g) > 1 else 0.0 for g in groups])
        return Windows(step, mean, error)

    def last(self, share: float = 0.1) -> tuple[float, float]:
        """The mean loss over the last share of the steps, and its standard error."""
        tail = self.losses[-max(int(len(self) * share), 2) :].astype(float)
        return float(tail.mean()), float(tail.std(ddof=1) / np.sqrt(len(tail)))

    def plot(self, axes: Axes | None = None, label: str = "loss") -> Axes:
        """Draw the curve; returns the matplotlib axes."""
        return plot_curves({label: self}, axes)


def plot_curves(
    curves: Mapping[str, Curve],
    axes: Axes | None = None,
    count: int = 50,
    unit: str = "nats",
    negative: bool = False,
) -> Axes:
    """Draw curves by name, each with a band of 95 %.

    Args:
      curves: by name.
      axes: where to draw; a new figure where not given.
      count: windows of each.
      unit: of the loss.
      negative: draw the objective (minus the loss) in place of the loss.
    """
    from matplotlib.figure import Figure

    if axes is None:
        axes = Figure(figsize=(6, 4), layout="constrained").subplots()
    sign = -1 if negative else 1
    for name, curve in curves.items():
        step, mean, error = curve.windows(count)
        (line,) = axes.plot(step, sign * mean, label=f"{name} ({len(curve):,} steps)")
        low, high = mean - BAND * error, mean + BAND * error
        axes.fill_between(step, sign * low, sign * high, color=line.get_color(), alpha=0.25)
    axes.set_xlabel("step")
    axes.xaxis.set_major_formatter("{x:,.0f}")
    what = "objective" if negative else "loss"
    axes.set_ylabel(f"{what} ({unit}), mean of windows, 95 % band")
    axes.legend(fontsize=8, frameon=False)
    return axes
