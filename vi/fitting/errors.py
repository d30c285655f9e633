"""What can go wrong in a fit."""

from __future__ import annotations


class NotFinite(FloatingPointError):
    """A loss or a gradient came out as not a number, or infinite.

    Args:
      step: the step, from 1.
      value: of the loss.
      reason: what is not finite, with its address, and what to do.
    """

    def __init__(self, step: int, value: float, reason: str):
        super().__init__(f"step {step:,}: the loss is {value:.6g}: {reason}")
        self.step, self.value, self.reason = step, value, reason


class CheckpointError(ValueError):
    """A checkpoint that belongs to another fit, or cannot be read."""
