"""What can go wrong in a fit."""

from __future__ import annotations


class NotFinite(FloatingPointError):
    """A loss or a gradient came out as not a number, or infinite.

    Args:
      step: the step, from 1.
      value: of the loss.
      address: the first part of the loss, or else the parameter, that is not finite.
      hint: what to do.
    """

    def __init__(self, step: int, value: float, address: str, hint: str):
        super().__init__(
            f"step {step:,}: the loss is {value:.6g}, and {address} is not finite; {hint}"
        )
        self.step, self.value, self.address = step, value, address


class CheckpointError(ValueError):
    """A checkpoint that belongs to another fit, or cannot be read."""
